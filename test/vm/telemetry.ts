/** Battery, signal, identity, time, location. */
import { describe, expect, test } from "@devicescript/test"
import {
    battery,
    cellLocation,
    Failure,
    identity,
    isoTime,
    networkTime,
    signal,
} from "../../src/index"
import { played, refused, ScriptedUart, started } from "./scripted"

describe("battery, signal", () => {
    test("in volts and percent", async () => {
        const { uart, modem } = await started({})
        uart.then("AT+CBC\r", "|+CBC: 0,62,3905||OK|")
        const none = await battery(modem)
        expect(none.volts).toBe(3.905)
        expect(none.percent).toBe(62)
        expect(none.charge).toBe("none")
        // the manual prints blanks
        uart.then("AT+CBC\r", "|+CTZV: +4,0||+CBC: 2, 100, 4200||OK|")
        const full = await battery(modem)
        expect(full.volts).toBe(4.2)
        expect(full.percent).toBe(100)
        expect(full.charge).toBe("full")
        uart.then("AT+CBC\r", "|+CBC: 1,5,3500||OK|")
        expect((await battery(modem)).charge).toBe("charging")
        // twice
        uart.then("AT+CBC\r", "|OK|")
        uart.then("AT+CBC\r", "|OK|")
        await refused(
            async () => await battery(modem),
            Failure.Unreadable,
            "AT+CBC"
        )
        await played(uart)
        await modem.stop()
    })

    test("in dBm; 99 is not known", async () => {
        const { uart, modem } = await started({})
        uart.then("AT+CSQ\r", "|+CSQ: 20,3||OK|")
        const some = await signal(modem)
        expect(some.dbm).toBe(-73)
        expect(some.errors).toBe(3)
        uart.then("AT+CSQ\r", "|+CSQ: 0,0||OK|")
        const weak = await signal(modem)
        expect(weak.dbm).toBe(-113)
        expect(weak.errors).toBe(0)
        uart.then("AT+CSQ\r", "|+CSQ: 99,99||OK|")
        const unknown = await signal(modem)
        expect(unknown.dbm).toBe(undefined)
        expect(unknown.errors).toBe(undefined)
        await played(uart)
        await modem.stop()
    })
})

describe("identity", () => {
    test("modem, card, network", async () => {
        const { uart, modem } = await started({ chunk: 5 })
        uart.then(
            "AT+GSN;+CCID;+COPS?\r",
            '|867010032343809||898600810906F8048812||+COPS: 0,0,"CHINA MOBILE"||OK|'
        )
        const it = await identity(modem)
        expect(it.imei).toBe("867010032343809")
        expect(it.iccid).toBe("898600810906F8048812")
        expect(it.operator).toBe("CHINA MOBILE")
        // real modems name it; and something comes in between
        uart.then(
            "AT+GSN;+CCID;+COPS?\r",
            "|867010032343809||+CTZV: +4,0||+CCID: 89860081||+COPS: 0||OK|"
        )
        const other = await identity(modem)
        expect(other.iccid).toBe("89860081")
        expect(other.operator).toBe("")
        await played(uart)
        await modem.stop()
    })
})

const CLOCK = "AT+CLTS?;+CCLK?\r"

describe("networkTime", () => {
    test("UTC, and the zone", async () => {
        const { uart, modem } = await started({})
        uart.then(CLOCK, '|+CLTS: 1||+CCLK: "20/12/16,19:03:45+04"||OK|')
        const east = await networkTime(modem)
        expect(east.utc).toBe(1608141825000)
        expect(east.zone).toBe(4)
        expect(isoTime(east.utc)).toBe("2020-12-16T18:03:45Z")
        uart.then(CLOCK, '|+CLTS: 1||+CCLK: "24/02/28,19:30:09-20"||OK|')
        const west = await networkTime(modem)
        expect(west.zone).toBe(-20)
        expect(isoTime(west.utc)).toBe("2024-02-29T00:30:09Z")
        await played(uart)
        await modem.stop()
    })

    test("a clock that nobody has set; the modem is told to set it", async () => {
        const { uart, modem } = await started({})
        uart.then(CLOCK, '|+CLTS: 0||+CCLK: "04/01/01,00:00:12+00"||OK|')
        uart.then("AT+CLTS=1;&W\r", "|OK|")
        expect(await networkTime(modem)).toBe(undefined)
        uart.then(CLOCK, '|+CLTS: 1||+CCLK: "80/01/06,00:00:12+00"||OK|')
        expect(await networkTime(modem)).toBe(undefined)
        await played(uart)
        await modem.stop()
    })
})

test("isoTime", async () => {
    expect(isoTime(0)).toBe("1970-01-01T00:00:00Z")
    expect(isoTime(951782399999)).toBe("2000-02-28T23:59:59Z")
    expect(isoTime(951782400000)).toBe("2000-02-29T00:00:00Z")
    expect(isoTime(1772323199500)).toBe("2026-02-28T23:59:59Z")
    expect(isoTime(1798761599000)).toBe("2026-12-31T23:59:59Z")
    expect(isoTime(1798761600000)).toBe("2027-01-01T00:00:00Z")
    expect(isoTime(4102444800000)).toBe("2100-01-01T00:00:00Z")
})

function bearer(uart: ScriptedUart) {
    uart.then("AT+SAPBR=2,1\r", '|+SAPBR: 1,3,"0.0.0.0"||OK|')
    uart.then('AT+SAPBR=3,1,"Contype","GPRS"\r', "|OK|")
    uart.then('AT+SAPBR=3,1,"APN","CMNET"\r', "|OK|")
    uart.then('AT+SAPBR=3,1,"USER",""\r', "|OK|")
    uart.then('AT+SAPBR=3,1,"PWD",""\r', "|OK|")
    uart.then("AT+SAPBR=1,1\r", "|OK|")
}

describe("cellLocation", () => {
    test("opens a bearer, asks, closes it", async () => {
        const { uart, modem } = await started({})
        bearer(uart)
        uart.then(
            "AT+CLBS=4,1\r",
            "|+CLBS: 0,18.616992,-47.235787,550,21/09/12,17:23:26||OK|"
        )
        uart.then("AT+SAPBR=0,1\r", "|OK|")
        const place = await cellLocation(modem)
        expect(place.longitude).toBe(18.616992)
        expect(place.latitude).toBe(-47.235787)
        expect(place.accuracy).toBe(550)
        expect(isoTime(place.utc)).toBe("2021-09-12T17:23:26Z")
        // it is up already, and the server says no time
        uart.then("AT+SAPBR=2,1\r", '|+SAPBR: 1,1,"10.0.0.1"||OK|')
        uart.then("AT+CLBS=4,1\r", "|+CLBS: 0,-0.5,47,1000||OK|")
        uart.then("AT+SAPBR=0,1\r", "|OK|")
        const other = await cellLocation(modem)
        expect(other.longitude).toBe(-0.5)
        expect(other.latitude).toBe(47)
        expect(other.utc).toBe(undefined)
        await played(uart)
        await modem.stop()
    })

    test("the server does not know; the bearer is closed all the same", async () => {
        const { uart, modem } = await started({})
        bearer(uart)
        uart.then("AT+CLBS=4,1\r", "|+CLBS: 2||OK|")
        uart.then("AT+SAPBR=0,1\r", "|OK|")
        await refused(
            async () => await cellLocation(modem),
            Failure.NoLocation,
            "+CLBS: 2"
        )
        bearer(uart)
        uart.then("AT+CLBS=4,1\r", "|ERROR|")
        uart.then("AT+SAPBR=0,1\r", "|OK|")
        await refused(
            async () => await cellLocation(modem),
            Failure.CommandRefused,
            "AT+CLBS=4,1: ERROR"
        )
        await played(uart)
        await modem.stop()
    })
})
