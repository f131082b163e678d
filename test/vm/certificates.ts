/** Certificates in the modem's files, SSL application note. */
import { describe, expect, test } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { Certificates, Failure } from "../../src/index"
import { attach, played, refused, ScriptedUart, started } from "./scripted"

const ROOT = "C:\\USER\\ROOT.CRT"
const CLIENT = "C:\\USER\\CLIENT.P12"
const SET_ROOT = 'AT+SSLSETROOT="C:\\USER\\ROOT.CRT",'
const SET_CLIENT = 'AT+SSLSETCERT="C:\\USER\\CLIENT.P12","secret"\r'
const NONE = "|ERROR|"

/** Bytes of a file, all of them printable. */
function content(length: number): string {
    let text = "0>OK"
    while (text.length < length) text += text
    return text.slice(0, length)
}

/** A file is written. @param arrived how long the modem says it is then */
function willStore(
    uart: ScriptedUart,
    path: string,
    text: string,
    arrived: number
) {
    uart.then(`AT+FSFLSIZE=${path}\r`, NONE)
    uart.then(`AT+FSCREATE=${path}\r`, "|OK|")
    for (let at = 0; at < text.length; at += 1024) {
        const piece = text.slice(at, at + 1024)
        const mode = at > 0 ? 1 : 0
        uart.then(`AT+FSWRITE=${path},${mode},${piece.length},10\r`, "|> ")
        uart.then(piece, "|OK|")
    }
    uart.then(`AT+FSFLSIZE=${path}\r`, `|+FSFLSIZE: ${arrived}||OK|`)
}

describe("Certificates", () => {
    test("are written piece by piece, used, and used again when the modem may have forgotten", async () => {
        const { uart, modem } = await started({})
        const certificates = new Certificates(modem)
        const root = content(1500)
        const client = content(30)
        willStore(uart, CLIENT, client, 30)
        uart.then(SET_CLIENT, "|OK||+SSLSETCERT: 0|")
        willStore(uart, ROOT, root, 1500)
        uart.then(SET_ROOT + "1500\r", "|OK|")
        await certificates.install({
            root: Buffer.from(root),
            client: Buffer.from(client),
            password: "secret",
        })
        await played(uart)
        attach(uart, {}, "10.78.245.129")
        uart.then(SET_CLIENT, "|OK||+SSLSETCERT: 0|")
        uart.then(SET_ROOT + "1500\r", "|OK|")
        uart.say("|+PDP: DEACT|")
        await played(uart)
        expect(modem.status().address).toBe("10.78.245.129")
        await modem.stop()
    })

    test("that are there already are deleted first, or used as they are", async () => {
        const { uart, modem } = await started({})
        const certificates = new Certificates(modem)
        uart.then(`AT+FSFLSIZE=${CLIENT}\r`, NONE)
        uart.then(`AT+FSFLSIZE=${ROOT}\r`, NONE)
        expect(await certificates.use()).toBe(false)
        uart.then(`AT+FSFLSIZE=${CLIENT}\r`, "|+FSFLSIZE: 30||OK|")
        uart.then(`AT+FSFLSIZE=${ROOT}\r`, "|+FSFLSIZE: 3||OK|")
        // some modules may be as quick as that
        uart.then(SET_CLIENT, "|+SSLSETCERT: 0||OK|")
        uart.then(SET_ROOT + "3\r", "|OK|")
        expect(await certificates.use({ password: "secret" })).toBe(true)
        uart.then(`AT+FSFLSIZE=${ROOT}\r`, "|+FSFLSIZE: 3||OK|")
        uart.then(`AT+FSDEL=${ROOT}\r`, "|OK|")
        uart.then(`AT+FSCREATE=${ROOT}\r`, "|OK|")
        uart.then(`AT+FSWRITE=${ROOT},0,2,10\r`, "|> ")
        uart.then("ab", "|OK|")
        uart.then(`AT+FSFLSIZE=${ROOT}\r`, "|+FSFLSIZE: 2||OK|")
        uart.then(SET_ROOT + "2\r", "|OK|")
        await certificates.install({ root: hex`6162` })
        uart.then(`AT+FSFLSIZE=${CLIENT}\r`, NONE)
        uart.then(`AT+FSFLSIZE=${ROOT}\r`, "|+FSFLSIZE: 2||OK|")
        uart.then(`AT+FSDEL=${ROOT}\r`, "|OK|")
        await certificates.remove()
        // nothing is to be used any more
        attach(uart, {}, "10.78.245.129")
        uart.say("|+PDP: DEACT|")
        await played(uart)
        await ds.sleep(100)
        await played(uart)
        await modem.stop()
    })

    test("that the modem does not take: what it wants", async () => {
        const { uart, modem } = await started({})
        const certificates = new Certificates(modem)
        const root = Buffer.from("abc")
        willStore(uart, ROOT, "abc", 3)
        uart.then(SET_ROOT + "3\r", "|+CME ERROR: 3|")
        await refused(
            async () => await certificates.install({ root }),
            Failure.CommandRefused,
            "root certificate: the modem does not take it, which wants X.509 in DER (not PEM), and firmware that knows this command, of 2020 or later (modem: AT+SSLSETROOT: +CME ERROR: 3, operation not allowed)"
        )
        willStore(uart, CLIENT, "abc", 3)
        uart.then(SET_CLIENT, "|OK||+SSLSETCERT: 1|")
        await refused(
            async () =>
                await certificates.install({
                    client: root,
                    password: "secret",
                }),
            Failure.CommandRefused,
            "client certificate: the modem does not take it, which wants PKCS#12 with its key, and the right password (modem: +SSLSETCERT: 1)"
        )
        willStore(uart, ROOT, "abc", 2)
        await refused(
            async () => await certificates.install({ root }),
            Failure.ReceiveTorn,
            "2 of 3 bytes have arrived"
        )
        await refused(
            async () => await certificates.install({}),
            Failure.BadArgument,
            '"root"'
        )
        await refused(
            async () => await certificates.install({ root, password: 'a"b' }),
            Failure.BadArgument,
            '"password"'
        )
        await refused(
            async () => await certificates.install({ root: Buffer.alloc(0) }),
            Failure.BadArgument,
            "0 bytes"
        )
        await played(uart)
        await modem.stop()
    })
})
