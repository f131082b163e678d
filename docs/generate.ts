/**
 * Makes the parts of the docs that are made from the tables in the code, and
 * the pages and drawings of the boards: `npm run docs`. A test fails when they
 * are out of date.
 */
import "../src/node/buffer"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import {
    Column,
    Command,
    COMMANDS,
    commandText,
    HALF_SECOND,
    STRIDE,
} from "../src/core/commands"
import { Phase, phaseText } from "../src/core/phase"
import { Failure } from "../src/core/errors"
import { Kind, LONGEST_TIME } from "../src/core/arguments"
import { readOptions, Wired, type OptionReader } from "../src/core/options"
import { TRANSITIONS } from "../src/core/transitions"
import { faultNames, faults, type FaultDefinition } from "../sim/modem/faults"
import { commandCount, commandTable, otherTable } from "./at-commands"
import { boardPage } from "./board-page"
import { boardFile, boards, type Board } from "./boards"
import { drawings as espruinoDrawings } from "./espruino-drawing"
import { drawing } from "./drawing"
import { failureSections } from "./failures"

interface Step {
    command: string
    phase: Phase
    /** ms */
    again: number
    patience: number
    failure: Failure
}

/** The commands of the way up. */
const steps: Step[] = []
for (const command of Object.values(Command)) {
    if (typeof command === "string") continue
    const at = command * STRIDE
    if (COMMANDS[at + Column.Phase] === Phase.Off) continue
    steps.push({
        command: commandText(command),
        phase: COMMANDS[at + Column.Phase],
        again: COMMANDS[at + Column.Again] * HALF_SECOND,
        patience: COMMANDS[at + Column.Patience] * 1000,
        failure: COMMANDS[at + Column.Failure],
    })
}

const seconds = (ms: number): string => `${ms / 1000} s`

function table(): string {
    const rows = steps.map(({ command, phase, again, patience, failure }) => {
        const then =
            failure === Failure.None
                ? "goes on without"
                : `fails: \`${Failure[failure]}\``
        const repeats = patience > 0 ? seconds(again) : "–"
        const limit = patience > 0 ? seconds(patience) : "–"
        return `| \`${command}\` | ${phaseText(phase)} | ${repeats} | ${limit} | ${then} |`
    })
    return [
        "| command | phase | again after | for at most | then |",
        "| --- | --- | --- | --- | --- |",
        ...rows,
    ].join("\n")
}

/** The transitions of a machine, which begins in the first state, as the tests walk them. */
function diagram(table: Record<string, readonly string[]>): string {
    const edges = Object.entries(table).flatMap(([from, states]) =>
        states.map(to => `    ${from} --> ${to}`)
    )
    return [
        "```mermaid",
        "stateDiagram-v2",
        `    [*] --> ${Object.keys(table)[0]}`,
        ...edges,
        "```",
    ].join("\n")
}

const diagrams = Object.fromEntries(
    Object.entries(TRANSITIONS).map(([machine, table]) => [
        machine,
        () => diagram(table),
    ])
)

function faultTable(): string {
    const rows = faultNames.map(name => {
        const { summary, unit, defaultValue }: FaultDefinition = faults[name]
        const value = unit ? `${unit}, default ${defaultValue}` : ""
        return `| \`${name}\` | ${summary} | ${value} |`
    })
    return [
        "| name | what happens | value |",
        "| --- | --- | --- |",
        ...rows,
    ].join("\n")
}

/** What the comments of `ModemOptions` say, by option. */
function optionSentences(): Map<string, string> {
    const source = readFileSync(file("../src/core/options.ts"), "utf8")
    const members = source
        .slice(source.indexOf("export interface ModemOptions"))
        .split(/^}$/m)[0]
    return new Map(
        [...members.matchAll(/\/\*\*([^]*?)\*\/\s+(\w+)\??:/g)].map(
            ([, comment, name]) => [
                name,
                comment
                    .replace(/^\s*\* ?/gm, "")
                    .replace(/\s+/g, " ")
                    .replaceAll("|", "\\|")
                    .trim(),
            ]
        )
    )
}

interface OptionRow {
    name: string
    type: string
    otherwise: string
    range: string
}

/** The rows of the options, as the table in sockets.md shows them. */
export function optionRows(): OptionRow[] {
    const rows: OptionRow[] = []
    const ranged = (min: number, max: number, unit: string): string =>
        `${min}–${max}${unit && ` ${unit}`}`
    const reader: OptionReader = {
        value(name, _, kind, unit, otherwise, min, max) {
            const text = kind === Kind.Text || kind === Kind.Digits
            let range = max < LONGEST_TIME ? ranged(min, max, unit) : ""
            if (kind === Kind.Text) range = `${max} characters`
            if (kind === Kind.Digits) range = `${min}–${max} digits`
            if (kind === Kind.PowerOfTwo) range += ", a power of two"
            if (kind === Kind.Rate) range = `of AT+IPR, ${unit}`
            const off = text ? "" : String(otherwise)
            rows.push({
                name,
                type: Kind[kind],
                otherwise: otherwise === null ? "" : off,
                range,
            })
        },
        word(name, _, words, unit, min, max) {
            const [first, ...rest] = words.map(word => `\`"${word}"\``)
            const numbers = max > 0 ? [ranged(min, max, unit)] : []
            rows.push({
                name,
                type: "Word",
                otherwise: first.replaceAll("`", ""),
                range: [...rest, ...numbers].join(", "),
            })
        },
    }
    readOptions({ apn: "" }, reader, {
        wired: Wired.RtsCts | Wired.Dtr | Wired.Reset | Wired.PowerKey,
        largestBurst: 0,
    })
    return rows
}

function optionTable(): string {
    const sentences = optionSentences()
    const rows = optionRows()
    return [
        "| option | default | may be | |",
        "| --- | --- | --- | --- |",
        "| `uart` | | | the port: `new JacdacUart({ serial, lines })`, `new BridgeUart({ bus: i2cBus() })`, or your own `UartPort` |",
        // in the order of the comments, which is that of importance
        ...[...sentences].map(([name, sentence]) => {
            const row = rows.find(r => r.name === name)
            if (row === undefined) throw new Error(`no row for ${name}`)
            const otherwise = row.otherwise && `\`${row.otherwise}\``
            return `| \`${name}\` | ${otherwise} | ${row.range} | ${sentence} |`
        }),
    ].join("\n")
}

/** What the features of the README's table are called in that of performance.md, and their guides. */
const FEATURES: [says: string, name: string, guide: string][] = [
    [
        "TCP client with names, restarts and lost contexts, on a bridge",
        "TCP client, bridge",
        "docs/sockets.md",
    ],
    ["UDP", "UDP", "docs/sockets.md"],
    ["TCP server", "TCP server", "docs/sockets.md"],
    ["second PDP context", "second PDP context", "docs/sockets.md"],
    ["HTTP", "HTTP (`HttpClient`)", "docs/http-and-mqtt.md"],
    ["MQTT", "MQTT (`MqttClient`)", "docs/http-and-mqtt.md"],
    [
        "HTTP by DeviceScript's own `fetch()`",
        "HTTP (`fetch` of `@devicescript/net`)",
        "docs/http-and-mqtt.md",
    ],
    [
        "MQTT by DeviceScript's own client",
        "MQTT (client of `@devicescript/net`)",
        "docs/http-and-mqtt.md",
    ],
    ["certificates for TLS", "certificates for TLS", "docs/tls.md"],
    ["sending messages", "messages that are sent", "docs/messages.md"],
    [
        "messages and calls that come",
        "calls, messages that come",
        "docs/messages.md",
    ],
    ["USSD", "USSD", "docs/messages.md"],
    ["sleep", "sleep", "docs/sleep.md"],
    [
        "battery, signal, identity, network time",
        "battery, signal, identity, time",
        "docs/sockets.md",
    ],
    ["location of the cell", "location", "docs/sockets.md"],
]

/** What features take, from the table that `npm run bench -- size` has written. */
function costTable(): string {
    const text = readFileSync(file("performance.md"), "utf8")
    const rows = FEATURES.map(([says, name, guide]) => {
        const found = text
            .split("\n")
            .find(
                line =>
                    line.startsWith(`| ${name} |`) &&
                    line.split("|").length === 5
            )
        if (found === undefined)
            throw new Error(`performance.md has no row for ${name}`)
        const [, , code] = found.split("|")
        return `| [${says}](${guide}) | ${code.trim()} |`
    })
    return ["| feature | bytes |", "| --- | ---: |", ...rows].join("\n")
}

/** The chips of boards, by what their board files call them. */
const CHIPS: Record<string, string> = {
    rp2040: "RP2040",
    rp2040w: "RP2040",
    esp32s3: "ESP32-S3",
    esp32c3: "ESP32-C3",
}

/** The boards, as the README shows them. */
function boardTable(): string {
    const rows = boards.map(
        ({ id, name }) =>
            `| [${name}](boards/${id}/README.md) | DeviceScript | SC16IS7xx, I2C or SPI | against a model of the chip, not on hardware yet |`
    )
    return [
        "| board | runtime | modem at | state |",
        "| --- | --- | --- | --- |",
        ...rows,
        "| [ESP32 and SIM800, LilyGO T-Call](boards/espruino/README.md) | Espruino | a UART of the ESP32 | on Espruino's interpreter, not on hardware yet |",
    ].join("\n")
}

/** The pages of the boards. */
function boardPages(): string {
    const rows = boards.map(board => {
        const { archId } = boardFile(board)
        return `| [${board.name}](${board.id}/README.md) | ${CHIPS[archId] ?? archId} | [${board.id}](${board.id}.board.json) | not run on hardware yet |`
    })
    return [
        "| page | chip | board file | status |",
        "| --- | --- | --- | --- |",
        ...rows,
        "| [LilyGO T-Call, any ESP32 with SIM800](espruino/README.md) | ESP32 | Espruino | not run on hardware yet |",
    ].join("\n")
}

const parts: Record<string, () => string> = {
    boards: boardTable,
    boardPages,
    options: optionTable,
    costs: costTable,
    failures: failureSections,
    table,
    ...diagrams,
    faults: faultTable,
    commandCount,
    commands: commandTable,
    otherCommands: otherTable,
}

/** A text with its generated parts made anew. */
export function regenerate(text: string): string {
    return text.replace(
        /(<!-- generated: (\w+) -->\n)[^]*?(<!-- end -->)/g,
        (_, begin, part, end) => `${begin}\n${parts[part]()}\n\n${end}`
    )
}

const file = (name: string): string =>
    fileURLToPath(new URL(name, import.meta.url))

/** What each generated file should be, made from what it is. */
export const generated: [file: string, make: (old: string) => string][] = [
    [file("../README.md"), regenerate],
    [file("sockets.md"), regenerate],
    [file("errors.md"), regenerate],
    [file("architecture.md"), regenerate],
    [file("virtual-sim800.md"), regenerate],
    [file("at-commands.md"), regenerate],
    [file("../boards/README.md"), regenerate],
]

/** The programs that each board has: those of the first one, with another board file. */
export const programs = ["uart.ts", "main.ts", "selftest.ts"]

/** A program is made where there is none; one that is there is its owner's to change. */
function program(board: Board, name: string, old: string): string {
    if (old !== "") return old
    const [first] = boards
    const text = readFileSync(file(`../boards/${first.id}/${name}`), "utf8")
    return text.replaceAll(first.id, board.id)
}

for (const board of boards) {
    const folder = `../boards/${board.id}`
    generated.push(
        [file(`${folder}/README.md`), () => boardPage(board)],
        [file(`${folder}/wiring.svg`), () => drawing(board)],
        [file(`${folder}/three-wires.svg`), () => drawing(board, false)],
        ...programs.map((name): [string, (old: string) => string] => [
            file(`${folder}/${name}`),
            old => program(board, name, old),
        ])
    )
}
for (const [name, draw] of Object.entries(espruinoDrawings))
    generated.push([file(`../${name}`), draw])

if (process.argv[1] === fileURLToPath(import.meta.url))
    for (const [name, make] of generated) {
        mkdirSync(path.dirname(name), { recursive: true })
        writeFileSync(
            name,
            make(existsSync(name) ? readFileSync(name, "utf8") : "")
        )
    }
