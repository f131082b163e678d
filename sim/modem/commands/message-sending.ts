/** Short messages that the module writes and sends, and their settings: [ATM12] 4. */
import { shownString } from "../character-sets"
import {
    says,
    saysOk,
    sets,
    takes,
    type Command,
    type CommandRun,
} from "../command"
import { CommandError, type ErrorCode } from "../errors"
import type { Firmware } from "../firmware"
import { messageStatuses, type MessageStatus } from "../message-store"
import {
    integer,
    optional,
    readParameters,
    text,
    word,
    type Parameter,
} from "../parameters"
import { MessageEntry, typedMessage, typedNumber } from "../submission"
import {
    decode,
    numberAddress,
    type Address,
    type ShortMessage,
    type Submit,
} from "../tpdu"
import { onCard } from "./messages"

const NOT_ALLOWED = "CMS 302"
const INVALID_PDU = "CMS 304"
const INVALID_TEXT = "CMS 305"
const INVALID_INDEX = "CMS 321"
const MEMORY_FULL = "CMS 322"

/** Shows the prompt, takes the typed text, and goes on with the result of `read`. */
function enter<T extends object>(
    run: CommandRun,
    read: (bytes: Uint8Array) => T | ErrorCode,
    use: (message: T) => void
): void {
    const { dce } = run
    const entry = new MessageEntry({
        complete: bytes => {
            dce.endEntry()
            const message = read(bytes)
            if (typeof message !== "object") run.fail(message)
            else use(message)
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
/** `<length>` of a TPDU: a header alone, and 140 octets of data. */
const pduLength = integer(7, 164)

/** @throws CommandError 305 unless it is a number, in the character set of the DTE */
function addressOf(
    { profile }: Firmware,
    number: string,
    type: number | undefined
): Address {
    const read = typedNumber(number, profile.characterSet)
    if (read === undefined) throw new CommandError(INVALID_TEXT)
    return numberAddress(read, type)
}

/** Reads text mode's message for a number. */
function typedFor(dce: Firmware, to: Address) {
    return (bytes: Uint8Array): Submit[] | ErrorCode =>
        typedMessage(
            to,
            bytes,
            dce.profile.characterSet,
            dce.messages.parameters,
            dce.messages.nextJoint()
        ) ?? INVALID_TEXT
}

/** Reads a PDU mode message of `length` octets. */
function typedPdu(length: number) {
    return (bytes: Uint8Array): ShortMessage | ErrorCode =>
        decode(Buffer.from(bytes).toString("latin1"), length) ?? INVALID_PDU
}

/** The network takes it: `name: reference`, OK. */
function submit(
    run: CommandRun,
    name: "+CMGS" | "+CMSS",
    messages: readonly Submit[],
    centre: Address | undefined,
    sent: () => void = () => undefined
): void {
    run.dce.messages.send(messages, centre, result => {
        if (typeof result === "object") run.fail(result.error)
        else {
            sent()
            run.information(`${name}: ${result}`)
            run.ok()
        }
    })
}

/** AT+CMGS ([ATM12] 4.2.5): a number in text mode, a length in PDU mode. */
function send(run: CommandRun, values: string): void {
    const { dce } = run
    if (dce.profile.textMode) {
        const [number, kind] = readParameters(values, [
            text(Infinity),
            numberKind,
        ])
        const to = addressOf(dce, number, kind)
        enter(run, typedFor(dce, to), messages =>
            submit(run, "+CMGS", messages, undefined)
        )
        return
    }
    const [length] = readParameters(values, [pduLength])
    enter(run, typedPdu(length), ({ tpdu, centre }) => {
        if (tpdu.kind === "submit") submit(run, "+CMGS", [tpdu], centre)
        else run.fail(INVALID_PDU)
    })
}

function store(
    run: CommandRun,
    message: ShortMessage,
    status: MessageStatus
): void {
    const [, memory] = run.dce.messages.memories
    const place = memory.add({ message, status })
    if (place === undefined) run.fail(MEMORY_FULL)
    else {
        run.information(`+CMGW: ${place.here}`)
        run.ok()
    }
}

/** Text mode: the first parameter may be missing, and so may the type. */
const ownStatus = optional(word("STO UNSENT", "STO SENT"), "STO UNSENT")

/** AT+CMGW ([ATM12] 4.2.6): without a number one can be given to AT+CMSS. */
function writeText(
    run: CommandRun,
    number: string,
    kind: number | undefined,
    status: MessageStatus
): void {
    const { dce } = run
    const to = number === "" ? numberAddress("") : addressOf(dce, number, kind)
    enter(run, typedFor(dce, to), ([tpdu, ...more]) => {
        if (more.length > 0) run.fail(INVALID_TEXT)
        else
            store(
                run,
                { centre: dce.hardware.card.serviceCentre, tpdu },
                status
            )
    })
}

function write(run: CommandRun, values: string): void {
    if (run.dce.profile.textMode) {
        const [number, kind, status] = readParameters(values, [
            optional(text(Infinity), ""),
            numberKind,
            ownStatus,
        ])
        writeText(run, number, kind, status)
        return
    }
    const [length, status] = readParameters(values, [
        pduLength,
        optional(integer(0, messageStatuses.length - 1)),
    ])
    enter(run, typedPdu(length), message => {
        const usual = message.tpdu.kind === "submit" ? "STO UNSENT" : "REC READ"
        store(
            run,
            message,
            status === undefined ? usual : messageStatuses[status]
        )
    })
}

/** AT+CMSS ([ATM12] 4.2.7): one of `<mem2>`, to its own number or to another. */
const sendStored = takes(
    [integer(0, 255), optional(text(Infinity)), numberKind],
    (run, index, number, kind) => {
        const { dce } = run
        const [, memory] = dce.messages.memories
        const stored = memory.has(index) ? memory.at(index) : undefined
        if (stored === undefined) throw new CommandError(INVALID_INDEX)
        const { tpdu, centre } = stored.message
        if (tpdu.kind !== "submit") throw new CommandError(NOT_ALLOWED)
        const to = number === undefined ? tpdu.to : addressOf(dce, number, kind)
        if (to.text === "") throw new CommandError(INVALID_TEXT)
        submit(run, "+CMSS", [{ ...tpdu, to }], centre, () => {
            stored.status = "STO SENT"
        })
    }
)

/** Values that AT+CSMP may leave out stay as they are. */
const octet = optional(integer(0, 255))
/** A validity period, relative, or a time in quotes. */
const validity: Parameter<number | string | undefined> = raw =>
    raw?.quoted === true ? raw.text : octet(raw)

const profile = integer(0, 3)

/** AT+CSAS ([ATM12] 4.2.11). */
function save(dce: Firmware, number: number): void {
    const { nvram, card } = dce.hardware
    nvram.messageSettings[number] = {
        parameters: dce.messages.parameters,
        serviceCentre: card.serviceCentre,
    }
}

/** AT+CRES ([ATM12] 4.2.10). */
function restore(dce: Firmware, number: number): void {
    const { nvram, card } = dce.hardware
    const saved = nvram.messageSettings[number]
    if (saved === undefined) return
    dce.messages.parameters = saved.parameters
    card.serviceCentre = saved.serviceCentre
}

export const messageSendingCommands: readonly Command[] = [
    onCard({ name: "+CMGS", delay: "prompt", test: saysOk, write: send }),
    onCard({
        name: "+CMGW",
        delay: "prompt",
        test: saysOk,
        write,
        execute: run => {
            if (!run.dce.profile.textMode) throw new CommandError(INVALID_PDU)
            writeText(run, "", undefined, "STO UNSENT")
        },
    }),
    onCard({ name: "+CMSS", test: saysOk, write: sendStored }),
    // [ATM12] 4.2.15: omitted values stay, the first one also without power
    onCard({
        name: "+CSMP",
        test: says(() => "+CSMP: (0-255),(0-255),(0-255),(0-255)"),
        read: says(({ messages }) => {
            const [fo, vp, pid, dcs] = messages.parameters
            const period = typeof vp === "string" ? `"${vp}"` : vp
            return `+CSMP: ${fo},${period},${pid},${dcs}`
        }),
        write: sets([octet, validity, octet, octet], (dce, ...given) => {
            const { messages, hardware } = dce
            const [fo, vp, pid, dcs] = messages.parameters
            messages.parameters = [
                given[0] ?? fo,
                given[1] ?? vp,
                given[2] ?? pid,
                given[3] ?? dcs,
            ]
            hardware.nvram.messageFirstOctet = messages.parameters[0]
        }),
    }),
    // [ATM12] 4.2.12
    onCard({
        name: "+CSCA",
        test: saysOk,
        read: says(({ hardware, profile }) => {
            const { text, type } =
                hardware.card.serviceCentre ?? numberAddress("")
            return `+CSCA: "${shownString(text, profile.characterSet)}",${type}`
        }),
        write: sets([text(Infinity), numberKind], (dce, number, kind) => {
            dce.hardware.card.serviceCentre = addressOf(dce, number, kind)
        }),
    }),
    onCard({
        name: "+CSAS",
        test: says(() => "+CSAS: (0-3)"),
        write: sets([profile], save),
        execute: run => {
            save(run.dce, 0)
            run.ok()
        },
    }),
    onCard({
        name: "+CRES",
        test: says(() => "+CRES: (0-3)"),
        write: sets([profile], restore),
        execute: run => {
            restore(run.dce, 0)
            run.ok()
        },
    }),
    // [ATM12] 4.2.16
    onCard({
        name: "+CSMS",
        test: says(() => "+CSMS: (0,1)"),
        read: says(({ messages }) => `+CSMS: ${messages.service},1,1,1`),
        write: takes([integer<0 | 1>(0, 1)], (run, service) => {
            run.dce.messages.service = service
            run.information("+CSMS: 1,1,1")
            run.ok()
        }),
    }),
]
