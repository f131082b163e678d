/**
 * The modem's information about itself, the SIM card and the network (manual 2.2.32,
 * 3.2.28, 3.2.32, 3.2.35, 3.2.45, 7.2.5, 7.2.10), on the way up.
 */
import type { Digest } from "../digest"
import { IP_STATES, IpState } from "../ip-state"
import { Line, type Results } from "../results"
import { Command } from "../commands"
import { wordsAt } from "./words"

/** Bytes of a response that are kept for error messages. */
const ANSWER_SIZE = 32
/** AT+CREG? and AT+CGREG?: the network does not want this card. */
const DENIED = 3

/** Home, or roaming. */
function isRegistered(state: number): boolean {
    return state === 1 || state === 5
}

/** @devsWhenUsed */
export class Said {
    /** the last information response, for error messages */
    readonly answer: Buffer
    answerLength = 0
    /** AT+IPR? */
    rate = 0
    /** AT+CFUN?, -1 if that is not known */
    functionality = -1
    /** received signal strength of AT+CSQ: 0–31, 99 unknown */
    signal = 99
    /** state of registration of AT+CREG?, and of AT+CGREG? */
    registration = 0
    gprsRegistration = 0
    /** AT+CGATT? */
    attached = 0
    /** AT+CCALR?, or Call Ready */
    callReady = false
    smsReady = false
    /** the IP state by AT+CIPSTATUS */
    audited = IpState.Unknown

    private readonly digest: Digest
    private readonly results: Results

    constructor(digest: Digest, results: Results) {
        this.digest = digest
        this.results = results
        this.answer = Buffer.alloc(ANSWER_SIZE)
    }

    /** The modem has started: earlier information does not count. */
    reset() {
        this.callReady = false
        this.smsReady = false
    }

    /** A step asks anew: earlier responses do not count. */
    ask(step: Command) {
        switch (step) {
            case Command.CfunRead:
                this.functionality = -1
                break
            case Command.Creg:
                this.registration = 0
                break
            case Command.Cgreg:
                this.gprsRegistration = 0
                break
            case Command.CgattRead:
                this.attached = 0
                break
            case Command.Cipstatus:
                this.audited = IpState.Unknown
        }
    }

    /** Keeps an information response that a step asked for. */
    information(line: Line) {
        const args = this.results.args
        switch (line) {
            case Line.Rate:
                this.rate = args[0]
                break
            case Line.Functionality:
                this.functionality = args[0]
                break
            case Line.Signal:
                this.signal = args[0]
                break
            case Line.CallReadyState:
                if (args[0] === 1) this.callReady = true
                break
            case Line.Registration:
                this.registration = args[1]
                break
            case Line.GprsRegistration:
                this.gprsRegistration = args[1]
                break
            case Line.Attached:
                this.attached = args[0]
                break
            case Line.State:
                this.audited = this.ipState()
        }
    }

    /** Call Ready or SMS Ready, unsolicited. @returns whether it had come before */
    ready(line: Line): boolean {
        const again = line === Line.CallReady ? this.callReady : this.smsReady
        if (line === Line.CallReady) this.callReady = true
        else this.smsReady = true
        return again
    }

    /** Keeps the line for error messages. */
    keepAnswer() {
        const n = this.digest.lineLength
        this.answerLength = n < ANSWER_SIZE ? n : ANSWER_SIZE
        this.answer.blitAt(0, this.digest.line, 0, this.answerLength)
    }

    forgetAnswer() {
        this.answerLength = 0
    }

    /** Reads the name after `STATE:`. */
    ipState(): IpState {
        const digest = this.digest
        const at = this.results.argAt
        const i = wordsAt(IP_STATES, digest.line, at, digest.lineLength)
        return i < 0 ? IpState.Unknown : (i as IpState)
    }

    /** Whether calls are possible: the network has the card. */
    hasVoice(): boolean {
        return isRegistered(this.registration)
    }

    hasGprs(): boolean {
        return isRegistered(this.gprsRegistration)
    }

    isDenied(): boolean {
        return this.registration === DENIED && this.gprsRegistration === DENIED
    }
}
