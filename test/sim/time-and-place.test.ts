/** [ATM12] 10, 19.11, [NTP], [ATM] 13.2.1: ping, time, place. */
import dgram from "node:dgram"
import { describe, expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const GOOGLE = "203.208.37.99"

describe("AT+CIPPING", () => {
    test("four replies, and what was asked for", () => {
        const terminal = TestTerminal.online()
        terminal.network.name("www.google.cn", GOOGLE)
        terminal.network.listen(GOOGLE, 80)
        const line = (n: number): string => `⏎+CIPPING: ${n},"${GOOGLE}",1,64⏎`
        terminal.dialogue(`
            > AT+CIPPING=?␍
            < ⏎+CIPPING: (1-100),(0-1024),(1-600),(1-255)⏎⏎OK⏎
            > AT+CIPPING?␍
            < ⏎+CIPPING: 4,32,100,64⏎⏎OK⏎
            > AT+CIPPING=www.google.cn␍
            < ${line(1)}${line(2)}${line(3)}${line(4)}⏎OK⏎
            > AT+CIPPING="${GOOGLE}",1,1024,10,32␍
            < ${line(1)}⏎OK⏎
            > AT+CIPPING?␍
            < ⏎+CIPPING: 1,1024,10,32⏎⏎OK⏎
        `)
    })

    test("an answer that is late is none", () => {
        const terminal = TestTerminal.online({ radio: "gprs" })
        terminal.network.listen(GOOGLE, 80)
        terminal.dialogue(`
            > AT+CIPPING="${GOOGLE}",2,32,1␍
            < ⏎+CIPPING: 1,"${GOOGLE}",600,255⏎
            < ⏎+CIPPING: 2,"${GOOGLE}",600,255⏎⏎OK⏎
        `)
        expect(terminal.listen(5000)).toBe("")
    })

    test("nobody answers, nobody has the name, no context", () => {
        const terminal = TestTerminal.online()
        terminal.dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+CIPPING="198.51.100.1",2,32,10␍
            < ⏎+CIPPING: 1,"198.51.100.1",600,255⏎
            < ⏎+CIPPING: 2,"198.51.100.1",600,255⏎⏎OK⏎
            > AT+CIPPING="nowhere.example"␍
            < ⏎+CME ERROR: 160⏎
            > AT+CIPPING=␍
            < ⏎+CME ERROR: 791⏎
            > AT+CIPPING="198.51.100.1",1,32,600␍
            ~ 100
        `)
        terminal.modem.inject("pdp-deact")
        terminal.dialogue(`
            < ⏎+PDP: DEACT⏎⏎+CME ERROR: 3⏎
            > AT+CIPPING="198.51.100.1"␍
            < ⏎+CME ERROR: 3⏎
        `)
    })

    test("AT+CIPFLT keeps rules without power", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue(`
            > AT+CIPFLT=?␍
            < ⏎+CIPFLT: (0-2),(1-20)⏎⏎OK⏎
            > AT+CIPFLT=1,1,"198.211.19.12","255.255.0.0"␍
            < ⏎OK⏎
            > AT+CIPFLT=1,,"10.43.21.69","255.0.0.0"␍
            < ⏎OK⏎
        `)
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue(
            `
            > AT+CIPFLT?␍
            < ⏎+CIPFLT: 1,"198.211.19.12","255.255.0.0"⏎
            < ⏎+CIPFLT: 2,"10.43.21.69","255.0.0.0"⏎⏎OK⏎
            > AT+CIPFLT=0,1␍
            < ⏎OK⏎
            > AT+CIPFLT?␍
            < ⏎+CIPFLT: 2,"10.43.21.69","255.0.0.0"⏎⏎OK⏎
            > AT+CIPFLT=2␍
            < ⏎OK⏎
            > AT+CIPFLT?␍
            < ⏎OK⏎
            > AT+CIPFLT=1,1␍
            < ⏎ERROR⏎
        `.replaceAll("⏎\n            < ⏎+CIPFLT", "⏎\n            < +CIPFLT")
        )
    })
})

/** A time server's answer, of so many seconds since 1970. */
function timePacket(seconds: number): Uint8Array {
    const packet = Buffer.alloc(48)
    packet[0] = 0x1c
    packet.writeUInt32BE(seconds + 2_208_988_800, 40)
    return Uint8Array.from(packet)
}

describe("AT+CNTP", () => {
    const SERVER = "198.51.100.123"
    const AT = Date.UTC(2026, 1, 3, 4, 5, 6) / 1000

    function withBearer(options: ModemOptions = {}): TestTerminal {
        const terminal = TestTerminal.ready(options)
        terminal.network.name("pool.ntp.org", SERVER)
        terminal.dialogue(`
            > AT+SAPBR=1,1␍
            < ⏎OK⏎
            > AT+CNTPCID=1␍
            < ⏎OK⏎
            > AT+CNTP="pool.ntp.org",8␍
            < ⏎OK⏎
        `)
        return terminal
    }

    test("sets the clock, in the zone that was given", () => {
        const terminal = withBearer()
        const server = terminal.network.udp(SERVER, 123)
        server.onDatagram = bytes => {
            expect(bytes[0]).toBe(0x1b)
            expect(bytes).toHaveLength(48)
            server.reply(timePacket(AT))
        }
        terminal.dialogue(`
            > AT+CNTPCID=?␍
            < ⏎+CNTPCID: (1-3)⏎⏎OK⏎
            > AT+CNTP?␍
            < ⏎+CNTP: pool.ntp.org,8⏎⏎OK⏎
            > AT+CNTP␍
            < ⏎OK⏎⏎+CNTP: 1⏎
            > AT+CCLK?␍
            < ⏎+CCLK: "26/02/03,06:05:06+08"⏎⏎OK⏎
            > AT+CNTP="pool.ntp.org",-20␍
            < ⏎OK⏎
            > AT+CNTP␍
            < ⏎OK⏎⏎+CNTP: 1⏎
            > AT+CCLK?␍
            < ⏎+CCLK: "26/02/02,23:05:06-20"⏎⏎OK⏎
            > AT+CNTP="pool.ntp.org",49␍
            < ⏎ERROR⏎
        `)
    })

    test("no name, no answer, no sense, no bearer", () => {
        const terminal = withBearer()
        terminal.dialogue(`
            > AT+CNTP␍
            < ⏎OK⏎⏎+CNTP: 65⏎
        `)
        const server = terminal.network.udp(SERVER, 123)
        server.onDatagram = () => server.reply("what?")
        terminal.dialogue(`
            > AT+CNTP␍
            < ⏎OK⏎⏎+CNTP: 64⏎
        `)
        // what a client asks is no answer
        const question = timePacket(AT)
        question[0] = 0x1b
        server.onDatagram = () => server.reply(question)
        terminal.dialogue("> AT+CNTP␍\n< ⏎OK⏎⏎+CNTP: 64⏎")
        // a server that does not know the time itself
        const ignorant = timePacket(-2_208_988_800)
        server.onDatagram = () => server.reply(ignorant)
        terminal.dialogue(`
            > AT+CNTP␍
            < ⏎OK⏎⏎+CNTP: 64⏎
            > AT+CNTP="nowhere.example"␍
            < ⏎OK⏎
            > AT+CNTP␍
            < ⏎OK⏎⏎+CNTP: 62⏎
            > AT+SAPBR=0,1␍
            < ⏎OK⏎
            > AT+CNTP␍
            < ⏎OK⏎⏎+CNTP: 61⏎
        `)
        TestTerminal.ready().dialogue("> AT+CNTP␍\n< ⏎ERROR⏎")
    })
})

describe("AT+CIPGSMLOC", () => {
    test("place and time, time alone", () => {
        TestTerminal.ready().dialogue(`
            > AT+CIPGSMLOC=?␍
            < ⏎+CIPGSMLOC: (1,2),(1-3)⏎⏎OK⏎
            > AT+CIPGSMLOC=1,1␍
            < ⏎+CIPGSMLOC: 601⏎⏎OK⏎
            > AT+SAPBR=1,1␍
            < ⏎OK⏎
            > AT+CIPGSMLOC=1,1␍
            < ⏎+CIPGSMLOC: 0,121.354848,31.221402,2020/12/16,18:04:45⏎⏎OK⏎
            > AT+CIPGSMLOC=2,1␍
            < ⏎+CIPGSMLOC: 0,2020/12/16,18:04:45⏎⏎OK⏎
            > AT+CIPGSMLOC=3,1␍
            < ⏎ERROR⏎
        `)
    })

    test.each([
        [1, 404],
        [2, 408],
        [4, 603],
    ] as const)("the location server says %d: %d", (failure, code) => {
        TestTerminal.ready({ operator: { location: failure } }).dialogue(`
            > AT+SAPBR=1,1␍
            < ⏎OK⏎
            > AT+CIPGSMLOC=1,1␍
            < ⏎+CIPGSMLOC: ${code}⏎⏎OK⏎
        `)
    })
})

test("real servers, by the address map", async () => {
    const server = dgram.createSocket("udp4")
    server.on("message", (_, { port, address }) =>
        server.send(timePacket(1_770_091_506), port, address)
    )
    await new Promise<void>(done => server.bind(0, "127.0.0.1", done))
    const { port } = server.address()
    const network = new HostNetwork({ map: [`pool.ntp.org=localhost:${port}`] })
    const log: string[] = []
    network.onLog = line => log.push(line)
    try {
        const address = await new Promise<string>(done =>
            network.resolve("pool.ntp.org", ([found]) => done(found))
        )
        const answer = await new Promise<Uint8Array>(done => {
            const socket = network.openUdp(
                { address: "10.0.0.1", port: 0 },
                {
                    bound: () =>
                        socket.send(new Uint8Array(48), { address, port: 123 }),
                    failed: () => undefined,
                    received: bytes => {
                        socket.close()
                        done(bytes)
                    },
                }
            )
        })
        expect(answer).toEqual(timePacket(1_770_091_506))
        const ttl = await new Promise<number>(done =>
            network.ping(address, 32, done)
        )
        expect(ttl).toBe(64)
        network.ping("198.51.100.1", 32, () => undefined)
        expect(log.at(-1)).toContain("198.51.100.1 was not pinged")
    } finally {
        server.close()
    }
})
