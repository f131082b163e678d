/** AT+CIPSGTXT: two PDP contexts, [AN] 4, [ATM] 8.2.29, beyond the example of the note. */
import { expect, test } from "vitest"
import type { MemoryServer } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"

/** Both contexts up, connection 0 in the first and 1 in the second, which is selected. */
function both(options: ModemOptions = {}): {
    terminal: TestTerminal
    server: MemoryServer
} {
    const terminal = TestTerminal.online({ multi: true, ...options })
    const server = terminal.network.listen(SERVER, 80)
    terminal.dialogue(`
        > AT+CIPSTART=0,"TCP","${SERVER}",80␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CSTT="CMWAP"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.204.70.11⏎
        > AT+CIPSTART=1,"TCP","${SERVER}",80␍
        < ⏎OK⏎⏎1, CONNECT OK⏎
    `)
    terminal.transitions.length = 0
    return { terminal, server }
}

const state = (name: string): RegExp => new RegExp(`STATE: ${name}⏎`)

test("the form", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CIPSGTXT=?␍
        < ⏎+CIPSGTXT: (0,1)⏎⏎OK⏎
        > AT+CIPSGTXT=0␍
        < ⏎ERROR⏎
        > AT+CIPMUX=1␍
        < ⏎OK⏎
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CIPSGTXT=2␍
        < ⏎ERROR⏎
        > AT+CIPSGTXT?␍
        < ⏎ERROR⏎
        > AT+CIPSGTXT␍
        < ⏎ERROR⏎
    `)
})

test("each has its access point, its state and its address", () => {
    const { terminal } = both()
    terminal.dialogue(`
        > AT+CSTT?␍
        < ⏎+CSTT: "CMWAP","",""⏎⏎OK⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        > AT+CSTT?␍
        < ⏎+CSTT: "CMNET","",""⏎⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.78.245.128⏎
        > AT+CIPSHUT␍
        < ⏎SHUT OK⏎
    `)
    expect(terminal.ask("AT+CIPSTATUS␍")).toMatch(state("IP INITIAL"))
    terminal.dialogue("> AT+CIPSGTXT=1␍\n< ⏎OK⏎")
    expect(terminal.ask("AT+CIPSTATUS␍")).toMatch(state("IP PROCESSING"))
    expect(terminal.transitions).toContain("ip: IP PROCESSING -> IP INITIAL")
})

test("the server sees from which one a connection comes", () => {
    const { server } = both()
    expect(server.peers.map(peer => peer.module.address)).toEqual([
        "10.78.245.128",
        "10.204.70.11",
    ])
})

test("shutting one leaves the connections of the other alone", () => {
    const { terminal, server } = both()
    terminal.dialogue("> AT+CIPSHUT␍\n< ⏎SHUT OK⏎")
    expect(server.peers.map(peer => peer.closed)).toEqual([false, true])
    terminal.dialogue(`
        > AT+CIPSTATUS=0␍
        < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","CONNECTED"⏎⏎OK⏎
        > AT+CIPSTATUS=1␍
        < ⏎+CIPSTATUS: 1,,"","","","INITIAL"⏎⏎OK⏎
        > AT+CIPSEND=0,2␍
        < ⏎> |
        > hi
        < ⏎0, SEND OK⏎
        > AT+CIPSTART=2,"TCP","${SERVER}",80␍
        < ⏎ERROR⏎
        > AT+CIPMUX=0␍
        < ⏎ERROR⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        > AT+CIPSTART=2,"TCP","${SERVER}",80␍
        < ⏎OK⏎⏎2, CONNECT OK⏎
    `)
})

test("losing one leaves the other alone", () => {
    const { terminal, server } = both()
    terminal.modem.inject("pdp-deact", 1)
    terminal.dialogue("< ⏎+PDP: DEACT⏎")
    expect(server.peers.map(peer => peer.closed)).toEqual([false, true])
    expect(terminal.ask("AT+CIPSTATUS␍")).toMatch(state("PDP DEACT"))
    server.peers[0].send("alive")
    terminal.dialogue("< ⏎+RECEIVE,0,5:⏎alive")
    terminal.modem.inject("pdp-deact", 0)
    terminal.dialogue("< ⏎+PDP: DEACT⏎")
    expect(server.peers[0].closed).toBe(true)
})

test("data is taken for a connection although the other context is lost", () => {
    const { terminal, server } = both()
    terminal.dialogue("> AT+CIPSEND=0,4␍\n< ⏎> |\n> ab")
    terminal.modem.inject("pdp-deact", 1)
    terminal.dialogue(`
        < ⏎+PDP: DEACT⏎
        > cd
        < ⏎0, SEND OK⏎
    `)
    expect(server.peers[0].text).toBe("abcd")
})

test("AT+CGATT=0 takes both, each says so", () => {
    const { terminal } = both()
    terminal.dialogue("> AT+CGATT=0␍\n< ⏎+PDP: DEACT⏎⏎+PDP: DEACT⏎⏎OK⏎")
    expect(terminal.transitions).toEqual([
        "link 0: CONNECTED -> CLOSED",
        "ip: IP PROCESSING -> PDP DEACT",
        "link 1: CONNECTED -> CLOSED",
        "ip 1: IP PROCESSING -> PDP DEACT",
        "gprs: attached -> detached",
    ])
})

test("AT+CIPDPDP watches both", () => {
    const { terminal } = both()
    terminal.modem.setRegistration(2)
    terminal.dialogue("< ⏎+PDP: DEACT⏎⏎+PDP: DEACT⏎")
})

test("the last connection of one, closed while the other is selected", () => {
    const { terminal } = both()
    terminal.dialogue("> AT+CIPCLOSE=0␍\n< ⏎0, CLOSE OK⏎")
    expect(terminal.transitions).toEqual([
        "link 0: CONNECTED -> CLOSING",
        "link 0: CLOSING -> CLOSED",
        "ip: IP PROCESSING -> IP STATUS",
    ])
})

test("a connection that is made while the other one is selected belongs to its own", () => {
    const { terminal } = both({ radio: "gprs" })
    terminal.dialogue(`
        > AT+CIPSTART=2,"TCP","${SERVER}",80␍
        < ⏎OK⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        < ⏎2, CONNECT OK⏎
        > AT+CIPSTATUS=2␍
        < ⏎+CIPSTATUS: 2,1,"TCP","${SERVER}","80","CONNECTED"⏎⏎OK⏎
    `)
})

test("a server listens in one of them, and its peers are there", () => {
    const terminal = TestTerminal.online({ multi: true })
    terminal.dialogue(`
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CSTT␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.204.70.11⏎
        > AT+CIPSERVER=1,8888␍
        < ⏎OK⏎⏎SERVER OK⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        # there is one server in all
        > AT+CIPSERVER=1,9999␍
        < ⏎ERROR⏎
        > AT+CIPSERVER?␍
        < ⏎+CIPSERVER: 1,8888,0,1⏎⏎OK⏎
    `)
    const from = { address: "10.78.103.220", port: 2020 }
    const wrong = terminal.network.dial(
        { address: "10.78.245.128", port: 8888 },
        from
    )
    const peer = terminal.network.dial(
        { address: "10.204.70.11", port: 8888 },
        from
    )
    terminal.dialogue(`
        < ⏎0, REMOTE IP: 10.78.103.220⏎
        > AT+CIPSTATUS=0␍
        < ⏎+CIPSTATUS: 0,1,"TCP","10.78.103.220","2020","CONNECTED"⏎⏎OK⏎
    `)
    expect(wrong.refused).toBe(true)
    terminal.dialogue("> AT+CIPSHUT␍\n< ⏎SHUT OK⏎")
    expect(peer.closed).toBe(false)
    expect(terminal.ask("AT+CIPSTATUS␍")).toContain(
        'STATE: IP INITIAL⏎⏎S: 0,1,"8888","LISTENING"⏎'
    )
    terminal.dialogue(`
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CIPSHUT␍
        < ⏎SHUT OK⏎
        > AT+CIPSERVER?␍
        < ⏎+CIPSERVER: 0⏎⏎OK⏎
    `)
    expect(peer.closed).toBe(true)
})

test("AT+CIPMUX selects the first again", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > AT+CIPMUX=1␍
        < ⏎OK⏎
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CIPMUX=0␍
        < ⏎OK⏎
        > AT+CSTT="one"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.78.245.128⏎
    `)
})

test("the network accepts one access point and refuses the other", () => {
    const terminal = TestTerminal.online({
        multi: true,
        operator: { acceptsContext: apn => apn === "CMNET" },
    })
    terminal.dialogue(`
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CSTT="CMWAP"␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎+PDP: DEACT⏎⏎ERROR⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.78.245.128⏎
    `)
})

test("AT+CIPSCONT stores both access points", () => {
    const { terminal } = both()
    terminal.dialogue("> AT+CIPSCONT␍\n< ⏎OK⏎")
    terminal.modem.powerOff()
    terminal.modem.powerOn()
    terminal.listen(10_000)
    expect(terminal.ask("ATE0;+CSTT?␍")).toContain('+CSTT: "CMNET","",""')
    terminal.dialogue(`
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CSTT?␍
        < ⏎+CSTT: "CMWAP","",""⏎⏎OK⏎
    `)
})
