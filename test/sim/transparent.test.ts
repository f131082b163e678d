/** [AN] 2.2, facts 6: transparent mode, its pins, and the way to command mode and back. */
import { describe, expect, test } from "vitest"
import { bytesOf, textOf } from "../../sim/modem/bytes"
import type { MemoryServer } from "../../sim/modem/memory-network"
import type { FirmwareOptions, ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "116.228.221.51"
const start = `AT+CIPSTART="TCP","${SERVER}","8500"`

interface World {
    terminal: TestTerminal
    server: MemoryServer
}

/** A TCP connection in data mode, after these commands. */
function online(options: ModemOptions = {}, ...commands: string[]): World {
    const terminal = TestTerminal.online(options)
    const server = terminal.network.listen(SERVER, 8500)
    for (const command of ["AT+CIPMODE=1", ...commands])
        terminal.dialogue(`> ${command}␍\n< ⏎OK⏎`)
    terminal.dialogue(`
        > ${start}␍
        < ⏎OK⏎
        < ⏎CONNECT⏎
    `)
    terminal.takePins()
    return { terminal, server }
}

const firmware = (options: Partial<FirmwareOptions>): ModemOptions => ({
    firmware: options,
})

describe("the transcript of 2.2.3", () => {
    test("TCP client: data mode, command mode, data mode, remote close", () => {
        const terminal = TestTerminal.ready({ stored: { baud: 115200 } })
        const server = terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > ATE1␍
            < ATE1␍⏎OK⏎
            > AT+CGATT?␍
            < AT+CGATT?␍⏎+CGATT: 1⏎⏎OK⏎
            > AT+CIPMODE=1␍
            < AT+CIPMODE=1␍⏎OK⏎
            > AT+CSTT="CMNET"␍
            < AT+CSTT="CMNET"␍⏎OK⏎
            > AT+CIICR␍
            < AT+CIICR␍⏎OK⏎
            > AT+CIFSR␍
            < AT+CIFSR␍⏎10.78.245.128⏎
            > ${start}␍
            < ${start}␍⏎OK⏎
            < ⏎CONNECT⏎
            ! dcd low
            # no echo
            > hello TCP server
            ~ 2000
            > +++
            ~ 990
            < ⏎OK⏎
            > ATO␍
            < ATO␍⏎CONNECT⏎
        `)
        server.peer.send("SIM800 channel test")
        terminal.dialogue("< SIM800 channel test")
        server.peer.end()
        terminal.dialogue(`
            < ⏎CLOSED⏎
            ! dcd high
            > AT+CIPSTATUS␍
            < AT+CIPSTATUS␍⏎OK⏎⏎STATE: TCP CLOSED⏎
        `)
        expect(server.peer.text).toBe("hello TCP server")
    })

    test("UDP client: packets are datagrams", () => {
        const terminal = TestTerminal.online()
        const server = terminal.network.udp(SERVER, 9600)
        terminal.dialogue(`
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > AT+CIPSTART="UDP","${SERVER}","9600"␍
            < ⏎OK⏎⏎CONNECT⏎
            ! dcd low
            > one
            ~ 500
            > two
            ~ 500
        `)
        server.reply("AT\r\nOK\r\n\0\x1a")
        terminal.dialogue(`
            < AT⏎OK⏎␀␚
            ~ 1000
            > +++
            ~ 1000
            < ⏎OK⏎
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ! dcd high
        `)
        expect(server.datagrams.map(d => d.text)).toEqual(["one", "two"])
    })

    test("from IP INITIAL, CIPSTART brings everything up", () => {
        const terminal = TestTerminal.ready()
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > ${start}␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        expect(terminal.modem.activity).toBe("data")
        expect(terminal.modem.dataExpected).toBeUndefined()
        expect(terminal.transitions).toContain("mode: command -> data")
    })

    test("a connection that is not made leaves command mode as it is", () => {
        const terminal = TestTerminal.online()
        terminal.network.refuse(SERVER, 8500)
        terminal.dialogue(`
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > ${start}␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎⏎CONNECT FAIL⏎
            > ATO␍
            < ⏎ERROR⏎
        `)
        expect(terminal.takePins()).toEqual([])
    })
})

describe("TCP server, 2.2.3 and 2.2.4", () => {
    function serving(options: ModemOptions = {}): TestTerminal {
        const terminal = TestTerminal.online(options)
        terminal.dialogue(`
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
        `)
        return terminal
    }
    const dial = (terminal: TestTerminal) =>
        terminal.network.dial(
            { address: "10.78.245.128", port: 8888 },
            { address: "10.78.103.220", port: 2020 }
        )

    test("a peer comes, talks, and closes; the next one comes", () => {
        const terminal = serving()
        expect(terminal.takePins()).toEqual([])
        for (let turn = 0; turn < 2; turn++) {
            const peer = dial(terminal)
            terminal.dialogue(`
                < ⏎CONNECT⏎
                ! dcd low
                > hello
                ~ 1000
                > +++
                ~ 990
                < ⏎OK⏎
                > ATO␍
                < ⏎CONNECT⏎
            `)
            expect(peer.text).toBe("hello")
            peer.send("SIM800 channel test")
            peer.end()
            terminal.dialogue(`
                < SIM800 channel test⏎CLOSED⏎
                ! dcd high
            `)
        }
        terminal.dialogue(`
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: SERVER LISTENING⏎
        `)
    })

    test("acceptShowsAddress: REMOTE IP first", () => {
        const terminal = serving(firmware({ acceptShowsAddress: true }))
        dial(terminal)
        terminal.dialogue("< ⏎REMOTE IP: 10.78.103.220⏎⏎CONNECT⏎")
    })

    test("a peer does not break into the command that runs", () => {
        const terminal = serving()
        terminal.modem.inject("late-answer", 3000)
        terminal.send("AT+CSQ␍")
        dial(terminal)
        terminal.dialogue("< ⏎+CSQ: 20,0⏎⏎OK⏎⏎CONNECT⏎")
    })
})

describe("AT+CIPMODE", () => {
    test("is read, tested, and kept by AT+CIPSCONT", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CIPMODE=?␍
            < ⏎+CIPMODE: (0-NORMAL MODE,1-TRANSPARENT MODE)⏎⏎OK⏎
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > AT+CIPCCFG=8,3,512,0,1,100,20␍
            < ⏎OK⏎
            > AT+CIPMODE?␍
            < ⏎+CIPMODE: 1⏎⏎OK⏎
            > AT+CIPSCONT␍
            < ⏎OK⏎
        `)
        terminal.modem.reset()
        terminal.listen(60_000)
        expect(terminal.ask("AT+CIPSCONT?␍")).toContain(
            "⏎+CIPMODE: 1⏎+CIPCCFG: 8,3,512,0,1,100,20⏎"
        )
        terminal.dialogue("> AT+CIPMODE?␍\n< ⏎+CIPMODE: 1⏎⏎OK⏎")
    })

    test("is not for several connections, nor for one that exists", () => {
        TestTerminal.ready().dialogue(`
            > AT+CIPMODE=2␍
            < ⏎ERROR⏎
            > AT+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CIPMODE=1␍
            < ⏎ERROR⏎
        `)
        const { terminal } = online()
        terminal.dialogue(`
            ~ 1000
            > +++
            ~ 1000
            < ⏎OK⏎
            > AT+CIPMODE=0␍
            < ⏎ERROR⏎
        `)
    })

    test("has no effect once there are several connections", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CIPMODE=1;+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CSTT;+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
        `)
        terminal.network.listen(SERVER, 80)
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
        `)
        expect(terminal.takePins()).toEqual([])
    })

    test("AT+CIPSEND and AT+CIPRXGET have nothing to do with it", () => {
        const { terminal } = online({}, "AT+CIPRXGET=1")
        terminal.dialogue(`
            ~ 1000
            > +++
            ~ 1000
            < ⏎OK⏎
            > AT+CIPSEND␍
            < ⏎ERROR⏎
            > AT+CIPSEND=5␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=4␍
            < ⏎ERROR⏎
        `)
    })
})

describe("AT+CIPCCFG", () => {
    test("forms", () => {
        TestTerminal.ready().dialogue(`
            > AT+CIPCCFG=?␍
            < ⏎+CIPCCFG: (NmRetry:3-8),(WaitTm:1-10),(SendSz:1-1460),(esc:0,1),(Rxmode:0,1),(RxSize:50-1460),(Rxtimer:20-1000)⏎⏎OK⏎
            > AT+CIPCCFG?␍
            < ⏎+CIPCCFG: 5,2,1024,1,0,1460,50⏎⏎OK⏎
            > AT+CIPCCFG=8,2,1024,1,0,1460,50␍
            < ⏎OK⏎
            > AT+CIPCCFG=3,10,1,0␍
            < ⏎OK⏎
            > AT+CIPCCFG?␍
            < ⏎+CIPCCFG: 3,10,1,0,0,1460,50⏎⏎OK⏎
            > AT+CIPCCFG=3,10,1460,0,1,50,1000␍
            < ⏎OK⏎
            > AT+CIPCCFG?␍
            < ⏎+CIPCCFG: 3,10,1460,0,1,50,1000⏎⏎OK⏎
            > AT+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CIPCCFG=3,10,1460,0␍
            < ⏎ERROR⏎
        `)
    })

    test.each([
        "2,2,1024,1",
        "9,2,1024,1",
        "5,0,1024,1",
        "5,11,1024,1",
        "5,2,0,1",
        "5,2,1461,1",
        "5,2,1024,2",
        "5,2,1024",
        "5,2,1024,1,2",
        "5,2,1024,1,1,49",
        "5,2,1024,1,1,1461",
        "5,2,1024,1,1,50,19",
        "5,2,1024,1,1,50,1001",
        "5,2,1024,1,1,50,50,1",
    ])("=%s is refused", values => {
        TestTerminal.ready().dialogue(`
            > AT+CIPCCFG=${values}␍
            < ⏎ERROR⏎
            > AT+CIPCCFG?␍
            < ⏎+CIPCCFG: 5,2,1024,1,0,1460,50⏎⏎OK⏎
        `)
    })

    /** Sizes and times of the datagrams that bytes become. */
    function datagrams(
        options: ModemOptions,
        config: string,
        send: (terminal: TestTerminal) => void
    ): string[] {
        const terminal = TestTerminal.online(options)
        const server = terminal.network.udp(SERVER, 9600)
        terminal.dialogue(`
            > AT+CIPMODE=1;+CIPCCFG=${config}␍
            < ⏎OK⏎
            > AT+CIPSTART="UDP","${SERVER}",9600␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        const seen: string[] = []
        const begin = terminal.clock.now()
        server.onDatagram = ({ length }) =>
            seen.push(
                `${length} after ${Math.round(terminal.clock.now() - begin)} ms`
            )
        send(terminal)
        terminal.listen(5000)
        return seen
    }

    const text = (count: number): Uint8Array => bytesOf("x".repeat(count))

    test("SendSz: a packet as soon as there is enough", () => {
        expect(
            datagrams({}, "5,2,100,1", terminal =>
                terminal.modem.dte.write(text(250))
            )
        ).toEqual(["100 after 20 ms", "100 after 28 ms", "50 after 232 ms"])
    })

    test.each([
        [1, firmware({}), "10 after 111 ms"],
        [10, firmware({}), "10 after 1011 ms"],
        [10, firmware({ waitUnitMs: 200 }), "10 after 2011 ms"],
    ])("WaitTm %i %j: a packet after silence", (wait, options, seen) => {
        expect(
            datagrams(options, `5,${wait},1024,1`, terminal =>
                terminal.modem.dte.write(text(10))
            )
        ).toEqual([seen])
    })

    test("WaitTm counts from the last byte", () => {
        expect(
            datagrams({}, "5,5,1024,1", terminal => {
                for (let i = 0; i < 5; i++) {
                    terminal.modem.dte.write(text(10))
                    terminal.listen(400)
                }
            })
        ).toEqual(["50 after 2111 ms"])
    })

    test("leastWaitTime: 2", () => {
        TestTerminal.ready(firmware({ leastWaitTime: 2 })).dialogue(`
            > AT+CIPCCFG=5,1,1024,1␍
            < ⏎ERROR⏎
            > AT+CIPCCFG=?␍
            < ⏎+CIPCCFG: (NmRetry:3-8),(WaitTm:2-10),(SendSz:1-1460),(esc:0,1),(Rxmode:0,1),(RxSize:50-1460),(Rxtimer:20-1000)⏎⏎OK⏎
        `)
    })

    test("Rxmode, RxSize, Rxtimer: bursts and pauses", () => {
        const { terminal, server } = online(
            {},
            "AT+CIPCCFG=5,2,1024,1,1,100,200"
        )
        const seen: [at: number, count: number][] = []
        terminal.modem.dte.onData = ({ length }) => {
            const last = seen.at(-1)
            if (last && terminal.clock.now() - last[0] < 5) {
                last[0] = terminal.clock.now()
                last[1] += length
            } else seen.push([terminal.clock.now(), length])
        }
        server.peer.send("x".repeat(250))
        terminal.listen(1000)
        expect(seen.map(([, count]) => count)).toEqual([100, 100, 50])
        const gap = Math.round(seen[1][0] - seen[0][0])
        // 200 ms between them, 100 bytes take 8.7 ms
        expect(gap).toBe(209)
    })
})

describe("+++", () => {
    /** What the server gets, 5 s after a script in data mode. */
    function played(script: string, ...commands: string[]): string {
        const { terminal, server } = online({}, ...commands)
        terminal.dialogue(script)
        terminal.listen(5000)
        return server.peer.text
    }

    test("between silences is no data, and sends what was gathered", () => {
        expect(
            played(
                `
                > hello
                ~ 1000
                > +
                ~ 900
                > +
                ~ 900
                > +
                ~ 985
                < ⏎OK⏎
                `
            )
        ).toBe("hello")
    })

    test.each([
        ["no silence before", "> hello+++", "hello+++"],
        ["too little silence before", "> hello\n~ 980\n> +++", "hello+++"],
        ["a character among them", "~ 1000\n> ++x+", "++x+"],
        ["a gap too long", "~ 1000\n> ++\n~ 1010\n> +", "+++"],
        ["four of them", "~ 1000\n> ++++", "++++"],
        ["a character after them", "~ 1000\n> +++\n~ 980\n> ATO␍", "+++ATO\r"],
        ["another plus after them", "~ 1000\n> +++\n~ 980\n> +", "++++"],
        ["only two", "~ 1000\n> ++", "++"],
        ["in the middle of data", "> one +++ two", "one +++ two"],
    ])("%s: payload", (_name, script, text) => {
        expect(played(script)).toBe(text)
    })

    test("a failed try does not spoil the next", () => {
        expect(
            played(`
                ~ 1000
                > +
                ~ 1200
                > +++
                ~ 985
                < ⏎OK⏎
            `)
        ).toBe("+")
    })

    test("esc 0: payload, always", () => {
        expect(played("~ 1000\n> +++", "AT+CIPCCFG=5,2,1024,0")).toBe("+++")
    })

    test("in command mode it is nothing", () => {
        TestTerminal.ready().dialogue(`
            ~ 1000
            > +++
            ~ 2000
            > AT␍
            < ⏎OK⏎
        `)
    })
})

describe("DTR", () => {
    test("&D1: the rise after a second of low", () => {
        const { terminal } = online()
        terminal.dialogue(`
            ^ dtr low
            ~ 1000
            ^ dtr high
            < ⏎OK⏎
            > ATO␍
            < ⏎CONNECT⏎
        `)
    })

    test("a host that keeps DTR low just raises it", () => {
        const terminal = TestTerminal.online()
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            ^ dtr low
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > ${start}␍
            < ⏎OK⏎⏎CONNECT⏎
            ~ 1000
            ^ dtr high
            < ⏎OK⏎
        `)
    })

    test.each([
        ["a pulse too short", "^ dtr low\n~ 990\n^ dtr high"],
        ["the fall alone", "^ dtr low\n~ 5000"],
    ])("%s is none", (_name, script) => {
        const { terminal } = online()
        terminal.dialogue(script)
        expect(terminal.listen(5000)).toBe("")
        expect(terminal.modem.activity).toBe("data")
    })

    test("&D1: what was gathered, and pluses kept back, are sent", () => {
        const { terminal, server } = online({}, "AT+CIPCCFG=5,10,1024,1")
        terminal.dialogue(`
            ^ dtr low
            ~ 1500
            > ++
            ~ 5
            ^ dtr high
            < ⏎OK⏎
            ~ 100
        `)
        expect(server.peer.text).toBe("++")
    })

    test("&D0: ignored", () => {
        const { terminal } = online({}, "AT&D0")
        terminal.dialogue("^ dtr low\n~ 2000\n^ dtr high\n~ 100")
        expect(terminal.modem.activity).toBe("data")
    })

    test.each([
        [{}, "⏎CLOSED⏎"],
        [{ dtrDropResult: "OK" }, "⏎OK⏎"],
        [{ dtrDropResult: "NO CARRIER" }, "⏎NO CARRIER⏎"],
    ] as const)("&D2: the connection is dropped %j", (options, said) => {
        const { terminal, server } = online(firmware(options), "AT&D2")
        terminal.dialogue(`
            ^ dtr low
            ~ 1000
            ^ dtr high
            < ${said}
            ! dcd high
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎
            > ATO␍
            < ⏎ERROR⏎
        `)
        expect(server.peer.closed).toBe(true)
    })

    test("in command mode it does nothing", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(
            "> AT&D2␍\n< ⏎OK⏎\n^ dtr low\n~ 2000\n^ dtr high\n~ 100"
        )
    })

    test("AT&D and AT&C are checked, and kept by AT&W", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT&D3␍
            < ⏎ERROR⏎
            > AT&C2␍
            < ⏎ERROR⏎
            > AT&D0&C0&W␍
            < ⏎OK⏎
            ! dcd low
        `)
        terminal.modem.reset()
        terminal.listen(60_000)
        expect(terminal.takePins()).toContain("dcd low")
        terminal.network.listen(SERVER, 8500)
        terminal.ask("AT+CIPMODE=1␍")
        terminal.ask(`${start}␍`)
        terminal.dialogue("^ dtr low\n~ 2000\n^ dtr high\n~ 100")
        expect(terminal.modem.activity).toBe("data")
        expect(terminal.modem.dte.dcd).toBe(true)
    })

    test("factoryDtrMode, factoryDcdFollowsLink", () => {
        const { terminal } = online(
            firmware({ factoryDtrMode: 0, factoryDcdFollowsLink: false })
        )
        terminal.dialogue("^ dtr low\n~ 2000\n^ dtr high\n~ 100")
        expect(terminal.modem.activity).toBe("data")
        terminal.modem.inject("pdp-deact")
        terminal.dialogue("< ⏎+PDP: DEACT⏎")
        expect(terminal.modem.dte.dcd).toBe(true)
    })
})

/** To command mode. */
const escape = "~ 1000\n> +++\n~ 990\n< ⏎OK⏎"

describe("command mode with a connection", () => {
    test("DCD stays low; what the peer sends waits for ATO", () => {
        const { terminal, server } = online()
        terminal.dialogue(escape)
        server.peer.send("held")
        expect(terminal.listen(5000)).toBe("")
        terminal.dialogue(`
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
            > ATO0␍
            < ⏎CONNECT⏎held
        `)
        expect(terminal.takePins()).toEqual([])
    })

    test("commandModeData: printed", () => {
        const { terminal, server } = online(
            firmware({ commandModeData: "printed" })
        )
        terminal.dialogue(escape)
        server.peer.send("at once")
        terminal.dialogue("< at once")
    })

    test("escapeRaisesDcd", () => {
        const { terminal } = online(firmware({ escapeRaisesDcd: true }))
        terminal.dialogue(`
            ${escape}
            ! dcd high
            > ATO␍
            < ⏎CONNECT⏎
            ! dcd low
        `)
    })

    test("the peer's window closes meanwhile", () => {
        const { terminal, server } = online()
        terminal.dialogue(escape)
        server.peer.send("x".repeat(6000))
        server.peer.send("y".repeat(6000))
        server.peer.send("z".repeat(6000))
        terminal.listen(5000)
        expect(server.peer.unsent).toBe(6000)
        terminal.dialogue("> ATO␍\n< ⏎CONNECT⏎")
        expect(terminal.listen(5000)).toBe(
            "x".repeat(6000) + "y".repeat(6000) + "z".repeat(6000)
        )
    })

    test("the peer closes: CLOSED at once, nothing to go back to", () => {
        const { terminal, server } = online()
        terminal.dialogue(escape)
        server.peer.send("too late")
        server.peer.end()
        terminal.dialogue(`
            < ⏎CLOSED⏎
            ! dcd high
            > ATO␍
            < ⏎ERROR⏎
        `)
    })

    test("resumeRefusal: NO CARRIER", () => {
        TestTerminal.online(firmware({ resumeRefusal: "NO CARRIER" }))
            .dialogue(`
            > ATO␍
            < ⏎NO CARRIER⏎
        `)
    })

    test("ATO without transparent mode, and with a wrong number", () => {
        const terminal = TestTerminal.online()
        terminal.network.listen(SERVER, 8500)
        terminal.dialogue(`
            > ATO␍
            < ⏎ERROR⏎
            > ${start}␍
            < ⏎OK⏎⏎CONNECT OK⏎
            > ATO␍
            < ⏎ERROR⏎
            > ATO1␍
            < ⏎ERROR⏎
        `)
    })

    test("with ATV0, results are digits", () => {
        const { terminal } = online({}, "ATV1")
        terminal.dialogue(`
            ${escape}
            > ATV0␍
            < 0␍
            > ATO␍
            < 1␍
            ~ 1000
            > +++
            ~ 990
            < 0␍
        `)
    })

    test("AT+CIPCLOSE and AT+CIPSHUT end it", () => {
        const { terminal } = online()
        terminal.dialogue(`
            ${escape}
            > AT+CIPCLOSE␍
            < ⏎CLOSE OK⏎
            ! dcd high
            > ${start}␍
            < ⏎OK⏎⏎CONNECT⏎
            ! dcd low
            ${escape}
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            ! dcd high
        `)
    })
})

describe("the end of data mode", () => {
    test("all that the peer has sent comes before CLOSED", () => {
        const { terminal, server } = online()
        server.peer.send("x".repeat(3000))
        server.peer.end()
        expect(terminal.listen(2000)).toBe("x".repeat(3000) + "⏎CLOSED⏎")
        expect(terminal.transitions).toContain("mode: data -> command")
    })

    test("+PDP: DEACT", () => {
        const { terminal } = online()
        terminal.modem.inject("pdp-deact")
        terminal.dialogue(`
            < ⏎+PDP: DEACT⏎
            ! dcd high
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: PDP DEACT⏎
            > ATO␍
            < ⏎ERROR⏎
        `)
    })

    test("what was gathered for a peer that is gone is lost, and logged", () => {
        const { terminal, server } = online({}, "AT+CIPCCFG=5,10,1024,1")
        terminal.send("unsent")
        server.peer.reset()
        terminal.dialogue("< ⏎CLOSED⏎")
        expect(terminal.log).toEqual([
            "6 bytes from the DTE were lost: the connection ended",
        ])
    })

    test("other result codes wait for it, and come after", () => {
        const { terminal, server } = online({}, "AT+CREG=1")
        terminal.modem.setRegistration(5)
        terminal.modem.setRegistration(1)
        expect(terminal.listen(1000)).toBe("")
        server.peer.end()
        terminal.dialogue("< ⏎CLOSED⏎⏎+CREG: 5⏎⏎+CREG: 1⏎")
        terminal.dialogue(`
            > ${start}␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        terminal.modem.setRegistration(5)
        terminal.dialogue(`${escape}⏎+CREG: 5⏎`)
    })

    test("of very many, the first hundred are kept", () => {
        const { terminal } = online({}, "AT+CREG=1")
        for (let i = 0; i < 200; i++)
            terminal.modem.setRegistration(i % 2 ? 1 : 5)
        terminal.dialogue(`${escape}${"⏎+CREG: 5⏎⏎+CREG: 1⏎".repeat(50)}`)
    })

    test("a restart", () => {
        const { terminal } = online()
        terminal.modem.reset()
        expect(terminal.modem.dte.dcd).toBe(false)
        terminal.listen(60_000)
        terminal.dialogue("> AT␍\n< ⏎OK⏎")
    })
})

describe("CONNECT waits", () => {
    test("for the command that runs", () => {
        const terminal = TestTerminal.online({ radio: "gprs" })
        terminal.network.listen(SERVER, 8500)
        terminal.modem.dte.write(bytesOf(`AT+CIPMODE=1\r`))
        terminal.listen(100)
        terminal.dialogue(`> ${start}␍\n< ⏎OK⏎`)
        terminal.modem.inject("late-answer", 5000)
        terminal.dialogue(`
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎⏎CONNECT⏎
        `)
    })

    test("for the line that is typed", () => {
        const terminal = TestTerminal.online({ radio: "gprs" })
        const server = terminal.network.listen(SERVER, 8500)
        terminal.ask("AT+CIPMODE=1␍")
        terminal.dialogue(`> ${start}␍\n< ⏎OK⏎`)
        terminal.listen(570)
        for (const char of "AT+CSQ") {
            terminal.modem.dte.write(bytesOf(char))
            terminal.clock.advance(20)
        }
        terminal.modem.dte.write(bytesOf("\r"))
        terminal.dialogue(`
            < ⏎+CSQ: 20,0⏎⏎OK⏎⏎CONNECT⏎
            > data
            ~ 1000
        `)
        expect(server.peer.text).toBe("data")
    })
})

describe("flow control in data mode", () => {
    const bytes = (count: number): Uint8Array =>
        Uint8Array.from({ length: count }, (_, i) => (i * 7 + (i >> 8)) & 0xff)

    test("AT+IFC=2,2: CTS goes off in time, every byte arrives", () => {
        const { terminal, server } = online({ radio: "gprs" }, "AT+IFC=2,2")
        terminal.modem.dte.setAutoCts(true)
        terminal.modem.dte.write(bytes(30_000))
        terminal.clock.advance(5000)
        expect(terminal.takePins()).toContain("cts high")
        terminal.clock.advance(20_000)
        expect([...server.peer.received]).toEqual([...bytes(30_000)])
        expect(terminal.modem.dte.cts).toBe(true)
        expect(terminal.log).toEqual([])
    })

    test("a peer that takes nothing stops the DTE", () => {
        const { terminal, server } = online({}, "AT+IFC=2,2")
        server.peer.stall()
        terminal.modem.dte.setAutoCts(true)
        terminal.modem.dte.write(bytes(10_000))
        terminal.clock.advance(5000)
        expect(terminal.modem.dte.cts).toBe(false)
        // the send buffer, less what is kept for a DTE that is slow to stop
        const taken = 10_000 - terminal.modem.dte.pending
        expect(taken).toBeGreaterThanOrEqual(7300 - 256)
        expect(taken).toBeLessThan(7300)
        server.peer.unstall()
        terminal.clock.advance(5000)
        expect([...server.peer.received]).toEqual([...bytes(10_000)])
    })

    test("a DTE that is not slower than 200 bytes to stop loses none", () => {
        const { terminal, server } = online({ radio: "gprs" }, "AT+IFC=2,2")
        const { dte } = terminal.modem
        let left = 20_000
        const more = (): void => {
            if (dte.cts && left > 0) {
                dte.write(
                    bytes(20_000)
                        .subarray(20_000 - left)
                        .subarray(0, 200)
                )
                left -= 200
            }
            terminal.clock.after(20, more)
        }
        more()
        terminal.clock.advance(30_000)
        expect([...server.peer.received]).toEqual([...bytes(20_000)])
    })

    test("AT+IFC=0,1: XOFF and XON", () => {
        const { terminal, server } = online({}, "AT+IFC=0,1")
        server.peer.stall()
        terminal.modem.dte.write(bytes(7200))
        expect(terminal.listen(2000)).toBe("␓")
        server.peer.unstall()
        expect(terminal.listen(2000)).toBe("␑")
    })

    test("without it, what does not fit is lost, and logged", () => {
        const { terminal, server } = online()
        server.peer.stall()
        terminal.modem.dte.write(bytes(10_000))
        terminal.clock.advance(5000)
        expect(terminal.modem.dte.pending).toBe(0)
        expect(terminal.modem.dte.cts).toBe(true)
        server.peer.unstall()
        terminal.clock.advance(5000)
        expect([...server.peer.received]).toEqual([...bytes(7300)])
        expect(terminal.log).toEqual([
            "2700 bytes from the DTE were lost: the send buffer was full",
        ])
    })

    test("RTS stops the modem, and so the peer", () => {
        const { terminal, server } = online({}, "AT+IFC=2,2")
        terminal.dialogue("^ rts high")
        for (let i = 0; i < 20; i++) server.peer.send("x".repeat(1000))
        expect(terminal.listen(5000)).toBe("")
        expect(server.peer.unsent).toBeGreaterThan(8000)
        terminal.dialogue("^ rts low")
        expect(terminal.listen(5000)).toBe("x".repeat(20_000))
    })
})

test("any byte passes both ways", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    const { terminal, server } = online()
    const heard: number[] = []
    terminal.modem.dte.onData = bytes => heard.push(...bytes)
    terminal.modem.dte.write(all)
    server.peer.send(all)
    terminal.clock.advance(1000)
    expect(textOf(server.peer.received)).toBe(textOf(all))
    expect(heard).toEqual([...all])
})
