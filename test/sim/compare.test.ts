/**
 * `npm run compare`, with virtual modems in the place of the real one: a firmware
 * build is told from the others by what it says, and nothing else differs.
 */
import { afterEach, describe, expect, test } from "vitest"
import { chapters, type Place } from "../../sim/compare/chapters"
import {
    compareWithBuilds,
    Player,
    type Comparison,
    type Played,
} from "../../sim/compare/comparison"
import { reportOf } from "../../sim/compare/report"
import { virtualModem } from "../../sim/compare/typist"
import {
    firmwareBuildNames,
    firmwareBuilds,
} from "../../sim/modem/firmware-builds"
import type { ModemOptions } from "../../sim/modem/options"

const place: Place = { apn: "my.operator", host: "my.server.example", port: 7 }
const open: { dispose(): void }[] = []
afterEach(() => {
    for (const modem of open.splice(0)) modem.dispose()
})

async function played(
    options: ModemOptions,
    { pin, hasServer = true }: { pin?: string; hasServer?: boolean } = {}
): Promise<readonly Played[]> {
    const modem = virtualModem(options, place)
    open.push(modem)
    const player = new Player(modem, place, pin)
    await player.begin()
    const all: Played[] = []
    for (const chapter of chapters(place))
        all.push(await player.play(chapter, hasServer))
    await player.end()
    return all
}

function report(comparison: Comparison): string {
    return reportOf(comparison, {
        way: "TCP, data only",
        version: "0.1.0",
        date: "2026-01-01",
    })
}

/** Lines that are answered otherwise, with how. */
function differing({ chapters }: Comparison): string[] {
    return chapters.flatMap(({ steps }) =>
        steps
            .filter(({ difference }) => difference !== "same")
            .map(({ real, difference }) => `${real.line} ${difference}`)
    )
}

test.each(firmwareBuildNames)("%s is found, and is itself", async name => {
    const comparison = await compareWithBuilds(
        await played(firmwareBuilds[name]),
        place
    )
    expect(comparison.build).toBe(name)
    expect(differing(comparison)).toEqual([])
    expect(comparison.chapters.map(({ reason }) => reason)).toEqual(
        comparison.chapters.map(() => "")
    )
    const others = Object.entries(comparison.builds).filter(
        ([other]) => other !== name
    )
    for (const [, count] of others) expect(count).toBeGreaterThan(0)
})

test("what differs is shown side by side, and how: in blanks, in words", async () => {
    const firmware = { ackBlanks: true, resumeRefusal: "NO CARRIER" } as const
    const comparison = await compareWithBuilds(
        await played({ firmware }),
        place
    )
    expect(differing(comparison)).toEqual([
        "ATO␍ words",
        "ATO␍ words",
        "AT+CIPACK=0␍ blanks",
        "AT+CIPACK␍ blanks",
    ])
    expect(report(comparison)).toContain(
        [
            "> AT+CIPACK␍",
            "modem    AT+CIPACK␍⏎+CIPACK: 15, 15, 0⏎⏎OK⏎",
            "virtual  AT+CIPACK␍⏎+CIPACK: 15,15,0⏎⏎OK⏎",
            "         blanks",
        ].join("\n")
    )
})

test("the report tells nobody who and where its sender is", async () => {
    const comparison = await compareWithBuilds(
        await played({
            identity: { imei: "490154203237518", model: "SIMCOM_SIM800X" },
            operator: {
                longName: "My Operator",
                localAddresses: ["100.64.1.2", "100.64.1.3"],
            },
            sim: { iccid: "8949222222222222222" },
            signal: { rssi: 7, errorRate: 3 },
            // all of it is shown
            firmware: { indexBlank: false },
        }),
        place
    )
    const text = report(comparison)
    expect(text).toContain("SIMCOM_SIM800X")
    const kept = JSON.stringify(comparison)
    for (const secret of [
        "490154203237518",
        "8949222222",
        "100.64",
        "My Operator",
        "my.operator",
        "my.server",
    ]) {
        expect(text).not.toContain(secret)
        expect(kept).not.toContain(secret)
    }
})

describe("what cannot be typed is left out, and the report says why", () => {
    const reasons = (all: readonly Played[]): Record<string, number> => {
        const counts: Record<string, number> = {}
        for (const { reason } of all) counts[reason] = (counts[reason] ?? 0) + 1
        return counts
    }

    test("without a server", async () => {
        expect(reasons(await played({}, { hasServer: false }))).toEqual({
            "": 8,
            "no server that echoes (--echo)": 9,
        })
    })

    test("without the PIN; with it", async () => {
        const options = { sim: { pin: "1234" } }
        expect(reasons(await played(options))).toEqual({
            "": 4,
            "the SIM card wants a PIN (--pin)": 13,
        })
        expect(reasons(await played(options, { pin: "1234" }))).toEqual({
            "": 17,
        })
    })

    test("a last try of the PIN is left to a person", async () => {
        const modem = virtualModem({ sim: { pin: "1234" } }, place)
        open.push(modem)
        for (const wrong of ["1111", "2222"]) {
            modem.dte.write(Buffer.from(`AT+CPIN="${wrong}"\r`))
            await modem.pass(1000)
        }
        expect(await new Player(modem, place, "3333").begin()).toBe(
            "the last try of the PIN is left: give it by hand"
        )
    })

    test("without a network", async () => {
        const registration = [{ afterMs: 0, status: 2 }] as const
        expect(reasons(await played({ registration }))).toEqual({
            "": 4,
            "not registered, or without GPRS": 13,
        })
    })
})

test("a module that restarts is noticed, and the next chapter is played", async () => {
    const modem = virtualModem({}, place)
    open.push(modem)
    modem.modem.inject("brown-out-on-air")
    const player = new Player(modem, place)
    await player.begin()
    const all: Played[] = []
    for (const chapter of chapters(place))
        all.push(await player.play(chapter, true))
    expect(all[0].reason).toBe("")
    const restarted = all.filter(
        ({ reason }) => reason === "the module has restarted"
    )
    expect(restarted.length).toBeGreaterThan(8)
    expect(all.find(({ name }) => name.startsWith("2.3"))?.reason).toBe("")
})

test("a modem that is silent is a clear error; one at another rate is found", async () => {
    const silent = virtualModem({}, place)
    open.push(silent)
    silent.modem.powerOff()
    await expect(new Player(silent, place).begin()).rejects.toThrow(
        "the modem does not answer at any rate: check its supply"
    )
    const slow = virtualModem({ stored: { baud: 9600 } }, place)
    open.push(slow)
    const rates: number[] = []
    const setBaud = (rate: number): void => {
        rates.push(rate)
        slow.modem.dte.setBaud(rate)
    }
    expect(await new Player({ ...slow, setBaud }, place).begin()).toBe("")
    expect(rates).toEqual([9600])
})

test("the modem is left as it was", async () => {
    const stored = { echo: false, errorReports: 2 } as const
    const modem = virtualModem({ stored: { baud: 115200, ...stored } }, place)
    open.push(modem)
    const player = new Player(modem, place)
    await player.begin()
    for (const chapter of chapters(place)) await player.play(chapter, true)
    await player.end()
    let heard = ""
    modem.dte.onData = bytes => (heard += Buffer.from(bytes).toString())
    modem.dte.write(Buffer.from("AT+CMEE?;+CIPMUX?;+CIPMODE?\r"))
    await modem.pass(100)
    expect(heard).toBe(
        "\r\n+CMEE: 2\r\n\r\n+CIPMUX: 0\r\n\r\n+CIPMODE: 0\r\n\r\nOK\r\n"
    )
})
