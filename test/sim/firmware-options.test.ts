/** Facts 11: the other reading of everything that is open. */
import { expect, test } from "vitest"
import type { FirmwareOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"

function online(
    firmware: Partial<FirmwareOptions>,
    multi = false
): TestTerminal {
    const terminal = TestTerminal.online({ firmware, multi })
    terminal.network.listen(SERVER, 80, peer => {
        peer.onData = bytes => peer.send(bytes)
    })
    terminal.network.refuse(SERVER, 81)
    return terminal
}

const start = `AT+CIPSTART="TCP","${SERVER}",80␍`
const startFirst = `AT+CIPSTART=0,"TCP","${SERVER}",80␍`

test("indexBlank: no blank in n,WORDS", () => {
    online({ indexBlank: false }, true).dialogue(`
        > ${startFirst}
        < ⏎OK⏎⏎0,CONNECT OK⏎
        > AT+CIPSEND=0,1␍
        < ⏎> |
        > x
        < ⏎0,SEND OK⏎⏎+RECEIVE,0,1:⏎x
        > AT+CIPCLOSE=0␍
        < ⏎0,CLOSE OK⏎
    `)
})

test("rxgetBlank: no blank after +CIPRXGET:", () => {
    const terminal = online({ rxgetBlank: false })
    terminal.ask("AT+CIPRXGET=1␍")
    terminal.ask(start)
    terminal.dialogue(`
        > AT+CIPSEND=1␍
        < ⏎> |
        > x
        < ⏎SEND OK⏎⏎+CIPRXGET:1⏎
        > AT+CIPRXGET=4␍
        < ⏎+CIPRXGET:4,1⏎⏎OK⏎
        > AT+CIPRXGET=2,1␍
        < ⏎+CIPRXGET:2,1,0⏎x⏎OK⏎
    `)
})

test.each(["RECV FROM:", "RECV FROM: ", "+RECV FROM:"] as const)(
    "receivedFrom: %s",
    receivedFrom => {
        const terminal = online({ receivedFrom })
        terminal.ask("AT+CIPSRIP=1␍")
        terminal.ask(start)
        terminal.dialogue(`
            > AT+CIPSEND=1␍
            < ⏎> |
            > x
            < ⏎SEND OK⏎⏎${receivedFrom}${SERVER}:80⏎x
        `)
    }
)

test("dnsFailureBlank", () => {
    online({ dnsFailureBlank: false }).dialogue(`
        > AT+CDNSGIP="x"␍
        < ⏎OK⏎⏎+CDNSGIP:0,8⏎
    `)
})

test("ackBlanks", () => {
    const terminal = online({ ackBlanks: true })
    terminal.ask(start)
    terminal.dialogue("> AT+CIPACK␍\n< ⏎+CIPACK: 0, 0, 0⏎⏎OK⏎")
})

test("ccidPrefix, revisionBlank", () => {
    online({ ccidPrefix: true, revisionBlank: true }).dialogue(`
        > AT+CCID␍
        < ⏎+CCID: 898600810906F8048812⏎⏎OK⏎
        > AT+GMR␍
        < ⏎Revision: 1418B05SIM800L24⏎⏎OK⏎
    `)
})

test("receiveColon, receiveTrailer", () => {
    const terminal = online({ receiveColon: false, receiveTrailer: true }, true)
    terminal.ask(startFirst)
    terminal.dialogue(`
        > AT+CIPSEND=0,1␍
        < ⏎> |
        > x
        < ⏎0, SEND OK⏎⏎+RECEIVE,0,1⏎x⏎
    `)
})

test("receiveHeader: with AT+CIPHEAD=1 only", () => {
    const terminal = online({ receiveHeader: "ciphead" }, true)
    terminal.ask(startFirst)
    terminal.dialogue(`
        > AT+CIPSEND=0,1␍
        < ⏎> |
        > x
        < ⏎0, SEND OK⏎x
        > AT+CIPHEAD=1␍
        < ⏎OK⏎
        > AT+CIPSEND=0,1␍
        < ⏎> |
        > x
        < ⏎0, SEND OK⏎⏎+RECEIVE,0,1:⏎x
    `)
})

test("rxgetNumbers: requested and confirmed", () => {
    const terminal = online({ rxgetNumbers: "requested-confirmed" })
    terminal.ask("AT+CIPRXGET=1␍")
    terminal.ask(start)
    terminal.ask("AT+CIPSEND=5␍")
    terminal.ask("hello")
    terminal.dialogue("> AT+CIPRXGET=2,3␍\n< ⏎+CIPRXGET: 2,3,3⏎hel⏎OK⏎")
    terminal.dialogue("> AT+CIPRXGET=2,100␍\n< ⏎+CIPRXGET: 2,100,2⏎lo⏎OK⏎")
})

test("statusBlankLine", () => {
    online({ statusBlankLine: "both" }).dialogue(`
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP STATUS⏎⏎
    `)
    const none = online({ statusBlankLine: "none" }, true)
    expect(none.ask("AT+CIPSTATUS␍")).toMatch(
        /^⏎OK⏎⏎STATE: IP STATUS⏎C: 0,,"","","","INITIAL"⏎C: 1/
    )
})

test("alreadyConnect: after ERROR", () => {
    const terminal = online({ alreadyConnect: "after-error" })
    terminal.ask(start)
    terminal.dialogue(`> ${start}\n< ⏎ERROR⏎⏎ALREADY CONNECT⏎`)
})

test("escapeResult: nothing", () => {
    const terminal = online({ escapeResult: "nothing" })
    terminal.ask(start)
    terminal.dialogue(`
        > AT+CIPSEND␍
        < ⏎> |
        > abc␛
        > AT␍
        < ⏎OK⏎
    `)
})

test("shutReportsClosed", () => {
    const terminal = online({ shutReportsClosed: true }, true)
    terminal.ask(startFirst)
    terminal.dialogue("> AT+CIPSHUT␍\n< ⏎0, CLOSED⏎⏎SHUT OK⏎")
})

test("refusalReportsDeact", () => {
    const terminal = TestTerminal.ready({
        firmware: { refusalReportsDeact: false },
        operator: { acceptsContext: () => false },
    })
    terminal.dialogue(`
        > AT+CSTT␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎ERROR⏎
    `)
})

test("powerDownText", () => {
    online({ powerDownText: "NORMAL POWER OFF" }).dialogue(`
        > AT+CPOWD=1␍
        < ⏎NORMAL POWER OFF⏎
    `)
})

test("factoryErrorReports, factoryFlowControl", () => {
    online({ factoryErrorReports: 1, factoryFlowControl: [2, 2] }).dialogue(`
        > AT+NONSENSE␍
        < ⏎+CME ERROR: 100⏎
        > AT+IFC?␍
        < ⏎+IFC: 2,2⏎⏎OK⏎
    `)
})

test("dnsTimeoutMs", () => {
    const terminal = TestTerminal.online({
        firmware: { dnsTimeoutMs: 500 },
        radio: "gprs",
    })
    terminal.dialogue(`
        > AT+CDNSGIP="x"␍
        < ⏎OK⏎⏎+CDNSGIP: 0,3⏎
    `)
})

test("attachTimeoutMs, connectTimeoutMs", () => {
    const terminal = TestTerminal.ready({
        firmware: { attachTimeoutMs: 10_000 },
        operator: { gprs: "ignore" },
    })
    const before = terminal.clock.now()
    terminal.dialogue("> AT+CGATT=1␍\n< ⏎ERROR⏎")
    expect(terminal.clock.now() - before).toBeLessThan(10_100)
    const quick = online({ connectTimeoutMs: 500 })
    quick.dialogue(`
        > AT+CIPSTART="TCP","192.0.2.99",80␍
        < ⏎OK⏎⏎STATE: TCP CLOSED⏎⏎CONNECT FAIL⏎
    `)
    expect(quick.clock.now()).toBeLessThan(62_000)
})
