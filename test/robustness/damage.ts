/**
 * One damaged byte, once: every byte that the modem says in the way up, in
 * connect, send, read and close, in data mode, to a server, of messages, is lost or
 * becomes another one. The application does what any program does: what fails it
 * does again, and it never calls `start()` a second time.
 */
import { DataMode } from "../../src/core/data-mode/data-mode"
import { DataState } from "../../src/core/data-mode/mode"

import { Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import { LinkState, type Connection } from "../../src/core/link/connection"
import { Outcome } from "../../src/core/channel"
import { Failure } from "../../src/core/errors"
import { Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import { Server, ServerState } from "../../src/core/server"
import type { ModemOptions } from "../../sim/modem/options"
import { Rig } from "../driver/rig"

const S = 1000
/** By then all is well again, ms. */
export const RECOVERY = 100 * S
/** A test gives up, ms. */
const HOPELESS = 600 * S

/** So long a program waits for what its peer has to say, ms. */
const ANSWER = 20 * S

const HOST = "10.0.0.1"
const ECHO_PORT = 7
const OWN = { address: "10.78.245.128", port: 1234 }
const VISITOR = { address: "10.78.103.220", port: 40000 }

/** What can become of a byte; `undefined`: it is lost. */
export const damages: Record<string, (byte: number) => number | undefined> = {
    lost: () => undefined,
    "0xff": () => 0xff,
    "bit 0": byte => byte ^ 0x01,
    "bit 4": byte => byte ^ 0x10,
}

/** What an application is made of, and one round of what it does. */
interface Application {
    /** @returns whether all of it went well */
    round(): boolean
}

interface Room {
    readonly driver?: Partial<ModemConfig>
    readonly modem?: ModemOptions
    /** bytes of the way up are not damaged again */
    readonly behindStart: boolean
    readonly application: (rig: Rig) => Application
}

/** Connects, sends, reads what comes back, closes. */
function converse(rig: Rig, udp = false): boolean {
    const { links: connections } = rig.core
    const id = connections.take(rig.now())
    if (id < 0) return false
    const link = connections.list[id]
    link.udp = udp
    link.host = HOST
    link.port = ECHO_PORT
    connections.start(link)
    rig.poll()
    const well = exchange(rig, link, udp)
    rig.close(link)
    return well
}

/** Until something holds, the connection is over, or the program has had enough. */
function awaits(
    rig: Rig,
    link: Connection,
    done: () => boolean,
    ms = 90 * S
): boolean {
    const over = (): boolean => link.failure !== Failure.None
    rig.until(() => done() || over(), ms)
    return done() && !over()
}

function exchange(rig: Rig, link: Connection, udp: boolean): boolean {
    if (!awaits(rig, link, () => link.state === LinkState.Connected))
        return false
    const text = "all is well\r\n"
    if (rig.send(link, text) !== Failure.None) return false
    if (!awaits(rig, link, () => rig.sent(link))) return false
    const whole = text.length + (udp ? 8 : 0)
    const data = rig.core.data as DataMode | null
    if (data?.mode.state === DataState.Data) {
        if (!awaits(rig, link, () => link.readable >= whole, ANSWER))
            return false
        data.leave()
        rig.poll()
        const left = (): boolean =>
            data.mode.state === DataState.Command ||
            data.mode.failure !== Failure.None
        if (!awaits(rig, link, left) || data.mode.failure !== Failure.None)
            return false
        data.resume()
        rig.poll()
        if (!awaits(rig, link, () => data.mode.state === DataState.Data))
            return false
    } else if (!awaits(rig, link, () => link.readable >= whole, ANSWER))
        return false
    return rig.read(link).toString("latin1").endsWith(text)
}

const client =
    (udp = false) =>
    (rig: Rig): Application => ({ round: () => converse(rig, udp) })

function server(rig: Rig): Application {
    const own = new Server(rig.core)
    own.open(OWN.port)
    return {
        round() {
            if (!rig.until(() => own.state === ServerState.Listening, 30 * S))
                return false
            const { links: connections } = rig.core
            // whoever came late, and has gone
            for (
                let late = connections.accepted();
                late >= 0;
                late = connections.accepted()
            )
                rig.close(connections.list[late])
            const peer = rig.network.dial(OWN, VISITOR)
            let id = -1
            rig.until(() => {
                if (id < 0) id = connections.accepted()
                return id >= 0
            }, 10 * S)
            if (id < 0) return false
            const link = connections.list[id]
            peer.send("hello")
            let well = awaits(rig, link, () => link.readable === 5, ANSWER)
            well &&= rig.read(link).toString() === "hello"
            well &&= rig.send(link, "welcome") === Failure.None
            well &&= awaits(rig, link, () => rig.sent(link))
            rig.wait(500)
            well &&= peer.text === "welcome"
            rig.close(link)
            return well
        },
    }
}

function messages(rig: Rig): Application {
    const request = new Request(rig.core)
    const run = (line: string, data?: string): boolean => {
        request.begin(line, Final.Ok | Final.Error, 65 * S, Line.Unknown, 0)
        if (data !== undefined) request.data = Buffer.from(data)
        rig.poll()
        if (!rig.until(() => request.state === RequestState.Done, 90 * S)) {
            request.cancel()
            return false
        }
        return request.outcome === Outcome.Ok
    }
    let came = false
    return {
        round() {
            if (!came)
                rig.sim.receiveMessage({ from: "+123", text: "0, CLOSED" })
            came = true
            return (
                run("AT+CMGF=1") &&
                run("AT+CMGR=1") &&
                run('AT+CMGS="+123"', "hello\x1a") &&
                converse(rig)
            )
        },
    }
}

const transparent: Partial<ModemConfig> = {
    multi: false,
    transparent: true,
    reception: Reception.Push,
}

export const rooms: Record<string, Room> = {
    "the way up": { behindStart: false, application: client() },
    "the way up with a PIN": {
        driver: { pin: "1234" },
        modem: { sim: { pin: "1234" } },
        behindStart: false,
        application: client(),
    },
    manual: { behindStart: true, application: client() },
    acknowledged: {
        driver: { quickSend: false },
        behindStart: true,
        application: client(),
    },
    hex: {
        driver: { reception: Reception.Hex },
        behindStart: true,
        application: client(),
    },
    push: {
        driver: { reception: Reception.Push },
        behindStart: true,
        application: client(),
    },
    "single manual": {
        driver: { multi: false },
        behindStart: true,
        application: client(),
    },
    "single push": {
        driver: { multi: false, reception: Reception.Push },
        behindStart: true,
        application: client(),
    },
    UDP: { behindStart: true, application: client(true) },
    server: { behindStart: true, application: server },
    messages: { behindStart: true, application: messages },
    "transparent, DTR": {
        driver: transparent,
        behindStart: true,
        application: rig => {
            new DataMode(rig.core)
            return client()(rig)
        },
    },
    "transparent, +++": {
        driver: { ...transparent, dtr: false },
        behindStart: true,
        application: rig => {
            new DataMode(rig.core)
            return client()(rig)
        },
    },
}

interface Run {
    /** bytes that the modem has said until the driver was ready, and in all */
    readonly start: number
    readonly bytes: number
    /** from the damage until all was well, ms; -1: it never was */
    readonly took: number
}

/** A run whose byte number `at` is damaged; -1: none. */
export function run(name: string, at: number, damage = "lost"): Run {
    const { driver, modem, application } = rooms[name]
    const rig = new Rig(driver, modem)
    let bytes = 0
    let since = 0
    rig.onReceive = data => {
        const i = at - bytes
        bytes += data.length
        if (at < 0 || i < 0 || i >= data.length) return data
        since = rig.clock.now()
        const value = damages[damage](data[i])
        const middle = value === undefined ? [] : [value]
        return Buffer.concat([
            data.subarray(0, i),
            Buffer.from(middle),
            data.subarray(i + 1),
        ])
    }
    rig.network.echo(HOST, ECHO_PORT)
    const port = rig.network.udp(HOST, ECHO_PORT)
    port.onDatagram = datagram => port.reply(datagram)
    rig.sim.powerOn()
    const program = application(rig)
    rig.core.start(rig.now())
    let start = -1
    for (;;) {
        const ready = rig.until(() => rig.ready, RECOVERY)
        if (start < 0) start = bytes
        // the first round is what is damaged
        if (ready && program.round()) {
            if (since > 0 || at < 0)
                return { start, bytes, took: rig.clock.now() - since }
            if (bytes <= at) return { start, bytes, took: 0 }
        }
        if (rig.clock.now() - since > HOPELESS) break
        rig.wait(S)
    }
    if (process.env.WIRE)
        console.log(rig.log.join("\n") + "\n" + rig.wire.slice(-6000))
    return { start, bytes, took: -1 }
}

/** One damage of one byte, and what came of it. */
export interface Found {
    readonly at: number
    readonly damage: string
    readonly took: number
}

/** Damages every n-th byte of a room in every way. */
export function* sweep(name: string, every: number, first: number) {
    const { start, bytes } = run(name, -1)
    const from = rooms[name].behindStart ? start : 0
    for (const damage of Object.keys(damages))
        for (let at = from + (first % every); at < bytes; at += every)
            yield { at, damage, took: run(name, at, damage).took }
}

/** Whether it came right by itself, and soon enough. */
export const recovered = ({ took }: Found): boolean =>
    took >= 0 && took <= RECOVERY
