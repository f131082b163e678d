import { shownText, type CharacterSet } from "./character-sets"
import type { Clock, Timer } from "./clock"
import { septetsOf } from "./gsm-alphabet"
import type { ResolvedOptions } from "./options"
import type { Output } from "./output"

/** `<m>` of `+CUSD` (27.007): what becomes of the session. */
const enum Outcome {
    Over,
    /** The network waits for a choice. */
    More,
    /** By the network. */
    Ended,
    NotSupported = 4,
}

/** `<dcs>` of the answers: the GSM alphabet, or UCS-2. */
const GSM_ALPHABET = 15
const UCS2 = 72

/** What USSD needs of the module. */
export interface UssdModule {
    readonly clock: Clock
    readonly options: Pick<ResolvedOptions, "delays" | "operator" | "firmware">
    readonly output: Pick<Output, "notice">
    readonly profile: { readonly characterSet: CharacterSet }
}

/** Requests to the operator by code, AT+CUSD ([ATM] 3.2.53). */
export class Ussd {
    /** AT+CUSD=1: answers are shown. */
    isShown = false
    private waiting: Timer | undefined

    constructor(private readonly module: UssdModule) {}

    get isBusy(): boolean {
        return this.waiting !== undefined
    }

    /** A code, or a choice within a session. */
    request(code: string): void {
        const { options, clock } = this.module
        const { delays, operator } = options
        this.waiting = clock.after(delays.ussd, () => {
            if (this.isRefused) {
                this.waiting = undefined
                this.tell(`${Outcome.Ended}`)
                return
            }
            const answer = operator.ussd(code)
            // a silent network is awaited until AT+CUSD=2
            if (answer === null) return
            this.waiting = undefined
            if (answer === undefined) this.tell(`${Outcome.NotSupported}`)
            else if (typeof answer === "string") this.show(Outcome.Over, answer)
            else
                this.show(
                    answer.more ? Outcome.More : Outcome.Over,
                    answer.text
                )
        })
    }

    /** Some firmware can do nothing with AT+CSCS="HEX". */
    private get isRefused(): boolean {
        const { profile, options } = this.module
        return (
            profile.characterSet === "HEX" &&
            options.firmware.ussdInHex === "refused"
        )
    }

    /** AT+CUSD=2, or the network is gone. */
    cancel(): void {
        this.waiting?.cancel()
        this.waiting = undefined
    }

    private show(outcome: Outcome, text: string): void {
        const { profile, options } = this.module
        const comma = options.firmware.ussdBlanks ? ", " : ","
        const dcs = septetsOf(text) === undefined ? UCS2 : GSM_ALPHABET
        const shown = shownText(text, profile.characterSet)
        this.tell([outcome, `"${shown}"`, dcs].join(comma))
    }

    private tell(answer: string): void {
        if (this.isShown) this.module.output.notice(`+CUSD: ${answer}`)
    }
}
