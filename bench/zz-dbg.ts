import "./metered.mjs"
const { Board } = await import("../test/chip/board")
const b = await new Board({receive:"push"},{firmware:{lostAlarm:"counts"}}).start()
let peer: any
b.network.listen("10.0.0.1",7,(p: any)=>peer=p)
const s = await b.connect("10.0.0.1",7)
const log: string[] = []
const fw: any = b.firmware
const t = () => (fw.settle(), b.clock.now())
const orig = fw.poke.bind(fw)
const end = fw.endPass.bind(fw)
fw.endPass = () => { end(); log.push(`  pass ends ${b.clock.now().toFixed(2)} sleep ${fw.maySleep}`) }
fw.poke = () => { const x=b.clock.now(); const w = fw.fibers.map((f:any)=>f.wakeAt); orig(); if (fw.turn) log.push(`resumed ${b.clock.now().toFixed(2)} fiber ${fw.fibers.findIndex((f:any,i:number)=>f.wakeAt===0 && w[i]!==0)}   [${w}]`) }
b.model.onAccess = (x: string) => log.push(`      ${t().toFixed(2)} ${x.slice(0,12)} ${x.length}`)
const pins = b.model.onPins
b.model.onPins = () => { pins!(); log.push(`        rts ${b.model.rts} ${b.clock.now().toFixed(2)}`) }
const g: any = globalThis
const vm = g.vmCycles
let lastName = "", acc = 0
g.vmCycles = (n: number, name: string) => { vm(n,name); if (name!==lastName) { if (acc>2000) log.push(`                 ${lastName} ${acc}`); lastName=name; acc=0 } acc+=n }
await b.run(async () => {
  peer.send(new Uint8Array(8000))
  const into = Buffer.alloc(1024)
  let got = 0
  while (got < 8000) { const n = await s.recvInto(into); got += n; log.push(`   app got ${n} ${t().toFixed(2)}`) }
})
const i = Number(process.argv[2]||700)
console.log(log.slice(i,i+Number(process.argv[3]||100)).join("\n"))
