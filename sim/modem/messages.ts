import type { Clock, Timer } from "./clock"
import type { ErrorCode } from "./errors"
import type { Hardware } from "./hardware"
import {
    encodePage,
    shownMessage,
    shownPage,
    type BroadcastPage,
    type TextMode,
} from "./message"
import {
    MessageMemory,
    messageStatuses,
    type MemoryName,
    type StoredMessage,
} from "./message-store"
import type { Output } from "./output"
import type { Profile } from "./profile"
import { MESSAGE_PULSE, type RingIndicator } from "./ring-indicator"
import { sentMessage, type TextParameters } from "./submission"
import {
    classOf,
    encode,
    STATUS_REPORT_REQUESTED,
    statusReport,
    type Address,
    type ServiceTime,
    type ShortMessage,
    type Submit,
} from "./tpdu"

/** AT+CNMI: codes wait until the mode changes; only in command mode are they told. */
const BUFFERED = 0
const DISCARDED = 1
/** AT+CNMI: given to the DTE instead of being stored; those of class 3 alone. */
const DIRECT = 2
const CLASS_3_DIRECT = 3
const NOT_TOLD = 0
/** AT+CNMI: broadcasts, and status reports, are given to the DTE. */
const BROADCASTS = 2
const REPORTS = 1
/** Timeout of the network for AT+CMGS, ms ([ATM] 4.2.5). */
const SUBMISSION_LIMIT = 60_000
/** AT+CNMI mode 0: most codes that wait; the oldest goes. */
const BUFFER = 20

/** What messages need of the module. */
export interface MessageModule {
    readonly clock: Clock
    readonly output: Pick<Output, "notice">
    readonly profile: Pick<
        Profile,
        "textMode" | "characterSet" | "messageReports"
    >
    readonly registration: { readonly isRegistered: boolean }
    readonly ringIndicator: Pick<RingIndicator, "pulseFor">
    readonly sleep: { stir(): void }
    readonly isInDataMode: boolean
    readonly phoneBooks: { nameOf(number: string): string }
    readonly hardware: Pick<
        Hardware,
        | "options"
        | "hooks"
        | "card"
        | "nvram"
        | "networkClock"
        | "serviceCentre"
        | "messageSent"
    >
}

/** Lines of one unsolicited result code. */
type Lines = readonly [string, ...string[]]

/** Short messages ([ATM] 4): fetched, stored or passed on, told of, and sent. */
export class Messages {
    /** `SMS Ready` has been said, the commands work [REAL:SEEED39]. */
    isReady = false
    /** AT+CSMP. */
    parameters: TextParameters
    /** AT+CSDH: text mode shows every field. */
    isDetailed = false
    /** AT+SCLASS0: messages of class 0 are stored as well. */
    keepsClass0 = false
    /** AT+CSMS: phase 2+ of the standard. */
    service: 0 | 1 = 0
    /** `<mem1>` to `<mem3>` of AT+CPMS: read and delete, write and send, receive. */
    memories: readonly [MessageMemory, MessageMemory, MessageMemory]
    /** The network is about to take one. */
    isSending = false
    private reference = 0
    /** Joins the parts of a long message. */
    private joint = 0
    private buffered: Lines[] = []
    private fetching: Timer | undefined

    constructor(private readonly module: MessageModule) {
        const { options, nvram } = module.hardware
        const [mem1, mem2, mem3] = options.firmware.messageMemories.map(name =>
            this.memory(name)
        )
        this.memories = [mem1, mem2, mem3]
        this.parameters = [nvram.messageFirstOctet, 167, 0, 0]
    }

    /** A memory that AT+CPMS may name. */
    memory(name: MemoryName): MessageMemory {
        const { card, nvram, options } = this.module.hardware
        return new MessageMemory(
            name,
            card.messages,
            nvram.messages,
            options.firmware.preferredMemoryOverflows
        )
    }

    /** A number that joins the parts of the next long message. */
    nextJoint(): number {
        this.joint = (this.joint + 1) & 0xff
        return this.joint
    }

    /** The network may have a message, there may be room for it: takes the next. */
    fetch(): void {
        const { hardware, clock, registration } = this.module
        const able = this.isReady && registration.isRegistered
        if (!able || this.fetching !== undefined) return
        if (hardware.serviceCentre.length === 0) return
        this.fetching = clock.after(hardware.options.delays.message, () => {
            this.fetching = undefined
            if (!this.isReady || !registration.isRegistered) return
            if (!this.receive(hardware.serviceCentre[0])) return
            hardware.serviceCentre.shift()
            this.fetch()
        })
    }

    /**
     * AT+CMGS, AT+CMSS: the network takes a message, part by part, or does not.
     * @param centre undefined for that of AT+CSCA
     * @param done called with the last reference, or with the error
     */
    send(
        [submit, ...more]: readonly Submit[],
        centre: Address | undefined,
        done: (reference: number | { error: ErrorCode }) => void
    ): void {
        const { hardware, clock, registration } = this.module
        const { submission } = hardware.options.delays
        const error = hardware.hooks.takeMessageError()
        const carrier = centre ?? hardware.card.serviceCentre
        this.isSending = true
        clock.after(error === 332 ? SUBMISSION_LIMIT : submission, () => {
            this.isSending = false
            if (error !== undefined) done({ error: `CMS ${error}` })
            else if (carrier === undefined) done({ error: "CMS 330" })
            else if (!registration.isRegistered) done({ error: "CMS 331" })
            else {
                this.reference = (this.reference + 1) & 0xff
                const { reference } = this
                this.taken({ ...submit, reference }, carrier)
                if (more.length > 0) this.send(more, centre, done)
                else done(reference)
            }
        })
    }

    /** The network has a message of the module: what becomes of it is told later. */
    private taken(submit: Submit, centre: Address): void {
        const { hardware } = this.module
        const sent = sentMessage(submit, centre.text)
        hardware.messageSent(sent)
        if ((submit.first & STATUS_REPORT_REQUESTED) === 0) return
        const status = hardware.options.operator.delivery(sent)
        if (status === undefined) return
        const time = this.networkTime
        const tpdu = statusReport(submit, time, time, status)
        hardware.serviceCentre.push({ centre, tpdu })
        this.fetch()
    }

    private get networkTime(): ServiceTime {
        const { networkClock, options } = this.module.hardware
        return { at: networkClock.now, timeZone: options.operator.timeZone }
    }

    /** A cell broadcast ([ATM] 4.2.13): told of, or nothing. */
    hear(page: BroadcastPage): void {
        const { profile, registration, hardware, sleep } = this.module
        const [, , bm] = profile.messageReports
        const isHeard = this.isReady && registration.isRegistered
        if (!isHeard || bm !== BROADCASTS) return
        if (!hardware.nvram.broadcasts.accepts(page)) return
        sleep.stir()
        if (profile.textMode) {
            const [head, body] = shownPage(page, profile.characterSet)
            this.tell([`+CBM: ${head}`, body])
        } else {
            const [length, pdu] = encodePage(page)
            this.tell([`+CBM: ${length}`, pdu])
        }
    }

    /** Whether AT+CNMI lets codes go to the DTE as things are. */
    private get isReported(): boolean {
        const [mode] = this.module.profile.messageReports
        const inData = this.module.isInDataMode
        return mode !== BUFFERED && !(mode === DISCARDED && inData)
    }

    /** @returns whether the message has been taken; else it stays in the network */
    private receive(message: ShortMessage): boolean {
        const { profile, ringIndicator, sleep } = this.module
        sleep.stir()
        const [, mt, , ds] = profile.messageReports
        if (message.tpdu.kind === "report") {
            if (ds === REPORTS) this.tell(this.direct("+CDS", message))
            return true
        }
        if (this.isKeptOut(message)) return true
        if (this.isPassedOn(message)) {
            if (mt === NOT_TOLD) return true
            ringIndicator.pulseFor(MESSAGE_PULSE)
            this.module.output.notice(...this.direct("+CMT", message))
            return true
        }
        const isForCard = classOf(message.tpdu.data.dcs) === 2
        const memory = isForCard ? this.memory("SM") : this.memories[2]
        const place = memory.add({ message, status: "REC UNREAD" })
        if (place === undefined) return false
        ringIndicator.pulseFor(MESSAGE_PULSE)
        if (mt !== NOT_TOLD)
            this.tell([`+CMTI: "${place.memory}",${place.index}`])
        return true
    }

    /** AT+CWHITELIST: of others nothing is said, and nothing is kept. */
    private isKeptOut({ tpdu }: ShortMessage): boolean {
        const MESSAGES = 2
        const { mode, numbers } = this.module.hardware.nvram.whiteList
        return (
            tpdu.kind === "deliver" &&
            (mode & MESSAGES) !== 0 &&
            !numbers.includes(tpdu.from.text)
        )
    }

    /** Whether `<mt>` and the class of a message keep it out of the memory. */
    private isPassedOn({ tpdu }: ShortMessage): boolean {
        if (tpdu.kind !== "deliver" || !this.isReported) return false
        const [, mt] = this.module.profile.messageReports
        switch (classOf(tpdu.data.dcs)) {
            case 0:
                return mt === DIRECT || !this.keepsClass0
            case 2:
                return false
            case 3:
                return mt === DIRECT || mt === CLASS_3_DIRECT
            default:
                return mt === DIRECT
        }
    }

    private tell(code: Lines): void {
        const [mode] = this.module.profile.messageReports
        if (this.isReported) this.module.output.notice(...code)
        else if (mode === BUFFERED) {
            this.buffered.push(code)
            if (this.buffered.length > BUFFER) this.buffered.shift()
        }
    }

    /** AT+CNMI has changed: what waited is told, or with bfr=1 forgotten. */
    reportsChanged(): void {
        const [mode, , , , bfr] = this.module.profile.messageReports
        if (mode === BUFFERED) return
        const codes = this.buffered
        this.buffered = []
        if (bfr === 0)
            for (const code of codes) this.module.output.notice(...code)
    }

    /** `+CMT` or `+CDS` and the message. */
    private direct(name: "+CMT" | "+CDS", message: ShortMessage): Lines {
        if (this.module.profile.textMode) {
            const [head, ...body] = shownMessage(message, "+CMT", this.textMode)
            return [`${name}: ${head}`, ...body]
        }
        const { pdu, length } = encode(message)
        return [`${name}: ${name === "+CMT" ? '"",' : ""}${length}`, pdu]
    }

    /** The lines of AT+CMGR and AT+CMGL, after name and index. */
    describe(
        { message, status }: StoredMessage,
        form: "+CMGR" | "+CMGL"
    ): readonly [head: string, ...body: string[]] {
        if (this.module.profile.textMode) {
            const [head, ...body] = shownMessage(message, form, this.textMode)
            return [`"${status}",${head}`, ...body]
        }
        const { pdu, length } = encode(message)
        return [`${messageStatuses.indexOf(status)},"",${length}`, pdu]
    }

    private get textMode(): TextMode {
        const { profile, hardware } = this.module
        return {
            characterSet: profile.characterSet,
            detailed: this.isDetailed,
            partsAsText: hardware.options.firmware.partsAsText,
            nameOf: number => this.module.phoneBooks.nameOf(number),
        }
    }
}
