import * as ds from "@devicescript/core"
import { sleep, wait } from "../ports/naps"
import { Kind } from "../core/arguments"
import { Outcome } from "../core/channel"
import { Failure, refusal } from "../core/errors"
import { Request, RequestState } from "../core/request"
import { Final, Line } from "../core/results"
import { textOf } from "../core/text"
import { bad, check, checkAddress, checkModem } from "./arguments"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"
import { Socket } from "./socket"

/** Most characters of a command. */
const LONGEST = 290
/** what AT+CIPCLOSE, AT+CDNSGIP and others have in common: the end is OK or ERROR */
const OK = Final.Ok | Final.Error
const TIMEOUT = 5000
const NOT_OBEYED =
    "the modem did not obey the command: look it up in the AT command manual"
/** AT+CDNSGIP has no limit in the manual; ms */
const RESOLVE_TIMEOUT = 30000
/** the answer to a question that was given up may come first */
const RESOLVE_TURNS = 3
/** between two questions whether all has been acknowledged, ms */
const ACK_PAUSE = 500
const LF = 10
const NO_TIMEOUT = "say how long to wait, in ms"
/** @internal The character set of the modem as it comes, and as others expect it. */
export const IRA = 'AT+CSCS="IRA"'

/**
 * Commands of the application, one at a time.
 * @devsWhenUsed
 */
export class Commands {
    private readonly modem: Sim800
    /** of it, `cme` tells why the last command was refused */
    readonly request: Request
    private busy = false

    /** Use `command()` and the functions beside it. */
    constructor(modem: Sim800) {
        this.modem = modem
        this.request = new Request(modem.core)
        this.request.changed = modem.tell
    }

    /**
     * @param ends which results end the command
     * @param follow the line behind OK that is the real answer
     * @returns its information lines
     */
    async run(
        line: string,
        ends: Final,
        timeout: number,
        follow: Line
    ): Promise<string[]> {
        await this.claim(line)
        try {
            return await this.give(line, ends, timeout, follow)
        } finally {
            this.release()
        }
    }

    /**
     * Waits for commands of others to end; theirs then wait until `release()`.
     * @param what what is to be done
     */
    async claim(what: string): Promise<void> {
        this.modem.check(what)
        while (this.busy) await wait(this.modem.onchange, 1000)
        this.busy = true
    }

    /** Gives a command that may fail: what went before it counts. */
    async attempt(line: string): Promise<void> {
        try {
            await this.give(line, OK, TIMEOUT, Line.Unknown)
        } catch (e) {
            console.debug(`sim800: ${(e as Error).message}`)
        }
    }

    release() {
        this.busy = false
        this.modem.tell()
    }

    /**
     * The same as `run()`, between `claim()` and `release()`.
     * @param data what goes out behind the prompt, its Ctrl-Z included
     */
    async give(
        line: string,
        ends: Final,
        timeout: number,
        follow: Line,
        data?: Buffer
    ): Promise<string[]> {
        const modem = this.modem
        const request = this.request
        modem.check(line)
        request.begin(line, ends, timeout, follow, timeout)
        if (data) request.data = data
        // its turn may come late: behind the driver's own commands
        const done = await modem.until(
            () => request.state === RequestState.Done,
            2 * timeout + 60000
        )
        if (!done) request.cancel()
        const outcome = done ? request.outcome : Outcome.Timeout
        const cme = request.cme
        const lines: string[] = []
        let from = 0
        for (let i = 0; i < request.answerLength; i++) {
            if (request.answer[i] !== LF) continue
            lines.push(textOf(request.answer, from, i - from))
            from = i + 1
        }
        if (outcome === Outcome.Ok) return lines
        if (outcome === Outcome.Timeout)
            throw failed(Failure.Timeout, line, refusal(line, cme))
        if (outcome === Outcome.Aborted) {
            const failure = modem.core.bearer.failure || Failure.Stopped
            throw failed(failure, line)
        }
        throw failed(
            Failure.CommandRefused,
            line,
            refusal(line, cme),
            NOT_OBEYED
        )
    }
}

/**
 * @internal What stands behind the name of an information line, e.g. behind
 * `+CBC:`. Others may be among them: what happens meanwhile.
 */
export function information(lines: string[], name: string): string {
    for (const line of lines)
        if (line.startsWith(name)) return line.slice(name.length).trim()
    throw failed(
        Failure.CommandRefused,
        `AT${name.slice(0, -1)}`,
        lines.join(" "),
        NOT_OBEYED
    )
}

/** @internal The values of such a line; quotation marks are taken off. */
export function values(text: string): string[] {
    const parts = text.split(",")
    for (let i = 0; i < parts.length; i++)
        parts[i] = parts[i].split('"').join("").trim()
    return parts
}

/** @internal */
export function commandsOf(modem: Sim800): Commands {
    checkModem(modem)
    if (!modem.commands) modem.commands = new Commands(modem)
    return modem.commands
}

/**
 * Has the modem run a command, e.g. `command(modem, "AT+CBC")`. Commands that
 * the driver gives itself are not allowed. Throws a `Sim800Error`.
 * @param timeout how long the modem may take, in ms, default 5000
 * @returns its information lines, e.g. `["+CBC: 0,62,3900"]`
 */
export async function command(
    modem: Sim800,
    line: string,
    timeout?: number
): Promise<string[]> {
    check("timeout", Kind.Time, timeout)
    if (
        typeof line !== "string" ||
        !line.startsWith("AT") ||
        line.length > LONGEST
    )
        throw bad(
            "line",
            `a command begins with AT, and has ${LONGEST} characters at most`
        )
    for (let i = 0; i < line.length; i++) {
        const c = line.charCodeAt(i)
        if (c < 32 || c > 126)
            throw bad("line", "printable ASCII characters only")
    }
    // what the driver looks after itself
    // prettier-ignore
    const driversOwn = [
        "+CIP", "+CSTT", "+CIICR", "+CIFSR", "+CDNS", "+CLPORT", "+SSLOPT",
        "+CFUN", "+CPOWD", "+CSCLK", "+CMEE", "+IPR", "+IFC", "+ICF",
        "E", "V", "Q", "Z", "O", "&",
    ]
    for (const part of line.slice(2).toUpperCase().split(";"))
        for (const own of driversOwn)
            if (part.trim().startsWith(own))
                throw bad("line", `AT${own}… is the driver's own business`)
    return await commandsOf(modem).run(
        line,
        OK,
        timeout || TIMEOUT,
        Line.Unknown
    )
}

/** What stands between quotation marks. */
function quoted(line: string): string[] {
    const found: string[] = []
    const parts = line.split('"')
    for (let i = 1; i < parts.length; i += 2) found.push(parts[i])
    return found
}

/**
 * Asks for the addresses of a name (application note 5). Throws a
 * `Sim800Error`: `Failure.NotResolved` if there is none.
 * @returns one or two dotted addresses
 */
export async function resolve(modem: Sim800, host: string): Promise<string[]> {
    check("host", Kind.Host, host, 1, 255)
    let stranger = ""
    for (let turn = 0; turn < RESOLVE_TURNS; turn++) {
        const lines = await commandsOf(modem).run(
            `AT+CDNSGIP="${host}"`,
            OK,
            RESOLVE_TIMEOUT,
            Line.Resolved
        )
        const answer = information(lines, "+CDNSGIP:")
        const found = quoted(answer)
        if (found.length < 2)
            throw failed(
                Failure.NotResolved,
                `resolve ${host}`,
                `+CDNSGIP: ${answer}`
            )
        const name = found.shift()
        // a modem may write names its own way, but the same way each time
        if (name.toUpperCase() === host.toUpperCase() || name === stranger)
            return found
        stranger = name
    }
    throw failed(Failure.Timeout, `resolve ${host}`)
}

/** Sets the name servers: dotted addresses (AT+CDNSCFG, chapter 5). */
export async function setNameServers(
    modem: Sim800,
    primary: string,
    secondary?: string
): Promise<void> {
    checkAddress("primary", primary)
    if (secondary !== undefined) checkAddress("secondary", secondary)
    let line = `AT+CDNSCFG="${primary}"`
    if (secondary) line += `,"${secondary}"`
    await commandsOf(modem).run(line, OK, TIMEOUT, Line.Unknown)
}

/** What AT+CIPACK counts, in bytes since the connection was opened (6.5). */
export interface Acknowledgement {
    sent: number
    acknowledged: number
    outstanding: number
}

/** Throws unless it is a socket of this modem. */
function checkSocket(modem: Sim800, socket: Socket) {
    checkModem(modem)
    if (!(socket instanceof Socket) || !socket.isOf(modem))
        throw bad("socket", "a socket of this modem is expected")
}

/** How much of what was sent has reached the peer. Throws a `Sim800Error`. */
export async function acknowledgement(
    modem: Sim800,
    socket: Socket
): Promise<Acknowledgement> {
    checkSocket(modem, socket)
    socket.check("acknowledge")
    const n = modem.core.config.multi ? `=${socket.id()}` : ""
    const lines = await commandsOf(modem).run(
        `AT+CIPACK${n}`,
        OK,
        TIMEOUT,
        Line.Unknown
    )
    const counts = values(information(lines, "+CIPACK:"))
    return {
        sent: parseInt(counts[0]),
        acknowledged: parseInt(counts[1]),
        outstanding: parseInt(counts[2]),
    }
}

/**
 * Waits until the peer has acknowledged everything that was sent (6.5). Throws
 * a `Sim800Error`, `Failure.Timeout` when the time is over.
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

/** A connection as AT+CIPSTATUS shows it (3.1). */
export interface ConnectionStatus {
    id: number
    /** PDP context, 0 or 1 */
    context: number
    proto: string
    address: string
    port: number
    /** INITIAL, CONNECTING, CONNECTED, REMOTE CLOSING, CLOSING or CLOSED */
    state: string
}

export interface ModemConnections {
    /** one of the states of chapter 8 */
    state: string
    /** state of the server, undefined if there is none */
    server: string
    /** those that have been used; empty for a single connection */
    connections: ConnectionStatus[]
}

/** Asks the modem itself for its connections (AT+CIPSTATUS, 3.1 and 10). */
export async function connectionStatus(
    modem: Sim800
): Promise<ModemConnections> {
    const lines = await commandsOf(modem).run(
        "AT+CIPSTATUS",
        Final.Status | Final.Error,
        TIMEOUT,
        Line.Unknown
    )
    const status: ModemConnections = {
        state: "",
        server: undefined,
        connections: [],
    }
    for (const line of lines) {
        const words = quoted(line)
        if (line.startsWith("STATE:")) status.state = line.slice(6).trim()
        else if (line.startsWith("S:")) status.server = words[1]
        else if (line.startsWith("C:") && words[3] !== "INITIAL") {
            const numbers = line.slice(2).split(",")
            status.connections.push({
                id: parseInt(numbers[0].trim()),
                context: parseInt(numbers[1].trim()),
                proto: words[0],
                address: words[1],
                port: parseInt(words[2]),
                state: words[3],
            })
        }
    }
    return status
}
