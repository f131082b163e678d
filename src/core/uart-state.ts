/**
 * What the driver wants of the UART and its lines, and what they say: a plain record.
 * Whoever owns the UART follows it after each poll.
 */
import { SEGMENT } from "./config"

export class UartState {
    /** the rate that the UART is to use */
    baud = 0
    /** how long the longest payload can take at that rate, hexadecimal or held up, ms */
    segmentTime = 0
    /** DTR is to be low, that is on */
    dtr = true
    /** DCD is low: there is a connection (transparent mode); set by the platform */
    dcd = false
    /** the platform is to reset the modem by its pin, and to clear this */
    resetWanted = false
    /** the platform is to press PWRKEY, and to clear this */
    powerKeyWanted = false

    constructor(baud: number) {
        this.setBaud(baud)
    }

    setBaud(baud: number) {
        this.baud = baud
        this.segmentTime = Math.floor((SEGMENT * 20000) / baud)
    }
}
