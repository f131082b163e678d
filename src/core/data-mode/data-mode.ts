/**
 * Transparent mode (application note 2.2): once the connection is up, every byte on the
 * UART is data, both ways, and the modem takes no commands until it leaves data mode,
 * by DTR or by `+++`. A program makes a `DataMode` to have this.
 *
 * The data are not searched: DCD shows the end of the connection. Then the last line
 * `CLOSED` or `+PDP: DEACT` in the ring is the modem's, and follows the data.
 */
import { PLUS } from "../ascii"
import { audit } from "../bearer/audit"
import { IDLE } from "../config"
import { Giver, Outcome } from "../channel"
import { Command } from "../commands"
import { Failure } from "../errors"
import type { Feature, RawMode } from "../feature"
import { LinkState } from "../link/connection"
import type { Modem } from "../modem"
import { Line } from "../results"
import { begin, connect, watch } from "./entry"
import { dataAt, pollData } from "./flow"
import { DataState, Doubt, Mode, NO_RUN } from "./mode"

/** this many plus signs between two silences end data mode */
const ESCAPE = 3
const ESCAPES =
    '"+++" alone would lead out of data mode: send it with other data, or switch that off (escape: false)'

/** @devsWhenUsed */
export class DataMode implements Feature, RawMode {
    work = false
    dueAt = 0
    readonly offline = false
    readonly mode: Mode
    /** `+++` ends data mode (esc of AT+CIPCCFG) */
    escapes = true
    /** an unknown line has come instead of CONNECT */
    private strange = false

    /** @param modem for a single connection and pushed data; not started yet */
    constructor(modem: Modem) {
        this.mode = new Mode(modem)
        modem.config.transparent = true
        modem.digest.inlineHeaders = false
        modem.features.list.push(this)
        modem.useData(this)
    }

    /**
     * Leaves data mode as soon as the bytes being sent are on the wire. If CTS holds
     * them up for too long, that is a failure, and data mode goes on.
     */
    leave() {
        this.want(true)
    }

    /** Goes back to data mode (ATO). */
    resume() {
        this.want(false)
    }

    private want(command: boolean) {
        this.mode.failure = Failure.None
        this.mode.commandWanted = command
        this.work = true
    }

    connect(now: number) {
        connect(this.mode, now)
    }

    watch(now: number) {
        watch(this.mode, now)
    }

    poll(now: number) {
        if (pollData(this.mode, now)) this.work = true
    }

    pollAt(now: number): number {
        return dataAt(this.mode, now)
    }

    /** Only the application knows when, and for how long, it is silent. */
    forbids(source: Buffer, at: number, length: number): string {
        const mode = this.mode
        let n = 0
        while (n < length && source[at + n] === PLUS) n++
        const runs = n === length && n <= ESCAPE ? mode.runs << n : NO_RUN
        if (this.escapes && (runs & (1 << ESCAPE)) !== 0) return ESCAPES
        mode.runs = (runs & ((1 << ESCAPE) - 1)) | NO_RUN
        return ""
    }

    /** The connection may be over: then command mode has no purpose. */
    moved() {
        this.work = true
    }

    line(line: Line): boolean {
        if (line === Line.Unknown) this.strange = true
        return false
    }

    run(now: number): boolean {
        const mode = this.mode
        const core = mode.core
        this.work = false
        this.dueAt = now + IDLE
        if (mode.state !== DataState.Command) return false
        if (mode.unproven) {
            mode.unproven = false
            core.links.refuse(mode.link, Failure.NotEscaped)
        }
        if (mode.link.state !== LinkState.Connected) {
            mode.enter(DataState.Off, now)
            return false
        }
        if (mode.commandWanted) return false
        this.strange = false
        mode.carrier = false
        core.channel.begin(Command.Ato, Giver.Feature, now)
        return true
    }

    done(_: Command, outcome: Outcome, now: number) {
        const mode = this.mode
        if (outcome === Outcome.Ok) {
            begin(mode, now)
            return
        }
        mode.failure = Failure.NotResumed
        mode.commandWanted = true
        if (outcome === Outcome.Refused && !this.strange) {
            if (mode.changed !== null) mode.changed()
            audit(mode.core.bearer, now)
            return
        }
        // CONNECT was damaged, or is late: data may be missing
        mode.core.links.refuse(mode.link, Failure.NotResumed)
        mode.receivedAt = now
        mode.doubts(Doubt.Mode, now)
    }

    down(now: number) {
        if (this.mode.state !== DataState.Off)
            this.mode.enter(DataState.Off, now)
    }
}
