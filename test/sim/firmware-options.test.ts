/** Facts 11: the other reading of everything that is open. */
import { expect, test } from "vitest"
import type { FirmwareOptions } from "../../sim/modem/options"
import { Bench } from "./bench"

const SERVER = "192.0.2.80"

function online(firmware: Partial<FirmwareOptions>, multi = false): Bench {
    const bench = Bench.online({ firmware, multi })
    bench.network.listen(SERVER, 80, peer => {
        peer.onData = bytes => peer.send(bytes)
    })
    bench.network.refuse(SERVER, 81)
    return bench
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
    const bench = online({ rxgetBlank: false })
    bench.ask("AT+CIPRXGET=1␍")
    bench.ask(start)
    bench.dialogue(`
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
        const bench = online({ receivedFrom })
        bench.ask("AT+CIPSRIP=1␍")
        bench.ask(start)
        bench.dialogue(`
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
    const bench = online({ ackBlanks: true })
    bench.ask(start)
    bench.dialogue("> AT+CIPACK␍\n< ⏎+CIPACK: 0, 0, 0⏎⏎OK⏎")
})

test("ccidPrefix, revisionBlank", () => {
    online({ ccidPrefix: true, revisionBlank: true }).dialogue(`
        > AT+CCID␍
        < ⏎+CCID: 898600810906F8048812⏎⏎OK⏎
        > AT+GMR␍
        < ⏎Revision: 1418B03SIM868M32_BT⏎⏎OK⏎
    `)
})

test("receiveColon, receiveTrailer", () => {
    const bench = online({ receiveColon: false, receiveTrailer: true }, true)
    bench.ask(startFirst)
    bench.dialogue(`
        > AT+CIPSEND=0,1␍
        < ⏎> |
        > x
        < ⏎0, SEND OK⏎⏎+RECEIVE,0,1⏎x⏎
    `)
})

test("receiveHeader: with AT+CIPHEAD=1 only", () => {
    const bench = online({ receiveHeader: "ciphead" }, true)
    bench.ask(startFirst)
    bench.dialogue(`
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
    const bench = online({ rxgetNumbers: "requested-confirmed" })
    bench.ask("AT+CIPRXGET=1␍")
    bench.ask(start)
    bench.ask("AT+CIPSEND=5␍")
    bench.ask("hello")
    bench.dialogue("> AT+CIPRXGET=2,3␍\n< ⏎+CIPRXGET: 2,3,3⏎hel⏎OK⏎")
    bench.dialogue("> AT+CIPRXGET=2,100␍\n< ⏎+CIPRXGET: 2,100,2⏎lo⏎OK⏎")
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
    const bench = online({ alreadyConnect: "after-error" })
    bench.ask(start)
    bench.dialogue(`> ${start}\n< ⏎ERROR⏎⏎ALREADY CONNECT⏎`)
})

test("escapeResult: nothing", () => {
    const bench = online({ escapeResult: "nothing" })
    bench.ask(start)
    bench.dialogue(`
        > AT+CIPSEND␍
        < ⏎> |
        > abc␛
        > AT␍
        < ⏎OK⏎
    `)
})

test("shutReportsClosed", () => {
    const bench = online({ shutReportsClosed: true }, true)
    bench.ask(startFirst)
    bench.dialogue("> AT+CIPSHUT␍\n< ⏎0, CLOSED⏎⏎SHUT OK⏎")
})

test("refusalReportsDeact", () => {
    const bench = Bench.ready({
        firmware: { refusalReportsDeact: false },
        operator: { acceptsContext: () => false },
    })
    bench.dialogue(`
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
    const bench = Bench.online({
        firmware: { dnsTimeoutMs: 500 },
        radio: "gprs",
    })
    bench.dialogue(`
        > AT+CDNSGIP="x"␍
        < ⏎OK⏎⏎+CDNSGIP: 0,3⏎
    `)
})

test("attachTimeoutMs, connectTimeoutMs", () => {
    const bench = Bench.ready({
        firmware: { attachTimeoutMs: 10_000 },
        operator: { gprs: "ignore" },
    })
    const before = bench.clock.now()
    bench.dialogue("> AT+CGATT=1␍\n< ⏎ERROR⏎")
    expect(bench.clock.now() - before).toBeLessThan(10_100)
    const quick = online({ connectTimeoutMs: 500 })
    quick.dialogue(`
        > AT+CIPSTART="TCP","192.0.2.99",80␍
        < ⏎OK⏎⏎STATE: TCP CLOSED⏎⏎CONNECT FAIL⏎
    `)
    expect(quick.clock.now()).toBeLessThan(62_000)
})
