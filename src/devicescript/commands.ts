/** Commands of the application, host names, and the modem's reports on connections. */
import * as ds from "@devicescript/core"
import { sleep } from "../ports/naps"
import { Kind } from "../core/arguments"
import {
    COMMAND_LIMIT,
    GiveCommand,
    wrongCommand,
} from "../core/dialogues/command"
import {
    AskAcknowledgement,
    AskConnections,
    type ConnectionStatus,
} from "../core/dialogues/connections"
import { Resolve, SetNameServers } from "../core/dialogues/names"
import { LOCAL } from "../core/dialogues/talk"
import { Failure } from "../core/errors"
import { bad, check, checkAddress, checkModem } from "./arguments"
import { converse } from "./dialogue"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"
import { Socket } from "./socket"

const NO_TIMEOUT = "say how long to wait, in ms"
/** poll interval of AT+CIPACK, ms */
const ACK_PAUSE = 500
const LARGEST_LIMIT = 16384

/**
 * Gives the modem a command, e.g. `command(modem, "AT+CBC")`. The driver's own commands
 * are not allowed. Throws a `Sim800Error`, `Failure.TooLong` if its response is longer
 * than `limit`.
 * @param timeout in ms, default 5000
 * @param limit bytes of the response, 1024 (default) to 16384; above 1024 it takes that
 * much memory until the response is complete
 * @returns its information responses, e.g. `["+CBC: 0,62,3900"]`
 */
export async function command(
    modem: Sim800,
    line: string,
    timeout?: number,
    limit?: number
): Promise<string[]> {
    const wrong = wrongCommand(line)
    if (wrong) throw bad("line", wrong)
    check("timeout", Kind.Time, timeout)
    if (limit === undefined) limit = COMMAND_LIMIT
    check("limit", Kind.Whole, limit, COMMAND_LIMIT, LARGEST_LIMIT)
    const dialogue = new GiveCommand(line, timeout || LOCAL, limit)
    await converse(modem, dialogue, line)
    return dialogue.lines
}

/**
 * Asks for the addresses of a name (application note 5). Throws a
 * `Sim800Error`: `Failure.NotResolved` if there is none.
 * @returns one or two dotted addresses
 */
export async function resolve(modem: Sim800, host: string): Promise<string[]> {
    check("host", Kind.Host, host, 1, 255)
    const dialogue = new Resolve(host)
    await converse(modem, dialogue, `resolve ${host}`)
    const found = [dialogue.first]
    if (dialogue.second) found.push(dialogue.second)
    return found
}

/** Sets the name servers: dotted addresses (AT+CDNSCFG, chapter 5). */
export async function setNameServers(
    modem: Sim800,
    primary: string,
    secondary?: string
): Promise<void> {
    checkAddress("primary", primary)
    if (secondary !== undefined) checkAddress("secondary", secondary)
    await converse(
        modem,
        new SetNameServers(primary, secondary || ""),
        "set name servers"
    )
}

/** Counts of AT+CIPACK, in bytes since the connection was opened (6.5). */
export interface Acknowledgement {
    sent: number
    acknowledged: number
    outstanding: number
}

/** Bytes sent, and bytes acknowledged by the peer. Throws a `Sim800Error`. */
export async function acknowledgement(
    modem: Sim800,
    socket: Socket
): Promise<Acknowledgement> {
    checkModem(modem)
    if (!(socket instanceof Socket) || !socket.isOf(modem))
        throw bad("socket", "a socket of this modem is expected")
    socket.check("acknowledge")
    const dialogue = new AskAcknowledgement(socket.id())
    await converse(modem, dialogue, `acknowledge ${socket.name}`)
    return {
        sent: dialogue.sent,
        acknowledged: dialogue.acknowledged,
        outstanding: dialogue.outstanding,
    }
}

/**
 * Waits until the peer has acknowledged all sent data (6.5). Throws a `Sim800Error`,
 * `Failure.Timeout` when the time is over.
 * @param timeout in ms
 */
export async function acknowledged(
    modem: Sim800,
    socket: Socket,
    timeout: number
): Promise<void> {
    if (timeout === undefined) throw bad("timeout", NO_TIMEOUT)
    check("timeout", Kind.Time, timeout)
    const end = ds.millis() + timeout
    while ((await acknowledgement(modem, socket)).outstanding > 0) {
        if (ds.millis() >= end)
            throw failed(Failure.Timeout, `acknowledge ${socket.name}`)
        await sleep(ACK_PAUSE)
    }
}

export type { ConnectionStatus }

export interface ModemConnections {
    /** one of the states of chapter 8 */
    state: string
    /** state of the server, undefined if there is none */
    server: string
    /** the connections used so far; empty for a single connection */
    connections: ConnectionStatus[]
}

/** Asks the modem for its connections (AT+CIPSTATUS, 3.1 and 10). */
export async function connectionStatus(
    modem: Sim800
): Promise<ModemConnections> {
    const dialogue = new AskConnections()
    await converse(modem, dialogue, "AT+CIPSTATUS")
    return {
        state: dialogue.state,
        server: dialogue.server || undefined,
        connections: dialogue.connections,
    }
}
