/** Options that can not be: each is refused by name, nothing is sent. */
import { Wired } from "../../src/core/options"
import { describe, expect, test } from "@devicescript/test"
import { Failure, Sim800, Sim800Options, Transparent } from "../../src/index"
import { bench, optionsFor, refused, ScriptedUart, Setup } from "./scripted"

/** Makes a driver with something wrong about it. */
async function wrong(
    setup: Setup,
    spoil: (options: Sim800Options) => void,
    naming: string
) {
    const uart = new ScriptedUart()
    const options = optionsFor(uart, setup)
    spoil(options)
    await refused(
        async () => {
            new Sim800(options)
        },
        Failure.BadArgument,
        naming
    )
    expect(uart.done()).toBe(true)
}

function repeated(text: string, n: number): string {
    let result = ""
    while (result.length < n) result += text
    return result
}

describe("new Sim800", () => {
    test("apn, user, password", async () => {
        await wrong({}, o => (o.apn = repeated("a", 60)), '"apn"')
        await wrong({}, o => (o.apn = repeated("a", 51)), '"apn"')
        await wrong({}, o => (o.apn = 'in"ternet'), '"apn"')
        await wrong({}, o => (o.apn = "a\rAT+CPOWD=1"), '"apn"')
        await wrong({}, o => (o.user = repeated("u", 51)), '"user"')
        await wrong({}, o => (o.password = "p\n"), '"password"')
        await wrong({}, o => (o.apn = undefined), '"apn"')
        await wrong(
            {},
            o => (o.password = 1234 as unknown as string),
            '"password": 1234'
        )
        const uart = new ScriptedUart()
        const options = optionsFor(uart, {})
        options.apn = repeated("a", 50)
        new Sim800(options)
    })

    test("pin", async () => {
        await wrong({}, o => (o.pin = "abcd"), '"pin"')
        await wrong({}, o => (o.pin = "123"), '"pin"')
        await wrong({}, o => (o.pin = "123456789"), '"pin"')
        await wrong({}, o => (o.pin = 123), '"pin"')
        const options = optionsFor(new ScriptedUart(), {})
        options.pin = 1234
        expect(new Sim800(options).core.config.pin).toBe("1234")
    })

    test("baud", async () => {
        await wrong({}, o => (o.baud = 12345), '"baud": 12345')
    })

    test("sockets", async () => {
        await wrong({}, o => (o.sockets = 7), '"sockets": 7')
        await wrong({}, o => (o.sockets = -1), '"sockets": -1')
        await wrong({}, o => (o.sockets = 0), '"sockets": 0')
        await wrong({ single: true }, o => (o.sockets = 2), '"sockets": 2')
    })

    test("receiveBuffer", async () => {
        await wrong({}, o => (o.receiveBuffer = 1000), '"receiveBuffer": 1000')
        await wrong({}, o => (o.receiveBuffer = 128), '"receiveBuffer": 128')
        await wrong({}, o => (o.receiveBuffer = 16384), '"receiveBuffer"')
    })

    test("keepAlive", async () => {
        await wrong({}, o => (o.keepAlive = 10), '"keepAlive": 10')
        await wrong({}, o => (o.keepAlive = 7201), '"keepAlive": 7201')
    })

    test("framing", async () => {
        await wrong({}, o => (o.framing = 200), '"framing": 200')
        await wrong({}, o => (o.framing = "cr" as "length"), '"framing": "cr"')
    })

    test("receive", async () => {
        await wrong(
            {},
            o => {
                o.receive = "push"
                ;(o.uart as ScriptedUart).wired = Wired.None
            },
            "without RTS and CTS"
        )
        await wrong({}, o => (o.receive = "plain"), "single connection")
        await wrong({}, o => (o.receive = "poll" as "push"), '"poll"')
    })

    test("connections", async () => {
        await wrong({}, o => (o.connections = "six" as "multi"), '"six"')
    })

    test("lazy", async () => {
        await wrong({}, o => (o.lazy = true), '"lazy"')
    })

    test("uart", async () => {
        await wrong({}, o => (o.uart = undefined), '"uart"')
    })
})

describe("new Transparent", () => {
    async function wrongMode(setup: Setup, naming: string) {
        const { modem } = bench(setup)
        await refused(
            async () => {
                new Transparent(modem)
            },
            Failure.BadArgument,
            naming
        )
        expect(modem.core.config.transparent).toBe(false)
        expect(modem.core.features.list.length).toBe(0)
    }

    test("connections, receive, DCD", async () => {
        await wrongMode({ push: true, transparent: true }, '"connections"')
        await wrongMode({ single: true, transparent: true }, '"receive"')
        await wrongMode({ single: true, push: true }, "DCD")
    })

    test("parameters", async () => {
        const setup: Setup = { single: true, push: true, transparent: true }
        const { modem } = bench(setup)
        await refused(
            async () => {
                new Transparent(modem, { escape: false })
            },
            Failure.BadArgument,
            '"escape"'
        )
        await refused(
            async () => {
                new Transparent(modem, { sendSize: 1461 })
            },
            Failure.BadArgument,
            '"sendSize": 1461'
        )
        expect(modem.core.config.transparent).toBe(false)
    })
})
