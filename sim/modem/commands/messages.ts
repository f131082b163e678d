/** Short messages, [ATM] 4. */
import {
    says,
    saysOk,
    sets,
    takes,
    type CommandRun,
    type Command,
} from "../command"
import { CommandError, type ErrorCode } from "../errors"
import type { Firmware } from "../firmware"
import {
    characterSets,
    pduOf,
    shownSender,
    shownText,
    shownTime,
} from "../message"
import {
    memoryNames,
    messageStatuses,
    type MessageMemory,
    type MessageStatus,
    type StoredMessage,
} from "../message-store"
import {
    integer,
    oneOf,
    optional,
    readParameters,
    text,
    word,
    type Parameter,
} from "../parameters"
import {
    MessageEntry,
    submittedPdu,
    typedMessage,
    typedNumber,
    type SentMessage,
} from "../submission"

const SIM_BUSY = 14
const INVALID_INDEX = 321
const INVALID_PDU = 304
const INVALID_TEXT = 305
/** `<stat>` of AT+CMGL in PDU mode: all. */
const ALL = messageStatuses.length

/** @throws CommandError until `SMS Ready` [REAL:SEEED39] */
function requireReady(dce: Firmware): void {
    if (dce.sim.error !== undefined) throw new CommandError(dce.sim.error)
    if (!dce.messages.isReady) throw new CommandError(SIM_BUSY)
}

/** A command that needs the messages of the SIM card. */
function onCard(command: Command): Command {
    const ready =
        <H extends Command["write"]>(handler: H) =>
        (run: CommandRun, text: string): void => {
            requireReady(run.dce)
            handler?.(run, text)
        }
    const { test, read, write, execute } = command
    return {
        ...command,
        delay: "simCard",
        test: test && ready(test),
        read: read && ready(read),
        write: write && ready(write),
        execute: execute && ready(execute),
    }
}

/** The lines of a message, after its name and index. */
function describe(
    { profile }: Firmware,
    { message, status }: StoredMessage
): [head: string, body: string] {
    if (profile.textMode)
        return [
            `"${status}","${shownSender(message, profile.characterSet)}","","${shownTime(message)}"`,
            shownText(message, profile.characterSet),
        ]
    const { pdu, length } = pduOf(message)
    return [`${messageStatuses.indexOf(status)},"",${length}`, pdu]
}

function markRead(stored: StoredMessage): void {
    if (stored.status === "REC UNREAD") stored.status = "REC READ"
}

/** AT+CMGR and AT+CMGL with 1: the message stays unread. */
const peek = optional(oneOf(0, 1), 0)

/** `<mem1>`, and that it can have a message of this index. */
function placeOf({ messages }: Firmware, index: number): MessageMemory {
    const [memory] = messages.memories
    if (!memory.has(index)) throw new CommandError(INVALID_INDEX)
    return memory
}

/** AT+CMGR ([ATM] 4.2.4): of an empty place only OK. */
const read = takes([integer(0, 255), peek], (run, index, peeks) => {
    const { dce } = run
    const stored = placeOf(dce, index).at(index)
    if (stored !== undefined) {
        const [head, body] = describe(dce, stored)
        run.information(`+CMGR: ${head}`, body)
        if (peeks === 0) markRead(stored)
    }
    run.ok()
})

/** AT+CMGL ([ATM] 4.2.3): those of one status, or all. */
function list(
    run: CommandRun,
    wanted: MessageStatus | "ALL",
    peeks: 0 | 1
): void {
    const { dce } = run
    for (const { index, stored } of dce.messages.memories[0].entries()) {
        if (wanted !== "ALL" && stored.status !== wanted) continue
        const [head, body] = describe(dce, stored)
        run.information(`+CMGL: ${index},${head}`, body)
        if (peeks === 0) markRead(stored)
    }
    run.ok()
}

/** Text mode takes words, PDU mode numbers. */
function listWritten(run: CommandRun, values: string): void {
    if (run.dce.profile.textMode) {
        const [wanted, peeks] = readParameters(values, [
            word("ALL", ...messageStatuses),
            peek,
        ])
        list(run, wanted, peeks)
    } else {
        const [wanted, peeks] = readParameters(values, [integer(0, ALL), peek])
        list(run, messageStatuses[wanted] ?? "ALL", peeks)
    }
}

/** What `<delflag>` 1 to 4 of AT+CMGD takes along, [ATM] 4.2.1. */
const deleted: readonly (readonly MessageStatus[])[] = [
    [],
    ["REC READ"],
    ["REC READ", "STO SENT"],
    ["REC READ", "STO SENT", "STO UNSENT"],
    messageStatuses,
]

const remove = takes(
    [integer(0, 255), optional(integer(0, deleted.length - 1), 0)],
    (run, index, flag) => {
        const { dce } = run
        const [memory] = dce.messages.memories
        if (flag === 0) placeOf(dce, index).remove(index)
        else
            for (const { index, stored } of memory.entries())
                if (deleted[flag].includes(stored.status)) memory.remove(index)
        run.ok()
        // there may be room for one that waits in the network
        dce.messages.fetch()
    }
)

/** Shows the prompt of AT+CMGS, takes the text, and sends what `read` makes of it. */
function enter(
    run: CommandRun,
    read: (bytes: Uint8Array) => SentMessage | ErrorCode
): void {
    const { dce } = run
    const entry = new MessageEntry({
        complete: bytes => {
            dce.endEntry()
            const message = read(bytes)
            if (typeof message === "number") run.fail(message)
            else
                dce.messages.send(message, result => {
                    if (typeof result === "object") run.fail(result.error)
                    else {
                        run.information(`+CMGS: ${result}`)
                        run.ok()
                    }
                })
        },
        cancelled: () => {
            dce.endEntry()
            if (dce.hardware.options.firmware.escapeResult === "OK") run.ok()
            else run.done()
        },
        line: () => dce.output.prompt(),
    })
    dce.output.prompt()
    dce.beginEntry(entry)
}

/** `<toda>`: the type of the number. */
const numberKind = optional(integer(0, 255))

/** AT+CMGS ([ATM] 4.2.5): a number in text mode, a length in PDU mode. */
function send(run: CommandRun, values: string): void {
    const { dce } = run
    if (dce.profile.textMode) {
        const [number] = readParameters(values, [text(Infinity), numberKind])
        const { characterSet } = dce.profile
        const to = typedNumber(number, characterSet)
        if (to === undefined) throw new CommandError(INVALID_TEXT)
        const [, , , dcs] = dce.messages.parameters
        enter(
            run,
            bytes => typedMessage(to, bytes, characterSet, dcs) ?? INVALID_TEXT
        )
    } else {
        const [length] = readParameters(values, [integer(7, 164)])
        enter(
            run,
            bytes =>
                submittedPdu(Buffer.from(bytes).toString("latin1"), length) ??
                INVALID_PDU
        )
    }
}

/** Values that AT+CSMP may leave out stay as they are. */
const octet = optional(integer(0, 255))

const memory = word(...memoryNames)

/** AT+CPMS: what is left out stays ([ATM] 4.2.9). */
const selectMemories = takes(
    [memory, optional(memory), optional(memory)],
    (run, ...names) => {
        const { messages } = run.dce
        const select = (i: 0 | 1 | 2): MessageMemory => {
            const name = names[i]
            return name === undefined
                ? messages.memories[i]
                : messages.memory(name)
        }
        messages.memories = [select(0), select(1), select(2)]
        const usage = messages.memories.map(
            ({ used, capacity }) => `${used},${capacity}`
        )
        run.information(`+CPMS: ${usage.join(",")}`)
        run.ok()
        messages.fetch()
    }
)

/** Values that AT+CNMI may leave out stay as they are. */
function reportValue(...values: number[]): Parameter<number | undefined> {
    return optional(oneOf(...values))
}

export const messageCommands: readonly Command[] = [
    // [ATM] 4.2.2
    onCard({
        name: "+CMGF",
        test: says(() => "+CMGF: (0,1)"),
        read: says(({ profile }) => `+CMGF: ${+profile.textMode}`),
        write: sets([integer(0, 1)], ({ profile }, mode) => {
            profile.textMode = mode === 1
        }),
    }),
    // [ATM] 3.2.12
    {
        name: "+CSCS",
        test: says(
            () => `+CSCS: (${characterSets.map(set => `"${set}"`).join(",")})`
        ),
        read: says(({ profile }) => `+CSCS: "${profile.characterSet}"`),
        write: sets([word(...characterSets)], ({ profile }, set) => {
            profile.characterSet = set
        }),
    },
    onCard({ name: "+CMGR", test: saysOk, write: read }),
    onCard({
        name: "+CMGL",
        test: says(({ profile }) =>
            profile.textMode
                ? `+CMGL: (${[...messageStatuses, "ALL"].map(s => `"${s}"`).join(",")})`
                : "+CMGL: (0-4)"
        ),
        write: listWritten,
        execute: run => list(run, "REC UNREAD", 0),
    }),
    onCard({
        name: "+CMGD",
        test: says(({ messages }) => {
            const indices = messages.memories[0].entries().map(e => e.index)
            return `+CMGD: (${indices.join(",")}),(0-4)`
        }),
        write: remove,
    }),
    onCard({ name: "+CMGS", delay: "prompt", test: saysOk, write: send }),
    // [ATM] 4.2.13; kept by AT+CSAS alone, which is not there
    onCard({
        name: "+CSMP",
        test: saysOk,
        read: says(({ messages }) => `+CSMP: ${messages.parameters.join(",")}`),
        write: takes([octet, octet, octet, octet], (run, ...given) => {
            const { messages } = run.dce
            const [fo, vp, pid, dcs] = messages.parameters
            messages.parameters = [
                given[0] ?? fo,
                given[1] ?? vp,
                given[2] ?? pid,
                given[3] ?? dcs,
            ]
            run.ok()
        }),
    }),
    // [ATM] 4.2.9
    onCard({
        name: "+CPMS",
        test: says(() => {
            const names = memoryNames.map(name => `"${name}"`).join(",")
            return `+CPMS: (${names}),(${names}),(${names})`
        }),
        read: says(({ messages }) => {
            const usage = messages.memories.map(
                ({ name, used, capacity }) => `"${name}",${used},${capacity}`
            )
            return `+CPMS: ${usage.join(",")}`
        }),
        write: selectMemories,
    }),
    // [ATM] 4.2.8. There are no cell broadcasts and no status reports here
    onCard({
        name: "+CNMI",
        test: says(() => "+CNMI: (0,1,2,3),(0,1,2,3),(0,2),(0,1),(0,1)"),
        read: says(
            ({ profile }) => `+CNMI: ${profile.messageReports.join(",")}`
        ),
        write: (run, values) => {
            const { dce } = run
            const given = readParameters(values, [
                reportValue(0, 1, 2, 3),
                reportValue(0, 1, 2, 3),
                reportValue(0, 2),
                reportValue(0, 1),
                reportValue(0, 1),
            ])
            const now = dce.profile.messageReports
            dce.profile.messageReports = [
                given[0] ?? now[0],
                given[1] ?? now[1],
                given[2] ?? now[2],
                given[3] ?? now[3],
                given[4] ?? now[4],
            ]
            run.ok()
            dce.messages.reportsChanged()
        },
    }),
]
