/** What the whole is at, and its beginning anew: `status()`, `shut()`, `reset()`. */
import { IP_STATES, PHASES } from "../core/bearer"
import { Failure } from "../core/errors"
import { textOf } from "../core/text"
import type { Status } from "./api"
import { failed } from "./errors"
import { Sim800, START_TIMEOUT } from "./modem"

declare module "./modem" {
    interface Sim800 {
        /** Shuts the PDP context (AT+CIPSHUT, chapter 9), and brings it up again. */
        shut(): Promise<void>
        /** Resets the modem (chapter 12), and brings it up again. */
        reset(): Promise<void>
        status(): Status
    }
}

Sim800.prototype.shut = function (this: Sim800) {
    this.check("shut")
    this.core.bearer.shutWanted = true
    return anew(this, "shut")
}

Sim800.prototype.reset = function (this: Sim800) {
    this.check("reset")
    this.core.bearer.resetWanted = true
    return anew(this, "reset")
}

function anew(modem: Sim800, what: string): Promise<void> {
    const core = modem.core
    const bearer = core.bearer
    const data = core.data
    // data mode is left for it, if the modem lets it
    if (data !== null) data.failure = Failure.None
    return modem
        .until(
            () =>
                (!bearer.shutWanted && !bearer.resetWanted) ||
                (data !== null && data.failure !== Failure.None),
            START_TIMEOUT
        )
        .then(() => {
            if (data !== null && data.failure !== Failure.None) {
                bearer.shutWanted = false
                bearer.resetWanted = false
                throw failed(data.failure, what, "", "")
            }
            if (!modem.running) throw failed(Failure.Stopped, what, "", "")
            return modem.start()
        })
}

Sim800.prototype.status = function (this: Sim800) {
    const core = this.core
    const bearer = core.bearer
    return {
        phase: PHASES[bearer.phase],
        ipState: IP_STATES[bearer.state],
        failure: bearer.failure,
        signal: bearer.signal > 31 ? undefined : bearer.signal * 2 - 113,
        address: textOf(bearer.address, 0, bearer.addressLength),
        restarts: bearer.restarts,
        deactivations: bearer.deactivations,
        rebuilds: bearer.rebuilds,
        resets: bearer.resets,
        timeouts: core.channel.timeouts,
        overruns: this.port.overruns,
    }
}
