/**
 * Outgoing calls: ATD, AT+CLCC, AT+VTS, AT+DDET (manual 2.2.2, 3.2.19, 3.2.37, 6.2.54).
 */
import { LOCAL, OK, type Dialogue, type Problem, type Talk } from "./talk"
import { Line } from "../results"

/** ATD is answered with OK at once, or when the call is answered (AT+COLP=1), ms */
const DIAL_TIMEOUT = 90000
/** includes the time of the tones, ms */
const TONES_TIMEOUT = 25000

/** Poll interval of a call's state, ms. */
export const CALL_LOOK = 1000
/** How long a call may ring, unless the program says otherwise. */
export const CALL_TIMEOUT = 60000
/** Most keys whose tones are sent at a time. */
export const MOST_KEYS = 20
/** Meaning of `Failure.CallEnded` for the caller. */
export const CALL_MISSED =
    "nobody has answered: it is busy, was rejected, or cannot be reached"

/** keys of a phone */
export const KEYS = "0123456789*#ABCD"
/** final result codes that end a call (manual 2.2.2) */
export const CALL_ENDS = ["BUSY", "NO CARRIER", "NO ANSWER", "NO DIALTONE"]

/** `<stat>` of AT+CLCC, or no call. */
export enum CallState {
    Active,
    Held,
    Dialing,
    Alerting,
    Incoming,
    Waiting,
    Idle,
}

/**
 * Dials; `AskCall` reads the state of the call.
 * @devsWhenUsed
 */
export class Dial implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private readonly number: string
    private said = false

    /** @param number `+` and digits, or digits */
    constructor(number: string) {
        this.number = number
    }

    next(talk: Talk): boolean {
        if (this.said) return false
        this.said = true
        return talk.give(
            `ATD${this.number};`,
            DIAL_TIMEOUT,
            OK,
            Line.Unknown,
            false
        )
    }
}

/**
 * AT+CLCC: the state of the first call.
 * @devsWhenUsed
 */
export class AskCall implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    state = CallState.Idle
    private asked = false

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            return talk.say("AT+CLCC", LOCAL)
        }
        this.state = CallState.Idle
        if (!talk.obeyed() || !talk.seek("+CLCC:")) return false
        talk.fields.skip(2)
        this.state = talk.fields.whole(CallState.Active, CallState.Waiting)
        return talk.fields.wrong && talk.again()
    }
}

/**
 * Sends tones of keys, or makes the modem report the keys of the other side: `+DTMF:
 * 5`.
 * @devsWhenUsed
 */
export class Tones implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private readonly keys: string
    private said = false

    /** @param keys "": report the keys of the other side */
    constructor(keys: string) {
        this.keys = keys
    }

    next(talk: Talk): boolean {
        if (this.said) return false
        this.said = true
        if (this.keys === "") return talk.say("AT+DDET=1", LOCAL)
        let list = ""
        for (let i = 0; i < this.keys.length; i++)
            list += (i > 0 ? "," : "") + this.keys[i]
        return talk.say(`AT+VTS="${list}"`, TONES_TIMEOUT)
    }
}
