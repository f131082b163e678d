/** Facts 4 and 5: states, forms and ranges of the TCP/IP commands, and what connections do. */
import { describe, expect, test } from "vitest"
import type { MemoryServer } from "../../sim/modem/memory-network"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"

type Options = ModemOptions & { multi?: boolean }

/** A connection to a server that accepts; number 0 if there are several. */
function connected(options: Options = {}): {
    terminal: TestTerminal
    server: MemoryServer
} {
    const terminal = TestTerminal.online(options)
    const server = terminal.network.listen(SERVER, 80)
    const n = options.multi ? "0," : ""
    const result = options.multi ? "0, CONNECT OK" : "CONNECT OK"
    terminal.dialogue(`
        > AT+CIPSTART=${n}"TCP","${SERVER}",80␍
        < ⏎OK⏎⏎${result}⏎
    `)
    return { terminal, server }
}

/** A connection whose data is fetched by hand. */
function manual(options: Options = {}): {
    terminal: TestTerminal
    server: MemoryServer
} {
    const terminal = TestTerminal.online(options)
    terminal.dialogue("> AT+CIPRXGET=1␍\n< ⏎OK⏎")
    const server = terminal.network.listen(SERVER, 80)
    const n = options.multi ? "0," : ""
    terminal.dialogue(`> AT+CIPSTART=${n}"TCP","${SERVER}",80␍\n< ⏎OK⏎`)
    terminal.listen(100)
    return { terminal, server }
}

describe("test and read forms", () => {
    test.each([
        ["AT+CIPMUX=?", "⏎+CIPMUX: (0,1)⏎⏎OK⏎"],
        ["AT+CIPMUX?", "⏎+CIPMUX: 0⏎⏎OK⏎"],
        ["AT+CIPMODE=?", "⏎+CIPMODE: (0-NORMAL MODE,1-TRANSPARENT MODE)⏎⏎OK⏎"],
        ["AT+CIPMODE?", "⏎+CIPMODE: 0⏎⏎OK⏎"],
        ["AT+CIPMODE=0", "⏎OK⏎"],
        ["AT+CSTT=?", '⏎+CSTT: "APN","USER","PWD"⏎⏎OK⏎'],
        ["AT+CSTT?", '⏎+CSTT: "CMNET","",""⏎⏎OK⏎'],
        ["AT+CIICR=?", "⏎OK⏎"],
        ["AT+CIFSR=?", "⏎OK⏎"],
        ["AT+CDNSCFG=?", '⏎+CDNSCFG: ("Primary DNS"),("Secondary DNS")⏎⏎OK⏎'],
        ["AT+CDNSCFG?", "⏎PrimaryDns: 0.0.0.0⏎SecondaryDns: 0.0.0.0⏎⏎OK⏎"],
        ["AT+CDNSGIP=?", "⏎OK⏎"],
        ["AT+CLPORT=?", '⏎+CLPORT: ("TCP","UDP"),(0-65535)⏎⏎OK⏎'],
        ["AT+CLPORT?", "⏎+CLPORT: 0,0⏎⏎OK⏎"],
        ["AT+CIPTKA=?", "⏎+CIPTKA: (0,1),(30-7200),(30-600),(1-9)⏎⏎OK⏎"],
        ["AT+CIPTKA?", "⏎+CIPTKA: 1,7200,75,9⏎⏎OK⏎"],
        ["AT+CIPRDTIMER=?", "⏎+CIPRDTIMER: (100-4000),(100-7000)⏎⏎OK⏎"],
        ["AT+CIPRDTIMER?", "⏎+CIPRDTIMER: 2000,3500⏎⏎OK⏎"],
        ["AT+CIPDPDP=?", "⏎+CIPDPDP: (0,1),(1-180),(1-10)⏎⏎OK⏎"],
        ["AT+CIPDPDP?", "⏎+CIPDPDP: 1,10,3⏎⏎OK⏎"],
        [
            "AT+CIPSTART=?",
            '⏎+CIPSTART: ("TCP","UDP"),("(0-255).(0-255).(0-255).(0-255)"),(1-65535)⏎' +
                '+CIPSTART: ("TCP","UDP"),("DOMAIN NAME"),(1-65535)⏎⏎OK⏎',
        ],
        ["AT+CIPSEND=?", "⏎+CIPSEND: <length>⏎⏎OK⏎"],
        ["AT+CIPSEND?", "⏎+CIPSEND: 0⏎⏎OK⏎"],
        ["AT+CIPQSEND=?", "⏎+CIPQSEND: (0,1)⏎⏎OK⏎"],
        ["AT+CIPQSEND?", "⏎+CIPQSEND: 0⏎⏎OK⏎"],
        ["AT+CIPACK=?", "⏎OK⏎"],
        ["AT+CIPCLOSE=?", "⏎OK⏎"],
        ["AT+CIPSHUT=?", "⏎OK⏎"],
        ["AT+CIPSTATUS=?", "⏎OK⏎"],
        ["AT+CIPHEAD=?", "⏎+CIPHEAD: (0,1)⏎⏎OK⏎"],
        ["AT+CIPHEAD?", "⏎+CIPHEAD: 0⏎⏎OK⏎"],
        ["AT+CIPSRIP?", "⏎+CIPSRIP: 0⏎⏎OK⏎"],
        ["AT+CIPSHOWTP?", "⏎+CIPSHOWTP: 0⏎⏎OK⏎"],
        ["AT+CIPATS=?", "⏎+CIPATS: (0,1),(1-100)⏎⏎OK⏎"],
        ["AT+CIPATS?", "⏎+CIPATS: 0,0⏎⏎OK⏎"],
        ["AT+CIPSPRT=?", "⏎+CIPSPRT: (0-2)⏎⏎OK⏎"],
        ["AT+CIPSPRT?", "⏎+CIPSPRT: 1⏎⏎OK⏎"],
        ["AT+CIPRXGET=?", "⏎+CIPRXGET: (0-4),(1-1460)⏎⏎OK⏎"],
        ["AT+CIPRXGET?", "⏎+CIPRXGET: 0⏎⏎OK⏎"],
    ])("single connection: %s", (line, answer) => {
        expect(TestTerminal.ready().ask(`${line}␍`)).toBe(answer)
    })

    test.each([
        ["AT+CIPMUX?", "⏎+CIPMUX: 1⏎⏎OK⏎"],
        ["AT+CIPSEND=?", "⏎+CIPSEND: (0-5),<length>⏎⏎OK⏎"],
        ["AT+CIPSEND?", "⏎OK⏎"],
        ["AT+CLPORT=?", '⏎+CLPORT: (0-5),("TCP","UDP"),(0-65535)⏎⏎OK⏎'],
        [
            "AT+CLPORT?",
            "⏎+CLPORT: 0,0,0⏎+CLPORT: 1,0,0⏎+CLPORT: 2,0,0⏎" +
                "+CLPORT: 3,0,0⏎+CLPORT: 4,0,0⏎+CLPORT: 5,0,0⏎⏎OK⏎",
        ],
        ["AT+CIPRXGET=?", "⏎+CIPRXGET: (0-4),(0-5),(1-1460)⏎⏎OK⏎"],
        [
            "AT+CIPSTART=?",
            '⏎+CIPSTART: (0-5),("TCP","UDP"),("(0-255).(0-255).(0-255).(0-255)"),(1-65535)⏎' +
                '+CIPSTART: (0-5),("TCP","UDP"),("DOMAIN NAME"),(1-65535)⏎⏎OK⏎',
        ],
        [
            "AT+CIPSTATUS",
            '⏎OK⏎⏎STATE: IP INITIAL⏎⏎C: 0,,"","","","INITIAL"⏎' +
                'C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎' +
                'C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎' +
                'C: 5,,"","","","INITIAL"⏎',
        ],
        ["AT+CIPSTATUS=5", '⏎+CIPSTATUS: 5,,"","","","INITIAL"⏎⏎OK⏎'],
    ])("several connections: %s", (line, answer) => {
        const terminal = TestTerminal.ready()
        terminal.ask("AT+CIPMUX=1␍")
        expect(terminal.ask(`${line}␍`)).toBe(answer)
    })
})

describe("settings are kept and checked", () => {
    test.each([
        ['+CDNSCFG="8.8.8.8"', "⏎PrimaryDns: 8.8.8.8⏎SecondaryDns: 0.0.0.0⏎"],
        [
            '+CDNSCFG="8.8.8.8","8.8.4.4"',
            "⏎PrimaryDns: 8.8.8.8⏎SecondaryDns: 8.8.4.4⏎",
        ],
        ['+CLPORT="TCP",5000', "⏎+CLPORT: 5000,0⏎"],
        ['+CLPORT="TCP",0', "⏎+CLPORT: 0,0⏎"],
        ['+CLPORT="UDP",65535', "⏎+CLPORT: 0,65535⏎"],
        ["+CIPTKA=0", "⏎+CIPTKA: 0,7200,75,9⏎"],
        ["+CIPTKA=1,30,600,1", "⏎+CIPTKA: 1,30,600,1⏎"],
        ["+CIPTKA=1,,30", "⏎+CIPTKA: 1,7200,30,9⏎"],
        ["+CIPRDTIMER=100,7000", "⏎+CIPRDTIMER: 100,7000⏎"],
        ["+CIPDPDP=0", "⏎+CIPDPDP: 0,10,3⏎"],
        ["+CIPDPDP=1,180,10", "⏎+CIPDPDP: 1,180,10⏎"],
        ["+CIPHEAD=1", "⏎+CIPHEAD: 1⏎"],
        ["+CIPSRIP=1", "⏎+CIPSRIP: 1⏎"],
        ["+CIPSHOWTP=1", "⏎+CIPSHOWTP: 1⏎"],
        ["+CIPQSEND=1", "⏎+CIPQSEND: 1⏎"],
        ["+CIPSPRT=2", "⏎+CIPSPRT: 2⏎"],
        ["+CIPATS=1,100", "⏎+CIPATS: 1,100⏎"],
        ["+CIPRXGET=1", "⏎+CIPRXGET: 1⏎"],
        ['+CSTT="a","b","c"', '⏎+CSTT: "a","b","c"⏎'],
        [`+CSTT="${"a".repeat(50)}"`, `⏎+CSTT: "${"a".repeat(50)}","",""⏎`],
    ])("AT%s", (command, information) => {
        const name = command.slice(0, command.indexOf("="))
        TestTerminal.ready().dialogue(`
            > AT${command}␍
            < ⏎OK⏎
            > AT${name}?␍
            < ${information}⏎OK⏎
        `)
    })

    test.each([
        '+CDNSCFG="8.8.8"',
        '+CDNSCFG=""',
        '+CLPORT="TCP",65536',
        '+CLPORT=0,"TCP",1',
        "+CIPTKA=2",
        "+CIPTKA=1,29",
        "+CIPTKA=1,7201",
        "+CIPTKA=1,30,601",
        "+CIPTKA=1,30,30,10",
        "+CIPRDTIMER=99,100",
        "+CIPRDTIMER=100",
        "+CIPRDTIMER=100,7001",
        "+CIPDPDP=1,181",
        "+CIPDPDP=1,180,11",
        "+CIPHEAD=2",
        "+CIPSPRT=3",
        "+CIPATS=1",
        "+CIPATS=1,101",
        "+CIPATS=1,0",
        "+CIPRXGET=5",
        "+CIPMODE=2",
        `+CSTT="${"a".repeat(51)}"`,
        `+CSTT="a","${"a".repeat(51)}"`,
        '+CSTT="a","b","c","d"',
    ])("AT%s is refused", command => {
        TestTerminal.ready().dialogue(`> AT${command}␍\n< ⏎ERROR⏎`)
    })

    test("local ports of several connections", () => {
        const terminal = TestTerminal.ready()
        terminal.ask("AT+CIPMUX=1␍")
        terminal.dialogue(`
            > AT+CLPORT=5,"UDP",7000␍
            < ⏎OK⏎
            > AT+CLPORT="UDP",7000␍
            < ⏎ERROR⏎
            > AT+CLPORT=6,"UDP",7000␍
            < ⏎ERROR⏎
        `)
        expect(terminal.ask("AT+CLPORT?␍")).toContain("+CLPORT: 5,0,7000⏎")
    })

    test("a datagram comes from the port that AT+CLPORT has set", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.udp(SERVER, 53)
        terminal.dialogue(`
            > AT+CLPORT="UDP",8888␍
            < ⏎OK⏎
            > AT+CIPSTART="UDP","${SERVER}",53␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPSEND=1␍
            < ⏎> |
            > x
            < ⏎SEND OK⏎
            ~ 50
        `)
        expect(server.datagrams[0].from.port).toBe(8888)
    })
})

describe("wrong states", () => {
    test("in IP INITIAL", () => {
        const terminal = TestTerminal.ready()
        for (const line of [
            "AT+CIICR",
            "AT+CIFSR",
            "AT+CIPCLOSE",
            "AT+CIPSEND",
            "AT+CIPSEND=5",
            "AT+CIPACK",
            'AT+CDNSGIP="x"',
            "AT+CIPRXGET=2,10",
            "AT+CIPRXGET=4",
            "AT+CIPSTATUS=0",
            'AT+CIPSTART=0,"TCP","1.2.3.4",80',
        ])
            terminal.dialogue(`> ${line}␍\n< ⏎ERROR⏎`)
        terminal.dialogue("> AT+CIPSHUT␍\n< ⏎SHUT OK⏎")
    })

    test("in IP INITIAL with several connections, CIPSTART does not bring anything up", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎ERROR⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎ERROR⏎
            > AT+CIPSEND␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE␍
            < ⏎ERROR⏎
            > AT+CIPACK␍
            < ⏎ERROR⏎
            > AT+CIPMODE=0␍
            < ⏎ERROR⏎
        `)
    })

    test("CIPMUX only in IP INITIAL, even for the value it has", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CSTT␍
            < ⏎OK⏎
            > AT+CIPMUX=1␍
            < ⏎ERROR⏎
            > AT+CIPMUX=0␍
            < ⏎ERROR⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPMUX=1␍
            < ⏎OK⏎
        `)
    })

    test("CSTT and CIICR once", () => {
        const terminal = TestTerminal.online()
        for (const line of ["AT+CSTT", 'AT+CSTT="x"', "AT+CIICR"])
            terminal.dialogue(`> ${line}␍\n< ⏎ERROR⏎`)
    })

    test("CIPSTART needs CIFSR", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CSTT␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎ERROR⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎ERROR⏎
        `)
    })

    test("a single connection that exists", () => {
        const { terminal } = connected()
        terminal.dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎ALREADY CONNECT⏎
            > AT+CIPSEND=0␍
            < ⏎ERROR⏎
            > AT+CIPSEND=1,5␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=1␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=2␍
            < ⏎ERROR⏎
            > AT+CIPSTATUS=0␍
            < ⏎ERROR⏎
        `)
    })

    test("one of several that exists, and numbers that do not", () => {
        const { terminal } = connected({ multi: true })
        terminal.dialogue(`
            > AT+CIPSTART=0,"UDP","${SERVER}",80␍
            < ⏎0, ALREADY CONNECT⏎
            > AT+CIPSTART=6,"TCP","${SERVER}",80␍
            < ⏎ERROR⏎
            > AT+CIPSEND=1␍
            < ⏎ERROR⏎
            > AT+CIPSEND=6␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=1␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=6␍
            < ⏎ERROR⏎
            > AT+CIPSTATUS=6␍
            < ⏎ERROR⏎
            > AT+CIPACK=1␍
            < ⏎ERROR⏎
        `)
    })

    test.each([
        '"TCP"',
        '"TCP","1.2.3.4"',
        '"TCP","1.2.3.4",0',
        '"TCP","1.2.3.4",65536',
        '"TCP","1.2.3.4",80,1',
        '"tcp","1.2.3.4",80',
        '"TCP","",80x',
    ])("AT+CIPSTART=%s", parameters => {
        TestTerminal.online().dialogue(
            `> AT+CIPSTART=${parameters}␍\n< ⏎ERROR⏎`
        )
    })
})

describe("connecting", () => {
    test("refused: single and multi", () => {
        const single = TestTerminal.online()
        single.network.refuse(SERVER, 81)
        single.dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",81␍
            < ⏎OK⏎
            < ⏎STATE: TCP CLOSED⏎⏎CONNECT FAIL⏎
        `)
        const multi = TestTerminal.online({ multi: true })
        multi.network.refuse(SERVER, 81)
        multi.dialogue(`
            > AT+CIPSTART=3,"TCP","${SERVER}",81␍
            < ⏎OK⏎
            < ⏎3, CONNECT FAIL⏎
            > AT+CIPSTATUS=3␍
            < ⏎+CIPSTATUS: 3,0,"TCP","${SERVER}","81","CLOSED"⏎⏎OK⏎
        `)
    })

    test("a black hole fails after 75 s; meanwhile the modem takes commands", () => {
        const terminal = TestTerminal.online({ multi: true })
        const start = terminal.clock.now()
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",82␍
            < ⏎OK⏎
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","82","CONNECTING"⏎⏎OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎0, ALREADY CONNECT⏎
            < ⏎0, CONNECT FAIL⏎
        `)
        expect(terminal.clock.now() - start).toBeGreaterThan(75_000)
    })

    test("closed while connecting: no CONNECT FAIL follows", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",82␍
            < ⏎OK⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
        `)
        expect(terminal.listen(100_000)).toBe("")
    })

    test("a name that is not known", () => {
        TestTerminal.online().dialogue(`
            > AT+CIPSTART="TCP","nowhere.example",80␍
            < ⏎OK⏎
            < ⏎STATE: TCP CLOSED⏎⏎CONNECT FAIL⏎
        `)
    })

    test("a name is resolved on the way, and shown as its address", () => {
        const terminal = TestTerminal.online({ multi: true, radio: "gprs" })
        terminal.network.name("server.example", SERVER)
        terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","server.example",80␍
            < ⏎OK⏎
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","server.example","80","CONNECTING"⏎⏎OK⏎
            < ⏎0, CONNECT OK⏎
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","CONNECTED"⏎⏎OK⏎
        `)
    })

    test("a name that is resolved too late, for another connection", () => {
        const terminal = TestTerminal.online({ multi: true, radio: "gprs" })
        terminal.network.name("server.example", SERVER)
        terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","server.example",80␍
            < ⏎OK⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPSTART=0,"TCP","192.0.2.99",80␍
            < ⏎OK⏎
        `)
        expect(terminal.listen(70_000)).toBe("")
        expect(terminal.ask("AT+CIPSTATUS=0␍")).toContain("192.0.2.99")
        terminal.modem.powerOff()
    })

    test("a refused context: CIICR, and CIPSTART from IP INITIAL", () => {
        const operator = { acceptsContext: (apn: string) => apn === "right" }
        TestTerminal.ready({ operator }).dialogue(`
            > AT+CSTT="wrong"␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎+PDP: DEACT⏎⏎ERROR⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: PDP DEACT⏎
            > AT+CIICR␍
            < ⏎ERROR⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CSTT="right"␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
        `)
        TestTerminal.ready({ operator }).dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎
            < ⏎STATE: PDP DEACT⏎⏎CONNECT FAIL⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎ERROR⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
        `)
    })

    test("CIPSHUT while CIPSTART brings the context up", () => {
        const terminal = TestTerminal.ready({ delays: "realistic" })
        terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP CONFIG⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
        `)
        expect(terminal.listen(10_000)).toBe("")
        terminal.dialogue("> AT+CIPSTATUS␍\n< ⏎OK⏎⏎STATE: IP INITIAL⏎")
    })

    test("six at once, TCP and UDP", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.echo(SERVER, 80)
        terminal.network.udp(SERVER, 53)
        for (let n = 0; n < 6; n++)
            terminal.dialogue(`
                > AT+CIPSTART=${n},${n % 2 ? '"UDP"' : '"TCP"'},"${SERVER}",${n % 2 ? 53 : 80}␍
                < ⏎OK⏎⏎${n}, CONNECT OK⏎
            `)
        terminal.dialogue(`
            > AT+CIPSEND=4,2␍
            < ⏎> |
            > hi
            < ⏎4, SEND OK⏎⏎+RECEIVE,4,2:⏎hi
            > AT+CIPSEND=5,2␍
            < ⏎> |
            > hi
            < ⏎5, SEND OK⏎
            > AT+CIPACK=5␍
            < ⏎+CIPACK: 2,0,2⏎⏎OK⏎
            > AT+CIPCLOSE=5␍
            < ⏎5, CLOSE OK⏎
        `)
    })
})

describe("sending", () => {
    test("every byte of a fixed length is data", () => {
        const { terminal, server } = connected()
        terminal.dialogue(`
            > AT+CIPSEND=8␍
            < ⏎> |
            > a␚␛␀⏎␈\\xff
            < ⏎SEND OK⏎
        `)
        expect(server.peer.text).toBe("a\x1a\x1b\0\r\n\b\xff")
    })

    test("free length: Ctrl-Z sends, ESC cancels", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.dialogue(`
            > AT+CIPSEND=0␍
            < ⏎> |
            > dropped␛
            < ⏎OK⏎
            > AT+CIPSEND=0␍
            < ⏎> |
            > line⏎␈line␚
            < ⏎0, SEND OK⏎
            > AT+CIPSEND=0␍
            < ⏎> |
            > ␚
            < ⏎ERROR⏎
        `)
        expect(server.peer.text).toBe("line\r\n\bline")
    })

    test("echo gives the payload back", () => {
        const { terminal } = connected({
            stored: { baud: 115200, echo: false },
        })
        terminal.dialogue(`
            > ATE1␍
            < ⏎OK⏎
            > AT+CIPSEND=3␍
            < AT+CIPSEND=3␍⏎> |
            > abc
            < abc⏎SEND OK⏎
        `)
    })

    test("SEND OK comes one round trip after the last byte", () => {
        const { terminal } = connected({ radio: "gprs" })
        terminal.dialogue(`
            > AT+CIPSEND=428␍
            < ⏎> |
        `)
        terminal.modem.dte.write(new Uint8Array(428))
        terminal.clock.runUntil(() => terminal.modem.activity === "busy", 1000)
        const entered = terminal.clock.now()
        terminal.dialogue("< ⏎SEND OK⏎")
        // 428 bytes at 42.8 kbit/s, a round trip, eleven characters of answer
        const expected = 80 + 600 + (11 * 10) / 115.2
        expect(terminal.clock.now() - entered).toBeCloseTo(expected, 0)
    })

    test("UDP: SEND OK when the radio has it", () => {
        const terminal = TestTerminal.online({ radio: "gprs" })
        const server = terminal.network.udp(SERVER, 53)
        terminal.dialogue(`
            > AT+CIPSTART="UDP","${SERVER}",53␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPSEND=428␍
            < ⏎> |
        `)
        terminal.modem.dte.write(new Uint8Array(428))
        terminal.clock.runUntil(() => terminal.modem.activity === "busy", 1000)
        const entered = terminal.clock.now()
        terminal.dialogue("< ⏎SEND OK⏎")
        expect(terminal.clock.now() - entered).toBeCloseTo(81, 0)
        expect(server.datagrams).toEqual([])
        terminal.listen(300)
        expect(server.datagrams.length).toBe(1)
    })

    test.each([
        [0, "", "⏎SEND OK⏎"],
        [2, "", ""],
    ])("CIPSPRT=%i", (mode, prompt, result) => {
        const { terminal, server } = connected()
        terminal.dialogue(`> AT+CIPSPRT=${mode}␍\n< ⏎OK⏎`)
        expect(terminal.ask("AT+CIPSEND=5␍")).toBe(prompt)
        expect(terminal.ask("hello")).toBe(result)
        expect(server.peer.text).toBe("hello")
        terminal.dialogue("> AT␍\n< ⏎OK⏎")
    })

    test("CIPSPRT=2 with several connections, in quick mode, and when it fails", () => {
        const { terminal } = connected({ multi: true })
        terminal.dialogue("> AT+CIPSPRT=2␍\n< ⏎OK⏎")
        expect(terminal.ask("AT+CIPSEND=0␍")).toBe("")
        expect(terminal.ask("hello␚")).toBe("")
        terminal.dialogue("> AT+CIPQSEND=1␍\n< ⏎OK⏎")
        expect(terminal.ask("AT+CIPSEND=0␍")).toBe("")
        expect(terminal.ask("hello␚")).toBe("⏎DATA ACCEPT:0,5⏎")
        terminal.dialogue("> AT+CIPQSEND=0␍\n< ⏎OK⏎")
        terminal.modem.inject("send-fail")
        expect(terminal.ask("AT+CIPSEND=0␍")).toBe("")
        expect(terminal.ask("hello␚")).toBe("⏎0, SEND FAIL⏎")
    })

    test("CIPACK counts for one connection, and does not for the next", () => {
        const { terminal } = connected({ multi: true })
        terminal.dialogue(`
            > AT+CIPSEND=0,5␍
            < ⏎> |
            > hello
            < ⏎0, SEND OK⏎
            > AT+CIPACK=0␍
            < ⏎+CIPACK: 5,5,0⏎⏎OK⏎
            > AT+CIPACK␍
            < ⏎ERROR⏎
            > AT+CIPACK=6␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CIPACK=0␍
            < ⏎+CIPACK: 0,0,0⏎⏎OK⏎
        `)
        const single = connected().terminal
        single.dialogue("> AT+CIPACK=0␍\n< ⏎ERROR⏎")
    })

    test("CIPATS sends free length only, and not before something was typed", () => {
        const { terminal, server } = connected()
        terminal.dialogue(`
            > AT+CIPATS=1,2␍
            < ⏎OK⏎
            > AT+CIPSEND␍
            < ⏎> |
            ~ 5000
            > x
            < ⏎SEND OK⏎
            > AT+CIPSEND=2␍
            < ⏎> |
            > y
            ~ 5000
            > z
            < ⏎SEND OK⏎
            > AT+CIPATS=0␍
            < ⏎OK⏎
            > AT+CIPSEND␍
            < ⏎> |
            > a
            ~ 5000
            > b␚
            < ⏎SEND OK⏎
        `)
        expect(server.peer.text).toBe("xyzab")
    })

    test("the send buffer fills while nothing is acknowledged", () => {
        const { terminal, server } = connected({
            firmware: { sendBuffer: 2000 },
        })
        terminal.dialogue("> AT+CIPQSEND=1␍\n< ⏎OK⏎")
        server.peer.stall()
        terminal.dialogue(`
            > AT+CIPSEND=1460␍
            < ⏎> |
            > ${"x".repeat(1460)}
            < ⏎DATA ACCEPT:1460⏎
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 540⏎⏎OK⏎
            > AT+CIPSEND=541␍
            < ⏎ERROR⏎
            > AT+CIPSEND=540␍
            < ⏎> |
            > ${"x".repeat(540)}
            < ⏎DATA ACCEPT:540⏎
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0⏎⏎OK⏎
            > AT+CIPSEND␍
            < ⏎ERROR⏎
            > AT+CIPACK␍
            < ⏎+CIPACK: 2000,0,2000⏎⏎OK⏎
        `)
        server.peer.unstall()
        terminal.listen(50)
        terminal.dialogue(`
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 1460⏎⏎OK⏎
            > AT+CIPACK␍
            < ⏎+CIPACK: 2000,2000,0⏎⏎OK⏎
        `)
    })

    test("no acknowledgement for 645 s closes the connection", () => {
        const { terminal, server } = connected({ multi: true })
        server.peer.stall()
        terminal.dialogue("> AT+CIPSEND=0,2␍\n< ⏎> |")
        const start = terminal.clock.now()
        terminal.modem.dte.write(new Uint8Array(2))
        terminal.clock.advance(640_000)
        expect(terminal.modem.activity).toBe("busy")
        terminal.dialogue("< ⏎0, CLOSED⏎")
        expect(terminal.clock.now() - start).toBeGreaterThan(645_000)
        terminal.dialogue("> AT␍\n< ⏎OK⏎")
    })

    test("the peer resets while the acknowledgement is awaited", () => {
        const { terminal, server } = connected({ multi: true })
        server.peer.stall()
        terminal.dialogue("> AT+CIPSEND=0,2␍\n< ⏎> |")
        terminal.send("ab")
        terminal.listen(100)
        server.peer.reset()
        terminal.dialogue("< ⏎0, SEND FAIL⏎⏎0, CLOSED⏎")
    })

    test("the peer closes while the prompt is open", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.dialogue(`
            > AT+CIPSEND=0,4␍
            < ⏎> |
            > ab
        `)
        server.peer.end()
        terminal.dialogue(`
            < ⏎0, CLOSED⏎
            > cd
            < ⏎0, SEND FAIL⏎
        `)
    })

    test("the context goes while the prompt is open: what follows is no data", () => {
        const { terminal } = connected()
        terminal.dialogue(`
            > AT+CIPSEND=40␍
            < ⏎> |
            > ab
        `)
        terminal.modem.inject("pdp-deact")
        terminal.dialogue(`
            < ⏎+PDP: DEACT⏎
            > cdAT␍
            < ⏎OK⏎
        `)
    })

    test("the context goes while SEND OK is awaited", () => {
        const { terminal, server } = connected()
        server.peer.stall()
        terminal.dialogue("> AT+CIPSEND=2␍\n< ⏎> |")
        terminal.send("ab")
        terminal.listen(100)
        terminal.modem.inject("pdp-deact")
        terminal.dialogue(`
            < ⏎+PDP: DEACT⏎
            > AT␍
            < ⏎OK⏎
        `)
    })
})

describe("receiving, pushed", () => {
    test("segments as they come, of at most 1460 bytes", () => {
        const { terminal, server } = connected({ multi: true })
        server.peer.send("a".repeat(3000))
        server.peer.send("b")
        terminal.dialogue(`
            < ⏎+RECEIVE,0,1460:⏎${"a".repeat(1460)}
            < ⏎+RECEIVE,0,1460:⏎${"a".repeat(1460)}
            < ⏎+RECEIVE,0,80:⏎${"a".repeat(80)}
            < ⏎+RECEIVE,0,1:⏎b
        `)
    })

    test("with the sender", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.dialogue("> AT+CIPSRIP=1␍\n< ⏎OK⏎")
        server.peer.send("abc")
        terminal.dialogue(`< ⏎+RECEIVE,0,3,${SERVER}:80:⏎abc`)
    })

    test("all bytes pass as they are", () => {
        const { terminal, server } = connected()
        const all = Uint8Array.from({ length: 256 }, (_, i) => i)
        const received: number[] = []
        terminal.modem.dte.onData = bytes => received.push(...bytes)
        server.peer.send(all)
        terminal.clock.advance(200)
        expect(received).toEqual([...all])
    })

    test("between a command and its answer", () => {
        const terminal = TestTerminal.online({
            multi: true,
            delays: "realistic",
            radio: "gprs",
        })
        const server = terminal.network.echo(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CIPSEND=0,2␍
            < ⏎> |
            > hi
            ~ 50
        `)
        server.peer.send("first")
        // the peer's data overtakes the acknowledgement
        terminal.dialogue(`
            < ⏎+RECEIVE,0,5:⏎first
            < ⏎0, SEND OK⏎
            < ⏎+RECEIVE,0,2:⏎hi
        `)
    })

    test("what the peer sent before it closed comes before CLOSED", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.dialogue("> AT+IFC=2,2␍\n< ⏎OK⏎")
        terminal.modem.dte.setRts(false)
        server.peer.send("x".repeat(4000))
        server.peer.end()
        terminal.clock.advance(10_000)
        terminal.modem.dte.setRts(true)
        const text = terminal.listen(1000)
        expect(text.match(/x/g)?.length).toBe(4000)
        expect(text.endsWith("⏎0, CLOSED⏎")).toBe(true)
    })

    test("even if it is a single byte", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.dialogue("> AT+IFC=2,2␍\n< ⏎OK⏎")
        terminal.modem.dte.setRts(false)
        server.peer.send("x".repeat(200))
        terminal.clock.advance(100)
        server.peer.send("y")
        server.peer.end()
        terminal.clock.advance(1000)
        terminal.modem.dte.setRts(true)
        terminal.dialogue(`
            < ⏎+RECEIVE,0,200:⏎${"x".repeat(200)}
            < ⏎+RECEIVE,0,1:⏎y
            < ⏎0, CLOSED⏎
        `)
    })

    test("a DTE that stops reading stops the peer", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.dialogue("> AT+IFC=2,2␍\n< ⏎OK⏎")
        terminal.modem.dte.setRts(false)
        server.peer.send("a".repeat(5000))
        terminal.clock.advance(1000)
        for (let i = 0; i < 10; i++) server.peer.send("b".repeat(5000))
        terminal.clock.advance(10_000)
        // at most: buffer, one segment at the UART, one chunk in the network
        expect(server.peer.unsent).toBeGreaterThanOrEqual(40_000)
        terminal.modem.dte.setRts(true)
        const text = terminal.listen(10_000)
        expect(server.peer.unsent).toBe(0)
        expect(text.match(/a/g)?.length).toBe(5000)
        expect(text.match(/b/g)?.length).toBe(50_000)
    })

    test("busy connections take turns", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.network.listen(SERVER, 80, peer =>
            peer.send("x".repeat(20_000))
        )
        terminal.ask(`AT+CIPSTART=0,"TCP","${SERVER}",80␍`, 0)
        terminal.listen(500)
        terminal.modem.dte.write(
            new TextEncoder().encode(`AT+CIPSTART=1,"TCP","${SERVER}",80\r`)
        )
        terminal.listen(500)
        const text = terminal.listen(1000)
        const count = (n: number): number =>
            text.split(`+RECEIVE,${n},`).length - 1
        expect(count(0)).toBeGreaterThan(2)
        expect(Math.abs(count(0) - count(1))).toBeLessThanOrEqual(1)
        terminal.listen(10_000)
    })

    test("UDP: each datagram by itself, strangers are not heard", () => {
        const terminal = TestTerminal.online({ multi: true })
        const server = terminal.network.udp(SERVER, 53)
        terminal.dialogue(`
            > AT+CIPSTART=2,"UDP","${SERVER}",53␍
            < ⏎OK⏎⏎2, CONNECT OK⏎
            > AT+CIPSEND=2,1␍
            < ⏎> |
            > ?
            < ⏎2, SEND OK⏎
            ~ 50
        `)
        server.reply("one")
        server.reply("two")
        terminal.dialogue("< ⏎+RECEIVE,2,3:⏎one⏎+RECEIVE,2,3:⏎two")
    })
})

describe("receiving by hand", () => {
    test("announced once, until all has been read", () => {
        const { terminal, server } = manual()
        server.peer.send("abc")
        terminal.dialogue("< ⏎+CIPRXGET: 1⏎")
        server.peer.send("def")
        expect(terminal.listen(1000)).toBe("")
        terminal.dialogue(`
            > AT+CIPRXGET=4␍
            < ⏎+CIPRXGET: 4,6⏎⏎OK⏎
            > AT+CIPRXGET=2,4␍
            < ⏎+CIPRXGET: 2,4,2⏎abcd⏎OK⏎
        `)
        server.peer.send("ghi")
        expect(terminal.listen(1000)).toBe("")
        terminal.dialogue(`
            > AT+CIPRXGET=2␍
            < ⏎+CIPRXGET: 2,5,0⏎efghi⏎OK⏎
            > AT+CIPRXGET=2,1␍
            < ⏎+CIPRXGET: 2,0,0⏎⏎OK⏎
        `)
        server.peer.send("j")
        terminal.dialogue("< ⏎+CIPRXGET: 1⏎")
    })

    test("more than a segment waits; a read may span segments", () => {
        const { terminal, server } = manual({ multi: true })
        server.peer.send("x".repeat(2871))
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1,0⏎
            ~ 50
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,2871⏎⏎OK⏎
            > AT+CIPRXGET=2,0,100␍
            < ⏎+CIPRXGET: 2,0,100,2771⏎${"x".repeat(100)}⏎OK⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,1460,1311⏎${"x".repeat(1460)}⏎OK⏎
            > AT+CIPRXGET=3,0␍
            < ⏎+CIPRXGET: 3,0,730,581⏎${"78".repeat(730)}⏎OK⏎
        `)
    })

    test("the buffer has a limit; then the peer waits", () => {
        const { terminal, server } = manual({
            firmware: { receiveBuffer: 3000 },
        })
        server.peer.send("x".repeat(1460))
        server.peer.send("x".repeat(1460))
        server.peer.send("y".repeat(1460))
        server.peer.send("z".repeat(1460))
        terminal.dialogue("< ⏎+CIPRXGET: 1⏎")
        terminal.listen(5000)
        terminal.dialogue("> AT+CIPRXGET=4␍\n< ⏎+CIPRXGET: 4,2920⏎⏎OK⏎")
        expect(server.peer.unsent).toBe(1460)
        terminal.ask("AT+CIPRXGET=2,1460␍", 1000)
        terminal.dialogue("> AT+CIPRXGET=4␍\n< ⏎+CIPRXGET: 4,2920⏎⏎OK⏎")
        expect(server.peer.unsent).toBe(0)
    })

    test("a buffer smaller than a segment works too", () => {
        const { terminal, server } = manual({
            firmware: { receiveBuffer: 100 },
        })
        server.peer.send("x".repeat(250))
        terminal.dialogue("< ⏎+CIPRXGET: 1⏎")
        const read = (length: number): string => `
            ~ 100
            > AT+CIPRXGET=2␍
            < ⏎+CIPRXGET: 2,${length},0⏎${"x".repeat(length)}⏎OK⏎
        `
        terminal.dialogue(`
            ${read(100)}
            < ⏎+CIPRXGET: 1⏎
            ${read(100)}
            < ⏎+CIPRXGET: 1⏎
            ${read(50)}
        `)
    })

    test("unread data outlives CLOSED, not CLOSE OK", () => {
        const { terminal, server } = manual({ multi: true })
        server.peer.send("abc")
        server.peer.end()
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1,0⏎⏎0, CLOSED⏎
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,3⏎⏎OK⏎
            > AT+CIPRXGET=2,0,10␍
            < ⏎+CIPRXGET: 2,0,3,0⏎abc⏎OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
        `)
        server.peer.send("def")
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            > AT+CIPRXGET=2,0,10␍
            < ⏎+CIPRXGET: 2,0,0,0⏎⏎OK⏎
        `)
    })

    test("unread data does not outlive the next CIPSTART", () => {
        const { terminal, server } = manual({ multi: true })
        server.peer.send("old")
        server.peer.end()
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1,0⏎⏎0, CLOSED⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
        `)
        server.peer.send("new")
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,10␍
            < ⏎+CIPRXGET: 2,0,3,0⏎new⏎OK⏎
        `)
    })

    test("with the sender", () => {
        const { terminal, server } = manual({ multi: true })
        terminal.dialogue("> AT+CIPSRIP=1␍\n< ⏎OK⏎")
        server.peer.send("abc")
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1,0,${SERVER}:80⏎
            > AT+CIPRXGET=2,0,10␍
            < ⏎+CIPRXGET: 2,0,3,0,${SERVER}:80⏎abc⏎OK⏎
        `)
    })

    test("UDP: at most one datagram at a time", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.udp(SERVER, 53)
        terminal.dialogue(`
            > AT+CIPRXGET=1␍
            < ⏎OK⏎
            > AT+CIPSTART="UDP","${SERVER}",53␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > AT+CIPSEND=1␍
            < ⏎> |
            > ?
            < ⏎SEND OK⏎
            ~ 50
        `)
        server.reply("first")
        server.reply("second")
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1⏎
            > AT+CIPRXGET=4␍
            < ⏎+CIPRXGET: 4,11⏎⏎OK⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,5,6⏎first⏎OK⏎
            > AT+CIPRXGET=2,3␍
            < ⏎+CIPRXGET: 2,3,3⏎sec⏎OK⏎
            > AT+CIPRXGET=2,1460␍
            < ⏎+CIPRXGET: 2,3,0⏎ond⏎OK⏎
        `)
    })

    test.each([
        "2,0",
        "2,1461",
        "3,731",
        "3,0",
        "4,1",
        "0,1",
        "2,1,1",
        "",
        '"2"',
    ])("AT+CIPRXGET=%s is refused", parameters => {
        const { terminal } = manual()
        terminal.dialogue(`> AT+CIPRXGET=${parameters}␍\n< ⏎ERROR⏎`)
    })

    test("numbers are asked for if there are several connections", () => {
        const { terminal } = manual({ multi: true })
        for (const parameters of ["2", "4", "2,6,10", "2,0,1461", "2,1,10"])
            terminal.dialogue(`> AT+CIPRXGET=${parameters}␍\n< ⏎ERROR⏎`)
    })

    test("with data pushed there is nothing to fetch", () => {
        const { terminal } = connected()
        terminal.dialogue(`
            > AT+CIPRXGET=2,10␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=4␍
            < ⏎ERROR⏎
        `)
    })
})

describe("closing", () => {
    test("by the peer: CLOSED after its FIN and ours", () => {
        const { terminal, server } = connected({ multi: true, radio: "gprs" })
        server.peer.end()
        terminal.listen(320)
        terminal.dialogue(`
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","REMOTE CLOSING"⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=0␍
            < ⏎ERROR⏎
            < ⏎0, CLOSED⏎
            > AT+CIPCLOSE=0␍
            < ⏎ERROR⏎
        `)
        expect(server.peer.ended).toBe(true)
    })

    test("AT+CIPRDTIMER limits the wait for a peer that is gone", () => {
        const { terminal, server } = connected()
        terminal.dialogue(`
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            > AT+CIPRDTIMER=500,500␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
        `)
        server.peer.end()
        server.peer.stall()
        const start = terminal.clock.now()
        terminal.dialogue("< ⏎CLOSED⏎")
        expect(terminal.clock.now() - start).toBeGreaterThan(500)
        expect(terminal.clock.now() - start).toBeLessThan(520)
    })

    test("by the peer, with RST", () => {
        const { terminal, server } = connected({ multi: true })
        server.peer.reset()
        terminal.dialogue(`
            < ⏎0, CLOSED⏎
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","CLOSED"⏎⏎OK⏎
        `)
    })

    test("slowly: what was sent before arrives, what comes later is dropped", () => {
        const { terminal, server } = connected({ radio: "gprs" })
        terminal.dialogue(`
            > AT+CIPQSEND=1␍
            < ⏎OK⏎
            > AT+CIPSEND=5␍
            < ⏎> |
            > hello
            < ⏎DATA ACCEPT:5⏎
        `)
        server.peer.send("too late")
        terminal.dialogue("> AT+CIPCLOSE␍\n< ⏎CLOSE OK⏎")
        expect(server.peer.text).toBe("hello")
        expect(server.peer.ended).toBe(true)
        expect(terminal.listen(20_000)).toBe("")
    })

    test("slowly, and then the peer closes too: nobody is told", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.dialogue("> AT+CIPCLOSE=0␍\n< ⏎0, CLOSE OK⏎")
        server.peer.send("late")
        server.peer.end()
        expect(terminal.listen(20_000)).toBe("")
        terminal.dialogue(`
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","CLOSED"⏎⏎OK⏎
        `)
        expect(server.peer.closed).toBe(true)
    })

    test("slowly, with a peer that is gone: after a while", () => {
        const { terminal, server } = connected()
        server.peer.stall()
        const start = terminal.clock.now()
        terminal.dialogue("> AT+CIPCLOSE␍\n< ⏎CLOSE OK⏎")
        expect(terminal.clock.now() - start).toBeGreaterThan(10_000)
        expect(terminal.listen(20_000)).toBe("")
        expect(server.peer.closed).toBe(true)
    })

    test("slowly, with a peer that answers with RST", () => {
        const { terminal, server } = connected()
        server.peer.stall()
        terminal.send("AT+CIPCLOSE␍")
        terminal.listen(100)
        server.peer.reset()
        const start = terminal.clock.now()
        terminal.dialogue("< ⏎CLOSE OK⏎")
        expect(terminal.clock.now() - start).toBeLessThan(100)
        expect(terminal.listen(20_000)).toBe("")
    })

    test("slowly, both sides at once", () => {
        const { terminal, server } = connected({ radio: "gprs" })
        server.peer.end()
        terminal.dialogue("> AT+CIPCLOSE␍\n< ⏎CLOSE OK⏎")
        expect(terminal.listen(20_000)).toBe("")
    })

    test("quickly: RST", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.dialogue(`
            > AT+CIPCLOSE=0,1␍
            < ⏎0, CLOSE OK⏎
        `)
        expect(server.peer.closed).toBe(true)
        expect(server.peer.ended).toBe(false)
    })

    test("the context goes during a slow close", () => {
        const { terminal, server } = connected()
        server.peer.stall()
        terminal.send("AT+CIPCLOSE␍")
        terminal.listen(100)
        terminal.modem.inject("pdp-deact")
        terminal.dialogue(`
            < ⏎+PDP: DEACT⏎⏎CLOSE OK⏎
            > AT␍
            < ⏎OK⏎
        `)
    })

    test("CIPSHUT ends all, also unread data, and says only SHUT OK", () => {
        const { terminal, server } = manual({ multi: true })
        server.peer.send("abc")
        terminal.dialogue(`
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPRXGET=2,0,10␍
            < ⏎ERROR⏎
        `)
        expect(server.peer.closed).toBe(true)
    })
})

describe("the context", () => {
    test("is lost: sockets are dead, only CIPSHUT helps", () => {
        const { terminal, server } = connected({ multi: true })
        terminal.modem.inject("pdp-deact")
        terminal.dialogue("< ⏎+PDP: DEACT⏎")
        expect(server.peer.closed).toBe(true)
        for (const line of [
            "AT+CSTT",
            "AT+CIICR",
            "AT+CIFSR",
            `AT+CIPSTART=0,"TCP","${SERVER}",80`,
            "AT+CIPSEND=0,1",
            "AT+CIPCLOSE=0",
            "AT+CIPMUX=0",
            'AT+CDNSGIP="x"',
        ])
            terminal.dialogue(`> ${line}␍\n< ⏎ERROR⏎`)
        terminal.dialogue(`
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CSTT␍
            < ⏎OK⏎
        `)
    })

    test("is lost while connections are being made: they fail", () => {
        const terminal = TestTerminal.online({ multi: true })
        terminal.dialogue(`
            > AT+CIPSTART=1,"TCP","${SERVER}",82␍
            < ⏎OK⏎
        `)
        terminal.modem.inject("pdp-deact")
        terminal.dialogue("< ⏎+PDP: DEACT⏎⏎1, CONNECT FAIL⏎")
        expect(terminal.listen(100_000)).toBe("")
    })

    test("is lost while CIPSTART brings it up", () => {
        const terminal = TestTerminal.ready({ delays: "realistic" })
        terminal.dialogue(`> AT+CIPSTART="TCP","${SERVER}",80␍\n< ⏎OK⏎`)
        terminal.listen(500)
        terminal.modem.inject("pdp-deact")
        terminal.dialogue("< ⏎STATE: PDP DEACT⏎⏎CONNECT FAIL⏎")
    })

    test("AT+CIPDPDP: coverage lost for 30 s ends it, for less does not", () => {
        const { terminal, server } = connected()
        terminal.modem.setRegistration(2)
        server.peer.send("late")
        expect(terminal.listen(25_000)).toBe("")
        terminal.modem.setRegistration(1)
        expect(terminal.listen(1000)).toBe("late")
        terminal.modem.setRegistration(2)
        const start = terminal.clock.now()
        terminal.dialogue("< ⏎+PDP: DEACT⏎")
        expect(terminal.clock.now() - start).toBeGreaterThanOrEqual(30_000)
        expect(terminal.clock.now() - start).toBeLessThan(30_010)
    })

    test("AT+CIPDPDP=0: nothing ends it, what is sent waits", () => {
        const { terminal, server } = connected()
        terminal.dialogue("> AT+CIPDPDP=0␍\n< ⏎OK⏎")
        terminal.modem.setRegistration(2)
        terminal.dialogue("> AT+CIPSEND=2␍\n< ⏎> |")
        terminal.send("ab")
        expect(terminal.listen(600_000)).toBe("")
        expect(server.peer.text).toBe("")
        terminal.modem.setRegistration(1)
        terminal.dialogue("< ⏎SEND OK⏎")
        expect(server.peer.text).toBe("ab")
    })

    test("without GPRS names are not resolved: network error", () => {
        const { terminal } = connected()
        terminal.modem.setRegistration(2)
        terminal.dialogue(`
            > AT+CDNSGIP="x"␍
            < ⏎OK⏎⏎+CDNSGIP: 0,3⏎
        `)
    })

    test("a name query without an answer: network error, or CONNECT FAIL", () => {
        const terminal = TestTerminal.online({ multi: true, radio: "gprs" })
        terminal.network.name("server.example", SERVER)
        terminal.dialogue('> AT+CDNSGIP="server.example"␍\n< ⏎OK⏎')
        terminal.dialogue('> AT+CIPSTART=0,"TCP","server.example",80␍\n< ⏎OK⏎')
        terminal.modem.setRegistration(2)
        expect(terminal.modem.isSettled).toBe(false)
        const start = terminal.clock.now()
        terminal.dialogue("< ⏎+CDNSGIP: 0,3⏎⏎0, CONNECT FAIL⏎")
        expect(terminal.clock.now() - start).toBeGreaterThan(9_000)
        expect(terminal.clock.now() - start).toBeLessThan(10_100)
        terminal.modem.setRegistration(1)
        expect(terminal.listen(60_000)).toBe("")
        expect(terminal.modem.isSettled).toBe(true)
    })

    test("AT+CDNSGIP of a name with one address, and what is no name", () => {
        const terminal = TestTerminal.online()
        terminal.network.name("server.example", SERVER)
        terminal.dialogue(`
            > AT+CDNSGIP="server.example"␍
            < ⏎OK⏎
            < ⏎+CDNSGIP: 1,"server.example","${SERVER}"⏎
            > AT+CDNSGIP=server.example␍
            < ⏎OK⏎
            < ⏎+CDNSGIP: 1,"server.example","${SERVER}"⏎
            > AT+CDNSGIP="server.example",1␍
            < ⏎ERROR⏎
            > AT+CDNSGIP␍
            < ⏎ERROR⏎
        `)
    })

    test("an address is its own name", () => {
        TestTerminal.online().dialogue(`
            > AT+CDNSGIP="10.1.2.3"␍
            < ⏎OK⏎
            < ⏎+CDNSGIP: 1,"10.1.2.3","10.1.2.3"⏎
        `)
    })
})

describe("what a watcher sees", () => {
    test("activity, and what data is expected", () => {
        const { terminal } = connected()
        const { modem } = terminal
        expect(modem.activity).toBe("command")
        terminal.send("AT+CIPSEND=5␍")
        expect(terminal.listen(10)).toBe("⏎> ")
        expect([modem.activity, modem.dataExpected]).toEqual(["data", 5])
        terminal.send("ab")
        terminal.listen(1)
        expect([modem.activity, modem.dataExpected]).toEqual(["data", 3])
        terminal.send("cde")
        terminal.listen(1)
        expect(modem.activity).toBe("busy")
        terminal.dialogue("< ⏎SEND OK⏎")
        terminal.send("AT+CIPSEND␍")
        terminal.listen(10)
        expect([modem.activity, modem.dataExpected]).toEqual([
            "data",
            undefined,
        ])
    })

    test("whether something that was started is still to be reported", () => {
        const terminal = TestTerminal.online({ multi: true, radio: "gprs" })
        const { modem } = terminal
        terminal.network.listen(SERVER, 80)
        const settled = (line: string): boolean[] => {
            terminal.send(`${line}␍`)
            terminal.listen(50)
            const before = modem.isSettled
            terminal.listen(2000)
            return [before, modem.isSettled]
        }
        expect(settled(`AT+CIPSTART=0,"TCP","${SERVER}",80`)).toEqual([
            false,
            true,
        ])
        expect(settled('AT+CDNSGIP="x"')).toEqual([false, true])
        expect(settled("AT+CIPCLOSE=0")).toEqual([false, true])
        terminal.send("ATI␍")
        terminal.clock.advance(2)
        expect(modem.isSettled).toBe(false)
        terminal.listen(10)
        expect(modem.isSettled).toBe(true)
    })

    test("every change of state", () => {
        const terminal = TestTerminal.ready()
        terminal.network.listen(SERVER, 80)
        terminal.ask(`AT+CIPSTART="TCP","${SERVER}",80␍`, 1000)
        terminal.ask("AT+CIPCLOSE␍", 1000)
        terminal.ask("AT+CGATT=0␍", 1000)
        terminal.modem.setRegistration(3)
        expect(terminal.transitions).toEqual([
            "ip: IP INITIAL -> IP START",
            "ip: IP START -> IP CONFIG",
            "ip: IP CONFIG -> IP GPRSACT",
            "ip: IP GPRSACT -> IP STATUS",
            "link 0: INITIAL -> CONNECTING",
            "ip: IP STATUS -> TCP CONNECTING",
            "link 0: CONNECTING -> CONNECTED",
            "ip: TCP CONNECTING -> CONNECT OK",
            "link 0: CONNECTED -> CLOSING",
            "ip: CONNECT OK -> TCP CLOSING",
            "link 0: CLOSING -> CLOSED",
            "ip: TCP CLOSING -> TCP CLOSED",
            "ip: TCP CLOSED -> PDP DEACT",
            "gprs: attached -> detached",
            "registration: home -> denied",
        ])
    })
})

describe("AT+CIPTKA", () => {
    test("gives up a peer that does not answer", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPTKA=1,60,30,3␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
        `)
        expect(terminal.listen(1_000_000)).toBe("")
        server.peer.stall()
        const start = terminal.clock.now()
        terminal.dialogue("< ⏎CLOSED⏎")
        const elapsed = (terminal.clock.now() - start) / 1000
        expect(elapsed).toBeGreaterThan(90)
        expect(elapsed).toBeLessThanOrEqual(60 + 3 * 30 + 1)
    })

    test("switched off, a dead connection lasts for days", () => {
        const terminal = TestTerminal.online({ multi: true })
        const server = terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPTKA=0␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
        `)
        server.peer.stall()
        expect(terminal.listen(30 * 3_600_000)).toBe("")
        terminal.dialogue(`
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","80","CONNECTED"⏎⏎OK⏎
        `)
    })
})
