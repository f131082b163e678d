/** Driver and modem together, with every fault that the modem can be given. */
import { describe, expect, test } from "vitest"
import { LinkState } from "../../src/core/link/connection"
import { Failure } from "../../src/core/errors"
import { noise, Rig } from "./rig"

/** A rig with a connection to an echo server. */
function connected(driver = {}, modem = {}) {
    const rig = new Rig(driver, modem).start()
    rig.network.echo("10.0.0.1", 7)
    return { rig, link: rig.connect() }
}

/** The driver works: a new connection gets its bytes back. */
function works(rig: Rig): void {
    const link = rig.connect()
    rig.send(link, "still there?")
    rig.expect("an echo", () => link.readable === 12)
    expect(rig.read(link).toString()).toBe("still there?")
    rig.close(link)
    rig.expect("free", () => link.state === LinkState.Initial)
}

describe("an answer that never comes, or late", () => {
    const commands = [
        "AT",
        "ATE0",
        "AT+CMEE",
        "AT+IPR?",
        "AT+IFC",
        "AT+CPIN?",
        "AT+CCALR?",
        "AT+CSQ",
        "AT+CREG?",
        "AT+CGREG?",
        "AT+CGATT?",
        "AT+CIPSHUT",
        "AT+CIPMUX",
        "AT+CIPQSEND",
        "AT+CIPRXGET",
        "AT+CSTT",
        "AT+CIICR",
        "AT+CIFSR",
    ]

    /** Injects a fault when the driver sends a command for the first time. */
    function at(rig: Rig, command: string, inject: () => void): void {
        rig.onSend = text => {
            if (!text.startsWith(command)) return
            rig.onSend = () => undefined
            inject()
        }
    }

    test.each(commands)("to %s during the start", command => {
        for (const fault of ["drop-answer", "late-answer"] as const) {
            const rig = new Rig()
            // from a modem at a fixed rate, so that all commands occur
            at(rig, command, () => rig.sim.inject(fault, 12_000))
            rig.start()
            rig.network.echo("10.0.0.1", 7)
            works(rig)
        }
    })

    test.each([
        "AT+CIPSTART",
        "AT+CIPSEND?",
        "AT+CIPSEND=",
        "AT+CIPRXGET=2",
        "AT+CIPCLOSE",
    ])("to %s: nobody gets what is not his", command => {
        for (const fault of ["drop-answer", "late-answer"] as const) {
            const { rig, link } = connected()
            const other = rig.connect()
            at(rig, command, () => rig.sim.inject(fault, 25_000))
            rig.send(link, "first")
            rig.send(other, "second")
            rig.open("10.0.0.1", 7)
            rig.wait(1000)
            rig.close(other)
            rig.wait(150_000)
            expect(["first", ""]).toContain(rig.read(link).toString())
            expect(rig.ready).toBe(true)
            works(rig)
        }
    })
})

describe("a notice that is missing", () => {
    test("of data: they come with the next look", () => {
        const { rig, link } = connected()
        rig.sim.inject("miss-rxget-urc")
        rig.send(link, "hello")
        rig.expect("the echo", () => link.readable === 5, 3000)
    })

    test("of the end", () => {
        const { rig, link } = connected()
        rig.sim.inject("miss-closed")
        const server = rig.network.listen("10.0.0.1", 80)
        const other = rig.connect("10.0.0.1", 80)
        server.peer.end()
        rig.wait(5000)
        // it is noticed when something is to be sent
        rig.send(other, "x")
        rig.expect("closed", () => other.state === LinkState.Closed)
        expect(other.failure).toBe(Failure.ClosedByPeer)
        expect(link.state).toBe(LinkState.Connected)
    })

    test("of a connection: the time passes, then the number is free again", () => {
        const rig = new Rig().start()
        rig.network.echo("10.0.0.1", 7)
        rig.sim.inject("no-connect-result")
        const link = rig.open("10.0.0.1", 7)
        rig.expect("given up", () => link.failure === Failure.ConnectTimeout)
        expect(rig.clock.now()).toBeGreaterThan(80_000)
        rig.close(link)
        rig.expect("free", () => link.state === LinkState.Initial)
        works(rig)
    })
})

test("a connection that comes too late is not given to the next one", () => {
    const rig = new Rig().start()
    rig.network.echo("10.0.0.1", 7)
    rig.network.listen("10.0.0.2", 7, peer => peer.send("wrong"))
    rig.sim.inject("late-connect-result", 85_000)
    const link = rig.open("10.0.0.2", 7)
    rig.expect("given up", () => link.failure === Failure.ConnectTimeout)
    rig.close(link)
    works(rig)
    rig.wait(100_000)
    works(rig)
})

describe("a peer", () => {
    test("that nobody listens at", () => {
        const rig = new Rig().start()
        rig.network.refuse("10.0.0.1", 7)
        const link = rig.open("10.0.0.1", 7)
        rig.expect("failed", () => link.failure === Failure.ConnectFailed)
    })

    test("that does not answer at all", () => {
        const rig = new Rig().start()
        const link = rig.open("10.0.0.9", 7)
        rig.expect("failed", () => link.failure !== Failure.None, 100_000)
        expect([Failure.ConnectFailed, Failure.ConnectTimeout]).toContain(
            link.failure
        )
    })

    test("with a name that does not exist", () => {
        const rig = new Rig().start()
        const link = rig.open("nobody.example", 7)
        rig.expect("failed", () => link.failure === Failure.ConnectFailed)
    })

    test("that closes while the prompt is open", () => {
        const { rig, link } = connected()
        rig.sim.inject("close-during-send")
        rig.send(link, "hello")
        rig.expect("failed", () => rig.sent(link))
        expect([Failure.ClosedByPeer, Failure.SendUnknown]).toContain(
            link.sendFailure
        )
        rig.expect("closed", () => link.state === LinkState.Closed)
        rig.close(link)
        works(rig)
    })

    test("that resets the connection in the middle of a transfer", () => {
        const { rig, link } = connected()
        const server = rig.network.listen("10.0.0.1", 80)
        const other = rig.connect("10.0.0.1", 80)
        rig.send(other, noise(1, 20_000))
        rig.wait(300)
        server.peer.reset()
        rig.expect("failed", () => rig.sent(other))
        expect(other.accepted).toBeLessThan(20_000)
        // what was accepted is a prefix of what was sent
        const got = Buffer.from(server.peer.received)
        expect(got.equals(noise(1, 20_000).subarray(0, got.length))).toBe(true)
        expect(link.state).toBe(LinkState.Connected)
        works(rig)
    })

    test("that has vanished is noticed if connections are probed", () => {
        const { rig, link } = connected({ keepAlive: 60 })
        const server = rig.network.listen("10.0.0.1", 80)
        const dead = rig.connect("10.0.0.1", 80)
        server.peer.stall()
        rig.expect("closed", () => dead.state === LinkState.Closed, 300_000)
        expect(rig.clock.now()).toBeGreaterThan(60_000)
        expect(link.state).toBe(LinkState.Connected)
    })

    test("that does not read stops the sender, and nobody else", () => {
        const { rig, link } = connected()
        const server = rig.network.listen("10.0.0.1", 80)
        const slow = rig.connect("10.0.0.1", 80)
        server.peer.stall()
        const data = noise(2, 15_000)
        rig.send(slow, data)
        rig.wait(5000)
        expect(rig.sent(slow)).toBe(false)
        rig.send(link, "quick")
        rig.expect("the echo", () => link.readable === 5, 5000)
        server.peer.unstall()
        rig.expect("all sent", () => rig.sent(slow))
        rig.wait(2000)
        expect(Buffer.from(server.peer.received).equals(data)).toBe(true)
    })
})

test("SEND FAIL ends the connection, the next one works", () => {
    const { rig, link } = connected({ quickSend: false })
    rig.sim.inject("send-fail")
    rig.send(link, "hello")
    rig.expect("failed", () => rig.sent(link))
    expect(link.sendFailure).toBe(Failure.SendFailed)
    rig.expect("closed", () => link.state === LinkState.Closed)
    rig.close(link)
    works(rig)
})

test.each(["manual", "push"])(
    "the context is lost in the middle of a transfer (%s)",
    mode => {
        const { rig, link } = connected({ push: mode === "push" })
        rig.send(link, noise(1, 20_000))
        for (let i = 0; i < 50; i++) {
            rig.wait(7)
            rig.read(link)
        }
        rig.sim.inject("pdp-deact")
        rig.expect("failed", () => rig.sent(link))
        expect(link.failure).toBe(Failure.PdpDeactivated)
        rig.expect("ready", () => rig.ready, 20_000)
        expect(rig.core.bearer.deactivations).toBe(1)
        rig.close(link)
        works(rig)
    }
)

test("a brown-out at any moment of a transfer is noticed and overcome", () => {
    for (let ms = 0; ms < 600; ms += 23) {
        const { rig, link } = connected()
        const data = noise(5, 4000)
        rig.send(link, data)
        let got = Buffer.alloc(0)
        rig.until(() => {
            got = Buffer.concat([got, rig.read(link)])
            return false
        }, ms)
        rig.sim.inject("brown-out")
        rig.expect("noticed", () => link.failure !== Failure.None, 40_000)
        rig.expect("ready", () => rig.ready, 60_000)
        got = Buffer.concat([got, rig.read(link)])
        // whatever the application has got is what was sent
        if (link.failure !== Failure.ReceiveTorn)
            expect(data.subarray(0, got.length).equals(got)).toBe(true)
        rig.close(link)
        works(rig)
    }
})

test("bytes lost on the wire never reach the application unnoticed", () => {
    let torn = 0
    for (let count = 1; count <= 12; count++)
        for (let wait = 0; wait < 60; wait += 7) {
            const { rig, link } = connected({ flowControl: false })
            const data = noise(count, 1000)
            rig.send(link, data)
            rig.expect("sent", () => rig.sent(link))
            rig.wait(wait)
            rig.sim.inject("lose-bytes", count)
            rig.until(() => link.readable >= 1000, 30_000)
            const got = rig.read(link)
            if (link.failure === Failure.None)
                expect(got.equals(data.subarray(0, got.length))).toBe(true)
            else torn++
            rig.close(link)
            rig.wait(100_000)
            works(rig)
        }
    expect(torn).toBeGreaterThan(0)
})

test.each(["split-answer", "garbage", "split-urc"] as const)(
    "%s at any moment",
    fault => {
        for (let ms = 0; ms < 400; ms += 13) {
            const { rig, link } = connected()
            rig.send(link, "hello, world")
            rig.wait(ms)
            rig.sim.inject(fault)
            rig.send(rig.connect(), "hello, again")
            rig.wait(30_000)
            works(rig)
        }
    }
)
