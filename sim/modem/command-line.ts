import type { Form } from "./command-run"

/** One command of a line, before anyone knows whether it exists. */
export interface ParsedCommand {
    /** In capitals: `+CIPMUX`, `&W`, `E`, `S3`. */
    readonly name: string
    readonly form: Form
    /** The text after `=`, or the number of a basic command. */
    readonly text: string
    /** The rest of the line. */
    readonly rest: string
}

/** Commands that a line may hold, [ATM12] 1.4.4. */
const COMMAND_LIMIT = 39

const SEPARATORS = /^[\s;]+/
/** `+NAME` or `*NAME`, then everything up to the next semicolon outside of quotes. */
const EXTENDED = /^([+*][A-Z0-9!%\-./:_]+)\s*((?:"[^"]*"|[^";])*("[^"]*$)?)/i
/** The number takes the rest of the line (V.25ter 6.3.1). */
const DIAL = /^D(.*)$/is
const BASIC = /^(S\d+|&?[A-Z])\s*(\d*)(\?|=\s*(\d*))?/i

/**
 * Takes the first command off a line. Basic commands follow one another
 * directly, an extended one ends with a semicolon; a semicolon after a basic
 * one does no harm ([ATM] 1.4.4).
 * @returns undefined at the end of the line, `malformed` where no command stands
 */
export function nextCommand(
    line: string
): ParsedCommand | "malformed" | undefined {
    const rest = line.replace(SEPARATORS, "")
    if (rest === "") return undefined
    return extended(rest) ?? dial(rest) ?? basic(rest) ?? "malformed"
}

/** Whether a line holds more commands than the module takes. */
export function hasTooManyCommands(line: string): boolean {
    let count = 0
    let next = nextCommand(line)
    while (next !== undefined && next !== "malformed") {
        count++
        if (count > COMMAND_LIMIT) return true
        next = nextCommand(next.rest)
    }
    return false
}

function extended(line: string): ParsedCommand | undefined {
    const match = EXTENDED.exec(line)
    if (match === null) return undefined
    const [all, name, argument] = match
    const form = extendedForm(argument.trim())
    if (form === undefined) return undefined
    const rest = line.slice(all.length)
    const text =
        form === "write" ? argument.slice(argument.indexOf("=") + 1) : ""
    return { name: name.toUpperCase(), form, text, rest }
}

function dial(line: string): ParsedCommand | undefined {
    const match = DIAL.exec(line)
    if (match === null) return undefined
    return { name: "D", form: "write", text: match[1], rest: "" }
}

function extendedForm(argument: string): Form | undefined {
    if (argument === "") return "execute"
    if (argument === "?") return "read"
    if (/^=\s*\?$/.test(argument)) return "test"
    if (argument.startsWith("=")) return "write"
    return undefined
}

/** `E`, `E0`, `&W`, `&W0`, `S3?`, `S3=13`. */
function basic(line: string): ParsedCommand | undefined {
    const match = BASIC.exec(line)
    if (match === null) return undefined
    const [all, name, number, suffix, assigned] = match
    const isRegister = /^S\d/i.test(name)
    if (isRegister !== (suffix !== undefined)) return undefined
    const rest = line.slice(all.length)
    const command = { name: name.toUpperCase(), rest }
    if (suffix === "?") return { ...command, form: "read", text: "" }
    const text = isRegister ? assigned : number
    const form = text === "" ? "execute" : "write"
    return { ...command, form, text }
}
