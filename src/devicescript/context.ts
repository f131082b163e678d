import { commandText, Command } from "../core/channel"
import { Failure, refusal } from "../core/errors"
import { ContextState, SecondContext } from "../core/second-context"
import { failed } from "./errors"
import { bad, parameter, Sim800, text } from "./sim800"

const OPEN_TIMEOUT = 180000

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

    /** Make it before `modem.start()`, open it afterwards. */
    constructor(modem: Sim800) {
        if (!modem.core.config.multi)
            throw bad("connections", 'a second context needs "multi"')
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
        const what = `open context "${options.apn}"`
        const apn = parameter("apn", options.apn)
        const user = parameter("user", options.user)
        const password = parameter("password", options.password)
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
        return text(this.context.address, this.context.addressLength)
    }

    /** Shuts it, and the connections in it; those in the first one live on. */
    async close(): Promise<void> {
        const context = this.context
        context.close()
        await this.modem.until(
            () => context.state === ContextState.Closed,
            OPEN_TIMEOUT
        )
    }
}
