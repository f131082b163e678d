/** UDP: datagrams, local ports, the extended mode ([AN] 2.1.4, [ATM] 8.2.25) beyond its example. */
import { describe, expect, test } from "vitest"
import type { MemoryUdpPort } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"
const STRANGER = "192.0.2.90"
const MODULE = { address: "10.78.245.128", port: 8888 }

interface World {
    readonly terminal: TestTerminal
    readonly server: MemoryUdpPort
    readonly stranger: MemoryUdpPort
}

/** UDP from local port 8888 to a server, after the commands given. */
function connected(
    options: ModemOptions & { multi?: boolean },
    ...commands: readonly string[]
): World {
    const terminal = TestTerminal.online(options)
    const server = terminal.network.udp(SERVER, 53)
    const stranger = terminal.network.udp(STRANGER, 99)
    const n = options.multi ? "0," : ""
    const result = options.multi ? "0, CONNECT OK" : "CONNECT OK"
    for (const command of [`CLPORT=${n}"UDP",8888`, ...commands])
        terminal.dialogue(`> AT+${command}␍\n< ⏎OK⏎`)
    terminal.dialogue(`
        > AT+CIPSTART=${n}"UDP","${SERVER}",53␍
        < ⏎OK⏎⏎${result}⏎
    `)
    return { terminal, server, stranger }
}

describe("forms", () => {
    test("single connection", () => {
        TestTerminal.online().dialogue(`
            > AT+CIPUDPMODE=?␍
            < ⏎+CIPUDPMODE: (0-2),("(0-255).(0-255).(0-255).(0-255)"),(1-65535)⏎⏎OK⏎
            > AT+CIPUDPMODE?␍
            < ⏎+CIPUDPMODE: 0⏎⏎OK⏎
            > AT+CIPUDPMODE=1␍
            < ⏎OK⏎
            > AT+CIPUDPMODE?␍
            < ⏎+CIPUDPMODE: 1⏎⏎OK⏎
            > AT+CIPUDPMODE=0␍
            < ⏎OK⏎
            > AT+CIPUDPMODE?␍
            < ⏎+CIPUDPMODE: 0⏎⏎OK⏎
        `)
    })

    test("several connections", () => {
        const { terminal } = connected({ multi: true }, "CIPUDPMODE=0,1")
        terminal.dialogue(`
            > AT+CIPUDPMODE=?␍
            < ⏎+CIPUDPMODE: (0-5),(0-2),("(0-255).(0-255).(0-255).(0-255)"),(1-65535)⏎⏎OK⏎
            > AT+CIPUDPMODE=5,1␍
            < ⏎OK⏎
            > AT+CIPUDPMODE?␍
            < ⏎+CIPUDPMODE: 0,1,"${SERVER}",53⏎
            < +CIPUDPMODE: 1,0⏎
            < +CIPUDPMODE: 2,0⏎
            < +CIPUDPMODE: 3,0⏎
            < +CIPUDPMODE: 4,0⏎
            < +CIPUDPMODE: 5,1⏎
            < ⏎OK⏎
        `)
    })

    test.each([
        "",
        "3",
        "0,1",
        "2",
        '2,"1.2.3.4"',
        '2,"1.2.3.4",0',
        '2,"1.2.3.4",65536',
        '2,"1.2.3",80',
        '2,"name.example",80',
        "2,1.2.3.4,80",
        '1,"1.2.3.4",80',
        '2,"1.2.3.4",80,1',
        // legal numbers, but the mode is 0
        '2,"1.2.3.4",80',
    ])("AT+CIPUDPMODE=%s is refused", parameters => {
        const { terminal } = connected({})
        terminal.dialogue(`> AT+CIPUDPMODE=${parameters}␍\n< ⏎ERROR⏎`)
    })

    test.each(["0", "6,1", "1", '0,2,"1.2.3.4",80', '1,2,"1.2.3.4",80'])(
        "with several connections AT+CIPUDPMODE=%s is refused",
        parameters => {
            const { terminal } = connected({ multi: true })
            terminal.dialogue(`> AT+CIPUDPMODE=${parameters}␍\n< ⏎ERROR⏎`)
        }
    )

    test("is set before the connection is made; outlives it and CIPSHUT", () => {
        const { terminal } = connected({}, "CIPUDPMODE=1")
        terminal.dialogue(`
            > AT+CIPUDPMODE=0␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            > AT+CIPUDPMODE=2,"1.2.3.4",80␍
            < ⏎ERROR⏎
            > AT+CIPUDPMODE?␍
            < ⏎+CIPUDPMODE: 1⏎⏎OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPUDPMODE?␍
            < ⏎+CIPUDPMODE: 1⏎⏎OK⏎
        `)
    })

    test("means nothing to TCP", () => {
        const terminal = TestTerminal.online()
        terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPUDPMODE=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPUDPMODE?␍
            < ⏎+CIPUDPMODE: 1⏎⏎OK⏎
            > AT+CIPUDPMODE=2,"1.2.3.4",80␍
            < ⏎ERROR⏎
        `)
    })
})

describe("who is heard", () => {
    test("normal mode: the peer alone, who may speak first", () => {
        const { terminal, server, stranger } = connected({})
        stranger.send("psst", MODULE)
        terminal.network.udp(SERVER, 54).send("other port", MODULE)
        server.send("first", MODULE)
        terminal.dialogue("< first")
        server.send("wrong port", { ...MODULE, port: 8889 })
        expect(terminal.listen(1000)).toBe("")
    })

    test("extended mode, several connections: anyone, at the port of the connection", () => {
        const { terminal, server, stranger } = connected(
            { multi: true },
            "CIPUDPMODE=0,1"
        )
        server.send("from the server", MODULE)
        terminal.dialogue("< ⏎+RECEIVE,0,15:⏎from the server")
        stranger.send("from elsewhere", MODULE)
        terminal.dialogue("< ⏎+RECEIVE,0,14:⏎from elsewhere")
    })

    test("one extended, one not", () => {
        const { terminal, stranger } = connected(
            { multi: true },
            "CIPUDPMODE=0,1"
        )
        terminal.dialogue(`
            > AT+CLPORT=1,"UDP",7777␍
            < ⏎OK⏎
            > AT+CIPSTART=1,"UDP","${SERVER}",53␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
        `)
        stranger.send("x", { ...MODULE, port: 7777 })
        stranger.send("y", MODULE)
        terminal.dialogue("< ⏎+RECEIVE,0,1:⏎y")
    })

    test("nobody, when it is closed", () => {
        const { terminal, server } = connected({}, "CIPUDPMODE=1")
        terminal.dialogue("> AT+CIPCLOSE␍\n< ⏎CLOSE OK⏎")
        server.send("late", MODULE)
        expect(terminal.listen(1000)).toBe("")
    })

    test("CIPUDPMODE=2 leads what is sent from then on elsewhere", () => {
        const { terminal, server, stranger } = connected(
            { multi: true, radio: "gprs" },
            "CIPUDPMODE=0,1",
            "CIPQSEND=1"
        )
        terminal.dialogue(`
            > AT+CIPSEND=0,3␍
            < ⏎> |
            > one
            < ⏎DATA ACCEPT:0,3⏎
            > AT+CIPUDPMODE=0,2,"${STRANGER}",99␍
            < ⏎OK⏎
            > AT+CIPSEND=0,3␍
            < ⏎> |
            > two
            < ⏎DATA ACCEPT:0,3⏎
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"UDP","${STRANGER}","99","CONNECTED"⏎⏎OK⏎
            ~ 1000
        `)
        expect(server.datagrams.map(({ text }) => text)).toEqual(["one"])
        expect(stranger.datagrams.map(({ text }) => text)).toEqual(["two"])
        server.send("still heard", MODULE)
        terminal.dialogue("< ⏎+RECEIVE,0,11:⏎still heard")
    })
})

describe("local ports", () => {
    test("one that another connection has: CONNECT FAIL, until it is free", () => {
        const { terminal } = connected({ multi: true })
        terminal.dialogue(`
            > AT+CLPORT=1,"UDP",8888␍
            < ⏎OK⏎
            > AT+CIPSTART=1,"UDP","${SERVER}",53␍
            < ⏎OK⏎⏎1, CONNECT FAIL⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPSTART=1,"UDP","${SERVER}",53␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
        `)
    })

    test("single connection: CONNECT FAIL with the state", () => {
        const terminal = TestTerminal.online()
        terminal.network.openUdp(MODULE, {
            bound: () => undefined,
            failed: () => undefined,
            received: () => undefined,
        })
        terminal.dialogue(`
            > AT+CLPORT="UDP",8888␍
            < ⏎OK⏎
            > AT+CIPSTART="UDP","${SERVER}",53␍
            < ⏎OK⏎⏎STATE: UDP CLOSED⏎⏎CONNECT FAIL⏎
            > AT+CLPORT="UDP",0␍
            < ⏎OK⏎
            > AT+CIPSTART="UDP","${SERVER}",53␍
            < ⏎OK⏎⏎CONNECT OK⏎
        `)
    })
})

describe("datagrams", () => {
    test("come and go in one piece, of up to 1460 bytes", () => {
        const { terminal, server } = connected({ multi: true })
        server.send("a".repeat(1460), MODULE)
        server.send("b", MODULE)
        terminal.dialogue(`
            < ⏎+RECEIVE,0,1460:⏎${"a".repeat(1460)}
            < ⏎+RECEIVE,0,1:⏎b
            > AT+CIPSEND=0,1460␍
            < ⏎> |
            > ${"c".repeat(1460)}
            < ⏎0, SEND OK⏎
            > AT+CIPSEND=0,1461␍
            < ⏎ERROR⏎
            ~ 100
        `)
        expect(server.datagrams.map(({ text }) => text.length)).toEqual([1460])
    })

    test("that are longer are dropped, and the log says so; empty ones say nothing", () => {
        const { terminal, server } = connected({ multi: true }, "CIPRXGET=1")
        server.send("a".repeat(1461), MODULE)
        server.send("", MODULE)
        expect(terminal.listen(1000)).toBe("")
        expect(terminal.log).toEqual([
            `a datagram of 1461 bytes from ${SERVER}:53 was dropped: the module takes 1460`,
        ])
        server.send("b", MODULE)
        terminal.dialogue("< ⏎+CIPRXGET: 1,0⏎")
    })

    test("are dropped when the receive buffer is full", () => {
        const { terminal, server } = connected(
            { firmware: { receiveBuffer: 1000 } },
            "CIPRXGET=1"
        )
        for (const letter of "abc") server.send(letter.repeat(400), MODULE)
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1⏎
            ~ 100
            > AT+CIPRXGET=4␍
            < ⏎+CIPRXGET: 4,800⏎⏎OK⏎
            > AT+CIPRXGET=2␍
            < ⏎+CIPRXGET: 2,400,400⏎${"a".repeat(400)}⏎OK⏎
        `)
        server.send("d".repeat(400), MODULE)
        terminal.dialogue(`
            ~ 100
            > AT+CIPRXGET=2␍
            < ⏎+CIPRXGET: 2,400,400⏎${"b".repeat(400)}⏎OK⏎
            > AT+CIPRXGET=2␍
            < ⏎+CIPRXGET: 2,400,0⏎${"d".repeat(400)}⏎OK⏎
        `)
    })

    test("fetched by hand, each with its sender", () => {
        const { terminal, server, stranger } = connected(
            { multi: true },
            "CIPUDPMODE=0,1",
            "CIPRXGET=1",
            "CIPSRIP=1"
        )
        server.send("one", MODULE)
        stranger.send("two", MODULE)
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1,0,${SERVER}:53⏎
            ~ 100
            > AT+CIPRXGET=2,0,100␍
            < ⏎+CIPRXGET: 2,0,3,3,${SERVER}:53⏎one⏎OK⏎
            > AT+CIPRXGET=3,0,100␍
            < ⏎+CIPRXGET: 3,0,3,0,${STRANGER}:99⏎74776F⏎OK⏎
        `)
    })
})

describe("AT+CIPHEAD, AT+CIPSHOWTP, AT+CIPSRIP in every combination", () => {
    const from = `${SERVER}:53`

    test.each([
        [0, 0, 0, "hello"],
        [0, 1, 0, "hello"],
        [1, 0, 0, "⏎+IPD,5:hello"],
        [1, 1, 0, "⏎+IPD,5,UDP:hello"],
        [0, 0, 1, `⏎RECV FROM:${from}⏎hello`],
        [0, 1, 1, `⏎RECV FROM:${from}⏎hello`],
        [1, 0, 1, `⏎RECV FROM:${from}⏎⏎+IPD,5:hello`],
        [1, 1, 1, `⏎RECV FROM:${from}⏎⏎+IPD,5,UDP:hello`],
    ])("single connection: %i, %i, %i", (head, protocol, sender, heard) => {
        const { terminal, server } = connected(
            {},
            `CIPHEAD=${head}`,
            `CIPSHOWTP=${protocol}`,
            `CIPSRIP=${sender}`
        )
        server.send("hello", MODULE)
        terminal.dialogue(`< ${heard}`)
    })

    test.each([
        [0, 0, 0],
        [0, 1, 0],
        [1, 0, 0],
        [1, 1, 0],
        [0, 0, 1],
        [0, 1, 1],
        [1, 0, 1],
        [1, 1, 1],
    ])("several connections: %i, %i, %i", (head, protocol, sender) => {
        const { terminal, server } = connected(
            { multi: true },
            `CIPHEAD=${head}`,
            `CIPSHOWTP=${protocol}`,
            `CIPSRIP=${sender}`
        )
        server.send("hello", MODULE)
        terminal.dialogue(
            sender === 1
                ? `< ⏎+RECEIVE,0,5,${from}:⏎hello`
                : "< ⏎+RECEIVE,0,5:⏎hello"
        )
    })
})
