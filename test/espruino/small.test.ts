/** The smallest module while things go wrong: what belongs to that comes when it is called, and goes again. */
import path from "node:path"
import { expect, test } from "vitest"
import { bundle } from "../../espruino/bundle"
import { Espruino } from "./context"

const root = path.resolve(import.meta.dirname, "../..")

/** What happens to a modem with a connection, and the failure that its socket tells of. */
const FAULTS: [string, (espruino: Espruino) => void, told: string[]][] = [
    ["a restart", ({ sim }) => sim.inject("brown-out"), ["error 2", "closed"]],
    [
        "a lost context",
        ({ sim }) => sim.inject("pdp-deact"),
        ["error 18", "closed"],
    ],
    [
        "an answer that does not come",
        espruino => {
            espruino.sim.inject("drop-answer")
            espruino.evaluate('socket.write("once")')
        },
        [],
    ],
    [
        "silence",
        espruino => {
            espruino.sim.powerOff()
            espruino.wait(60_000)
            espruino.sim.powerOn()
        },
        ["error 1", "closed"],
    ],
]

test.each(FAULTS)(
    "%s: it is told, and the next connection works",
    async (_, happens, told) => {
        const entry = path.join(root, "src/espruino/SIM800-tcp.ts")
        const espruino = new Espruino((await bundle(entry)).small)
        espruino.network.name("echo.test", "10.0.0.1")
        espruino.network.echo("10.0.0.1", 7)
        espruino.start()
        espruino.evaluate(`
            var socket, got = ""
            function open() {
                socket = modem.connect({ host: "echo.test", port: 7 }, () => print("connected"))
                socket.on("data", data => { got += data })
                socket.on("error", e => print("error", e.failure))
                socket.on("close", () => { print("closed"); setTimeout(open, 1000) })
            }
            open()
        `)
        espruino.expect("connected")
        // nothing that is needed seldom is there any more
        espruino.wait(5000)
        happens(espruino)
        espruino.wait(300_000)
        espruino.evaluate('got = ""; socket.write("still there")')
        espruino.clock.runUntil(
            () => espruino.value("got") === "still there",
            60_000
        )
        expect(espruino.value("got")).toBe("still there")
        const again = told.length > 0 ? ["connected"] : []
        expect(espruino.lines).toEqual([
            "ready",
            "connected",
            ...told,
            ...again,
        ])
    },
    240_000
)

test("a URC of the network is told, and brings nothing that is needed seldom", async () => {
    const entry = path.join(root, "src/espruino/SIM800-tcp.ts")
    const espruino = new Espruino((await bundle(entry)).small)
    const say = (text: string): void => {
        espruino.sim.dte.onData(Buffer.from(text, "latin1"))
        espruino.wait(100)
    }
    espruino.start()
    espruino.wait(5000)
    say("\r\n+CREG: 1\r\n")
    espruino.evaluate('modem.on("urc", line => print("urc", line))')
    say('\r\n+CREG: 5,"1A2B","3C4D"\r\n')
    say("\r\n+CGREG: 1\r\n")
    expect(espruino.lines).toEqual([
        "ready",
        'urc +CREG: 5,"1A2B","3C4D"',
        "urc +CGREG: 1",
    ])
    const is = "modem.__proto__.__proto__ === Object.prototype"
    expect(espruino.value(is)).toBe(true)
    // what nobody knows does
    say("\r\n+WHAT: 1\r\n")
    expect(espruino.lines).toContain("urc +WHAT: 1")
    expect(espruino.value(is)).toBe(false)
})
