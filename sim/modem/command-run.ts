/** The shape of a command in the table, for any module. */
import type { Delays } from "./delays"
import type { ErrorCode } from "./errors"
import type { SettingData } from "./setting"

/** How a command ends: exactly once, at once or later. */
export interface CommandEnd {
    /** It worked: the next command of the line runs, or the line ends with OK. */
    ok(): void
    /** It has said its own last word, such as `SHUT OK`; no OK follows. */
    done(): void
    /** It failed: the line ends here. */
    fail(code: ErrorCode): void
}

export type Outcome = "ok" | "done" | { readonly error: ErrorCode }

/** What commands speak through. */
export interface Speaker {
    readonly output: {
        information(...lines: readonly string[]): void
    }
}

/**
 * One run of one command. It ends with exactly one of {@link ok}, {@link done}
 * and {@link fail}, at once or later; until then the module takes no other
 * command.
 * @template D the module as the commands see it
 */
export class CommandRunOn<D extends Speaker> implements CommandEnd {
    private ended = false

    constructor(
        readonly dce: D,
        private readonly end: (outcome: Outcome) => void
    ) {}

    /** Information lines, framed as one block. */
    information(...lines: readonly string[]): void {
        this.dce.output.information(...lines)
    }

    ok(): void {
        this.finish("ok")
    }

    done(): void {
        this.finish("done")
    }

    fail(code: ErrorCode): void {
        this.finish({ error: code })
    }

    private finish(outcome: Outcome): void {
        if (this.ended) throw new Error("a command has ended twice")
        this.ended = true
        this.end(outcome)
    }
}

/**
 * Runs one form of a command. May throw {@link CommandError} instead of calling
 * `run.fail`.
 * @param text the text after `=`, or the number after a basic command
 */
export type HandlerOn<D extends Speaker> = (
    run: CommandRunOn<D>,
    text: string
) => void

/** An entry of the command table; a form that is absent answers ERROR. */
export interface CommandOn<D extends Speaker> {
    /** In capitals, without `AT`: `+CIPMUX`, `&W`, `E`, `S3`. */
    readonly name: string
    /** How long it takes before it does or says anything. Default: `command`. */
    readonly delay?: keyof Delays
    /** The rest of the line is ignored, [ATM] 2.2.2. */
    readonly endsLine?: true
    /** It keeps its values, and returns them. */
    readonly keeps?: SettingData
    /** Its values have an effect here. */
    readonly acts?: boolean
    /** It is told one value at a time, and which. */
    readonly keepsByChannel?: boolean
    /** It is known and does nothing: why. */
    readonly refuses?: string
    /** `AT+X=?` */
    readonly test?: HandlerOn<D>
    /** `AT+X?` */
    readonly read?: HandlerOn<D>
    /** `AT+X=…`, or a basic command with a number: `ATE0` */
    readonly write?: HandlerOn<D>
    /** `AT+X`, or a basic command without a number: `ATE` */
    readonly execute?: HandlerOn<D>
}

export type Form = "test" | "read" | "write" | "execute"
