/**
 * The driver's core: bytes and the time in, bytes out.
 *
 *     UART → ring → digest → results → channel → bearer, connections → rx rings
 *     tasks → connections, bearer → channel → encoder → UART
 *
 * Whoever owns the UART puts what it receives into `ring`, calls `poll(now)`,
 * sends what `encoder` holds, and comes back when more bytes have come, when
 * a task wants something, or at `pollAt()`. Nothing in here waits, reads a
 * clock, or knows of a platform; nothing allocates once a Modem is made, but for
 * a connection whose number is used for the first time.
 *
 * Times are milliseconds of any clock that runs on steadily; it may wrap at
 * 32 bits.
 */
import { Bearer, IpState, Phase, Step } from "./bearer"
import { Channel, Command, Outcome, Stage } from "./channel"
import { ModemConfig, Reception } from "./config"
import type { DataMode } from "./data-mode"
import type { Sleep } from "./sleep"
import { Audited, CONNECTIONS, LinkState, SEGMENT } from "./connection"
import { Connections, PAYLOAD_MAX } from "./connections"
import { Digest, Digested } from "./digest"
import { Encoder } from "./encoder"
import { Cme, CMS, Failure } from "./errors"
import { ForeignText, Taken, Text } from "./foreign-text"
import { Final, Line, Results, Trait } from "./results"
import { Ring } from "./ring"

/** Who is told of what happens seldom. */
export interface ModemObserver {
    /** phase, IP state or failure of the bearer have changed */
    onChange(): void
    /** a line that is nothing to the driver: a URC of some other feature */
    onUrc(line: Buffer, length: number): void
}

/**
 * Something that the modem can do beside connections. It is there, and takes
 * program memory, only if the application has made it.
 */
export interface Feature {
    /** there may be something to do */
    work: boolean
    /** when to look even if nothing happens */
    dueAt: number
    /** its commands need no context: they can be given while there is none */
    offline: boolean
    /**
     * A line that is nothing to bearer and connections; the digest holds it.
     * @returns whether it is for this feature and nobody else
     */
    line(line: Line): boolean
    /**
     * Gives a command if one is due: the channel is free, the context up unless
     * it is `offline`.
     * @returns whether it did
     */
    run(now: number): boolean
    /** The command that it gave has ended. */
    done(command: Command, outcome: Outcome, now: number): void
    /** The context is gone, and what stands on it. */
    down(now: number): void
}

/**
 * Lines that one poll deals with: DeviceScript ends a program that runs 131,072
 * instructions without a pause, and other fibers want to run too.
 */
const LINES_PER_POLL = 16
/** Bare data: how long the rest of what may be a line can take, ms. */
const DECISION = 100
/** What says how a call has ended. */
const CALL_ENDS = Final.Call | Final.Connect
/** What says how a send has ended: in front of the prompt, it is of another one. */
const SENT = Final.Sent | Final.SendFail
/** More bytes than can come in half a second. */
const DEAF = 1000000
/** Within a payload the modem makes no longer pause, ms. */
const REST = 5000
/** `⏎OK⏎` behind the data of an answer */
const ANSWER_END = 6
/** Longest pause between two polls, ms. */
const IDLE = 3600000
/**
 * While something can come from the network, a modem that says nothing for so
 * long is asked whether it still lives, ms. One that sleeps is woken for that,
 * so it is not done more than a handful of times an hour.
 */
const SILENCE = 600000
/** The states of a connection in the answer of AT+CIPSTATUS. */
// prettier-ignore
const C_STATES = ["CONNECTED", "CONNECTING", "INITIAL", "CLOSED", "REMOTE CLOSING", "CLOSING"]

const LF = 10
const QUOTE = 34
const STAR = 42
const PLUS = 43
const COMMA = 44
const ZERO = 48
const NINE = 57
const COLON = 58
const UPPER_C = 67
const UPPER_I = 73
const UPPER_R = 82
const UPPER_S = 83

/** What has become of a call, as a number. */
function callResult(line: Line): Cme {
    switch (line) {
        case Line.Busy:
            return Cme.Busy
        case Line.NoReply:
            return Cme.NoReply
        case Line.NoDialtone:
            return Cme.NoDialtone
    }
    return Cme.NoCarrier
}

/** @devsWhenUsed */
export class Modem {
    readonly config: ModemConfig
    readonly ring: Ring
    readonly digest: Digest
    readonly results: Results
    readonly encoder: Encoder
    readonly channel: Channel
    readonly bearer: Bearer
    readonly connections: Connections
    observer: ModemObserver | null = null
    readonly features: Feature[]
    /** a feature in the middle of commands that belong together */
    exclusive: Feature | null = null
    /** a second PDP context may be up (chapter 4) */
    secondContext = false
    /** transparent mode */
    data: DataMode | null = null
    sleep: Sleep | null = null
    /** the platform is to reset the modem by its pin, and to clear this */
    resetWanted = false
    /** the platform is to press PWRKEY, and to clear this */
    powerKeyWanted = false
    /** bytes were lost while the command in flight was */
    torn = false
    /** DCD is low: there is a connection (transparent mode); set by the platform */
    dcd = false
    /** DTR is to be low, that is on; the platform sees to it */
    dtr = true
    /** when the modem has said something that is known, or data have come */
    heardAt = 0

    /** the feature that has given the command in flight */
    private giver: Feature | null = null
    /** whose turn it is when both have something to do */
    private featuresTurn = false
    /** the connection whose payload came last or is coming, -1 for none */
    private receiver = -1
    /** the last poll has left something in the ring that it could deal with */
    private more = false
    /** behind what is in the ring, bytes are missing */
    private gap = false
    private stalled = false
    private stalledSince = 0
    /** how much of a payload is to come, and since when it has been so much */
    private restLeft = 0
    private restSince = 0
    /** how much there is to decide on, and since when */
    private undecidedUsed = 0
    private undecidedSince = 0
    /** text of somebody else, while it comes */
    private readonly text: ForeignText
    /** a line that is not known came while the header of data was due … */
    private doubt = false
    /** … and another one that was not believed */
    private doubtful = false

    constructor(config: ModemConfig) {
        this.config = config
        this.ring = new Ring(config.ring)
        this.digest = new Digest(this.ring)
        this.results = new Results()
        this.encoder = new Encoder()
        this.text = new ForeignText(this.digest, this.results)
        this.channel = new Channel(this.encoder, this.digest)
        this.features = []
        this.connections = new Connections(this)
        this.bearer = new Bearer(this)
        this.digest.inlineHeaders =
            !config.multi && config.reception === Reception.Push
    }

    /** Begins to look for the modem and to bring it up. */
    start(now: number) {
        this.abort()
        this.down(now)
        this.connections.told.reset()
        this.ring.clear()
        this.connections.dueAt = now
        this.bearer.start(now)
    }

    /** Lets go of everything; the modem itself is left as it is. */
    stop() {
        this.connections.stop(Failure.Stopped)
        this.down(0)
        this.abort()
        this.bearer.stop()
    }

    /**
     * Does what is due: to be called with every batch of bytes. First all that has
     * come, for it may be the answer that is waited for; then what does not come any
     * more; then, if the channel is free, the next command, at most one.
     */
    poll(now: number) {
        const ring = this.ring
        const digest = this.digest
        const connections = this.connections
        const reception = this.config.reception
        const push = reception === Reception.Push
        let lines = LINES_PER_POLL
        this.more = false
        const data = this.data
        // data mode: the UART has data, and nothing else
        if (data !== null && !data.active()) {
            data.watch(now)
            if (data.watching) return
        }
        if (data !== null && data.active()) {
            const bearer = this.bearer
            // a pin needs no command mode
            if (bearer.resetWanted && this.config.resetPin) bearer.wishes(now)
            else data.poll(now)
            // there DCD tells
            this.heardAt = now
            this.more = !data.active()
            return
        }
        // lines, payload, prompt, in their order
        while (ring.used > 0) {
            const what = digest.next()
            if (what === Digested.Line) {
                this.route(
                    this.results.classify(digest.line, digest.lineLength),
                    now
                )
                const raw = data !== null && data.active()
                if (--lines > 0 && !raw) continue
                this.more = true
                break
            } else if (what === Digested.PayloadEnd) this.payloadEnd()
            else if (what === Digested.Prompt) {
                // the data first, then what is behind the prompt
                this.channel.prompted(now)
                this.more = ring.used > 0
                break
            } else if (what === Digested.Torn) {
                // its length was wrong: more of it may come
                connections.torn(this.receiver)
                this.headerLost(now)
                break
            } else if (what === Digested.Plain) {
                connections.plain()
                this.heardAt = now
            } else if (what === Digested.Frame) {
                if (!this.frame(now) && !digest.passFrame()) break
                const raw = data !== null && data.active()
                if (--lines > 0 && !raw) continue
                this.more = true
                break
            } else {
                this.more = what === Digested.Pause
                break
            }
        }
        if (digest.payloadLeft > 0 && push && this.receiver >= 0) {
            const link = connections.list[this.receiver]
            const rx = link.rx
            // a reader is woken for a part of a segment only if it is large
            if (!link.udp && rx.used - link.readable >= rx.size >> 2)
                connections.commit(link)
        }
        // nothing is looked for in a payload, so there is no hurry
        const most = ring.size >> 1
        let rest = digest.payloadLeft
        // what ends the answer comes with the last of it
        if (rest > 0 && this.channel.command === Command.CiprxgetRead)
            rest += ANSWER_END
        ring.enough = rest < most ? rest : most
        // what is still in the ring may be the answer that is waited for
        if (this.more) return
        // what is missing, half there, or held up
        if (this.gap) this.mend(now)
        if (this.text.kind !== Text.None) {
            if (this.text.expire(now)) this.askBehindText(now)
            if (this.text.kind === Text.AnswerEnded) return
        }
        if (digest.undecided) {
            this.undecided(now)
            return
        }
        this.undecidedUsed = 0
        if (digest.stalled || this.stalled) {
            this.stall(now)
            if (digest.stalled) return
        }

        const channel = this.channel
        let left = digest.payloadLeft
        if (left === 0) left = ring.used
        if (left !== this.restLeft) {
            this.restLeft = left
            this.restSince = now
        } else if (left > 0 && ((now - this.restSince - REST) | 0) >= 0) {
            if (digest.payloadLeft > 0) this.cutOff()
            else if (this.halfAnswered()) {
                if (channel.command !== Command.None) this.timeout(now)
                else this.bearer.audit(now)
            }
        }

        // the command in flight: its data, then its time
        if (channel.command !== Command.None) {
            if (channel.stage === Stage.Data && this.encoder.left === 0) {
                channel.proceed(now)
            }
            if (((now - channel.deadline) | 0) < 0) return
            if (channel.persist(now)) return
            this.timeout(now)
        }
        // the channel is free: a modem that sleeps is woken first
        const bearer = this.bearer
        if (
            this.sleep !== null &&
            !this.sleep.ready(((this.nextAt(now) - now) | 0) <= 0, now)
        )
            return
        // what the application wants of the whole, and the ladder of chapter 12
        if (bearer.shutWanted || bearer.resetWanted) bearer.wishes(now)
        if (connections.failures >= bearer.recovery.patience)
            bearer.troubled(now)
        // the way up comes before all that needs a context
        if (bearer.step !== Step.None) {
            // behind a failure there is time for what needs no context
            if (
                bearer.phase === Phase.Resting &&
                ((now - bearer.dueAt) | 0) < 0
            )
                this.runFeatures(now, true)
            else bearer.run(now)
        } else if (bearer.phase === Phase.Ready) {
            if (this.exclusive !== null) {
                if (this.exclusive.run(now)) this.giver = this.exclusive
                return
            }
            // what is asked for without a connection is meant for the first context
            if (connections.told.context !== 0) {
                connections.run(now)
                return
            }
            // connections and features in turns
            const due = connections.work || ((now - connections.dueAt) | 0) >= 0
            if (
                !due &&
                connections.inUse &&
                ((now - this.heardAt) | 0) >= SILENCE
            ) {
                bearer.audit(now)
                return
            }
            if (
                this.features.length === 0 ||
                (data !== null && this.dialling(data))
            ) {
                if (due) connections.run(now)
                return
            }
            if (this.featuresTurn && this.runFeatures(now, false)) return
            if (due) connections.run(now)
            if (channel.command !== Command.None) this.featuresTurn = true
            else if (!this.featuresTurn) this.runFeatures(now, false)
        }
    }

    /** CONNECT may come at any time: a command would be data for the peer then. */
    private dialling(data: DataMode): boolean {
        return data.link.state === LinkState.Connecting
    }

    /** @returns whether one of them has given a command */
    private runFeatures(now: number, offline: boolean): boolean {
        this.featuresTurn = false
        const features = this.features
        for (let i = 0; i < features.length; i++) {
            const feature = features[i]
            if (offline && !feature.offline) continue
            if (!feature.work && ((now - feature.dueAt) | 0) < 0) continue
            if (!feature.run(now)) continue
            this.giver = feature
            return true
        }
        return false
    }

    /** Context or modem are gone: everybody who had something there learns it. */
    down(now: number) {
        this.giver = null
        this.exclusive = null
        for (let i = 0; i < this.features.length; i++)
            this.features[i].down(now)
    }

    /** Offers a line to the features. */
    private offer(line: Line): boolean {
        for (let i = 0; i < this.features.length; i++)
            if (this.features[i].line(line)) return true
        return false
    }

    /** When `poll()` has something to do even if nothing comes in. */
    pollAt(now: number): number {
        if (this.more) return now
        if (this.digest.undecided) return this.undecidedSince + DECISION
        const data = this.data
        if (data !== null && (data.watching || data.active()))
            return data.pollAt(now)
        if (this.stalled) return this.stalledSince + this.config.stallTimeout
        let at: number
        if (this.channel.command !== Command.None) {
            const channel = this.channel
            const out = channel.stage === Stage.Data && this.encoder.left === 0
            at = out ? now : channel.deadline
        } else {
            at = this.nextAt(now)
            if (this.sleep !== null) at = this.sleep.pollAt(at)
        }
        if (
            this.digest.payloadLeft > 0 ||
            // a call less while a connection's command is in flight
            (this.ring.used > 0 &&
                (this.channel.link < 0 ||
                    this.channel.command === Command.None) &&
                this.halfAnswered())
        ) {
            const restAt = this.restSince + REST
            if (((restAt - at) | 0) < 0) return restAt
        }
        return this.text.kind === Text.None ? at : this.text.pollAt(at)
    }

    /** What has minutes, a command of the script or AT+CIPSTART, has got a line without its end. */
    private halfAnswered(): boolean {
        const channel = this.channel
        const bearer = this.bearer
        // in between, the way up says what comes next
        if (channel.command === Command.None)
            return (
                bearer.phase === Phase.Ready &&
                bearer.step === Step.None &&
                this.connections.connecting()
            )
        return this.scripted() && ((this.restSince - channel.sentAt) | 0) > 0
    }

    /** The command in flight is one of the bearer's. */
    private scripted(): boolean {
        return (
            this.channel.command !== Command.None &&
            this.channel.link < 0 &&
            this.giver === null
        )
    }

    /** When the next command is due. */
    private nextAt(now: number): number {
        const bearer = this.bearer
        if (bearer.shutWanted || bearer.resetWanted) return now
        const rests = bearer.phase === Phase.Resting
        if (bearer.step !== Step.None && !rests) return bearer.dueAt
        if (bearer.phase !== Phase.Ready && !rests) return now + IDLE
        let at = bearer.dueAt
        if (!rests) {
            if (this.connections.work || this.exclusive !== null) return now
            at = this.connections.dueAt
            if (this.connections.inUse) {
                const askAt = this.heardAt + SILENCE
                if (((askAt - at) | 0) < 0) at = askAt
            }
        }
        if (!rests && this.data !== null && this.dialling(this.data)) return at
        for (let i = 0; i < this.features.length; i++) {
            const feature = this.features[i]
            if (rests && !feature.offline) continue
            if (feature.work) return now
            if (((feature.dueAt - at) | 0) < 0) at = feature.dueAt
        }
        return at
    }

    /** The UART has lost bytes of what the modem has said: those that would be next. */
    bytesLost() {
        this.connections.bytesLost()
        this.gap = true
    }

    /** What stood before the gap has been dealt with; what else may be missing? */
    private mend(now: number) {
        const channel = this.channel
        const connections = this.connections
        const digest = this.digest
        this.gap = false
        this.torn = channel.command !== Command.None
        if (connections.pushed()) return
        connections.recheck(now)
        digest.skipLine()
        if (this.fetching()) {
            // the modem has given these bytes away, and does so once
            const link = connections.list[channel.link]
            const whole = !link.asked && digest.payloadLeft === 0
            link.asked = false
            this.finish(whole ? Outcome.Ok : Outcome.Timeout, now)
            if (!whole) this.deafen()
            this.bearer.resynchronise(now)
            return
        }
        if (digest.payloadLeft > 0) {
            connections.torn(this.receiver)
            this.deafen()
        }
        this.bearer.audit(now)
    }

    /**
     * The rest of a torn payload may look like anything: nothing is heard until
     * a command has not been answered.
     */
    private deafen() {
        this.receiver = -1
        this.digest.expectPayload(DEAF, null)
    }

    /** Forgets the command in flight and all that is half received. */
    abort() {
        this.channel.finish()
        this.giver = null
        this.digest.reset()
        this.stalled = false
        this.torn = false
        this.text.reset()
        this.doubt = false
        this.doubtful = false
    }

    /** Phase, state or failure of the bearer have changed. */
    changed() {
        if (this.observer !== null) this.observer.onChange()
    }

    /**
     * What may be a line amid bare data is one if it can be expected.
     * @returns whether it was
     */
    private frame(now: number): boolean {
        const digest = this.digest
        const command = this.channel.command
        const line = this.results.classify(digest.line, digest.lineLength)
        let ours = command !== Command.None
        if (line === Line.Unknown)
            // most URCs look so; who calls, for example
            ours =
                command === Command.Custom ||
                (digest.line[0] === PLUS && digest.line[1] === UPPER_C)
        else if (
            (this.results.traits & (Trait.AmidData | Trait.Unsolicited)) !==
            0
        )
            ours = true
        if (!ours) return false
        digest.takeFrame(
            command !== Command.None &&
                (this.results.traits & Trait.Unsolicited) === 0 &&
                this.results.final === Final.No
        )
        this.route(line, now)
        return true
    }

    /** Waits for the rest of what may be a line, but not for long. */
    private undecided(now: number) {
        const used = this.ring.used
        if (used !== this.undecidedUsed) {
            this.undecidedUsed = used
            this.undecidedSince = now
        }
        if (((now - this.undecidedSince - DECISION) | 0) < 0) return
        this.digest.decide = true
        this.undecidedUsed = 0
        this.more = true
    }

    /**
     * Gives a line to whom it belongs: text of somebody else first, then what is an
     * event whatever is going on, then the information and the end of the command in
     * flight; what is left goes to the features, and to who listens for URCs.
     */
    private route(line: Line, now: number) {
        const results = this.results
        const channel = this.channel
        const args = results.args
        const multi = this.config.multi
        if (this.text.kind !== Text.None && this.isText(line, now)) return
        if (this.doubt && this.isData(line, now)) return
        if (line !== Line.Unknown) this.heardAt = now
        /** the number in front of the line; of a single connection there is none */
        let index = results.link
        const link = index < 0 && !multi ? 0 : index

        switch (line) {
            case Line.RxGet:
                if (!this.rxGet(results.argc) && this.reading())
                    this.headerLost(now)
                return
            case Line.Receive:
                if (
                    results.argc < 2 ||
                    !results.exact ||
                    args[1] > PAYLOAD_MAX
                ) {
                    this.headerLost(now)
                    return
                }
                if (results.argc === 7) this.connections.sentBy(args, 2)
                this.payload(args[0], args[1], 0)
                return
            case Line.Ipd:
                if (results.argc === 0 || args[0] > PAYLOAD_MAX)
                    this.headerLost(now)
                else this.payload(0, args[0], 0)
                return
            case Line.ReceivedFrom:
                if (results.argc === 5) this.connections.sentBy(args, 0)
                return
            case Line.RemoteIp:
                if (link >= 0 && results.argc === 4)
                    this.connections.accept(link, args, now)
                return
            case Line.Connect:
                if ((channel.ends & Final.Connect) !== 0) break
                if (this.data !== null) this.data.connect(now)
                return
            case Line.ConnectOk:
                if (link >= 0) this.connections.event(line, link, now)
                // it is there, but not in data mode
                if (this.data !== null)
                    this.connections.refuse(
                        this.connections.list[0],
                        Failure.SetupRefused
                    )
                return
            case Line.ConnectFail:
            case Line.AlreadyConnect:
            case Line.Closed:
                if (link < 0) return
                if (!this.connections.event(line, link, now)) return
                if (link !== channel.link) return
                if (line === Line.Closed) channel.orphan(now)
                else if (
                    line === Line.AlreadyConnect &&
                    channel.command === Command.Cipstart
                )
                    // neither OK nor ERROR comes with it
                    this.finish(Outcome.Ok, now)
                return
            case Line.PdpDeact:
                // AT+CIICR says so itself with the ERROR that follows
                if (channel.command === Command.Ciicr) return
                channel.orphan(now)
                this.bearer.deactivated(now)
                return
            case Line.SendRoom:
                if (channel.information !== line) break
                if (multi) this.connections.roomLine(args[0], args[1])
                else this.connections.roomLine(0, args[0])
                return
            case Line.Functionality:
                if (channel.information === line && results.argc > 0) break
                if (results.argc > 0 && args[0] === 1)
                    this.bearer.line(line, now)
                return
            case Line.Started:
            case Line.CallReady:
            case Line.SmsReady:
            case Line.Echo:
            case Line.PowerDown:
                // an answer of the application's may have such a line
                if (line === Line.Echo && this.offer(line)) return
                this.bearer.line(line, now)
                return
            case Line.Pin:
                if (
                    channel.information !== line &&
                    channel.command !== Command.Custom
                )
                    this.bearer.line(line, now)
                break
            case Line.Registration:
            case Line.GprsRegistration:
                // the answer has <n> in front, the URC has not
                if (results.argc >= 2) break
                this.urc()
                return
            case Line.Unknown:
                if (this.isHeader() || this.isRest()) {
                    this.headerLost(now)
                    return
                }
                // behind it, what was in the answer may look like anything
                if (this.reading()) this.doubt = true
                if (!this.offer(line)) this.urc()
                // what has no sign in front may be a result that was damaged
                if (!this.isSigned()) this.doubtResult(now)
                return
            case Line.Ok:
                // that of AT+CIPSTATUS comes first and ends nothing
                if ((channel.ends & Final.Status) !== 0) return
                break
            case Line.State:
                if ((channel.ends & Final.Status) === 0) {
                    // what is said in front of CONNECT FAIL
                    if (!multi) this.bearer.stateLine(now)
                    return
                }
                this.bearer.information(line)
                this.offer(line)
                // one that has restarted has forgotten AT+CIPMUX=1: no C: follows
                if (
                    multi &&
                    (channel.command !== Command.Cipstatus ||
                        this.bearer.audited !== IpState.IpInitial)
                )
                    return
                break
            case Line.LinkStatus:
                if ((channel.ends & Final.Status) === 0) return
                this.connections.statusLine(args[0], this.linkState())
                this.offer(line)
                if (args[0] !== CONNECTIONS - 1) return
                break
            case Line.DataAccept:
                if (results.argc === 2) index = args[0]
                break
            case Line.Delivered:
            case Line.StatusReport:
                // a report in text mode is complete
                if (line === Line.Delivered || results.argc === 1)
                    this.text.begin(Text.Message, this.bearer.segmentTime, now)
                this.urc()
                return
            case Line.Message:
                if (!channel.holdsText) {
                    // of a command that was given up, or in digits
                    if (channel.command !== Command.Custom)
                        this.text.begin(
                            Text.Message,
                            this.bearer.segmentTime,
                            now
                        )
                } else
                    this.text.begin(Text.Answer, this.bearer.segmentTime, now)
                if (!this.offer(line)) this.urc()
                return
            case Line.Ussd:
                if (!this.text.closes(true))
                    this.text.begin(Text.Ussd, this.bearer.segmentTime, now)
                break
            case Line.Error:
                this.errorNumber()
                break
        }
        if (channel.information === line && line !== Line.State) {
            this.bearer.information(line)
            return
        }
        const end = results.final
        const ends =
            (end & channel.ends) !== 0 &&
            channel.stage !== Stage.Cancelled &&
            ((end & SENT) === 0 ||
                channel.stage === Stage.Result ||
                (channel.stage === Stage.Data &&
                    (end === Final.SendFail ||
                        (this.encoder.left === 0 && channel.filler === 0)))) &&
            (index < 0 || index === channel.link || end === Final.Status)
        if (ends) {
            let outcome = Outcome.Ok
            if (line === Line.Error) outcome = Outcome.Refused
            else if ((end & CALL_ENDS) !== 0 && line !== Line.Connect) {
                outcome = Outcome.Refused
                channel.cme = callResult(line)
            } else if (line === Line.SendFail) outcome = Outcome.SendFail
            this.finish(outcome, now)
            return
        }
        if (end !== Final.No && end !== Final.Status) channel.strays++
        // late, but good to know
        if (line === Line.CloseOk && link >= 0)
            this.connections.event(line, link, now)
        // of a call
        else if ((end & CALL_ENDS) !== 0) this.urc()
        else if (
            end === Final.No &&
            !this.offer(line) &&
            (results.traits & Trait.Told) !== 0
        )
            this.urc()
    }

    /** Whether a line is text of somebody else, which is dealt with then. */
    private isText(line: Line, now: number): boolean {
        const text = this.text
        switch (text.take(line, this.channel.ends, now)) {
            case Taken.No:
                return false
            case Taken.Text:
                this.tellText()
                break
            case Taken.Stranger:
                this.urc()
                break
            case Taken.End:
                if (line === Line.Error) this.errorNumber()
                this.finish(
                    line === Line.Ok ? Outcome.Ok : Outcome.Refused,
                    now
                )
                text.ended(now)
        }
        if (text.doubtfulData) {
            text.doubtfulData = false
            this.connections.bytesLost()
        }
        return true
    }

    /** What text may have hidden the modem is asked for. */
    private askBehindText(now: number) {
        if (!this.text.doubt) return
        this.text.doubt = false
        this.connections.recheck(now)
        this.bearer.audit(now)
    }

    /** Gives a line of text to who has asked for it; others see a LF in front of it. */
    private tellText() {
        if (this.offer(Line.Text)) return
        const line = this.digest.line
        let n = this.digest.lineLength
        if (n < line.length) this.digest.lineLength = n + 1
        else n--
        for (; n > 0; n--) line[n] = line[n - 1]
        line[0] = LF
        this.urc()
    }

    /** Whether more lines of a text come. */
    inText(): boolean {
        return this.text.kind !== Text.None
    }

    /** Keeps the number of a +CME ERROR or +CMS ERROR. */
    private errorNumber() {
        const results = this.results
        const channel = this.channel
        channel.cme = results.argc > 0 ? results.args[0] : Cme.Plain
        if (results.argc > 0 && this.digest.line[3] === UPPER_S)
            channel.cme += CMS
    }

    private fetching(): boolean {
        const command = this.channel.command
        return (
            command === Command.CiprxgetRead || command === Command.CiprxgetHex
        )
    }

    /** AT+CIPRXGET=2 has been given, and the header of its answer has not come. */
    private reading(): boolean {
        return this.fetching() && this.connections.list[this.channel.link].asked
    }

    /**
     * Whether a line that is not known, between the data of an answer and its OK, is
     * what is left of them: a digit of their length was lost.
     */
    private isRest(): boolean {
        return !this.isSigned() && this.fetching() && !this.reading()
    }

    /** Whether a line begins like an information response, or a URC. */
    private isSigned(): boolean {
        const first = this.digest.line[0]
        return first === PLUS || first === STAR
    }

    /** Nobody waits for minutes for what has come already, and was not understood. */
    private doubtResult(now: number) {
        const channel = this.channel
        if (this.scripted()) {
            if (((channel.deadline - now - REST) | 0) > 0)
                channel.deadline = now + REST
        } else if (this.connections.connecting()) this.bearer.audit(now)
    }

    /** Whether a line that is not known may be what is left of a header of data. */
    private isHeader(): boolean {
        const line = this.digest.line
        const length = this.digest.lineLength
        const last = line[length - 1]
        const pushed = this.connections.pushed()
        if (pushed ? !this.connections.inUse : !this.reading()) return false
        if (line[0] === PLUS) {
            if (!pushed && line[1] === UPPER_C && line[2] === UPPER_I)
                return true
            if (pushed && (line[1] === UPPER_R || line[1] === UPPER_I))
                return true
        }
        let commas = 0
        for (let i = 0; i < length; i++) {
            if (line[i] === QUOTE) return false
            if (line[i] === COMMA) commas++
        }
        if (pushed) return commas > 0 && last === COLON
        return commas > 1 && last >= ZERO && last <= NINE
    }

    /**
     * A header was not understood: what comes behind it are data, which may
     * look like anything.
     */
    private headerLost(now: number) {
        const connections = this.connections
        if (connections.pushed()) connections.bytesLost()
        else if (this.fetching()) {
            connections.torn(this.channel.link)
            this.finish(Outcome.Timeout, now)
        }
        this.deafen()
        this.bearer.resynchronise(now)
    }

    /**
     * A line that is not known came where a header was due: it was a URC, or
     * what follows are data.
     */
    private isData(line: Line, now: number): boolean {
        if (!this.reading()) return false
        if (line === Line.RxGet) return false
        if (line === Line.Ok || line === Line.Error) this.headerLost(now)
        else this.doubtful = true
        return true
    }

    /**
     * +CIPRXGET: 1,n · 2,n,len,left · 4,n,count; n only with several connections
     * @returns false if it is none of these
     */
    private rxGet(argc: number): boolean {
        const args = this.results.args
        const connections = this.connections
        const mode = args[0]
        const first = +this.config.multi
        const id = first === 1 ? args[1] : 0
        // mode 1 is always the notice, whatever has been asked for
        // some say behind it whom the data are from
        if (mode === 1 && argc > first && argc !== first + 3) {
            connections.notice(id)
            return true
        }
        if (!this.results.exact) return false
        if (argc === first + 2) {
            const asked = this.channel.information === Line.RxGet
            if (mode !== 4) return false
            if (asked) connections.countLine(id, args[first + 1])
        } else if ((mode === 2 || mode === 3) && argc === first + 3) {
            const one = args[first + 1]
            const other = args[first + 2]
            if (one > PAYLOAD_MAX) return false
            if (!this.config.confirmedNumbers) this.payload(id, one, other)
            // as much as was asked for: there may be more
            else this.payload(id, other, one === other ? SEGMENT : 0)
        } else return false
        return true
    }

    /** The command in flight has ended: whoever gave it goes on. */
    private finish(outcome: Outcome, now: number) {
        const channel = this.channel
        const link = channel.link
        const command = channel.command
        const giver = this.giver
        this.giver = null
        if (outcome === Outcome.Timeout) channel.cme = Cme.NoAnswer
        if (link >= 0) this.connections.done(link, command, outcome, now)
        channel.finish()
        if (this.text.kind === Text.Answer) this.text.leave()
        if (giver !== null) giver.done(command, outcome, now)
        else if (link < 0) this.bearer.done(outcome, now)
        this.torn = false
        this.doubt = false
        if (!this.doubtful) return
        this.doubtful = false
        this.connections.recheck(now)
        this.bearer.audit(now)
    }

    private timeout(now: number) {
        const scripted = this.scripted()
        this.channel.timeouts++
        if (this.digest.payloadLeft > 0) this.cutOff()
        this.finish(Outcome.Timeout, now)
        // a late answer must not be taken for that of the next command
        if (!scripted) this.bearer.resynchronise(now)
    }

    /** The rest of a payload does not come: bytes were lost, of it or of its length. */
    private cutOff() {
        this.connections.torn(this.receiver)
        this.digest.reset()
    }

    private payload(id: number, len: number, left: number) {
        this.receiver = this.connections.payload(id, len, left)
    }

    /** A payload that was not asked for, or not any more, has no OK behind it. */
    private payloadEnd() {
        const channel = this.channel
        const id = this.receiver
        if (id >= 0 && (!this.fetching() || channel.link !== id))
            this.connections.commit(this.connections.list[id])
    }

    /** The reader of a connection is too slow for what is pushed at it. */
    private stall(now: number) {
        if (!this.stalled) {
            this.stalled = true
            this.stalledSince = now
        }
        if (!this.digest.stalled) {
            // answers were held up behind the payload
            this.channel.deadline += now - this.stalledSince
            this.stalled = false
        } else if (
            ((now - this.stalledSince) | 0) >=
            this.config.stallTimeout
        ) {
            this.digest.sink = null
            this.digest.stalled = false
            // nobody has read in time: the rest of the payload is thrown away
            const id = this.digest.plain === null ? this.receiver : 0
            if (id >= 0)
                this.connections.refuse(
                    this.connections.list[id],
                    Failure.ReceiveOverrun
                )
        }
    }

    private urc() {
        if (this.observer !== null)
            this.observer.onUrc(this.digest.line, this.digest.lineLength)
    }

    /** Reads the last word of a `C:` line, in quotation marks. */
    private linkState(): Audited {
        const line = this.digest.line
        const length = this.digest.lineLength
        for (let i = 0; i < C_STATES.length; i++) {
            const name = C_STATES[i]
            let k = name.length
            const at = length - 1 - k
            if (at < 1 || line[length - 1] !== QUOTE || line[at - 1] !== QUOTE)
                continue
            while (k > 0 && line[at + k - 1] === name.charCodeAt(k - 1)) k--
            if (k > 0) continue
            if (i > 1) return Audited.None
            return i === 0 ? Audited.Connected : Audited.Connecting
        }
        return Audited.Unread
    }
}
