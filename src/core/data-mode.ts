/**
 * Transparent mode (application note 2.2): once the connection is up, every
 * byte on the UART is data, both ways, and the modem takes no commands until
 * data mode has been left, by DTR or by `+++`.
 *
 * Nothing is looked for in the data: DCD tells that the connection is over. What the
 * modem says then, `CLOSED` or `+PDP: DEACT`, is the last such line behind the data.
 */
import { Phase } from "./bearer/script"
import { Command, Giver, Outcome } from "./channel"
import { Failure } from "./errors"
import type { Feature, RawMode } from "./feature"
import { LinkState, SendState, type Connection } from "./link/connection"
import { transparent } from "./link/events"
import { rawLost, rawReceive, rawSend, rawSent } from "./link/raw"
import type { Modem } from "./modem"
import { Line } from "./results"
import type { Ring } from "./ring"

export enum DataState {
    /** command mode, without a connection */
    Off,
    /** data mode */
    Data,
    /** data mode is to be left: what is being sent goes out, then silence in front of `+++` */
    Silence,
    /** `+++` or the edge of DTR is out, OK has not come */
    Escaping,
    /** command mode, and the connection is there */
    Command,
    /**
     * DCD is off, which may be a glitch: what the modem says behind the data
     * has not all come, and nothing may be sent
     */
    Ending,
}

/** Before and behind `+++` nothing may be sent for 1 s (2.2.4); and a margin, ms. */
const GUARD = 1100
/** DTR has to be low for 1 s before it goes high; and a margin, ms. */
const DTR_LOW = 1100
/** How long OK may take behind that, ms. */
const ESCAPE_TIMEOUT = 3000
/** … if the connection seems to be over: then no OK comes, ms. */
const OVER_TIMEOUT = 1000
/** How long CTS may hold up what is to go out first, ms. */
const UART_GRACE = 10000
/** Silence behind OK that shows that the modem has said it, not the peer, ms. */
const QUIET = 200
/** Bytes that stay in the ring while OK is awaited: it may be among them. */
const TAIL = 192
/** How long the last line of a connection may take, ms. */
const LAST_WORD = 500
/** How long DCD may be off although the connection lives, ms. */
const GLITCH = 12000
/** How long DCD may come behind what looks like that line, ms. */
const DCD_LAG = 100
/** … and how long the rest of what may become that line can take. */
const PIECE_LAG = 20
/** How long DCD may take to go low behind CONNECT, ms. */
const DCD_ON = 1000
/** Silence that shows that the line is the last one, ms. */
const SILENCE = 30
const IDLE = 3600000
/** `left` when all is on the wire */
const OUT = -1

const LF = 10
const CR = 13
const PLUS = 43
const OK = "\r\nOK\r\n"
const CLOSED = "\r\nCLOSED\r\n"
const DEACT = "\r\n+PDP: DEACT\r\n"
const CONNECT = "\r\nCONNECT\r\n"
const CONNECTED = "CONNECT\r\n"
/** some firmware says whose connection it is in front of CONNECT */
const REMOTE = "REMOTE IP:"
/** what a modem says that has restarted */
const READY = "\r\nRDY\r\n"

/** Whether the bytes of a ring that stand `at` behind its front begin this text. */
function matches(ring: Ring, at: number, text: string, n: number): boolean {
    const mask = ring.size - 1
    for (let i = 0; i < n; i++)
        if (ring.buf[(ring.tail + at + i) & mask] !== text.charCodeAt(i))
            return false
    return true
}

/** Whether all of a text stands `at` behind the front of a ring. */
function startsWith(ring: Ring, at: number, text: string): boolean {
    return at + text.length <= ring.used && matches(ring, at, text, text.length)
}

/** Where in a ring a text stands for the last time, -1: nowhere. */
function find(ring: Ring, text: string): number {
    const mask = ring.size - 1
    const first = text.charCodeAt(0)
    for (let at = ring.used - text.length; at >= 0; at--)
        if (
            ring.buf[(ring.tail + at) & mask] === first &&
            matches(ring, at, text, text.length)
        )
            return at
    return -1
}

/** Why it is not certain that data mode is on. */
enum Doubt {
    None,
    /** DCD is off; if it comes back, that was a glitch */
    Carrier,
    /** the modem may have left it, or not have entered it, whatever DCD says */
    Mode,
}

/** @devsWhenUsed */
export class DataMode implements Feature, RawMode {
    work = false
    dueAt = 0
    readonly offline = false
    state = DataState.Off
    /** why data mode could not be left, or not be entered again */
    failure = Failure.None
    /** told of every change of state */
    changed: (() => void) | null = null

    private readonly modem: Modem
    readonly link: Connection
    /** the application wants command mode */
    private commandWanted = false
    /** since when the present state lasts */
    private since = 0
    /** since when DTR has been low */
    private lowSince = 0
    /** when the UART was last seen sending, while data mode is being left */
    private sentAt = 0
    private left = 0
    private receivedAt = 0
    private seen = 0
    /** DCD has been low since data mode began */
    private carrier = false
    /** DCD is low, and CONNECT is awaited: commands might be data for the peer */
    watching = false
    private watchedAt = 0
    /** data mode is left because nobody knows whether it is on */
    private doubt = Doubt.None
    /** DCD has been off and on again since data mode began */
    private glitched = false
    /** escapes without an OK */
    private tries = 0
    /** no OK has shown that command mode is on: if the connection is there, it ends */
    private unproven = false
    /** something that is not known has come in place of CONNECT */
    private strange = false

    /** @param modem for a single connection and pushed data; not started yet */
    constructor(modem: Modem) {
        this.modem = modem
        this.link = modem.links.list[0]
        modem.config.transparent = true
        modem.features.list.push(this)
        modem.useData(this)
    }

    /** Whether the bytes of the UART are data. */
    active(): boolean {
        return this.state !== DataState.Off && this.state !== DataState.Command
    }

    /** CONNECT has come: the next byte is data. */
    private begin(now: number) {
        this.commandWanted = false
        this.failure = Failure.None
        this.receivedAt = now
        this.seen = 0
        this.glitched = false
        this.unproven = false
        this.watching = false
        this.certain()
        // DTR has to be low for a while before it can be raised
        this.lower(now)
        // the driver goes on at once: there may be more in the ring
        this.modem.links.wake()
        this.enter(DataState.Data, now)
    }

    /** CONNECT has come unasked. */
    connect(now: number) {
        // one that is not expected may be late, or data: DCD tells
        if (!this.unproven && (this.modem.uart.dcd || this.expected()))
            this.connected(now)
    }

    private connected(now: number) {
        transparent(this.modem.links, now)
        this.begin(now)
    }

    private expected(): boolean {
        return (
            this.link.state === LinkState.Connecting || this.modem.links.serving
        )
    }

    private lower(now: number) {
        this.modem.uart.dtr = true
        this.lowSince = now
    }

    /**
     * DCD is on, and CONNECT has not come. Until it does, no command is given and no
     * line is believed. If it does not come, it was damaged: data may be missing, so
     * the connection is of no use, and data mode is left without a word to the peer.
     */
    watch(now: number) {
        const modem = this.modem
        const ring = modem.ring
        if (
            !modem.uart.dcd ||
            this.state !== DataState.Off ||
            modem.bearer.phase !== Phase.Ready ||
            !(
                this.expected() ||
                this.link.state === LinkState.Abandoned ||
                this.link.state === LinkState.Quarantine
            ) ||
            modem.channel.running !== Command.None ||
            this.begins()
        ) {
            this.watching = false
            return
        }
        if (!this.watching) {
            this.watching = true
            this.watchedAt = now
            // it may be off again by the time that CONNECT is looked at
            this.carrier = true
        }
        if (((now - this.watchedAt) | 0) < DCD_ON && ring.used < ring.size)
            return
        this.connected(now)
        modem.links.refuse(this.link, Failure.Desynchronised)
    }

    /** Whether CONNECT is the next line, or a peer's address, which may stand in front. */
    private begins(): boolean {
        const ring = this.modem.ring
        let at = 0
        // a part of the line end in front of it may have been taken
        while (at < 2 && ring.buf[(ring.tail + at) & (ring.size - 1)] <= CR)
            at++
        if (startsWith(ring, at, CONNECTED)) return true
        if (!this.modem.links.serving || !startsWith(ring, at, REMOTE))
            return false
        // half of it may be data
        for (at += REMOTE.length; at < ring.used; at++)
            if (ring.buf[(ring.tail + at) & (ring.size - 1)] === LF) return true
        return false
    }

    /**
     * Leaves data mode as soon as what is being sent is on the wire. If CTS
     * holds it up for too long that is a failure, and data mode goes on.
     */
    leave() {
        this.failure = Failure.None
        this.commandWanted = true
        this.work = true
    }

    /** Goes back to data mode (ATO). */
    resume() {
        this.failure = Failure.None
        this.commandWanted = false
        this.work = true
    }

    /** Does what is due in data mode. */
    poll(now: number) {
        const modem = this.modem
        const ring = modem.ring
        const used = ring.used
        if (used !== this.seen) this.receivedAt = now
        // times long past must not seem to come when the clock has wrapped
        else if (((now - this.receivedAt) | 0) > IDLE)
            this.receivedAt = now - IDLE
        if (((now - this.since) | 0) > IDLE) this.since = now - IDLE
        if (((now - this.lowSince) | 0) > IDLE) this.lowSince = now - IDLE
        switch (this.state) {
            case DataState.Ending:
                this.ending(now)
                break
            case DataState.Escaping:
                this.escaping(now)
                break
            default: {
                if (modem.uart.dcd) this.carrier = true
                else if (!this.carrier && ((now - this.since) | 0) >= DCD_ON) {
                    // without DCD nobody could tell the end of the connection
                    this.carrier = true
                    modem.links.refuse(this.link, Failure.NoCarrier)
                }
                if (this.glitched) this.restarted(now)
                if (this.suspicious() && this.succeeded(now)) break
                const word = this.lastWord()
                const waited = ((now - this.receivedAt) | 0) >= this.lag(word)
                // a short connection may be over before DCD was looked at
                const closed = word >= CLOSED.length && waited
                const on =
                    modem.uart.dcd ||
                    this.leaving() ||
                    !(this.carrier || closed)
                let keep = 0
                if (!on || this.tries > 0 || this.suspicious())
                    keep = this.tail()
                else if (!waited) keep = word
                // DCD has not been on: behind that line there may be answers
                const last = this.carrier ? -1 : this.lastLine()
                if (on && last >= 0) keep = used - last
                // what came before DCD went off is data beyond doubt
                this.deliver(used - keep)
                if (on) this.send(now)
                else {
                    // a connection that short says nothing about the wire
                    this.carrier = true
                    this.halt()
                    this.enter(DataState.Ending, now)
                    this.ending(now)
                }
            }
        }
        this.seen = ring.used
    }

    /** When `poll()` has something to do even if nothing comes in. */
    pollAt(now: number): number {
        const encoder = this.modem.encoder
        if (this.watching) return this.watchedAt + DCD_ON
        let at = now + IDLE
        switch (this.state) {
            case DataState.Ending: {
                const quiet = this.receivedAt + SILENCE
                if (((quiet - now) | 0) > 0) return quiet
                const end = this.since + LAST_WORD
                if (((end - now) | 0) > 0) return end
                const doubt = this.since + GLITCH
                return ((doubt - now) | 0) > 0 ? doubt : now + QUIET
            }
            case DataState.Escaping:
                return now + QUIET
            case DataState.Silence:
                at = encoder.drain ? this.sentAt + UART_GRACE : this.escapeAt()
                break
            default:
                if (this.leaving()) return now
                if (
                    encoder.left === 0 &&
                    this.link.sendState >= SendState.Wanted
                )
                    return now
                if (!this.carrier) at = this.since + DCD_ON
        }
        const word = this.seen > 0 ? this.lastWord() : 0
        const heard = this.receivedAt + this.lag(word)
        if (word === 0 || ((heard - now) | 0) <= 0) return at
        return ((heard - at) | 0) < 0 ? heard : at
    }

    private leaving(): boolean {
        const wishes = this.modem.wishes
        return (
            this.commandWanted ||
            this.doubt !== Doubt.None ||
            this.link.state !== LinkState.Connected ||
            wishes.shut ||
            wishes.reset
        )
    }

    /** When data mode can be left, once all is out. */
    private escapeAt(): number {
        return this.modem.config.dtr
            ? this.lowSince + DTR_LOW
            : this.sentAt + GUARD
    }

    private send(now: number) {
        const link = this.link
        const encoder = this.modem.encoder
        const left = encoder.left
        // it was a glitch
        if (
            this.doubt !== Doubt.None &&
            this.state === DataState.Silence &&
            !this.suspicious()
        )
            this.certain()
        const leaving = this.leaving()
        if (this.state === DataState.Silence && !leaving)
            this.enter(DataState.Data, now)
        if (left === 0 && link.sendState === SendState.InFlight)
            rawSent(this.modem.links, link)
        if (this.state === DataState.Data) {
            if (leaving) {
                this.enter(DataState.Silence, now)
                this.drain(now)
            } else rawSend(this.modem.links, link)
            return
        }
        if (!this.drained(now)) return
        if (((now - this.escapeAt()) | 0) < 0) return
        this.enter(DataState.Escaping, now)
        if (this.modem.config.dtr) this.modem.uart.dtr = false
        else {
            encoder.fill(PLUS, 3)
            this.drain(now)
        }
    }

    /** Stops sending for the present. */
    private halt() {
        this.modem.links.halt(this.link)
    }

    private drain(now: number) {
        this.modem.encoder.drain = true
        this.left = this.modem.encoder.left
        this.sentAt = now
    }

    /** Whether all is on the wire: since `sentAt`. */
    private drained(now: number): boolean {
        const encoder = this.modem.encoder
        const left = encoder.drain ? encoder.left : OUT
        if (left !== this.left) {
            this.left = left
            this.sentAt = now
        } else if (left !== OUT && ((now - this.sentAt) | 0) >= UART_GRACE) {
            this.sentAt = now
            this.stay(now)
        }
        return left === OUT
    }

    /** Data mode could not be left, and stays: the wish for command mode is dropped. */
    private stay(now: number) {
        if (this.suspicious()) {
            // a modem that is in data mode does not do that
            this.over(DataState.Command, now)
            return
        }
        this.certain()
        this.failure = Failure.NotEscaped
        this.commandWanted = false
        let state = DataState.Data
        if (!this.modem.uart.dcd) state = DataState.Ending
        // `+++` may still go out, and be obeyed
        else if (this.state === DataState.Escaping && this.left !== OUT)
            state = DataState.Escaping
        this.enter(state, now)
    }

    /** Waits for the OK that the modem says when it has left data mode. */
    private escaping(now: number) {
        const modem = this.modem
        const ring = modem.ring
        const dtr = modem.config.dtr
        this.deliver(ring.used - this.tail())
        // RTS has held the modem up: that was no silence of its own
        if (this.seen === ring.size && ring.used < ring.size)
            this.receivedAt = now
        const quiet = ((now - this.receivedAt) | 0) >= QUIET
        if (!this.drained(now)) return
        const guard = dtr ? 0 : GUARD
        const waited = (now - (dtr ? this.since : this.sentAt)) | 0
        if (!quiet || waited < guard) return
        // while RTS holds the modem up, more will follow what is last in the ring
        const at = ring.used < ring.size ? find(ring, OK) : -1
        // behind OK there are lines, maybe with a blank in front, or nothing
        const next = at + OK.length
        const byte = ring.buf[(ring.tail + next) & (ring.size - 1)]
        if (
            at >= 0 &&
            (next === ring.used || byte === CR || byte === LF || byte === 0)
        ) {
            this.escaped(at, now)
            return
        }
        // DCD may go off with data mode, or with the connection
        const over = !modem.uart.dcd && this.lastLine() >= 0
        if (waited < (over ? guard + OVER_TIMEOUT : ESCAPE_TIMEOUT)) return
        this.lower(now)
        if (over || this.suspicious() || this.tries > 0) this.unanswered(now)
        else {
            // was it not obeyed, or its OK lost? The next one tells
            this.tries++
            this.enter(DataState.Silence, now)
            this.drain(now)
        }
    }

    /** OK stands at `at`: the modem takes commands. */
    private escaped(at: number, now: number) {
        const modem = this.modem
        const ring = modem.ring
        const last = this.lastLine()
        // another peer has come in: nobody can tell whose the data were
        const other = last >= 0 && this.successor(last)
        if (!this.deliver(other ? last : at)) return
        if (other) {
            modem.links.refuse(this.link, Failure.ClosedByPeer)
            this.deliver(at - last)
        }
        ring.drop(OK.length)
        this.lower(now)
        this.certain()
        modem.digest.reset()
        if (modem.config.printedData && this.link.state === LinkState.Connected)
            modem.digest.expectPlain(this.link.rx)
        this.enter(DataState.Command, now)
        this.work = true
    }

    /**
     * Data mode was left by the rules, and no OK has come. Whatever is there now takes
     * commands. If that is the connection, it ends: nobody knows whether data or OK
     * were lost.
     */
    private unanswered(now: number) {
        const modem = this.modem
        const ring = modem.ring
        const link = this.link
        const last = modem.uart.dcd ? -1 : this.lastLine()
        // a slow reader has all the time it wants
        if (last >= 0 && !this.deliver(last)) return
        // too much stands behind the line: the peer has sent it
        if (last >= 0 && ring.used > this.tail()) return
        this.unproven = true
        if (last < 0 && ring.used > 0) rawLost(link)
        // it may have been data: AT+CIPSTATUS tells
        ring.clear()
        // AT may be data for the peer
        if (!this.suspicious() && last < 0) {
            this.failure = Failure.NotEscaped
            modem.links.refuse(link, Failure.NotEscaped)
        }
        this.over(DataState.Command, now)
    }

    /** Where the line stands that says that the connection is over, -1: nowhere. */
    private lastLine(): number {
        const ring = this.modem.ring
        const closed = find(ring, CLOSED)
        const deact = find(ring, DEACT)
        if (closed < 0 || closed > deact) return closed < 0 ? deact : closed
        // some firmware says both
        let at = closed + CLOSED.length
        const mask = ring.size - 1
        while (at < deact && ring.buf[(ring.tail + at) & mask] <= CR) at++
        return at < deact ? deact : closed
    }

    /** Whether behind that line the next peer of the server has come in. */
    private successor(last: number): boolean {
        return this.modem.links.serving && find(this.modem.ring, CONNECT) > last
    }

    /** @returns whether the next peer is there: then data mode belongs to it */
    private succeeded(now: number): boolean {
        const last = this.lastLine()
        if (last < 0 || !this.successor(last)) return false
        if (this.deliver(last)) this.over(DataState.Off, now)
        return true
    }

    /**
     * DCD is off: takes the data that are still here. If the modem says behind them
     * that the connection is over, it takes commands; but the peer may have sent that
     * line, and DCD may have a glitch: then a command would be data for the peer. So
     * data mode is left by the rules, whatever is heard.
     */
    private ending(now: number) {
        const modem = this.modem
        const ring = modem.ring
        if (this.succeeded(now)) return
        const last = this.lastLine()
        const waited = (now - this.since) | 0
        const serving = modem.links.serving
        // a server may be about to tell of the next peer
        if (modem.uart.dcd && (last < 0 || !serving || waited >= LAST_WORD)) {
            this.glitched = true
            this.enter(DataState.Data, now)
            this.restarted(now)
            return
        }
        if (last >= 0) {
            // data that look so may have been on their way
            if (((now - this.receivedAt) | 0) < SILENCE) return
            // a slow reader has all the time it wants
            if (this.deliver(last)) this.doubts(Doubt.Carrier, now)
            return
        }
        this.deliver(ring.used - this.tail())
        const sure = this.leaving() || find(ring, READY) >= 0
        if (waited < (sure ? LAST_WORD : GLITCH)) return
        // the modem has restarted, or its last line was lost, or DCD is wrong
        this.doubts(Doubt.Carrier, now)
    }

    /**
     * A modem that has restarted keeps DCD on (AT&C0) and looks like one whose DCD had
     * a glitch, until it says RDY. A peer may send that, too.
     */
    private restarted(now: number) {
        if (this.doubt !== Doubt.None || this.state !== DataState.Data) return
        if (((now - this.since) | 0) > GLITCH) this.glitched = false
        else if (find(this.modem.ring, READY) >= 0) this.doubts(Doubt.Mode, now)
    }

    /** Leaves data mode, which costs the peer nothing if it was on. */
    private doubts(doubt: Doubt, now: number) {
        this.doubt = doubt
        this.halt()
        this.enter(DataState.Silence, now)
        this.drain(now)
    }

    private certain() {
        this.doubt = Doubt.None
        this.tries = 0
    }

    /** Whether nothing has shown yet that data mode is on. */
    private suspicious(): boolean {
        return (
            this.doubt === Doubt.Mode ||
            (this.doubt === Doubt.Carrier && !this.modem.uart.dcd)
        )
    }

    /** How many bytes at the end of the ring may not be data, DCD being off. */
    private tail(): number {
        const ring = this.modem.ring
        const at = find(ring, READY)
        const n = at < 0 ? 0 : ring.used - at
        return n > TAIL ? n : TAIL
    }

    /** Data mode is over, with or without its connection. */
    private over(state: DataState, now: number) {
        const modem = this.modem
        this.halt()
        this.certain()
        modem.encoder.drop()
        modem.digest.reset()
        this.enter(state, now)
        if (state === DataState.Command) modem.bearer.resynchronise(now)
    }

    /**
     * How many bytes at the end of the ring are, or begin, what the modem says
     * when a connection ends.
     */
    private lastWord(): number {
        const ring = this.modem.ring
        const buf = ring.buf
        const mask = ring.size - 1
        const end = ring.tail + ring.used
        let n = ring.used < DEACT.length ? ring.used : DEACT.length
        for (; n > 0; n--) {
            if (buf[(end - n) & mask] !== CR) continue
            const at = ring.used - n
            if (n <= CLOSED.length && matches(ring, at, CLOSED, n)) return n
            if (this.glitched && n <= READY.length)
                if (matches(ring, at, READY, n)) return n
            if (matches(ring, at, DEACT, n)) return n
        }
        return 0
    }

    /** How long `word` bytes of that line may be a coincidence, ms. */
    private lag(word: number): number {
        return word < CLOSED.length ? PIECE_LAG : DCD_LAG
    }

    /**
     * Moves data to their reader.
     * @returns whether all of them have gone
     */
    private deliver(count: number): boolean {
        if (count <= 0) return true
        const ring = this.modem.ring
        const link = this.link
        const wishes = this.modem.wishes
        const wanted =
            !wishes.shut &&
            !wishes.reset &&
            (link.state === LinkState.Connected ||
                link.state === LinkState.RemoteClosing)
        if (wanted) return rawReceive(this.modem.links, link, ring, count)
        // the stream has a hole: whatever the modem says, its end is not clean
        this.modem.links.refuse(link, Failure.ClosedHere)
        this.modem.digest.skip(count)
        return true
    }

    /** The connection may be over: command mode has nothing to do then. */
    moved() {
        this.work = true
    }

    line(line: Line): boolean {
        if (line === Line.Unknown) this.strange = true
        return false
    }

    run(now: number): boolean {
        this.work = false
        this.dueAt = now + IDLE
        if (this.state !== DataState.Command) return false
        if (this.unproven) {
            this.unproven = false
            this.modem.links.refuse(this.link, Failure.NotEscaped)
        }
        if (this.link.state !== LinkState.Connected) {
            this.enter(DataState.Off, now)
            return false
        }
        if (this.commandWanted) return false
        this.strange = false
        this.carrier = false
        this.modem.channel.begin(Command.Ato, Giver.Feature, now)
        return true
    }

    done(_: Command, outcome: Outcome, now: number) {
        if (outcome === Outcome.Ok) {
            this.begin(now)
            return
        }
        this.failure = Failure.NotResumed
        this.commandWanted = true
        if (outcome === Outcome.Refused && !this.strange) {
            if (this.changed !== null) this.changed()
            this.modem.bearer.audit(now)
            return
        }
        // CONNECT was damaged, or is late: data may be missing
        this.modem.links.refuse(this.link, Failure.NotResumed)
        this.receivedAt = now
        this.doubts(Doubt.Mode, now)
    }

    down(now: number) {
        if (this.state !== DataState.Off) this.enter(DataState.Off, now)
    }

    private enter(state: DataState, now: number) {
        if (state !== DataState.Command) this.modem.digest.expectPlain(null)
        if (state === DataState.Off) this.unproven = this.carrier = false
        this.state = state
        this.since = now
        if (this.changed !== null) this.changed()
    }
}
