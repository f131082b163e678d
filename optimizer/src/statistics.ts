/** Where the bytes of a program's code are: by opcode, and by function. */
import { exprSize, stmtSize } from "./image.ts"
import type { Expr, Program } from "./ir.ts"
import * as op from "./ops.ts"

const ENTRY = 16
const LARGEST = 25

interface Row {
    name: string
    count: number
    bytes: number
}

/** Bytes and counts by opcode, the largest first. A table for people. */
export function statistics(program: Program): string {
    const rows = new Map<string, Row>()
    const add = (name: string, bytes: number): void => {
        const row = rows.get(name) ?? { name, count: 0, bytes: 0 }
        row.count++
        row.bytes += bytes
        rows.set(name, row)
    }
    const visit = (e: Expr): void => {
        const inner = e.args.reduce((sum, arg) => sum + exprSize(arg), 0)
        add(op.mnemonic[e.op] as string, exprSize(e) - inner)
        e.args.forEach(visit)
    }
    const sizes = program.fns.map(fn => {
        let size = ENTRY
        for (const s of fn.body) {
            const inner = s.args.reduce((sum, arg) => sum + exprSize(arg), 0)
            add(op.mnemonic[s.op] as string, stmtSize(s) - inner)
            s.args.forEach(visit)
            size += stmtSize(s)
        }
        return { name: fn.name, size }
    })
    add("table of functions", 0)
    const table = rows.get("table of functions") as Row
    table.count = program.fns.length
    table.bytes = program.fns.length * ENTRY
    const line = (a: string | number, b: string | number, c: string): string =>
        `${String(a).padStart(8)} ${String(b).padStart(7)}  ${c}\n`
    return [
        line("bytes", "count", ""),
        ...[...rows.values()]
            .sort((a, b) => b.bytes - a.bytes)
            .map(({ name, count, bytes }) => line(bytes, count, name)),
        "\n",
        ...sizes
            .sort((a, b) => b.size - a.size)
            .slice(0, LARGEST)
            .map(({ name, size }) => line(size, "", name)),
    ].join("")
}
