import { endure } from "./ordeal"
const o = JSON.parse(process.argv[2])
const r = endure(o) as any
console.log(JSON.stringify(r.wrong))
const life = (globalThis as any).LIFE
for (const u of life.uses) {
    const got = Buffer.from(u.got)
    let i = 0
    while (i < got.length && got[i] === u.peer.speech[i]) i++
    console.log(
        "got",
        got.length,
        "spoken",
        u.peer.spoken,
        u.peer.gone,
        "failure",
        u.failure,
        "sent",
        u.sent,
        "heard",
        u.peer.heard.length,
        "differs at",
        i,
        JSON.stringify(got.subarray(i, i + 60).toString("latin1")),
        "| wanted",
        JSON.stringify(u.peer.speech.subarray(i, i + 60).toString("latin1"))
    )
}
