import type { Clock, Timer } from "./clock"
import type { ErrorCode } from "./errors"
import type { Hardware } from "./hardware"
import {
    pduOf,
    shownSender,
    shownText,
    shownTime,
    type Message,
} from "./message"
import { MessageMemory, type MemoryName } from "./message-store"
import type { SentMessage } from "./submission"
import type { Output } from "./output"
import type { Profile } from "./profile"
import { MESSAGE_PULSE, type RingIndicator } from "./ring-indicator"

/** AT+CNMI: codes wait until the mode changes; only in command mode are they told. */
const BUFFERED = 0
const DISCARDED = 1
/** AT+CNMI: given to the DTE instead of being stored. */
const DIRECT = 2
const NOT_TOLD = 0
/** The network has so long for AT+CMGS, ms ([ATM] 4.2.5). */
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
    readonly hardware: Pick<
        Hardware,
        "options" | "hooks" | "card" | "nvram" | "serviceCentre" | "messageSent"
    >
}

/** Short messages to the module ([ATM] 4): fetched, stored or passed on, and told of. */
export class Messages {
    /** `SMS Ready` has been said, the commands work [REAL:SEEED39]. */
    isReady = false
    /** AT+CSMP: `<fo>,<vp>,<pid>,<dcs>` of text mode, [ATM] 4.2.13. */
    parameters: readonly [number, number, number, number] = [17, 167, 0, 0]
    /** `<mem1>` to `<mem3>` of AT+CPMS: read and delete, write and send, receive. */
    memories: readonly [MessageMemory, MessageMemory, MessageMemory]
    private reference = 0
    private buffered: string[] = []
    private fetching: Timer | undefined

    constructor(private readonly module: MessageModule) {
        const [mem1, mem2, mem3] =
            module.hardware.options.firmware.messageMemories.map(name =>
                this.memory(name)
            )
        this.memories = [mem1, mem2, mem3]
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
     * AT+CMGS: the network takes a message, or does not.
     * @param done called with its reference, or with what went wrong
     */
    send(
        message: SentMessage,
        done: (reference: number | { error: ErrorCode }) => void
    ): void {
        const { hardware, clock, registration } = this.module
        const { submission } = hardware.options.delays
        const error = hardware.hooks.takeMessageError()
        clock.after(error === 332 ? SUBMISSION_LIMIT : submission, () => {
            if (error !== undefined) done({ error })
            else if (!registration.isRegistered) done({ error: 331 })
            else {
                this.reference = (this.reference + 1) & 0xff
                hardware.messageSent(message)
                done(this.reference)
            }
        })
    }

    /** Whether AT+CNMI lets codes go to the DTE as things are. */
    private get isReported(): boolean {
        const [mode] = this.module.profile.messageReports
        const inData = this.module.isInDataMode
        return mode !== BUFFERED && !(mode === DISCARDED && inData)
    }

    /** @returns whether the message has been taken; else it stays in the network */
    private receive(message: Message): boolean {
        const { profile, ringIndicator, sleep } = this.module
        sleep.stir()
        const [, mt] = profile.messageReports
        if (mt === DIRECT && this.isReported) {
            ringIndicator.pulseFor(MESSAGE_PULSE)
            this.module.output.notice(...this.direct(message))
            return true
        }
        const place = this.memories[2].add(message)
        if (place === undefined) return false
        ringIndicator.pulseFor(MESSAGE_PULSE)
        if (mt !== NOT_TOLD)
            this.tell(`+CMTI: "${place.memory}",${place.index}`)
        return true
    }

    private tell(code: string): void {
        const [mode] = this.module.profile.messageReports
        if (this.isReported) this.module.output.notice(code)
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
        if (bfr === 0) for (const code of codes) this.module.output.notice(code)
    }

    /** `+CMT` and the message. */
    private direct(message: Message): readonly [string, string] {
        const { textMode, characterSet } = this.module.profile
        if (!textMode) {
            const { pdu, length } = pduOf(message)
            return [`+CMT: "",${length}`, pdu]
        }
        return [
            `+CMT: "${shownSender(message, characterSet)}","","${shownTime(message)}"`,
            shownText(message, characterSet),
        ]
    }
}
