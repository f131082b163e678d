/**
 * Payload that gets through on a Raspberry Pi Pico with a bridge: the driver as
 * applications use it, on a model of the firmware's main loop, with what the VM
 * takes for each opcode (test/chip/firmware.ts, test/chip/meter.mjs).
 */
import { spawnSync } from "node:child_process"
import path from "node:path"
import type { Result } from "./board-traffic"
import {
    atLeast,
    atMost,
    figure,
    type Options,
    type Part,
    type Row,
} from "./part"

/** what is wanted of each: % of the line, or byte/s */
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

function measure(what: string): Result {
    const file = path.resolve(import.meta.dirname, "board-run.ts")
    const { stdout, stderr, status } = spawnSync(
        process.execPath,
        [...process.execArgv, file, what],
        { encoding: "utf8" }
    )
    if (status !== 0) throw new Error(`${what}: ${stderr}`)
    return JSON.parse(stdout) as Result
}

async function run({ detail, print }: Options): Promise<Row[]> {
    const rows: Row[] = []
    let wrong = 0
    let dead = 0
    let late = 0
    let lateOnThreeWires = 0
    for (const [what, [unit, limit]] of Object.entries(WANTED)) {
        const its = measure(what)
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
        if (detail)
            print(
                `  ${what}: ${its.rate.toFixed(0)} byte/s, ${share.toFixed(1)} % of the line; ${its.transactions} transactions; asleep ${its.asleep.toFixed(0)} % of the time; ${its.alarms} alarms, ${its.lostAlarms} for the present moment; the main loop had its turn after ${its.longestPass.toFixed(0)} ms at the latest; ${its.lostBytes} bytes lost, ${its.wrong} wrong`
            )
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
