/**
 * The modem's bytes before the FIFO of the model of a bridge's chip: a packet on the
 * Jacdac bus brings up to 236 bytes at once, a line one byte at a time.
 *
 * Runs in Node and in DeviceScript's VM.
 */
import { Ring } from "../../src/core/ring"
import type { ChipModel } from "./sc16is7xx"

/**
 * Bytes of waiting packets, and of the modem until it sees RTS: a VM whose driver takes
 * turn after turn passes RTS on late.
 */
const WAITING = 4096
const IN_FLIGHT = 1200
/**
 * Bytes that arrive at a time, at most: half a FIFO. A VM that was busy
 * elsewhere for longer finds them waiting, as if the line had waited as well.
 */
const PACE = 32

export class Arrival {
    /**
     * Whether bytes wait here while the FIFO is full. At a door without RTS they do,
     * as in the buffer of a serial port's driver: the VM shares its computer with
     * others, and is later than any microcontroller. On a board's wires they do not:
     * there a full FIFO loses them.
     */
    holdsBack = false
    private readonly chip: ChipModel
    private readonly waiting = new Ring(WAITING)

    constructor(chip: ChipModel) {
        this.chip = chip
    }

    /** A packet has come. Bytes without room are lost: the modem has not obeyed RTS. */
    put(bytes: Buffer) {
        this.waiting.put(bytes, 0, bytes.length)
    }

    /**
     * Some time has passed: so much goes on as the line brings meanwhile.
     * @param ms how long
     * @param baud 0 while the chip has no rate
     */
    pass(ms: number, baud: number) {
        const { chip, waiting } = this
        const due = Math.ceil((ms * baud) / 10000)
        const most = Math.min(due, PACE)
        for (let n = 0; n < most && waiting.used > 0; n++) {
            if (!chip.rts && waiting.used <= IN_FLIGHT) break
            if (this.holdsBack && chip.rx.used === chip.rx.size) break
            chip.arrive(waiting.buf[waiting.tail], 0)
            waiting.tail = (waiting.tail + 1) & (waiting.size - 1)
            waiting.used--
        }
    }
}
