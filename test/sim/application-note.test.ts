/** The transcripts of the application note, its errors corrected (docs/virtual-sim800.md). */
import { describe, expect, test } from "vitest"
import { TestTerminal } from "./terminal"

const SERVER = "116.228.221.51"

describe("2.1.1 TCP client, single connection", () => {
    test("SIM, signal, registration, attach", () => {
        TestTerminal.ready().dialogue(`
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,1⏎⏎OK⏎
            > AT+CGATT?␍
            < ⏎+CGATT: 1⏎⏎OK⏎
        `)
    })

    test("connect, send, receive, be closed", () => {
        const terminal = TestTerminal.ready()
        const server = terminal.network.listen(SERVER, 8500, peer => {
            peer.onData = () => peer.send("hello SIM800")
        })
        terminal.dialogue(`
            > AT+CGATT?␍
            < ⏎+CGATT: 1⏎⏎OK⏎
            > AT+CSTT="CMNET"␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
            > AT+CIPSTART="TCP","116.228.221.51","8500"␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
            > AT+CIPSEND␍
            < ⏎> |
            > hello TCP serve␚
            < ⏎SEND OK⏎
            < hello SIM800
        `)
        expect(server.peer.text).toBe("hello TCP serve")
        server.peer.end()
        terminal.dialogue(`
            < ⏎CLOSED⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎
        `)
    })

    test("with echo, as a terminal shows it", () => {
        const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CSTT="CMNET"␍
            < AT+CSTT="CMNET"␍⏎OK⏎
            > AT+CIICR␍
            < AT+CIICR␍⏎OK⏎
            > AT+CIFSR␍
            < AT+CIFSR␍⏎10.78.245.128⏎
            > AT+CIPSTART="TCP","116.228.221.51","8500"␍
            < AT+CIPSTART="TCP","116.228.221.51","8500"␍⏎OK⏎
            < ⏎CONNECT OK⏎
            > AT+CIPSEND␍
            < AT+CIPSEND␍⏎> |
            > hello TCP serve␚
            < hello TCP serve␚⏎SEND OK⏎
        `)
    })

    test("CIPSTART from IP INITIAL brings the context up by itself", () => {
        const terminal = TestTerminal.ready()
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
        `)
        expect(terminal.transitions.filter(t => t.startsWith("ip"))).toEqual([
            "ip: IP INITIAL -> IP START",
            "ip: IP START -> IP CONFIG",
            "ip: IP CONFIG -> IP GPRSACT",
            "ip: IP GPRSACT -> IP STATUS",
            "ip: IP STATUS -> TCP CONNECTING",
            "ip: TCP CONNECTING -> CONNECT OK",
        ])
    })
})

test("2.1.2 UDP client, single connection", () => {
    const terminal = TestTerminal.online()
    const server = terminal.network.udp(SERVER, 9600)
    terminal.dialogue(`
        > AT+CIPSTART="UDP","116.228.221.51","9600"␍
        < ⏎OK⏎
        < ⏎CONNECT OK⏎
        > AT+CIPSEND␍
        < ⏎> |
        > SIM800 UDP test␚
        < ⏎SEND OK⏎
        ~ 100
    `)
    expect(server.datagrams.map(d => d.text)).toEqual(["SIM800 UDP test"])
    server.reply("UDP test")
    terminal.dialogue(`
        < UDP test
        > AT+CIPCLOSE␍
        < ⏎CLOSE OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: UDP CLOSED⏎
    `)
})

test("2.1.3 TCP server, single connection", () => {
    const terminal = TestTerminal.ready({
        operator: { localAddresses: ["10.78.33.227", "0.0.0.0"] },
    })
    terminal.dialogue(`
        > AT+CGATT?␍
        < ⏎+CGATT: 1⏎⏎OK⏎
        > AT+CIPSERVER=1,1234␍
        < ⏎OK⏎
        < ⏎SERVER OK⏎
        > AT+CIFSR␍
        < ⏎10.78.33.227⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: SERVER LISTENING⏎
    `)
    const client = terminal.network.dial(
        { address: "10.78.33.227", port: 1234 },
        { address: "10.78.103.220", port: 2020 }
    )
    terminal.dialogue("< ⏎REMOTE IP: 10.78.103.220⏎")
    client.send("hello server")
    terminal.dialogue(`
        < hello server
        > AT+CIPSEND␍
        < ⏎> |
        > hello client␚
        < ⏎SEND OK⏎
        > AT+CIPSERVER=0␍
        < ⏎OK⏎
        < ⏎SERVER CLOSE⏎
    `)
    expect(client.text).toBe("hello client")
    client.send("hello SIM800")
    terminal.dialogue(`
        < hello SIM800
        > AT+CIPCLOSE␍
        < ⏎CLOSE OK⏎
    `)
    expect(client.ended).toBe(true)
})

test("2.1.4 UDP extended mode", () => {
    const terminal = TestTerminal.ready()
    const { network } = terminal
    const [server, neighbour, stranger, other] = [
        network.udp(SERVER, 9600),
        network.udp(SERVER, 1234),
        network.udp("10.78.103.220", 5678),
        network.udp("211.136.131.65", 4500),
    ]
    const module = { address: "10.78.245.128", port: 8888 }
    terminal.dialogue(`
        > AT+CGATT?␍
        < ⏎+CGATT: 1⏎⏎OK⏎
        > AT+CSTT="CMNET"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.78.245.128⏎
        > AT+CLPORT="UDP",8888␍
        < ⏎OK⏎
        > AT+CIPSRIP=1␍
        < ⏎OK⏎
        > AT+CIPHEAD=1␍
        < ⏎OK⏎
        > AT+CIPUDPMODE=1␍
        < ⏎OK⏎
        > AT+CIPSTART="UDP","116.228.221.51","9600"␍
        < ⏎OK⏎
        < ⏎CONNECT OK⏎
        > AT+CIPUDPMODE?␍
        < ⏎+CIPUDPMODE: 1,"116.228.221.51",9600⏎⏎OK⏎
    `)
    server.send("test1", module)
    terminal.dialogue("< ⏎RECV FROM:116.228.221.51:9600⏎⏎+IPD,5:test1")
    neighbour.send("test2", module)
    terminal.dialogue("< ⏎RECV FROM:116.228.221.51:1234⏎⏎+IPD,5:test2")
    stranger.send("test3", module)
    terminal.dialogue(`
        < ⏎RECV FROM:10.78.103.220:5678⏎⏎+IPD,5:test3
        > AT+CIPSEND␍
        < ⏎> |
        > Hello 9600␚
        < ⏎SEND OK⏎
        > AT+CIPUDPMODE=2,"211.136.131.65",4500␍
        < ⏎OK⏎
        > AT+CIPUDPMODE?␍
        < ⏎+CIPUDPMODE: 1,"211.136.131.65",4500⏎⏎OK⏎
        > AT+CIPSEND␍
        < ⏎> |
        > Hello 4500␚
        < ⏎SEND OK⏎
        ~ 100
    `)
    const from = module
    expect(server.datagrams).toEqual([{ text: "Hello 9600", from }])
    expect(other.datagrams).toEqual([{ text: "Hello 4500", from }])
})

describe("2.3 the local port of a client", () => {
    test("is fixed by AT+CLPORT, TCP and UDP by themselves", () => {
        const terminal = TestTerminal.online()
        const tcp = terminal.network.listen(SERVER, 8500)
        const udp = terminal.network.udp(SERVER, 9600)
        terminal.dialogue(`
            > AT+CLPORT="TCP",2020␍
            < ⏎OK⏎
            > AT+CLPORT="UDP",3030␍
            < ⏎OK⏎
            > AT+CLPORT?␍
            < ⏎+CLPORT: 2020,3030⏎⏎OK⏎
            > AT+CIPSTART="TCP","116.228.221.51","8500"␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            > AT+CIPSTART="UDP","116.228.221.51","9600"␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
            > AT+CIPSEND=1␍
            < ⏎> |
            > x
            < ⏎SEND OK⏎
            ~ 100
        `)
        expect(tcp.peer.module.port).toBe(2020)
        expect(udp.datagrams[0].from.port).toBe(3030)
    })

    test("is a different one each time if it is 0, the default", () => {
        const terminal = TestTerminal.online()
        const tcp = terminal.network.listen(SERVER, 8500)
        for (let n = 0; n < 2; n++)
            terminal.dialogue(`
                > AT+CIPSTART="TCP","116.228.221.51","8500"␍
                < ⏎OK⏎
                < ⏎CONNECT OK⏎
                > AT+CIPCLOSE␍
                < ⏎CLOSE OK⏎
            `)
        const [first, second] = tcp.peers.map(peer => peer.module.port)
        expect(first).toBeGreaterThanOrEqual(49152)
        expect(second).not.toBe(first)
    })
})

test("3.1 multi connection, as a client", () => {
    const terminal = TestTerminal.ready()
    const tcp = terminal.network.listen(SERVER, 8500)
    const udp = terminal.network.udp(SERVER, 9600)
    terminal.dialogue(`
        > AT+CGATT?␍
        < ⏎+CGATT: 1⏎⏎OK⏎
        > AT+CIPMUX=1␍
        < ⏎OK⏎
        > AT+CSTT="CMNET"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.78.245.128⏎
        > AT+CIPSTART=0,"TCP","116.228.221.51","8500"␍
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
        > AT+CIPSTART=1,"UDP","116.228.221.51","9600"␍
        < ⏎OK⏎
        < ⏎1, CONNECT OK⏎
        > AT+CIPSEND=0␍
        < ⏎> |
        > TCP test␚
        < ⏎0, SEND OK⏎
        > AT+CIPSEND=1␍
        < ⏎> |
        > UDP test␚
        < ⏎1, SEND OK⏎
        ~ 100
    `)
    expect(tcp.peer.text).toBe("TCP test")
    expect(udp.datagrams.map(d => d.text)).toEqual(["UDP test"])
    tcp.peer.send("SIM800 TCP test")
    terminal.dialogue("< ⏎+RECEIVE,0,15:⏎SIM800 TCP test")
    udp.reply("SIM800 UDP test")
    terminal.dialogue("< ⏎+RECEIVE,1,15:⏎SIM800 UDP test")
    tcp.peer.end()
    terminal.dialogue(`
        < ⏎0, CLOSED⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎
        < C: 0,0,"TCP","116.228.221.51","8500","CLOSED"⏎
        < C: 1,0,"UDP","116.228.221.51","9600","CONNECTED"⏎
        < C: 2,,"","","","INITIAL"⏎
        < C: 3,,"","","","INITIAL"⏎
        < C: 4,,"","","","INITIAL"⏎
        < C: 5,,"","","","INITIAL"⏎
    `)
})

test("3.2 multi connection, as a server", () => {
    const terminal = TestTerminal.ready({
        operator: { localAddresses: ["10.76.40.73", "0.0.0.0"] },
    })
    const tcp = terminal.network.listen(SERVER, 8500)
    terminal.network.udp(SERVER, 9600)
    terminal.dialogue(`
        > AT+CGATT?␍
        < ⏎+CGATT: 1⏎⏎OK⏎
        > AT+CIPMUX=1␍
        < ⏎OK⏎
        > AT+CSTT="CMNET"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.76.40.73⏎
        > AT+CIPSERVER=1,8888␍
        < ⏎OK⏎
        < ⏎SERVER OK⏎
    `)
    const client = terminal.network.dial(
        { address: "10.76.40.73", port: 8888 },
        { address: "10.76.40.74", port: 2020 }
    )
    terminal.dialogue("< ⏎0, REMOTE IP: 10.76.40.74⏎")
    client.send("SIM800 multi connection TCP server test")
    terminal.dialogue(`
        < ⏎+RECEIVE,0,39:⏎SIM800 multi connection TCP server test
        > AT+CIPSEND=0␍
        < ⏎> |
        > hello client␚
        < ⏎0, SEND OK⏎
        > AT+CIPSTART=1,"TCP","116.228.221.51","8500"␍
        < ⏎OK⏎
        < ⏎1, CONNECT OK⏎
        > AT+CIPSTART=2,"UDP","116.228.221.51","9600"␍
        < ⏎OK⏎
        < ⏎2, CONNECT OK⏎
        > AT+CIPSEND=1␍
        < ⏎> |
        > data from connection 1␚
        < ⏎1, SEND OK⏎
    `)
    expect(client.text).toBe("hello client")
    expect(tcp.peer.text).toBe("data from connection 1")
    tcp.peer.send("data to connection 1")
    terminal.dialogue(`
        < ⏎+RECEIVE,1,20:⏎data to connection 1
        > AT+CIPCLOSE=2␍
        < ⏎2, CLOSE OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎
        < S: 0,0,"8888","LISTENING"⏎
        < C: 0,0,"TCP","10.76.40.74","2020","CONNECTED"⏎
        < C: 1,0,"TCP","116.228.221.51","8500","CONNECTED"⏎
        < C: 2,0,"UDP","116.228.221.51","9600","CLOSED"⏎
        < C: 3,,"","","","INITIAL"⏎
        < C: 4,,"","","","INITIAL"⏎
        < C: 5,,"","","","INITIAL"⏎
        > AT+CIPSERVER=0␍
        < ⏎OK⏎
        < ⏎SERVER CLOSE⏎
        > AT+CIPSHUT␍
        < ⏎SHUT OK⏎
    `)
    expect([client.closed, tcp.peer.closed]).toEqual([true, true])
})

test("4 two contexts", () => {
    const terminal = TestTerminal.ready({
        operator: { localAddresses: ["10.126.186.232", "10.204.70.11"] },
    })
    const server = terminal.network.listen("116.236.221.75", 5555)
    terminal.dialogue(`
        > AT+CGATT?␍
        < ⏎+CGATT: 1⏎⏎OK⏎
        > AT+CIPMUX=1␍
        < ⏎OK⏎
        > AT+CSTT="CMNET"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.126.186.232⏎
        > AT+CIPSTART=0,"TCP","116.236.221.75",5555␍
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CSTT="CMWAP"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.204.70.11⏎
        > AT+CIPSTART=1,"TCP","116.236.221.75",5555␍
        < ⏎OK⏎
        < ⏎1, CONNECT OK⏎
    `)
    const [first, second] = server.peers
    first.send("Hello world 000")
    terminal.dialogue("< ⏎+RECEIVE,0,15:⏎Hello world 000")
    second.send("Hello world 111")
    terminal.dialogue(`
        < ⏎+RECEIVE,1,15:⏎Hello world 111
        > AT+CIPSEND=0␍
        < ⏎> |
        > test 0␚
        < ⏎0, SEND OK⏎
        > AT+CIPSEND=1␍
        < ⏎> |
        > test 2␚
        < ⏎1, SEND OK⏎
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎
        < C: 0,0,"TCP","116.236.221.75","5555","CLOSED"⏎
        < C: 1,1,"TCP","116.236.221.75","5555","CONNECTED"⏎
        < C: 2,,"","","","INITIAL"⏎
        < C: 3,,"","","","INITIAL"⏎
        < C: 4,,"","","","INITIAL"⏎
        < C: 5,,"","","","INITIAL"⏎
        > AT+CIPSHUT␍
        < ⏎SHUT OK⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        > AT+CIPSHUT␍
        < ⏎SHUT OK⏎
    `)
    expect([first.text, second.text]).toEqual(["test 0", "test 2"])
    expect(second.closed).toBe(true)
})

test("5 DNS", () => {
    const terminal = TestTerminal.ready({
        operator: { localAddresses: ["10.126.186.232", "0.0.0.0"] },
    })
    terminal.network.name(
        "www.baidu.com",
        "119.75.218.77",
        "119.75.217.56",
        "119.75.217.57"
    )
    terminal.network.name("www.sim.com", "203.0.113.80")
    const server = terminal.network.listen("203.0.113.80", 80)
    terminal.dialogue(`
        > AT+CGATT?␍
        < ⏎+CGATT: 1⏎⏎OK⏎
        > AT+CSTT="CMNET"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.126.186.232⏎
        > AT+CDNSGIP="www.baidu.com"␍
        < ⏎OK⏎
        < ⏎+CDNSGIP: 1,"www.baidu.com","119.75.218.77","119.75.217.56"⏎
        > AT+CDNSGIP="abctest"␍
        < ⏎OK⏎
        < ⏎+CDNSGIP: 0,8⏎
        > AT+CIPSTART="TCP","WWW.SIM.COM",80␍
        < ⏎OK⏎
        < ⏎CONNECT OK⏎
        > AT+CIPSEND␍
        < ⏎> |
        > DNS test␚
        < ⏎SEND OK⏎
    `)
    expect(server.peer.text).toBe("DNS test")
})

describe("6 sending", () => {
    function connected(): TestTerminal {
        const terminal = TestTerminal.online()
        terminal.network.listen(SERVER, 5107)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","116.228.221.51",5107␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
        `)
        return terminal
    }

    test("6.1 fixed length", () => {
        connected().dialogue(`
            > AT+CIPSEND=5␍
            < ⏎> |
            > hello
            < ⏎SEND OK⏎
        `)
    })

    /** Connection 0 of several. */
    function connectedFirst(): TestTerminal {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.listen("116.236.221.75", 5107)
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","116.236.221.75",5107␍
            < ⏎OK⏎
            < ⏎0, CONNECT OK⏎
        `)
        return terminal
    }

    test("6.1 fixed length, several connections", () => {
        connectedFirst().dialogue(`
            > AT+CIPSEND=0,5␍
            < ⏎> |
            > hello
            < ⏎0, SEND OK⏎
        `)
    })

    test("6.2 timed, several connections", () => {
        const terminal = connectedFirst()
        terminal.dialogue(`
            > AT+CIPATS=1,1␍
            < ⏎OK⏎
            > AT+CIPATS?␍
            < ⏎+CIPATS: 1,1⏎⏎OK⏎
            > AT+CIPSEND=0␍
            < ⏎> |
            > hello
        `)
        const before = terminal.clock.now()
        terminal.dialogue("< ⏎0, SEND OK⏎")
        expect(terminal.clock.now() - before).toBeGreaterThan(900)
    })

    test("6.2 timed", () => {
        const terminal = connected()
        terminal.dialogue(`
            > AT+CIPATS=1,3␍
            < ⏎OK⏎
            > AT+CIPSEND␍
            < ⏎> |
            > tick
            ~ 2900
            > tock
            < ⏎SEND OK⏎
        `)
    })

    test("6.3 how much can be sent", () => {
        const terminal = connected()
        terminal.dialogue(`
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 1460⏎⏎OK⏎
            > AT+CIPSEND=1461␍
            < ⏎ERROR⏎
            > AT+CIPSEND=1460␍
            < ⏎> |
            > ${"x".repeat(1460)}
            < ⏎SEND OK⏎
            > AT+CIPSEND␍
            < ⏎> |
            > ${"x".repeat(1461)}
            < ⏎ERROR⏎
        `)
    })

    test("6.3 how much can be sent, several connections", () => {
        const terminal = connectedFirst()
        terminal.dialogue(`
            > AT+CIPSTART=3,"TCP","116.236.221.75",5107␍
            < ⏎OK⏎
            < ⏎3, CONNECT OK⏎
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎+CIPSEND: 3,1460⏎⏎OK⏎
            > AT+CIPSEND=3,1461␍
            < ⏎ERROR⏎
            > AT+CIPSEND=3␍
            < ⏎> |
            > ${"x".repeat(1461)}
            < ⏎ERROR⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 3,1460⏎⏎OK⏎
        `)
    })

    test("6.4 quick sending, several connections", () => {
        connectedFirst().dialogue(`
            > AT+CIPQSEND=1␍
            < ⏎OK⏎
            > AT+CIPSEND=0␍
            < ⏎> |
            > 1234567890␚
            < ⏎DATA ACCEPT:0,10⏎
            > AT+CIPQSEND=0␍
            < ⏎OK⏎
            > AT+CIPSEND=0␍
            < ⏎> |
            > 1234567890␚
            < ⏎0, SEND OK⏎
        `)
    })

    test("6.4 quick sending", () => {
        connected().dialogue(`
            > AT+CIPQSEND=1␍
            < ⏎OK⏎
            > AT+CIPSEND␍
            < ⏎> |
            > hello␚
            < ⏎DATA ACCEPT:5⏎
        `)
    })

    test("6.5 what has been acknowledged, single connection", () => {
        connected().dialogue(`
            > AT+CIPQSEND=1␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
            > AT+CIPSEND␍
            < ⏎> |
            > 012345678912␚
            < ⏎DATA ACCEPT:12⏎
            # the acknowledgement takes a round trip
            > AT+CIPACK␍
            < ⏎+CIPACK: 12,0,12⏎⏎OK⏎
            ~ 20
            > AT+CIPACK␍
            < ⏎+CIPACK: 12,12,0⏎⏎OK⏎
        `)
    })

    test("6.5 with several connections", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.listen(SERVER, 8500)
        terminal.network.udp(SERVER, 9600)
        terminal.dialogue(`
            > AT+CIPSTART=1,"TCP","116.228.221.51","8500"␍
            < ⏎OK⏎
            < ⏎1, CONNECT OK⏎
            > AT+CIPSTART=2,"UDP","116.228.221.51","9600"␍
            < ⏎OK⏎
            < ⏎2, CONNECT OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎
            < C: 0,,"","","","INITIAL"⏎
            < C: 1,0,"TCP","116.228.221.51","8500","CONNECTED"⏎
            < C: 2,0,"UDP","116.228.221.51","9600","CONNECTED"⏎
            < C: 3,,"","","","INITIAL"⏎
            < C: 4,,"","","","INITIAL"⏎
            < C: 5,,"","","","INITIAL"⏎
            > AT+CIPQSEND=1␍
            < ⏎OK⏎
            > AT+CIPSEND=1␍
            < ⏎> |
            > TCP␚
            < ⏎DATA ACCEPT:1,3⏎
            ~ 20
            > AT+CIPACK=1␍
            < ⏎+CIPACK: 3,3,0⏎⏎OK⏎
            > AT+CIPSEND=1␍
            < ⏎> |
            > TCP again␚
            < ⏎DATA ACCEPT:1,9⏎
            ~ 20
            > AT+CIPACK=1␍
            < ⏎+CIPACK: 12,12,0⏎⏎OK⏎
            > AT+CIPSEND=2␍
            < ⏎> |
            > UDP␚
            < ⏎DATA ACCEPT:2,3⏎
            ~ 20
            > AT+CIPACK=2␍
            < ⏎+CIPACK: 3,0,3⏎⏎OK⏎
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 1,1460⏎+CIPSEND: 2,1460⏎⏎OK⏎
        `)
    })
})

describe("7.1 receiving automatically", () => {
    function receiving(...settings: readonly string[]): TestTerminal {
        const terminal = TestTerminal.online()
        terminal.network.listen(SERVER, 9600, peer => peer.send("test1"))
        for (const setting of settings)
            terminal.dialogue(`> AT+${setting}␍\n< ⏎OK⏎`)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","116.228.221.51","9600"␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
        `)
        return terminal
    }

    test("plain", () => {
        receiving().dialogue("< test1")
    })

    test("CIPHEAD", () => {
        receiving("CIPHEAD=1").dialogue("< ⏎+IPD,5:test1")
    })

    test("CIPHEAD and CIPSHOWTP", () => {
        receiving("CIPHEAD=1", "CIPSHOWTP=1").dialogue("< ⏎+IPD,5,TCP:test1")
    })

    test("CIPSHOWTP alone does nothing", () => {
        receiving("CIPSHOWTP=1").dialogue("< test1")
    })

    test("CIPSRIP", () => {
        receiving("CIPSRIP=1").dialogue(
            "< ⏎RECV FROM:116.228.221.51:9600⏎test1"
        )
    })

    test("several connections", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.listen(SERVER, 9600, peer => peer.send("test1"))
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","116.228.221.51","9600"␍
            < ⏎OK⏎
            < ⏎0, CONNECT OK⏎
            < ⏎+RECEIVE,0,5:⏎test1
            > AT+CIPSRIP=1␍
            < ⏎OK⏎
            > AT+CIPSTART=1,"TCP","116.228.221.51","9600"␍
            < ⏎OK⏎
            < ⏎1, CONNECT OK⏎
            < ⏎+RECEIVE,1,5,116.228.221.51:9600:⏎test1
        `)
    })

    test("CIPSRIP and CIPHEAD", () => {
        receiving("CIPSRIP=1", "CIPHEAD=1").dialogue(
            "< ⏎RECV FROM:116.228.221.51:9600⏎⏎+IPD,5:test1"
        )
    })
})

describe("7.2 receiving by hand", () => {
    test("single connection", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.listen(SERVER, 5555, peer =>
            peer.send("HELLO WORLD")
        )
        terminal.dialogue(`
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","116.228.221.51",5555␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,11,0⏎HELLO WORLD⏎OK⏎
        `)
        server.peer.send("HELLO WORLD")
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=3,730␍
            < ⏎+CIPRXGET: 3,11,0⏎48454C4C4F20574F524C44⏎OK⏎
        `)
    })

    test("several connections", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CSTT␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
        `)
        terminal.network.listen(SERVER, 5555, peer => peer.send("HELLO WORLD"))
        terminal.dialogue(`
            > AT+CIPSTART=4,"TCP","116.228.221.51",5555␍
            < ⏎OK⏎
            < ⏎4, CONNECT OK⏎
            < ⏎+CIPRXGET: 1,4⏎
            > AT+CIPRXGET=4,4␍
            < ⏎+CIPRXGET: 4,4,11⏎⏎OK⏎
            > AT+CIPRXGET=3,4,5␍
            < ⏎+CIPRXGET: 3,4,5,6⏎48454C4C4F⏎OK⏎
            > AT+CIPRXGET=2,4,100␍
            < ⏎+CIPRXGET: 2,4,6,0⏎ WORLD⏎OK⏎
            > AT+CIPRXGET=2,4,100␍
            < ⏎+CIPRXGET: 2,4,0,0⏎⏎OK⏎
            > AT+CIPRXGET?␍
            < ⏎+CIPRXGET: 1⏎⏎OK⏎
        `)
    })
})

describe("8 the states", () => {
    const status = (state: string): string => `
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: ${state}⏎
    `

    test("figure 2, single connection", () => {
        const terminal = TestTerminal.ready()
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            ${status("IP INITIAL")}
            > AT+CSTT="CMNET"␍
            < ⏎OK⏎
            ${status("IP START")}
            > AT+CIICR␍
            < ⏎OK⏎
            ${status("IP GPRSACT")}
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
            ${status("IP STATUS")}
            # a black hole
            > AT+CIPSTART="TCP","192.0.2.1",80␍
            < ⏎OK⏎
            ${status("TCP CONNECTING")}
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ${status("TCP CLOSED")}
            # [AN] 12: again, without CIPSHUT
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
            ${status("CONNECT OK")}
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ${status("TCP CLOSED")}
            > AT+CGATT=0␍
            < ⏎+PDP: DEACT⏎⏎OK⏎
            ${status("PDP DEACT")}
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            ${status("IP INITIAL")}
        `)
        expect(terminal.transitions).toContain("ip: CONNECT OK -> TCP CLOSING")
    })

    test("figure 2, UDP", () => {
        const terminal = TestTerminal.online()
        terminal.dialogue(`
            > AT+CIPSTART="UDP","192.0.2.1",53␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
            ${status("CONNECT OK")}
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ${status("UDP CLOSED")}
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
        `)
        expect(terminal.transitions.filter(t => t.startsWith("ip"))).toEqual([
            "ip: IP STATUS -> UDP CONNECTING",
            "ip: UDP CONNECTING -> CONNECT OK",
            "ip: CONNECT OK -> UDP CLOSING",
            "ip: UDP CLOSING -> UDP CLOSED",
            "ip: UDP CLOSED -> IP INITIAL",
        ])
    })

    test("figure 2, server", () => {
        const terminal = TestTerminal.online()
        terminal.dialogue(`
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎
            < ⏎SERVER OK⏎
            ${status("SERVER LISTENING")}
            > AT+CGATT=0␍
            < ⏎+PDP: DEACT⏎⏎OK⏎
            ${status("PDP DEACT")}
            > AT+CGATT=1␍
            < ⏎OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎
            < ⏎SERVER OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            ${status("IP INITIAL")}
        `)
        expect(terminal.transitions).toContain(
            "ip: SERVER LISTENING -> PDP DEACT"
        )
    })

    const wayUp: [string, string, string][] = [
        ["IP START", 'AT+CSTT="CMNET"', "⏎OK⏎"],
        ["IP GPRSACT", "AT+CIICR", "⏎OK⏎"],
        ["IP STATUS", "AT+CIFSR", "⏎10.78.245.128⏎"],
    ]

    test.each(wayUp.map(([name], n) => [name, n + 1] as const))(
        "CIPSHUT in %s",
        (name, steps) => {
            for (const multi of [0, 1]) {
                const terminal = TestTerminal.ready()
                terminal.dialogue(`> AT+CIPMUX=${multi}␍\n< ⏎OK⏎`)
                for (const [, line, answer] of wayUp.slice(0, steps))
                    terminal.dialogue(`> ${line}␍\n< ${answer}`)
                expect(terminal.ask("AT+CIPSTATUS␍")).toContain(
                    `STATE: ${name}⏎`
                )
                terminal.dialogue("> AT+CIPSHUT␍\n< ⏎SHUT OK⏎")
                expect(terminal.ask("AT+CIPSTATUS␍")).toContain(
                    "STATE: IP INITIAL⏎"
                )
            }
        }
    )

    test("IP CONFIG while the network is asked", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue('> AT+CSTT="CMNET"␍\n< ⏎OK⏎\n> AT+CIICR␍\n< ⏎OK⏎')
        expect(terminal.transitions).toEqual([
            "ip: IP INITIAL -> IP START",
            "ip: IP START -> IP CONFIG",
            "ip: IP CONFIG -> IP GPRSACT",
        ])
    })

    test("figure 3, several connections", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎0, CONNECT OK⏎
            > AT+CIPSTART=5,"TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎5, CONNECT OK⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPCLOSE=5␍
            < ⏎5, CLOSE OK⏎
        `)
        expect(terminal.transitions.filter(t => t.startsWith("ip"))).toEqual([
            "ip: IP STATUS -> IP PROCESSING",
            "ip: IP PROCESSING -> IP STATUS",
        ])
        terminal.dialogue(`
            > AT+CIPSTART=1,"TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎1, CONNECT OK⏎
            > AT+CGATT=0␍
            < ⏎+PDP: DEACT⏎⏎OK⏎
            > AT+CIPSTATUS=1␍
            < ⏎+CIPSTATUS: 1,0,"TCP","116.228.221.51","8500","CLOSED"⏎⏎OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPSTATUS=1␍
            < ⏎+CIPSTATUS: 1,,"","","","INITIAL"⏎⏎OK⏎
        `)
    })
})

describe("9 closing", () => {
    function connected(): TestTerminal {
        const terminal = TestTerminal.online()
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
        `)
        return terminal
    }

    test("slow closing takes a round trip", () => {
        const terminal = connected()
        const before = terminal.clock.now()
        terminal.dialogue(`
            > AT+CIPCLOSE=0␍
            < ⏎CLOSE OK⏎
        `)
        expect(terminal.clock.now() - before).toBeGreaterThan(20)
        expect(terminal.clock.now() - before).toBeLessThan(40)
    })

    test("quick closing does not", () => {
        const terminal = connected()
        const before = terminal.clock.now()
        terminal.dialogue(`
            > AT+CIPCLOSE=1␍
            < ⏎CLOSE OK⏎
        `)
        expect(terminal.clock.now() - before).toBeLessThan(15)
    })

    test("several connections: the number, then the mode", () => {
        const terminal = TestTerminal.online({ multi: true })
        const server = terminal.network.listen(SERVER, 8500)
        for (const n of [0, 1])
            terminal.dialogue(`
                > AT+CIPSTART=${n},"TCP","116.228.221.51",8500␍
                < ⏎OK⏎
                < ⏎${n}, CONNECT OK⏎
            `)
        terminal.dialogue(`
            > AT+CIPCLOSE=0,0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPCLOSE=1,1␍
            < ⏎1, CLOSE OK⏎
            > AT+CIPCLOSE=1,2␍
            < ⏎ERROR⏎
        `)
        expect(server.peers.map(peer => peer.ended)).toEqual([true, false])
        expect(server.peers[1].closed).toBe(true)
    })

    test("the PDP context stays", () => {
        connected().dialogue(`
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
        `)
    })

    test("CIPSHUT closes everything", () => {
        const terminal = connected()
        terminal.dialogue(`
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP INITIAL⏎
        `)
        expect(terminal.transitions).toContain("ip: CONNECT OK -> IP INITIAL")
    })
})

describe("10 is the connection still there?", () => {
    test("single connection: AT+CIPSTATUS", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
        `)
        server.peer.end()
        terminal.dialogue(`
            < ⏎CLOSED⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎
        `)
    })

    test("several connections: AT+CIPSTATUS=n", () => {
        const terminal = TestTerminal.online({ multi: true })
        const server = terminal.network.listen(SERVER, 8500)
        const status = (state: string): string => `
            > AT+CIPSTATUS=2␍
            < ⏎+CIPSTATUS: 2,0,"TCP","116.228.221.51","8500","${state}"⏎⏎OK⏎
        `
        terminal.dialogue(`
            > AT+CIPSTATUS=2␍
            < ⏎+CIPSTATUS: 2,,"","","","INITIAL"⏎⏎OK⏎
            > AT+CIPSTART=2,"TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎2, CONNECT OK⏎
            ${status("CONNECTED")}
        `)
        server.peer.end()
        terminal.dialogue(`
            < ⏎2, CLOSED⏎
            ${status("CLOSED")}
        `)
    })
})
