/**
 * A module for programs that take the modem as it comes: six connections, data
 * that wait in the modem, announced lengths. What is decided when the module is made
 * is written into the source, so that what can not happen is left out.
 */
import path from "node:path"

/** Options that have their default, and what stands for the reading of it. */
const CONFIG: Record<string, string> = {
    multi: "true",
    transparent: "false",
    secondContext: "false",
    printedData: "false",
    lazy: "false",
    reception: "0",
    framing: "0",
    sendTimer: "0",
    transfer: '""',
}

/** Fields of which the same can be said, by the file whose they are. */
const FIELDS: Record<string, [field: string, value: string][]> = {
    "modem.ts": [
        ["this.data", "null"],
        ["this.gate", "null"],
    ],
    "digest.ts": [
        ["this.plain", "null"],
        ["this.inlineHeaders", "false"],
    ],
    "route.ts": [["core.data", "null"]],
    "prepare.ts": [["link.extended", "false"]],
    "send.ts": [["link.retarget", "false"]],
}

/** Reads of an expression, not what is assigned to it. */
function reads(expression: string): RegExp {
    const text = expression.replaceAll(".", "\\.")
    return new RegExp(`(?<![\\w.])${text}(?![\\w(])(?!\\s*=[^=])`, "g")
}

/** @param file of which this is the source */
export function withFixed(source: string, file: string): string {
    if (!/[\\/]core[\\/]/.test(file)) return source
    for (const [name, value] of Object.entries(CONFIG))
        source = source.replace(
            new RegExp(
                `(?<![\\w.])(?:[\\w.]+\\.)?config\\.${name}\\b(?!\\s*=[^=])`,
                "g"
            ),
            value
        )
    for (const [field, value] of FIELDS[path.basename(file)] ?? [])
        source = source.replace(reads(field), value)
    return source
}
