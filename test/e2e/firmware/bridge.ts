/**
 * The port for real boards in the VM: driver, bridge, model of the chip, and
 * behind that the virtual modem on its Jacdac bus. The chip misses a
 * transaction now and then. Prints "RESULT …".
 */
import * as ds from "@devicescript/core"
import { BridgeUart, JacdacUart, Sim800, Socket } from "../../../src/index"
import { Ring } from "../../../src/core/ring"
import { ChipModel } from "../../../sim/bridge/sc16is7xx"

const TOTAL = 10000
const CHUNK = 250
const PACKET = 236
const BAUD = 115200

const chip = new ChipModel(0, true)

/** The wires between chip and modem. */
async function wires() {
    const far = new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    })
    const line = new Ring(2048)
    const out = Buffer.alloc(PACKET)
    let gathered = 0
    let dtr = true
    let turns = 0
    await far.open(line, BAUD)
    while (true) {
        far.receive()
        while (chip.rts && line.used > 0) {
            chip.arrive(line.buf[line.tail], 0)
            line.tail = (line.tail + 1) & (line.size - 1)
            line.used--
        }
        let byte = 0
        while (gathered < PACKET && byte >= 0) {
            byte = chip.depart()
            if (byte >= 0) {
                out[gathered] = byte
                gathered++
            }
        }
        if (gathered > 0 && far.transmit(out, 0, gathered) > 0) gathered = 0
        chip.setDcd(far.dcd)
        if (chip.dtr !== dtr) {
            dtr = chip.dtr
            far.setDtr(dtr)
        }
        turns++
        if (turns % 100 === 0) chip.nacks = 1
        await ds.sleep(1)
    }
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
    wires.start()
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
