/**
 * The way from an unknown modem to a PDP context with an address (application note
 * 2.1.1 and 8, plus what real modems need in between): the position of `Bearer` on it,
 * and its transitions from one step or phase to the next. The other files of this
 * folder are functions on it, and its parts.
 */
import { Outcome } from "../channel"
import {
    Column,
    Command,
    COMMANDS,
    HALF_SECOND,
    isNeedless,
    STRIDE,
} from "../commands"
import { Cme, Failure } from "../errors"
import type { Features } from "../feature"
import type { ForeignText } from "../foreign-text"
import type { Below, Connections } from "../link/connections"
import type { Reporter } from "../observer"
import { Said } from "./said"
import { Phase } from "../phase"
import { difference } from "../time"
import { Search } from "./search"
import { SimPin } from "./sim-pin"

/** ms */
const SECOND = 1000

/** The layers below the bearer. */
export interface BelowBearer extends Below {
    readonly reporter: Reporter
    /** foreign text being received */
    readonly foreign: ForeignText
    readonly links: Connections
    readonly features: Features
}

/** @devsWhenUsed */
export class Bearer {
    phase = Phase.Off
    /** why the last attempt has failed; None once connections can be made */
    failure = Failure.None
    /** the command that failed, and the number of its +CME ERROR, or a `Cme` */
    refused = Command.None
    cme: Cme = Cme.Plain
    /** how many times the modem was set up from the beginning */
    configured = 0
    /** how many times the modem has restarted by itself */
    restarts = 0
    /** how many times the network has deactivated the PDP context */
    deactivations = 0
    /** how many times the driver has brought the context up anew, and reset the modem */
    rebuilds = 0
    resets = 0
    /** the modem's information on the way up */
    readonly said: Said
    /** own address in dotted notation, and its length */
    readonly address: Buffer
    addressLength = 0
    /** when the script has its next work, if one is under way */
    dueAt = 0
    /** the step of the script under way; connections wait while there is one */
    step = Command.None

    // for the files of this folder
    readonly core: BelowBearer
    readonly finder: Search
    readonly pin: SimPin
    /** when the present step was tried first */
    since = 0
    /** outcome of the last command of the script */
    outcome = Outcome.Ok
    /** the SIM card has reported `failure` once: it counts when reported again */
    doubted = false
    /** AT+CNMI has succeeded: no text comes unasked */
    messagesSet = false
    /** echo was switched off: an echo now means that the modem has restarted */
    echoOff = false
    /**
     * the step after the modem is found: Ate0; Cipstatus, after which connections live
     * on if the modem has not restarted; or the step of the script whose command timed
     * out
     */
    next = Command.Ate0
    /** `next` is a step of the script … */
    aside = false
    /** … which is due then */
    nextAt = 0
    rateSet = false
    auditTries = 0
    /** the context was lost while a command of the script was under way */
    diverted = false

    constructor(core: BelowBearer) {
        this.core = core
        this.finder = new Search(core.config, core.encoder)
        this.pin = new SimPin()
        this.said = new Said(core.digest, core.results)
        this.address = Buffer.alloc(16)
    }

    /** Whether the bearer waits for the next attempt while the modem takes commands. */
    rests(): boolean {
        return this.phase === Phase.Resting && !this.aside
    }

    /** Nothing is done until the next start of the driver. */
    isOff(): boolean {
        return this.phase === Phase.Off || this.phase === Phase.Failed
    }

    /** The failure to report if the present step fails. */
    reported(): Failure {
        return COMMANDS[this.step * STRIDE + Column.Failure] as Failure
    }

    /** Goes to a step, or to the next one that is needed. */
    go(step: Command, now: number) {
        const core = this.core
        const functionality = this.said.functionality
        const off = functionality === 0 || functionality === 4
        while (isNeedless(step, core.config, off, this.messagesSet)) step++
        this.aside = false
        this.step = step
        this.since = now
        this.dueAt = now
        if (step === Command.At) this.finder.begin(core.uart.baud, now)
        // a DTR pulse may still be under way
        core.uart.dtr = true
        this.enter(COMMANDS[step * STRIDE + Column.Phase] as Phase)
    }

    /** Repeats the step after its pause, or fails when its patience is over. */
    again(now: number) {
        const row = this.step * STRIDE
        const patience = COMMANDS[row + Column.Patience] * SECOND
        if (difference(now, this.since) < patience) {
            this.dueAt = now + COMMANDS[row + Column.Again] * HALF_SECOND
            return
        }
        let failure = this.reported()
        if (failure === Failure.None) {
            this.go(this.step + 1, now)
            return
        }
        if (failure === Failure.SimNotReady && this.pin.missing())
            failure = Failure.SimMissing
        this.fail(failure, now)
    }

    /** Connections can be made. */
    up() {
        this.step = Command.None
        this.failure = Failure.None
        this.core.recovery.up()
        this.enter(Phase.Ready)
    }

    /** Ends this attempt; the next one follows after a pause. */
    fail(failure: Failure, now: number) {
        this.note(failure)
        this.core.links.lost(failure)
        this.dueAt = now + this.core.recovery.failed()
        this.enter(Phase.Resting)
    }

    /** Records the failure for error messages. */
    note(failure: Failure) {
        this.failure = failure
        this.refused = Command.None
        if (this.outcome === Outcome.Ok) return
        this.refused = this.step
        this.cme = this.core.channel.cme
    }

    /** … of a failure that no command reported. */
    noteLoss(failure: Failure) {
        this.failure = failure
        this.refused = Command.None
        this.said.forgetAnswer()
    }

    enter(phase: Phase) {
        if (this.phase === phase) return
        this.phase = phase
        this.core.reporter.changed()
    }
}
