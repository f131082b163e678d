/**
 * Throughput of payload on a Raspberry Pi Pico with a bridge: the whole driver on a
 * model of the firmware's main loop, with the VM's time for each opcode
 * (test/chip/firmware.ts, test/chip/meter.mjs), without the calls that the optimiser
 * removes from such a program.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { inlined } from "./bytecode"
import type { Result } from "./board-traffic"
import {
    atLeast,
    atMost,
    figure,
    type Options,
    type Part,
    type Row,
} from "./part"

/** target of each: % of the line, or byte/s */
const WANTED: Record<string, [unit: "%" | "byte/s", limit?: number]> = {
    "I2C, download manual": ["%", 80],
    "I2C, download push": ["%", 88],
    "I2C, upload": ["%", 75],
    "I2C, echo manual": ["byte/s"],
    "I2C, echo push": ["byte/s", 4000],
    "SPI, download push": ["%", 88],
    "SPI, upload": ["%", 88],
    "SPI, echo push": ["byte/s"],
    "three wires, download": ["byte/s", 3000],
    "three wires, upload": ["%"],
    "three wires, echo": ["byte/s"],
}

/** byte/s of the line */
const LINE = 11_520

/** The programs that do the same on a board, optimised. */
const PROGRAMS = { push: "client-push", manual: "client" }

/** @param list file with the calls that cost nothing; "": the source as written */
function measure(what: string, list = ""): Result {
    const file = path.resolve(import.meta.dirname, "board-run.ts")
    const { stdout, stderr, status } = spawnSync(
        process.execPath,
        [...process.execArgv, file, what],
        { encoding: "utf8", env: { ...process.env, METER_INLINED: list } }
    )
    if (status !== 0) throw new Error(`${what}: ${stderr}`)
    return JSON.parse(stdout) as Result
}

async function run(options: Options): Promise<Row[]> {
    const folder = mkdtempSync(path.join(tmpdir(), "board-"))
    try {
        for (const program of Object.values(PROGRAMS)) {
            options.print(`  compiling ${program}`)
            const list = await inlined(`bench/firmware/${program}.ts`)
            writeFileSync(path.join(folder, program), JSON.stringify([...list]))
        }
        return rates(folder, options)
    } finally {
        rmSync(folder, { recursive: true })
    }
}

function rates(folder: string, { detail, print }: Options): Row[] {
    const rows: Row[] = []
    let wrong = 0
    let dead = 0
    let late = 0
    let lateOnThreeWires = 0
    for (const [what, [unit, limit]] of Object.entries(WANTED)) {
        const program = PROGRAMS[what.endsWith("push") ? "push" : "manual"]
        const its = measure(what, path.join(folder, program))
        const share = (its.rate * 100) / LINE
        const value = unit === "%" ? share : Math.round(its.rate)
        const whole = unit === "%" ? "% of the line" : unit
        rows.push(
            limit === undefined
                ? figure(what, value, whole)
                : atLeast(what, value, whole, limit)
        )
        wrong += its.wrong + its.lostBytes
        dead += its.lostAlarms
        if (what.startsWith("three wires"))
            lateOnThreeWires = Math.max(lateOnThreeWires, its.longestPass)
        else late = Math.max(late, its.longestPass)
        if (detail) {
            const plain = (measure(what).rate * 100) / LINE
            print(`  ${what}, not optimised: ${plain.toFixed(1)} % of the line`)
            print(
                `  ${what}: ${its.rate.toFixed(0)} byte/s, ${share.toFixed(1)} % of the line; ${its.transactions} transactions; asleep ${its.asleep.toFixed(0)} % of the time; ${its.alarms} alarms, ${its.lostAlarms} for the present moment; the main loop had its turn after ${its.longestPass.toFixed(0)} ms at the latest; ${its.lostBytes} bytes lost, ${its.wrong} wrong`
            )
        }
    }
    return [
        ...rows,
        atMost("alarms for the present moment", dead, "alarms", 0),
        atMost(
            "longest time without the main loop, I2C and SPI",
            late,
            "ms",
            100
        ),
        atMost(
            "longest time without the main loop, three wires",
            lateOnThreeWires,
            "ms",
            100
        ),
        atMost("bytes lost or wrong", wrong, "bytes", 0),
    ]
}

export const part: Part = {
    title: "a Raspberry Pi Pico with a bridge, 115200 baud: model of its firmware",
    run,
}
