/** The table of all AT commands in docs/at-commands.md: what the virtual modem does with each. */
import { commands } from "../sim/modem/commands/table"
import type { Command } from "../sim/modem/command"
import { headings, type Heading } from "./manual-headings"

/** What is no entry of the command table: where it is. */
const elsewhere: Readonly<Record<string, string>> = {
    "A/": "the editor of command lines",
    "+++": "data mode",
    "+STKPCI":
        "a result code: no SIM card here has an application that says it",
}

export interface Row {
    readonly heading: Heading
    readonly does: "acts" | "keeps" | "refuses" | "unknown"
    readonly command: Command | undefined
    readonly note: string
}

const byName = new Map(commands.map(command => [command.name, command]))

/** A row for every heading of the manual. */
export const rows: readonly Row[] = headings.map(heading => {
    const command = byName.get(heading.command)
    const place = elsewhere[heading.heading]
    if (place !== undefined)
        return { heading, does: "acts", command, note: place }
    if (command === undefined)
        return { heading, does: "unknown", command, note: "" }
    if (command.refuses !== undefined)
        return { heading, does: "refuses", command, note: command.refuses }
    if (command.keeps !== undefined && command.acts !== true)
        return { heading, does: "keeps", command, note: kept(command) }
    return { heading, does: "acts", command, note: "" }
})

/** Commands of other documents. */
export const others: readonly Command[] = commands.filter(
    ({ name }) => !headings.some(({ command }) => command === name)
)

/** `(0-3), first 0; AT&W` */
function kept({ keeps }: Command): string {
    if (keeps === undefined) return ""
    const values = keeps.values.map(
        ({ shown, initial, quoted }) =>
            `${quoted && !shown.startsWith("(") ? `text of ${shown}` : shown}, first \`${initial === "" ? '""' : initial}\``
    )
    const saved = {
        no: "until restart",
        "AT&W": "saved by AT&W",
        "by itself": "saved by itself",
    }
    return [...values, saved[keeps.saved]].join("; ")
}

function forms(command: Command | undefined): string {
    if (command === undefined || command.refuses !== undefined) return ""
    const marks = [
        ["test", "`=?`"],
        ["read", "`?`"],
        ["write", command.name.startsWith("+") ? "`=…`" : "number"],
        ["execute", "alone"],
    ] as const
    return marks
        .filter(([form]) => command[form] !== undefined)
        .map(([, mark]) => mark)
        .join(" ")
}

const cell = (text: string): string => text.replaceAll("|", "\\|")

export function commandTable(): string {
    const lines = rows.map(
        ({ heading, does, command, note }) =>
            `| ${heading.section} | \`${heading.heading}\` | ${does} | ${forms(command)} | ${cell(note)} |`
    )
    return [
        "| section | command | | forms | |",
        "| --- | --- | --- | --- | --- |",
        ...lines,
    ].join("\n")
}

export function otherTable(): string {
    const lines = others.map(command => {
        const { name, refuses } = command
        return `| \`AT${name}\` | ${refuses === undefined ? "acts" : "refuses"} | ${forms(command)} | ${cell(refuses ?? "")} |`
    })
    return [
        "| command | | forms | |",
        "| --- | --- | --- | --- |",
        ...lines,
    ].join("\n")
}

export function commandCount(): string {
    const count = (does: Row["does"]): number =>
        rows.filter(row => row.does === does).length
    return `${rows.length} commands: ${count("acts")} act, ${count("keeps")} keep what they are told, ${count("refuses")} refuse, ${count("unknown")} are unknown.`
}
