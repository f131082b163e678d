/** Short messages in the memories, and their notifications: [ATM12] 4. */
import { characterSets } from "../character-sets"
import {
    says,
    saysOk,
    sets,
    takes,
    type Command,
    type CommandRun,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import {
    memoryNames,
    messageStatuses,
    type MessageMemory,
    type MessageStatus,
    type StoredMessage,
} from "../message-store"
import { partOf } from "../message"
import {
    integer,
    oneOf,
    optional,
    readParameters,
    text,
    word,
    type Parameter,
} from "../parameters"

const SIM_BUSY = 14
const INVALID_INDEX = "CMS 321"
/** `<stat>` of AT+CMGL in PDU mode: all. */
const ALL = messageStatuses.length

/** @throws CommandError until `SMS Ready` [REAL:SEEED39] */
function requireReady(dce: Firmware): void {
    if (dce.sim.error !== undefined) throw new CommandError(dce.sim.error)
    if (!dce.messages.isReady) throw new CommandError(SIM_BUSY)
}

/** A command that needs the messages of the SIM card. */
export function onCard(command: Command): Command {
    const ready =
        <H extends Command["write"]>(handler: H) =>
        (run: CommandRun, text: string): void => {
            requireReady(run.dce)
            handler?.(run, text)
        }
    const { test, read, write, execute } = command
    return {
        ...command,
        delay: command.delay ?? "simCard",
        test: test && ready(test),
        read: read && ready(read),
        write: write && ready(write),
        execute: execute && ready(execute),
    }
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
        const [head, ...body] = dce.messages.describe(stored, "+CMGR")
        run.information(`+CMGR: ${head}`, ...body)
        if (peeks === 0) markRead(stored)
    }
    run.ok()
})

/** AT+CMGL ([ATM] 4.2.3): messages of one status, or all. */
function list(
    run: CommandRun,
    wanted: MessageStatus | "ALL",
    peeks: 0 | 1
): void {
    const { dce } = run
    for (const { index, stored } of dce.messages.memories[0].entries()) {
        if (wanted !== "ALL" && stored.status !== wanted) continue
        const [head, ...body] = dce.messages.describe(stored, "+CMGL")
        run.information(`+CMGL: ${index},${head}`, ...body)
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

/** Deletes the messages of `<mem1>` with one of these states. */
function removeAll(dce: Firmware, statuses: readonly MessageStatus[]): void {
    const [memory] = dce.messages.memories
    for (const { index, stored } of memory.entries())
        if (statuses.includes(stored.status)) memory.remove(index)
}

/** An index may be left out where the flag says what goes [REAL]. */
const remove = takes(
    [optional(integer(0, 255), 0), optional(integer(0, deleted.length - 1), 0)],
    (run, index, flag) => {
        const { dce } = run
        if (flag === 0) placeOf(dce, index).remove(index)
        else removeAll(dce, deleted[flag])
        run.ok()
        // there may be room for one that waits in the network
        dce.messages.fetch()
    }
)

/**
 * Messages that AT+CMGDA deletes, by its words, in the order of its numbers ([ATM12]
 * 6.2.24).
 */
const groups: Readonly<Record<string, readonly MessageStatus[]>> = {
    "DEL READ": ["REC READ"],
    "DEL UNREAD": ["REC UNREAD"],
    "DEL SENT": ["STO SENT"],
    "DEL UNSENT": ["STO UNSENT"],
    "DEL INBOX": ["REC READ", "REC UNREAD"],
    "DEL ALL": messageStatuses,
}
const groupNames = Object.keys(groups)

/** AT+CMGDA: text mode takes words, PDU mode numbers. */
function removeGroup(run: CommandRun, values: string): void {
    const { dce } = run
    const [name] = dce.profile.textMode
        ? readParameters(values, [word(...groupNames)])
        : readParameters(values, [integer(1, groupNames.length)])
    removeAll(
        dce,
        groups[typeof name === "string" ? name : groupNames[name - 1]]
    )
    run.ok()
    dce.messages.fetch()
}

const memory = word(...memoryNames)

/** AT+CPMS: omitted memories stay ([ATM] 4.2.9). */
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

/** `"0,1,320"`: numbers in one string, without ranges. */
function numbers(highest: number): Parameter<readonly number[]> {
    const read = text(Infinity)
    const one = integer(0, highest)
    return raw => {
        const value = read(raw)
        return value === ""
            ? []
            : value.split(",").map(text => one({ text, quoted: false }))
    }
}

export const messageCommands: readonly Command[] = [
    // [ATM] 4.2.2
    onCard({
        name: "+CMGF",
        test: says(() => "+CMGF: (0,1)"),
        read: says(({ profile }) => `+CMGF: ${+profile.textMode}`),
        write: sets([optional(integer(0, 1), 0)], ({ profile }, mode) => {
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
    onCard({
        name: "+CMGDA",
        test: says(({ profile }) =>
            profile.textMode
                ? `+CMGDA: (${groupNames.map(name => `"${name}"`).join(",")})`
                : `+CMGDA: (1-${groupNames.length})`
        ),
        write: removeGroup,
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
    // [ATM] 4.2.8
    onCard({
        name: "+CNMI",
        test: says(() => "+CNMI: (0-3),(0-3),(0,2),(0,1),(0,1)"),
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
    // [ATM12] 4.2.14
    onCard({
        name: "+CSDH",
        test: says(() => "+CSDH: (0,1)"),
        read: says(({ messages }) => `+CSDH: ${+messages.isDetailed}`),
        write: sets([optional(integer(0, 1), 0)], ({ messages }, show) => {
            messages.isDetailed = show === 1
        }),
    }),
    // [ATM12] 6.2.22
    onCard({
        name: "+SCLASS0",
        test: says(() => "+SCLASS0: (0, 1)"),
        read: says(({ messages }) => `+SCLASS0: ${+messages.keepsClass0}`),
        write: sets([integer(0, 1)], ({ messages }, mode) => {
            messages.keepsClass0 = mode === 1
        }),
    }),
    // [ATM12] 4.2.13
    onCard({
        name: "+CSCB",
        test: says(() => "+CSCB: (0,1)"),
        read: says(({ hardware }) => {
            const [ids, schemes] = hardware.nvram.broadcasts.describe()
            return `+CSCB: 0,"${ids}","${schemes}"`
        }),
        write: sets(
            [
                oneOf(0, 1),
                optional(numbers(0xffff), []),
                optional(numbers(0xff), []),
            ],
            ({ hardware }, mode, ids, schemes) => {
                const { broadcasts } = hardware.nvram
                if (mode === 0) broadcasts.add(ids, schemes)
                else broadcasts.remove(ids, schemes)
            }
        ),
    }),
    // [ATM12] 6.2.9
    onCard({
        name: "+CDSCB",
        execute: run => {
            run.dce.hardware.nvram.broadcasts.add([], [])
            run.ok()
        },
    }),
    // [ATM12] 6.2.76: the indices of a long message's parts, 0 if no message here is one
    onCard({
        name: "+CCONCINDEX",
        test: saysOk,
        execute: run => {
            const messages = run.dce.messages.memories[0].entries()
            const parts = messages.flatMap(({ index, stored: { message } }) => {
                const { tpdu } = message
                const part =
                    tpdu.kind === "deliver"
                        ? partOf(tpdu.first, tpdu.data)
                        : undefined
                return part === undefined ? [] : [{ index, ...part }]
            })
            const references = new Set(parts.map(part => part.reference))
            const lines = [...references].map(reference => {
                const group = parts.filter(p => p.reference === reference)
                const indices = group.map(({ index }) => index)
                return `+CCONCINDEX: ${[group[0].of, ...indices].join(",")}`
            })
            if (lines.length > 0) run.information(...lines)
            else if (messages.length > 0) run.information("+CCONCINDEX: 0")
            run.ok()
        },
    }),
]
