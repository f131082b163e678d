/** Size of the driver on a board: bytes of code and of flash, feature by feature. */
import { readdirSync } from "node:fs"
import path from "node:path"
import { parseImage } from "../optimizer/src/image"
import { statistics } from "../optimizer/src/statistics"
import { CODE_LIMIT, sizes, type Sizes } from "./bytecode"
import { atMost, figure, type Options, type Part, type Row } from "./part"

const FIRMWARE = "bench/firmware"

/** Programs, and where their code is to end, in bytes. */
const PROGRAMS: [name: string, what: string, limit: number][] = [
    ["client", "TCP client, bridge", 26_000],
    ["client-jacdac", "TCP client, Jacdac", 26_000],
    [
        "telemetry",
        "HTTP, MQTT, messages, USSD, sleep, battery, signal, identity, time, location, bridge",
        48_000,
    ],
    ["one-port", "all features, one modem, one port", 52_000],
    ["selftest-client", "self-test and client, bridge", 44_000],
    ["note", "application note, several connections", CODE_LIMIT],
    ["transparent", "transparent mode", CODE_LIMIT],
    ["everything", "both ports, three modems", CODE_LIMIT],
]

/** The program to which a feature is added, and the names of the features. */
const BASE = "client"
const FEATURES: Record<string, string> = {
    http: "HTTP (`fetch` of `@devicescript/net`)",
    "http-client": "HTTP (`HttpClient`)",
    mqtt: "MQTT (client of `@devicescript/net`)",
    "mqtt-client": "MQTT (`MqttClient`)",
    "messages-in": "calls, messages that come",
    "messages-out": "messages that are sent",
    ussd: "USSD",
    sleep: "sleep",
    telemetry: "battery, signal, identity, time",
    location: "location",
    server: "TCP server",
    udp: "UDP",
    context: "second PDP context",
    certificates: "certificates for TLS",
}

const features = (): string[] =>
    readdirSync(path.join(import.meta.dirname, "firmware/features"))
        .map(file => path.basename(file, ".ts"))
        .filter(name => name !== BASE)

async function measured(
    source: string,
    { detail, print }: Options
): Promise<Sizes> {
    const since = Date.now()
    const found = await sizes(`${FIRMWARE}/${source}.ts`, "--no-verify")
    const seconds = Math.round((Date.now() - since) / 1000)
    print(
        `  ${source}: ${found.compiled.codeEnd} → ${found.optimized.codeEnd} (${seconds} s)`
    )
    if (detail) print(statistics(parseImage(found.image)))
    return found
}

async function run(options: Options): Promise<Row[]> {
    const rows: Row[] = []
    for (const [name, what, limit] of PROGRAMS) {
        const { compiled, optimized } = await measured(name, options)
        rows.push(
            atMost(what, optimized.codeEnd, "bytes of code", limit),
            figure(`${what}: as compiled`, compiled.codeEnd, "bytes of code"),
            figure(`${what}: image`, optimized.image, "bytes")
        )
    }
    const empty = await measured("empty", options)
    const base = await measured(`features/${BASE}`, options)
    const step = (what: string, { optimized }: Sizes, from: Sizes): void => {
        const { codeEnd, image } = from.optimized
        rows.push(
            figure(`+ ${what}`, optimized.codeEnd - codeEnd, "bytes of code"),
            figure(`+ ${what}: image`, optimized.image - image, "bytes")
        )
    }
    step("TCP client, bridge", base, empty)
    for (const name of features())
        step(
            FEATURES[name] ?? name,
            await measured(`features/${name}`, options),
            base
        )
    return rows
}

const number = (value: number): string => value.toLocaleString("en")

/** Programs first, then what each feature adds. */
function markdown(rows: Row[]): string {
    const of = (what: string): Row | undefined =>
        rows.find(row => row.what === what)
    const lines = PROGRAMS.flatMap(([, what]) => {
        const row = of(what)
        const before = of(`${what}: as compiled`)
        const image = of(`${what}: image`)
        if (!row || !before || !image) return []
        const left = CODE_LIMIT - row.value
        return `| ${what} | ${number(before.value)} | **${number(row.value)}** | ${left > 0 ? number(left) : "does not load"} | ${number(image.value)} | ${row.target === `≤ ${CODE_LIMIT}` ? "" : `${row.target} ${row.met ? "met" : "missed"}`} |`
    })
    const steps = rows
        .filter(
            row => row.what.startsWith("+") && !row.what.endsWith(": image")
        )
        .map(row => {
            const image = of(`${row.what}: image`)
            return `| ${row.what.slice(2)} | ${number(row.value)} | ${number(image?.value ?? 0)} |`
        })
    return [
        "| program | as compiled | optimised | left | image | wanted |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
        ...lines,
        "",
        "| feature | code | flash |",
        "| --- | ---: | ---: |",
        ...steps,
    ].join("\n")
}

export const part: Part = {
    title: "bytes of code: where functions end, optimised",
    run,
    markdown,
}
