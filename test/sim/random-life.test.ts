/** Whatever happens to it, in whatever order, the modem goes on and cleans up after itself. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { bytesOf } from "../../sim/modem/bytes"
import { faultNames, type FaultName } from "../../sim/modem/faults"
import type { MemoryPeer, MemoryServer } from "../../sim/modem/memory-network"
import type { RegistrationStatus } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "192.0.2.80"

interface World {
    readonly terminal: TestTerminal
    readonly server: MemoryServer
    readonly visitors: MemoryPeer[]
}

/** Something that happens; plain data, so that a counterexample can be read. */
type Event =
    /** Says a line, and waits for the answer; or does not. */
    | readonly ["ask", string]
    | readonly ["say", string]
    | readonly ["wait", number]
    | readonly ["peers", "send" | "end" | "reset" | "stall" | "unstall"]
    /** A peer comes to the module's server. */
    | readonly ["dial", number]
    | readonly ["registration", RegistrationStatus]
    | readonly ["fault", FaultName]
    | readonly ["rts", boolean]
    | readonly ["dtr", boolean]
    | readonly ["power key", boolean]
    | readonly ["reset", boolean]
    | readonly ["call", "in" | "hang up"]
    | readonly ["message", string]
    | readonly ["power", "on" | "off"]

function happen(
    { terminal, server, visitors }: World,
    [what, value]: Event
): void {
    const { modem } = terminal
    switch (what) {
        case "ask":
            modem.dte.write(bytesOf(`${value}\r`))
            terminal.listen(300)
            break
        case "say":
            modem.dte.write(bytesOf(`${value}\r`))
            break
        case "wait":
            terminal.listen(value)
            break
        case "peers":
            for (const peer of [
                ...server.peers.slice(-2),
                ...visitors.slice(-2),
            ]) {
                if (value === "send") peer.send("y".repeat(2000))
                else peer[value]()
            }
            break
        case "dial":
            visitors.push(
                terminal.network.dial(
                    { address: "10.78.245.128", port: value },
                    { address: "10.78.103.220", port: 2020 }
                )
            )
            break
        case "registration":
            modem.setRegistration(value)
            break
        case "fault":
            modem.inject(value)
            break
        case "rts":
            modem.dte.setRts(value)
            break
        case "dtr":
            modem.dte.setDtr(value)
            break
        case "power key":
            modem.dte.setPowerKey(value)
            break
        case "reset":
            modem.dte.setReset(value)
            break
        case "call":
            if (value === "in") modem.call("+123")
            else modem.hangUp()
            break
        case "message":
            modem.receiveMessage({ from: "+123", text: value })
            break
        case "power":
            if (value === "on") modem.powerOn()
            else modem.powerOff()
    }
}

/** With AT+CSCLK=2 the first character is lost. */
function wake({ modem, clock }: TestTerminal): void {
    modem.dte.write(bytesOf("x"))
    clock.advance(2000)
}

/** What is said most: connections and what they are for. */
const transfers = [
    `AT+CIPSTART=0,"TCP","${SERVER}",80`,
    `AT+CIPSTART=1,"TCP","server.example",80`,
    `AT+CIPSTART=2,"UDP","${SERVER}",53`,
    `AT+CIPSTART=3,"TCP","192.0.2.99",80`,
    `AT+CIPSTART="TCP","${SERVER}",80`,
    'AT+CDNSGIP="server.example"',
    "AT+CIPSEND=0",
    "AT+CIPSEND=0,5",
    "AT+CIPSEND=1,1000",
    "AT+CIPSEND=2,5",
    "AT+CIPSEND=5",
    "hello",
    "x".repeat(1000),
    "\x1a",
    "AT+CIPRXGET=2,0,100",
    "AT+CIPRXGET=2,1,1460",
    "AT+CIPRXGET=2,100",
    "AT+CIPACK=0",
    "AT+CIPSTATUS",
    "+++",
    "ATO",
    "AT+CIPCLOSE=0",
    "AT+CIPCLOSE=1,1",
    "AT+CIPCLOSE",
    "AT+CIPSERVER=1,8888",
    "AT+CIPSERVER=0",
]

const settings = [
    "AT",
    "ATE0",
    "ATE1",
    "ATZ",
    "AT+CREG=2;+CGREG=1",
    "AT+CIPMUX=0",
    "AT+CIPMUX=1",
    "AT+CIPRXGET=1",
    "AT+CIPRXGET=0",
    "AT+CIPQSEND=1",
    "AT+CIPQSEND=0",
    "AT+CIPHEAD=1;+CIPSRIP=1",
    "AT+IFC=2,2",
    "AT+IFC=0,1",
    "AT+CIPMODE=1",
    "AT+CIPMODE=0",
    "AT+CFGRI=1;+CRC=1;+CLIP=1",
    "AT+CNMI=2,2",
    "AT+CNMI=0,1",
    "ATA",
    "ATH",
    "AT+CMGL=4",
    "AT+CSCLK=0",
    "AT+CSCLK=1",
    "AT+CSCLK=2",
    "AT+CMGD=1,4",
    "AT+CMGF=1",
    'AT+CMGS="+123"',
    'AT+CMGS="+123"\rhello\x1a',
    'AT+CUSD=1,"*100#"',
    "AT+CUSD=2",
    "AT+SAPBR=1,1",
    "AT+SAPBR=0,1",
    "AT+CLBS=4,1",
    "AT+CLTS=1",
    "AT+CIPCCFG=5,2,100,1,1,50,20",
    "AT&C0&D2",
    "AT+CSTT",
    "AT+CIICR",
    "AT+CIFSR",
    "AT+CIPSGTXT=0",
    "AT+CIPSGTXT=1",
    "AT+CIPSGTXT=1;+CSTT;+CIICR;+CIFSR",
    "AT+CIPUDPMODE=2,1",
]

const upheavals = [
    "AT+CIPSHUT",
    "AT+CGATT=0",
    "AT+CGATT=1",
    "AT+CFUN=0",
    "AT+CFUN=1",
    "AT+CFUN=4",
    "AT+CFUN=1,1",
    "AT+CPOWD=1",
]

function some<K extends Event[0]>(
    weight: number,
    what: K,
    ...values: readonly Extract<Event, readonly [K, unknown]>[1][]
): { weight: number; arbitrary: fc.Arbitrary<Event> } {
    const arbitrary = fc
        .constantFrom(...values)
        .map(value => [what, value] as unknown as Event)
    return { weight, arbitrary }
}

const event = fc.oneof(
    some(40, "ask", ...transfers),
    some(10, "say", ...transfers),
    some(12, "ask", ...settings),
    some(1, "ask", ...upheavals),
    some(15, "wait", 0, 1, 10, 100, 1000, 20_000),
    some(1, "wait", 700_000),
    some(20, "peers", "send", "end", "reset", "stall", "unstall"),
    some(8, "dial", 8888),
    some(2, "registration", 0, 1, 2, 3, 5),
    some(3, "fault", ...faultNames),
    some(2, "rts", true, false),
    some(2, "dtr", true, false),
    some(1, "power key", true, false),
    some(1, "reset", true, false),
    some(2, "call", "in", "hang up"),
    some(1, "message", "hello"),
    some(1, "power", "on", "off")
)

test("a random life", () => {
    fc.assert(
        fc.property(
            fc.array(event, { maxLength: 60, size: "max" }),
            fc.constantFrom("instant", "fast", "realistic"),
            fc.constantFrom("fast", "gprs"),
            fc.boolean(),
            (events, delays, radio, multi) => {
                const terminal = TestTerminal.online({ multi, delays, radio })
                terminal.network.name("server.example", SERVER)
                terminal.network.udp(SERVER, 53)
                const server = terminal.network.listen(SERVER, 80)
                const visitors: MemoryPeer[] = []
                const world = { terminal, server, visitors }
                for (const each of events) happen(world, each)

                // let all that is under way end, then speak to it
                terminal.modem.clearFaults()
                terminal.modem.dte.setRts(true)
                terminal.modem.dte.setPowerKey(false)
                terminal.modem.dte.setReset(false)
                terminal.modem.hangUp()
                terminal.listen(1_000_000)
                terminal.modem.powerOn()
                terminal.listen(100_000)
                terminal.modem.dte.setDtr(true)
                wake(terminal)
                terminal.modem.dte.write(bytesOf("+++"))
                terminal.listen(2000)
                terminal.modem.dte.write(bytesOf("\x1b".repeat(1000)))
                terminal.listen(1_000_000)
                wake(terminal)
                expect(terminal.modem.activity).toBe("command")
                terminal.modem.dte.write(bytesOf("\rATE0\r"))
                terminal.listen(1000)
                terminal.dialogue("> AT␍\n< ⏎OK⏎")

                terminal.modem.dispose()
                terminal.clock.advance(0)
                expect(terminal.clock.nextAt()).toBeUndefined()
                const peers = [...server.peers, ...visitors]
                expect(peers.every(each => each.closed)).toBe(true)
            }
        ),
        { seed: 800, numRuns: Number(process.env.RUNS ?? 80) }
    )
}, 600_000)
