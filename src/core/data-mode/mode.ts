/**
 * The mode of the UART, data or command, and the doubts about it. The other files of
 * this folder are functions on it.
 */
import { resynchronise } from "../bearer/find"
import type { Core } from "../core"
import { Failure } from "../errors"
import { LinkState, type Connection } from "../link/connection"
import { rawReceive } from "../link/raw"
import { succession } from "./texts"

export enum DataState {
    /** command mode, without a connection */
    Off,
    /** data mode */
    Data,
    /** data mode is to be left: bytes being sent go out, then silence before `+++` */
    Silence,
    /** `+++` or the edge of DTR is out, OK is due */
    Escaping,
    /** command mode, with the connection up */
    Command,
    /**
     * DCD is off, which may be a glitch: the modem's lines after the data have not all
     * come, and nothing may be sent
     */
    Ending,
}

/** Why it is not certain that data mode is on. */
export enum Doubt {
    None,
    /** DCD is off; if it comes back, that was a glitch */
    Carrier,
    /** the modem may have left data mode, or not have entered it, whatever DCD says */
    Mode,
}

/** Longest time from CONNECT until DCD goes low, ms. */
export const DCD_ON = 1000

/** No plus sign has come since a silence. */
export const NO_RUN = 1

/** @devsWhenUsed */
export class Mode {
    state = DataState.Off
    /** why data mode could not be left, or not be entered again */
    failure = Failure.None
    /** called at every change of state */
    changed: (() => void) | null = null
    /** DCD is low, and CONNECT is awaited: commands might be data for the peer */
    watching = false
    /** CONNECT of the next peer of a server is in the ring, behind other lines */
    succeeded = false

    // for the files of this folder
    readonly core: Core
    readonly link: Connection
    /** of the use of the connection that data mode was entered for */
    generation = -1
    /** the application wants command mode */
    commandWanted = false
    /** time of the last change of state */
    since = 0
    /** time since which DTR has been low */
    lowSince = 0
    /** when the UART last took bytes, while data mode is being left */
    sentAt = 0
    /** bytes that the UART had not taken then */
    left = 0
    receivedAt = 0
    /** bytes left in the ring by the last poll */
    seen = 0
    /** DCD has been low since data mode began */
    carrier = false
    watchedAt = 0
    /** data mode is left because it is unknown whether it is on */
    doubt = Doubt.None
    /** how often DCD has been off since data mode began, without a known reason */
    absences = 0
    /** DCD was low at the last poll */
    carried = false
    /** escapes without an OK */
    tries = 0
    /**
     * bytes at the front of the ring that came before the first escape, and so hold no
     * OK
     */
    old = 0
    /**
     * a bit for each number of plus signs that alone may have followed a silence at the
     * modem: of the last send, the last two, …
     */
    runs = NO_RUN
    /** no OK has proved command mode: if the connection is up, it is ended */
    unproven = false

    constructor(core: Core) {
        this.core = core
        this.link = core.links.list[0]
    }

    /** Whether the bytes of the UART are data. */
    active(): boolean {
        return this.state !== DataState.Off && this.state !== DataState.Command
    }

    /** Whether data mode is to be left. */
    leaving(): boolean {
        const wishes = this.core.wishes
        return (
            this.commandWanted ||
            this.doubt !== Doubt.None ||
            // an escape may have been obeyed: the next one tells
            this.tries > 0 ||
            this.link.state !== LinkState.Connected ||
            wishes.shut ||
            wishes.reset
        )
    }

    /** Whether data mode is still unproven. */
    suspicious(): boolean {
        return (
            this.doubt === Doubt.Mode ||
            (this.doubt === Doubt.Carrier && !this.core.uart.dcd)
        )
    }

    certain() {
        this.doubt = Doubt.None
        this.tries = 0
    }

    /** DTR goes low; it has to be low for a while before it can be raised. */
    lower(now: number) {
        this.core.uart.dtr = true
        this.lowSince = now
    }

    /** Stops sending for now. */
    halt() {
        this.core.links.halt(this.link)
    }

    /** Asks the port to report when all bytes are on the wire. */
    drain(now: number) {
        this.core.encoder.drain = true
        this.left = this.core.encoder.left
        this.sentAt = now
    }

    /** Leaves data mode because of a doubt; the peer notices nothing. */
    doubts(doubt: Doubt, now: number) {
        this.doubt = doubt
        this.halt()
        this.enter(DataState.Silence, now)
        this.drain(now)
    }

    /** Data mode is over, with or without its connection. */
    over(state: DataState, now: number) {
        const core = this.core
        this.halt()
        this.certain()
        core.encoder.drop()
        core.digest.reset()
        this.enter(state, now)
        if (state === DataState.Command) resynchronise(core.bearer, now)
    }

    /**
     * @returns whether the next peer of a server is connected: then data mode belongs
     * to it
     */
    succeeds(now: number): boolean {
        if (!this.core.links.serving) return false
        const last = succession(this.core.ring)
        if (last < 0) return false
        if (this.state === DataState.Data) {
            // nothing more for the next peer, even if the reader is slow
            this.halt()
            this.enter(DataState.Ending, now)
        }
        if (this.deliver(last)) {
            this.over(DataState.Off, now)
            this.succeeded = true
            // one of them is known now
            if (this.absences > 0) this.absences--
        }
        return true
    }

    /**
     * Moves data to their reader.
     * @returns whether all were moved
     */
    deliver(count: number): boolean {
        if (count <= 0) return true
        const core = this.core
        const used = core.ring.used
        const all = this.move(count)
        this.old -= used - core.ring.used
        if (this.old < 0) this.old = 0
        return all
    }

    private move(count: number): boolean {
        const core = this.core
        const link = this.link
        const wishes = core.wishes
        const wanted =
            !wishes.shut &&
            !wishes.reset &&
            (link.state === LinkState.Connected ||
                link.state === LinkState.RemoteClosing)
        if (wanted) return rawReceive(core.links, link, core.ring, count)
        // the stream has a gap: whatever the modem says, this is no clean end
        core.links.refuse(link, Failure.ClosedHere)
        core.digest.skip(count)
        return true
    }

    enter(state: DataState, now: number) {
        if (state !== DataState.Command) this.core.digest.expectPlain(null)
        if (state === DataState.Off) this.unproven = this.carrier = false
        this.state = state
        this.since = now
        if (this.changed !== null) this.changed()
    }
}
