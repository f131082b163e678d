/** TLS of TCP clients: AT+CIPSSL and AT+SSLOPT, SSL application note 3.4, 3.6, 4.8, 4.9. */
import { describe, expect, test } from "vitest"
import type { FirmwareOptions } from "../../sim/modem/options"
import { client, root } from "../tls"
import { TestTerminal } from "./terminal"

const SERVER = "116.228.221.51"

const online = (
    firmware: Partial<FirmwareOptions> = {},
    multi = true
): TestTerminal => TestTerminal.online({ multi, firmware })

describe("AT+CIPSSL and AT+SSLOPT", () => {
    test("are off, and have all forms", () => {
        TestTerminal.ready().dialogue(`
            > AT+CIPSSL=?␍
            < ⏎+CIPSSL: (0-1)⏎⏎OK⏎
            > AT+CIPSSL?␍
            < ⏎+CIPSSL: 0⏎⏎OK⏎
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSSL?␍
            < ⏎+CIPSSL: 1⏎⏎OK⏎
            > AT+SSLOPT=?␍
            < ⏎+SSLOPT: (0-1),(0-1)⏎⏎OK⏎
            > AT+SSLOPT=0,1␍
            < ⏎OK⏎
            > AT+SSLOPT?␍
            < ⏎+SSLOPT: 0,1⏎+SSLOPT: 1,0⏎⏎OK⏎
            > AT+CIPSSL=2␍
            < ⏎ERROR⏎
            > AT+SSLOPT=2,0␍
            < ⏎ERROR⏎
            > AT+SSLOPT=0␍
            < ⏎ERROR⏎
        `)
    })

    test("are forgotten when the module restarts", () => {
        const terminal = TestTerminal.ready()
        terminal.dialogue("> AT+CIPSSL=1;+SSLOPT=0,1␍\n< ⏎OK⏎")
        terminal.modem.powerOff()
        terminal.modem.powerOn()
        terminal.listen(60_000)
        terminal.dialogue(`
            > AT+CIPSSL?;+SSLOPT?␍
            < ⏎+CIPSSL: 0⏎⏎+SSLOPT: 0,0⏎+SSLOPT: 1,0⏎⏎OK⏎
        `)
    })

    test("are unknown to old firmware", () => {
        TestTerminal.ready({ firmware: { tlsVersion: "none" } }).dialogue(`
            > AT+CIPSSL=1␍
            < ⏎ERROR⏎
            > AT+CIPSSL?␍
            < ⏎ERROR⏎
            > AT+SSLOPT=0,1␍
            < ⏎ERROR⏎
        `)
    })
})

const ROOT = "C:\\USER\\ROOT.CRT"
const CLIENT = "C:\\USER\\CLIENT.P12"

function store(
    terminal: TestTerminal,
    path: string,
    content: Uint8Array
): void {
    terminal.dialogue(`
        > AT+FSCREATE=${path}␍
        < ⏎OK⏎
        > AT+FSWRITE=${path},0,${content.length},10␍
        < ⏎> |
    `)
    terminal.modem.dte.write(content)
    terminal.dialogue("< ⏎OK⏎")
}

describe("AT+SSLSETROOT", () => {
    const server = { version: "TLSv1.2", valid: false, root } as const
    const connects = (terminal: TestTerminal, how: string): void =>
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",443␍
            < ⏎OK⏎⏎0, ${how}⏎
        `)

    test("a root that the firmware has not, until the module restarts", () => {
        const terminal = online()
        terminal.network.echo(SERVER, 443, server)
        store(terminal, ROOT, root)
        terminal.dialogue("> AT+CIPSSL=1␍\n< ⏎OK⏎")
        connects(terminal, "CLOSE OK")
        terminal.dialogue(`
            > AT+SSLSETROOT=?␍
            < ⏎OK⏎
            > AT+SSLSETROOT="${ROOT}",${root.length}␍
            < ⏎OK⏎
        `)
        connects(terminal, "CONNECT OK")
        terminal.modem.powerOff()
        terminal.modem.powerOn()
        terminal.listen(60_000)
        terminal.dialogue(`
            > AT+CIPMUX=1;+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CSTT="CMNET"␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
        `)
        connects(terminal, "CLOSE OK")
    })

    test("another root is none", () => {
        const terminal = online()
        const other = Uint8Array.of(1, 2, 3)
        terminal.network.echo(SERVER, 443, { ...server, root: other })
        store(terminal, ROOT, root)
        terminal.dialogue(`
            > AT+SSLSETROOT="${ROOT}",${root.length}␍
            < ⏎OK⏎
            > AT+CIPSSL=1␍
            < ⏎OK⏎
        `)
        connects(terminal, "CLOSE OK")
    })

    test("is an error without the file, with another size, and with what is no certificate", () => {
        const terminal = online()
        store(terminal, ROOT, root)
        store(terminal, CLIENT, client.pkcs12)
        terminal.dialogue(`
            > AT+SSLSETROOT="C:\\USER\\OTHER.CRT",${root.length}␍
            < ⏎ERROR⏎
            > AT+SSLSETROOT="${ROOT}",${root.length - 1}␍
            < ⏎ERROR⏎
            > AT+SSLSETROOT="${ROOT}"␍
            < ⏎ERROR⏎
            > AT+SSLSETROOT="${CLIENT}",${client.pkcs12.length}␍
            < ⏎ERROR⏎
        `)
    })

    test.each(["TLSv1", "none"] as const)("is unknown with %s", tlsVersion => {
        const terminal = online({ tlsVersion })
        store(terminal, ROOT, root)
        terminal.dialogue(`
            > AT+SSLSETROOT="${ROOT}",${root.length}␍
            < ⏎ERROR⏎
            > AT+SSLSETROOT=?␍
            < ⏎ERROR⏎
        `)
    })
})

describe("AT+SSLSETCERT", () => {
    function connects(terminal: TestTerminal, how: string): void {
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",443␍
            < ⏎OK⏎⏎0, ${how}⏎
        `)
    }

    test("what the module shows, if AT+SSLOPT=1,1 lets it", () => {
        const terminal = online()
        const server = { version: "TLSv1.2", valid: true } as const
        terminal.network.echo(SERVER, 443, { ...server, wantsClient: true })
        store(terminal, CLIENT, client.pkcs12)
        terminal.dialogue("> AT+CIPSSL=1;+SSLOPT=1,1␍\n< ⏎OK⏎")
        connects(terminal, "CLOSE OK")
        terminal.dialogue(`
            > AT+SSLSETCERT="${CLIENT}","${client.password}"␍
            < ⏎OK⏎⏎+SSLSETCERT: 0⏎
            > AT+SSLOPT=1,0␍
            < ⏎OK⏎
        `)
        connects(terminal, "CLOSE OK")
        terminal.dialogue("> AT+SSLOPT=1,1␍\n< ⏎OK⏎")
        connects(terminal, "CONNECT OK")
    })

    test("tells what it cannot use", () => {
        const terminal = online()
        store(terminal, CLIENT, client.pkcs12)
        store(terminal, ROOT, root)
        store(terminal, "C:\\USER\\X", Buffer.from("hello"))
        terminal.dialogue(`
            > AT+SSLSETCERT=${CLIENT},wrong␍
            < ⏎OK⏎⏎+SSLSETCERT: 1⏎
            > AT+SSLSETCERT="${CLIENT}"␍
            < ⏎OK⏎⏎+SSLSETCERT: 1⏎
            > AT+SSLSETCERT="C:\\USER\\X"␍
            < ⏎OK⏎⏎+SSLSETCERT: 1⏎
            > AT+SSLSETCERT="C:\\USER\\Y"␍
            < ⏎ERROR⏎
            # a certificate alone is taken, and cannot be shown
            > AT+SSLSETCERT="${ROOT}"␍
            < ⏎OK⏎⏎+SSLSETCERT: 0⏎
        `)
    })

    test("is unknown to old firmware", () => {
        const terminal = online({ tlsVersion: "none" })
        terminal.dialogue(`
            > AT+SSLSETCERT="${CLIENT}"␍
            < ⏎ERROR⏎
            > AT+SSLSETCERT=?␍
            < ⏎ERROR⏎
        `)
    })
})

describe("a connection", () => {
    test("is encrypted if AT+CIPSSL=1 came before it (4.9)", () => {
        const terminal = online()
        const plain = terminal.network.echo(SERVER, 8500)
        terminal.network.echo(SERVER, 9600, { version: "TLSv1", valid: true })
        terminal.dialogue(`
            > AT+CIPSTART=0,"TCP","${SERVER}",8500␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART=1,"TCP","${SERVER}",9600␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
            > AT+CIPSEND=0,8␍
            < ⏎> |
            > TCP test
            < ⏎0, SEND OK⏎⏎+RECEIVE,0,8:⏎TCP test
            > AT+CIPSEND=1,17␍
            < ⏎> |
            > TCP Over SSL test
            < ⏎1, SEND OK⏎⏎+RECEIVE,1,17:⏎TCP Over SSL test
        `)
        expect(plain.peer.text).toBe("TCP test")
    })

    test("of a single one (4.8); its handshake takes time on the radio", () => {
        const terminal = online({}, false)
        terminal.network.listen(
            SERVER,
            8500,
            peer => peer.send("hello SIM800"),
            {
                version: "TLSv1.2",
                valid: true,
            }
        )
        terminal.dialogue(`
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART="TCP","${SERVER}","8500"␍
            < ⏎OK⏎
        `)
        const since = terminal.clock.now()
        terminal.expect("⏎CONNECT OK⏎hello SIM800")
        // SYN and two exchanges of 20 ms each, and 3 kB at 2 Mbit/s
        expect(terminal.clock.now() - since).toBeGreaterThan(70)
    })

    test.each([
        ["a certificate that is not valid", "TLSv1", false],
        ["a peer with TLS 1.2 only", "TLSv1.2", true],
    ] as const)("ends with %s", (_, version, valid) => {
        const terminal = online({ tlsVersion: "TLSv1" })
        terminal.network.echo(SERVER, 443, { version, valid })
        terminal.dialogue(`
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",443␍
            < ⏎OK⏎⏎0, CLOSE OK⏎
            > AT+CIPSTATUS=0␍
            < ⏎+CIPSTATUS: 0,0,"TCP","${SERVER}","443","CLOSED"⏎⏎OK⏎
        `)
    })

    test("takes any certificate with AT+SSLOPT=0,1", () => {
        const terminal = online()
        terminal.network.echo(SERVER, 443, { version: "TLSv1", valid: false })
        terminal.dialogue(`
            > AT+CIPSSL=1;+SSLOPT=0,1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",443␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
        `)
    })

    test("ends if the peer knows no TLS, and fails if there is no peer", () => {
        const terminal = online()
        terminal.network.echo(SERVER, 80)
        terminal.network.refuse(SERVER, 81)
        terminal.dialogue(`
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CLOSE OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",81␍
            < ⏎OK⏎⏎0, CONNECT FAIL⏎
            > AT+CIPSSL=0␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","${SERVER}",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
        `)
    })

    test.each(["CLOSED", "CONNECT FAIL"] as const)(
        "that ends may say %s instead",
        tlsFailure => {
            const terminal = online({ tlsFailure })
            terminal.network.echo(SERVER, 80)
            terminal.dialogue(`
                > AT+CIPSSL=1␍
                < ⏎OK⏎
                > AT+CIPSTART=0,"TCP","${SERVER}",80␍
                < ⏎OK⏎⏎0, ${tlsFailure}⏎
            `)
        }
    )

    test("UDP has none", () => {
        const terminal = online()
        const port = terminal.network.udp(SERVER, 9600)
        terminal.dialogue(`
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"UDP","${SERVER}",9600␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            > AT+CIPSEND=0,2␍
            < ⏎> |
            > ab
            < ⏎0, SEND OK⏎
            ~ 50
        `)
        expect(port.datagrams.map(({ text }) => text)).toEqual(["ab"])
    })
})
