/** The state of the modem, and ways to begin anew: `status()`, `shut()`, `reset()`. */
import { phaseText } from "../core/phase"
import { Failure } from "../core/errors"
import { ModemStatus } from "../core/status"
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
    this.core.wishes.shut = true
    return anew(this, "shut")
}

Sim800.prototype.reset = function (this: Sim800) {
    this.check("reset")
    this.core.wishes.reset = true
    return anew(this, "reset")
}

function anew(modem: Sim800, what: string): Promise<void> {
    const core = modem.core
    const wishes = core.wishes
    const data = core.data
    // this leaves data mode, if the modem permits
    if (data !== null) data.mode.failure = Failure.None
    return modem
        .until(
            () =>
                (!wishes.shut && !wishes.reset) ||
                (data !== null && data.mode.failure !== Failure.None),
            START_TIMEOUT
        )
        .then(() => {
            if (data !== null && data.mode.failure !== Failure.None) {
                wishes.shut = false
                wishes.reset = false
                throw failed(data.mode.failure, what, "", "")
            }
            if (!modem.running) throw failed(Failure.Stopped, what, "", "")
            return modem.start()
        })
}

Sim800.prototype.status = function (this: Sim800) {
    const status = new ModemStatus(this.core, this.port.overruns)
    const shown = status as unknown as Status
    shown.phase = phaseText(status.phase)
    return shown
}
