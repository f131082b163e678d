/** Heap that a program with the driver takes, and what a receive buffer is good for. */
import { download } from "../test/driver/traffic"
import type { Thing } from "./heap-walk"
import { atMost, figure, type Options, type Part, type Row } from "./part"
import { heapOf } from "./vm-heap"

/** Bytes of heap, with one socket and with six. */
const HEAP_ONE = 8 * 1024
const HEAP_SIX = 20 * 1024

/** What things are for, by their names; the first that fits counts. */
const PURPOSES: [string, RegExp][] = [
    ["methods of classes", /^methods of /],
    ["constant tables", /^(Table|global)\b/],
    ["ring of the UART, receive buffers", /^Ring\.buf$/],
    ["other buffers", /^(Digest|Encoder|Results|Bearer|Connections)\./],
    ["connections and their sockets", /^(Connection|Ring|Socket|Emitter)\b/],
    [
        "objects of the core",
        /^(Modem|Bearer|Connections|Digest|Results|Encoder|Channel)\b/,
    ],
    ["Sim800 and port", /^(Sim800|JacdacUart)\b/],
    ["frames of fibers and closures", /^frame of /],
    ["DeviceScript's own", /^/],
]

/** Sizes that the option can have. */
const RECEIVE_BUFFERS = [256, 512, 1024, 2048, 4096]

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

/** What a receive buffer is good for: one socket at 115200 baud, as in "goodput". */
async function buffers(): Promise<Row[]> {
    const rows: Row[] = []
    for (const receive of ["manual", "push"] as const)
        for (const receiveBuffer of RECEIVE_BUFFERS) {
            const { percent } = await download({ receive, receiveBuffer })
            const what = `receiveBuffer ${receiveBuffer}, ${receive}: download`
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
        figure("imported, no modem made", sum(none) - basis, "bytes"),
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

export const part: Part = {
    title: "heap of a program that uses the driver, in DeviceScript's VM",
    run,
}
