/** TLS: the driver with the virtual SIM800. */
import { expect, test } from "vitest"
import { LinkState, type Connection } from "../../src/core/connection"
import { Failure } from "../../src/core/errors"
import type { FirmwareOptions } from "../../sim/modem/options"
import { noise, Rig } from "./rig"

const HOST = "10.0.0.1"

function started(firmware: Partial<FirmwareOptions> = {}): Rig {
    const rig = new Rig({}, { firmware })
    rig.network.echo(HOST, 7)
    rig.network.echo(HOST, 443, { version: "TLSv1", valid: true })
    rig.network.echo(HOST, 444, { version: "TLSv1", valid: false })
    rig.network.echo(HOST, 445, { version: "TLSv1.2", valid: true })
    return rig.start()
}

function open(rig: Rig, port: number, tls: boolean, verify = true): Connection {
    const { connections } = rig.core
    const link = connections.list[connections.take(rig.clock.now())]
    link.host = HOST
    link.port = port
    link.tls = tls
    link.verify = verify
    connections.start(link)
    rig.expect("decided", () => link.state !== LinkState.Connecting)
    return link
}

function result(rig: Rig, port: number, tls: boolean, verify = true): string {
    const link = open(rig, port, tls, verify)
    if (link.state === LinkState.Connected) {
        const data = noise(port, 3000)
        rig.send(link, data)
        let got = Buffer.alloc(0)
        rig.until(() => {
            got = Buffer.concat([got, rig.read(link)])
            return got.length >= data.length
        }, 20_000)
        if (!got.equals(data)) return "nothing comes back"
    }
    const { failure } = link
    rig.close(link)
    return Failure[failure]
}

test.each([
    ["TLS 1.2", {}],
    ["what fails says CLOSED", { tlsFailure: "CLOSED" }],
    ["certificates ignored at start", { ignoresCertificates: true }],
] as const)(
    "plain and encrypted connections in any order: %s",
    (_, firmware) => {
        const rig = started(firmware)
        expect(result(rig, 7, false)).toBe("None")
        expect(result(rig, 443, true)).toBe("None")
        expect(result(rig, 7, false)).toBe("None")
        expect(result(rig, 444, true)).toBe("TlsRefused")
        expect(result(rig, 444, true, false)).toBe("None")
        expect(result(rig, 444, true)).toBe("TlsRefused")
        expect(result(rig, 445, true)).toBe("None")
        // without TLS where there is some, and with TLS where there is none
        expect(result(rig, 443, false)).toBe("nothing comes back")
        expect(result(rig, 7, true)).toBe("TlsRefused")
        expect(result(rig, 9, true)).toBe("ConnectFailed")
        expect(result(rig, 7, false)).toBe("None")
        expect(rig.core.bearer.rebuilds).toBe(0)
    }
)

test("a module with TLS 1.0 does not get to a peer with 1.2", () => {
    const rig = started({ tlsVersion: "TLSv1" })
    expect(result(rig, 443, true)).toBe("None")
    expect(result(rig, 445, true)).toBe("TlsRefused")
})

test("a module without TLS refuses, and goes on without", () => {
    const rig = started({ tlsVersion: "none" })
    expect(result(rig, 443, true)).toBe("SetupRefused")
    expect(result(rig, 7, false)).toBe("None")
})

test("the microcontroller is reset while TLS is on: its plain connections are plain", () => {
    const rig = started()
    expect(open(rig, 443, true).state).toBe(LinkState.Connected)
    const again = new Rig({}, rig)
    again.core.start(again.clock.now())
    again.expect("ready", () => again.ready)
    expect(result(again, 7, false)).toBe("None")
})
