/** Commands of the SIM800, and what most of them are made of. */
import { CommandRunOn, type CommandOn, type HandlerOn } from "./command-run"
import type { Firmware } from "./firmware"
import { CommandError, type ErrorCode } from "./errors"
import { readParameters, type Parameter, type Values } from "./parameters"
import {
    readAnswer,
    readValues,
    testAnswer,
    type SettingData,
    type Value,
} from "./setting"

export { allowedIf } from "./errors"

export type CommandRun = CommandRunOn<Firmware>
export type Handler = HandlerOn<Firmware>
export type Command = CommandOn<Firmware>

/** Answers with information responses, then OK. */
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

/** Options of a setting beside keeping its values. */
export interface SettingOptions {
    /** What `AT+X=?` says where it is not the list of the ranges. */
    readonly test?: string
    /** What `AT+X?` says where it is not the list of the values. */
    readonly read?: (values: readonly Value[], dce: Firmware) => string
    /** The forms that the manual has. Default: test, read and write. */
    readonly forms?: readonly ("test" | "read" | "write")[]
    /** Refuses by throwing a CommandError, before anything is kept. */
    readonly check?: (dce: Firmware, values: readonly Value[]) => void
    /** Runs when the values have been kept. */
    readonly changed?: (dce: Firmware, values: readonly Value[]) => void
}

/** A command that keeps its values and returns them. */
export function setting(
    data: SettingData,
    {
        test = testAnswer(data),
        read = values => readAnswer(data, values),
        forms = ["test", "read", "write"],
        check,
        changed,
    }: SettingOptions = {}
): Command {
    const has = (form: (typeof forms)[number], handler: Handler) =>
        forms.includes(form) ? { [form]: handler } : {}
    return {
        name: data.name,
        keeps: data,
        ...has(
            "test",
            says(() => test)
        ),
        ...has(
            "read",
            says(dce => read(dce.settings.valuesOf(data), dce))
        ),
        ...has("write", (run, given) => {
            const { dce } = run
            const now = dce.settings.valuesOf(data)
            const values = readValues(given, data, now)
            check?.(dce, values)
            dce.settings.keep(data, values)
            changed?.(dce, values)
            run.ok()
        }),
    }
}

/**
 * A command that is known and refused in every form.
 * @param why the reason, for the table of commands in the docs
 */
export function refuses(
    name: string,
    why: string,
    error: ErrorCode = 3
): Command {
    const refuse: Handler = () => {
        throw new CommandError(error)
    }
    return {
        name,
        refuses: why,
        test: refuse,
        read: refuse,
        write: refuse,
        execute: refuse,
    }
}
