/** [ATM12] 4: messages that are written, sent from a memory, listed in full, and deleted by kind. */
import { describe, expect, test } from "vitest"
import type { ModemOptions } from "../../sim/modem/options"
import type { SentMessage } from "../../sim/modem/submission"
import { TestTerminal } from "./terminal"

const CENTRE = "+8613800100500"
const AT = Date.UTC(2018, 0, 22, 16, 7, 20)
const TIME = '"18/01/22,19:07:20+12"'

function ready(options: ModemOptions = {}): {
    terminal: TestTerminal
    sent: SentMessage[]
} {
    const terminal = TestTerminal.ready({
        operator: { timeZone: 12 },
        ...options,
    })
    const sent: SentMessage[] = []
    terminal.modem.onMessage = message => sent.push(message)
    terminal.dialogue("> AT+CMGF=1␍\n< ⏎OK⏎")
    return { terminal, sent }
}

describe("AT+CMGW and AT+CMSS", () => {
    test("written, read, sent, and then it is STO SENT", () => {
        const { terminal, sent } = ready()
        terminal.dialogue(`
            > AT+CMGW=?␍
            < ⏎OK⏎
            > AT+CMSS=?␍
            < ⏎OK⏎
            > AT+CMGW="+4915112345678"␍
            < ⏎> |
            > kept for later␚
            < ⏎+CMGW: 1⏎⏎OK⏎
            > AT+CMGR=1␍
            < ⏎+CMGR: "STO UNSENT","+4915112345678",""⏎kept for later⏎⏎OK⏎
            > AT+CMGL="STO UNSENT"␍
            < ⏎+CMGL: 1,"STO UNSENT","+4915112345678",""⏎kept for later⏎⏎OK⏎
            > AT+CMSS=1␍
            < ⏎+CMSS: 1⏎⏎OK⏎
            > AT+CMGL="STO UNSENT"␍
            < ⏎OK⏎
            > AT+CMGL="STO SENT"␍
            < ⏎+CMGL: 1,"STO SENT","+4915112345678",""⏎kept for later⏎⏎OK⏎
            > AT+CMSS=1,"10086",129␍
            < ⏎+CMSS: 2⏎⏎OK⏎
        `)
        expect(sent).toMatchObject([
            { to: "+4915112345678", text: "kept for later", centre: CENTRE },
            { to: "10086", text: "kept for later", reference: 2 },
        ])
    })

    test("without a number, which AT+CMSS gives", () => {
        const { terminal, sent } = ready()
        terminal.dialogue(`
            > AT+CMGW␍
            < ⏎> |
            > to whom it concerns␚
            < ⏎+CMGW: 1⏎⏎OK⏎
            > AT+CMSS=1␍
            < ⏎+CMS ERROR: 305⏎
            > AT+CMSS=1,"+123"␍
            < ⏎+CMSS: 1⏎⏎OK⏎
        `)
        expect(sent).toMatchObject([{ to: "+123" }])
    })

    test("a state of its own, into the memory that AT+CPMS names", () => {
        const { terminal } = ready({ sim: { messageCapacity: 2 } })
        terminal.dialogue(`
            > AT+CPMS="MT","ME","SM"␍
            < ⏎+CPMS: 0,52,0,50,0,2⏎⏎OK⏎
            > AT+CMGW="+123",145,"STO SENT"␍
            < ⏎> |
            > one␚
            < ⏎+CMGW: 1⏎⏎OK⏎
            > AT+CMGR=3␍
            < ⏎+CMGR: "STO SENT","+123",""⏎one⏎⏎OK⏎
            > AT+CPMS="MT","MT","SM"␍
            < ⏎+CPMS: 1,52,1,52,0,2⏎⏎OK⏎
            > AT+CMSS=3␍
            < ⏎+CMSS: 1⏎⏎OK⏎
            > AT+CMGW="+123",145,"REC READ"␍
            < ⏎ERROR⏎
        `)
    })

    test("a PDU, of either direction, as it is", () => {
        const { terminal, sent } = ready()
        const submit = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"
        const deliver =
            "07919471016700F0040B916407281553F80000811022917002210AE8329BFD4697D9EC37"
        terminal.dialogue(`
            > AT+CMGF=0␍
            < ⏎OK⏎
            > AT+CMGW=23␍
            < ⏎> |
            > ${submit}␚
            < ⏎+CMGW: 1⏎⏎OK⏎
            > AT+CMGW=28␍
            < ⏎> |
            > ${deliver}␚
            < ⏎+CMGW: 2⏎⏎OK⏎
            > AT+CMGW=28,0␍
            < ⏎> |
            > ${deliver}␚
            < ⏎+CMGW: 3⏎⏎OK⏎
            > AT+CMGL=4␍
            < ⏎+CMGL: 1,2,"",23⏎${submit}⏎
            < ⏎+CMGL: 2,1,"",28⏎${deliver}⏎
            < ⏎+CMGL: 3,0,"",28⏎${deliver}⏎⏎OK⏎
            > AT+CMSS=1␍
            < ⏎+CMSS: 1⏎⏎OK⏎
            > AT+CMSS=2␍
            < ⏎+CMS ERROR: 302⏎
            > AT+CMSS=4␍
            < ⏎+CMS ERROR: 321⏎
            > AT+CMGF=1␍
            < ⏎OK⏎
            > AT+CMGR=2␍
            < ⏎+CMGR: "REC READ","+46708251358","",${TIME}⏎hellohello⏎⏎OK⏎
            > AT+CMGW␍
            < ⏎> |
            > hi␚
            < ⏎+CMGW: 4⏎⏎OK⏎
        `)
        expect(sent).toMatchObject([
            { to: "+46708251358", text: "hellohello", centre: CENTRE },
        ])
    })

    test("what cannot be", () => {
        const { terminal } = ready({ sim: { messageCapacity: 1 } })
        terminal.dialogue(`
            > AT+CMGW="nobody"␍
            < ⏎+CMS ERROR: 305⏎
            > AT+CMGW="+123"␍
            < ⏎> |
        `)
        terminal.modem.dte.write(Buffer.from("no\x1b"))
        terminal.dialogue(`
            < ⏎OK⏎
            > AT+CMGW="+123"␍
            < ⏎> |
            > ${"x".repeat(161)}␚
            < ⏎+CMS ERROR: 305⏎
            > AT+CMGW="+123"␍
            < ⏎> |
            > one␚
            < ⏎+CMGW: 1⏎⏎OK⏎
            > AT+CMGW="+123"␍
            < ⏎> |
            > two␚
            < ⏎+CMS ERROR: 322⏎
            > AT+CMGF=0;+CMGW␍
            < ⏎+CMS ERROR: 304⏎
        `)
    })
})

test("AT+CMGDA deletes by kind, in words or numbers", () => {
    const { terminal } = ready()
    const fill = (): void => {
        for (const text of ["one", "two"]) {
            terminal.modem.receiveMessage({ from: "+1", text, at: AT })
            terminal.listen(100)
        }
        terminal.ask("AT+CMGR=1␍")
        terminal.dialogue(`
            > AT+CMGW="+123"␍
            < ⏎> |
            > three␚
            < ⏎+CMGW: 3⏎⏎OK⏎
            > AT+CMGW="+123",,"STO SENT"␍
            < ⏎> |
            > four␚
            < ⏎+CMGW: 4⏎⏎OK⏎
        `)
    }
    const left = (): string =>
        /\((.*?)\)/.exec(terminal.ask("AT+CMGD=?␍"))?.[1] ?? ""
    terminal.dialogue(`
        > AT+CMGDA=?␍
        < ⏎+CMGDA: ("DEL READ","DEL UNREAD","DEL SENT","DEL UNSENT","DEL INBOX","DEL ALL")⏎⏎OK⏎
        > AT+CMGDA=6␍
        < ⏎ERROR⏎
    `)
    const words = {
        "DEL READ": "2,3,4",
        "DEL UNREAD": "1,3,4",
        "DEL SENT": "1,2,3",
        "DEL UNSENT": "1,2,4",
        "DEL INBOX": "3,4",
        "DEL ALL": "",
    }
    Object.entries(words).forEach(([word, rest], i) => {
        fill()
        terminal.dialogue(`> AT+CMGDA="${word}"␍\n< ⏎OK⏎`)
        expect(left()).toBe(rest)
        terminal.dialogue('> AT+CMGDA="DEL ALL"␍\n< ⏎OK⏎')
        fill()
        terminal.dialogue(`> AT+CMGF=0;+CMGDA=${i + 1};+CMGF=1␍\n< ⏎OK⏎`)
        expect(left()).toBe(rest)
        terminal.dialogue("> AT+CMGD=,4␍\n< ⏎OK⏎")
    })
    terminal.dialogue("> AT+CMGF=0;+CMGDA=?␍\n< ⏎+CMGDA: (1-6)⏎⏎OK⏎")
})

test("AT+CSDH=1 shows every field", () => {
    const { terminal } = ready()
    terminal.modem.receiveMessage({ from: "+123", text: "hello", at: AT })
    terminal.dialogue(`
        < ⏎+CMTI: "SM",1⏎
        > AT+CSDH=?␍
        < ⏎+CSDH: (0,1)⏎⏎OK⏎
        > AT+CSDH?␍
        < ⏎+CSDH: 0⏎⏎OK⏎
        > AT+CSDH=1␍
        < ⏎OK⏎
        > AT+CMGR=1␍
        < ⏎+CMGR: "REC UNREAD","+123","",${TIME},145,4,0,0,"${CENTRE}",145,5⏎hello⏎⏎OK⏎
        > AT+CMGL="ALL"␍
        < ⏎+CMGL: 1,"REC READ","+123","",${TIME},145,5⏎hello⏎⏎OK⏎
        > AT+CMGW="10086"␍
        < ⏎> |
        > hi␚
        < ⏎+CMGW: 2⏎⏎OK⏎
        > AT+CMGR=2␍
        < ⏎+CMGR: "STO UNSENT","10086","",129,17,0,0,167,"${CENTRE}",145,2⏎hi⏎⏎OK⏎
        > AT+CMGL="STO UNSENT"␍
        < ⏎+CMGL: 2,"STO UNSENT","10086","",,129,2⏎hi⏎⏎OK⏎
        > AT+CNMI=2,2␍
        < ⏎OK⏎
    `)
    terminal.modem.receiveMessage({ from: "INFO", text: "пр", at: AT })
    terminal.dialogue(`
        < ⏎+CMT: "INFO","",${TIME},208,4,0,8,"${CENTRE}",145,2⏎043F0440⏎
        > AT+CSDH=␍
        < ⏎OK⏎
        > AT+CSDH?␍
        < ⏎+CSDH: 0⏎⏎OK⏎
    `)
})

describe("the service centre", () => {
    test("of the card, in received PDUs, and changed for good", () => {
        const { terminal, sent } = ready()
        terminal.dialogue(`
            > AT+CSCA=?␍
            < ⏎OK⏎
            > AT+CSCA?␍
            < ⏎+CSCA: "${CENTRE}",145⏎⏎OK⏎
            > AT+CSCA="+491710760000"␍
            < ⏎OK⏎
            > AT+CSCS="UCS2";+CSCA?;+CSCS="IRA"␍
            < ⏎+CSCA: "002B003400390031003700310030003700360030003000300030",145⏎⏎OK⏎
            > AT+CMGS="+123"␍
            < ⏎> |
            > hi␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            > AT+CSCA="nowhere"␍
            < ⏎+CMS ERROR: 305⏎
        `)
        expect(sent).toMatchObject([{ centre: "+491710760000" }])
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue(`
            > AT+CSCA?␍
            < ⏎+CSCA: "+491710760000",145⏎⏎OK⏎
        `)
    })

    test("none on the card: it has to be given", () => {
        const { terminal, sent } = ready({ sim: { serviceCentre: "" } })
        const pdu = "11000B916407281553F80000AA0AE8329BFD4697D9EC37"
        terminal.dialogue(`
            > AT+CSCA?␍
            < ⏎+CSCA: "",129⏎⏎OK⏎
            > AT+CMGS="+123"␍
            < ⏎> |
            > hi␚
            < ⏎+CMS ERROR: 330⏎
            > AT+CMGF=0;+CMGS=23␍
            < ⏎> |
            > 00${pdu}␚
            < ⏎+CMS ERROR: 330⏎
            > AT+CMGS=23␍
            < ⏎> |
            > 07919471016700F0${pdu}␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `)
        expect(sent).toMatchObject([{ centre: "+49171076000" }])
    })
})

test("AT+CSAS, AT+CRES, and what AT+CSMP keeps by itself", () => {
    const { terminal } = ready()
    terminal.dialogue(`
        > AT+CSAS=?␍
        < ⏎+CSAS: (0-3)⏎⏎OK⏎
        > AT+CRES=?␍
        < ⏎+CRES: (0-3)⏎⏎OK⏎
        > AT+CSMP=49,71,1,8␍
        < ⏎OK⏎
        > AT+CSAS=2␍
        < ⏎OK⏎
        > AT+CSMP=17,167,0,0;+CSCA="+1"␍
        < ⏎OK⏎
        > AT+CSAS␍
        < ⏎OK⏎
        > AT+CRES=2;+CSMP?;+CSCA?␍
        < ⏎+CSMP: 49,71,1,8⏎⏎+CSCA: "${CENTRE}",145⏎⏎OK⏎
        > AT+CRES;+CSMP?␍
        < ⏎+CSMP: 17,167,0,0⏎⏎OK⏎
        > AT+CRES=1;+CSMP?␍
        < ⏎+CSMP: 17,167,0,0⏎⏎OK⏎
        > AT+CSAS=4␍
        < ⏎ERROR⏎
        > AT+CSMP=49,71,1,8␍
        < ⏎OK⏎
    `)
    terminal.modem.reset()
    terminal.listen(60_000)
    terminal.dialogue(`
        > AT+CSMP?␍
        < ⏎+CSMP: 49,167,0,0⏎⏎OK⏎
    `)
})

test("AT+CSMP: a validity period that is a time", () => {
    const { terminal } = ready()
    terminal.dialogue(`
        > AT+CSMP=25,"18/01/23,00:00:00+12",0,0␍
        < ⏎OK⏎
        > AT+CSMP?␍
        < ⏎+CSMP: 25,"18/01/23,00:00:00+12",0,0⏎⏎OK⏎
        > AT+CMGW="+123"␍
        < ⏎> |
        > hi␚
        < ⏎+CMGW: 1⏎⏎OK⏎
        > AT+CSDH=1;+CMGR=1␍
        < ⏎+CMGR: "STO UNSENT","+123","",145,25,0,0,"18/01/23,00:00:00+12","${CENTRE}",145,2⏎hi⏎⏎OK⏎
        > AT+CSMP=25,167␍
        < ⏎OK⏎
        > AT+CMGS="+123"␍
        < ⏎> |
        > hi␚
        < ⏎+CMS ERROR: 305⏎
    `)
})

test("AT+CSMS", () => {
    ready().terminal.dialogue(`
        > AT+CSMS=?␍
        < ⏎+CSMS: (0,1)⏎⏎OK⏎
        > AT+CSMS?␍
        < ⏎+CSMS: 0,1,1,1⏎⏎OK⏎
        > AT+CSMS=1␍
        < ⏎+CSMS: 1,1,1⏎⏎OK⏎
        > AT+CSMS?␍
        < ⏎+CSMS: 1,1,1,1⏎⏎OK⏎
    `)
})
