/** A modem's state and counters, for programs on any platform. */
import type { Phase } from "./phase"
import type { Failure } from "./errors"
import { ipStateText } from "./ip-state"
import type { Modem } from "./modem"
import { textOf } from "./text"

/** The highest value of AT+CSQ that is a signal. */
const GREATEST_SIGNAL = 31

/**
 * The modem's state and counters.
 * @devsWhenUsed
 */
export class ModemStatus {
    phase: Phase
    /** one of the states of chapter 8 of the application note, or "" */
    ipState: string
    /** why there is no connection to the network, or `Failure.None` */
    failure: Failure
    /** dBm, `undefined` if not known */
    signal: number | undefined
    /** own address in dotted notation, or "" */
    address: string
    /** restarts of the modem that were not requested */
    restarts: number
    /** how often the network has deactivated the PDP context */
    deactivations: number
    /** how often the driver has brought the context up anew, and reset the modem (12) */
    rebuilds: number
    resets: number
    /** commands that timed out */
    timeouts: number
    /** bytes lost between UART and driver */
    overruns: number

    /** @param overruns counted by the port */
    constructor(core: Modem, overruns: number) {
        const bearer = core.bearer
        const signal = bearer.said.signal
        this.phase = bearer.phase
        this.ipState = ipStateText(core.ip.state)
        this.failure = bearer.failure
        this.signal = signal > GREATEST_SIGNAL ? undefined : signal * 2 - 113
        this.address = textOf(bearer.address, 0, bearer.addressLength)
        this.restarts = bearer.restarts
        this.deactivations = bearer.deactivations
        this.rebuilds = bearer.rebuilds
        this.resets = bearer.resets
        this.timeouts = core.channel.timeouts
        this.overruns = overruns
    }
}
