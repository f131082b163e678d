/** Table, drawing and program of a board say the same, and its pins are fit for it. */
import { readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"
import {
    boardFile,
    boards,
    gpioOf,
    pinOf,
    wires,
    type Label,
} from "../../docs/boards"
import { drawing } from "../../docs/drawing"
import { programs } from "../../docs/generate"

const root = path.resolve(import.meta.dirname, "../..")
const source = (id: string, name: string): string =>
    readFileSync(path.join(root, "boards", id, name), "utf8")

/** What stands in the table and the drawing for each option of the port. */
const OPTIONS: Record<string, [Label, string]> = {
    reset: ["MODEM_RESET", "RST"],
    powerKey: ["MODEM_PWRKEY", "PWRKEY"],
}
const OPTIONS_740: Record<string, [Label, string]> = {
    dtr: ["MODEM_DTR", "DTR"],
    ri: ["MODEM_RI", "RI, RING"],
    dcd: ["MODEM_DCD", "DCD"],
    ...OPTIONS,
}
const LABELS: Label[] = [
    "SDA",
    "SCL",
    ...Object.values(OPTIONS_740).map(([label]) => label),
]

/** `reset: pins.MODEM_RESET` and the like, of one of the two functions. */
function options(text: string, name: string): [string, string][] {
    const body = text.slice(text.indexOf(`function ${name}(`))
    return [
        ...body
            .slice(0, body.indexOf("\n}"))
            .matchAll(/(\w+): (pins\.\w+|"bridge")/g),
    ].map(([, option, value]) => [option, value])
}

describe.each(boards)("$id", board => {
    const uart = source(board.id, "uart.ts")

    test("its pins are on the header, each used once, and free for this", () => {
        const gpios = LABELS.map(label => gpioOf(board, label))
        expect(new Set(gpios).size).toBe(LABELS.length)
        for (const label of LABELS) expect(pinOf(board, label)).toBeTruthy()
        for (const [reason, avoided] of board.avoid)
            expect(
                gpios.filter(gpio => avoided.includes(gpio)),
                reason
            ).toEqual([])
    })

    test("the bus is fast enough for the port, and can be on these pins", () => {
        const { i2c, archId } = boardFile(board)
        expect(i2c.kHz).toBe(400)
        if (!archId.startsWith("rp2040")) return
        const [sda, scl] = [gpioOf(board, "SDA"), gpioOf(board, "SCL")]
        // even is SDA, odd is SCL, of I2C0 and I2C1 in turn
        expect([sda % 2, scl % 2]).toEqual([0, 1])
        expect((scl >> 1) % 2).toBe((sda >> 1) % 2)
    })

    test("uart.ts uses the lines that table and drawing show", () => {
        const shown = wires(board).map(({ from, to }) => `${from[1]} ${to[1]}`)
        for (const [option, value] of options(uart, "uart")) {
            const [label, pin] = OPTIONS[option]
            expect(value).toBe(`pins.${label}`)
            expect(shown).toContain(`${pinOf(board, label)} ${pin}`)
        }
        expect(uart).toContain("flowControl: true")
        for (const line of ["RTS RTS", "CTS CTS"]) {
            expect(shown).toContain(line)
            expect(drawing(board, false)).not.toContain(`>${line.slice(0, 3)}<`)
        }
        const page = source(board.id, "README.md")
        for (const [label, pin] of Object.values(OPTIONS_740))
            expect(page).toMatch(
                new RegExp(
                    `\\*\\*${pinOf(board, label)}\\*\\* \\| .+ \\*\\*${pin}`
                )
            )
        for (const [, to] of Object.values(OPTIONS))
            expect(drawing(board)).toContain(`>${to}</text>`)
    })

    test("its programs are those of the other boards", () => {
        const [first] = boards
        for (const name of programs)
            expect(source(board.id, name).replaceAll(board.id, first.id)).toBe(
                source(first.id, name)
            )
    })
})

test("each board is another product to Jacdac", () => {
    const ids = boards.map(board => boardFile(board).productId)
    expect(new Set(ids).size).toBe(boards.length)
})
