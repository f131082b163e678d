/** TLS: the driver with the virtual SIM800. */
import { expect, test } from "vitest"
import { Certificates } from "../../src/core/certificates"
import { LinkState, type Connection } from "../../src/core/link/connection"
import { Outcome } from "../../src/core/channel"
import { Failure } from "../../src/core/errors"
import { Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import type { FirmwareOptions } from "../../sim/modem/options"
import { client, root } from "../tls"
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

/** What has become of it is known. */
const decided = ({ state }: Connection): boolean =>
    state !== LinkState.Wanted && state !== LinkState.Connecting

function open(rig: Rig, port: number, tls: boolean, verify = true): Connection {
    const { links: connections } = rig.core
    const link = connections.list[connections.take(rig.clock.now())]
    link.host = HOST
    link.port = port
    link.tls = tls
    link.verify = verify
    connections.start(link)
    rig.expect("decided", () => decided(link))
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

const FILES = {
    root: ["C:\\USER\\ROOT.CRT", root],
    client: ["C:\\USER\\ID.P12", client.pkcs12],
} as const

/** A modem that has certificates in its files, and servers that want them. */
function certified(): Rig {
    const rig = new Rig()
    const server = { version: "TLSv1.2", valid: false, root } as const
    rig.network.echo(HOST, 443, server)
    rig.network.echo(HOST, 444, { ...server, wantsClient: true })
    rig.network.echo(HOST, 445, { ...server, root: Uint8Array.of(1) })
    rig.start()
    const request = new Request(rig.core)
    const give = (line: string, data?: Uint8Array): void => {
        const ends = Final.Ok | Final.Error
        request.begin(line, ends, 5000, Line.Unknown, 0)
        if (data) request.data = Buffer.from(data)
        rig.expect(line, () => request.state === RequestState.Done)
        expect(request.outcome, line).toBe(Outcome.Ok)
    }
    for (const [path, file] of Object.values(FILES)) {
        give(`AT+FSCREATE=${path}`)
        give(`AT+FSWRITE=${path},0,${file.length},10`, file)
    }
    return rig
}

function authenticated(rig: Rig, port: number): string {
    const { links: connections } = rig.core
    const link = connections.list[connections.take(rig.clock.now())]
    Object.assign(link, { host: HOST, port, tls: true, authenticate: true })
    link.verify = true
    connections.start(link)
    rig.expect("decided", () => decided(link))
    const { failure } = link
    rig.close(link)
    return Failure[failure]
}

test("certificates are used, also by a modem that has restarted without a word", () => {
    const rig = certified()
    expect(result(rig, 443, true)).toBe("TlsRefused")
    const certificates = new Certificates(rig.core)
    certificates.root = `AT+SSLSETROOT="${FILES.root[0]}",${root.length}`
    certificates.client = `AT+SSLSETCERT="${FILES.client[0]}","${client.password}"`
    for (let i = 0; i < 2; i++) {
        rig.sim.inject("brown-out")
        rig.expect("lost", () => !rig.ready)
        rig.expect("ready", () => rig.ready)
        expect(result(rig, 443, true)).toBe("None")
        expect(authenticated(rig, 444)).toBe("None")
        expect(result(rig, 444, true)).toBe("TlsRefused")
        expect(result(rig, 445, true)).toBe("TlsRefused")
    }
})

test("the microcontroller is reset while TLS is on: its plain connections are plain", () => {
    const rig = started()
    expect(open(rig, 443, true).state).toBe(LinkState.Connected)
    const again = new Rig({}, rig)
    again.core.start(again.clock.now())
    again.expect("ready", () => again.ready)
    expect(result(again, 7, false)).toBe("None")
})
