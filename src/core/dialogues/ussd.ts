/** USSD codes: AT+CUSD, manual 3.2.53. */
import { QUOTE } from "../ascii"
import { Failure } from "../errors"
import { Line } from "../results"
import { textOf } from "../text"
import { gsmText, ucs2Digits, ucs2Text } from "./alphabets"
import { IRA, LOCAL, OK, type Dialogue, type Problem, type Talk } from "./talk"

const REFUSED =
    "the network knows no such code, or does not answer it now: ask the operator"
const CUT = "the answer is longer than the modem's line"
/** `<m>` of `+CUSD:`: the network waits for a choice; it has ended the dialogue */
const MORE = 1
const ENDED = 2
const MOST = 5
/** numbers of +CME ERROR about the card or the network */
const CARD = 10
const CARD_END = 18
const NETWORK = 30
const NETWORK_END = 32

/**
 * The character sets for a code, tried in this order: in digits, no answer can be taken
 * for a line of the modem. Some firmware does not accept codes in HEX, and ends them
 * with `+CUSD: 2`; then plain text remains.
 */
enum Charset {
    Hex,
    Ucs2,
    Ira,
}

enum Step {
    Ask,
    Read,
    Cancel,
    Restore,
    Done,
}

/** @devsWhenUsed */
export class AskUssd implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    text = ""
    /** the network waits for a choice */
    more = false
    private readonly code: string
    private readonly timeout: number
    private step = Step.Ask

    /** @param timeout in ms */
    constructor(code: string, timeout: number) {
        this.code = code
        this.timeout = timeout
    }

    next(talk: Talk): boolean {
        if (this.step === Step.Read) {
            if (this.read(talk)) return this.ask(talk)
            const timedOut =
                this.problem !== null &&
                (this.problem as Problem).failure === Failure.Timeout
            this.step = timedOut ? Step.Cancel : Step.Restore
        }
        switch (this.step) {
            case Step.Ask:
                return this.ask(talk)
            case Step.Cancel:
                this.step = Step.Restore
                return talk.attempt("AT+CUSD=2")
            case Step.Restore:
                this.step = Step.Done
                return talk.attempt(IRA)
        }
        return false
    }

    private ask(talk: Talk): boolean {
        const set = talk.ussdSet as Charset
        const code = set === Charset.Ucs2 ? ucs2Digits(this.code) : this.code
        const names = ["HEX", "UCS2", "IRA"]
        this.step = Step.Read
        return talk.give(
            `AT+CSCS="${names[set]}";+CUSD=1,"${code}",15`,
            this.timeout,
            OK,
            Line.Ussd,
            false
        )
    }

    /** The command failed. @returns whether its character set may be the reason */
    private refused(talk: Talk): boolean {
        const cme = talk.request.cme as number
        const refused =
            (this.problem as unknown as Problem).failure ===
            Failure.CommandRefused
        const about =
            (cme >= CARD && cme < CARD_END) ||
            (cme >= NETWORK && cme <= NETWORK_END)
        if (!refused || about || talk.ussdSet === Charset.Ira) return false
        this.problem = null
        talk.ussdSet++
        return true
    }

    /** @returns whether to ask in another character set */
    private read(talk: Talk): boolean {
        const what = `ussd ${this.code}`
        const set = talk.ussdSet as Charset
        if (!talk.obeyed()) return this.refused(talk)
        const fields = talk.fields
        const bytes = talk.request.answer
        const end = talk.request.answerLength - 1
        const found = talk.seek("+CUSD:")
        const outcome = found ? fields.whole(0, MOST) : 0
        if (!found || fields.wrong) {
            talk.fail(Failure.Unreadable, what, talk.said(), "")
            return false
        }
        if (!fields.more()) {
            if (outcome === ENDED && set !== Charset.Ira) {
                talk.ussdSet++
                return true
            }
            talk.ussdSet = Charset.Hex
            talk.fail(Failure.UssdRefused, what, talk.said(), REFUSED)
            return false
        }
        this.more = outcome === MORE
        // the text may contain quotation marks and line ends
        const from = bytes.indexOf(QUOTE, fields.to, end) + 1
        let to = end
        while (to > from && bytes[to] !== QUOTE) to--
        if (from === 0 || to <= from - 1 || bytes[to] !== QUOTE || to < from) {
            talk.fail(Failure.TooLong, what, talk.said(), CUT)
            return false
        }
        let alphabet = 0
        fields.begin(bytes, to + 1, end)
        fields.next()
        if (fields.more()) alphabet = fields.whole(0, 255)
        if (fields.wrong || outcome > ENDED)
            talk.fail(Failure.UssdRefused, what, talk.said(), REFUSED)
        this.decode(talk, from, to, alphabet)
        return false
    }

    private decode(talk: Talk, from: number, to: number, alphabet: number) {
        const bytes = talk.request.answer
        const set = talk.ussdSet as Charset
        const fields = talk.fields
        // GSM 03.38, 5: UCS-2, and UCS-2 after the name of a language
        const ucs2 = (alphabet & 0xcc) === 0x48 || alphabet === 17
        fields.from = from
        fields.to = to
        if ((ucs2 || set === Charset.Ucs2) && fields.isDigits(4, false))
            this.text = ucs2Text(bytes, from, to)
        else if (!ucs2 && set === Charset.Hex && fields.isDigits(2, false))
            this.text = gsmText(bytes, from, to)
        else this.text = textOf(bytes, from, to - from)
    }
}

/**
 * Ends a menu without a choice (AT+CUSD=2).
 * @devsWhenUsed
 */
export class CancelUssd implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private said = false

    next(talk: Talk): boolean {
        const said = this.said
        this.said = true
        return !said && talk.say("AT+CUSD=2", LOCAL)
    }
}
