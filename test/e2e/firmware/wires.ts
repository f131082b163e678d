/**
 * The wires between the model of a bridge and the virtual modem, which is on
 * the Jacdac bus.
 */
import * as ds from "@devicescript/core"
import { Ring } from "../../../src/core/ring"
import { JacdacUart } from "../../../src/index"
import { ChipModel } from "../../../sim/bridge/sc16is7xx"

const PACKET = 236
const BAUD = 115200
/** bytes in a millisecond */
const PACE = 11.52

/**
 * Runs for ever.
 * @param nackEvery the chip misses a transaction every so many turns, 0: never
 */
export async function wires(chip: ChipModel, nackEvery: number) {
    const far = new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    })
    const line = new Ring(2048)
    const out = Buffer.alloc(PACKET)
    let gathered = 0
    let dtr = true
    let turns = 0
    let last = ds.millis()
    await far.open(line, BAUD)
    while (true) {
        far.receive()
        const now = ds.millis()
        let room = Math.ceil((now - last) * PACE)
        last = now
        while (chip.rts && line.used > 0 && room > 0) {
            room--
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
        if (nackEvery > 0 && turns % nackEvery === 0) chip.nacks = 1
        await ds.sleep(1)
    }
}
