/** Actions, event feed, transcripts, and the control port with its guards. */
import http from "node:http"
import net from "node:net"
import { networkInterfaces } from "node:os"
import { once } from "node:events"
import { PassThrough } from "node:stream"
import { afterEach, describe, expect, test } from "vitest"
import {
    actionNames,
    actions,
    perform,
    type Action,
} from "../../sim/control/actions"
import { keyHelp, Keys, type KeyInput } from "../../sim/control/keys"
import { ControlServer } from "../../sim/control/server"
import { stateDiagram } from "../../sim/control/state-diagram"
import { Station } from "../../sim/control/station"
import { transcriptOf } from "../../sim/control/transcript"
import { RealClock } from "../../sim/modem/clock"
import { VirtualSim800 } from "../../sim/modem/modem"
import { PLACES } from "../../sim/page/diagram.js"
import { MOST_LINES, Store } from "../../sim/page/store.js"
import { TestTerminal } from "./terminal"

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

describe("actions", () => {
    test("a message, a call and its end, as TypeScript performs them", () => {
        const bench = TestTerminal.ready()
        bench.dialogue("> AT+CNMI=2,1␍\n< ⏎OK⏎")
        perform(bench.modem, "message", { from: "+123", text: "hi" })
        bench.dialogue('< ⏎+CMTI: "SM",1⏎\n~ 200\n! ri low 120 ms')
        perform(bench.modem, "call", { number: "+456" })
        bench.dialogue("< ⏎RING⏎\n! ri low")
        perform(bench.modem, "hang-up")
        bench.dialogue("< ⏎NO CARRIER⏎\n! ri high")
    })

    test("signal, battery, network, supply", () => {
        const bench = TestTerminal.ready()
        perform(bench.modem, "signal", { rssi: 3 })
        perform(bench.modem, "battery", { millivolts: 3300, percent: 1 })
        bench.dialogue(`
            > AT+CSQ␍
            < ⏎+CSQ: 3,0⏎⏎OK⏎
            > AT+CBC␍
            < ⏎+CBC: 0,1,3300⏎⏎OK⏎
        `)
        perform(bench.modem, "network-off")
        bench.dialogue("> AT+CREG?␍\n< ⏎+CREG: 0,2⏎⏎OK⏎")
        perform(bench.modem, "network-on", { status: "roaming" })
        bench.dialogue("> AT+CREG?␍\n< ⏎+CREG: 0,5⏎⏎OK⏎")
        perform(bench.modem, "power-off")
        expect(bench.modem.activity).toBe("off")
    })

    test("each has a key of its own, and a value for each parameter or none needed", () => {
        const keys = actionNames.map(name => actions[name].key)
        expect(new Set(keys).size).toBe(keys.length)
        for (const name of actionNames) {
            const { parameters }: Action = actions[name]
            for (const parameter of Object.values(parameters))
                if (parameter.kind === "choice" && parameter.default)
                    expect(parameter.choices).toContain(parameter.default)
        }
        expect(keyHelp(actionNames)).toContain("m M  message")
    })

    test.each([
        ["nothing", {}, /there is no action "nothing": there are message, /],
        ["toString", {}, /there is no action "toString"/],
        ["message", { to: "+1" }, 'message takes from, text, not "to"'],
        ["message", [], "message takes an object with from, text"],
        ["message", { text: 5 }, '"text" is a text of at most 160 characters'],
        ["message", { text: "x".repeat(161) }, "at most 160 characters"],
        ["call", { number: "hello" }, '"hello" is not a number'],
        ["say", { text: "a\r\nOK" }, '"text" is one line'],
        ["signal", { rssi: 32 }, "rssi is 0–31, or 99"],
        ["signal", { rssi: "3" }, '"rssi" is a whole number from 0 to 99'],
        ["fault", {}, 'fault needs "name"'],
        ["fault", { name: "bad luck" }, '"name" is one of drop-answer, '],
    ])("%s %j is refused, and changes nothing", (name, values, message) => {
        const bench = TestTerminal.ready()
        const station = Station.of(bench.modem, bench.clock)
        expect(() => station.perform(name, values)).toThrow(message)
        expect(station.feed.latest).toBe(0)
        expect(bench.modem.signal.rssi).toBe(20)
    })
})

describe("the feed", () => {
    test("a transcript of what was seen is played by the tests", () => {
        const dialogue = `
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+CNMI=2,1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","1.2.3.4",7␍
            < ⏎OK⏎
            < ⏎CONNECT OK⏎
            > AT+CIPSEND=3␍
            < ⏎> |
            > a␚\\x80
            < ⏎SEND OK⏎
        `
        const first = TestTerminal.ready()
        first.network.listen("1.2.3.4", 7)
        const station = Station.of(first.modem, first.clock)
        first.through(station.probe)
        first.dialogue(dialogue)
        station.feed.flush()
        const transcript = transcriptOf(station.feed.since(0))
        expect(transcript).toContain("< ⏎> |\n")
        const second = TestTerminal.ready()
        second.network.listen("1.2.3.4", 7)
        second.dialogue(transcript)
        expect(() => second.dialogue("< ⏎OK⏎")).toThrow("expected")
    })

    test("lines and pulses, actions and states are in it", () => {
        const bench = TestTerminal.ready()
        const station = Station.of(bench.modem, bench.clock)
        station.probe.setDtr(true)
        station.perform("message", { text: "two\nlines" })
        bench.clock.advance(500)
        station.feed.flush()
        const transcript = transcriptOf(station.feed.since(0))
        expect(transcript).toContain("^ dtr low\n")
        expect(transcript).toContain("# ! ri high, low for 120 ms\n")
        expect(transcript).toContain(
            "# short message from +4915112345678: two\n# lines\n"
        )
        station.perform("power-off")
        expect(station.view.states).toEqual({ power: "off" })
        expect(station.view.connections).toEqual([])
    })

    test("an hour at 460800 baud keeps what it may keep, here and in the page", () => {
        const bench = TestTerminal.ready()
        const station = Station.of(bench.modem, bench.clock)
        const { feed } = station
        const store = new Store()
        let bytes = 0
        feed.listen(event => {
            if (event.kind !== "data") return
            bytes += event.bytes.length
            store.add({
                id: event.id,
                time: event.time,
                source: "from",
                label: "",
                text: "x".repeat(event.bytes.length),
                isData: true,
            })
        })
        const chunk = new Uint8Array(1024)
        for (let n = 0; n < 3600 * 45; n++) {
            feed.publish({
                kind: "data",
                direction: n % 2 ? ">" : "<",
                bytes: chunk,
            })
            if (n % 45 === 0) bench.clock.advance(1000)
        }
        expect(bytes).toBeGreaterThan(160e6)
        const kept = feed.since(0)
        expect(kept.length).toBeGreaterThan(1000)
        expect(kept.length * 1024).toBeLessThan(2.1e6)
        expect(store.lines.length).toBeLessThanOrEqual(MOST_LINES)
        expect(store.characters).toBeLessThan(8.1e6)
        expect(store.lines.at(-1)?.id).toBe(feed.latest)
    })

    test("the page has a place for each state of SIMCom's figures", () => {
        const states = [
            ...stateDiagram.single.states,
            ...stateDiagram.multi.states,
        ]
        expect(Object.keys(PLACES).sort()).toEqual([...new Set(states)].sort())
    })
})

async function serve(page = true) {
    const clock = new RealClock()
    const modem = new VirtualSim800({
        clock,
        delays: "instant",
        stored: { baud: 115200 },
    })
    const station = Station.of(modem, clock)
    const server = await ControlServer.open({ station, port: 0, page })
    cleanUps.push(
        () => modem.dispose(),
        () => server.close()
    )
    modem.powerOn()
    await expect
        .poll(() => station.view.states.registration, { timeout: 60_000 })
        .toBe("home")
    const { port, token } = server
    const request = (
        path: string,
        {
            method = "GET",
            headers = {},
            body,
        }: {
            method?: string
            headers?: Record<string, string>
            body?: string
        } = {}
    ): Promise<{
        status: number
        headers: http.IncomingHttpHeaders
        body: string
    }> =>
        new Promise((resolve, reject) => {
            const request = http.request(
                { host: "127.0.0.1", port, path, method, headers },
                response => {
                    let text = ""
                    response.on("data", data => (text += String(data)))
                    response.on("end", () =>
                        resolve({
                            status: response.statusCode ?? 0,
                            headers: response.headers,
                            body: text,
                        })
                    )
                }
            )
            request.on("error", reject)
            request.end(body)
        })
    const own = { Authorization: `Bearer ${token}` }
    return { modem, station, server, port, token, request, own }
}

describe("the control port", () => {
    test("state, actions, an action, its event, a transcript", async () => {
        const { request, own, port, token } = await serve()
        const state = JSON.parse(
            (await request("/api/state", { headers: own })).body
        )
        expect(state).toMatchObject({
            modem: "virtual",
            states: { power: "on", registration: "home" },
            signal: { rssi: 20 },
            pins: { ri: false, cts: true },
        })
        const list = JSON.parse(
            (await request("/api/actions", { headers: own })).body
        )
        expect(list.map(({ name }: Action & { name: string }) => name)).toEqual(
            actionNames
        )
        const stream = await fetch(
            `http://127.0.0.1:${port}/api/events?since=${state.latest}`,
            { headers: { Authorization: `Bearer ${token}` } }
        )
        const reader = stream.body!.getReader()
        cleanUps.push(() => reader.cancel())
        const done = await request("/api/actions/message", {
            method: "POST",
            headers: own,
            body: '{"from":"+1","text":"Grüße"}',
        })
        expect([done.status, done.body]).toEqual([
            200,
            '{"done":"short message from +1: Grüße"}\n',
        ])
        let events = ""
        const decoder = new TextDecoder()
        while (!events.includes("Grüße"))
            events += decoder.decode((await reader.read()).value, {
                stream: true,
            })
        expect(events).toMatch(/^id: \d+\ndata: \{.*"kind":"action"/m)
        const transcript = await request("/api/transcript", { headers: own })
        expect(transcript.body).toContain("# short message from +1: Grüße")
    })

    test.each([
        ["POST", "/api/actions/nothing", "{}", 404],
        ["POST", "/api/actions/call", '{"number":"x"}', 400],
        ["POST", "/api/actions/call", "no JSON", 400],
        ["POST", "/api/actions/call", "x".repeat(70_000), 413],
        ["GET", "/api/actions/call", undefined, 405],
        ["POST", "/api/state", "{}", 405],
        ["GET", "/api/events?since=x", undefined, 400],
        ["GET", "/api/nothing", undefined, 404],
        ["GET", "/../package.json", undefined, 404],
        ["GET", "/tsconfig.json", undefined, 404],
    ])(
        "%s %s is an error that says why",
        async (method, path, body, status) => {
            const { request, own } = await serve()
            const answer = await request(path, { method, headers: own, body })
            expect(answer.status).toBe(status)
            expect(JSON.parse(answer.body).error).toMatch(/\w+ \w+/)
        }
    )

    test("what cannot be done now is a conflict", async () => {
        const { request, own, modem } = await serve()
        modem.powerOff()
        const { status, body } = await request("/api/actions/call", {
            method: "POST",
            headers: own,
        })
        expect([status, body]).toEqual([
            409,
            '{"error":"it does not ring: the modem is not registered, or in a call"}\n',
        ])
    })

    describe.each(["/api/actions/message", "/api/state", "/", "/page.js"])(
        "%s is refused",
        path => {
            const method = path.includes("message") ? "POST" : "GET"

            test("to a page from elsewhere, whatever it knows", async () => {
                const { request, own, port, station } = await serve()
                for (const origin of [
                    "http://evil.example",
                    "null",
                    `http://127.0.0.1:${port + 1}`,
                    `https://127.0.0.1:${port}`,
                ])
                    expect(
                        await request(path, {
                            method,
                            headers: { ...own, Origin: origin },
                        })
                    ).toMatchObject({ status: 403 })
                expect(
                    station.feed.since(0).some(({ kind }) => kind === "action")
                ).toBe(false)
            })

            test("under another name, as after DNS rebinding", async () => {
                const { request, own, port } = await serve()
                for (const host of ["evil.example", `evil.example:${port}`])
                    expect(
                        await request(path, {
                            method,
                            headers: { ...own, Host: host },
                        })
                    ).toMatchObject({ status: 421 })
            })

            test("without the token, or with a wrong one", async () => {
                const { request, token, port } = await serve()
                for (const headers of [
                    {},
                    { Authorization: `Bearer ${token}x` },
                    { Authorization: `Bearer ${token.slice(1)}` },
                    { Cookie: `modem-${port}=wrong` },
                ] as Record<string, string>[])
                    expect(
                        await request(path, { method, headers })
                    ).toMatchObject({ status: 401 })
            })
        }
    )

    test("the address that was printed gives the browser the token, and hides it", async () => {
        const { request, token, port } = await serve()
        expect(await request("/?token=wrong")).toMatchObject({ status: 401 })
        const first = await request(`/?token=${token}`)
        expect(first.status).toBe(303)
        const cookie = String(first.headers["set-cookie"])
        expect(cookie).toContain("HttpOnly; SameSite=Strict")
        const headers = { Cookie: cookie.split(";")[0] }
        const page = await request("/", { headers })
        expect(page.status).toBe(200)
        expect(page.headers["content-security-policy"]).toContain(
            "default-src 'self'"
        )
        expect(
            await request("/api/state", {
                headers: { ...headers, Origin: `http://127.0.0.1:${port}` },
            })
        ).toMatchObject({ status: 200 })
    })

    test("nobody comes from elsewhere than loopback", async () => {
        const { port } = await serve()
        const others = Object.values(networkInterfaces())
            .flatMap(addresses => addresses ?? [])
            .filter(({ internal, family }) => !internal && family === "IPv4")
            .map(({ address }) => address)
        for (const address of [...others, "127.0.0.2"]) {
            const socket = net.connect(port, address)
            cleanUps.push(() => socket.destroy())
            const [error] = (await once(socket, "error")) as [Error]
            expect(error.message).toContain("ECONNREFUSED")
        }
    })

    test("a watcher that does not read misses events, and is told how many", async () => {
        const { port, token, station } = await serve()
        const socket = net.connect(port, "127.0.0.1")
        cleanUps.push(() => socket.destroy())
        socket.write(
            `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`
        )
        await once(socket, "readable")
        const text = "x".repeat(10_000)
        for (let n = 0; n < 3000; n++)
            station.feed.publish({ kind: "log", source: "app", text })
        let heard = ""
        socket.on("data", data => (heard += String(data)))
        await expect
            .poll(
                () => {
                    station.feed.publish({
                        kind: "log",
                        source: "app",
                        text: ".",
                    })
                    return /event: missed\ndata: \d+/.test(heard)
                },
                { timeout: 60_000 }
            )
            .toBe(true)
        expect(heard.length).toBeLessThan(20e6)
    })

    test("no page where only control was asked for", async () => {
        const { request, own } = await serve(false)
        expect(await request("/", { headers: own })).toMatchObject({
            status: 404,
        })
    })
})

describe("keys", () => {
    function terminal(bench: TestTerminal) {
        const input = new PassThrough() as KeyInput & PassThrough
        Object.assign(input, { isTTY: true, setRawMode: () => undefined })
        const output = new PassThrough()
        let written = ""
        output.on("data", data => (written += String(data)))
        const shown: string[] = []
        let quit = 0
        const station = Station.of(bench.modem, bench.clock)
        station.feed.listen(event => {
            if (event.kind === "action") shown.push(event.text)
        })
        const keys = Keys.open({
            station,
            input,
            output,
            show: text => shown.push(text),
            quit: () => quit++,
        })
        cleanUps.push(() => keys?.close())
        return {
            shown,
            quits: () => quit,
            written: () => written,
            press: async (text: string) => {
                input.write(text)
                await new Promise(done => setTimeout(done, 20))
            },
        }
    }

    test("one key, one action; ? lists them; q ends it", async () => {
        const bench = TestTerminal.ready()
        const { press, shown, quits } = terminal(bench)
        await press("s")
        expect(bench.modem.signal.rssi).toBe(5)
        await press("?")
        expect(shown[1]).toContain("hang-up")
        await press("z")
        await press("c")
        await press("c")
        expect(shown.slice(2)).toEqual([
            'no action is on "z": ? lists them',
            "call from +4915112345678",
            "it does not ring: the modem is not registered, or in a call",
        ])
        await press("h")
        bench.listen(10)
        await press("q\x03")
        expect(quits()).toBe(2)
    })

    test("a capital asks for the values, and so does what needs one", async () => {
        const bench = TestTerminal.ready()
        const { press, shown, written } = terminal(bench)
        await press("S")
        expect(written()).toContain("signal rssi")
        await press("17\r")
        expect(bench.modem.signal.rssi).toBe(17)
        await press("f")
        await press("ri-glitch\r")
        await press("\r")
        expect(shown.at(-1)).toContain("fault ri-glitch")
        await press("S")
        await press("x\r")
        expect(shown.at(-1)).toContain("whole number")
    })
})
