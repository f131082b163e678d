import { Kind } from "../core/arguments"
import { Phase } from "../core/phase"
import { Reception } from "../core/config"
import { DataMode } from "../core/data-mode/data-mode"
import { DataState } from "../core/data-mode/mode"
import { Failure } from "../core/errors"
import { has, Wired } from "../core/options"
import { bad, check, checkModem } from "./arguments"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"

/** The parameters of AT+CIPCCFG (application note 2.2.2). */
export interface TransferOptions {
    /** NmRetry: repetitions of a packet, 3–8, default 5 */
    retries?: number
    /**
     * WaitTm: intervals of 100 ms without a byte, after which data are sent; 1–10,
     * default 2
     */
    wait?: number
    /**
     * SendSz: bytes that are sent at once, without waiting for more; 1–1460, default
     * 1024
     */
    sendSize?: number
    /**
     * esc: `+++` leads to command mode; default true: then data of these three
     * characters alone are refused
     */
    escape?: boolean
    /** Rxmode: pauses between received data; default false */
    paced?: boolean
    /** RxSize: bytes between two pauses, 50–1460, default 1460 */
    receiveSize?: number
    /** Rxtimer: the pause in ms, 20–1000, default 50 */
    receivePause?: number
    /**
     * data received in command mode are printed there, without a header: for firmware
     * that does not keep them for data mode. Default false
     */
    printed?: boolean
}

const SWITCH_TIMEOUT = 60000
const NOT_ESCAPED =
    "the modem stays in data mode: check DTR, or that +++ is switched on (AT+CIPCCFG); if it takes no more data (CTS), try again when the peer has read them"
const NOT_RESUMED =
    "the modem does not return to data mode: the connection may be gone"

function number(
    name: string,
    value: number,
    otherwise: number,
    min: number,
    max: number
): number {
    if (value === undefined) return otherwise
    check(name, Kind.Whole, value, min, max)
    return value
}

/**
 * Transparent mode (application note 2.2): data of this modem's connection go over the
 * UART unchanged.
 *
 * The modem has to be made with `connections: "single"` and `receive: "push"`, and DCD
 * has to be wired: only DCD shows the end of a connection. Create it before
 * `modem.start()`.
 * @devsWhenUsed
 */
export class Transparent {
    private readonly modem: Sim800
    private readonly data: DataMode

    constructor(modem: Sim800, options?: TransferOptions) {
        checkModem(modem)
        const config = modem.core.config
        if (config.multi)
            throw bad("connections", 'transparent mode needs "single"')
        if (config.reception !== Reception.Push)
            throw bad("receive", 'transparent mode needs "push"')
        if (!has(modem.port, Wired.Dcd))
            throw bad("uart", "transparent mode needs DCD: wire it")
        if (modem.core.bearer.phase !== Phase.Off)
            throw bad("transparent", "make it before start()")
        if (modem.core.data)
            throw bad("modem", "it is in transparent mode already")
        if (options !== undefined) {
            check("options", Kind.Object, options)
            check("escape", Kind.Flag, options.escape)
            check("paced", Kind.Flag, options.paced)
            check("printed", Kind.Flag, options.printed)
            const escape = options.escape !== false
            config.printedData = !!options.printed
            if (!escape && !config.dtr)
                throw bad("escape", "without DTR there is only +++")
            config.transfer = [
                number("retries", options.retries, 5, 3, 8),
                number("wait", options.wait, 2, 1, 10),
                number("sendSize", options.sendSize, 1024, 1, 1460),
                escape ? 1 : 0,
                options.paced ? 1 : 0,
                number("receiveSize", options.receiveSize, 1460, 50, 1460),
                number("receivePause", options.receivePause, 50, 20, 1000),
            ].join(",")
        }
        this.modem = modem
        this.data = new DataMode(modem.core)
        this.data.escapes = !options || options.escape !== false
        this.data.mode.changed = modem.tell
    }

    /** Whether the UART is in data mode now. */
    inDataMode(): boolean {
        return this.data.mode.active()
    }

    /** Whether DCD shows a connection (application note 10). */
    carrier(): boolean {
        return this.modem.port.dcd
    }

    /**
     * Leaves data mode, by DTR if wired, else by `+++` (2.2.4), once all data are on
     * the wire: then commands can be given, and the connection lives on. Throws a
     * `Sim800Error`: `NotEscaped` if CTS holds up the data; then data mode goes on; or
     * if no OK comes; then the socket is ended.
     */
    async commandMode(): Promise<void> {
        const data = this.data
        if (!data.mode.active()) return
        data.leave()
        await this.switched("leave data mode", () => !data.mode.active())
    }

    /** Goes back to data mode (ATO). Throws a `Sim800Error`. */
    async dataMode(): Promise<void> {
        const data = this.data
        if (data.mode.state === DataState.Off)
            throw failed(Failure.NotResumed, "enter data mode", "", NOT_RESUMED)
        data.resume()
        await this.switched("enter data mode", () => data.mode.active())
    }

    private async switched(what: string, done: () => boolean) {
        const data = this.data
        const over = await this.modem.until(
            () => done() || data.mode.failure !== Failure.None,
            SWITCH_TIMEOUT
        )
        const failure = over ? data.mode.failure : Failure.Timeout
        // back to data mode: a late success would not be reported
        if (!over) data.resume()
        if (failure === Failure.None) return
        let sentence = ""
        if (failure === Failure.NotEscaped) sentence = NOT_ESCAPED
        else if (failure === Failure.NotResumed) sentence = NOT_RESUMED
        throw failed(failure, what, "", sentence)
    }
}
