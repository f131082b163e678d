/**
 * The port for real boards in the VM: driver, bridge, model of the chip, and
 * behind that the virtual modem on its Jacdac bus. The chip misses a
 * transaction now and then. Prints "RESULT …".
 */
import { BridgeUart, Sim800, Socket } from "../../../src/index"
import { ChipModel } from "../../../simulator/bridge/sc16is7xx"
import { Wires } from "../../../simulator/bridge/wires"

const TOTAL = 10000
const CHUNK = 250
const CRYSTAL = 14745600

const chip = new ChipModel(0, true)
const wires = new Wires(chip, CRYSTAL)
wires.onTurn = turn => {
    if (turn % 100 === 0) chip.nacks = 1
}

function byteAt(i: number): number {
    return (i * 7 + (i >> 8)) & 0xff
}

async function send(socket: Socket) {
    const buf = Buffer.alloc(CHUNK)
    for (let at = 0; at < TOTAL; at += CHUNK) {
        for (let i = 0; i < CHUNK; i++) buf[i] = byteAt(at + i)
        await socket.send(buf)
    }
}

async function echo(modem: Sim800): Promise<string> {
    const socket = await modem.connect({ host: "echo.example", port: 7 })
    const buf = Buffer.alloc(CHUNK)
    send.start(socket)
    for (let at = 0; at < TOTAL;) {
        const n = await socket.recvInto(buf, 30000)
        if (n <= 0) return `nothing more behind ${at} bytes`
        for (let i = 0; i < n; i++)
            if (buf[i] !== byteAt(at + i)) return `byte ${at + i} is wrong`
        at += n
    }
    await socket.close()
    return "identical"
}

try {
    await wires.lay()
    const uart = new BridgeUart({ bus: chip, dtr: "bridge", dcd: "bridge" })
    const modem = new Sim800({ uart, apn: "internet", sockets: 2 })
    await modem.start()
    console.log(`RESULT ${await echo(modem)}`)
    console.log(`RESULT ${uart.overruns} overruns, ${chip.lostBytes} lost`)
    console.log(
        `RESULT missed ${uart.chip.busErrors > 0}, resets ${uart.chip.resets}`
    )
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
