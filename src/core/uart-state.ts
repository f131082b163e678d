/**
 * What the driver wants of the UART and its lines, and their state: a plain record. The
 * owner of the UART carries it out after each poll.
 */
import { SEGMENT } from "./config"

export class UartState {
    /** baud rate of the UART */
    baud = 0
    /** longest time of a payload at that rate, hexadecimal or held up, ms */
    segmentTime = 0
    /** true: DTR is to be low, that is on */
    dtr = true
    /** true: DCD is low, there is a connection (transparent mode); set by the platform */
    dcd = false
    /** the platform resets the modem by its pin, and clears this */
    resetWanted = false
    /** the platform presses PWRKEY, and clears this */
    powerKeyWanted = false

    constructor(baud: number) {
        this.setBaud(baud)
    }

    setBaud(baud: number) {
        this.baud = baud
        this.segmentTime = Math.floor((SEGMENT * 20000) / baud)
    }
}
