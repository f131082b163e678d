import { expect, test } from "vitest"
import { CODE_LIMIT, ImageError, parseImage, writeImage } from "../src/image.ts"
import { clone, walkStmt, type Expr } from "../src/ir.ts"
import * as op from "../src/ops.ts"
import { codeEnd, optimize, summary } from "../src/optimize.ts"
import { parseProgram, printProgram } from "../src/text.ts"
import { compile, run, verify } from "./machine.ts"

const SOURCE = `
import * as ds from "@devicescript/core"
class Gauge {
    values: number[] = []
    constructor(readonly name: string, readonly table: Buffer) {}
    add(value: number) {
        if (value > 100 || value < 0 && this.name !== "any")
            throw new RangeError("too much: ü€ " + value)
        this.values.push(value * 1.5)
        return this.table[value & 3]
    }
}
const gauge = new Gauge("level of the tank, and a name that is longer than ASCII may be", hex\`01020304\`)
console.log(gauge.add(3), gauge.values)
try {
    gauge.add(101)
} catch (e) {
    (e as Error).print()
}

console.log("END")
`

const compiled = compile(SOURCE)

test("an image is read and written: the same program, with shorter jumps", async () => {
    const { image, debug } = compiled
    const program = parseImage(image, debug)
    const written = writeImage(program, debug)
    expect(await verify(written.image)).toBe(0)
    expect(written.codeEnd).toBeLessThan(codeEnd(image))
    // what is written is what is read again
    const again = parseImage(written.image, written.debug)
    expect(printProgram(again)).toBe(printProgram(program))
    const after = { image: written.image, debug: written.debug ?? debug }
    expect(await run(after)).toEqual(await run({ image, debug }))
})

test("text is read as it was printed", () => {
    const { image } = compiled
    const text = printProgram(parseImage(image))
    expect(printProgram(parseProgram(text))).toBe(text)
})

test("jumps that go by others are the same when they are read and written again", () => {
    let seed = 1
    const random = (below: number): number => {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
        return (seed >> 8) % below
    }
    const ends = ["@901", "@902", "@903"]
    for (let round = 0; round < 100; round++) {
        const lines = Array.from({ length: 150 }, (_, i) => {
            const end = ends[random(ends.length)]
            const kinds = ["g0 = 100000", `jmp_z(l0) ${end}`, `jmp ${end}`]
            return `@${i + 1} ${kinds[[0, 0, 0, 1, 1, 2][random(6)]]}`
        })
        const text = [
            "function main params=1 slots=1",
            ...lines,
            ...ends.map((end, i) => `${end} return(${i})`),
        ].join("\n")
        const { image } = writeImage(parseProgram(text))
        expect(writeImage(parseImage(image)).image.equals(image), text).toBe(
            true
        )
    }
})

test("a jump of any length reaches", () => {
    const program = parseProgram(`
        function main params=1 slots=1
        @1  jmp_z(l0) @2
            call(ds.restart)
            jmp @1
        @2  return(undefined)`)
    const [main] = program.fns
    const [, filling] = main.body
    for (const count of [1, 30, 60, 62, 64, 122, 124, 126, 128, 300, 20_000]) {
        const body = main.body.filter(s => s !== filling)
        body.splice(
            1,
            0,
            ...Array.from({ length: count }, () =>
                filling.with({ args: filling.args.map(clone) })
            )
        )
        const { image } = writeImage({
            ...program,
            fns: [{ ...main, body }],
        })
        const [read] = parseImage(image).fns
        expect(read.body.length).toBe(count + 3)
        expect(read.body.indexOf(read.body[0].to as never)).toBe(count + 2)
        expect(read.body[count + 1].to).toBe(read.body[0])
    }
})

test("what is no image, or of another version, is refused", () => {
    expect(() => parseImage(Buffer.alloc(200))).toThrow(ImageError)
    const { image } = compiled
    const other = Buffer.from(image)
    other.writeUInt32LE(0x02110000, 8)
    expect(() => optimize(other)).toThrow(/version 2\.17\.0/)
})

test("a jump into an instruction is not understood, and said so", () => {
    const { image } = compiled
    const { fns } = parseImage(image)
    const broken = Buffer.from(image)
    const start = broken.readUInt32LE(broken.readUInt32LE(32))
    // the first instruction becomes a jump by one byte
    broken[start] = op.JMP
    broken[start + 1] = 1
    expect(() => parseImage(broken)).toThrow(
        new RegExp(`^function ${fns[0].name}`)
    )
})

test("a program that is too large is told", () => {
    const after = { image: 90_000, codeEnd: CODE_LIMIT + 1 }
    expect(summary({ before: after, after })).toContain("more than the 65,536")
})

test("texts for which there are no short numbers left are in the other table", async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `g0 = "text ${i}"`)
    const program = parseProgram(
        [
            "function main params=0 slots=0",
            ...lines.map(line => `    ${line}`),
            '    g1 = "ü"',
            "    return(undefined)",
        ].join("\n")
    )
    const { image, codeEnd: end } = writeImage(program)
    expect(await verify(image)).toBe(0)
    expect(printProgram(parseImage(image))).toBe(printProgram(program))
    // 301 times an opcode and a byte, a store and a byte; a return
    expect(end - image.readUInt32LE(40)).toBe(301 * 4 + 4)
})

test("floats, long integers and texts survive", () => {
    const text = `
        function main params=0 slots=0
            call(ds.print, f64 0.1, f64 1e+300, 2147483647, -2147483648, 248)
            call(ds.print, -1, 111, 112, -16, -17)
            call(ds.print, "ü€", "", hex"00ff10", hex"")
            return(undefined)`
    const program = parseProgram(text)
    const again = parseImage(writeImage(program).image)
    expect(printProgram(again)).toBe(printProgram(program))
    const seen: Expr[] = []
    for (const s of again.fns[0].body) walkStmt(s, e => seen.push(e))
    expect(seen.filter(e => e.op === op.LITERAL).length).toBe(8)
})
