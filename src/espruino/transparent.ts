/** Transparent mode (application note 2.2): the bytes of the UART are data. */
import { Kind } from "../core/arguments"
import { Phase } from "../core/phase"
import { Reception } from "../core/config"
import { DataMode } from "../core/data-mode/data-mode"
import { DataState } from "../core/data-mode/mode"
import { Failure } from "../core/errors"
import { has, Wired } from "../core/options"
import type { Transparent, TransferOptions } from "./api"
import { bad, check, failed } from "./errors"
import { Sim800 } from "./modem"

/** ms */
const SWITCH_TIMEOUT = 60000
const NOT_ESCAPED =
    "the modem stays in data mode: check DTR, or that +++ is switched on (AT+CIPCCFG); if it takes no more data (CTS), try again when the peer has read them"
const NOT_RESUMED =
    "the modem does not return to data mode: the connection may be gone"

function number(
    name: string,
    value: number | undefined,
    otherwise: number,
    min: number,
    max: number
): number {
    if (value === undefined) return otherwise
    check(name, Kind.Whole, value, min, max)
    return value
}

class ModemTransparent implements Transparent {
    private readonly modem: Sim800
    private readonly data: DataMode

    constructor(modem: Sim800, options?: TransferOptions) {
        const config = modem.core.config
        if (config.multi)
            throw bad("connections", 'transparent mode needs "single"')
        if (config.reception !== Reception.Push)
            throw bad("receive", 'transparent mode needs "push"')
        if (!has(modem.port, Wired.Dcd))
            throw bad("dcd", "transparent mode needs DCD: wire it")
        if (modem.core.bearer.phase !== Phase.Off)
            throw bad("transparent", "make it before start()")
        if (modem.core.data)
            throw bad("transparent", "it has been made already")
        if (options) {
            const escape = options.escape !== false
            if (!escape && !config.dtr)
                throw bad("escape", "without +++, DTR has to be wired")
            config.printedData = !!options.printed
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
        this.data.mode.changed = () => modem.tell()
    }

    inDataMode(): boolean {
        return this.data.mode.active()
    }

    carrier(): boolean {
        return this.modem.port.hasCarrier()
    }

    commandMode(): Promise<void> {
        const data = this.data
        if (!data.mode.active()) return Promise.resolve()
        data.leave()
        return this.switched("leave data mode", () => !data.mode.active())
    }

    dataMode(): Promise<void> {
        const data = this.data
        if (data.mode.state === DataState.Off)
            throw failed(Failure.NotResumed, "enter data mode", "", NOT_RESUMED)
        data.resume()
        return this.switched("enter data mode", () => data.mode.active())
    }

    private switched(what: string, done: () => boolean): Promise<void> {
        const data = this.data
        return this.modem
            .until(
                () => done() || data.mode.failure !== Failure.None,
                SWITCH_TIMEOUT
            )
            .then(over => {
                const failure = over ? data.mode.failure : Failure.Timeout
                // back to data mode: a late success would not be reported
                if (!over) data.resume()
                if (failure === Failure.None) return
                let sentence = ""
                if (failure === Failure.NotEscaped) sentence = NOT_ESCAPED
                else if (failure === Failure.NotResumed) sentence = NOT_RESUMED
                throw failed(failure, what, "", sentence)
            })
    }
}

declare module "./modem" {
    interface Sim800 {
        transparent(options?: TransferOptions): Transparent
    }
}

Sim800.prototype.transparent = function (
    this: Sim800,
    options?: TransferOptions
) {
    return new ModemTransparent(this, options)
}
