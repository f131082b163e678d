/**
 * The TCP server of the modem (application note 2.1.3 and 3.2): one port; five peers in
 * multi connection mode, one in single connection mode.
 */
import { DOT, NINE, QUOTE, ZERO } from "./ascii"
import { Outcome } from "./channel"
import type { Command } from "./commands"
import { IDLE } from "./config"
import { Cme, Failure } from "./errors"
import type { Feature } from "./feature"
import { IpState } from "./ip-state"
import type { Modem } from "./modem"
import { Final, Line } from "./results"
import { before } from "./time"

/** The states of AT+CIPSTATUS. */
export enum ServerState {
    Closed,
    Opening,
    Listening,
    Closing,
}

export const SERVER_COMMAND = "AT+CIPSERVER="
/** SERVER OK and SERVER CLOSE come soon after OK, ms */
const RESULT_TIMEOUT = 10000
/** … which may take so long, ms */
const COMMAND_TIMEOUT = 5000
/** between two tries, ms */
const PAUSE = 10000

/** @devsWhenUsed */
export class Server implements Feature {
    work = false
    dueAt = 0
    readonly offline = false
    state = ServerState.Closed
    /** the port to listen on, 0 for none */
    port = 0
    /** why the last try failed */
    failure = Failure.None
    cme: Cme = Cme.Plain
    /** called at every change of state */
    changed: (() => void) | null = null

    private readonly modem: Modem
    /** the server may be on though the modem did not say so: it is closed first */
    private doubt = false

    constructor(modem: Modem) {
        this.modem = modem
        modem.features.list.push(this)
    }

    /**
     * Listens as soon as the context is up, and again after every loss of it.
     * @param port 1–65535
     */
    open(port: number) {
        this.port = port
        this.failure = Failure.None
        this.come()
    }

    /** Stops listening. Accepted peers stay; the others are closed. */
    close() {
        const links = this.modem.links
        this.port = 0
        for (let id = links.accepted(); id >= 0; id = links.accepted()) {
            const link = links.list[id]
            // its turn is as before: at once
            links.close(link, link.notBefore)
        }
        this.come()
    }

    /** There is work; AT+CIPSERVER has to come first. */
    private come() {
        const open = this.port > 0
        this.work = true
        this.modem.links.holdBack(
            open &&
                this.failure === Failure.None &&
                this.state !== ServerState.Listening,
            open
        )
    }

    line(line: Line): boolean {
        if (line === Line.ServerClose) {
            // else it is late
            if (this.state !== ServerState.Opening)
                this.enter(ServerState.Closed)
        } else {
            if (line === Line.LinkStatus) this.compare()
            return false
        }
        return true
    }

    /**
     * `C: n,bearer,"TCP","1.2.3.4","80",…` of AT+CIPSTATUS: a peer may have taken this
     * number while the line that said so was lost. His address is not that of the peer
     * before him, or his port not the one that the driver has connected to.
     */
    private compare() {
        const links = this.modem.links
        const id = this.modem.results.args[0]
        if (id >= links.list.length) return
        const link = links.list[id]
        const digest = this.modem.digest
        const line = digest.line
        // after the third quotation mark
        let at = -1
        for (let n = 0; n < 3; n++) {
            at = line.indexOf(QUOTE, at + 1, digest.lineLength)
            if (at < 0) return
        }
        let other = false
        let part = 0
        for (let i = 0; i < 5; i++) {
            part = 0
            const first = ++at
            for (; line[at] >= ZERO && line[at] <= NINE; at++)
                part = part * 10 + line[at] - ZERO
            // there is no readable address, or port
            if (at === first || line[at] !== (i < 3 ? DOT : QUOTE)) return
            if (i < 4 && part !== link.address[i]) other = true
            // the port stands between quotation marks
            if (i === 3) at += 2
        }
        if (!link.inbound) other = !link.udp && part !== link.port
        if (other) links.refuse(link, Failure.Desynchronised)
    }

    run(now: number): boolean {
        this.work = false
        const late = !before(now, this.dueAt)
        // OK came, but not the line after it
        if (this.state === ServerState.Closing && late)
            this.enter(ServerState.Closed)
        const close =
            this.doubt ||
            (this.port === 0 && this.state === ServerState.Listening)
        const open =
            !close && this.port > 0 && this.state === ServerState.Closed
        if (open && this.failure !== Failure.None && !late) return false
        if (!open && !close) {
            if (this.state !== ServerState.Closing) this.dueAt = now + IDLE
            return false
        }
        const state = this.modem.ip.state
        if (
            open &&
            (state === IpState.TcpClosed || state === IpState.UdpClosed)
        ) {
            // it needs IP STATUS, and only AT+CIPSHUT leads back there
            this.modem.wishes.shut = true
            return false
        }
        this.doubt = false
        this.modem.channel.beginCustom(
            SERVER_COMMAND,
            // ERROR can still follow OK
            Final.Error | (open ? Final.Sole : Final.Ok),
            open ? COMMAND_TIMEOUT + RESULT_TIMEOUT : COMMAND_TIMEOUT,
            false,
            now
        )
        if (open) this.modem.encoder.numbers(1, this.port)
        else this.modem.encoder.numbers(0, -1)
        this.enter(open ? ServerState.Opening : ServerState.Closing)
        return true
    }

    done(_: Command, outcome: Outcome, now: number) {
        if (this.state === ServerState.Closing) {
            this.dueAt = now + RESULT_TIMEOUT
            // there was no server
            if (outcome !== Outcome.Ok) this.enter(ServerState.Closed)
            return
        }
        // an address would be the late answer to AT+CIFSR
        if (outcome === Outcome.Ok && !this.modem.digest.isAddress()) {
            this.failure = Failure.None
            this.enter(ServerState.Listening)
            return
        }
        // without an answer it may listen all the same
        this.doubt = outcome !== Outcome.Refused
        this.failure = Failure.ServerRefused
        // a lasting failure is a matter of the ladder of chapter 12
        this.modem.recovery.connectionFailed()
        this.cme = this.modem.channel.cme
        this.dueAt = now + PAUSE
        this.enter(ServerState.Closed)
    }

    down() {
        this.failure = Failure.None
        this.doubt = false
        this.enter(ServerState.Closed)
    }

    /** Enters a state, or stays in it: there may be work. */
    private enter(state: ServerState) {
        if (this.state !== state) {
            this.state = state
            this.modem.links.serve(
                state === ServerState.Listening || state === ServerState.Opening
            )
            if (this.changed !== null) this.changed()
        }
        this.come()
    }
}
