/** What a command of the table looks like, and how one is told its outcome. */
import { CommandError, type ErrorCode } from "./errors"
import type { Delays } from "./delays"
import type { Firmware } from "./firmware"
import { readParameters, type Parameter, type Values } from "./parameters"

/**
 * One run of one command. It ends with exactly one of {@link ok}, {@link done}
 * and {@link fail}, at once or later; until then the module takes no other
 * command.
 */
export class CommandRun {
    private ended = false

    constructor(
        readonly dce: Firmware,
        private readonly end: (outcome: Outcome) => void
    ) {}

    /** Information lines, framed as one block. */
    information(...lines: readonly string[]): void {
        this.dce.output.information(...lines)
    }

    /** It worked: the next command of the line runs, or the line ends with OK. */
    ok(): void {
        this.finish("ok")
    }

    /** It has said its own last word, such as `SHUT OK`; no OK follows. */
    done(): void {
        this.finish("done")
    }

    /** It failed: the line ends here. */
    fail(code: ErrorCode): void {
        this.finish({ error: code })
    }

    private finish(outcome: Outcome): void {
        if (this.ended) throw new Error("a command has ended twice")
        this.ended = true
        this.end(outcome)
    }
}

export type Outcome = "ok" | "done" | { readonly error: ErrorCode }

/**
 * Runs one form of a command. May throw {@link CommandError} instead of calling
 * `run.fail`.
 * @param text what stands after `=`, or the number after a basic command
 */
export type Handler = (run: CommandRun, text: string) => void

/** An entry of the command table; a form that is absent answers ERROR. */
export interface Command {
    /** In capitals, without `AT`: `+CIPMUX`, `&W`, `E`, `S3`. */
    readonly name: string
    /** How long it takes before it does or says anything. Default: `command`. */
    readonly delay?: keyof Delays
    /** `AT+X=?` */
    readonly test?: Handler
    /** `AT+X?` */
    readonly read?: Handler
    /** `AT+X=…`, or a basic command with a number: `ATE0` */
    readonly write?: Handler
    /** `AT+X`, or a basic command without a number: `ATE` */
    readonly execute?: Handler
}

export type Form = "test" | "read" | "write" | "execute"

/** Answers with information lines, then OK. */
export function says(
    lines: (dce: Firmware) => string | readonly string[]
): Handler {
    return run => {
        const answer = lines(run.dce)
        run.information(...(typeof answer === "string" ? [answer] : answer))
        run.ok()
    }
}

/** Answers OK and nothing else. */
export const saysOk: Handler = run => run.ok()

/** Reads the parameters, then runs. */
export function takes<const P extends readonly Parameter<unknown>[]>(
    parameters: P,
    handle: (run: CommandRun, ...values: Values<P>) => void
): Handler {
    return (run, text) => handle(run, ...readParameters(text, parameters))
}

/** Reads the parameters, changes something, answers OK. */
export function sets<const P extends readonly Parameter<unknown>[]>(
    parameters: P,
    change: (dce: Firmware, ...values: Values<P>) => void
): Handler {
    return takes(parameters, (run, ...values) => {
        change(run.dce, ...values)
        run.ok()
    })
}

/** @throws CommandError 3, operation not allowed, unless `condition` holds */
export function allowedIf(condition: boolean): void {
    if (!condition) throw new CommandError(3)
}
