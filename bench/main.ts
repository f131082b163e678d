/** `npm run bench`: figures, and whether they meet their targets. */
import { readFileSync, writeFileSync } from "node:fs"
import { checkWritable } from "../sim/file-trouble"
import { didYouMean, Program } from "../sim/program"
import type { Part, Row } from "./part"

/** In the order of the tables; loaded when it is their turn. */
const parts: Record<string, () => Promise<{ part: Part }>> = {
    allocations: () => import("./allocations"),
    board: () => import("./board"),
    calls: () => import("./calls"),
    goodput: () => import("./goodput"),
    heap: () => import("./heap"),
    latency: () => import("./latency"),
    many: () => import("./many"),
    node: () => import("./node"),
    port: () => import("./port"),
    size: () => import("./size"),
    vm: () => import("./vm"),
}

/** Whole numbers as they are, others with what tells them apart. */
function digits(value: number): string {
    if (Number.isInteger(value)) return String(value)
    return value.toFixed(Math.abs(value) < 100 ? 2 : 1)
}

function verdict({ target, met }: Row): string {
    if (target === undefined) return ""
    return `${target} ${met ? "met" : "MISSED"}`
}

function table(rows: Row[]): string {
    const cells = rows.map(row => [
        row.what,
        digits(row.value),
        row.unit,
        verdict(row),
    ])
    const width = (column: number): number =>
        Math.max(...cells.map(cell => cell[column].length))
    const widths = [0, 1, 2].map(width)
    const line = ([what, value, unit, target]: string[]): string =>
        `  ${what.padEnd(widths[0])}  ${value.padStart(widths[1])} ${unit.padEnd(widths[2])}  ${target}`
    return cells.map(cell => line(cell).trimEnd()).join("\n")
}

/** The same for the docs. */
function markdownTable(rows: Row[]): string {
    return [
        "| | | wanted |",
        "| --- | ---: | --- |",
        ...rows.map(
            row =>
                `| ${row.what} | ${digits(row.value)} ${row.unit} | ${verdict(row)} |`
        ),
    ].join("\n")
}

/** Puts a table where a file has `<!-- bench: NAME -->` … `<!-- end -->`. */
function insert(file: string, name: string, table: string): void {
    const text = readFileSync(file, "utf8")
    const mark = `<!-- bench: ${name} -->`
    const from = text.indexOf(mark)
    if (from < 0) return
    const to = text.indexOf("<!-- end -->", from)
    writeFileSync(
        file,
        `${text.slice(0, from)}${mark}\n\n${table}\n\n${text.slice(to)}`
    )
}

interface Flags {
    json?: string
    markdown?: string
    detail?: boolean
}

async function main(names: string[], flags: Flags): Promise<void> {
    const unknown = names.find(name => !(name in parts))
    if (unknown !== undefined)
        throw new Error(
            `no part is called "${unknown}": there are ${Object.keys(parts).join(", ")} ${didYouMean(unknown, Object.keys(parts))}`.trim()
        )
    if (flags.json) checkWritable("--json", flags.json)
    // the tables have their places there
    if (flags.markdown) checkWritable("--markdown", flags.markdown, "r+")
    const figures: Record<string, Row[]> = {}
    for (const name of names.length ? names : Object.keys(parts)) {
        const { part } = await parts[name]()
        console.log(`\n${name}: ${part.title}`)
        const rows = await part.run({
            detail: !!flags.detail,
            print: line => console.log(line),
        })
        console.log(table(rows))
        figures[name] = rows
        if (flags.markdown)
            insert(
                flags.markdown,
                name,
                part.markdown?.(rows) ?? markdownTable(rows)
            )
    }
    if (flags.json)
        writeFileSync(flags.json, JSON.stringify(figures, null, 4) + "\n")
}

const program = new Program("npm run bench --")
    .description("Measures the driver. Exits with 0 whatever the figures are.")
    .argument("[parts...]", `any of ${Object.keys(parts).join(", ")}`)
    .option("--json <file>", "write all figures to a file")
    .option("--markdown <file>", "write the tables to where the file has them")
    .option("--detail", "show what the figures are made of")
    .action(main)

try {
    await program.parseAsync()
    process.exit()
} catch (error) {
    console.error((error as Error).message)
    process.exit(1)
}
