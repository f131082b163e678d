/**
 * From an unknown modem to a PDP context with an address, and back there
 * after every loss: application note 2.1.1 and 8, with what real modems need
 * in between. The way is a script of commands, one step after the other;
 * `judge()` says what an answer means for the way.
 */
import { Command, Outcome, TENTH } from "./channel"
import { Framing, RATES, Reception } from "./config"
import { Audited, LinkState, SEGMENT } from "./connection"
import { Cme, Failure } from "./errors"
import type { Modem } from "./modem"
import { Line } from "./results"

/** What the driver is busy with. */
export enum Phase {
    /** not started */
    Off,
    /** looking for the modem: baud rate, garbage, echo */
    Synchronising,
    /** setting the modem up */
    Configuring,
    /** waiting for the SIM card */
    Sim,
    /** waiting for the network */
    Registering,
    /** waiting for GPRS */
    Attaching,
    /** bringing up the PDP context */
    Activating,
    /** connections can be made */
    Ready,
    /** an attempt has failed, the next one follows after a pause */
    Resting,
    /** only the user can help; nothing is tried until the next start */
    Failed,
}

/** The phases in words, by number. */
export const PHASES = [
    "off",
    "synchronising",
    "configuring",
    "waiting for the SIM card",
    "registering",
    "attaching",
    "activating",
    "ready",
    "resting",
    "failed",
]

/** The states of chapter 8: those of both figures. */
export enum IpState {
    Unknown,
    IpInitial,
    IpStart,
    IpConfig,
    IpGprsact,
    IpStatus,
    /** several connections: at least one is there, or the server */
    IpProcessing,
    // a single connection
    TcpConnecting,
    UdpConnecting,
    ServerListening,
    ConnectOk,
    TcpClosing,
    UdpClosing,
    TcpClosed,
    UdpClosed,
    PdpDeact,
}

/** SIMCom's names of the states, by number. */
export const IP_STATES = [
    "",
    "IP INITIAL",
    "IP START",
    "IP CONFIG",
    "IP GPRSACT",
    "IP STATUS",
    "IP PROCESSING",
    "TCP CONNECTING",
    "UDP CONNECTING",
    "SERVER LISTENING",
    "CONNECT OK",
    "TCP CLOSING",
    "UDP CLOSING",
    "TCP CLOSED",
    "UDP CLOSED",
    "PDP DEACT",
]

/** The answers of AT+CPIN? that make a difference. */
enum Pin {
    Unknown,
    Ready,
    Wanted,
    Locked,
    NotReady,
    Missing,
}

/** What AT+CPIN? answers, by `Pin`; the second PIN is for nothing here. */
// prettier-ignore
const PIN_WORDS = [
    "READY",        "SIM PIN",      "SIM PUK",      "PH_SIM PIN",
    "NOT READY",    "NOT INSERTED", "SIM PIN2",     "SIM PUK2",
]
// prettier-ignore
const PINS = Buffer.from([
    Pin.Ready,      Pin.Wanted,     Pin.Locked,     Pin.Locked,
    Pin.NotReady,   Pin.Missing,    Pin.Ready,      Pin.Ready,
])

export enum Step {
    None,
    Synchronise,
    EchoOff,
    ErrorNumbers,
    RateRead,
    RateSet,
    Save,
    FlowControl,
    Dcd,
    Dtr,
    FunctionalityRead,
    Functionality,
    PinRead,
    PinTries,
    PinEnter,
    CallReady,
    Signal,
    Registration,
    GprsRegistration,
    AttachRead,
    Attach,
    Messages,
    SelectSecond,
    ShutSecond,
    SelectFirst,
    Shut,
    MultiConnection,
    Tls,
    Mode,
    Transfer,
    Prompt,
    SendTimer,
    KeepAlive,
    QuickSend,
    Reception,
    Header,
    LazyAccessPoint,
    AccessPoint,
    Activate,
    Address,
    Audit,
    Reset,
}

/** ms */
const SECOND = 1000

/*
 * patience: how long a step is repeated, counted from its first try;
 * then it fails, or is passed over if the table names no failure.
 * It is a buffer because a number in an array takes 8 bytes of heap.
 */
// prettier-ignore
export const SCRIPT = Buffer.from([
    // command              phase                   repeated after  patience   failure
    //                                              (0.1 s)         (s)
    Command.None,           Phase.Off,              0,              0,         Failure.None,
    Command.At,             Phase.Synchronising,    1,              0,         Failure.NoAnswer,
    Command.Ate0,           Phase.Configuring,      5,              5,         Failure.SetupRefused,
    Command.Cmee,           Phase.Configuring,      5,              2,         Failure.None,
    Command.IprRead,        Phase.Configuring,      5,              2,         Failure.None,
    Command.Ipr,            Phase.Configuring,      5,              2,         Failure.None,
    Command.Save,           Phase.Configuring,      5,              2,         Failure.None,
    Command.Ifc,            Phase.Configuring,      5,              2,         Failure.None,
    Command.Dcd,            Phase.Configuring,      5,              2,         Failure.SetupRefused,
    Command.Dtr,            Phase.Configuring,      5,              2,         Failure.SetupRefused,
    Command.CfunRead,       Phase.Configuring,      5,              2,         Failure.None,
    Command.CfunFull,       Phase.Configuring,      10,             10,        Failure.SetupRefused,
    Command.CpinRead,       Phase.Sim,              10,             20,        Failure.SimNotReady,
    Command.Spic,           Phase.Sim,              5,              10,        Failure.SimNotReady,
    Command.Cpin,           Phase.Sim,              10,             0,         Failure.PinRefused,
    Command.Ccalr,          Phase.Sim,              10,             30,        Failure.None,
    Command.Csq,            Phase.Registering,      20,             10,        Failure.None,
    Command.Creg,           Phase.Registering,      20,             120,       Failure.NotRegistered,
    Command.Cgreg,          Phase.Registering,      20,             30,        Failure.None,
    Command.CgattRead,      Phase.Attaching,        20,             10,        Failure.None,
    Command.Cgatt,          Phase.Attaching,        20,             0,         Failure.NotAttached,
    Command.Cnmi,           Phase.Attaching,        5,              5,         Failure.None,
    Command.Cipsgtxt,       Phase.Activating,       5,              0,         Failure.None,
    Command.Cipshut,        Phase.Activating,       10,             2,         Failure.None,
    Command.Cipsgtxt,       Phase.Activating,       5,              0,         Failure.None,
    Command.Cipshut,        Phase.Activating,       10,             5,         Failure.SetupRefused,
    Command.Cipmux,         Phase.Activating,       5,              5,         Failure.SetupRefused,
    Command.Cipssl,         Phase.Activating,       5,              0,         Failure.None,
    Command.Cipmode,        Phase.Activating,       5,              2,         Failure.SetupRefused,
    Command.Cipccfg,        Phase.Activating,       5,              2,         Failure.SetupRefused,
    Command.Cipsprt,        Phase.Activating,       5,              1,         Failure.None,
    Command.Cipats,         Phase.Activating,       5,              2,         Failure.SetupRefused,
    Command.Ciptka,         Phase.Activating,       5,              2,         Failure.None,
    Command.Cipqsend,       Phase.Activating,       5,              2,         Failure.None,
    Command.Ciprxget,       Phase.Activating,       5,              2,         Failure.SetupRefused,
    Command.Ciphead,        Phase.Activating,       5,              2,         Failure.None,
    Command.Cipcsgp,        Phase.Activating,       5,              2,         Failure.ApnRefused,
    Command.Cstt,           Phase.Activating,       5,              0,         Failure.ApnRefused,
    Command.Ciicr,          Phase.Activating,       5,              0,         Failure.ActivationRefused,
    Command.Cifsr,          Phase.Activating,       5,              2,         Failure.NoAddress,
    Command.Cipstatus,      Phase.Ready,            5,              2,         Failure.Desynchronised,
    Command.Cfun,           Phase.Synchronising,    5,              0,         Failure.Restarted,
])
/** columns of `SCRIPT` */
export const STRIDE = 5

/** A network that says "denied" often means "not yet"; for so long, in ms. */
const DENIED_PATIENCE = 20000
/** An answer to AT counts when no other final result code follows within, ms. */
const QUIET = 150
/** unanswered ATs until data mode is left with `+++`, and DTR … */
const TRIES_PLUS = 2
/** silence before and behind it, ms */
const GUARD = 1100
/** DTR is high for so long, and low before the next AT, ms */
const DTR_PULSE = 100
/** … a prompt that may be open is cancelled … */
const TRIES_ESCAPE = 3
/** … a payload that may be awaited is filled up … */
const TRIES_FILL = 5
/** … and other baud rates are tried */
const TRIES_RATES = 8
const TRIES_PER_RATE = 2
/** bytes that end any AT+CIPSEND=n,length */
const FILL = 1500
/** so many of them at a time */
const FILL_PART = 250
/** between two looks whether that has gone out, ms */
const FILL_PAUSE = 20
/** it may take so much longer than twice its time, ms */
const FILL_GRACE = 500
const REST_MIN = 1000
const REST_MAX = 60000
/** AT+CIPTKA behind the idle time: four probes, 30 s apart */
const KEEP_ALIVE_PROBES = "30,4"
const RESTART_PAUSE = 1000
/** from a reset until the modem can be looked for */
const RESET_PAUSE = 3000
/** from PWRKEY low until the modem can be looked for */
const POWER_ON_PAUSE = 4000
/** failed attempts in a row until the modem is reset (chapter 12), more each time */
const RESET_MIN = 4
const RESET_MAX = 64
/** connections that fail in a row until the context is brought up anew … */
const PATIENCE_MIN = 3
const PATIENCE_MAX = 48
/** … and how often that is tried before the modem is reset */
const REBUILDS = 2
const POWER_DOWN_PAUSE = 5000
/** fruitless AT+CIPSTATUS until everything is built up anew */
const AUDIT_TRIES = 3

/** As much of an answer as is kept for error messages. */
const ANSWER_SIZE = 32

/** A board that starts again and again must not lock the card: tries left. */
const PIN_RESERVE = 1
/** tries that are left: nobody has read, or counts them */
const UNREAD = -1
const UNCOUNTED = -2
/** what ends all attempts has to be heard so often in a row */
const SURE = 2

const CR = 13
const ESC = 27
const PLUS = 43
const ZERO = 48
const NINE = 57

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
    /** so many connections may fail in a row */
    patience = PATIENCE_MIN
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
    private rest = REST_MIN
    private pin = Pin.Unknown
    /** what AT+CPIN? said before, and how often in a row */
    private pinBefore = Pin.Unknown
    private pinTimes = 0
    /** `failure` is what it said once */
    private pinDoubted = false
    /** wrong PINs that the card still accepts, as read last, and before */
    private pinTries = UNREAD
    private pinTriesBefore = UNREAD
    /** the PIN has been sent, and what the card thought of it is not known */
    private pinSent = false
    /** the tries that were left then */
    private pinTriesThen = UNREAD
    /** how often it was refused in words that mean the PIN itself */
    private pinRefusals = 0
    /** the PIN is wrong; that stays so, however often `start()` is called */
    private pinRefused = false
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
    private tries = 0
    private rateIndex = 0
    private filling = 0
    /** when what is being sent beside commands has to be out */
    private fillBy = 0
    private settling = false
    /** `+++` is due, or the edge of DTR */
    private plus = false
    private edge = false
    private strays = 0
    private outcome = Outcome.Ok
    /** what AT+CIPSTATUS says of the whole */
    audited = IpState.Unknown
    private auditTries = 0
    /** the context was lost while a command of the script was under way */
    private diverted = false
    /** the application wants AT+CIPSHUT, or a reset */
    shutWanted = false
    resetWanted = false
    /** attempts that have failed in a row */
    private fails = 0
    private resetAfter = RESET_MIN
    /** contexts brought up anew without any data since */
    private fruitless = 0

    constructor(modem: Modem) {
        this.modem = modem
        this.setRate(modem.config.baud)
        this.quick = modem.config.quickSend
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
        this.rest = REST_MIN
        this.failure = Failure.None
        this.pinTimes = 0
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
        this.modem.connections.forget()
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
        if (this.state < IpState.IpGprsact && !lazy) return
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

    /** Data have come: whatever was wrong is so no more. */
    proved() {
        this.patience = PATIENCE_MIN
        this.fruitless = 0
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
        if (this.patience < PATIENCE_MAX) this.patience *= 2
        if (this.fruitless++ < REBUILDS) {
            this.rebuilds++
            this.rebuild(Failure.PdpDeactivated, now)
        } else {
            this.fruitless = 0
            this.reset(now)
        }
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
        this.fails = 0
        if (this.resetAfter < RESET_MAX) this.resetAfter *= 2
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
        if (this.state < IpState.IpStatus || this.state === IpState.PdpDeact) {
            // a connection that brings its context up itself: it is there now
            if (link !== LinkState.Connected || !this.modem.config.lazy) return
        }
        let state = this.state
        switch (link) {
            case LinkState.Connecting:
                state = udp ? IpState.UdpConnecting : IpState.TcpConnecting
                break
            case LinkState.Connected:
                state = IpState.ConnectOk
                break
            case LinkState.Closing:
            case LinkState.Abandoned:
            case LinkState.Quarantine:
                state = udp ? IpState.UdpClosing : IpState.TcpClosing
                break
            default:
                if (serving) state = IpState.ServerListening
                else if (state === IpState.ServerListening)
                    state = IpState.IpStatus
                else if (state > IpState.IpStatus)
                    state = udp ? IpState.UdpClosed : IpState.TcpClosed
        }
        this.become(state)
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
                else if (this.phase > Phase.Sim) this.restarted(now)
                return
            case Line.Started:
            case Line.Functionality:
                // who has a network has been up for longer
                if (this.phase > Phase.Registering && this.phase <= Phase.Ready)
                    again = true
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

    /** Takes up an information line that the command in flight asked for. */
    information(line: Line) {
        const args = this.modem.results.args
        this.keepAnswer()
        switch (line) {
            case Line.Rate:
                this.rate = args[0]
                break
            case Line.Pin:
                this.pin = this.pinState()
                break
            case Line.PinTries:
                this.pinTries = this.triesLeft()
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

    /** Reads the words behind `+CPIN:`; half of them mean nothing. */
    private pinState(): Pin {
        const i = this.wordsOf(PIN_WORDS)
        return i < 0 ? Pin.Unknown : (PINS[i] as Pin)
    }

    /** Reads the first number behind `+SPIC:`. */
    private triesLeft(): number {
        const results = this.modem.results
        const first = this.modem.digest.line[results.argAt]
        const tries = results.args[0]
        const read = first >= ZERO && first <= NINE && tries <= 9
        return read ? tries : UNREAD
    }

    /** Reads the name behind `STATE:`. */
    private ipState(): IpState {
        const i = this.wordsOf(IP_STATES)
        return i < 0 ? IpState.Unknown : (i as IpState)
    }

    /** @returns which of these the parameters of a line are, -1 if none */
    private wordsOf(list: string[]): number {
        const line = this.modem.digest.line
        const at = this.modem.results.argAt
        const len = this.modem.digest.lineLength - at
        if (len <= 0) return -1
        for (let i = list.length - 1; i >= 0; i--) {
            const words = list[i]
            if (words.length !== len) continue
            let k = 0
            while (k < len && words.charCodeAt(k) === line[at + k]) k++
            if (k === len) return i
        }
        return -1
    }

    /** Gives the next command of the script if it is due; the channel is free. */
    run(now: number) {
        if (((now - this.dueAt) | 0) < 0) return
        if (this.phase === Phase.Resting) {
            if (this.fails >= this.resetAfter) this.reset(now)
            else this.begin(now)
            return
        }
        if (this.step === Step.Synchronise && this.searching(now)) return
        const config = this.modem.config
        const channel = this.modem.channel
        const encoder = this.modem.encoder
        channel.begin(SCRIPT[this.step * STRIDE] as Command, -1, now)
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
            case Step.PinTries:
                this.pinTries = UNREAD
                break
            case Step.PinEnter:
                encoder.quoted(config.pin)
                // from now on the card may have counted it
                this.pinSent = true
                this.pinTriesThen = this.pinTriesBefore
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
                this.modem.connections.tlsSet = 0
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
                encoder.numbers(+(config.reception < Reception.Push), -1)
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
                this.pin = Pin.Unknown
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
     * The part of synchronising that is not AT: quiet after an answer, what
     * frees a modem that waits for data, the search for the baud rate.
     * @returns whether AT has to wait
     */
    private searching(now: number): boolean {
        const channel = this.modem.channel
        const encoder = this.modem.encoder
        if (this.settling) {
            if (channel.strays !== this.strays) {
                this.strays = channel.strays
                this.dueAt = now + QUIET
                return true
            }
            if (!this.resuming) this.go(Step.EchoOff, now)
            else this.go(Step.Audit, now)
            return true
        }
        if (encoder.left > 0) {
            if (((now - this.fillBy) | 0) < 0) {
                this.dueAt = now + FILL_PAUSE
                return true
            }
            // CTS is off, as that of a modem without power may be
            encoder.drop()
            this.filling = 0
        }
        if (this.edge || !this.modem.dtr) {
            // up for a moment, and down again
            this.modem.dtr = !this.edge
            this.edge = false
            this.dueAt = now + DTR_PULSE
            return true
        }
        if (this.plus) {
            this.plus = false
            this.edge = this.modem.config.dtr
            this.fill(PLUS, 3, now)
            this.dueAt = now + GUARD
            return true
        }
        if (this.filling > 0) {
            this.fill(CR, FILL_PART, now)
            this.filling -= FILL_PART
            return true
        }
        return false
    }

    /** Sends what is no command; it is given up if the UART does not take it. */
    private fill(byte: number, count: number, now: number) {
        this.modem.encoder.fill(byte, count)
        this.fillBy =
            now + FILL_GRACE + Math.floor((count * 20000) / this.lineBaud)
    }

    private unanswered(now: number) {
        const tries = ++this.tries
        const modem = this.modem
        this.dueAt = now + 100
        if (
            tries === TRIES_PLUS &&
            (modem.config.transparent || !this.resuming)
        ) {
            // it may be in data mode, whoever used it before: DTR has been low
            this.dueAt = modem.channel.sentAt + GUARD
            this.plus = true
        } else if (tries === TRIES_ESCAPE) this.fill(ESC, 1, now)
        else if (tries === TRIES_FILL) this.filling = FILL
        else if (tries >= TRIES_RATES) {
            if (tries === TRIES_RATES && this.pull(now)) return
            if (tries === TRIES_RATES) {
                this.failure = Failure.NoAnswer
                this.refused = Command.None
                this.answerLength = 0
                this.modem.connections.lost(Failure.NoAnswer)
                this.resuming = false
                this.rateIndex = -1
                this.modem.changed()
            }
            if ((tries - TRIES_RATES) % TRIES_PER_RATE === 0) {
                this.rateIndex++
                if (RATES[this.rateIndex] === this.modem.config.baud)
                    this.rateIndex++
                if (this.rateIndex < RATES.length)
                    this.setRate(RATES[this.rateIndex])
                else {
                    this.setRate(this.modem.config.baud)
                    this.tries = 0
                }
                this.dueAt = now + 200
            }
        }
    }

    /**
     * Nothing answers at the rate that it should have: PWRKEY first, for most
     * modules are off when power comes, and RESET when no other rate was it.
     * @returns whether a pin is pulled
     */
    private pull(now: number): boolean {
        const config = this.modem.config
        if (!config.resetPin) return false
        const fails = this.fails++
        if (config.powerKey && fails === 0) {
            this.modem.powerKeyWanted = true
            this.tries = 0
            this.dueAt = now + POWER_ON_PAUSE
        } else if (fails > +config.powerKey) this.reset(now)
        else return false
        return true
    }

    /** The command of the script has ended. */
    done(outcome: Outcome, now: number) {
        const step = this.step
        this.outcome = outcome
        if (this.diverted) {
            this.diverted = false
            this.go(Step.Signal, now)
            return
        }
        const ok = outcome === Outcome.Ok
        switch (step) {
            case Step.Synchronise:
                if (ok) {
                    this.settling = true
                    this.strays = this.modem.channel.strays
                    this.dueAt = now + QUIET
                } else if (outcome === Outcome.Timeout) this.unanswered(now)
                else this.dueAt = now + 100
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
                this.judgePin(ok, now)
                return

            case Step.PinTries:
                if (outcome === Outcome.Refused) this.pinTries = UNCOUNTED
                this.judgeTries(now)
                return

            case Step.PinEnter:
                if (outcome === Outcome.Refused && this.pinDelayed(now)) return
                this.go(Step.PinRead, now)
                this.dueAt = now + SECOND
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
                else if (this.fruitless++ < REBUILDS)
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
            const failure = SCRIPT[step * STRIDE + 4] as Failure
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

    /**
     * The PIN was refused. What is not said of the PIN itself may be over soon;
     * for what is, the card has to answer: it has one try less then.
     * @returns whether this attempt is over
     */
    private pinDelayed(now: number): boolean {
        const cme = this.modem.channel.cme
        if (cme === Cme.Plain || cme === Cme.WrongPassword) {
            this.pinRefusals++
            return false
        }
        let failure = Failure.SimNotReady
        if (cme === Cme.SimMissing) failure = Failure.SimMissing
        else if (cme === Cme.SimFailure) failure = Failure.SimFailure
        this.fail(failure, now)
        return true
    }

    /** How many tries are left counts when it was read twice in a row. */
    private judgeTries(now: number) {
        const tries = this.pinTries
        const sure = tries !== UNREAD && tries === this.pinTriesBefore
        this.pinTriesBefore = tries
        if (!sure) {
            this.again(now)
            return
        }
        // a PIN that was sent has cost a try, or nobody knows whether it has
        const spent =
            this.pinSent &&
            (tries < this.pinTriesThen || this.pinTriesThen === UNCOUNTED)
        if (spent || this.pinRefusals >= SURE) {
            this.pinRefused = true
            this.giveUp(Failure.PinRefused)
        } else if (tries !== UNCOUNTED && tries <= PIN_RESERVE)
            this.giveUp(Failure.PinLastTry)
        else this.go(Step.PinEnter, now)
    }

    /** What only a person can change has to be said twice in a row. */
    private judgeLock(failure: Failure, now: number) {
        if (this.pinTimes >= SURE) {
            this.giveUp(failure)
            return
        }
        this.note(failure)
        this.pinDoubted = true
        this.again(now)
    }

    private judgePin(ok: boolean, now: number) {
        const cme = this.modem.channel.cme
        let pin = this.pin
        // ERROR during the first seconds of boot means: ask again
        if (!ok) {
            pin = Pin.NotReady
            if (cme === Cme.SimMissing) pin = Pin.Missing
            else if (cme === Cme.PinRequired) pin = Pin.Wanted
            else if (cme === Cme.PukRequired) pin = Pin.Locked
            else if (cme === Cme.SimFailure) {
                this.fail(Failure.SimFailure, now)
                return
            }
        }
        if (pin !== this.pinBefore) this.pinTimes = 0
        this.pinBefore = pin
        this.pinTimes++
        this.pin = pin
        if (pin === Pin.Ready) {
            if (this.pinDoubted) this.failure = Failure.None
            this.pinDoubted = false
            this.pinSent = false
            this.pinRefusals = 0
            this.go(Step.CallReady, now)
        } else if (pin === Pin.Locked) this.judgeLock(Failure.PukRequired, now)
        else if (pin === Pin.Wanted) {
            if (this.modem.config.pin === "")
                this.judgeLock(Failure.PinRequired, now)
            else if (this.pinRefused) this.judgeLock(Failure.PinRefused, now)
            else {
                this.pinTriesBefore = UNREAD
                this.go(Step.PinTries, now)
            }
        } else this.again(now)
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
        if (state >= IpState.IpStatus || this.modem.config.lazy) {
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
        this.fails = 0
        this.resetAfter = RESET_MIN
        this.rest = REST_MIN
        this.enter(Phase.Ready)
    }

    /** Whether a step is of no use with this configuration. */
    private needless(step: Step): boolean {
        const config = this.modem.config
        switch (step) {
            case Step.Dcd:
                return !config.transparent
            case Step.Dtr:
                return !config.transparent || !config.dtr
            case Step.Functionality:
                return this.functionality !== 0 && this.functionality !== 4
            case Step.Messages:
                return this.messagesSet
            case Step.SelectSecond:
            case Step.ShutSecond:
            case Step.SelectFirst:
                return !this.modem.secondContext
            case Step.Mode:
                return config.multi
            case Step.Transfer:
                return config.transfer === ""
            case Step.SendTimer:
                return config.framing !== Framing.Timer
            case Step.KeepAlive:
                return config.keepAlive === 0
            case Step.Header:
                return config.transparent || config.reception < Reception.Push
            case Step.LazyAccessPoint:
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
        if (step === Step.Synchronise) {
            this.tries = 0
            this.settling = false
            this.filling = 0
            this.fillBy = now
            this.plus = false
            this.edge = false
        }
        // the edge may be out
        this.modem.dtr = true
        this.enter(SCRIPT[step * STRIDE + 1] as Phase)
    }

    /** Repeats the step after its pause, or is out of patience with it. */
    private again(now: number) {
        const row = this.step * STRIDE
        if (((now - this.since) | 0) < SCRIPT[row + 3] * SECOND) {
            this.dueAt = now + SCRIPT[row + 2] * TENTH
            return
        }
        let failure = SCRIPT[row + 4] as Failure
        if (failure === Failure.None) {
            this.go(this.step + 1, now)
            return
        }
        if (failure === Failure.SimNotReady && this.pin === Pin.Missing)
            failure = Failure.SimMissing
        this.fail(failure, now)
    }

    /** Ends this attempt; the next one follows after a pause. */
    private fail(failure: Failure, now: number) {
        this.fails++
        this.note(failure)
        this.modem.connections.lost(failure)
        this.dueAt = now + this.rest
        this.rest = this.rest * 2 < REST_MAX ? this.rest * 2 : REST_MAX
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
        this.refused = SCRIPT[this.step * STRIDE] as Command
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
