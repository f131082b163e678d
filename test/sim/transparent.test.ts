/** [AN] 2.2, facts 6: transparent mode, its pins, and the way to command mode and back. */
import { describe, expect, test } from "vitest"
import { bytesOf, textOf } from "../../sim/modem/bytes"
import type { MemoryServer } from "../../sim/modem/memory-network"
import type { FirmwareOptions, ModemOptions } from "../../sim/modem/options"
import { Bench } from "./bench"

const SERVER = "116.228.221.51"
const start = `AT+CIPSTART="TCP","${SERVER}","8500"`

interface World {
    bench: Bench
    server: MemoryServer
}

/** A TCP connection in data mode, after these commands. */
function online(options: ModemOptions = {}, ...commands: string[]): World {
    const bench = Bench.online(options)
    const server = bench.network.listen(SERVER, 8500)
    for (const command of ["AT+CIPMODE=1", ...commands])
        bench.dialogue(`> ${command}␍\n< ⏎OK⏎`)
    bench.dialogue(`
        > ${start}␍
        < ⏎OK⏎
        < ⏎CONNECT⏎
    `)
    bench.takePins()
    return { bench, server }
}

const firmware = (options: Partial<FirmwareOptions>): ModemOptions => ({
    firmware: options,
})

describe("the transcript of 2.2.3", () => {
    test("TCP client: data mode, command mode, data mode, remote close", () => {
        const bench = Bench.ready({ stored: { baud: 115200 } })
        const server = bench.network.listen(SERVER, 8500)
        bench.dialogue(`
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
        bench.dialogue("< SIM800 channel test")
        server.peer.end()
        bench.dialogue(`
            < ⏎CLOSED⏎
            ! dcd high
            > AT+CIPSTATUS␍
            < AT+CIPSTATUS␍⏎OK⏎⏎STATE: TCP CLOSED⏎
        `)
        expect(server.peer.text).toBe("hello TCP server")
    })

    test("UDP client: packets are datagrams", () => {
        const bench = Bench.online()
        const server = bench.network.udp(SERVER, 9600)
        bench.dialogue(`
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
        bench.dialogue(`
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
        const bench = Bench.ready()
        bench.network.listen(SERVER, 8500)
        bench.dialogue(`
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > ${start}␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        expect(bench.modem.activity).toBe("data")
        expect(bench.modem.dataExpected).toBeUndefined()
        expect(bench.transitions).toContain("mode: command -> data")
    })

    test("a connection that is not made leaves command mode as it is", () => {
        const bench = Bench.online()
        bench.network.refuse(SERVER, 8500)
        bench.dialogue(`
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > ${start}␍
            < ⏎OK⏎⏎STATE: TCP CLOSED⏎⏎CONNECT FAIL⏎
            > ATO␍
            < ⏎ERROR⏎
        `)
        expect(bench.takePins()).toEqual([])
    })
})

describe("TCP server, 2.2.3 and 2.2.4", () => {
    function serving(options: ModemOptions = {}): Bench {
        const bench = Bench.online(options)
        bench.dialogue(`
            > AT+CIPMODE=1␍
            < ⏎OK⏎
            > AT+CIPSERVER=1,8888␍
            < ⏎OK⏎⏎SERVER OK⏎
        `)
        return bench
    }
    const dial = (bench: Bench) =>
        bench.network.dial(
            { address: "10.78.245.128", port: 8888 },
            { address: "10.78.103.220", port: 2020 }
        )

    test("a peer comes, talks, and closes; the next one comes", () => {
        const bench = serving()
        expect(bench.takePins()).toEqual([])
        for (let turn = 0; turn < 2; turn++) {
            const peer = dial(bench)
            bench.dialogue(`
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
            bench.dialogue(`
                < SIM800 channel test⏎CLOSED⏎
                ! dcd high
            `)
        }
        bench.dialogue(`
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: SERVER LISTENING⏎
        `)
    })

    test("acceptShowsAddress: REMOTE IP first", () => {
        const bench = serving(firmware({ acceptShowsAddress: true }))
        dial(bench)
        bench.dialogue("< ⏎REMOTE IP: 10.78.103.220⏎⏎CONNECT⏎")
    })

    test("a peer does not break into the command that runs", () => {
        const bench = serving()
        bench.modem.inject("late-answer", 3000)
        bench.send("AT+CSQ␍")
        dial(bench)
        bench.dialogue("< ⏎+CSQ: 20,0⏎⏎OK⏎⏎CONNECT⏎")
    })
})

describe("AT+CIPMODE", () => {
    test("is read, tested, and kept by AT+CIPSCONT", () => {
        const bench = Bench.ready()
        bench.dialogue(`
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
        bench.modem.reset()
        bench.listen(60_000)
        expect(bench.ask("AT+CIPSCONT?␍")).toContain(
            "⏎+CIPMODE: 1⏎+CIPCCFG: 8,3,512,0,1,100,20⏎"
        )
        bench.dialogue("> AT+CIPMODE?␍\n< ⏎+CIPMODE: 1⏎⏎OK⏎")
    })

    test("is not for several connections, nor for one that exists", () => {
        Bench.ready().dialogue(`
            > AT+CIPMODE=2␍
            < ⏎ERROR⏎
            > AT+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CIPMODE=1␍
            < ⏎ERROR⏎
        `)
        const { bench } = online()
        bench.dialogue(`
            ~ 1000
            > +++
            ~ 1000
            < ⏎OK⏎
            > AT+CIPMODE=0␍
            < ⏎ERROR⏎
        `)
    })

    test("has no effect once there are several connections", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            > AT+CIPMODE=1;+CIPMUX=1␍
            < ⏎OK⏎
            > AT+CSTT;+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
        `)
        bench.network.listen(SERVER, 80)
        bench.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
        `)
        expect(bench.takePins()).toEqual([])
    })

    test("AT+CIPSEND and AT+CIPRXGET have nothing to do with it", () => {
        const { bench } = online({}, "AT+CIPRXGET=1")
        bench.dialogue(`
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
        Bench.ready().dialogue(`
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
        Bench.ready().dialogue(`
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
        send: (bench: Bench) => void
    ): string[] {
        const bench = Bench.online(options)
        const server = bench.network.udp(SERVER, 9600)
        bench.dialogue(`
            > AT+CIPMODE=1;+CIPCCFG=${config}␍
            < ⏎OK⏎
            > AT+CIPSTART="UDP","${SERVER}",9600␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        const seen: string[] = []
        const begin = bench.clock.now()
        server.onDatagram = ({ length }) =>
            seen.push(
                `${length} after ${Math.round(bench.clock.now() - begin)} ms`
            )
        send(bench)
        bench.listen(5000)
        return seen
    }

    const text = (count: number): Uint8Array => bytesOf("x".repeat(count))

    test("SendSz: a packet as soon as there is enough", () => {
        expect(
            datagrams({}, "5,2,100,1", bench =>
                bench.modem.dte.write(text(250))
            )
        ).toEqual(["100 after 20 ms", "100 after 28 ms", "50 after 232 ms"])
    })

    test.each([
        [1, firmware({}), "10 after 111 ms"],
        [10, firmware({}), "10 after 1011 ms"],
        [10, firmware({ waitUnitMs: 200 }), "10 after 2011 ms"],
    ])("WaitTm %i %j: a packet after silence", (wait, options, seen) => {
        expect(
            datagrams(options, `5,${wait},1024,1`, bench =>
                bench.modem.dte.write(text(10))
            )
        ).toEqual([seen])
    })

    test("WaitTm counts from the last byte", () => {
        expect(
            datagrams({}, "5,5,1024,1", bench => {
                for (let i = 0; i < 5; i++) {
                    bench.modem.dte.write(text(10))
                    bench.listen(400)
                }
            })
        ).toEqual(["50 after 2111 ms"])
    })

    test("leastWaitTime: 2", () => {
        Bench.ready(firmware({ leastWaitTime: 2 })).dialogue(`
            > AT+CIPCCFG=5,1,1024,1␍
            < ⏎ERROR⏎
            > AT+CIPCCFG=?␍
            < ⏎+CIPCCFG: (NmRetry:3-8),(WaitTm:2-10),(SendSz:1-1460),(esc:0,1),(Rxmode:0,1),(RxSize:50-1460),(Rxtimer:20-1000)⏎⏎OK⏎
        `)
    })

    test("Rxmode, RxSize, Rxtimer: bursts and pauses", () => {
        const { bench, server } = online({}, "AT+CIPCCFG=5,2,1024,1,1,100,200")
        const seen: [at: number, count: number][] = []
        bench.modem.dte.onData = ({ length }) => {
            const last = seen.at(-1)
            if (last && bench.clock.now() - last[0] < 5) {
                last[0] = bench.clock.now()
                last[1] += length
            } else seen.push([bench.clock.now(), length])
        }
        server.peer.send("x".repeat(250))
        bench.listen(1000)
        expect(seen.map(([, count]) => count)).toEqual([100, 100, 50])
        const gap = Math.round(seen[1][0] - seen[0][0])
        // 200 ms between them, 100 bytes take 8.7 ms
        expect(gap).toBe(209)
    })
})

describe("+++", () => {
    /** What the server gets, 5 s after a script in data mode. */
    function played(script: string, ...commands: string[]): string {
        const { bench, server } = online({}, ...commands)
        bench.dialogue(script)
        bench.listen(5000)
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
        Bench.ready().dialogue(`
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
        const { bench } = online()
        bench.dialogue(`
            ^ dtr low
            ~ 1000
            ^ dtr high
            < ⏎OK⏎
            > ATO␍
            < ⏎CONNECT⏎
        `)
    })

    test("a host that keeps DTR low just raises it", () => {
        const bench = Bench.online()
        bench.network.listen(SERVER, 8500)
        bench.dialogue(`
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
        const { bench } = online()
        bench.dialogue(script)
        expect(bench.listen(5000)).toBe("")
        expect(bench.modem.activity).toBe("data")
    })

    test("&D1: what was gathered, and pluses kept back, are sent", () => {
        const { bench, server } = online({}, "AT+CIPCCFG=5,10,1024,1")
        bench.dialogue(`
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
        const { bench } = online({}, "AT&D0")
        bench.dialogue("^ dtr low\n~ 2000\n^ dtr high\n~ 100")
        expect(bench.modem.activity).toBe("data")
    })

    test.each([
        [{}, "⏎CLOSED⏎"],
        [{ dtrDropResult: "OK" }, "⏎OK⏎"],
        [{ dtrDropResult: "NO CARRIER" }, "⏎NO CARRIER⏎"],
    ] as const)("&D2: the connection is dropped %j", (options, said) => {
        const { bench, server } = online(firmware(options), "AT&D2")
        bench.dialogue(`
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
        const bench = Bench.ready()
        bench.dialogue("> AT&D2␍\n< ⏎OK⏎\n^ dtr low\n~ 2000\n^ dtr high\n~ 100")
    })

    test("AT&D and AT&C are checked, and kept by AT&W", () => {
        const bench = Bench.ready()
        bench.dialogue(`
            > AT&D3␍
            < ⏎ERROR⏎
            > AT&C2␍
            < ⏎ERROR⏎
            > AT&D0&C0&W␍
            < ⏎OK⏎
            ! dcd low
        `)
        bench.modem.reset()
        bench.listen(60_000)
        expect(bench.takePins()).toContain("dcd low")
        bench.network.listen(SERVER, 8500)
        bench.ask("AT+CIPMODE=1␍")
        bench.ask(`${start}␍`)
        bench.dialogue("^ dtr low\n~ 2000\n^ dtr high\n~ 100")
        expect(bench.modem.activity).toBe("data")
        expect(bench.modem.dte.dcd).toBe(true)
    })

    test("factoryDtrMode, factoryDcdFollowsLink", () => {
        const { bench } = online(
            firmware({ factoryDtrMode: 0, factoryDcdFollowsLink: false })
        )
        bench.dialogue("^ dtr low\n~ 2000\n^ dtr high\n~ 100")
        expect(bench.modem.activity).toBe("data")
        bench.modem.inject("pdp-deact")
        bench.dialogue("< ⏎+PDP: DEACT⏎")
        expect(bench.modem.dte.dcd).toBe(true)
    })
})

/** To command mode. */
const escape = "~ 1000\n> +++\n~ 990\n< ⏎OK⏎"

describe("command mode with a connection", () => {
    test("DCD stays low; what the peer sends waits for ATO", () => {
        const { bench, server } = online()
        bench.dialogue(escape)
        server.peer.send("held")
        expect(bench.listen(5000)).toBe("")
        bench.dialogue(`
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
            > ATO0␍
            < ⏎CONNECT⏎held
        `)
        expect(bench.takePins()).toEqual([])
    })

    test("commandModeData: printed", () => {
        const { bench, server } = online(
            firmware({ commandModeData: "printed" })
        )
        bench.dialogue(escape)
        server.peer.send("at once")
        bench.dialogue("< at once")
    })

    test("escapeRaisesDcd", () => {
        const { bench } = online(firmware({ escapeRaisesDcd: true }))
        bench.dialogue(`
            ${escape}
            ! dcd high
            > ATO␍
            < ⏎CONNECT⏎
            ! dcd low
        `)
    })

    test("the peer's window closes meanwhile", () => {
        const { bench, server } = online()
        bench.dialogue(escape)
        server.peer.send("x".repeat(6000))
        server.peer.send("y".repeat(6000))
        server.peer.send("z".repeat(6000))
        bench.listen(5000)
        expect(server.peer.unsent).toBe(6000)
        bench.dialogue("> ATO␍\n< ⏎CONNECT⏎")
        expect(bench.listen(5000)).toBe(
            "x".repeat(6000) + "y".repeat(6000) + "z".repeat(6000)
        )
    })

    test("the peer closes: CLOSED at once, nothing to go back to", () => {
        const { bench, server } = online()
        bench.dialogue(escape)
        server.peer.send("too late")
        server.peer.end()
        bench.dialogue(`
            < ⏎CLOSED⏎
            ! dcd high
            > ATO␍
            < ⏎ERROR⏎
        `)
    })

    test("resumeRefusal: NO CARRIER", () => {
        Bench.online(firmware({ resumeRefusal: "NO CARRIER" })).dialogue(`
            > ATO␍
            < ⏎NO CARRIER⏎
        `)
    })

    test("ATO without transparent mode, and with a wrong number", () => {
        const bench = Bench.online()
        bench.network.listen(SERVER, 8500)
        bench.dialogue(`
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
        const { bench } = online({}, "ATV1")
        bench.dialogue(`
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
        const { bench } = online()
        bench.dialogue(`
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
        const { bench, server } = online()
        server.peer.send("x".repeat(3000))
        server.peer.end()
        expect(bench.listen(2000)).toBe("x".repeat(3000) + "⏎CLOSED⏎")
        expect(bench.transitions).toContain("mode: data -> command")
    })

    test("+PDP: DEACT", () => {
        const { bench } = online()
        bench.modem.inject("pdp-deact")
        bench.dialogue(`
            < ⏎+PDP: DEACT⏎
            ! dcd high
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: PDP DEACT⏎
            > ATO␍
            < ⏎ERROR⏎
        `)
    })

    test("what was gathered for a peer that is gone is lost, and logged", () => {
        const { bench, server } = online({}, "AT+CIPCCFG=5,10,1024,1")
        bench.send("unsent")
        server.peer.reset()
        bench.dialogue("< ⏎CLOSED⏎")
        expect(bench.log).toEqual([
            "6 bytes from the DTE were lost: the connection ended",
        ])
    })

    test("other result codes wait for it, and come after", () => {
        const { bench, server } = online({}, "AT+CREG=1")
        bench.modem.setRegistration(5)
        bench.modem.setRegistration(1)
        expect(bench.listen(1000)).toBe("")
        server.peer.end()
        bench.dialogue("< ⏎CLOSED⏎⏎+CREG: 5⏎⏎+CREG: 1⏎")
        bench.dialogue(`
            > ${start}␍
            < ⏎OK⏎⏎CONNECT⏎
        `)
        bench.modem.setRegistration(5)
        bench.dialogue(`${escape}⏎+CREG: 5⏎`)
    })

    test("of very many, the first hundred are kept", () => {
        const { bench } = online({}, "AT+CREG=1")
        for (let i = 0; i < 200; i++) bench.modem.setRegistration(i % 2 ? 1 : 5)
        bench.dialogue(`${escape}${"⏎+CREG: 5⏎⏎+CREG: 1⏎".repeat(50)}`)
    })

    test("a restart", () => {
        const { bench } = online()
        bench.modem.reset()
        expect(bench.modem.dte.dcd).toBe(false)
        bench.listen(60_000)
        bench.dialogue("> AT␍\n< ⏎OK⏎")
    })
})

describe("CONNECT waits", () => {
    test("for the command that runs", () => {
        const bench = Bench.online({ radio: "gprs" })
        bench.network.listen(SERVER, 8500)
        bench.modem.dte.write(bytesOf(`AT+CIPMODE=1\r`))
        bench.listen(100)
        bench.dialogue(`> ${start}␍\n< ⏎OK⏎`)
        bench.modem.inject("late-answer", 5000)
        bench.dialogue(`
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎⏎CONNECT⏎
        `)
    })

    test("for the line that is typed", () => {
        const bench = Bench.online({ radio: "gprs" })
        const server = bench.network.listen(SERVER, 8500)
        bench.ask("AT+CIPMODE=1␍")
        bench.dialogue(`> ${start}␍\n< ⏎OK⏎`)
        bench.listen(570)
        for (const char of "AT+CSQ") {
            bench.modem.dte.write(bytesOf(char))
            bench.clock.advance(20)
        }
        bench.modem.dte.write(bytesOf("\r"))
        bench.dialogue(`
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
        const { bench, server } = online({ radio: "gprs" }, "AT+IFC=2,2")
        bench.modem.dte.setAutoCts(true)
        bench.modem.dte.write(bytes(30_000))
        bench.clock.advance(5000)
        expect(bench.takePins()).toContain("cts high")
        bench.clock.advance(20_000)
        expect([...server.peer.received]).toEqual([...bytes(30_000)])
        expect(bench.modem.dte.cts).toBe(true)
        expect(bench.log).toEqual([])
    })

    test("a peer that takes nothing stops the DTE", () => {
        const { bench, server } = online({}, "AT+IFC=2,2")
        server.peer.stall()
        bench.modem.dte.setAutoCts(true)
        bench.modem.dte.write(bytes(10_000))
        bench.clock.advance(5000)
        expect(bench.modem.dte.cts).toBe(false)
        // the send buffer, less what is kept for a DTE that is slow to stop
        const taken = 10_000 - bench.modem.dte.pending
        expect(taken).toBeGreaterThanOrEqual(7300 - 256)
        expect(taken).toBeLessThan(7300)
        server.peer.unstall()
        bench.clock.advance(5000)
        expect([...server.peer.received]).toEqual([...bytes(10_000)])
    })

    test("a DTE that is not slower than 200 bytes to stop loses none", () => {
        const { bench, server } = online({ radio: "gprs" }, "AT+IFC=2,2")
        const { dte } = bench.modem
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
            bench.clock.after(20, more)
        }
        more()
        bench.clock.advance(30_000)
        expect([...server.peer.received]).toEqual([...bytes(20_000)])
    })

    test("AT+IFC=0,1: XOFF and XON", () => {
        const { bench, server } = online({}, "AT+IFC=0,1")
        server.peer.stall()
        bench.modem.dte.write(bytes(7200))
        expect(bench.listen(2000)).toBe("␓")
        server.peer.unstall()
        expect(bench.listen(2000)).toBe("␑")
    })

    test("without it, what does not fit is lost, and logged", () => {
        const { bench, server } = online()
        server.peer.stall()
        bench.modem.dte.write(bytes(10_000))
        bench.clock.advance(5000)
        expect(bench.modem.dte.pending).toBe(0)
        expect(bench.modem.dte.cts).toBe(true)
        server.peer.unstall()
        bench.clock.advance(5000)
        expect([...server.peer.received]).toEqual([...bytes(7300)])
        expect(bench.log).toEqual([
            "2700 bytes from the DTE were lost: the send buffer was full",
        ])
    })

    test("RTS stops the modem, and so the peer", () => {
        const { bench, server } = online({}, "AT+IFC=2,2")
        bench.dialogue("^ rts high")
        for (let i = 0; i < 20; i++) server.peer.send("x".repeat(1000))
        expect(bench.listen(5000)).toBe("")
        expect(server.peer.unsent).toBeGreaterThan(8000)
        bench.dialogue("^ rts low")
        expect(bench.listen(5000)).toBe("x".repeat(20_000))
    })
})

test("any byte passes both ways", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    const { bench, server } = online()
    const heard: number[] = []
    bench.modem.dte.onData = bytes => heard.push(...bytes)
    bench.modem.dte.write(all)
    server.peer.send(all)
    bench.clock.advance(1000)
    expect(textOf(server.peer.received)).toBe(textOf(all))
    expect(heard).toEqual([...all])
})
