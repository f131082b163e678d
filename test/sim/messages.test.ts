/** [ATM] 4, [AN] 2.2.5: short messages to the module. */
import { describe, expect, test } from "vitest"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "116.228.221.51"
/** 19:07:20 where twelve quarters of an hour are added. */
const AT = Date.UTC(2018, 0, 22, 16, 7, 20)
const TIME = '"18/01/22,19:07:20+12"'

function ready(options: ModemOptions = {}): TestTerminal {
    const terminal = TestTerminal.ready({
        operator: { timeZone: 12 },
        ...options,
    })
    terminal.dialogue("> AT+CMGF=1␍\n< ⏎OK⏎")
    return terminal
}

function send(terminal: TestTerminal, text: string, from = "+123"): void {
    terminal.modem.receiveMessage({ from, text, at: AT })
}

/** …and waits until it is there. */
function arrive(terminal: TestTerminal, text: string, from = "+123"): string {
    send(terminal, text, from)
    return terminal.listen(200)
}

describe("a message", () => {
    test("is stored, told, read, and deleted", () => {
        const terminal = ready()
        send(terminal, "hello")
        terminal.dialogue(`
            < ⏎+CMTI: "SM",1⏎
            ~ 200
            ! ri low 120 ms
            > AT+CMGR=1␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME}⏎hello⏎⏎OK⏎
            > AT+CMGR=1␍
            < ⏎+CMGR: "REC READ","+123","",${TIME}⏎hello⏎⏎OK⏎
            > AT+CMGD=1␍
            < ⏎OK⏎
            > AT+CMGR=1␍
            < ⏎OK⏎
        `)
    })

    test("mode 1 of CMGR and CMGL leaves it unread", () => {
        const terminal = ready()
        arrive(terminal, "hello")
        terminal.dialogue(`
            > AT+CMGR=1,1␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME}⏎hello⏎⏎OK⏎
            > AT+CMGL="ALL",1␍
            < ⏎+CMGL: 1,"REC UNREAD","+123","",${TIME}⏎hello⏎⏎OK⏎
            > AT+CMGL␍
            < ⏎+CMGL: 1,"REC UNREAD","+123","",${TIME}⏎hello⏎⏎OK⏎
            > AT+CMGL␍
            < ⏎OK⏎
        `)
    })

    test("lists", () => {
        const terminal = ready()
        for (const text of ["one", "two", "three"]) arrive(terminal, text)
        terminal.dialogue(`
            > AT+CMGD=?␍
            < ⏎+CMGD: (1,2,3),(0-4)⏎⏎OK⏎
            > AT+CMGR=2␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME}⏎two⏎⏎OK⏎
            > AT+CMGL="REC READ"␍
            < ⏎+CMGL: 2,"REC READ","+123","",${TIME}⏎two⏎⏎OK⏎
            > AT+CMGL="REC UNREAD"␍
            < ⏎+CMGL: 1,"REC UNREAD","+123","",${TIME}⏎one⏎
            < ⏎+CMGL: 3,"REC UNREAD","+123","",${TIME}⏎three⏎⏎OK⏎
            > AT+CMGL="STO SENT"␍
            < ⏎OK⏎
            > AT+CMGL="SOME"␍
            < ⏎ERROR⏎
            > AT+CMGL=4␍
            < ⏎ERROR⏎
            > AT+CMGL=?␍
            < ⏎+CMGL: ("REC UNREAD","REC READ","STO UNSENT","STO SENT","ALL")⏎⏎OK⏎
        `)
    })

    test("AT+CMGD takes along what its flag says", () => {
        const terminal = ready()
        for (const text of ["one", "two", "three"]) arrive(terminal, text)
        terminal.ask("AT+CMGR=2␍")
        terminal.dialogue(`
            > AT+CMGD=1,1␍
            < ⏎OK⏎
            > AT+CMGD=?␍
            < ⏎+CMGD: (1,3),(0-4)⏎⏎OK⏎
            > AT+CMGD=0,4␍
            < ⏎OK⏎
            > AT+CMGD=?␍
            < ⏎+CMGD: (),(0-4)⏎⏎OK⏎
            > AT+CMGD=1,5␍
            < ⏎ERROR⏎
        `)
    })

    test("a freed place is used again", () => {
        const terminal = ready()
        arrive(terminal, "one")
        arrive(terminal, "two")
        terminal.ask("AT+CMGD=1␍")
        expect(arrive(terminal, "three")).toBe('⏎+CMTI: "SM",1⏎')
    })

    test("stays on the card without power", () => {
        const terminal = ready()
        arrive(terminal, "hello")
        terminal.modem.powerOff()
        terminal.modem.powerOn()
        terminal.listen(60_000)
        terminal.dialogue(`
            > AT+CMGF=1␍
            < ⏎OK⏎
            > AT+CMGR=1␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME}⏎hello⏎⏎OK⏎
        `)
    })

    test("that came while the module was off comes when it is there", () => {
        const terminal = ready()
        terminal.modem.powerOff()
        send(terminal, "hello")
        terminal.listen(10_000)
        terminal.modem.powerOn()
        expect(terminal.listen(60_000)).toMatch(/⏎SMS Ready⏎⏎\+CMTI: "SM",1⏎$/)
    })

    test("that does not fit is refused", () => {
        const { modem } = new TestTerminal()
        const at =
            (text: string, from = "+123") =>
            () =>
                modem.receiveMessage({ from, text })
        expect(at("x".repeat(255 * 153 + 1))).toThrow(
            "39016 characters do not fit into 255 messages"
        )
        expect(at("x", "")).toThrow("takes a number, or a name of up to 11")
        expect(at("x", "twelve chars")).toThrow(RangeError)
        for (let i = 0; i < 100; i++) at("x".repeat(160))()
        expect(at("x")).toThrow("100 messages wait")
    })
})

describe("storage", () => {
    test("AT+CPMS", () => {
        const terminal = ready()
        arrive(terminal, "hello")
        const names = '("SM","ME","SM_P","ME_P","MT")'
        terminal.dialogue(`
            > AT+CPMS=?␍
            < ⏎+CPMS: ${names},${names},${names}⏎⏎OK⏎
            > AT+CPMS?␍
            < ⏎+CPMS: "SM_P",1,50,"SM_P",1,50,"SM_P",1,50⏎⏎OK⏎
            > AT+CPMS="ME","SM","MT"␍
            < ⏎+CPMS: 0,50,1,50,1,100⏎⏎OK⏎
            > AT+CPMS="SM"␍
            < ⏎+CPMS: 1,50,1,50,1,100⏎⏎OK⏎
            > AT+CPMS?␍
            < ⏎+CPMS: "SM",1,50,"SM",1,50,"MT",1,100⏎⏎OK⏎
            > AT+CPMS="BM"␍
            < ⏎ERROR⏎
            > AT+CPMS=␍
            < ⏎ERROR⏎
        `)
    })

    test("ME: what comes there is read there, and not in SM", () => {
        const terminal = ready()
        arrive(terminal, "on the card")
        terminal.dialogue(`
            > AT+CPMS="SM","SM","ME"␍
            < ⏎+CPMS: 1,50,1,50,0,50⏎⏎OK⏎
        `)
        expect(arrive(terminal, "in the module")).toBe('⏎+CMTI: "ME",1⏎')
        terminal.dialogue(`
            > AT+CMGR=1␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME}⏎on the card⏎⏎OK⏎
            > AT+CPMS="ME"␍
            < ⏎+CPMS: 1,50,1,50,1,50⏎⏎OK⏎
            > AT+CMGR=1␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME}⏎in the module⏎⏎OK⏎
            > AT+CMGD=1␍
            < ⏎OK⏎
            > AT+CPMS="SM"␍
            < ⏎+CPMS: 1,50,1,50,0,50⏎⏎OK⏎
        `)
    })

    test("ME is kept without power, AT+CPMS is not", () => {
        const terminal = ready({
            firmware: { messageMemories: ["ME", "SM", "ME"] },
        })
        expect(arrive(terminal, "hello")).toBe('⏎+CMTI: "ME",1⏎')
        terminal.ask('AT+CPMS="SM","SM","SM"␍')
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue(`
            > AT+CPMS?␍
            < ⏎+CPMS: "ME",1,50,"SM",0,50,"ME",1,50⏎⏎OK⏎
        `)
    })

    test("MT: both, the card's indices first", () => {
        const terminal = ready({ sim: { messageCapacity: 2 } })
        terminal.ask('AT+CPMS="MT","MT","ME"␍')
        arrive(terminal, "in the module")
        terminal.ask('AT+CPMS="MT","MT","SM"␍')
        arrive(terminal, "on the card")
        terminal.dialogue(`
            > AT+CMGL="ALL"␍
            < ⏎+CMGL: 1,"REC UNREAD","+123","",${TIME}⏎on the card⏎
            < ⏎+CMGL: 3,"REC UNREAD","+123","",${TIME}⏎in the module⏎⏎OK⏎
            > AT+CMGD=3␍
            < ⏎OK⏎
            > AT+CMGD=?␍
            < ⏎+CMGD: (1),(0-4)⏎⏎OK⏎
            > AT+CMGR=52␍
            < ⏎OK⏎
            > AT+CMGR=53␍
            < ⏎+CMS ERROR: 321⏎
        `)
    })

    test.each([
        ["SM", false, ["SM,1", ""]],
        ["SM_P", false, ["SM,1", ""]],
        ["SM_P", true, ["SM,1", "ME,1"]],
        ["MT", false, ["SM,1", "ME,1"]],
        ["ME_P", true, ["ME,1", "ME,2"]],
    ])(
        "a card with room for one, %s, overflow %s",
        (memory, overflow, places) => {
            const terminal = ready({
                sim: { messageCapacity: 1 },
                firmware: { preferredMemoryOverflows: overflow },
            })
            terminal.ask(`AT+CPMS="${memory}","${memory}","${memory}"␍`)
            for (const place of places) {
                const [name, index] = place.split(",")
                expect(arrive(terminal, "x")).toBe(
                    place && `⏎+CMTI: "${name}",${index}⏎`
                )
            }
        }
    )

    test("full: the next one comes when there is room", () => {
        const terminal = ready({ sim: { messageCapacity: 2 } })
        arrive(terminal, "one")
        arrive(terminal, "two")
        expect(arrive(terminal, "three")).toBe("")
        terminal.dialogue(`
            > AT+CPMS?␍
            < ⏎+CPMS: "SM_P",2,2,"SM_P",2,2,"SM_P",2,2⏎⏎OK⏎
            > AT+CMGD=2␍
            < ⏎OK⏎⏎+CMTI: "SM",2⏎
            > AT+CMGR=2␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME}⏎three⏎⏎OK⏎
        `)
    })

    test.each([0, 256, 1.5])("a capacity of %d is refused", n => {
        expect(() => new TestTerminal({ sim: { messageCapacity: n } })).toThrow(
            `messageCapacity is ${n}; a memory has room for 1 to 255 messages`
        )
    })

    test("an index that cannot be", () => {
        const terminal = ready()
        terminal.dialogue(`
            > AT+CMGR=0␍
            < ⏎+CMS ERROR: 321⏎
            > AT+CMGR=51␍
            < ⏎+CMS ERROR: 321⏎
            > AT+CMGD=51␍
            < ⏎+CMS ERROR: 321⏎
            > AT+CMEE=2␍
            < ⏎OK⏎
            > AT+CMGR=51␍
            < ⏎+CMS ERROR: invalid memory index⏎
            > AT+CMGR=256␍
            < ⏎+CME ERROR: Param value range beyond⏎
        `)
    })

    test("messageErrors: cmee", () => {
        ready({ firmware: { messageErrors: "cmee" } }).dialogue(`
            > AT+CMGR=51␍
            < ⏎ERROR⏎
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CMGR=51␍
            < ⏎+CMS ERROR: 321⏎
        `)
    })

    test("ERROR until SMS Ready, and without a card", () => {
        const terminal = new TestTerminal({ delays: "realistic" })
        terminal.modem.powerOn()
        terminal.listen(7000)
        terminal.dialogue(`
            > AT+CMGF=1␍
            < ⏎ERROR⏎
            < ⏎Call Ready⏎
            > AT+CMGF=1␍
            < ⏎ERROR⏎
            < ⏎SMS Ready⏎
            > AT+CMGF=1␍
            < ⏎OK⏎
            > AT+CFUN=0␍
            < ⏎+CPIN: NOT READY⏎⏎OK⏎
            > AT+CMGR=1␍
            < ⏎ERROR⏎
        `)
        const none = TestTerminal.ready({ sim: { inserted: false } })
        none.dialogue(`
            > AT+CMEE=2␍
            < ⏎OK⏎
            > AT+CPMS?␍
            < ⏎+CME ERROR: SIM not inserted⏎
        `)
    })
})

describe("AT+CSCS", () => {
    test("is read and tested", () => {
        TestTerminal.ready().dialogue(`
            > AT+CSCS=?␍
            < ⏎+CSCS: ("IRA","GSM","UCS2","HEX","PCCP","PCDN","8859-1")⏎⏎OK⏎
            > AT+CSCS?␍
            < ⏎+CSCS: "IRA"⏎⏎OK⏎
            > AT+CSCS="LATIN"␍
            < ⏎ERROR⏎
            > AT+CSCS="UCS2"␍
            < ⏎OK⏎
            > AT+CSCS?␍
            < ⏎+CSCS: "UCS2"⏎⏎OK⏎
        `)
    })

    test.each([
        ["UCS2", "002B003100320033", "006F006B000D000A004F004B"],
        ["HEX", "+123", "6F6B0D0A4F4B"],
    ])("%s: a text that looks like an answer is none", (set, from, text) => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CMGF=1;+CSCS="${set}"␍
            < ⏎OK⏎
        `)
        terminal.modem.receiveMessage({
            from: "+123",
            text: "ok\r\nOK",
            at: Date.UTC(2018, 0, 22, 18, 7, 20),
        })
        terminal.clock.advance(1000)
        terminal.dialogue(`
            < ⏎+CMTI: "SM",1⏎
            > AT+CMGR=1␍
            < ⏎+CMGR: "REC UNREAD","${from}","","18/01/22,19:07:20+04"⏎${text}⏎⏎OK⏎
        `)
    })
})

describe("AT+CMGF", () => {
    test("forms, and AT&W", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CMGF=?␍
            < ⏎+CMGF: (0,1)⏎⏎OK⏎
            > AT+CMGF?␍
            < ⏎+CMGF: 0⏎⏎OK⏎
            > AT+CMGF=2␍
            < ⏎ERROR⏎
            > AT+CMGF=1;&W␍
            < ⏎OK⏎
            > AT+CMGF=0;Z␍
            < ⏎OK⏎
            > AT+CMGF?␍
            < ⏎+CMGF: 1⏎⏎OK⏎
        `)
    })

    test.each([
        [
            "+46708251358",
            "hellohello",
            28,
            "0891683108100005F0040B916407281553F80000811022917002210AE8329BFD4697D9EC37",
        ],
        [
            "10086",
            "привет",
            28,
            "0891683108100005F00405810180F60008811022917002210C043F04400438043204350442",
        ],
        // the euro sign is two characters
        [
            "INFO",
            "1€",
            20,
            "0891683108100005F00407D049A7F10900008110229170022103B14D19",
        ],
    ])("PDU mode, from %s: %s", (from, text, length, pdu) => {
        const terminal = TestTerminal.ready({ operator: { timeZone: 12 } })
        send(terminal, text, from)
        terminal.dialogue(`
            < ⏎+CMTI: "SM",1⏎
            > AT+CMGL␍
            < ⏎+CMGL: 1,0,"",${length}⏎${pdu}⏎⏎OK⏎
            > AT+CMGR=1␍
            < ⏎+CMGR: 1,"",${length}⏎${pdu}⏎⏎OK⏎
            > AT+CMGL=4␍
            < ⏎+CMGL: 1,1,"",${length}⏎${pdu}⏎⏎OK⏎
            > AT+CMGL=0␍
            < ⏎OK⏎
            > AT+CMGL="ALL"␍
            < ⏎ERROR⏎
            > AT+CMGL=5␍
            < ⏎ERROR⏎
            > AT+CMGL=?␍
            < ⏎+CMGL: (0-4)⏎⏎OK⏎
        `)
    })

    test("PDU mode, west of Greenwich", () => {
        const terminal = TestTerminal.ready({ operator: { timeZone: -20 } })
        arrive(terminal, "hi")
        expect(terminal.ask("AT+CMGR=1␍")).toContain("8110221170020A02")
        terminal.dialogue("> AT+CMGF=1␍\n< ⏎OK⏎")
        expect(terminal.ask("AT+CMGR=1␍")).toContain('"18/01/22,11:07:20-20"')
    })

    test.each([
        ["a\r\nOK\r\nb", "a⏎OK⏎b"],
        ["Grüße [€]", "Gr??e [?]"],
        ["привет", "043F04400438043204350442"],
    ])("text mode, character set IRA: %j", (text, shown) => {
        const terminal = ready()
        arrive(terminal, text, "INFO")
        terminal.dialogue(`
            > AT+CMGR=1␍
            < ⏎+CMGR: "REC UNREAD","INFO","",${TIME}⏎${shown}⏎⏎OK⏎
        `)
    })
})

describe("AT+CNMI", () => {
    test("forms: what is left out stays", () => {
        const terminal = ready()
        terminal.dialogue(`
            > AT+CNMI=?␍
            < ⏎+CNMI: (0-3),(0-3),(0,2),(0,1),(0,1)⏎⏎OK⏎
            > AT+CNMI?␍
            < ⏎+CNMI: 2,1,0,0,0⏎⏎OK⏎
            > AT+CNMI=1,2,2,1,1␍
            < ⏎OK⏎
            > AT+CNMI=3␍
            < ⏎OK⏎
            > AT+CNMI?␍
            < ⏎+CNMI: 3,2,2,1,1⏎⏎OK⏎
            > AT+CNMI=4␍
            < ⏎ERROR⏎
            > AT+CNMI=0,4␍
            < ⏎ERROR⏎
            > AT+CNMI=0,0,1␍
            < ⏎ERROR⏎
            > AT+CNMI=0,0,0,2␍
            < ⏎ERROR⏎
            > AT+CNMI=0,0,0,0,2␍
            < ⏎ERROR⏎
            > AT+CNMI=2,0;&W;+CNMI=2,1;Z;+CNMI?␍
            < ⏎+CNMI: 2,0,2,1,1⏎⏎OK⏎
        `)
    })

    test("mt 0: stored without a word, RI tells", () => {
        const terminal = ready()
        terminal.ask("AT+CNMI=2,0␍")
        expect(arrive(terminal, "hello")).toBe("")
        terminal.dialogue("! ri low 120 ms")
        expect(terminal.ask("AT+CMGR=1␍")).toContain("⏎hello⏎")
    })

    test("mt 2: passed on, not stored", () => {
        const terminal = ready()
        terminal.ask("AT+CNMI=2,2␍")
        expect(arrive(terminal, "hello")).toBe(
            `⏎+CMT: "+123","",${TIME}⏎hello⏎`
        )
        terminal.dialogue("> AT+CMGR=1␍\n< ⏎OK⏎\n> AT+CMGF=0␍\n< ⏎OK⏎")
        expect(arrive(terminal, "hellohello", "+46708251358")).toBe(
            '⏎+CMT: "",28⏎0891683108100005F0040B916407281553F80000811022917002210AE8329BFD4697D9EC37⏎'
        )
    })

    test("mode 0: codes wait for another mode; bfr 1 forgets them", () => {
        const terminal = ready()
        terminal.ask("AT+CNMI=0,1␍")
        expect(arrive(terminal, "one")).toBe("")
        expect(arrive(terminal, "two")).toBe("")
        terminal.dialogue(`
            > AT+CNMI=2,1␍
            < ⏎OK⏎⏎+CMTI: "SM",1⏎⏎+CMTI: "SM",2⏎
            > AT+CNMI=0␍
            < ⏎OK⏎
        `)
        expect(arrive(terminal, "three")).toBe("")
        terminal.dialogue("> AT+CNMI=2,1,0,0,1␍\n< ⏎OK⏎")
    })

    test("mode 0: of many, the last twenty wait", () => {
        const terminal = ready()
        terminal.ask("AT+CNMI=0,1␍")
        for (let i = 0; i < 25; i++) arrive(terminal, "x")
        const told = terminal.ask("AT+CNMI=2␍")
        expect(told).toMatch(/^⏎OK⏎⏎\+CMTI: "SM",6⏎/)
        expect(told.match(/CMTI/g)).toHaveLength(20)
    })
})

describe("2.2.5: a message in data mode", () => {
    function inDataMode(reports: string): TestTerminal {
        const terminal = TestTerminal.online({ operator: { timeZone: 12 } })
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CMGF=1;+CNMI=${reports};+CIPMODE=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",8500␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        terminal.takePins()
        return terminal
    }

    test("RI 120 ms low, +CMTI in command mode, read there", () => {
        const terminal = inDataMode("2,1")
        // nine that were there before
        for (let i = 0; i < 9; i++) expect(arrive(terminal, "x")).toBe("")
        terminal.takePins()
        send(terminal, "hello")
        terminal.dialogue(`
            ~ 1000
            ! ri low 120 ms
            > +++
            ~ 990
            < ⏎OK⏎
        `)
        const codes = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(n => `⏎+CMTI: "SM",${n}⏎`)
        terminal.dialogue(`
            < ${codes.join("")}⏎+CMTI: "SM",10⏎
            > AT+CMGR=10␍
            < ⏎+CMGR: "REC UNREAD","+123","",${TIME}⏎hello⏎⏎OK⏎
        `)
    })

    test.each([
        ["0,1", ""],
        ["1,1", ""],
        ["3,1", '⏎+CMTI: "SM",1⏎'],
        // what could not be told is stored instead
        ["1,2", ""],
        ["2,2", `⏎+CMT: "+123","",${TIME}⏎hello⏎`],
    ])("AT+CNMI=%s", (reports, told) => {
        const terminal = inDataMode(reports)
        expect(arrive(terminal, "hello")).toBe("")
        terminal.dialogue(`
            ~ 1000
            ! ri low 120 ms
            > +++
            ~ 990
            < ⏎OK⏎${told}
        `)
        const stored = terminal.ask("AT+CMGR=1␍")
        if (told.includes("CMT:")) expect(stored).toBe("⏎OK⏎")
        else expect(stored).toContain("⏎hello⏎")
    })
})
