import { Kind } from "../core/arguments"
import { Phase } from "../core/phase"
import { commandText, Command } from "../core/commands"
import { Failure, refusal } from "../core/errors"
import { ContextState, SecondContext } from "../core/second-context"
import { textOf } from "../core/text"
import { bad, check, checkModem } from "./arguments"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"

const OPEN_TIMEOUT = 180000
/** characters of apn, user, password */
const LONGEST = 50

export interface ContextOptions {
    /** access point name, at most 50 characters */
    apn: string
    user?: string
    password?: string
    /** in ms, default 180000 */
    timeout?: number
}

/**
 * The second PDP context of a modem: `connect({ …, context: 1 })` uses it.
 * @devsWhenUsed
 */
export class Context {
    private readonly modem: Sim800
    private readonly context: SecondContext

    /** Create it before `modem.start()`, open it afterwards. */
    constructor(modem: Sim800) {
        checkModem(modem)
        if (!modem.core.config.multi)
            throw bad("connections", 'a second context needs "multi"')
        if (modem.second) throw bad("modem", "it has a second context already")
        if (modem.core.bearer.phase !== Phase.Off)
            throw bad("modem", "make the context before start()")
        this.modem = modem
        this.context = new SecondContext(modem.core)
        modem.second = this.context
        this.context.changed = modem.tell
    }

    /**
     * Brings the second context up (application note 4). The driver keeps it
     * up from then on. Throws a `Sim800Error`.
     */
    async open(options: ContextOptions): Promise<void> {
        const { modem, context } = this
        check("options", Kind.Object, options)
        const { apn } = options
        const user = options.user === undefined ? "" : options.user
        const password = options.password === undefined ? "" : options.password
        check("apn", Kind.Text, apn, 0, LONGEST)
        check("user", Kind.Text, user, 0, LONGEST)
        check("password", Kind.Text, password, 0, LONGEST)
        check("timeout", Kind.Time, options.timeout)
        const what = `open context "${apn}"`
        modem.check(what)
        context.open(apn, user, password)
        const decided = await modem.until(
            () =>
                context.state === ContextState.Open ||
                (context.state === ContextState.Closed &&
                    context.failure !== Failure.None),
            options.timeout || OPEN_TIMEOUT
        )
        if (context.state === ContextState.Open) return
        const failure = decided ? context.failure : Failure.Timeout
        const answer =
            context.refused === Command.None
                ? ""
                : refusal(commandText(context.refused), context.cme)
        context.close()
        throw failed(failure, what, answer)
    }

    /** Own address in the second context, "" if it is not up. */
    address(): string {
        return textOf(this.context.address, 0, this.context.addressLength)
    }

    /** Shuts it, with its connections; those in the first one live on. */
    async close(): Promise<void> {
        const context = this.context
        context.close()
        await this.modem.until(
            () => context.state === ContextState.Closed,
            OPEN_TIMEOUT
        )
    }
}
