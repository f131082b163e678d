/** AT+CIPSERVER, [AN] 2.1.3 and 3.2, [ATM] 8.2.18: what the examples of the note leave out. */
import { describe, expect, test } from "vitest"
import type { MemoryPeer } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const MODULE = "10.78.245.128"
const CLIENT = "10.78.103.220"
const SERVER = "192.0.2.80"

function dial(terminal: TestTerminal, port = 8888, from = CLIENT): MemoryPeer {
    return terminal.network.dial(
        { address: MODULE, port },
        { address: from, port: 2020 }
    )
}

/** A server on port 8888. */
function serving(
    options: ModemOptions & { multi?: boolean } = {}
): TestTerminal {
    const terminal = TestTerminal.online(options)
    terminal.dialogue("> AT+CIPSERVER=1,8888␍\n< ⏎OK⏎⏎SERVER OK⏎")
    return terminal
}

/** …with one peer: the single connection, or number 0. */
function visited(options: ModemOptions & { multi?: boolean } = {}): {
    terminal: TestTerminal
    peer: MemoryPeer
} {
    const terminal = serving(options)
    const peer = dial(terminal)
    const n = options.multi ? "0, " : ""
    terminal.dialogue(`< ⏎${n}REMOTE IP: ${CLIENT}⏎`)
    return { terminal, peer }
}

const state = (name: string): string => `
    > AT+CIPSTATUS␍
    < ⏎OK⏎⏎STATE: ${name}⏎
`

describe("forms and states", () => {
    test("test and read", () => {
        const terminal = TestTerminal.online()
        terminal.dialogue(`
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
            TestTerminal.online().dialogue(
                `> AT+CIPSERVER=${parameters}␍\n< ⏎ERROR⏎`
            )
        }
    )

    test("the port may stand in quotes, and is of no use for closing", () => {
        TestTerminal.online().dialogue(`
            > AT+CIPSERVER=1,"8888"␍
            < ⏎OK⏎⏎SERVER OK⏎
            > AT+CIPSERVER=0,8888␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
        `)
    })

    test("single: in IP INITIAL it brings the context up, in IP START it is refused", () => {
        TestTerminal.ready().dialogue(`
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
        const terminal = TestTerminal.ready()
        terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
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
        const terminal = TestTerminal.online({
            multi: true,
            delays: "realistic",
        })
        const server = (name: string): string =>
            `⏎OK⏎⏎STATE: IP PROCESSING⏎⏎S: 0,0,"8888","${name}"⏎C: 0,,"","","","INITIAL"⏎`
        terminal.dialogue("> AT+CIPSERVER=1,8888␍\n< ⏎OK⏎")
        expect(terminal.modem.isSettled).toBe(false)
        expect(terminal.ask("AT+CIPSTATUS␍", 30)).toContain(server("OPENING"))
        terminal.dialogue("< ⏎SERVER OK⏎")
        expect(terminal.modem.isSettled).toBe(true)
        expect(terminal.ask("AT+CIPSTATUS␍")).toContain(server("LISTENING"))
        terminal.dialogue("> AT+CIPSERVER=0␍\n< ⏎OK⏎")
        expect(terminal.ask("AT+CIPSTATUS␍", 30)).toContain(server("CLOSING"))
        terminal.dialogue(`
            < ⏎SERVER CLOSE⏎
            > AT+CIPSERVER=0␍
            < ⏎ERROR⏎
        `)
        expect(terminal.ask("AT+CIPSTATUS␍")).toContain(
            "STATE: IP STATUS⏎⏎C: 0,"
        )
        expect(terminal.transitions).toEqual([
            "ip: IP STATUS -> IP PROCESSING",
            "server: CLOSED -> OPENING",
            "server: OPENING -> LISTENING",
            "server: LISTENING -> CLOSING",
            "server: CLOSING -> CLOSED",
            "ip: IP PROCESSING -> IP STATUS",
        ])
    })

    test("closed before it is open: no SERVER OK", () => {
        TestTerminal.online({ delays: "realistic" }).dialogue(`
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            ${state("IP STATUS")}
        `)
    })

    test("single: closed while listening, by CIPCLOSE too", () => {
        const terminal = serving()
        terminal.dialogue(`
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
        const peer = dial(terminal)
        terminal.listen(1000)
        expect(peer.refused).toBe(true)
    })

    test("a port that is in use", () => {
        for (const multi of [false, true]) {
            const terminal = TestTerminal.online({ multi })
            terminal.network.listenTcp(
                { address: MODULE, port: 8888 },
                {
                    listening: () => undefined,
                    failed: () => undefined,
                    incoming: () => undefined,
                }
            )
            terminal.dialogue(`
                > AT+CIPSERVER=1,8888␍
                < ⏎OK⏎⏎ERROR⏎
                > AT+CIPSERVER=1,8889␍
                < ⏎OK⏎⏎SERVER OK⏎
            `)
        }
    })

    test("a context that is refused", () => {
        TestTerminal.ready({ operator: { acceptsContext: () => false } })
            .dialogue(`
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎ERROR⏎
            ${state("PDP DEACT")}
        `)
    })
})

describe("a single peer", () => {
    test("goes: the server listens again; another comes", () => {
        const { terminal, peer } = visited()
        expect(peer.module).toEqual({ address: MODULE, port: 8888 })
        terminal.dialogue(state("CONNECT OK"))
        peer.end()
        terminal.dialogue(`
            < ⏎CLOSED⏎
            ${state("SERVER LISTENING")}
        `)
        expect(peer.closed).toBe(true)
        const second = dial(terminal)
        terminal.dialogue(`
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
        const third = dial(terminal)
        terminal.dialogue(`< ⏎REMOTE IP: ${CLIENT}⏎`)
        third.reset()
        terminal.dialogue(`
            < ⏎CLOSED⏎
            ${state("SERVER LISTENING")}
        `)
        expect(terminal.transitions).toContain("ip: CONNECT OK -> TCP CLOSED")
        expect(terminal.transitions.at(-1)).toBe(
            "ip: TCP CLOSED -> SERVER LISTENING"
        )
    })

    test("goes after the server has closed: TCP CLOSED", () => {
        const { terminal, peer } = visited()
        terminal.dialogue(`
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            ${state("CONNECT OK")}
        `)
        peer.end()
        terminal.dialogue(`
            < ⏎CLOSED⏎
            ${state("TCP CLOSED")}
            > AT+CIPSERVER=1,8888␍
            < ⏎ERROR⏎
        `)
    })

    test("has the only place: a second one gets RST", () => {
        const { terminal, peer } = visited()
        const second = dial(terminal)
        terminal.listen(1000)
        expect([second.connected, second.refused]).toEqual([false, true])
        expect(peer.closed).toBe(false)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎ALREADY CONNECT⏎
        `)
    })

    test("another port is refused", () => {
        const terminal = serving()
        const peer = dial(terminal, 8889)
        terminal.listen(100)
        expect(peer.refused).toBe(true)
    })

    test("what it sends at once comes after REMOTE IP", () => {
        const terminal = serving({ radio: "gprs" })
        const peer = dial(terminal)
        peer.send("early")
        terminal.dialogue(`< ⏎REMOTE IP: ${CLIENT}⏎early`)
    })

    test("REMOTE IP comes a round trip and a half after the peer's SYN", () => {
        const terminal = serving({ radio: "gprs" })
        const before = terminal.clock.now()
        const peer = dial(terminal)
        terminal.clock.runUntil(() => peer.connected, 10_000)
        expect(terminal.clock.now() - before).toBeCloseTo(600, 0)
        terminal.dialogue(`< ⏎REMOTE IP: ${CLIENT}⏎`)
        expect(terminal.clock.now() - before).toBeGreaterThan(900)
    })

    test("changes its mind in the middle of the handshake: nobody hears of it", () => {
        const terminal = serving({ radio: "gprs" })
        const peer = dial(terminal)
        terminal.listen(400)
        terminal.dialogue(state("SERVER LISTENING"))
        peer.reset()
        expect(terminal.listen(10_000)).toBe("")
        dial(terminal)
        terminal.dialogue(`< ⏎REMOTE IP: ${CLIENT}⏎`)
    })

    test("comes in while CIPCLOSE ends the listening: RST", () => {
        const terminal = serving({ radio: "gprs" })
        const peer = dial(terminal)
        terminal.listen(400)
        terminal.dialogue(`
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ${state("TCP CLOSED")}
        `)
        expect(terminal.listen(10_000)).toBe("")
        expect([peer.connected, peer.closed]).toEqual([false, true])
    })

    test("its SYN comes when the server has closed: RST", () => {
        const terminal = serving({ radio: "gprs" })
        const peer = dial(terminal)
        terminal.dialogue(`
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
        `)
        expect(terminal.listen(10_000)).toBe("")
        expect(peer.refused).toBe(true)
    })

    test("its data is fetched by hand", () => {
        const terminal = TestTerminal.online()
        terminal.dialogue(`
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
        `)
        dial(terminal).send("abc")
        terminal.dialogue(`
            < ⏎REMOTE IP: ${CLIENT}⏎⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=2,10␍
            < ⏎+CIPRXGET: 2,3,0⏎abc⏎OK⏎
        `)
    })
})

describe("several peers", () => {
    const status = (n: number): string => `> AT+CIPSTATUS=${n}␍`

    test("five have a place, the sixth gets RST; a place that is free is taken again", () => {
        const terminal = serving({ multi: true })
        const peers = [0, 1, 2, 3, 4].map(n => {
            const peer = dial(terminal, 8888, `10.0.0.${n}`)
            terminal.dialogue(`< ⏎${n}, REMOTE IP: 10.0.0.${n}⏎`)
            return peer
        })
        const sixth = dial(terminal)
        terminal.listen(1000)
        expect(sixth.refused).toBe(true)
        peers[2].end()
        terminal.dialogue("< ⏎2, CLOSED⏎")
        dial(terminal)
        terminal.dialogue(`
            < ⏎2, REMOTE IP: ${CLIENT}⏎
            ${status(2)}
            < ⏎+CIPSTATUS: 2,0,"TCP","${CLIENT}","2020","CONNECTED"⏎⏎OK⏎
            # the server has a place of its own: there is none for number 5
            > AT+CIPSTART=5,"TCP","${SERVER}",80␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=4␍
            < ⏎4, CLOSE OK⏎
        `)
        terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPSTART=5,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎5, CONNECT OK⏎
        `)
        const late = dial(terminal)
        terminal.listen(1000)
        expect(late.refused).toBe(true)
    })

    test("without a server number 5 is there again", () => {
        const terminal = serving({ multi: true })
        terminal.network.listen(SERVER, 80)
        for (let n = 0; n < 5; n++) {
            dial(terminal)
            terminal.dialogue(`< ⏎${n}, REMOTE IP: ${CLIENT}⏎`)
        }
        terminal.dialogue(`
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            > AT+CIPSTART=5,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎5, CONNECT OK⏎
        `)
    })

    test("all at once, each with its number", () => {
        const terminal = serving({ multi: true, radio: "gprs" })
        const peers = Array.from({ length: 7 }, () => dial(terminal))
        const heard = terminal.listen(5000)
        for (let n = 0; n < 5; n++)
            expect(heard).toContain(`⏎${n}, REMOTE IP: ${CLIENT}⏎`)
        expect(peers.filter(peer => peer.connected).length).toBe(5)
        expect(peers.filter(peer => peer.refused).length).toBe(2)
    })

    test("a number given to a peer is not free for CIPSTART", () => {
        const { terminal } = visited({ multi: true })
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎0, ALREADY CONNECT⏎
        `)
    })

    test("the last one goes: the server keeps the state IP PROCESSING", () => {
        const { terminal, peer } = visited({ multi: true })
        peer.end()
        terminal.dialogue("< ⏎0, CLOSED⏎")
        expect(terminal.ask("AT+CIPSTATUS␍")).toContain("STATE: IP PROCESSING⏎")
        terminal.dialogue("> AT+CIPSERVER=0␍\n< ⏎OK⏎⏎SERVER CLOSE⏎")
        expect(terminal.ask("AT+CIPSTATUS␍")).toContain("STATE: IP STATUS⏎")
    })

    test("outlive the server, which outlives them", () => {
        const { terminal, peer } = visited({ multi: true })
        terminal.dialogue("> AT+CIPSERVER=0␍\n< ⏎OK⏎⏎SERVER CLOSE⏎")
        peer.send("still here")
        terminal.dialogue("< ⏎+RECEIVE,0,10:⏎still here")
        expect(terminal.ask("AT+CIPSTATUS␍")).toContain("STATE: IP PROCESSING⏎")
        const late = dial(terminal)
        terminal.listen(100)
        expect(late.refused).toBe(true)
        peer.end()
        terminal.dialogue("< ⏎0, CLOSED⏎")
        expect(terminal.ask("AT+CIPSTATUS␍")).toContain("STATE: IP STATUS⏎")
    })

    test("a number with data that was not fetched is given last", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.dialogue(`
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
        `)
        const peer = dial(terminal)
        terminal.listen(100)
        peer.send("keep me")
        peer.end()
        terminal.listen(1000)
        dial(terminal)
        terminal.dialogue(`
            < ⏎1, REMOTE IP: ${CLIENT}⏎
            > AT+CIPRXGET=2,0,10␍
            < ⏎+CIPRXGET: 2,0,7,0⏎keep me⏎OK⏎
        `)
        dial(terminal)
        terminal.dialogue(`< ⏎0, REMOTE IP: ${CLIENT}⏎`)
    })

    test("too many SYNs at once: those beyond the backlog get RST", () => {
        const terminal = serving({ multi: true, radio: "gprs" })
        const peers = Array.from({ length: 20 }, () => dial(terminal))
        terminal.clock.advance(10)
        expect(peers.filter(peer => peer.refused).length).toBe(12)
        terminal.listen(5000)
    })
})

describe("the end of everything", () => {
    test("CIPSHUT closes server and peers without a word", () => {
        const { terminal, peer } = visited({ multi: true })
        terminal.dialogue(`
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPSERVER?␍
            < ⏎+CIPSERVER: 0⏎⏎OK⏎
        `)
        expect(peer.closed).toBe(true)
        const late = dial(terminal)
        terminal.listen(100)
        expect(late.refused).toBe(true)
    })

    test.each([false, true])("the context is lost (several: %s)", multi => {
        const { terminal, peer } = visited({ multi })
        terminal.modem.inject("pdp-deact")
        terminal.dialogue(`
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
        const { terminal, peer } = visited({ multi: true, radio: "gprs" })
        const arriving = dial(terminal)
        terminal.listen(100)
        const shaking = dial(terminal)
        terminal.listen(350)
        terminal.modem.powerOff()
        terminal.clock.advance(0)
        expect(peer.closed).toBe(true)
        expect(arriving.closed).toBe(true)
        expect(shaking.closed).toBe(true)
        expect(terminal.clock.nextAt()).toBeUndefined()
    })
})

test("serverFailure: SERVER FAIL", () => {
    TestTerminal.ready({
        firmware: { serverFailure: "SERVER FAIL" },
        operator: { acceptsContext: () => false },
    }).dialogue(`
        > AT+CIPSERVER=1,8888␍
        < ⏎OK⏎⏎SERVER FAIL⏎
    `)
})
