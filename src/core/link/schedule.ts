/**
 * Turns of the connections: which one gives the next command, which command its state
 * requires, and what follows the end of the command.
 */
import { Outcome } from "../channel"
import { Command } from "../commands"
import { IDLE } from "../config"
import { Cme, Failure } from "../errors"
import { before, difference } from "../time"
import {
    CLOSED_LAG,
    Connection,
    LinkState,
    refusedFor,
    SendState,
} from "./connection"
import { CONNECT_TIMEOUT } from "./events"
import { ask, asked, counted } from "./receive"
import { roomAnswered, sendNext, sent } from "./send"
import type { Connections } from "./connections"

const S = 1000
/** … or 160 s if it also brings the context up, ms */
const LAZY_TIMEOUT = 165 * S
/** from +CME ERROR: 181 to the next try, the longest pause, ms */
const BUSY_PAUSE = 1000

/** Gives AT+CIPSTART: all its settings are made. */
function connect(links: Connections, link: Connection, now: number) {
    const encoder = links.encoder
    links.channel.begin(Command.Cipstart, link.id, now)
    if (links.config.multi) encoder.numbers(link.id, -1)
    encoder.quoted(link.udp ? "UDP" : "TCP")
    encoder.quoted(link.host)
    encoder.numbers(link.port, -1)
    link.deadline = now + (links.config.lazy ? LAZY_TIMEOUT : CONNECT_TIMEOUT)
    links.enter(link, LinkState.Connecting)
}

/**
 * Whether AT+CIPSTART has to wait: AT+CIPSERVER is to be the first; or AT+SSLOPT is due,
 * and no note says when a handshake that runs takes what it has set. AT+CIPSSL counts at
 * AT+CIPSTART alone.
 */
function isHeld(links: Connections, link: Connection): boolean {
    if (links.hold) return true
    if (!links.preparation.optionsDiffer(link)) return false
    for (let id = 0; id < links.list.length; id++) {
        const other = links.list[id]
        if (other.tls && other.state === LinkState.Connecting) return true
    }
    return false
}

function disconnect(links: Connections, link: Connection, now: number) {
    const quick = link.quickClose ? 1 : -1
    links.channel.begin(Command.Cipclose, link.id, now)
    if (links.config.multi) links.encoder.numbers(link.id, quick)
    else if (quick >= 0) links.encoder.numbers(quick, -1)
}

/**
 * Gives the command that a state other than Connected requires. @returns whether a
 * command was given
 */
function serve(links: Connections, link: Connection, now: number): boolean {
    switch (link.state) {
        case LinkState.Wanted:
            if (isHeld(links, link)) return false
            if (!links.preparation.next(link, now)) connect(links, link, now)
            return true
        case LinkState.RemoteClosing:
            return ask(links, link, now)
        case LinkState.Clearing:
        case LinkState.Closing:
        case LinkState.Abandoned:
            disconnect(links, link, now)
            return true
        case LinkState.Connecting:
            if (before(now, link.deadline)) links.due(link.deadline)
            else links.refuse(link, Failure.ConnectTimeout)
            return false
        case LinkState.Quarantine:
            if (before(now, link.deadline)) links.due(link.deadline)
            else links.free(link)
            return false
        case LinkState.Doubtful:
            links.wishes.audit = true
    }
    return false
}

/**
 * Selects the first context: the second is selected only for AT+CIPSTART.
 * @returns whether a command was given
 */
function select(links: Connections, now: number): boolean {
    for (let id = 0; id < links.list.length; id++) {
        const link = links.list[id]
        if (
            link.state === LinkState.Wanted &&
            link.context === links.told.context &&
            !isHeld(links, link)
        )
            return false
    }
    links.preparation.selectFirst(now)
    links.work = true
    return true
}

/** Gives a command for the connection whose turn it is; the channel is free. */
export function run(links: Connections, now: number) {
    links.work = false
    links.dueAt = now + IDLE
    const list = links.list
    const n = list.length
    if (links.told.context !== 0 && select(links, now)) return
    for (let i = 1; i <= n; i++) {
        let id = links.turn + i
        if (id >= n) id -= n
        const link = list[id]
        const state = link.state
        if (state === LinkState.Initial || state === LinkState.Closed) continue
        const pause = difference(link.notBefore, now)
        let given = false
        // a longer pause means a time long past: 32 bits are 50 days
        if (pause > 0 && pause <= BUSY_PAUSE) links.due(link.notBefore)
        else if (state !== LinkState.Connected) given = serve(links, link, now)
        else if (links.asks && ask(links, link, now)) given = true
        else if (
            link.sendState === SendState.Wanted &&
            !links.config.transparent
        )
            given = sendNext(links, link, now)
        if (given) {
            // no other connection may change the settings before its AT+CIPSTART
            links.turn = link.state === LinkState.Wanted ? id - 1 : id
            links.work = true
            return
        }
    }
}

/** A setting for a connection has failed. */
function unprepared(
    links: Connections,
    link: Connection,
    outcome: Outcome,
    now: number
) {
    if (link.state === LinkState.Wanted) {
        if (outcome === Outcome.Refused)
            links.end(link, LinkState.Closed, Failure.SetupRefused)
    } else if (link.sendState === SendState.Wanted)
        links.sendEnded(link, Failure.SendRefused)
    link.notBefore = now
}

/**
 * ERROR may be the late response to another command: it is unknown whether the
 * connection exists.
 */
function startRefused(links: Connections, link: Connection, now: number) {
    if (link.state === LinkState.Abandoned) {
        links.enter(link, LinkState.Doubtful)
        links.wishes.audit = true
    }
    if (link.state !== LinkState.Connecting) return
    if (links.channel.cme === Cme.StackBusy) {
        if (link.refusals++ === 0) link.refusedSince = now
        if (difference(now, link.refusedSince) < CONNECT_TIMEOUT) {
            link.notBefore = now + BUSY_PAUSE
            links.enter(link, LinkState.Wanted)
            return
        }
    }
    links.end(link, LinkState.Doubtful, Failure.ConnectRefused)
    links.wishes.audit = true
}

function closeEnded(
    links: Connections,
    link: Connection,
    outcome: Outcome,
    now: number
) {
    // CONNECT OK instead of CONNECT: AT+CIPMODE=1 is lost, bring the context up anew
    if (links.config.transparent && link.failure === Failure.SetupRefused)
        links.recovery.exhaust()
    // CLOSED may follow CLOSE OK, and ERROR
    if (outcome === Outcome.Ok) link.closedDue = true
    if (link.state === LinkState.Clearing) {
        link.closedDoubtUntil = now + CLOSED_LAG
        links.enter(link, LinkState.Wanted)
    } else if (outcome !== Outcome.Ok && outcome !== Outcome.Refused)
        link.notBefore = now
    else if (link.state === LinkState.Closing) links.free(link)
    else if (link.state === LinkState.Abandoned) {
        links.enter(link, LinkState.Quarantine)
        // CLOSE OK may be that of a failed handshake: another answer follows
        if (link.tls) links.wishes.audit = true
        // AT+CIPSTART may bring the context up, for 160 s; no other connection uses it
        if (links.config.lazy) links.wishes.shut = true
    }
    // the command has closed a peer of the server that took this number meanwhile
    else if (outcome === Outcome.Ok) links.refuse(link, Failure.Desynchronised)
}

/** A command for a connection has ended. */
export function done(
    links: Connections,
    id: number,
    command: Command,
    outcome: Outcome,
    now: number
) {
    const link = links.list[id]
    links.work = true
    if (outcome === Outcome.Refused || outcome === Outcome.Timeout) {
        link.refused = refusedFor(command, links.channel.cme)
    }
    switch (command) {
        case Command.Cipstart:
            if (outcome === Outcome.Refused) startRefused(links, link, now)
            return
        case Command.CipsendRead:
            roomAnswered(links, link, outcome, now)
            return
        case Command.Cipsend:
            if (outcome === Outcome.Timeout) links.owed = id
            sent(links, link, outcome, now)
            return
        case Command.CiprxgetRead:
        case Command.CiprxgetHex:
            asked(links, link, outcome)
            return
        case Command.CiprxgetCount:
            counted(links, link, outcome)
            return
        case Command.Cipclose:
            closeEnded(links, link, outcome, now)
            return
    }
    // all other commands are given by `preparation`
    if (links.preparation.ended(link, command, outcome))
        unprepared(links, link, outcome, now)
}
