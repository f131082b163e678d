import type { Clock } from "./clock"
import type { CmeCode } from "./errors"
import { MessageStore } from "./message-store"
import { PhoneBook, type PhoneBookEntry } from "./phone-book"
import { numberAddress, type Address } from "./tpdu"

export interface SimCardOptions {
    /** Default true. */
    readonly inserted: boolean
    /** The PIN that unlocks the card. Default: none is asked for, until AT+CLCK; then it is 1234. */
    readonly pin: string | undefined
    /** AT+CSPN. Default CHINA MOBILE. */
    readonly providerName: string
    /** Unblocks the card after three wrong PINs. Default 12345678. */
    readonly puk: string
    /** AT+CCID [ATM]; may contain hexadecimal digits. */
    readonly iccid: string
    /** AT+CIMI [ATM 20.3]. */
    readonly imsi: string
    /** Short messages that it has room for. Default 50. */
    readonly messageCapacity: number
    /** Its own number, AT+CNUM. Default +8613900000001; empty for none, as many cards are. */
    readonly ownNumber: string
    /** Its phone book, AT+CPBR. Default: empty. */
    readonly phoneBook: readonly PhoneBookEntry[]
    /** The service centre that is written on it, AT+CSCA. Default +8613800100500; empty for none. */
    readonly serviceCentre: string
}

const PIN_TRIES = 3
const PUK_TRIES = 10
/** Places of the phone books ([ATM12] 19.2). */
const BOOK_CAPACITY = 250
const OWN_NUMBERS = 4
const FIXED_NUMBERS = 10

/** The card itself: keeps its PIN, the tries left and its messages without power (GSM 11.11). */
export class SimCard {
    inserted: boolean
    /** AT+CSPN. */
    readonly providerName: string
    /** AT+CCVM. */
    voiceMail: PhoneBookEntry | undefined
    readonly iccid: string
    readonly imsi: string
    readonly messages: MessageStore
    readonly phoneBooks: Readonly<Record<"SM" | "ON" | "FD", PhoneBook>>
    /** AT+CPOL, by index. */
    readonly preferredOperators = new Map<
        number,
        { readonly format: 0 | 1 | 2; readonly name: string }
    >()
    /** AT+CSCA. */
    serviceCentre: Address | undefined
    private pin: string
    private asksForPin: boolean
    private readonly puk: string
    private pinTries = PIN_TRIES
    private pukTries = PUK_TRIES

    constructor(options: Partial<SimCardOptions>) {
        this.inserted = options.inserted ?? true
        this.pin = options.pin ?? "1234"
        this.asksForPin = options.pin !== undefined
        this.providerName = options.providerName ?? "CHINA MOBILE"
        this.puk = options.puk ?? "12345678"
        this.iccid = options.iccid ?? "898600810906F8048812"
        this.imsi = options.imsi ?? "460008184101641"
        this.messages = new MessageStore(options.messageCapacity ?? 50)
        const own = options.ownNumber ?? "+8613900000001"
        this.phoneBooks = {
            SM: new PhoneBook(BOOK_CAPACITY, options.phoneBook),
            ON: new PhoneBook(
                OWN_NUMBERS,
                own === "" ? [] : [{ number: own, name: "" }]
            ),
            FD: new PhoneBook(FIXED_NUMBERS),
        }
        const centre = options.serviceCentre ?? "+8613800100500"
        this.serviceCentre = centre === "" ? undefined : numberAddress(centre)
    }

    /** Tries left: PIN, PIN2, PUK, PUK2. Nothing here uses the second pair. */
    get triesLeft(): readonly [number, number, number, number] {
        return [this.pinTries, PIN_TRIES, this.pukTries, PUK_TRIES]
    }

    /** The card's request at power-on. */
    get asksFor(): "nothing" | "PIN" | "PUK" | "a new card" {
        if (this.pukTries === 0) return "a new card"
        if (this.pinTries === 0) return "PUK"
        return this.asksForPin ? "PIN" : "nothing"
    }

    /** AT+CLCK="SC": whether the PIN is asked for at power-on. */
    get isLocked(): boolean {
        return this.asksForPin
    }

    /** @returns whether the PIN was right; a wrong one costs a try */
    setLock(locked: boolean, pin: string): boolean {
        const right = this.verify(pin)
        if (right) this.asksForPin = locked
        return right
    }

    /** @returns whether the old PIN was right; a wrong one costs a try */
    changePin(old: string, pin: string): boolean {
        const right = this.verify(old)
        if (right) this.pin = pin
        return right
    }

    /** @returns whether the PIN is right; a wrong one costs a try */
    verify(pin: string): boolean {
        const right = this.pinTries > 0 && pin === this.pin
        this.pinTries = right ? PIN_TRIES : Math.max(0, this.pinTries - 1)
        return right
    }

    /** @returns whether the PUK is right and the new PIN set */
    unblock(puk: string, newPin: string): boolean {
        if (puk !== this.puk) {
            this.pukTries--
            return false
        }
        this.pin = newPin
        this.asksForPin = true
        this.pinTries = PIN_TRIES
        this.pukTries = PUK_TRIES
        return true
    }
}

/** The module's state of its card. */
export type SimState =
    /** Not read yet. */
    | "busy"
    /** Without power, AT+CFUN=0. */
    | "off"
    | "not inserted"
    | "SIM PIN"
    | "SIM PUK"
    | "failure"
    | "ready"

/** The errors of commands that need a card which is not ready, [ATM] 19.1. */
const errors: Record<Exclude<SimState, "ready">, CmeCode> = {
    busy: 14,
    off: 797,
    "not inserted": 10,
    "SIM PIN": 11,
    "SIM PUK": 12,
    failure: 13,
}

/** The module's side of the card: reads it after power-on, unlocks it, reports it. */
export class SimInterface {
    private current: SimState = "busy"

    /**
     * @param changed tells a new state, once the `+CPIN` line may be said
     */
    constructor(
        private readonly clock: Clock,
        private readonly card: SimCard,
        private readonly changed: (from: SimState, to: SimState) => void
    ) {}

    get state(): SimState {
        return this.current
    }

    /** Gives the card power; its state is known after `readMs`. */
    switchOn(readMs: number): void {
        this.enter("busy")
        this.clock.after(readMs, () => {
            if (this.current === "busy") this.enter(this.demand())
        })
    }

    switchOff(): void {
        this.enter("off")
    }

    /** The error of a command that needs the card, or undefined if it is ready. */
    get error(): CmeCode | undefined {
        return this.current === "ready" ? undefined : errors[this.current]
    }

    /** Name of the state in AT+CPIN?, or its error. */
    describe(): string | { readonly error: CmeCode } {
        switch (this.current) {
            case "ready":
                return "READY"
            case "SIM PIN":
            case "SIM PUK":
                return this.current
            default:
                return { error: errors[this.current] }
        }
    }

    /**
     * AT+CPIN=pin, or puk and new PIN ([ATM] 3.2.28).
     * @returns the error, or undefined if the card is unlocked now
     */
    enterPin(code: string, newPin: string | undefined): CmeCode | undefined {
        const right =
            this.current === "SIM PUK"
                ? newPin !== undefined && this.card.unblock(code, newPin)
                : this.card.verify(code)
        if (!right) this.enter(this.demand())
        return right ? undefined : INCORRECT_PASSWORD
    }

    /**
     * A PIN given to change something about it, on a card that is unlocked.
     * @param change tells whether the PIN was right
     * @returns the error, or undefined if it is done
     */
    withPin(change: (card: SimCard) => boolean): CmeCode | undefined {
        const isBlocked = (): boolean => this.card.asksFor === "PUK"
        if (isBlocked()) return errors["SIM PUK"]
        if (change(this.card)) return undefined
        // the third wrong one blocks the card
        if (isBlocked()) this.enter("SIM PUK")
        return INCORRECT_PASSWORD
    }

    /** The card is taken out of its holder. */
    removed(): void {
        this.enter("not inserted")
    }

    /** After a right PIN: what needs the card may begin. */
    unlocked(): void {
        this.enter("ready")
    }

    private demand(): SimState {
        if (!this.card.inserted) return "not inserted"
        switch (this.card.asksFor) {
            case "nothing":
                return "ready"
            case "PIN":
                return "SIM PIN"
            case "PUK":
                return "SIM PUK"
            case "a new card":
                return "failure"
        }
    }

    private enter(state: SimState): void {
        const from = this.current
        this.current = state
        if (from !== state) this.changed(from, state)
    }
}

const INCORRECT_PASSWORD = 16
