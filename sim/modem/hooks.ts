import type { Link } from "./link"
import type { CmsCode } from "./errors"
import type { OutputFilter } from "./output"

interface HookEvents {
    /** A command line has ended. */
    ended: () => void
    /** A connection is about to take data from the DTE. */
    prompt: (link: Link) => void
    /** A connection is about to send its data. */
    sending: (link: Link) => void
    /** A PDP context is asked for: the module begins to transmit in earnest. */
    activating: () => void
}

/** Where faults reach into the modem. They outlive a restart. */
export class Hooks {
    /** What every piece of output passes through. */
    readonly output: OutputFilter[] = []
    /** The next command takes this much longer, ms. */
    commandDelay = 0
    /** The network refuses the next short message of the module. */
    messageError: CmsCode | undefined
    /** AT+CSCLK=2 does nothing. */
    sleepless = false
    private waiting: { [E in keyof HookEvents]: HookEvents[E][] } = {
        ended: [],
        prompt: [],
        sending: [],
        activating: [],
    }

    /** Runs once, the next time. */
    once<E extends keyof HookEvents>(event: E, run: HookEvents[E]): void {
        this.waiting[event].push(run)
    }

    commandEnded(): void {
        for (const run of this.waiting.ended.splice(0)) run()
    }

    promptShown(link: Link): void {
        this.waiting.prompt.shift()?.(link)
    }

    sending(link: Link): void {
        this.waiting.sending.shift()?.(link)
    }

    activating(): void {
        for (const run of this.waiting.activating.splice(0)) run()
    }

    takeCommandDelay(): number {
        const delay = this.commandDelay
        this.commandDelay = 0
        return delay
    }

    takeMessageError(): CmsCode | undefined {
        const error = this.messageError
        this.messageError = undefined
        return error
    }

    clear(): void {
        this.output.length = 0
        this.messageError = undefined
        this.commandDelay = 0
        this.sleepless = false
        this.waiting = { ended: [], prompt: [], sending: [], activating: [] }
    }
}
