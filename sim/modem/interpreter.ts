import {
    CommandRunOn,
    type CommandOn,
    type Outcome,
    type Speaker,
} from "./command-run"
import { nextCommand, type ParsedCommand } from "./command-line"
import { CommandError } from "./errors"
import type { Clock } from "./clock"
import type { Delays } from "./delays"
import type { Hooks } from "./hooks"
import type { Output } from "./output"

const UNKNOWN = 100

/** The part of a module that the interpreter needs. */
export interface Interpretable extends Speaker {
    readonly clock: Clock
    readonly output: Output
    readonly options: { readonly delays: Delays }
    readonly hooks: Pick<Hooks, "takeCommandDelay">
    /** A command line has ended, its result is on its way. */
    lineEnded(line: string): void
}

/**
 * Runs command lines against the command table: the commands of a line one
 * after the other, until one fails. The last one's outcome decides how the line
 * ends, so `AT+CIFSR` has no OK and `AT+CIFSR;E0` has one ([ATM] 1.4.4).
 */
export class Interpreter<D extends Interpretable> {
    private current: string | undefined
    private endings: (() => void)[] = []

    /** @param table every command that the module knows, by name */
    constructor(
        private readonly dce: D,
        private readonly table: ReadonlyMap<string, CommandOn<D>>
    ) {}

    /** The line that runs, without `AT`, or undefined. */
    get running(): string | undefined {
        return this.current
    }

    /** Runs `run` once the line under way has ended and its result is queued. */
    whenEnded(run: () => void): void {
        this.endings.push(run)
    }

    /** Must not be called while a line runs. */
    run(line: string): void {
        this.current = line
        const first = nextCommand(line)
        if (first === undefined)
            this.after(this.dce.options.delays.command, () => this.end("ok"))
        else this.step(first)
    }

    private step(parsed: ParsedCommand | "malformed"): void {
        const command =
            parsed === "malformed" ? undefined : this.table.get(parsed.name)
        const delay = this.dce.options.delays[command?.delay ?? "command"]
        this.after(delay, () => {
            if (parsed === "malformed") this.end({ error: UNKNOWN })
            else this.call(command, parsed)
        })
    }

    private call(
        command: CommandOn<D> | undefined,
        parsed: ParsedCommand
    ): void {
        const handler = command?.[parsed.form]
        if (handler === undefined) {
            this.end({ error: UNKNOWN })
            return
        }
        const rest = command?.endsLine ? "" : parsed.rest
        const run = new CommandRunOn(this.dce, outcome =>
            this.ended(outcome, rest)
        )
        try {
            handler(run, parsed.text)
        } catch (error) {
            if (!(error instanceof CommandError)) throw error
            run.fail(error.code)
        }
    }

    private ended(outcome: Outcome, rest: string): void {
        const failed = typeof outcome === "object"
        const next = failed ? undefined : nextCommand(rest)
        if (next === undefined) this.end(outcome)
        else this.step(next)
    }

    private end(outcome: Outcome): void {
        const line = this.current ?? ""
        if (outcome === "ok") this.dce.output.result("OK")
        else if (outcome !== "done") this.dce.output.error(outcome.error)
        this.current = undefined
        for (const run of this.endings.splice(0)) run()
        this.dce.lineEnded(line)
    }

    private after(ms: number, run: () => void): void {
        const delay = ms + this.dce.hooks.takeCommandDelay()
        // a module without delays answers before the next byte arrives
        if (delay <= 0) run()
        else this.dce.clock.after(delay, run)
    }
}
