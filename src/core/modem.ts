/**
 * The driver's core: bytes and the time in, bytes out.
 *
 *     UART → ring → digest → results → route → bearer, connections → rx rings
 *     tasks → connections, bearer → channel → encoder → UART
 *
 * The owner of the UART puts received bytes into `ring`, calls `poll(now)`, sends the
 * bytes of `encoder`, and polls again when more bytes arrive, when a task has work, or
 * at `pollAt()`. Nothing in here waits, reads a clock, or knows a platform; once a
 * Modem is made, nothing allocates, but for a connection whose number is used for the
 * first time.
 *
 * Times are milliseconds of any monotonic clock; it may wrap at 32 bits.
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
 * Most lines that one poll handles: DeviceScript ends a program that runs 131,072
 * instructions without a pause, and other fibers want to run too.
 */
const LINES_PER_POLL = 16
/** Bare data: longest wait for the rest of a possible line, ms. */
const DECISION = 100
/** More bytes than a payload has: all input is dropped. */
const LONGEST_PAYLOAD = 4000
/**
 * After this silence, ms, the driver checks that the modem still lives, if the network
 * may have something for it. The check wakes a sleeping modem, so it is made only a few
 * times an hour.
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

    /** the features' turn, if both connections and features have work */
    private featuresTurn = false
    /** the last poll left bytes in the ring that the next one can handle */
    private moreInRing = false
    /**
     * missing bytes of a payload, or held bytes of a line, and the time since which the
     * count stands still
     */
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

    /** Begins to search for the modem and to bring it up. */
    start(now: number) {
        abort(this)
        this.features.down(now)
        this.links.told.reset()
        this.ring.clear()
        this.links.begin(now)
        start(this.bearer, now)
    }

    /** Stops the driver; the modem itself stays as it is. */
    stop() {
        this.links.stop(Failure.Stopped)
        this.features.down(0)
        abort(this)
        stop(this.bearer)
    }

    /** Lets transparent mode put the UART into data mode. */
    useData(mode: RawMode) {
        this.data = mode
    }

    /** Asks `gate` before each command whether the modem hears it. */
    useGate(gate: Gate) {
        this.gate = gate
    }

    /** The UART has lost received bytes: those that would be next in the ring. */
    bytesLost() {
        bytesLost(this.links)
        this.gap = true
    }

    /**
     * Does all due work; call it with every batch of bytes. It handles received bytes
     * first, since they may be the awaited response; then timeouts; then, if the
     * channel is free, it gives at most one command.
     */
    // eslint-disable-next-line complexity -- the order is what it says
    poll(now: number) {
        const ring = this.ring
        const digest = this.digest
        const links = this.links
        const wishes = this.wishes
        this.moreInRing = false
        if (this.data !== null && this.inDataMode(this.data, now)) return

        // 1. received bytes; those left for the next poll may hold the awaited response
        if (ring.used > 0) this.receive(now)
        if (this.moreInRing) return

        // 2. losses, and payload or lines that stand still
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
            // not amid a payload: its rest would be taken for lines
            const rest = digest.payloadLeft
            if (rest > 0 && rest < LONGEST_PAYLOAD && links.missing === 0) {
                channel.extend(now - channel.deadline + this.uart.segmentTime)
                return
            }
            if (channel.persist(now)) return
            timeout(this, now)
        }

        // 4. the channel is free: a sleeping modem is woken first
        const bearer = this.bearer
        const recovery = this.recovery
        if (wishes.audit) this.attend(now)
        if (
            this.gate !== null &&
            !this.gate.ready(!before(now, this.nextAt(now)), now)
        )
            return

        // 5. wishes of the application, and the ladder of chapter 12
        if ((wishes.shut || wishes.reset) && this.hears()) attend(bearer, now)
        if (recovery.failures >= recovery.patience) troubled(bearer, now)

        // 6. the next command: the way up first, then commands that need a context
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
                if (links.missing > 0) late(links)
                else if (links.asks) answered(links)
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
            // send the data before the bytes after the prompt are read
            else if (what === Digested.Prompt) {
                this.channel.prompted(now)
                this.moreInRing = ring.used > 0
                break
            } else if (!this.found(what, now)) break
            if (this.wishes.audit) this.attend(now)
            this.moreInRing =
                --lines === 0 || (this.data !== null && this.data.mode.active())
        }
        // payload is not searched, so the port need not wake the driver early
        let rest = digest.payloadLeft
        if (rest > 0) {
            // the final result code comes with the last bytes
            if (links.asks) rest += ANSWER
            else if (links.receiver >= 0) {
                const link = links.list[links.receiver]
                const rx = link.rx
                // wake a reader before the end of a segment only for a large part
                if (!link.udp && rx.used - link.readable >= rx.size >> 2)
                    commit(links, link)
            }
            const half = ring.size >> 1
            if (rest > half) rest = half
        }
        ring.enough = rest
    }

    /**
     * Handles the rare cases: bare data, a torn payload, more blank lines than one poll
     * skips.
     * @returns whether the next bytes can be read
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

    /** Data mode: the UART carries only data. @returns whether it is on */
    private inDataMode(data: RawMode, now: number): boolean {
        if (!data.mode.active()) {
            data.watch(now)
            if (data.mode.watching || !data.mode.active())
                return data.mode.watching
        }
        // the reset pin needs no command mode
        if (this.wishes.reset && this.config.resetPin) attend(this.bearer, now)
        else data.poll(now)
        // in data mode DCD shows that the modem lives
        this.heardAt = now
        this.moreInRing = !data.mode.active()
        return true
    }

    /** Compares the driver's connections with the modem's. */
    private attend(now: number) {
        this.wishes.audit = false
        audit(this.bearer, now)
    }

    /**
     * The kind of the bytes in the ring is uncertain, or their reader is slow.
     * @returns whether all other work has to wait
     */
    private hindered(now: number): boolean {
        const text = this.foreign
        const digest = this.digest
        if (text.kind !== Text.None) {
            if (text.expire(now) && text.doubted()) {
                // ask the modem for what the text may have hidden
                this.links.recheck(now)
                audit(this.bearer, now)
            }
            if (text.kind === Text.AnswerEnded) return true
        }
        if (digest.undecided) {
            // wait for the rest of a possible line, but not for long
            if (!before(now, this.restSince + DECISION)) {
                digest.decide = true
                this.moreInRing = true
            }
            return true
        }
        const stalled = digest.stalled
        if (stalled || this.links.stalled) {
            // the driver holds up the payload, not the modem
            this.restSince = now
            stall(this.links, now)
        }
        // its rest is dropped: behind it there may be the awaited response
        if (stalled && !digest.stalled) this.moreInRing = true
        return stalled
    }

    /** The rest of a payload, or of a response, does not come. */
    private restIsMissing(now: number) {
        const rest = this.digest.payloadLeft
        const links = this.links
        if (suspended(links)) this.restSince = now
        else if (
            rest > ANSWER &&
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
        // in the pause after a failure, features may give commands that need no context
        if (bearer.rests() && before(now, bearer.dueAt))
            this.features.run(now, true)
        else proceed(bearer, now)
    }

    /**
     * The context is up: features and connections give commands in turns.
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
        // a command that belongs to no connection is meant for the first context
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

    /** CONNECT may come at any time: after it, a command would be data for the peer. */
    private dialling(): boolean {
        return this.links.list[0].state === LinkState.Connecting
    }

    /** A wish can be carried out; a reset by pin needs no command. */
    private hears(): boolean {
        return (
            this.data === null ||
            !this.dialling() ||
            (this.wishes.reset && this.config.resetPin)
        )
    }

    /** When `poll()` has work even if nothing is received. */
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
