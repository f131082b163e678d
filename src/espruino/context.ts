/** The second PDP context: `connect({ …, context: 1 })` uses it. */
import { Kind } from "../core/arguments"
import { Phase } from "../core/phase"
import { Command, commandText } from "../core/commands"
import { Failure, refusal } from "../core/errors"
import { ContextState, SecondContext } from "../core/second-context"
import { textOf } from "../core/text"
import type { Context, ContextOptions } from "./api"
import { bad, check, checkObject, checkTime, failed } from "./errors"
import { Sim800 } from "./modem"

/** ms */
const OPEN_TIMEOUT = 180000
/** characters of apn, user, password */
const LONGEST = 50

class ModemContext implements Context {
    private readonly modem: Sim800
    private readonly context: SecondContext

    constructor(modem: Sim800) {
        if (!modem.core.config.multi)
            throw bad("connections", 'a second context needs "multi"')
        if (modem.second) throw bad("modem", "it has a second context already")
        if (modem.core.bearer.phase !== Phase.Off)
            throw bad("modem", "make the context before start()")
        const context = new SecondContext(modem.core)
        this.modem = modem
        this.context = context
        modem.second = () => context.state === ContextState.Open
        context.changed = () => modem.tell()
    }

    open(options: ContextOptions): Promise<void> {
        const modem = this.modem
        const context = this.context
        checkObject("options", options)
        const apn = options.apn
        const user = options.user === undefined ? "" : options.user
        const password = options.password === undefined ? "" : options.password
        check("apn", Kind.Text, apn, 0, LONGEST)
        check("user", Kind.Text, user, 0, LONGEST)
        check("password", Kind.Text, password, 0, LONGEST)
        checkTime("timeout", options.timeout)
        const what = 'open context "' + apn + '"'
        modem.check(what)
        context.open(apn, user, password)
        return modem
            .until(
                () =>
                    context.state === ContextState.Open ||
                    (context.state === ContextState.Closed &&
                        context.failure !== Failure.None),
                options.timeout || OPEN_TIMEOUT
            )
            .then(decided => {
                if (context.state === ContextState.Open) return
                const failure = decided ? context.failure : Failure.Timeout
                const answer =
                    context.refused === Command.None
                        ? ""
                        : refusal(commandText(context.refused), context.cme)
                context.close()
                throw failed(failure, what, answer, "")
            })
    }

    address(): string {
        return textOf(this.context.address, 0, this.context.addressLength)
    }

    close(): Promise<void> {
        const context = this.context
        context.close()
        return this.modem
            .until(() => context.state === ContextState.Closed, OPEN_TIMEOUT)
            .then(() => undefined)
    }
}

declare module "./modem" {
    interface Sim800 {
        context(): Context
    }
}

Sim800.prototype.context = function (this: Sim800) {
    return new ModemContext(this)
}
