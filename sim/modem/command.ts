/** Commands of the SIM800, and what most of them are made of. */
import { CommandRunOn, type CommandOn, type HandlerOn } from "./command-run"
import type { Firmware } from "./firmware"
import { readParameters, type Parameter, type Values } from "./parameters"

export { allowedIf } from "./errors"

export type CommandRun = CommandRunOn<Firmware>
export type Handler = HandlerOn<Firmware>
export type Command = CommandOn<Firmware>

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
