/** A second PDP context with an access point of its own (application note 4). */
import { Giver, Outcome } from "./channel"
import { Command } from "./commands"
import { IDLE } from "./config"
import { Cme, Failure } from "./errors"
import type { Feature } from "./feature"
import type { Modem } from "./modem"
import { REST_MAX } from "./recovery"
import { difference } from "./time"

export enum ContextState {
    Closed,
    Opening,
    Open,
    Closing,
}

// prettier-ignore
const UP = Buffer.from([
    // command              failure
    Command.CipsgtxtSecond, Failure.SetupRefused,
    Command.CipshutSecond,  Failure.SetupRefused,
    Command.Cstt,           Failure.ApnRefused,
    Command.Ciicr,          Failure.ActivationRefused,
    Command.Cifsr,          Failure.NoAddress,
    Command.CipsgtxtFirst,  Failure.SetupRefused,
])
// prettier-ignore
const DOWN = Buffer.from([
    Command.CipsgtxtSecond, Failure.SetupRefused,
    Command.CipshutSecond,  Failure.SetupRefused,
    Command.CipsgtxtFirst,  Failure.SetupRefused,
])
const STRIDE = 2

/** first pause between attempts, ms: the next one is twice as long, up to `REST_MAX` */
const REST = 2000

/** @devsWhenUsed */
export class SecondContext implements Feature {
    work = false
    dueAt = 0
    readonly offline = false
    state = ContextState.Closed
    /** why the context is not up */
    failure = Failure.None
    refused = Command.None
    cme: Cme = Cme.Plain
    /** own address in dotted notation, and its length */
    readonly address: Buffer
    addressLength = 0
    /** called at every change of state, and at failures */
    changed: (() => void) | null = null

    private readonly modem: Modem
    private wanted = false
    private apn = ""
    private user = ""
    private password = ""
    private step = 0
    private rest = REST

    constructor(modem: Modem) {
        this.modem = modem
        this.address = Buffer.alloc(16)
        modem.config.secondContext = true
        modem.features.list.push(this)
    }

    /** Brings it up, and up again after every loss, until `close()`. */
    open(apn: string, user: string, password: string) {
        this.apn = apn
        this.user = user
        this.password = password
        this.wanted = true
        this.failure = Failure.None
        this.rest = REST
        this.dueAt = 0
        this.work = true
    }

    /** Shuts it, with its connections; those in the first one live on. */
    close() {
        this.wanted = false
        this.work = true
    }

    line(): boolean {
        return false
    }

    run(now: number): boolean {
        this.work = false
        if (
            this.state === ContextState.Closed ||
            this.state === ContextState.Open
        ) {
            if (this.wanted === (this.state === ContextState.Open)) {
                this.dueAt = now + IDLE
                return false
            }
            const rest = difference(this.dueAt, now)
            // a longer pause means a time long past: 32 bits are 50 days
            if (this.failure !== Failure.None && rest > 0 && rest <= REST_MAX)
                return false
            this.step = 0
            this.modem.features.claim(this)
            this.enter(
                this.wanted ? ContextState.Opening : ContextState.Closing
            )
        }
        const script = this.state === ContextState.Opening ? UP : DOWN
        // AT+CIPSTATUS has selected the first one: from the beginning
        if (
            this.step < script.length / STRIDE - 1 &&
            this.modem.links.told.context !== 1
        )
            this.step = 0
        const command = script[this.step * STRIDE] as Command
        const encoder = this.modem.encoder
        this.modem.channel.begin(command, Giver.Feature, now)
        if (command === Command.Cstt) {
            encoder.quoted(this.apn)
            encoder.quoted(this.user)
            encoder.quoted(this.password)
        }
        return true
    }

    done(command: Command, outcome: Outcome, now: number) {
        const script = this.state === ContextState.Opening ? UP : DOWN
        const last = script.length / STRIDE - 1
        this.work = true
        if (command === Command.Cifsr && !this.modem.digest.isAddress())
            outcome = Outcome.Refused
        if (this.step === 0 || this.step === last) {
            const links = this.modem.links
            // ERROR may be another command's: then it is not known
            links.told.context =
                outcome === Outcome.Ok ? +(this.step === 0) : -1
            links.wake()
        }
        if (outcome !== Outcome.Ok) {
            if (this.failure === Failure.None) {
                this.failure = script[this.step * STRIDE + 1] as Failure
                this.refused = command
                this.cme = this.modem.channel.cme
            }
            // always end with the first context selected
            if (this.step > 0 && this.step < last) this.step = last
            else this.rested(now)
            return
        }
        if (command === Command.Cifsr) {
            const digest = this.modem.digest
            this.failure = Failure.None
            this.addressLength = digest.lineLength
            this.address.blitAt(0, digest.line, 0, this.addressLength)
        } else if (command === Command.CipshutSecond)
            this.modem.links.lostContext(1, Failure.ClosedHere)
        else if (command === Command.Cstt) this.failure = Failure.None
        if (this.step < last) this.step++
        else if (this.failure !== Failure.None) this.rested(now)
        else {
            this.rest = REST
            this.enter(
                this.state === ContextState.Opening
                    ? ContextState.Open
                    : ContextState.Closed
            )
        }
    }

    down() {
        this.addressLength = 0
        this.modem.links.told.context = 0
        this.work = true
        this.enter(ContextState.Closed)
    }

    /** The next try follows after a pause. */
    private rested(now: number) {
        this.dueAt = now + this.rest
        this.rest = this.rest * 2 < REST_MAX ? this.rest * 2 : REST_MAX
        this.work = false
        this.enter(ContextState.Closed)
    }

    private enter(state: ContextState) {
        if (this.state === state) return
        this.state = state
        if (state === ContextState.Open || state === ContextState.Closed)
            this.modem.features.claim(null)
        if (this.changed !== null) this.changed()
    }
}
