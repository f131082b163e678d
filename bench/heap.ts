/** Heap of a program with the driver, and the benefit of a receive buffer. */
import { download } from "../test/driver/traffic"
import type { Thing } from "./heap-walk"
import { atMost, figure, type Options, type Part, type Row } from "./part"
import { heapOf } from "./vm-heap"

/** Bytes of heap, with one socket and with six. */
const HEAP_ONE = 10_000
const HEAP_SIX = 24_000

/** What things are for, by their names; the first that fits counts. */
const PURPOSES: [string, RegExp][] = [
    ["methods of classes", /^methods of /],
    ["constant tables", /^global\b/],
    ["ring of the UART, receive buffers", /^Ring\.buf$/],
    [
        "connections and their sockets",
        /^(Connections\.list|Sim800\.sockets|Connection\b|Ring|Socket|Emitter)\b/,
    ],
    ["other buffers", /^(Digest|Encoder|Results|Said|Connections)\./],
    ["objects of the core", /^(Channel|Told|Features)\b/],
    ["Sim800 and port", /^(Sim800|JacdacUart)\b/],
    ["frames of fibers and closures", /^frame of /],
    ["DeviceScript's own", /^/],
]

/** Sizes that the option can have. */
const RECEIVE_BUFFERS = [256, 512, 1024, 2048, 4096]
const RECEPTIONS = ["manual", "push"] as const

/* What some figures are called. */
const NONE = "imported, no modem made"
const through = (size: number, receive: string): string =>
    `receiveBuffer ${size}, ${receive}: download`

type Sizes = Map<string, number>

function sumBy(all: Thing[], key: (name: string) => string): Sizes {
    const sums: Sizes = new Map()
    for (const { name, size } of all)
        sums.set(key(name), (sums.get(key(name)) ?? 0) + size)
    return sums
}

const sum = (all: Thing[]): number =>
    all.reduce((total, { size }) => total + size, 0)

const purposeOf = (name: string): string =>
    PURPOSES.find(([, names]) => names.test(name))?.[0] ?? ""

/** The benefit of a receive buffer: one socket at 115200 baud, as in "goodput". */
async function buffers(): Promise<Row[]> {
    const rows: Row[] = []
    for (const receive of RECEPTIONS)
        for (const receiveBuffer of RECEIVE_BUFFERS) {
            const { percent } = await download({ receive, receiveBuffer })
            const what = through(receiveBuffer, receive)
            rows.push(figure(what, percent, "% of the line"))
        }
    return rows
}

async function run(options: Options): Promise<Row[]> {
    const of = (name: string): Promise<Thing[]> =>
        heapOf(`bench/firmware/${name}.ts`)
    const empty = await of("heap-empty")
    const none = await of("sockets-none")
    const one = await of("sockets-one")
    const six = await of("sockets-six")
    if (options.detail) {
        const columns = [none, one, six].map(all => sumBy(all, name => name))
        const names = [...new Set(columns.flatMap(each => [...each.keys()]))]
        const sizes = (name: string): number[] =>
            columns.map(each => each.get(name) ?? 0)
        options.print("\n  not made yet, one socket, six")
        for (const name of names.sort((a, b) => sizes(b)[2] - sizes(a)[2])) {
            const numbers = sizes(name).map(size => String(size).padStart(8))
            options.print(`${numbers.join("")}  ${name}`)
        }
    }
    const basis = sum(empty)
    const made = sumBy(one, purposeOf)
    const all = sumBy(six, purposeOf)
    return [
        figure(NONE, sum(none) - basis, "bytes"),
        atMost("one socket", sum(one) - basis, "bytes", HEAP_ONE),
        atMost("six sockets", sum(six) - basis, "bytes", HEAP_SIX),
        figure("each further socket", (sum(six) - sum(one)) / 5, "bytes"),
        ...PURPOSES.flatMap(([purpose]) => [
            figure(`one: ${purpose}`, made.get(purpose) ?? 0, "bytes"),
            figure(`six: ${purpose}`, all.get(purpose) ?? 0, "bytes"),
        ]),
        ...(await buffers()),
    ]
}

/** One and six sockets beside each other, then the sizes of buffers. */
function markdown(rows: Row[]): string {
    const value = (what: string): string => {
        const row = rows.find(each => each.what === what)
        if (!row) throw new Error(`there is no figure "${what}"`)
        const number = Math.round(row.value * 10) / 10
        return row.target
            ? `${number} (${row.target} ${row.met ? "met" : "missed"})`
            : String(number)
    }
    return [
        "| bytes | one socket | six sockets |",
        "| --- | ---: | ---: |",
        ...PURPOSES.map(
            ([purpose]) =>
                `| ${purpose} | ${value(`one: ${purpose}`)} | ${value(`six: ${purpose}`)} |`
        ),
        `| all, above an empty program | ${value("one socket")} | ${value("six sockets")} |`,
        `| of that, before a modem is made | ${value(NONE)} | ${value(NONE)} |`,
        "",
        `| \`receiveBuffer\` | ${RECEIVE_BUFFERS.join(" | ")} |`,
        `| --- |${" ---: |".repeat(RECEIVE_BUFFERS.length)}`,
        ...RECEPTIONS.map(receive => {
            const each = RECEIVE_BUFFERS.map(size =>
                value(through(size, receive))
            )
            return `| download ${receive}, % of the line | ${each.join(" | ")} |`
        }),
    ].join("\n")
}

export const part: Part = {
    title: "heap of a program that uses the driver, in DeviceScript's VM",
    run,
    markdown,
}
