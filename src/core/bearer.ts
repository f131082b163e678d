/**
 * From an unknown modem to a PDP context with an address, and back there
 * after every loss: application note 2.1.1 and 8, with what real modems need
 * in between. `Bearer` runs the script, one command after the other, and says what
 * each answer means for the way; its parts are in bearer/: the script, the search
 * for the modem, the SIM card's PIN, the states of chapter 8, the ladder of chapter 12.
 */
import {
    hasAddress,
    hasContext,
    IP_STATES,
    IpState,
    withSingle,
} from "./bearer/ip-state"
import { Recovery } from "./bearer/recovery"
import { Column, Phase, SCRIPT, Step, STRIDE, Unless } from "./bearer/script"
import { Search, Turn } from "./bearer/search"
import { SimPin, Verdict } from "./bearer/sim-pin"
import { wordsAt } from "./bearer/words"
import { Command, Outcome, TENTH } from "./channel"
import { Framing, isPushed, Reception } from "./config"
import { Audited, LinkState, SEGMENT } from "./connection"
import { Cme, Failure } from "./errors"
import type { Modem } from "./modem"
import { Line } from "./results"

export { IP_STATES, IpState } from "./bearer/ip-state"
export { Phase, PHASES, Step } from "./bearer/script"

/** ms */
const SECOND = 1000
/** A network that says "denied" often means "not yet"; for so long, in ms. */
const DENIED_PATIENCE = 20000
/** AT+CIPTKA behind the idle time: four probes, 30 s apart */
const KEEP_ALIVE_PROBES = "30,4"
const RESTART_PAUSE = 1000
/** from a reset until the modem can be looked for */
const RESET_PAUSE = 3000
/** from PWRKEY low until the modem can be looked for */
const POWER_ON_PAUSE = 4000
const POWER_DOWN_PAUSE = 5000
/** fruitless AT+CIPSTATUS until everything is built up anew */
const AUDIT_TRIES = 3

/** As much of an answer as is kept for error messages. */
const ANSWER_SIZE = 32

/** Home, or roaming. */
function registered(state: number): boolean {
    return state === 1 || state === 5
}

/** @devsWhenUsed */
export class Bearer {
    phase = Phase.Off
    state = IpState.Unknown
    /** why the last attempt has failed; None once connections can be made */
    failure = Failure.None
    /** the command that was not obeyed, and the number of its +CME ERROR, or a `Cme` */
    refused = Command.None
    cme: Cme = Cme.Plain
    /** if there is none: the information that was not good enough */
    readonly answer: Buffer
    answerLength = 0
    /** how many times the modem was set up from the beginning */
    configured = 0
    /** how many times the modem has restarted by itself */
    restarts = 0
    /** how many times the network has taken the PDP context away */
    deactivations = 0
    /** how many times the driver has brought the context up anew, and reset the modem */
    rebuilds = 0
    resets = 0
    /** the rate that the UART is to use; whoever owns the UART follows it */
    lineBaud = 0
    /** how long the longest payload can take there, hexadecimal or held up, ms */
    segmentTime = 0
    /** received signal strength of AT+CSQ: 0–31, 99 unknown */
    signal = 99
    /** state of registration of AT+CREG, and of AT+CGREG */
    registration = 0
    gprsRegistration = 0
    /** data are sent with AT+CIPQSEND=1 */
    quick: boolean
    /** own address in dotted notation, and its length */
    readonly address: Buffer
    addressLength = 0
    /** when there is something to do, if a script is under way */
    dueAt = 0

    private readonly modem: Modem
    /** the step of the script under way; connections wait while there is one */
    step = Step.None
    /** when the present step was tried first */
    private since = 0
    private readonly search: Search
    private readonly pin: SimPin
    /** `failure` is what the SIM card has said once */
    private doubted = false
    /** what has failed so far, and what that calls for */
    readonly recovery: Recovery
    private rate = 0
    private attached = 0
    /** AT+CFUN, -1 if that is not known */
    private functionality = -1
    /** AT+CNMI has been obeyed: no text comes unasked */
    private messagesSet = false
    private callReady = false
    private smsReady = false
    /** echo was switched off: an echo now means that the modem has restarted */
    private echoOff = false
    /** connections live on if the modem has not restarted in the meantime */
    private resuming = false
    private rateSet = false
    private outcome = Outcome.Ok
    /** what AT+CIPSTATUS says of the whole */
    audited = IpState.Unknown
    private auditTries = 0
    /** the context was lost while a command of the script was under way */
    private diverted = false
    /** the application wants AT+CIPSHUT, or a reset */
    shutWanted = false
    resetWanted = false
    constructor(modem: Modem) {
        this.modem = modem
        this.setRate(modem.config.baud)
        this.quick = modem.config.quickSend
        this.search = new Search(modem.config, modem.encoder)
        this.pin = new SimPin()
        this.recovery = new Recovery()
        this.address = Buffer.alloc(16)
        this.answer = Buffer.alloc(ANSWER_SIZE)
    }

    private setRate(baud: number) {
        this.lineBaud = baud
        this.segmentTime = Math.floor((SEGMENT * 20000) / baud)
    }

    /** Whether a script is under way, so that connections have to wait. */
    busy(): boolean {
        return this.step !== Step.None
    }

    start(now: number) {
        this.recovery.start()
        this.pin.start()
        this.failure = Failure.None
        this.begin(now)
    }

    stop() {
        this.step = Step.None
        this.shutWanted = false
        this.resetWanted = false
        this.become(IpState.Unknown)
        this.enter(Phase.Off)
    }

    /** The modem has restarted: nothing of what it knew is left. */
    restarted(now: number) {
        this.restarts++
        this.lost(Failure.Restarted, RESTART_PAUSE, now)
    }

    /** @param pause until it is looked for again, ms */
    private lost(failure: Failure, pause: number, now: number) {
        this.failure = failure
        this.refused = Command.None
        this.answerLength = 0
        // a reset that was asked for is no failure, but the end of all sockets
        this.modem.connections.shut(
            failure === Failure.None ? Failure.ClosedHere : failure
        )
        this.modem.connections.told.reset()
        this.modem.down(now)
        this.modem.abort()
        this.begin(now)
        this.dueAt = now + pause
    }

    private begin(now: number) {
        this.become(IpState.Unknown)
        this.resuming = false
        this.echoOff = false
        this.callReady = false
        this.smsReady = false
        this.rateSet = false
        this.messagesSet = false
        this.auditTries = 0
        this.diverted = false
        this.quick = this.modem.config.quickSend
        this.go(Step.Synchronise, now)
    }

    /** +PDP: DEACT: the network has taken the context away. */
    deactivated(now: number) {
        if (this.state === IpState.PdpDeact) return
        // a context that is not up yet can not be lost
        const lazy = this.modem.config.lazy && this.phase === Phase.Ready
        if (!hasContext(this.state) && !lazy) return
        this.deactivations++
        this.modem.down(now)
        this.failure = Failure.PdpDeactivated
        this.refused = Command.None
        this.answerLength = 0
        this.become(IpState.PdpDeact)
        this.modem.connections.lost(Failure.PdpDeactivated)
        // a command of the script that is under way is left to its end
        const channel = this.modem.channel
        if (channel.command !== Command.None && channel.link < 0)
            this.diverted = true
        else this.go(Step.Signal, now)
    }

    /**
     * A command got no answer: find the modem again, then compare what it
     * says of its connections with what is believed here.
     */
    resynchronise(now: number) {
        if (this.step === Step.Synchronise) return
        this.resuming = this.phase === Phase.Ready
        this.go(Step.Synchronise, now)
    }

    /**
     * One connection after the other has failed. Chapter 12: a new connection
     * has not helped, so the context is brought up anew; if that does not help
     * either, the modem is reset. A server that is down looks the same, so each
     * time more is needed, and connections that are up come first.
     */
    troubled(now: number) {
        const connections = this.modem.connections
        connections.failures = 0
        if (this.phase !== Phase.Ready || connections.anyConnected(now)) return
        this.recovery.lostPatience()
        if (this.recovery.rebuilds()) {
            this.rebuilds++
            this.rebuild(Failure.PdpDeactivated, now)
        } else this.reset(now)
    }

    /** AT+CIPSHUT, and everything that follows it. */
    private rebuild(failure: Failure, now: number) {
        this.modem.connections.lost(failure)
        this.modem.down(now)
        this.go(Step.SelectSecond, now)
    }

    /** Does what the application wants; the channel is free. */
    wishes(now: number) {
        const shut = this.shutWanted
        const reset = this.resetWanted
        this.shutWanted = false
        this.resetWanted = false
        if (this.phase === Phase.Off || this.phase === Phase.Failed) return
        if (reset) this.reset(now)
        // without a context one is being brought up anyway
        else if (shut && this.phase === Phase.Ready)
            this.rebuild(Failure.ClosedHere, now)
    }

    /** The last resort of chapter 12: by its pin if it is wired, else AT+CFUN=1,1. */
    private reset(now: number) {
        this.resets++
        this.recovery.reset()
        if (!this.modem.config.resetPin) {
            this.go(Step.Reset, now)
            return
        }
        this.modem.resetWanted = true
        this.lost(this.failure, RESET_PAUSE, now)
    }

    /** Compares beliefs with AT+CIPSTATUS as soon as the channel is free. */
    audit(now: number) {
        if (this.phase !== Phase.Ready || this.step !== Step.None) return
        this.go(Step.Audit, now)
    }

    /** `STATE:` in front of CONNECT FAIL (manual 8.2.2): why there is no connection. */
    stateLine(now: number) {
        const link = this.modem.connections.list[0]
        if (link.state !== LinkState.Connecting) return
        if (this.ipState() === IpState.PdpDeact) this.deactivated(now)
    }

    /** What has become of the single connection. */
    single(link: LinkState, udp: boolean, serving: boolean) {
        let state = this.state
        if (!hasAddress(state)) {
            // a connection that brings its context up itself: it is there now
            if (link !== LinkState.Connected || !this.modem.config.lazy) return
            state = IpState.IpStatus
        }
        this.become(withSingle(state, link, udp, serving))
    }

    /** The first connection has come, or the last one has gone. */
    processing(active: boolean) {
        if (active && this.state === IpState.IpStatus)
            this.become(IpState.IpProcessing)
        else if (!active && this.state === IpState.IpProcessing)
            this.become(IpState.IpStatus)
    }

    /** What the modem says when it has started or switches itself off, out of turn. */
    line(line: Line, now: number) {
        let again = this.callReady
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
                // who has a network has been up for longer
                if (this.hasNetwork()) again = true
                break
            case Line.Echo:
                if (this.echoOff) this.restarted(now)
                return
            case Line.CallReady:
                // the first one is late, or that of a restart
                if (!again) this.audit(now)
                this.callReady = true
                break
            case Line.SmsReady:
                again = this.smsReady
                this.smsReady = true
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

    /** Whether the SIM card has not been through with its start. */
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

    /** Takes up an information line that the command in flight asked for. */
    information(line: Line) {
        const args = this.modem.results.args
        const argAt = this.modem.results.argAt
        const digest = this.modem.digest
        this.keepAnswer()
        switch (line) {
            case Line.Rate:
                this.rate = args[0]
                break
            case Line.Pin:
                this.pin.stateLine(digest.line, argAt, digest.lineLength)
                break
            case Line.PinTries:
                this.pin.triesLine(digest.line, argAt, args[0])
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
                break
        }
    }

    /** Keeps the line for who wants to know what the modem said. */
    private keepAnswer() {
        const digest = this.modem.digest
        this.answerLength =
            digest.lineLength < ANSWER_SIZE ? digest.lineLength : ANSWER_SIZE
        this.answer.blitAt(0, digest.line, 0, this.answerLength)
    }

    /** Reads the name behind `STATE:`. */
    private ipState(): IpState {
        const digest = this.modem.digest
        const at = this.modem.results.argAt
        const i = wordsAt(IP_STATES, digest.line, at, digest.lineLength)
        return i < 0 ? IpState.Unknown : (i as IpState)
    }

    /** Gives the next command of the script if it is due; the channel is free. */
    run(now: number) {
        if (((now - this.dueAt) | 0) < 0) return
        if (this.phase === Phase.Resting) {
            if (this.recovery.resetDue()) this.reset(now)
            else this.begin(now)
            return
        }
        if (this.step === Step.Synchronise && this.searching(now)) return
        const config = this.modem.config
        const channel = this.modem.channel
        const encoder = this.modem.encoder
        channel.begin(
            SCRIPT[this.step * STRIDE + Column.Command] as Command,
            -1,
            now
        )
        switch (this.step) {
            case Step.RateSet:
                encoder.numbers(config.baud, -1)
                break
            case Step.FlowControl:
                encoder.text(config.flowControl ? "2,2" : "0,0")
                break
            case Step.FunctionalityRead:
                this.functionality = -1
                break
            case Step.PinEnter:
                encoder.quoted(config.pin)
                this.pin.enter()
                break
            case Step.SelectSecond:
                encoder.numbers(1, -1)
                break
            case Step.SelectFirst:
                encoder.numbers(0, -1)
                break
            case Step.MultiConnection:
                encoder.numbers(+config.multi, -1)
                break
            case Step.Tls:
                // it outlives a restart of the microcontroller
                encoder.numbers(0, -1)
                this.modem.connections.told.tls = 0
                break
            case Step.Mode:
                encoder.numbers(+config.transparent, -1)
                break
            case Step.Transfer:
                encoder.text(config.transfer)
                break
            case Step.SendTimer:
                encoder.numbers(1, config.sendTimer)
                break
            case Step.KeepAlive:
                encoder.numbers(config.keepAlive, -1)
                encoder.text(KEEP_ALIVE_PROBES)
                break
            case Step.QuickSend:
                encoder.numbers(+config.quickSend, -1)
                break
            case Step.Reception:
                encoder.numbers(+!isPushed(config.reception), -1)
                break
            case Step.Header:
                encoder.numbers(+(config.reception === Reception.Push), -1)
                break
            case Step.LazyAccessPoint:
            case Step.AccessPoint:
                encoder.quoted(config.apn)
                encoder.quoted(config.user)
                encoder.quoted(config.password)
                break
            case Step.Activate:
                this.become(IpState.IpConfig)
                break
            case Step.PinRead:
            case Step.PinTries:
                this.pin.ask()
                break
            case Step.Registration:
                this.registration = 0
                break
            case Step.GprsRegistration:
                this.gprsRegistration = 0
                break
            case Step.AttachRead:
                this.attached = 0
                break
            case Step.Audit:
                this.audited = IpState.Unknown
                this.modem.connections.beginAudit()
                break
        }
    }

    /**
     * The part of synchronising that is not AT.
     * @returns whether AT has to wait
     */
    private searching(now: number): boolean {
        const turn = this.search.next(this.modem.channel.strays, now)
        this.modem.dtr = this.search.dtr
        this.dueAt = this.search.dueAt
        if (turn === Turn.Found)
            this.go(this.resuming ? Step.Audit : Step.EchoOff, now)
        return turn !== Turn.Ask
    }

    /** AT has ended. */
    private searched(outcome: Outcome, now: number) {
        const search = this.search
        const channel = this.modem.channel
        if (outcome === Outcome.Ok) search.answered(channel.strays, now)
        else if (outcome !== Outcome.Timeout) search.refused(now)
        else {
            const escapes = this.modem.config.transparent || !this.resuming
            const turn = search.unanswered(channel.sentAt, escapes, now)
            if (turn === Turn.Nobody) {
                if (this.pull(now)) return
                this.note(Failure.NoAnswer)
                this.refused = Command.None
                this.answerLength = 0
                this.modem.connections.lost(Failure.NoAnswer)
                this.resuming = false
                search.otherRate(now)
                this.modem.changed()
            }
            if (search.rate !== this.lineBaud) this.setRate(search.rate)
        }
        this.dueAt = search.dueAt
    }

    /**
     * Nothing answers at the rate that it should have: PWRKEY first, for most
     * modules are off when power comes, and RESET when no other rate was it.
     * @returns whether a pin is pulled
     */
    private pull(now: number): boolean {
        const config = this.modem.config
        if (!config.resetPin) return false
        const fails = this.recovery.fails++
        if (config.powerKey && fails === 0) {
            this.modem.powerKeyWanted = true
            this.search.again(POWER_ON_PAUSE, now)
            this.dueAt = this.search.dueAt
        } else if (fails > +config.powerKey) this.reset(now)
        else return false
        return true
    }

    /** The command of the script has ended. */
    done(outcome: Outcome, now: number) {
        const step = this.step
        const cme = this.modem.channel.cme
        this.outcome = outcome
        if (this.diverted) {
            this.diverted = false
            this.go(Step.Signal, now)
            return
        }
        const ok = outcome === Outcome.Ok
        switch (step) {
            case Step.Synchronise:
                this.searched(outcome, now)
                return

            case Step.EchoOff:
                if (ok) {
                    this.echoOff = true
                    this.configured++
                }
                break

            case Step.RateRead:
                if (
                    ok &&
                    this.rate === this.modem.config.baud &&
                    this.lineBaud === this.modem.config.baud
                ) {
                    this.go(this.rateSet ? Step.Save : Step.FlowControl, now)
                    return
                }
                if (!ok) break
                this.go(Step.RateSet, now)
                return

            case Step.RateSet:
                if (!ok) {
                    this.go(Step.FlowControl, now)
                    return
                }
                this.rateSet = true
                if (this.lineBaud !== this.modem.config.baud) {
                    // OK came at the old rate, the next answer has the new one
                    this.setRate(this.modem.config.baud)
                    this.go(Step.Synchronise, now)
                    this.dueAt = now + 200
                } else this.go(Step.Save, now)
                return

            case Step.PinRead:
                this.follow(
                    this.pin.stateEnded(outcome, cme, this.modem.config.pin),
                    now
                )
                return

            case Step.PinTries:
                this.follow(this.pin.triesEnded(outcome), now)
                return

            case Step.PinEnter:
                this.follow(this.pin.entered(outcome, cme), now)
                return

            case Step.CallReady:
                if (ok && !this.callReady) {
                    this.again(now)
                    return
                }
                this.go(Step.Signal, now)
                return

            case Step.Signal:
                if (ok && this.signal === 99) {
                    this.again(now)
                    return
                }
                this.go(Step.Registration, now)
                return

            case Step.Registration:
                if (registered(this.registration)) break
                if (outcome === Outcome.Timeout) this.again(now)
                // a card without voice: GPRS is enough
                else this.step = Step.GprsRegistration
                return

            case Step.GprsRegistration:
                if (registered(this.gprsRegistration)) break
                if (registered(this.registration)) this.again(now)
                else if (((now - this.since) | 0) < DENIED_PATIENCE)
                    this.unregistered(now)
                else this.step = Step.AttachRead
                return

            case Step.AttachRead:
                if (this.attached === 1) this.go(Step.Messages, now)
                else if (
                    registered(this.registration) ||
                    registered(this.gprsRegistration)
                )
                    this.again(now)
                else this.unregistered(now)
                return

            case Step.Messages:
                this.messagesSet = ok
                break

            case Step.Shut:
                if (!ok) break
                this.become(IpState.IpInitial)
                this.modem.connections.shut(Failure.PdpDeactivated)
                this.modem.down(now)
                break

            case Step.QuickSend:
                if (outcome === Outcome.Refused) {
                    this.quick = false
                    this.go(Step.Reception, now)
                    return
                }
                break

            case Step.LazyAccessPoint:
                if (!ok) break
                this.up()
                return

            case Step.AccessPoint:
                if (ok) this.become(IpState.IpStart)
                break

            case Step.Activate:
                if (ok) this.become(IpState.IpGprsact)
                break

            case Step.Address:
                if (!ok || this.modem.digest.isNoAddress()) {
                    this.noAddress(now)
                    return
                }
                this.become(IpState.IpStatus)
                this.addressLength = this.modem.digest.lineLength
                this.address.blitAt(
                    0,
                    this.modem.digest.line,
                    0,
                    this.addressLength
                )
                this.up()
                return

            case Step.Audit:
                // lines are missing: what it does not list may be there
                if (this.modem.torn) this.resynchronise(now)
                else if (ok && this.compare(now)) return
                else if (++this.auditTries < AUDIT_TRIES)
                    this.resynchronise(now)
                else if (this.recovery.rebuilds())
                    this.lost(Failure.Desynchronised, 0, now)
                else {
                    this.failure = Failure.Desynchronised
                    this.reset(now)
                }
                return

            // whether it says OK before, after or never
            case Step.Reset:
                this.lost(this.failure, RESET_PAUSE, now)
                return
        }
        if (ok) this.go(step + 1, now)
        else if (outcome === Outcome.Timeout) {
            const failure = SCRIPT[step * STRIDE + Column.Failure] as Failure
            this.fail(
                failure === Failure.None || failure === Failure.SetupRefused
                    ? Failure.NoAnswer
                    : failure,
                now
            )
        } else this.again(now)
    }

    /** Neither AT+CREG? nor AT+CGREG? is good: both are asked again. */
    private unregistered(now: number) {
        if (
            this.registration === 3 &&
            this.gprsRegistration === 3 &&
            ((now - this.since) | 0) >= DENIED_PATIENCE
        ) {
            this.fail(Failure.RegistrationDenied, now)
            return
        }
        this.step = Step.Registration
        this.enter(Phase.Registering)
        this.again(now)
    }

    private noAddress(now: number) {
        if (this.outcome === Outcome.Ok) this.keepAnswer()
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

    /**
     * Compares the answer of AT+CIPSTATUS with what was believed.
     * @returns false if it could not be read
     */
    private compare(now: number): boolean {
        const state = this.audited
        const connections = this.modem.connections
        if (state === IpState.Unknown) return false
        if (state === IpState.PdpDeact) {
            this.deactivated(now)
            // it was none that could be lost
            if (this.step === Step.Audit) this.go(Step.Signal, now)
            return true
        }
        if (hasAddress(state) || this.modem.config.lazy) {
            if (!this.modem.config.multi)
                connections.statusLine(0, this.linkState())
            if (!connections.audited(now)) return false
            this.resuming = false
            this.auditTries = 0
            this.step = Step.None
            this.enter(Phase.Ready)
            return true
        }
        this.restarted(now)
        return true
    }

    /** Connections can be made. */
    private up() {
        this.step = Step.None
        this.failure = Failure.None
        this.recovery.up()
        this.enter(Phase.Ready)
    }

    /** Whether a step is of no use with this configuration. */
    private needless(step: Step): boolean {
        const config = this.modem.config
        switch (SCRIPT[step * STRIDE + Column.Unless] as Unless) {
            case Unless.Transparent:
                return !config.transparent
            case Unless.TransparentByDtr:
                return !config.transparent || !config.dtr
            case Unless.SwitchedOff:
                return this.functionality !== 0 && this.functionality !== 4
            case Unless.Untold:
                return this.messagesSet
            case Unless.SecondContext:
                return !this.modem.secondContext
            case Unless.SingleConnection:
                return config.multi
            case Unless.Transfer:
                return config.transfer === ""
            case Unless.SendTimer:
                return config.framing !== Framing.Timer
            case Unless.KeepAlive:
                return config.keepAlive === 0
            case Unless.PushedHeader:
                return config.transparent || !isPushed(config.reception)
            case Unless.Lazy:
                return !config.lazy
        }
        return false
    }

    /** What the state of the whole says of the single connection. */
    private linkState(): Audited {
        switch (this.audited) {
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

    private go(step: Step, now: number) {
        while (this.needless(step)) step++
        this.step = step
        this.since = now
        this.dueAt = now
        if (step === Step.Synchronise) this.search.begin(this.lineBaud, now)
        // the edge may be out
        this.modem.dtr = true
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
        let failure = SCRIPT[row + Column.Failure] as Failure
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
        this.modem.connections.lost(failure)
        this.dueAt = now + this.recovery.failed()
        this.enter(Phase.Resting)
    }

    /** Ends all attempts: the next one could only do harm. */
    private giveUp(failure: Failure) {
        this.note(failure)
        this.modem.connections.stop(failure)
        this.step = Step.None
        this.enter(Phase.Failed)
    }

    /** Keeps what a person will want to know. */
    private note(failure: Failure) {
        this.failure = failure
        this.refused = Command.None
        if (this.outcome === Outcome.Ok) return
        this.refused = SCRIPT[this.step * STRIDE + Column.Command] as Command
        this.cme = this.modem.channel.cme
    }

    private enter(phase: Phase) {
        if (this.phase === phase) return
        this.phase = phase
        this.modem.changed()
    }

    private become(state: IpState) {
        if (this.state === state) return
        this.state = state
        this.modem.changed()
    }
}
