/**
 * `Bearer` takes an unknown modem to a PDP context with an address, and back there
 * after every loss (application note 2.1.1 and 8, and what real modems need in
 * between). It runs the script, one command after the other, and says what each answer
 * means for the way. Beside it in this folder: the script, the search for the modem,
 * the SIM card's PIN, what the modem has said on the way.
 */
import { Command, Giver, Outcome, TENTH, type Channel } from "../channel"
import type { ModemConfig } from "../options"
import type { Digest } from "../digest"
import type { Encoder } from "../encoder"
import { Cme, Failure } from "../errors"
import type { Features } from "../feature"
import type { ForeignText } from "../foreign-text"
import { hasAddress, hasContext, IpState, type IpMachine } from "../ip-state"
import { audited, beginAudit } from "../link/audit"
import { Audited, LinkState } from "../link/connection"
import type { Connections } from "../link/connections"
import type { Reporter } from "../observer"
import type { Recovery } from "../recovery"
import { Line, type Results } from "../results"
import type { UartState } from "../uart-state"
import type { Wishes } from "../wishes"
import { Said } from "./said"
import {
    Column,
    isNeedless,
    Phase,
    SCRIPT,
    Step,
    STRIDE,
    writeParameters,
} from "./script"
import { Search, Turn } from "./search"
import { SimPin, Verdict } from "./sim-pin"

/** ms */
const SECOND = 1000
/** A network that says "denied" often means "not yet": how long it is asked again, ms. */
const DENIED_PATIENCE = 20000
/** from the OK to AT+IPR until the modem is at the new rate */
const RATE_PAUSE = 200
const RESTART_PAUSE = 1000
/** from a reset until the modem can be looked for */
const RESET_PAUSE = 3000
/** from PWRKEY low until the modem can be looked for */
const POWER_ON_PAUSE = 4000
const POWER_DOWN_PAUSE = 5000
/** after this many AT+CIPSTATUS without a usable answer everything is built up anew */
const AUDIT_TRIES = 3

/** What lies below the bearer. */
export interface BelowBearer {
    readonly config: ModemConfig
    readonly digest: Digest
    readonly results: Results
    readonly encoder: Encoder
    readonly uart: UartState
    readonly wishes: Wishes
    readonly reporter: Reporter
    readonly channel: Channel
    readonly foreign: ForeignText
    readonly recovery: Recovery
    readonly ip: IpMachine
    readonly links: Connections
    readonly features: Features
}

/** @devsWhenUsed */
export class Bearer {
    phase = Phase.Off
    /** why the last attempt has failed; None once connections can be made */
    failure = Failure.None
    /** the command that was not obeyed, and the number of its +CME ERROR, or a `Cme` */
    refused = Command.None
    cme: Cme = Cme.Plain
    /** how many times the modem was set up from the beginning */
    configured = 0
    /** how many times the modem has restarted by itself */
    restarts = 0
    /** how many times the network has taken the PDP context away */
    deactivations = 0
    /** how many times the driver has brought the context up anew, and reset the modem */
    rebuilds = 0
    resets = 0
    /** what the modem has said on the way */
    readonly said: Said
    /** own address in dotted notation, and its length */
    readonly address: Buffer
    addressLength = 0
    /** when there is something to do, if a script is under way */
    dueAt = 0
    /** the step of the script under way; connections wait while there is one */
    step = Step.None

    private readonly core: BelowBearer
    private readonly finder: Search
    private readonly pin: SimPin
    /** when the present step was tried first */
    private since = 0
    private outcome = Outcome.Ok
    /** the SIM card has said `failure` once: it counts when the card says it again */
    private doubted = false
    /** AT+CNMI has been obeyed: no text comes unasked */
    private messagesSet = false
    /** echo was switched off: an echo now means that the modem has restarted */
    private echoOff = false
    /**
     * the step that follows when the modem has been found: EchoOff; Audit, and
     * connections live on if the modem has not restarted; or a step of the script, when
     * a command had no answer
     */
    private next = Step.EchoOff
    /** `next` is a step of the script … */
    private aside = false
    /** … which is due then */
    private nextAt = 0
    private rateSet = false
    private auditTries = 0
    /** the context was lost while a command of the script was under way */
    private diverted = false

    constructor(core: BelowBearer) {
        this.core = core
        this.finder = new Search(core.config, core.encoder)
        this.pin = new SimPin()
        this.said = new Said(core.digest, core.results)
        this.address = Buffer.alloc(16)
    }

    /** Whether a script is under way, so that connections have to wait. */
    busy(): boolean {
        return this.step !== Step.None
    }

    start(now: number) {
        this.core.recovery.start()
        this.pin.start()
        this.failure = Failure.None
        this.begin(now)
    }

    stop() {
        const core = this.core
        this.step = Step.None
        core.wishes.shut = false
        core.wishes.reset = false
        core.ip.enter(IpState.Unknown)
        this.enter(Phase.Off)
    }

    /** Forgets the command in flight and all that is half received. */
    abort() {
        const core = this.core
        core.channel.finish()
        core.digest.reset()
        core.foreign.reset()
        core.links.reset()
    }

    /** The modem has restarted: nothing of what it knew is left. */
    restarted(now: number) {
        this.restarts++
        this.lost(Failure.Restarted, RESTART_PAUSE, now)
    }

    /** @param pause until the modem is looked for again, ms */
    private lost(failure: Failure, pause: number, now: number) {
        const core = this.core
        this.failure = failure
        this.refused = Command.None
        this.said.forgetAnswer()
        // a reset that was asked for is no failure, but the end of all sockets
        core.links.shut(failure === Failure.None ? Failure.ClosedHere : failure)
        core.links.told.reset()
        core.features.down(now)
        this.abort()
        this.begin(now)
        this.dueAt = now + pause
    }

    private begin(now: number) {
        this.forget()
        this.core.links.told.quick = this.core.config.quickSend
        this.go(Step.Synchronise, now)
    }

    /** Forgets what the modem has said: it is set up from the beginning. */
    private forget() {
        this.core.ip.enter(IpState.Unknown)
        this.said.reset()
        this.next = Step.EchoOff
        this.aside = false
        this.echoOff = false
        this.rateSet = false
        this.messagesSet = false
        this.auditTries = 0
        this.diverted = false
    }

    /** +PDP: DEACT: the network has taken the context away. */
    deactivated(now: number) {
        const core = this.core
        const state = core.ip.state
        if (state === IpState.PdpDeact) return
        // a context that is not up yet can not be lost
        const lazy = core.config.lazy && this.phase === Phase.Ready
        if (!hasContext(state) && !lazy) return
        this.deactivations++
        core.features.down(now)
        this.failure = Failure.PdpDeactivated
        this.refused = Command.None
        this.said.forgetAnswer()
        core.ip.enter(IpState.PdpDeact)
        core.links.lost(Failure.PdpDeactivated)
        // a command of the script that is under way is left to its end
        const channel = core.channel
        if (channel.running !== Command.None && channel.link < 0)
            this.diverted = true
        else this.go(Step.Signal, now)
    }

    /**
     * A command got no answer: find the modem again, then compare what it
     * says of its connections with what is believed here.
     */
    resynchronise(now: number) {
        if (this.step === Step.Synchronise) return
        this.next = this.phase === Phase.Ready ? Step.Audit : Step.EchoOff
        this.go(Step.Synchronise, now)
    }

    /**
     * A command of the script got no answer in time. A late answer must not be taken
     * for that of the next command, so AT goes first.
     */
    private detour(now: number) {
        switch (this.step) {
            case Step.None:
            case Step.Synchronise:
            case Step.Reset:
                return
        }
        this.aside = true
        this.next = this.step
        this.nextAt = this.dueAt
        this.step = Step.Synchronise
        this.dueAt = now
        this.finder.begin(this.core.uart.baud, now)
    }

    /**
     * Whether the bearer waits for the next attempt, and the modem takes commands
     * meanwhile.
     */
    rests(): boolean {
        return this.phase === Phase.Resting && !this.aside
    }

    /**
     * One connection after the other has failed. Chapter 12: a new connection
     * has not helped, so the context is brought up anew; if that does not help
     * either, the modem is reset. A server that is down looks the same, so each
     * time more is needed, and connections that are up come first.
     */
    troubled(now: number) {
        const core = this.core
        const recovery = core.recovery
        recovery.forgetFailures()
        if (this.phase !== Phase.Ready || core.links.anyConnected(now)) return
        recovery.losePatience()
        if (recovery.rebuilds()) {
            this.rebuilds++
            this.rebuild(Failure.PdpDeactivated, now)
        } else this.reset(now)
    }

    /** AT+CIPSHUT, and everything that follows it. */
    private rebuild(failure: Failure, now: number) {
        this.core.links.lost(failure)
        this.core.features.down(now)
        this.go(Step.SelectSecond, now)
    }

    /** Carries out what is wished of the whole (`Wishes`); the channel is free. */
    attend(now: number) {
        const wishes = this.core.wishes
        const shut = wishes.shut
        const reset = wishes.reset
        wishes.shut = false
        wishes.reset = false
        if (this.phase === Phase.Off || this.phase === Phase.Failed) return
        if (reset) this.reset(now)
        // without a context one is being brought up anyway
        else if (shut && this.phase === Phase.Ready)
            this.rebuild(Failure.ClosedHere, now)
    }

    /**
     * Resets the modem, the last resort of chapter 12: by its pin if that is wired,
     * else by AT+CFUN=1,1.
     */
    private reset(now: number) {
        const core = this.core
        this.resets++
        core.recovery.reset()
        if (!core.config.resetPin) {
            this.go(Step.Reset, now)
            return
        }
        core.uart.resetWanted = true
        this.lost(this.failure, RESET_PAUSE, now)
    }

    /** Compares beliefs with AT+CIPSTATUS as soon as the channel is free. */
    audit(now: number) {
        if (this.phase !== Phase.Ready || this.step !== Step.None) return
        this.go(Step.Audit, now)
    }

    /** `STATE:` in front of CONNECT FAIL (manual 8.2.2): why there is no connection. */
    stateLine(now: number) {
        const link = this.core.links.list[0]
        if (link.state !== LinkState.Connecting) return
        if (this.said.ipState() === IpState.PdpDeact) this.deactivated(now)
    }

    /**
     * The driver has given up because the card wants its PUK. For some time it gives
     * commands that need no network, as it does between two attempts.
     * @param pause how long it may take, ms
     * @returns whether it has given up for that; `giveUpAgain()` ends it
     */
    pauseForPuk(pause: number, now: number): boolean {
        if (this.phase !== Phase.Failed || this.failure !== Failure.PukRequired)
            return false
        this.step = Step.Synchronise
        this.dueAt = now + pause
        this.enter(Phase.Resting)
        return true
    }

    /** Ends that time: the next `start()` sees what has become of the card. */
    giveUpAgain() {
        if (this.phase !== Phase.Resting) return
        this.step = Step.None
        this.enter(Phase.Failed)
    }

    /** The modem says, out of turn, that it has started or switches itself off. */
    line(line: Line, now: number) {
        let again = this.said.callReady
        // nothing is done until the next start()
        if (this.phase === Phase.Off || this.phase === Phase.Failed) return
        switch (line) {
            case Line.PowerDown:
                this.lost(Failure.PoweredDown, POWER_DOWN_PAUSE, now)
                return
            case Line.Pin:
                // the SIM has come, gone, or started anew
                if (!again) this.audit(now)
                else if (!this.beforeNetwork()) this.restarted(now)
                return
            case Line.Started:
            case Line.Functionality:
                // a modem that has a network has not just started
                if (this.hasNetwork()) again = true
                break
            case Line.Echo:
                if (this.echoOff) this.restarted(now)
                return
            case Line.CallReady:
                // the first one is late, or that of a restart
                if (!again) this.audit(now)
                this.said.ready(line)
                break
            case Line.SmsReady:
                again = this.said.ready(line)
                break
        }
        if (this.step === Step.Reset) {
            // some firmware says no OK to AT+CFUN=1,1
            this.lost(this.failure, RESET_PAUSE, now)
            return
        }
        // Until Call Ready they belong to the start that is being watched:
        // RDY may come seconds behind the first OK.
        if (again && this.echoOff) this.restarted(now)
        else if (this.step === Step.CallReady) this.dueAt = now
    }

    /** Whether the SIM card may still be starting. */
    private beforeNetwork(): boolean {
        switch (this.phase) {
            case Phase.Off:
            case Phase.Synchronising:
            case Phase.Configuring:
            case Phase.Sim:
                return true
        }
        return false
    }

    private hasNetwork(): boolean {
        switch (this.phase) {
            case Phase.Attaching:
            case Phase.Activating:
            case Phase.Ready:
                return true
        }
        return false
    }

    /** Takes up information that the command in flight has asked for. */
    information(line: Line) {
        const digest = this.core.digest
        const results = this.core.results
        const at = results.argAt
        this.said.keepAnswer()
        if (line === Line.Pin)
            this.pin.stateLine(digest.line, at, digest.lineLength)
        else if (line === Line.PinTries)
            this.pin.triesLine(digest.line, at, results.args[0])
        else this.said.information(line)
    }

    /** Gives the next command of the script if it is due; the channel is free. */
    run(now: number) {
        const core = this.core
        if (((now - this.dueAt) | 0) < 0) return
        if (this.rests()) {
            if (core.recovery.resetDue()) this.reset(now)
            else this.begin(now)
            return
        }
        const step = this.step
        if (step === Step.Synchronise && this.searching(now)) return
        core.channel.begin(this.command(), Giver.Bearer, now)
        writeParameters(step, core.config, core.encoder)
        this.said.ask(step)
        switch (step) {
            case Step.PinEnter:
                this.pin.enter()
                break
            case Step.PinRead:
            case Step.PinTries:
                this.pin.ask()
                break
            case Step.Tls:
                core.links.told.tls = 0
                break
            case Step.Activate:
                core.ip.enter(IpState.IpConfig)
                break
            case Step.Audit:
                beginAudit(core.links)
        }
    }

    /** The command of the present step. */
    private command(): Command {
        return SCRIPT[this.step * STRIDE + Column.Command] as Command
    }

    /** What is reported when the present step fails. */
    private reported(): Failure {
        return SCRIPT[this.step * STRIDE + Column.Failure] as Failure
    }

    /**
     * The part of synchronising that is not AT.
     * @returns whether AT has to wait
     */
    private searching(now: number): boolean {
        const turn = this.finder.next(this.core.channel.strays, now)
        this.core.uart.dtr = this.finder.dtr
        this.dueAt = this.finder.dueAt
        if (turn === Turn.Found) this.found(now)
        return turn !== Turn.Ask
    }

    /** The modem takes commands. */
    private found(now: number) {
        const next = this.next
        this.next = Step.EchoOff
        if (!this.aside) {
            this.go(next, now)
            return
        }
        this.aside = false
        this.step = next
        this.dueAt = this.nextAt
    }

    /** AT has ended. */
    private searched(outcome: Outcome, now: number) {
        const core = this.core
        const search = this.finder
        const channel = core.channel
        if (outcome === Outcome.Ok) search.answered(channel.strays, now)
        else if (outcome !== Outcome.Timeout) search.refused(now)
        else {
            const escapes = core.config.transparent || this.next !== Step.Audit
            const turn = search.unanswered(channel.sentAt, escapes, now)
            if (turn === Turn.Nobody) {
                if (this.pull(now)) return
                this.note(Failure.NoAnswer)
                this.refused = Command.None
                this.said.forgetAnswer()
                core.links.lost(Failure.NoAnswer)
                core.links.told.reset()
                // it may have restarted, without an echo to tell it
                this.forget()
                this.enter(Phase.Synchronising)
                search.otherRate(now)
                core.reporter.changed()
            }
            if (search.rate !== core.uart.baud) core.uart.setBaud(search.rate)
        }
        this.dueAt = search.dueAt
    }

    /**
     * Nothing answers at the expected rate. PWRKEY comes first, because most modules
     * are off when power comes; RESET comes when nothing has answered at any other
     * rate.
     * @returns whether a pin is pulled
     */
    private pull(now: number): boolean {
        const core = this.core
        const config = core.config
        if (!config.resetPin) return false
        const fails = core.recovery.unanswered()
        if (config.powerKey && fails === 0) {
            core.uart.powerKeyWanted = true
            this.finder.again(POWER_ON_PAUSE, now)
            this.dueAt = this.finder.dueAt
        } else if (fails > +config.powerKey) this.reset(now)
        else return false
        return true
    }

    /** The command of the script has ended. */
    done(outcome: Outcome, now: number) {
        this.ended(outcome, now)
        if (outcome === Outcome.Timeout) this.detour(now)
    }

    /** What its end means, and which step follows. */
    private ended(outcome: Outcome, now: number) {
        const ok = outcome === Outcome.Ok
        this.outcome = outcome
        if (this.diverted) {
            this.diverted = false
            this.go(Step.Signal, now)
            return
        }
        let decided = false
        switch (SCRIPT[this.step * STRIDE + Column.Phase] as Phase) {
            case Phase.Synchronising:
                // the reset goes on, whether the modem has said OK or not
                if (this.step === Step.Reset)
                    this.lost(this.failure, RESET_PAUSE, now)
                else this.searched(outcome, now)
                return
            case Phase.Ready:
                this.auditEnded(ok, now)
                return
            case Phase.Configuring:
                decided = this.configuredBy(ok, now)
                break
            case Phase.Sim:
                decided = this.toldOfSim(outcome, now)
                break
            case Phase.Registering:
            case Phase.Attaching:
                decided = this.toldOfNetwork(outcome, now)
                break
            case Phase.Activating:
                decided = this.activatedBy(outcome, now)
        }
        if (decided) return
        if (ok) this.go(this.step + 1, now)
        else if (outcome === Outcome.Timeout) {
            const failure = this.reported()
            this.fail(
                failure === Failure.None || failure === Failure.SetupRefused
                    ? Failure.NoAnswer
                    : failure,
                now
            )
        } else this.again(now)
    }

    /** A step of the set-up has ended. @returns whether what follows is decided */
    private configuredBy(ok: boolean, now: number): boolean {
        const uart = this.core.uart
        const baud = this.core.config.baud
        switch (this.step) {
            case Step.EchoOff:
                if (!ok) break
                this.echoOff = true
                this.configured++
                break
            case Step.RateRead:
                if (!ok) break
                if (this.said.rate !== baud || uart.baud !== baud)
                    this.go(Step.RateSet, now)
                else this.go(this.rateSet ? Step.Save : Step.FlowControl, now)
                return true
            case Step.RateSet:
                this.rateSet = this.rateSet || ok
                if (!ok) this.go(Step.FlowControl, now)
                else if (uart.baud === baud) this.go(Step.Save, now)
                else {
                    // OK came at the old rate, the next answer has the new one
                    uart.setBaud(baud)
                    this.go(Step.Synchronise, now)
                    this.dueAt = now + RATE_PAUSE
                }
                return true
        }
        return false
    }

    /** A step of the SIM card has ended. @returns whether what follows is decided */
    private toldOfSim(outcome: Outcome, now: number): boolean {
        const pin = this.pin
        const core = this.core
        const cme = core.channel.cme
        switch (this.step) {
            case Step.PinRead:
                this.follow(pin.stateEnded(outcome, cme, core.config.pin), now)
                break
            case Step.PinTries:
                this.follow(pin.triesEnded(outcome), now)
                break
            case Step.PinEnter:
                this.follow(pin.entered(outcome, cme), now)
                break
            default:
                if (outcome === Outcome.Ok && !this.said.callReady)
                    this.again(now)
                else this.go(Step.Signal, now)
        }
        return true
    }

    /** A step of the network has ended. @returns whether what follows is decided */
    private toldOfNetwork(outcome: Outcome, now: number): boolean {
        const said = this.said
        const ok = outcome === Outcome.Ok
        switch (this.step) {
            case Step.Signal:
                if (ok && said.signal === 99) this.again(now)
                else this.go(Step.Registration, now)
                return true
            case Step.Registration:
                if (said.hasVoice()) return false
                if (outcome === Outcome.Timeout) this.again(now)
                // a card without voice: GPRS is enough
                else this.step = Step.GprsRegistration
                return true
            case Step.GprsRegistration:
                if (said.hasGprs()) return false
                if (said.hasVoice()) this.again(now)
                else if (((now - this.since) | 0) < DENIED_PATIENCE)
                    this.unregistered(now)
                else this.step = Step.AttachRead
                return true
            case Step.AttachRead:
                if (said.attached === 1) this.go(Step.Messages, now)
                else if (said.hasVoice() || said.hasGprs()) this.again(now)
                else this.unregistered(now)
                return true
            case Step.Messages:
                this.messagesSet = ok
        }
        return false
    }

    /** A step of the context has ended. @returns whether what follows is decided */
    private activatedBy(outcome: Outcome, now: number): boolean {
        const core = this.core
        const ok = outcome === Outcome.Ok
        switch (this.step) {
            case Step.QuickSend:
                if (outcome !== Outcome.Refused) return false
                core.links.told.quick = false
                this.go(Step.Reception, now)
                return true
            case Step.Address:
                if (ok && !core.digest.isNoAddress()) this.hasAddress()
                else this.noAddress(now)
                return true
        }
        if (!ok) return false
        switch (this.step) {
            case Step.Shut:
                core.ip.enter(IpState.IpInitial)
                core.links.shut(Failure.PdpDeactivated)
                core.features.down(now)
                break
            case Step.LazyAccessPoint:
                this.up()
                return true
            case Step.AccessPoint:
                core.ip.enter(IpState.IpStart)
                break
            case Step.Activate:
                core.ip.enter(IpState.IpGprsact)
        }
        return false
    }

    /** Neither AT+CREG? nor AT+CGREG? is good: both are asked again. */
    private unregistered(now: number) {
        if (
            this.said.isDenied() &&
            ((now - this.since) | 0) >= DENIED_PATIENCE
        ) {
            this.fail(Failure.RegistrationDenied, now)
            return
        }
        this.step = Step.Registration
        this.enter(Phase.Registering)
        this.again(now)
    }

    /** The line is the address. */
    private hasAddress() {
        const digest = this.core.digest
        this.core.ip.enter(IpState.IpStatus)
        this.addressLength = digest.lineLength
        this.address.blitAt(0, digest.line, 0, this.addressLength)
        this.up()
    }

    private noAddress(now: number) {
        if (this.outcome === Outcome.Ok) this.said.keepAnswer()
        if (this.outcome === Outcome.Timeout) this.fail(Failure.NoAddress, now)
        else this.again(now)
    }

    /** Does what the SIM card makes necessary. */
    private follow(verdict: Verdict, now: number) {
        const failure = this.pin.failure
        switch (verdict) {
            case Verdict.Again:
                // what ends all attempts, if it is said again
                this.doubted = failure !== Failure.None
                if (this.doubted) this.note(failure)
                this.again(now)
                break
            case Verdict.Ready:
                if (this.doubted) this.failure = Failure.None
                this.doubted = false
                this.go(Step.CallReady, now)
                break
            case Verdict.ReadState:
                this.go(Step.PinRead, now)
                this.dueAt = now + SECOND
                break
            case Verdict.ReadTries:
                this.go(Step.PinTries, now)
                break
            case Verdict.Enter:
                this.go(Step.PinEnter, now)
                break
            case Verdict.Fail:
                this.fail(failure, now)
                break
            case Verdict.GiveUp:
                this.giveUp(failure)
        }
    }

    /** AT+CIPSTATUS has ended. */
    private auditEnded(ok: boolean, now: number) {
        const recovery = this.core.recovery
        // lines are missing: a connection that the answer does not list may be there
        if (this.core.channel.torn) this.resynchronise(now)
        else if (ok && this.compare(now)) return
        else if (++this.auditTries < AUDIT_TRIES) this.resynchronise(now)
        else if (recovery.rebuilds()) this.lost(Failure.Desynchronised, 0, now)
        else {
            this.failure = Failure.Desynchronised
            this.reset(now)
        }
    }

    /**
     * Compares the answer of AT+CIPSTATUS with what was believed.
     * @returns false if it could not be read
     */
    private compare(now: number): boolean {
        const core = this.core
        const state = this.said.audited
        const links = core.links
        if (state === IpState.Unknown) return false
        if (state === IpState.PdpDeact) {
            this.deactivated(now)
            // there was no context that could be lost
            if (this.step === Step.Audit) this.go(Step.Signal, now)
            return true
        }
        if (!hasAddress(state) && !core.config.lazy) {
            this.restarted(now)
            return true
        }
        if (!core.config.multi) links.singleAudited(this.singleState(state))
        if (!audited(links, now)) return false
        this.auditTries = 0
        this.step = Step.None
        this.enter(Phase.Ready)
        return true
    }

    /** What the state of the whole says of the single connection. */
    private singleState(state: IpState): Audited {
        switch (state) {
            // AT+CIPSTART is bringing the context up
            case IpState.IpStart:
            case IpState.IpConfig:
            case IpState.IpGprsact:
            case IpState.TcpConnecting:
            case IpState.UdpConnecting:
                return Audited.Connecting
            case IpState.ConnectOk:
                return Audited.Connected
        }
        return Audited.None
    }

    /** Connections can be made. */
    private up() {
        this.step = Step.None
        this.failure = Failure.None
        this.core.recovery.up()
        this.enter(Phase.Ready)
    }

    private go(step: Step, now: number) {
        const core = this.core
        const functionality = this.said.functionality
        const off = functionality === 0 || functionality === 4
        while (isNeedless(step, core.config, off, this.messagesSet)) step++
        this.aside = false
        this.step = step
        this.since = now
        this.dueAt = now
        if (step === Step.Synchronise) this.finder.begin(core.uart.baud, now)
        // the edge may be out
        core.uart.dtr = true
        this.enter(SCRIPT[step * STRIDE + Column.Phase] as Phase)
    }

    /** Repeats the step after its pause, or is out of patience with it. */
    private again(now: number) {
        const row = this.step * STRIDE
        const patience = SCRIPT[row + Column.Patience] * SECOND
        if (((now - this.since) | 0) < patience) {
            this.dueAt = now + SCRIPT[row + Column.Again] * TENTH
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

    /** Ends this attempt; the next one follows after a pause. */
    private fail(failure: Failure, now: number) {
        this.note(failure)
        this.core.links.lost(failure)
        this.dueAt = now + this.core.recovery.failed()
        this.enter(Phase.Resting)
    }

    /** Ends all attempts: the next one could only do harm. */
    private giveUp(failure: Failure) {
        this.note(failure)
        this.core.links.stop(failure)
        this.step = Step.None
        this.enter(Phase.Failed)
    }

    /** Keeps what a person will want to know. */
    private note(failure: Failure) {
        this.failure = failure
        this.refused = Command.None
        if (this.outcome === Outcome.Ok) return
        this.refused = this.command()
        this.cme = this.core.channel.cme
    }

    private enter(phase: Phase) {
        if (this.phase === phase) return
        this.phase = phase
        this.core.reporter.changed()
    }
}
