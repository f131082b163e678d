/**
 * The driver's core: bytes and the time in, bytes out.
 *
 *     UART → ring → digest → results → route → bearer, connections → rx rings
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
import { audit } from "./bearer/audit"
import { Bearer } from "./bearer/bearer"
import { attend, troubled } from "./bearer/ladder"
import { resynchronise } from "./bearer/find"
import { abort, start, stop } from "./bearer/loss"
import { Phase } from "./phase"
import { proceed } from "./bearer/way"
import { Channel, Stage } from "./channel"
import { Command } from "./commands"
import { timeout } from "./completion"
import { IDLE, Reception } from "./config"
import type { ModemConfig } from "./options"
import type { Core } from "./core"
import { Digest, Digested } from "./digest"
import { Encoder } from "./encoder"
import { Failure } from "./errors"
import { Features, Gate, RawMode } from "./feature"
import { ForeignText, Text } from "./foreign-text"
import { IpMachine } from "./ip-state"
import { LinkState } from "./link/connection"
import {
    ANSWER,
    answered,
    bytesLost,
    commit,
    cutOff,
    late,
    plain,
    stall,
    suspend,
    suspended,
    torn,
} from "./link/receive"
import { run } from "./link/schedule"
import { Connections } from "./link/connections"
import { halfAnswered, headerLost, mend, REST } from "./losses"
import { Reporter } from "./observer"
import { Recovery } from "./recovery"
import { Results } from "./results"
import { Ring } from "./ring"
import { frame, route } from "./route"
import { before, difference } from "./time"
import { UartState } from "./uart-state"
import { Wishes } from "./wishes"

/**
 * Lines that one poll deals with: DeviceScript ends a program that runs 131,072
 * instructions without a pause, and other fibers want to run too.
 */
const LINES_PER_POLL = 16
/** Bare data: how long the rest of what may be a line can take, ms. */
const DECISION = 100
/**
 * While something can come from the network, a modem that says nothing for so
 * long is asked whether it still lives, ms. One that sleeps is woken for that,
 * so it is not done more than a handful of times an hour.
 */
const SILENCE = 600000

/** @devsWhenUsed */
export class Modem implements Core {
    readonly config: ModemConfig
    readonly ring: Ring
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
    readonly bearer: Bearer
    data: RawMode | null = null
    gate: Gate | null = null
    heardAt = 0
    gap = false

    /** whose turn it is when both connections and features have something to do */
    private featuresTurn = false
    /** the last poll has left something in the ring that it could deal with */
    private moreInRing = false
    /** how much of a payload or a line is to come, and since when it has been so much */
    private restLeft = 0
    private restSince = 0

    constructor(config: ModemConfig) {
        this.config = config
        this.ring = new Ring(config.ring)
        this.digest = new Digest(this.ring)
        this.digest.inlineHeaders =
            !config.multi && config.reception === Reception.Push
        this.results = new Results()
        this.encoder = new Encoder()
        this.uart = new UartState(config.baud)
        this.wishes = new Wishes()
        this.reporter = new Reporter()
        this.foreign = new ForeignText(this.digest, this.results)
        this.channel = new Channel(this.encoder, this.digest, this.uart)
        this.recovery = new Recovery()
        this.ip = new IpMachine(config, this.reporter)
        this.links = new Connections(this)
        this.features = new Features()
        this.bearer = new Bearer(this)
    }

    /** Begins to look for the modem and to bring it up. */
    start(now: number) {
        abort(this)
        this.features.down(now)
        this.links.told.reset()
        this.ring.clear()
        this.links.begin(now)
        start(this.bearer, now)
    }

    /** Lets go of everything; the modem itself is left as it is. */
    stop() {
        this.links.stop(Failure.Stopped)
        this.features.down(0)
        abort(this)
        stop(this.bearer)
    }

    /** Transparent mode may put the UART into data mode. */
    useData(mode: RawMode) {
        this.data = mode
    }

    /** Asks `gate` before each command whether the modem hears it. */
    useGate(gate: Gate) {
        this.gate = gate
    }

    /**
     * The UART has lost bytes that the modem has sent: those that would be next in the
     * ring.
     */
    bytesLost() {
        bytesLost(this.links)
        this.gap = true
    }

    /**
     * Does what is due: to be called with every batch of bytes. First all that has
     * come, for it may be the answer that is waited for; then what does not come any
     * more; then, if the channel is free, the next command, at most one.
     */
    // eslint-disable-next-line complexity -- the order is what it says
    poll(now: number) {
        const ring = this.ring
        const digest = this.digest
        const links = this.links
        const wishes = this.wishes
        this.moreInRing = false
        if (this.data !== null && this.inDataMode(this.data, now)) return

        // 1. what has come; what is left of it may be the answer that is waited for
        if (ring.used > 0) this.receive(now)
        if (this.moreInRing) return

        // 2. what is missing, or does not go on
        if (this.gap) mend(this, now)
        let left = digest.payloadLeft
        if (left === 0) left = ring.used
        if (left !== this.restLeft) {
            this.restLeft = left
            this.restSince = now
        }
        if (
            digest.undecided ||
            digest.stalled ||
            links.stalled ||
            this.foreign.kind !== Text.None
        ) {
            if (this.hindered(now)) return
        }
        if (left > 0 && !before(now, this.restSince + REST))
            this.restIsMissing(now)

        // 3. the command in flight: its data, then its time
        const channel = this.channel
        if (channel.running !== Command.None) {
            if (channel.stage === Stage.Data && this.encoder.left === 0)
                channel.proceed(now)
            if (before(now, channel.deadline)) return
            if (channel.persist(now)) return
            timeout(this, now)
        }

        // 4. the channel is free: a modem that sleeps is woken first
        const bearer = this.bearer
        const recovery = this.recovery
        if (wishes.audit) this.attend(now)
        if (
            this.gate !== null &&
            !this.gate.ready(!before(now, this.nextAt(now)), now)
        )
            return

        // 5. what the application wants of the whole, and the ladder of chapter 12
        if ((wishes.shut || wishes.reset) && this.hears()) attend(bearer, now)
        if (recovery.failures >= recovery.patience) troubled(bearer, now)

        // 6. the next command: the way up comes before all that needs a context
        if (bearer.step !== Command.None) this.bringUp(now)
        else if (bearer.phase === Phase.Ready) {
            const due = links.work || !before(now, links.dueAt)
            const silence = difference(now, this.heardAt)
            if (!due && links.inUse && silence >= SILENCE) audit(bearer, now)
            else if (this.features.list.length > 0) this.give(due, now)
            else if (due) run(links, now)
        }
    }

    /** Takes payload, lines and prompts off the ring, in their order. */
    private receive(now: number) {
        const ring = this.ring
        const digest = this.digest
        const links = this.links
        let lines = LINES_PER_POLL
        while (ring.used > 0 && !this.moreInRing) {
            if (digest.payloadLeft > 0) {
                if (!digest.takePayload()) break
                if (links.asks) answered(links)
                else if (links.missing > 0) late(links)
                else if (links.receiver >= 0)
                    commit(links, links.list[links.receiver])
                continue
            }
            const what = digest.next()
            if (what === Digested.Nothing) break
            if (what === Digested.Line)
                route(
                    this,
                    this.results.classify(digest.line, digest.lineLength),
                    now
                )
            // the data first, then what stands behind the prompt
            else if (what === Digested.Prompt) {
                this.channel.prompted(now)
                this.moreInRing = ring.used > 0
                break
            } else if (!this.found(what, now)) break
            if (this.wishes.audit) this.attend(now)
            this.moreInRing =
                --lines === 0 || (this.data !== null && this.data.mode.active())
        }
        // nothing is looked for in a payload, so there is no hurry
        let rest = digest.payloadLeft
        if (rest > 0) {
            // what ends the answer comes with the last of it
            if (links.asks) rest += ANSWER
            else if (links.receiver >= 0) {
                const link = links.list[links.receiver]
                const rx = link.rx
                // a reader is woken for a part of a segment only if it is large
                if (!link.udp && rx.used - link.readable >= rx.size >> 2)
                    commit(links, link)
            }
            const half = ring.size >> 1
            if (rest > half) rest = half
        }
        ring.enough = rest
    }

    /**
     * Handles what is rare: bare data, a payload that is torn, more blank lines than
     * one poll skips.
     * @returns whether what follows can be looked at
     */
    private found(what: Digested, now: number): boolean {
        const digest = this.digest
        const links = this.links
        switch (what) {
            case Digested.Plain:
                plain(links)
                this.heardAt = now
                return true
            case Digested.Frame:
                return frame(this, now) || digest.passFrame()
            case Digested.Torn:
                // its length was wrong: more of it may come
                torn(links, links.receiver)
                headerLost(this, now)
                return false
        }
        this.moreInRing = true
        return false
    }

    /** Data mode: the UART has data, and nothing else. @returns whether that is so */
    private inDataMode(data: RawMode, now: number): boolean {
        if (!data.mode.active()) {
            data.watch(now)
            if (data.mode.watching || !data.mode.active())
                return data.mode.watching
        }
        // a pin needs no command mode
        if (this.wishes.reset && this.config.resetPin) attend(this.bearer, now)
        else data.poll(now)
        // in data mode DCD tells that the modem lives
        this.heardAt = now
        this.moreInRing = !data.mode.active()
        return true
    }

    /** Compares what is believed of connections with what the modem says. */
    private attend(now: number) {
        this.wishes.audit = false
        audit(this.bearer, now)
    }

    /**
     * It is not certain what the bytes in the ring are, or nobody takes them.
     * @returns whether all else has to wait for that
     */
    private hindered(now: number): boolean {
        const text = this.foreign
        const digest = this.digest
        if (text.kind !== Text.None) {
            if (text.expire(now) && text.doubted()) {
                // asks the modem for what the text may have hidden
                this.links.recheck(now)
                audit(this.bearer, now)
            }
            if (text.kind === Text.AnswerEnded) return true
        }
        if (digest.undecided) {
            // what may be a line is waited for, but not for long
            if (!before(now, this.restSince + DECISION)) {
                digest.decide = true
                this.moreInRing = true
            }
            return true
        }
        if (digest.stalled || this.links.stalled) {
            // the rest of a payload is held up here
            this.restSince = now
            stall(this.links, now)
        }
        return digest.stalled
    }

    /** The rest of a payload, or of an answer, does not come. */
    private restIsMissing(now: number) {
        const rest = this.digest.payloadLeft
        const links = this.links
        if (suspended(links)) this.restSince = now
        else if (
            rest > ANSWER &&
            !links.asks &&
            this.bearer.phase === Phase.Ready &&
            this.bearer.step === Command.None
        ) {
            suspend(links)
            this.restSince = now
            resynchronise(this.bearer, now)
        } else if (rest > 0) cutOff(links)
        else if (halfAnswered(this, this.restSince)) {
            if (this.channel.running !== Command.None) timeout(this, now)
            else audit(this.bearer, now)
        }
    }

    /** The next command of the way up. */
    private bringUp(now: number) {
        const bearer = this.bearer
        // behind a failure there is time for what needs no context
        if (bearer.rests() && before(now, bearer.dueAt))
            this.features.run(now, true)
        else proceed(bearer, now)
    }

    /**
     * The context is up, and there are features: they and connections give commands in
     * turns.
     * @param due connections may have something to do
     */
    private give(due: boolean, now: number) {
        const links = this.links
        const features = this.features
        const exclusive = features.exclusive
        if (exclusive !== null) {
            features.give(exclusive, now)
            return
        }
        // what is asked for without a connection is meant for the first context
        if (links.told.context !== 0) {
            run(links, now)
            return
        }
        if (this.data !== null) {
            if (this.dialling()) {
                if (due) run(links, now)
                return
            }
            if (links.hasMoved()) this.data.moved()
        }
        const first = this.featuresTurn
        this.featuresTurn = false
        if (first && features.run(now, false)) return
        if (due) run(links, now)
        if (this.channel.running !== Command.None) this.featuresTurn = true
        else features.run(now, false)
    }

    /** CONNECT may come at any time: a command would be data for the peer then. */
    private dialling(): boolean {
        return this.links.list[0].state === LinkState.Connecting
    }

    /** What is wished of the whole can be carried out; a pin needs no command. */
    private hears(): boolean {
        return (
            this.data === null ||
            !this.dialling() ||
            (this.wishes.reset && this.config.resetPin)
        )
    }

    /** When `poll()` has something to do even if nothing comes in. */
    pollAt(now: number): number {
        const channel = this.channel
        if (this.moreInRing || this.wishes.audit) return now
        if (this.digest.undecided) return this.restSince + DECISION
        if (
            this.data !== null &&
            (this.data.mode.watching || this.data.mode.active())
        )
            return this.data.pollAt(now)
        if (this.links.stalled)
            return this.links.stalledSince + this.config.stallTimeout
        let at: number
        if (channel.running !== Command.None) {
            const out = channel.stage === Stage.Data && this.encoder.left === 0
            at = out ? now : channel.deadline
        } else {
            at = this.nextAt(now)
            if (this.gate !== null) at = this.gate.pollAt(at)
        }
        if (
            this.digest.payloadLeft > 0 ||
            // saves a call while a connection's command is in flight
            (this.ring.used > 0 &&
                (channel.link < 0 || channel.running === Command.None) &&
                halfAnswered(this, this.restSince))
        ) {
            const restAt = this.restSince + REST
            if (before(restAt, at)) return restAt
        }
        return this.foreign.kind === Text.None ? at : this.foreign.pollAt(at)
    }

    /** When the next command is due; the channel is free. */
    private nextAt(now: number): number {
        const bearer = this.bearer
        const links = this.links
        if ((this.wishes.shut || this.wishes.reset) && this.hears()) return now
        const rests = bearer.phase === Phase.Resting && bearer.rests()
        if (bearer.step !== Command.None && !rests) return bearer.dueAt
        if (bearer.phase !== Phase.Ready && !rests) return now + IDLE
        let at = bearer.dueAt
        if (!rests) {
            if (links.work || this.features.exclusive !== null) return now
            at = links.dueAt
            if (links.inUse) {
                const askAt = this.heardAt + SILENCE
                if (before(askAt, at)) at = askAt
            }
            if (this.data !== null && this.dialling()) return at
        }
        const features = this.features
        for (let i = 0; i < features.list.length; i++) {
            const feature = features.list[i]
            if (rests && !feature.offline) continue
            if (feature.work) return now
            if (before(feature.dueAt, at)) at = feature.dueAt
        }
        return at
    }
}
