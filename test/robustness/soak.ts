/** Long runs: `npm run soak -- --help` */
import { InvalidArgumentError, Option } from "commander"
import { Program } from "../../sim/program"
import { wholeNumber } from "../../sim/whole-number"
import { recovered, rooms, sweep } from "./damage"
import { fiberUses, race, raceOf } from "./fibers"
import { Life, lives, Unbearable } from "./life"
import { endure, ordealOf, restartAt, uses } from "./ordeal"
import { modes } from "./session"
import { all, length, tried, type Kind } from "./wire"

const HOUR = 3_600_000

/** One of the sessions of --wire. */
interface Session {
    mode: string
    kind: Kind
    name: string
    at: number
}

interface Options {
    seed: number
    days: number
    life: string[]
    wire?: true
    damage?: true
    ordeals?: number
    use: string[]
    restarts?: number
    races?: number
    raceUse: string[]
    every: number
    only?: Session
}

function days(text: string): number {
    const value = Number(text)
    if (!(value > 0 && value <= 3650))
        throw new InvalidArgumentError("It is a number above 0, at most 3650.")
    return value
}

function session(text: string): Session {
    const [mode, name, at] = text.split("|")
    const kind = all().find(each => each[1] === name)?.[0]
    if (!Object.hasOwn(modes, mode))
        throw new InvalidArgumentError(
            `It begins with one of ${Object.keys(modes).join(", ")}.`
        )
    if (kind === undefined || !/^\d+$/.test(at ?? ""))
        throw new InvalidArgumentError(
            "It is mode|disturbance|byte, as --wire prints them."
        )
    return { mode, kind, name, at: Number(at) }
}

const options = new Program("npm run soak --")
    .description(
        "Lets driver and virtual SIM800 live with faults on a virtual clock, or (--wire) disturbs each byte of each session"
    )
    .option(
        "--seed <n>",
        "of all that is random",
        wholeNumber(0, 2 ** 31 - 1),
        1
    )
    .option("--days <n>", "how long each life lasts", days, 7)
    .addOption(
        new Option("--life <names...>", "what the driver is used for")
            .choices(Object.keys(lives))
            .default(["manual"])
    )
    .option("--wire", "every disturbance behind every byte")
    .option("--damage", "one damaged byte: each byte of each room, in each way")
    .option(
        "--ordeals <n>",
        "so many lives of each use on the plain modem, with a restart, a loss, a glitch…",
        wholeNumber(1, 1_000_000)
    )
    .addOption(
        new Option("--use <names...>", "… of these uses")
            .choices(Object.keys(uses))
            .default(Object.keys(uses), "all")
    )
    .option(
        "--restarts <n>",
        "… or with a restart behind each of the first n bytes",
        wholeNumber(1, 1_000_000)
    )
    .option(
        "--races <n>",
        "so many lives of each use in which several fibers share sockets and modem",
        wholeNumber(1, 1_000_000)
    )
    .addOption(
        new Option("--race-use <names...>", "… of these uses")
            .choices(Object.keys(fiberUses))
            .default(Object.keys(fiberUses), "all")
    )
    .option(
        "--every <n>",
        "… behind every n-th byte only",
        wholeNumber(1, 1_000_000),
        1
    )
    .option("--only <text>", "… only that one: mode|disturbance|byte", session)
    .parse()
    .opts<Options>()
const { seed, wire, damage, every, only } = options

const report = (map: Map<string, number>): string =>
    [...map]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, n]) => `${name} ${n}`)
        .join(", ")

/** @returns whether all went well */
function soak(name: string): boolean {
    const { days } = options
    const life = new Life(name, seed)
    const begin = performance.now()
    let well = true
    // day by day, and what the heap holds then
    const heap: number[] = []
    try {
        for (let hours = 0; hours < days * 24; hours += 24) {
            life.run(Math.min(24, days * 24 - hours) * HOUR)
            globalThis.gc?.()
            heap.push(process.memoryUsage().heapUsed)
            const { connections, received, lost } = life.counters
            const took = ((performance.now() - begin) / 1000).toFixed(0)
            console.log(
                `${name}, day ${hours / 24 + 1}: ${connections} connections, ${received} bytes received, ${lost} lost without a reason; ${took} s`
            )
        }
        life.end()
    } catch (e) {
        if (!(e instanceof Unbearable)) throw e
        console.error(`${name}, seed ${seed}: ${e.message}`)
        well = false
    }
    const { counters, events, failures } = life
    const seconds = ((performance.now() - begin) / 1000).toFixed(0)
    console.log(`${name}, seed ${seed}, ${days} days in ${seconds} s`)
    for (const [what, n] of Object.entries(counters))
        console.log(`    ${what.padEnd(16)} ${n}`)
    console.log(`    happened: ${report(events)}`)
    console.log(`    sockets ended with: ${report(failures)}`)
    const mb = heap.map(bytes => (bytes / 1e6).toFixed(1)).join(" ")
    console.log(`    heap of the whole simulation, day by day: ${mb} MB`)
    return well
}

function disturb(mode: string): boolean {
    const { bytes } = length(mode)
    let runs = 0
    let bad = 0
    for (const [kind, name] of all())
        for (let at = seed % every; at < bytes; at += every) {
            runs++
            for (const what of tried(mode, kind, name, at)) {
                bad++
                console.log(`${mode}|${name}|${at}: ${what.split("\n")[0]}`)
            }
        }
    console.log(`${mode}: ${runs} sessions, ${bad} not as they should be`)
    return bad === 0
}

function one({ mode, kind, name, at }: Session): boolean {
    process.env.WIRE = "1"
    const what = tried(mode, kind, name, at)
    console.log(what.join("\n") || "as it should be")
    return what.length === 0
}

/** One damaged byte in a room: how long it takes until all is well. */
function damaged(room: string): boolean {
    let runs = 0
    let bad = 0
    let longest = 0
    // at once, within 10 s, later
    const took = [0, 0, 0]
    for (const found of sweep(room, every, seed)) {
        runs++
        took[found.took < 3_000 ? 0 : found.took < 10_000 ? 1 : 2]++
        longest = Math.max(longest, found.took)
        if (recovered(found)) continue
        bad++
        console.log(`${room}: byte ${found.at}, ${found.damage}: ${found.took}`)
    }
    console.log(
        `${room}: ${runs} damages; well again within 3 s ${took[0]}, 10 s ${took[1]}, later ${took[2]}, longest ${(longest / 1000).toFixed(1)} s; not as it should be ${bad}`
    )
    return bad === 0
}

/** Many lives, from a seed on. */
async function many<T>(
    use: string,
    count: number,
    make: (use: string, seed: number) => T,
    live: (life: T) => { wrong: string[] } | Promise<{ wrong: string[] }>
): Promise<boolean> {
    let bad = 0
    for (let i = 0; i < count; i++) {
        const life = make(use, seed + i)
        const { wrong } = await live(life)
        if (wrong.length === 0) continue
        bad++
        console.log(`${JSON.stringify(life)}: ${wrong.join("; ")}`)
    }
    console.log(`${use}: ${count} lives, ${bad} not as they should be`)
    return bad === 0
}

/** Life number `n` from the seed on has its restart behind byte `n`. */
const restartOf = (use: string, n: number) => restartAt(use, n - seed + 1, n)

async function run(): Promise<boolean[]> {
    const { ordeals, restarts, races } = options
    const results: boolean[] = []
    if (only !== undefined) return [one(only)]
    if (ordeals !== undefined)
        for (const use of options.use)
            results.push(await many(use, ordeals, ordealOf, endure))
    else if (restarts !== undefined)
        for (const use of options.use)
            results.push(await many(use, restarts, restartOf, endure))
    else if (races !== undefined)
        for (const use of options.raceUse)
            results.push(await many(use, races, raceOf, race))
    else if (damage) return Object.keys(rooms).map(damaged)
    else if (wire) return Object.keys(modes).map(disturb)
    else return options.life.map(soak)
    return results
}

if ((await run()).includes(false)) process.exitCode = 1
