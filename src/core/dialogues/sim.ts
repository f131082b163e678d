/**
 * The PIN of the SIM card and its PUK: AT+CLCK, AT+CPWD, AT+CPIN, AT+SPIC (manual 3.2.17,
 * 3.2.29, 3.2.28, 6.2.22).
 */
import { Outcome } from "../channel"
import { Failure, refusal } from "../errors"
import { type Dialogue, type Problem, type Talk } from "./talk"

/** the card may be busy, ms */
const TIMEOUT = 15000
/** tries that the driver leaves to a person: after ten wrong PUKs a card is lost */
const RESERVE = 3
const PUK_TRIES = 10
const UNLOCK = "unlock the SIM card"
/** more than the total time of the commands that unlock a card, ms */
export const PUK_PAUSE = 300000

/** @devsWhenUsed */
export class SetPin implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private readonly command: string
    private said = false

    /**
     * @param pin the present PIN
     * @param next the new PIN; "": the card asks for none; the present one: the card
     * asks for it
     */
    constructor(pin: string, next: string) {
        this.command =
            next !== "" && next !== pin
                ? `AT+CPWD="SC","${pin}","${next}"`
                : `AT+CLCK="SC",${next === "" ? 0 : 1},"${pin}"`
    }

    next(talk: Talk): boolean {
        if (this.said) return false
        this.said = true
        talk.say(this.command, TIMEOUT)
        // no error may show a PIN
        talk.command = this.command.slice(0, 7)
        return true
    }
}

enum PukStep {
    State,
    Tries,
    TriesAgain,
    Entered,
}

/**
 * Unlocks a card with its PUK, and gives it a new PIN. The PUK is sent once, and only
 * if the card asks for it and has enough tries left, which is read twice.
 * @devsWhenUsed
 */
export class EnterPuk implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private readonly puk: string
    private readonly pin: string
    private step = PukStep.State
    private asked = false
    /** tries left for the PUK */
    private tries = 0

    /** @param pin the new PIN */
    constructor(puk: string, pin: string) {
        this.puk = puk
        this.pin = pin
    }

    next(talk: Talk): boolean {
        if (this.step === PukStep.Entered) {
            if (!talk.obeyed()) this.refused(talk)
            return false
        }
        if (!this.asked) {
            this.asked = true
            return talk.say("AT+CPIN?", TIMEOUT)
        }
        if (!talk.obeyed()) return false
        const before = this.tries
        switch (this.step) {
            case PukStep.State: {
                if (!talk.seek("+CPIN:")) return talk.again()
                const state = talk.fields.word()
                if (talk.fields.wrong) return talk.again()
                if (state !== "SIM PUK")
                    return talk.fail(
                        Failure.CommandRefused,
                        UNLOCK,
                        talk.said(),
                        "the SIM card does not want its PUK"
                    )
                this.step = PukStep.Tries
                return talk.say("AT+SPIC", TIMEOUT)
            }
            case PukStep.Tries:
                if (!this.count(talk)) return talk.again()
                this.step = PukStep.TriesAgain
                return talk.say("AT+SPIC", TIMEOUT)
            case PukStep.TriesAgain:
                if (!this.count(talk)) return talk.again()
        }
        if (this.tries !== before || this.tries <= RESERVE)
            return talk.fail(
                Failure.CommandRefused,
                UNLOCK,
                talk.said(),
                `${this.tries} tries are left for the PUK, and the last ${RESERVE} are left to a person: enter it in a phone`
            )
        this.step = PukStep.Entered
        talk.say(`AT+CPIN="${this.puk}","${this.pin}"`, TIMEOUT)
        // no error may show them
        talk.command = "AT+CPIN="
        return true
    }

    /** `+SPIC: PIN, PIN2, PUK, PUK2`: tries left. */
    private count(talk: Talk): boolean {
        const fields = talk.fields
        if (!talk.seek("+SPIC:")) return false
        fields.skip(2)
        this.tries = fields.whole(0, PUK_TRIES)
        return !fields.wrong
    }

    /**
     * The PUK was refused: fails with the card's error. Any other end leaves the result
     * unknown.
     */
    private refused(talk: Talk) {
        const request = talk.request
        if (request.outcome !== Outcome.Refused) return
        this.problem = null
        talk.fail(
            Failure.CommandRefused,
            UNLOCK,
            refusal("AT+CPIN=", request.cme),
            `the PUK was refused: ${this.tries - 1} tries are left, then the card is lost`
        )
    }
}
