/** The live page in a real browser. PAGE_SHOTS=docs/images keeps what it looks like. */
import { existsSync } from "node:fs"
import net from "node:net"
import path from "node:path"
import { chromium, type Browser, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { ControlServer } from "../../sim/control/server"
import { Station } from "../../sim/control/station"
import { HostNetwork } from "../../sim/host/network"
import { RealClock } from "../../sim/modem/clock"
import { VirtualSim800 } from "../../sim/modem/modem"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const BROWSER = [
    process.env.CHROMIUM ?? "",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
].find(file => file !== "" && existsSync(file))
if (BROWSER === undefined) {
    const missing =
        "there is no Chromium (apt-get install chromium, or CHROMIUM=its path)"
    if (process.env.EVERY_TOOL) throw new Error(missing)
    console.log(`${missing}: the page is not tested`)
}

const PATIENTLY = { timeout: 60_000 }

describe.skipIf(BROWSER === undefined)("the page", () => {
    let browser: Browser
    let page: Page
    let modem: VirtualSim800
    let station: Station
    let server: ControlServer
    let echo: net.Server
    const complaints: string[] = []

    beforeAll(async () => {
        echo = net.createServer(socket => {
            socket.on("error", () => undefined)
            socket.pipe(socket)
        })
        await new Promise<void>(done => echo.listen(0, "127.0.0.1", done))
        const { port } = echo.address() as net.AddressInfo
        const clock = new RealClock()
        modem = new VirtualSim800({
            clock,
            delays: "fast",
            stored: { baud: 115200 },
            network: new HostNetwork({
                map: [`echo.example:7=127.0.0.1:${port}`],
            }),
        })
        station = Station.of(modem, clock)
        server = await ControlServer.open({ station, port: 0, page: true })
        browser = await chromium.launch({
            executablePath: BROWSER,
            // where the tests are root, there is no sandbox
            args: ["--no-sandbox"],
        })
        const context = await browser.newContext({
            viewport: { width: 1440, height: 900 },
        })
        page = await context.newPage()
        page.on("console", message => {
            // an action that is refused is no fault of the page
            if (message.type() === "error" && !/400/.test(message.text()))
                complaints.push(message.text())
        })
        page.on("pageerror", error => complaints.push(error.message))
        modem.powerOn()
        await page.goto(server.url)
        await page.locator("#link[data-live=true]").waitFor()
    })

    afterAll(async () => {
        await browser?.close()
        await server?.close()
        modem?.dispose()
        echo?.close()
    })

    const type = async (text: string, answer: string): Promise<void> => {
        const before = station.feed.latest
        station.probe.write(Buffer.from(text, "latin1"))
        await expect
            .poll(() => {
                station.feed.flush()
                return station.feed
                    .since(before)
                    .some(
                        event =>
                            event.kind === "data" &&
                            event.direction === "<" &&
                            Buffer.from(event.bytes).includes(answer)
                    )
            }, PATIENTLY)
            .toBe(true)
    }

    /** The rows that are seen. */
    const rows = (): Promise<string> => page.locator("#rows").innerText()

    test("the address holds no token any more", () => {
        expect(page.url()).toBe(`http://127.0.0.1:${server.port}/`)
    })

    test("traffic, states, connections, the diagram", async () => {
        await expect
            .poll(() => station.view.states.gprs, PATIENTLY)
            .toBe("attached")
        await type("ATE0\r", "OK")
        await type("AT+CIPMUX=1\r", "OK")
        await type("AT+CSTT\r", "OK")
        await type("AT+CIICR\r", "OK")
        await type("AT+CIFSR\r", "10.78.245.128")
        await type('AT+CIPSTART=0,"TCP","echo.example",7\r', "CONNECT OK")
        await type("AT+CIPSEND=0,6\r", ">")
        await type("\x00\xff<b>&", "RECEIVE,0")
        await expect.poll(rows, PATIENTLY).toMatch(/TX >\s+AT\+CIPSEND=0,6/)
        await expect.poll(rows, PATIENTLY).toMatch(/ip: .* → IP PROCESSING/)
        await expect
            .poll(
                () => page.locator("#diagram g.lit").getAttribute("data-state"),
                PATIENTLY
            )
            .toBe("IP PROCESSING")
        await expect
            .poll(
                () => page.locator("#connections tr").nth(1).innerText(),
                PATIENTLY
            )
            .toMatch(/0\s+CONNECTED\s+TCP .*:7\s+6\s+6/)
        expect(await page.locator("#glance").innerText()).toMatch(
            /home[^]*-73 dBm[^]*3900 mV/
        )
    })

    test("m: a short message, a pulse on RI, both told", async () => {
        await page.locator("h1").click()
        await page.keyboard.press("m")
        await expect
            .poll(
                () => page.locator("#messages li").first().innerText(),
                PATIENTLY
            )
            .toMatch(/from \+4915112345678[^]*hello/)
        await expect
            .poll(
                () => page.locator("#pin-table tr[data-pin=ri]").innerText(),
                PATIENTLY
            )
            .toMatch(/ri\s+high\s+(1[1-9]|[2-9]\d)\d ms/)
        await expect.poll(rows, PATIENTLY).toContain("+CMTI")
    })

    test("a form, by the keyboard alone; an error is said", async () => {
        await page.locator("[data-action=call]").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("nobody")
        await page.keyboard.press("Enter")
        const done = page.locator("#done")
        await expect
            .poll(() => done.innerText(), PATIENTLY)
            .toContain('"nobody" is not a number')
        await page.locator("#call-number").fill("+123")
        await page.keyboard.press("Enter")
        await expect
            .poll(() => done.innerText(), PATIENTLY)
            .toBe("call from +123")
        await page.keyboard.press("Escape")
        expect(await page.locator("#call-number").count()).toBe(0)
        await page.locator("h1").click()
        await page.keyboard.press("h")
        await expect
            .poll(() => done.innerText(), PATIENTLY)
            .toBe("the caller has hung up")
    })

    test("search, choose, read the bytes", async () => {
        await page.keyboard.press("/")
        await page.keyboard.type("receive,0")
        await expect
            .poll(() => page.locator("#rows .row").count(), PATIENTLY)
            .toBe(1)
        await page.locator("#rows").focus()
        await page.keyboard.press("ArrowUp")
        const dump = (await page.locator("#detail").innerText())
            .split("\n")
            .map(line => line.slice(6, 53).trimEnd())
            .join(" ")
        expect(dump).toContain("00 ff 3c 62 3e 26")
        expect(
            await page.locator("#rows").getAttribute("aria-activedescendant")
        ).toMatch(/^row-/)
        await page.locator("#search").fill("")
    })

    test("paused it stands still; the transcript is that of the tests", async () => {
        await page.locator("#pause").click()
        const before = await rows()
        station.perform("say", { text: "+PAUSED: 1" })
        await page.waitForTimeout(300)
        expect(await rows()).toBe(before)
        await page.locator("#pause").click()
        await expect.poll(rows, PATIENTLY).toContain("+PAUSED: 1")
        const download = page.waitForEvent("download")
        await page.locator("#save").click()
        const stream = await (await download).createReadStream()
        let text = ""
        for await (const part of stream) text += String(part)
        expect(text).toContain("> AT+CIPMUX=1␍\n< ⏎OK⏎\n")
    })

    test("what it looks like", async () => {
        // for who looks on
        await page.locator("[data-action=message]").click()
        const shots = process.env.PAGE_SHOTS
        for (const colorScheme of ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme })
            await page.waitForTimeout(300)
            const picture = await page.screenshot(
                shots
                    ? { path: path.join(shots, `page-${colorScheme}.png`) }
                    : {}
            )
            expect(picture.length).toBeGreaterThan(20_000)
        }
        const [light, dark] = await Promise.all(
            (["light", "dark"] as const).map(async colorScheme => {
                const other = await browser.newPage({ colorScheme })
                await other.goto(server.url)
                const colour = await other.evaluate(
                    "getComputedStyle(document.body).backgroundColor"
                )
                await other.close()
                return colour
            })
        )
        expect(light).not.toBe(dark)
    })

    test("everything has a name for a screen reader, and nothing is too wide for a telephone", async () => {
        const nameless = await page.evaluate(
            `[...document.querySelectorAll("button, input, select, textarea, [role=img], [role=listbox]")]
                .filter(one => !(one.textContent.trim() || one.getAttribute("aria-label") || one.labels?.length))
                .map(one => one.outerHTML)`
        )
        expect(nameless).toEqual([])
        await page.setViewportSize({ width: 390, height: 800 })
        expect(
            await page.evaluate("document.documentElement.scrollWidth")
        ).toBeLessThanOrEqual(390)
        await page.setViewportSize({ width: 1440, height: 900 })
    })

    test("much traffic: the page keeps up, and what it holds has an end", async () => {
        const text = "x".repeat(60)
        for (let n = 0; n < 60; n++) {
            for (let m = 0; m < 1000; m++)
                station.feed.publish({ kind: "log", source: "app", text })
            await page.waitForTimeout(20)
        }
        station.feed.publish({
            kind: "log",
            source: "app",
            text: "the last line",
        })
        await expect.poll(rows, { timeout: 60_000 }).toContain("the last line")
        expect(await page.locator(".row").count()).toBeLessThan(100)
        const height = await page.evaluate(
            "document.querySelector('#spacer').clientHeight"
        )
        expect(height).toBeLessThanOrEqual(20_000 * 20)
    })

    test("without the token there is no page; one from elsewhere changes nothing", async () => {
        const stranger = await browser.newContext()
        const other = await stranger.newPage()
        const response = await other.goto(`http://127.0.0.1:${server.port}/`)
        expect(response?.status()).toBe(401)
        await stranger.close()
        // a page of another origin, in the browser that knows the token
        const evil = await page.context().newPage()
        const origin = net.createServer(socket => {
            socket.on("error", () => undefined)
            socket.on("data", () =>
                socket.end(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>evil</h1>"
                )
            )
        })
        await new Promise<void>(done => origin.listen(0, "127.0.0.1", done))
        await evil.goto(
            `http://127.0.0.1:${(origin.address() as net.AddressInfo).port}/`
        )
        const before = station.feed.latest
        await evil.evaluate(
            `fetch("http://127.0.0.1:${server.port}/api/actions/message", { method: "POST", mode: "no-cors", credentials: "include", body: "{}" }).catch(() => undefined)`
        )
        await evil.waitForTimeout(300)
        expect(
            station.feed.since(before).filter(({ kind }) => kind === "action")
        ).toEqual([])
        await evil.close()
        origin.close()
    })

    test("nothing was complained about", () => {
        expect(complaints).toEqual([])
    })
})
