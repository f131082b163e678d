/**
 * Throughput of payload, relative to the capacity of the line: the whole driver on a
 * virtual clock, with the times of DeviceScript's VM on an RP2040. Exact and
 * reproducible.
 */
import { costs } from "../test/driver/board"
import {
    both,
    download,
    echo,
    latency,
    upload,
    type Case,
    type Traffic,
} from "../test/driver/traffic"
import { atLeast, figure, type Options, type Part, type Row } from "./part"

const BAUDS = [9600, 57600, 115200, 460800]
const RADIOS = ["fast", "gprs"] as const
const SOCKETS = [1, 6]
/** what the issue of these figures asks for at 115200 baud and a fast network, % */
const WANTED = { push: 95, manual: 90, quick: 90 }
const LINE = "% of the line"

function sockets(count: number): string {
    return count === 1 ? "1 socket" : `${count} sockets`
}

/** The commas are where the columns of the docs' table come from. */
function name(what: string, its: Case): string {
    const { radio, baud } = its
    return [what, sockets(its.sockets ?? 1), `${radio as string} ${baud}`].join(
        ", "
    )
}

function row(
    what: string,
    its: Case,
    { percent }: Traffic,
    wanted?: number
): Row {
    const aimed =
        its.baud === 115200 && its.radio === "fast" ? wanted : undefined
    return aimed === undefined
        ? figure(name(what, its), percent, LINE)
        : atLeast(name(what, its), percent, LINE, aimed)
}

function detail(what: string, traffic: Traffic, { detail, print }: Options) {
    if (!detail) return
    const { rate, commandBytes, answerBytes, waits, share } = traffic
    print(
        `  ${what}: ${rate.toFixed(0)} byte/s; for 1,000 bytes ${commandBytes.toFixed(1)} bytes of commands, ${answerBytes.toFixed(1)} of answers, ${waits.toFixed(2)} waits; the slowest gets ${share.toFixed(0)} % of its share`
    )
}

async function matrix(options: Options): Promise<Row[]> {
    const rows: Row[] = []
    for (const radio of RADIOS)
        for (const baud of BAUDS)
            for (const count of SOCKETS) {
                const its: Case = { radio, baud, sockets: count }
                for (const receive of ["manual", "push"] as const) {
                    const what = `download ${receive}`
                    const traffic = await download({ ...its, receive })
                    detail(name(what, its), traffic, options)
                    rows.push(row(what, its, traffic, WANTED[receive]))
                }
                for (const quick of [true, false]) {
                    const what = quick ? "upload quick" : "upload confirmed"
                    const traffic = await upload({ ...its, quick })
                    detail(name(what, its), traffic, options)
                    const wanted = quick ? WANTED.quick : undefined
                    rows.push(row(what, its, traffic, wanted))
                }
            }
    return rows
}

/** Bytes on the UART beside payload, and the driver's waits for the modem. */
async function frames(): Promise<Row[]> {
    const rows: Row[] = []
    const cases: [string, Traffic][] = [
        ["download manual", await download({ receive: "manual" })],
        ["download push", await download({ receive: "push" })],
        ["upload quick", await upload({})],
    ]
    for (const [what, traffic] of cases)
        rows.push(
            figure(`${what}: commands`, traffic.commandBytes, "bytes/kB"),
            figure(`${what}: answers`, traffic.answerBytes, "bytes/kB"),
            figure(`${what}: waits for the modem`, traffic.waits, "/kB")
        )
    return rows
}

/**
 * Target relative to the throughput of a driver that takes no time, %: bytes on the
 * line and the modem's time are the limit.
 */
const OF_THE_LIMIT = 97
const OUTSTANDING = 5250
/** a segment, and with its header on the line */
const SEGMENT = 1460
const FRAMED = 1480

async function echoes(): Promise<Row[]> {
    const rows: Row[] = []
    const rate = "byte/s"
    const cases: [string, Case][] = [
        ["manual", { receive: "manual" }],
        ["push", { receive: "push" }],
        ["transparent mode", { receive: "push", transparent: true }],
    ]
    for (const [how, near] of cases) {
        const what = `echo of 1,024 bytes, lock-step, ${how}`
        const its: Case = { ...near, radio: latency(0) }
        const whole = await echo(its, 1024, 1024)
        const ideal = await echo({ ...its, costs: false }, 1024, 1024)
        const halves = await echo(its, 1024, 1024, 2)
        rows.push(
            figure(what, Math.round(whole.rate), rate),
            figure(`${what}: the limit`, Math.round(ideal.rate), rate),
            atLeast(
                `${what}: share of the limit`,
                (whole.rate * 100) / ideal.rate,
                "%",
                OF_THE_LIMIT
            ),
            figure(
                `${what}, as two sends of 512`,
                Math.round(halves.rate),
                rate
            )
        )
    }
    for (const [how, its] of cases) {
        const what = `echo, 8 kB outstanding at 600 ms, ${how}`
        const far: Case = { ...its, radio: latency(600) }
        const timed = await echo(far, 1024, 8192)
        const ideal = await echo({ ...far, costs: false }, 1024, 8192)
        rows.push(
            atLeast(what, Math.round(timed.rate), rate, OUTSTANDING),
            figure(
                `${what}, a VM that takes no time`,
                Math.round(ideal.rate),
                rate
            )
        )
    }
    return rows
}

async function directions(): Promise<Row[]> {
    const rows: Row[] = []
    for (const receive of ["push", "manual"] as const)
        for (const count of SOCKETS) {
            const { down, up } = await both({ receive, sockets: count })
            const what = `both directions, ${receive}, ${sockets(count)}`
            if (receive === "manual")
                rows.push(
                    figure(`${what}: down`, down.percent, LINE),
                    figure(`${what}: up`, up.percent, LINE)
                )
            else
                rows.push(
                    atLeast(`${what}: down`, down.percent, LINE, 90),
                    figure(`${what}: up`, up.percent, LINE),
                    // prompt and DATA ACCEPT each wait for a segment of the peer
                    atLeast(
                        `${what}: up, share of the limit`,
                        up.percent / (SEGMENT / (2 * FRAMED)),
                        "%",
                        OF_THE_LIMIT
                    )
                )
        }
    const { down, up } = await both({ receive: "push", transparent: true })
    const what = "both directions, transparent mode"
    rows.push(
        atLeast(`${what}: down`, down.percent, LINE, 90),
        atLeast(`${what}: up`, up.percent, LINE, 90)
    )
    return rows
}

/**
 * The lines of the docs: a row of the table for each task, a column for each line rate.
 */
function markdown(rows: Row[]): string {
    const cells = new Map<string, Map<string, number>>()
    const columns: string[] = []
    const others: string[] = []
    for (const { what, value, unit, target, met } of rows) {
        const [, who, column] = /^(.*), ((?:fast|gprs) \d+)$/.exec(what) ?? []
        if (column === undefined) {
            const shown = unit === "byte/s" ? value : value.toFixed(1)
            const aim = target ? `${target} ${met ? "met" : "missed"}` : ""
            others.push(`| ${what} | ${shown} ${unit} | ${aim} |`)
            continue
        }
        if (!columns.includes(column)) columns.push(column)
        if (!cells.has(who)) cells.set(who, new Map())
        cells.get(who)?.set(column, value)
    }
    const table = [...cells].map(
        ([who, values]) =>
            `| ${who} | ${columns.map(column => values.get(column)?.toFixed(1)).join(" | ")} |`
    )
    return [
        `| | ${columns.join(" | ")} |`,
        `| --- |${" ---: |".repeat(columns.length)}`,
        ...table,
        "",
        "| at 115200 baud | | wanted |",
        "| --- | ---: | --- |",
        ...others,
    ].join("\n")
}

export const part: Part = {
    title: "payload as part of the line, payload bytes × 10 / baud, on a virtual clock",
    run: async options => {
        options.print(
            `  what the VM takes, cycles at 125 MHz: ${Object.entries(costs)
                .map(([what, cycles]) => `${what} ${cycles}`)
                .join(", ")}`
        )
        return [
            ...(await matrix(options)),
            ...(await frames()),
            ...(await echoes()),
            ...(await directions()),
        ]
    },
    markdown,
}
