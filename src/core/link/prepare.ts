/**
 * Settings in force for AT+CIPSTART (application note 2.1.1, 2.3, 4): context, local
 * port, UDP mode, TLS. The modem keeps them until it restarts, so `Told` records them,
 * and a setting is given only if it differs.
 */
import { Outcome, type Channel } from "../channel"
import { Command } from "../commands"
import type { ModemConfig } from "../options"
import { CONNECTIONS, type Connection } from "./connection"
import { difference } from "../time"

/** AT+CIPUDPMODE=2: the destination changes. */
const RETARGET = 2
/** AT+SSLOPT: invalid certificates are accepted … */
const IGNORE = 0
/** … and the module shows its own certificate */
const AUTHENTICATE = 1
/** A modem that restarts listens no sooner; ms */
const REBOOT = 2000
/** bytes that a connection takes in `own` */
const ROW = 12
/** … before its UDP mode */
const MODE = 8
/** the largest setting that is known: a port */
const KNOWN = 65535

/** The modem's present settings; -1: unknown. */
export class Told {
    /** AT+CIPSGTXT */
    context = 0
    /** AT+CIPSSL */
    tls = 0
    /** AT+SSLOPT=0, AT+SSLOPT=1 */
    ignore = -1
    authenticate = -1
    /** a single connection: when one of these three was given, or found as it has to be */
    tlsAt = 0
    /** AT+CIPSRIP=1 */
    sender = false
    /**
     * of each connection: AT+CLPORT for TCP, for UDP, AT+CIPUDPMODE, 4 bytes each; more
     * than `KNOWN`: unknown
     */
    readonly own: Buffer
    /** one of these has been given */
    owned = false
    /** AT+CIPQSEND=1: it is given on the way up, and may be refused */
    quick: boolean

    private readonly config: ModemConfig

    constructor(config: ModemConfig) {
        this.config = config
        this.quick = config.quickSend
        this.own = Buffer.alloc(CONNECTIONS * ROW)
    }

    /** What TLS is to be is not known any more. */
    forgetTls() {
        this.tls = -1
        this.ignore = -1
        this.authenticate = -1
    }

    /** The modem has restarted. */
    reset() {
        this.context = 0
        this.forgetTls()
        this.tls = 0
        this.sender = false
        this.quick = this.config.quickSend
        // it may only have seemed to restart
        if (this.owned) this.own.fillAt(0, CONNECTIONS * ROW, 255)
    }
}

/** @devsWhenUsed */
export class Preparation {
    readonly told: Told
    private readonly channel: Channel
    private readonly config: ModemConfig
    /**
     * the value that the command in flight sets, and the generation of its connection;
     * -1: none
     */
    private value = 0
    private generation = -1
    /** its place in `Told.own`, -1: none */
    private at = -1

    constructor(channel: Channel, config: ModemConfig) {
        this.told = new Told(config)
        this.channel = channel
        this.config = config
    }

    /** Selects the first context again, not for a certain connection. */
    selectFirst(now: number) {
        this.generation = -1
        this.select(0, 0, now)
    }

    private select(context: number, id: number, now: number) {
        this.value = context
        this.at = -1
        const first = context === 0
        this.channel.begin(
            first ? Command.CipsgtxtFirst : Command.CipsgtxtSecond,
            id,
            now
        )
    }

    /** Whether AT+SSLOPT is due for a connection. */
    optionsDiffer(link: Connection): boolean {
        const told = this.told
        return (
            link.tls &&
            !(
                told.ignore === +!link.verify &&
                told.authenticate === +link.authenticate
            )
        )
    }

    /**
     * Gives the next setting in which the modem differs from a connection's.
     * @returns whether a command was given
     */
    next(link: Connection, now: number): boolean {
        const channel = this.channel
        const encoder = channel.encoder
        const told = this.told
        const id = link.id
        const udp = link.udp
        const port = id * ROW + (udp ? 4 : 0)
        this.generation = link.generation
        this.at = -1
        if (link.tls && !this.config.multi) {
            // a modem that restarted silently takes AT+CIPSTART, without TLS
            const age = difference(now, told.tlsAt)
            if (age < 0 || age > REBOOT) told.forgetTls()
            told.tlsAt = now
        }
        if (link.context !== told.context) this.select(link.context, id, now)
        else if (this.differs(port, link.localPort)) {
            this.begin(Command.Clport, id, now)
            encoder.quoted(udp ? "UDP" : "TCP")
            encoder.numbers(this.value, -1)
        } else if (link.extended && !told.sender)
            channel.begin(Command.Cipsrip, id, now)
        else if (udp && this.differs(id * ROW + MODE, +link.extended)) {
            this.begin(Command.Cipudpmode, id, now)
            encoder.numbers(this.value, -1)
        } else if (this.optionsDiffer(link)) {
            this.value = told.ignore === +!link.verify ? AUTHENTICATE : IGNORE
            channel.begin(Command.Sslopt, id, now)
            const on = this.value === IGNORE ? !link.verify : link.authenticate
            encoder.numbers(this.value, +on)
        } else if (!udp && told.tls !== +link.tls) {
            this.value = +link.tls
            channel.begin(Command.Cipssl, id, now)
            encoder.numbers(this.value, -1)
        } else return false
        return true
    }

    /** Whether a setting of a connection is due; then it is the next one. */
    private differs(at: number, value: number): boolean {
        if (this.told.own.getAt(at, "u32") === value) return false
        this.at = at
        this.value = value
        return true
    }

    /** Changes the destination of a connection's datagrams. */
    retarget(link: Connection, now: number) {
        this.value = RETARGET
        this.at = -1
        this.generation = link.generation
        this.begin(Command.Cipudpmode, link.id, now)
        const encoder = this.channel.encoder
        encoder.numbers(RETARGET, -1)
        encoder.quoted(link.host)
        encoder.numbers(link.target, -1)
    }

    private begin(command: Command, id: number, now: number) {
        this.told.owned = true
        this.channel.begin(command, id, now)
        if (this.config.multi) this.channel.encoder.numbers(id, -1)
    }

    /**
     * One of these commands has ended.
     * @returns whether its connection cannot go on
     */
    ended(link: Connection, command: Command, outcome: Outcome): boolean {
        const told = this.told
        const at = this.at
        // a module that refuses its default as well does not know the command
        if (
            outcome === Outcome.Ok ||
            (outcome === Outcome.Refused &&
                this.value === 0 &&
                (at >= 0
                    ? told.own.getAt(at, "u32") > KNOWN
                    : command === Command.Cipssl && told.tls < 0))
        ) {
            this.obeyed(link, command)
            return false
        }
        // ERROR may be another command's: the setting is not known now
        if (at >= 0) told.own.fillAt(at, 4, 255)
        else if (command === Command.Cipssl || command === Command.Sslopt)
            told.forgetTls()
        else if (
            command === Command.CipsgtxtFirst ||
            command === Command.CipsgtxtSecond
        )
            // … nor does one that refuses the first context, too
            told.context =
                this.generation < 0 &&
                told.context < 0 &&
                outcome === Outcome.Refused
                    ? 0
                    : -1
        // its connection may have ended meanwhile
        return link.generation === this.generation
    }

    private obeyed(link: Connection, command: Command) {
        const told = this.told
        const value = this.value
        // the number may have another use by now
        let known = link.generation === this.generation
        switch (command) {
            case Command.CipsgtxtFirst:
            case Command.CipsgtxtSecond:
                told.context = value
                break
            case Command.Cipsrip:
                told.sender = true
                break
            case Command.Cipssl:
                told.tls = value
                break
            case Command.Sslopt:
                // only a connection with TLS needs it: without TLS, the number has
                // another use
                if (!link.tls) known = false
                if (value === IGNORE) told.ignore = known ? +!link.verify : -1
                else told.authenticate = known ? +link.authenticate : -1
                break
            default:
                if (this.at >= 0) told.own.setAt(this.at, "u32", value)
                else if (known) link.retarget = false
        }
    }
}
