/** AT+CIPSERVER, [AN] 2.1.3 and 3.2, [ATM] 8.2.18: what the examples of the note leave out. */
import { describe, expect, test } from "vitest"
import type { MemoryPeer } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { Bench } from "./bench"

const MODULE = "10.78.245.128"
const CLIENT = "10.78.103.220"
const SERVER = "192.0.2.80"

function dial(bench: Bench, port = 8888, from = CLIENT): MemoryPeer {
    return bench.network.dial(
        { address: MODULE, port },
        { address: from, port: 2020 }
    )
}

/** A server on port 8888. */
function serving(options: ModemOptions & { multi?: boolean } = {}): Bench {
    const bench = Bench.online(options)
    bench.dialogue("> AT+CIPSERVER=1,8888␍\n< ⏎OK⏎⏎SERVER OK⏎")
    return bench
}

/** …with one peer: the single connection, or number 0. */
function visited(options: ModemOptions & { multi?: boolean } = {}): {
    bench: Bench
    peer: MemoryPeer
} {
    const bench = serving(options)
    const peer = dial(bench)
    const n = options.multi ? "0, " : ""
    bench.dialogue(`< ⏎${n}REMOTE IP: ${CLIENT}⏎`)
    return { bench, peer }
}

const state = (name: string): string => `
    > AT+CIPSTATUS␍
    < ⏎OK⏎⏎STATE: ${name}⏎
`

describe("forms and states", () => {
    test("test and read", () => {
        const bench = Bench.online()
        bench.dialogue(`
            > AT+CIPSERVER=?␍
            < ⏎+CIPSERVER: (0-CLOSE SERVER, 1-OPEN SERVER),(1-65535)⏎⏎OK⏎
            > AT+CIPSERVER?␍
            < ⏎+CIPSERVER: 0⏎⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
            > AT+CIPSERVER?␍
            < ⏎+CIPSERVER: 1,8888,0,0⏎⏎OK⏎
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            > AT+CIPSERVER?␍
            < ⏎+CIPSERVER: 0⏎⏎OK⏎
        `)
    })

    test.each(["", "1", "1,0", "1,65536", "2,80", "1,x", "1,80,0", '"1",80'])(
        "AT+CIPSERVER=%s is refused",
        parameters => {
            Bench.online().dialogue(`> AT+CIPSERVER=${parameters}␍\n< ⏎ERROR⏎`)
        }
    )

    test("the port may stand in quotes, and is of no use for closing", () => {
        Bench.online().dialogue(`
            > AT+CIPSERVER=1,"8888"␍
            < ⏎OK⏎⏎SERVER OK⏎
            > AT+CIPSERVER=0,8888␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
        `)
    })

    test("single: in IP INITIAL it brings the context up, in IP START it is refused", () => {
        Bench.ready().dialogue(`
            > AT+CIPSERVER=0␍
            < ⏎ERROR⏎
            > AT+CSTT␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎ERROR⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
            ${state("SERVER LISTENING")}
            > AT+CIPSERVER=1,8888␍
            < ⏎ERROR⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎ERROR⏎
            > AT+CIPSEND␍
            < ⏎ERROR⏎
        `)
    })

    test("several: not before CIFSR, not beside a connection", () => {
        const bench = Bench.ready()
        bench.network.listen(SERVER, 80)
        bench.dialogue(`
            > AT+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎ERROR⏎
            > AT+CSTT␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎ERROR⏎
            > AT+CIFSR␍
            < ⏎${MODULE}⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
            > AT+CIPSERVER=1,8889␍
            < ⏎ERROR⏎
        `)
    })

    test("OPENING, LISTENING, CLOSING", () => {
        const bench = Bench.online({ multi: true, delays: "realistic" })
        const server = (name: string): string =>
            `⏎OK⏎⏎STATE: IP PROCESSING⏎⏎S: 0,0,"8888","${name}"⏎C: 0,,"","","","INITIAL"⏎`
        bench.dialogue("> AT+CIPSERVER=1,8888␍\n< ⏎OK⏎")
        expect(bench.modem.isSettled).toBe(false)
        expect(bench.ask("AT+CIPSTATUS␍", 30)).toContain(server("OPENING"))
        bench.dialogue("< ⏎SERVER OK⏎")
        expect(bench.modem.isSettled).toBe(true)
        expect(bench.ask("AT+CIPSTATUS␍")).toContain(server("LISTENING"))
        bench.dialogue("> AT+CIPSERVER=0␍\n< ⏎OK⏎")
        expect(bench.ask("AT+CIPSTATUS␍", 30)).toContain(server("CLOSING"))
        bench.dialogue(`
            < ⏎SERVER CLOSE⏎
            > AT+CIPSERVER=0␍
            < ⏎ERROR⏎
        `)
        expect(bench.ask("AT+CIPSTATUS␍")).toContain("STATE: IP STATUS⏎⏎C: 0,")
        expect(bench.transitions).toEqual([
            "ip: IP STATUS -> IP PROCESSING",
            "server: CLOSED -> OPENING",
            "server: OPENING -> LISTENING",
            "server: LISTENING -> CLOSING",
            "server: CLOSING -> CLOSED",
            "ip: IP PROCESSING -> IP STATUS",
        ])
    })

    test("closed before it is open: no SERVER OK", () => {
        Bench.online({ delays: "realistic" }).dialogue(`
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            ${state("IP STATUS")}
        `)
    })

    test("single: closed while listening, by CIPCLOSE too", () => {
        const bench = serving()
        bench.dialogue(`
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            ${state("IP STATUS")}
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ${state("TCP CLOSED")}
            > AT+CIPSERVER?␍
            < ⏎+CIPSERVER: 0⏎⏎OK⏎
            > AT+CIPCLOSE␍
            < ⏎ERROR⏎
        `)
        const peer = dial(bench)
        bench.listen(1000)
        expect(peer.refused).toBe(true)
    })

    test("a port that is in use", () => {
        for (const multi of [false, true]) {
            const bench = Bench.online({ multi })
            bench.network.listenTcp(
                { address: MODULE, port: 8888 },
                {
                    listening: () => undefined,
                    failed: () => undefined,
                    incoming: () => undefined,
                }
            )
            bench.dialogue(`
                > AT+CIPSERVER=1,8888␍
                < ⏎OK⏎⏎ERROR⏎
                > AT+CIPSERVER=1,8889␍
                < ⏎OK⏎⏎SERVER OK⏎
            `)
        }
    })

    test("a context that is refused", () => {
        Bench.ready({ operator: { acceptsContext: () => false } }).dialogue(`
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎ERROR⏎
            ${state("PDP DEACT")}
        `)
    })
})

describe("a single peer", () => {
    test("goes: the server listens again; another comes", () => {
        const { bench, peer } = visited()
        expect(peer.module).toEqual({ address: MODULE, port: 8888 })
        bench.dialogue(state("CONNECT OK"))
        peer.end()
        bench.dialogue(`
            < ⏎CLOSED⏎
            ${state("SERVER LISTENING")}
        `)
        expect(peer.closed).toBe(true)
        const second = dial(bench)
        bench.dialogue(`
            < ⏎REMOTE IP: ${CLIENT}⏎
            > AT+CIPSEND=2␍
            < ⏎> |
            > hi
            < ⏎SEND OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ${state("SERVER LISTENING")}
        `)
        expect(second.text).toBe("hi")
        expect(second.ended).toBe(true)
        const third = dial(bench)
        bench.dialogue(`< ⏎REMOTE IP: ${CLIENT}⏎`)
        third.reset()
        bench.dialogue(`
            < ⏎CLOSED⏎
            ${state("SERVER LISTENING")}
        `)
        expect(bench.transitions).toContain("ip: CONNECT OK -> TCP CLOSED")
        expect(bench.transitions.at(-1)).toBe(
            "ip: TCP CLOSED -> SERVER LISTENING"
        )
    })

    test("goes after the server has closed: TCP CLOSED", () => {
        const { bench, peer } = visited()
        bench.dialogue(`
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            ${state("CONNECT OK")}
        `)
        peer.end()
        bench.dialogue(`
            < ⏎CLOSED⏎
            ${state("TCP CLOSED")}
            > AT+CIPSERVER=1,8888␍
            < ⏎ERROR⏎
        `)
    })

    test("has the only place: a second one gets RST", () => {
        const { bench, peer } = visited()
        const second = dial(bench)
        bench.listen(1000)
        expect([second.connected, second.refused]).toEqual([false, true])
        expect(peer.closed).toBe(false)
        bench.dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎ALREADY CONNECT⏎
        `)
    })

    test("another port is refused", () => {
        const bench = serving()
        const peer = dial(bench, 8889)
        bench.listen(100)
        expect(peer.refused).toBe(true)
    })

    test("what it sends at once comes after REMOTE IP", () => {
        const bench = serving({ radio: "gprs" })
        const peer = dial(bench)
        peer.send("early")
        bench.dialogue(`< ⏎REMOTE IP: ${CLIENT}⏎early`)
    })

    test("REMOTE IP comes a round trip and a half after the peer's SYN", () => {
        const bench = serving({ radio: "gprs" })
        const before = bench.clock.now()
        const peer = dial(bench)
        bench.clock.runUntil(() => peer.connected, 10_000)
        expect(bench.clock.now() - before).toBeCloseTo(600, 0)
        bench.dialogue(`< ⏎REMOTE IP: ${CLIENT}⏎`)
        expect(bench.clock.now() - before).toBeGreaterThan(900)
    })

    test("changes its mind in the middle of the handshake: nobody hears of it", () => {
        const bench = serving({ radio: "gprs" })
        const peer = dial(bench)
        bench.listen(400)
        bench.dialogue(state("SERVER LISTENING"))
        peer.reset()
        expect(bench.listen(10_000)).toBe("")
        dial(bench)
        bench.dialogue(`< ⏎REMOTE IP: ${CLIENT}⏎`)
    })

    test("comes in while CIPCLOSE ends the listening: RST", () => {
        const bench = serving({ radio: "gprs" })
        const peer = dial(bench)
        bench.listen(400)
        bench.dialogue(`
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ${state("TCP CLOSED")}
        `)
        expect(bench.listen(10_000)).toBe("")
        expect([peer.connected, peer.closed]).toEqual([false, true])
    })

    test("its SYN comes when the server has closed: RST", () => {
        const bench = serving({ radio: "gprs" })
        const peer = dial(bench)
        bench.dialogue(`
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
        `)
        expect(bench.listen(10_000)).toBe("")
        expect(peer.refused).toBe(true)
    })

    test("its data is fetched by hand", () => {
        const bench = Bench.online()
        bench.dialogue(`
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
        `)
        dial(bench).send("abc")
        bench.dialogue(`
            < ⏎REMOTE IP: ${CLIENT}⏎⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=2,10␍
            < ⏎+CIPRXGET: 2,3,0⏎abc⏎OK⏎
        `)
    })
})

describe("several peers", () => {
    const status = (n: number): string => `> AT+CIPSTATUS=${n}␍`

    test("five have a place, the sixth gets RST; a place that is free is taken again", () => {
        const bench = serving({ multi: true })
        const peers = [0, 1, 2, 3, 4].map(n => {
            const peer = dial(bench, 8888, `10.0.0.${n}`)
            bench.dialogue(`< ⏎${n}, REMOTE IP: 10.0.0.${n}⏎`)
            return peer
        })
        const sixth = dial(bench)
        bench.listen(1000)
        expect(sixth.refused).toBe(true)
        peers[2].end()
        bench.dialogue("< ⏎2, CLOSED⏎")
        dial(bench)
        bench.dialogue(`
            < ⏎2, REMOTE IP: ${CLIENT}⏎
            ${status(2)}
            < ⏎+CIPSTATUS: 2,0,"TCP","${CLIENT}","2020","CONNECTED"⏎⏎OK⏎
            # the server has a place of its own: there is none for number 5
            > AT+CIPSTART=5,"TCP","${SERVER}",80␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=4␍
            < ⏎4, CLOSE OK⏎
        `)
        bench.network.listen(SERVER, 80)
        bench.dialogue(`
            > AT+CIPSTART=5,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎5, CONNECT OK⏎
        `)
        const late = dial(bench)
        bench.listen(1000)
        expect(late.refused).toBe(true)
    })

    test("without a server number 5 is there again", () => {
        const bench = serving({ multi: true })
        bench.network.listen(SERVER, 80)
        for (let n = 0; n < 5; n++) {
            dial(bench)
            bench.dialogue(`< ⏎${n}, REMOTE IP: ${CLIENT}⏎`)
        }
        bench.dialogue(`
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            > AT+CIPSTART=5,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎5, CONNECT OK⏎
        `)
    })

    test("all at once, each with its number", () => {
        const bench = serving({ multi: true, radio: "gprs" })
        const peers = Array.from({ length: 7 }, () => dial(bench))
        const heard = bench.listen(5000)
        for (let n = 0; n < 5; n++)
            expect(heard).toContain(`⏎${n}, REMOTE IP: ${CLIENT}⏎`)
        expect(peers.filter(peer => peer.connected).length).toBe(5)
        expect(peers.filter(peer => peer.refused).length).toBe(2)
    })

    test("a number given to a peer is not free for CIPSTART", () => {
        const { bench } = visited({ multi: true })
        bench.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎0, ALREADY CONNECT⏎
        `)
    })

    test("the last one goes: the server keeps the state IP PROCESSING", () => {
        const { bench, peer } = visited({ multi: true })
        peer.end()
        bench.dialogue("< ⏎0, CLOSED⏎")
        expect(bench.ask("AT+CIPSTATUS␍")).toContain("STATE: IP PROCESSING⏎")
        bench.dialogue("> AT+CIPSERVER=0␍\n< ⏎OK⏎⏎SERVER CLOSE⏎")
        expect(bench.ask("AT+CIPSTATUS␍")).toContain("STATE: IP STATUS⏎")
    })

    test("outlive the server, which outlives them", () => {
        const { bench, peer } = visited({ multi: true })
        bench.dialogue("> AT+CIPSERVER=0␍\n< ⏎OK⏎⏎SERVER CLOSE⏎")
        peer.send("still here")
        bench.dialogue("< ⏎+RECEIVE,0,10:⏎still here")
        expect(bench.ask("AT+CIPSTATUS␍")).toContain("STATE: IP PROCESSING⏎")
        const late = dial(bench)
        bench.listen(100)
        expect(late.refused).toBe(true)
        peer.end()
        bench.dialogue("< ⏎0, CLOSED⏎")
        expect(bench.ask("AT+CIPSTATUS␍")).toContain("STATE: IP STATUS⏎")
    })

    test("a number with data that was not fetched is given last", () => {
        const bench = Bench.online({ multi: true })
        bench.dialogue(`
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
        `)
        const peer = dial(bench)
        bench.listen(100)
        peer.send("keep me")
        peer.end()
        bench.listen(1000)
        dial(bench)
        bench.dialogue(`
            < ⏎1, REMOTE IP: ${CLIENT}⏎
            > AT+CIPRXGET=2,0,10␍
            < ⏎+CIPRXGET: 2,0,7,0⏎keep me⏎OK⏎
        `)
        dial(bench)
        bench.dialogue(`< ⏎0, REMOTE IP: ${CLIENT}⏎`)
    })

    test("too many SYNs at once: those beyond the backlog get RST", () => {
        const bench = serving({ multi: true, radio: "gprs" })
        const peers = Array.from({ length: 20 }, () => dial(bench))
        bench.clock.advance(10)
        expect(peers.filter(peer => peer.refused).length).toBe(12)
        bench.listen(5000)
    })
})

describe("the end of everything", () => {
    test("CIPSHUT closes server and peers without a word", () => {
        const { bench, peer } = visited({ multi: true })
        bench.dialogue(`
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPSERVER?␍
            < ⏎+CIPSERVER: 0⏎⏎OK⏎
        `)
        expect(peer.closed).toBe(true)
        const late = dial(bench)
        bench.listen(100)
        expect(late.refused).toBe(true)
    })

    test.each([false, true])("the context is lost (several: %s)", multi => {
        const { bench, peer } = visited({ multi })
        bench.modem.inject("pdp-deact")
        bench.dialogue(`
            < ⏎+PDP: DEACT⏎
            > AT+CIPSERVER?␍
            < ⏎+CIPSERVER: 0⏎⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎ERROR⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
        `)
        expect(peer.closed).toBe(true)
    })

    test("the power is cut: peers, also those on their way, are gone", () => {
        const { bench, peer } = visited({ multi: true, radio: "gprs" })
        const arriving = dial(bench)
        bench.listen(100)
        const shaking = dial(bench)
        bench.listen(350)
        bench.modem.powerOff()
        bench.clock.advance(0)
        expect(peer.closed).toBe(true)
        expect(arriving.closed).toBe(true)
        expect(shaking.closed).toBe(true)
        expect(bench.clock.nextAt()).toBeUndefined()
    })
})

test("serverFailure: SERVER FAIL", () => {
    Bench.ready({
        firmware: { serverFailure: "SERVER FAIL" },
        operator: { acceptsContext: () => false },
    }).dialogue(`
        > AT+CIPSERVER=1,8888␍
        < ⏎OK⏎⏎SERVER FAIL⏎
    `)
})
