/** Driver and modem together: data both ways, in every mode. */
import { Reception } from "../../src/core/config"
import { describe, expect, test } from "vitest"
import { LinkState } from "../../src/core/link/connection"
import type { Connection } from "../../src/core/link/connection"
import type { ModemConfig } from "../../src/core/options"
import { noise, Rig } from "./rig"

/** Sends bytes to an echo server through each of some sockets, and compares. */
function echo(rig: Rig, links: Connection[], total: number): void {
    const sent = links.map((_, i) => noise(i + 1, total))
    const got = links.map(() => Buffer.alloc(0))
    links.forEach((link, i) => rig.send(link, sent[i]))
    rig.expect(
        "all echoed",
        () => {
            links.forEach((link, i) => {
                if (link.readable > 0)
                    got[i] = Buffer.concat([got[i], rig.read(link)])
            })
            return got.every(data => data.length >= total)
        },
        600_000
    )
    links.forEach((_, i) => expect(got[i].equals(sent[i])).toBe(true))
}

const modes: [string, Partial<ModemConfig>][] = [
    ["manual, quick", { reception: Reception.Manual, quickSend: true }],
    ["manual, confirmed", { reception: Reception.Manual, quickSend: false }],
    ["push, quick", { reception: Reception.Push, quickSend: true }],
    ["push, confirmed", { reception: Reception.Push, quickSend: false }],
]

describe.each(modes)("%s", (_, mode) => {
    test.each(["fast", "gprs"] as const)(
        "one connection, 20 kB there and back, %s network",
        radio => {
            const rig = new Rig(mode, { radio }).start()
            rig.network.echo("10.0.0.1", 7)
            echo(rig, [rig.connect()], 20_000)
            expect(rig.overruns).toBe(0)
        }
    )

    test("six connections, 5 kB each", () => {
        const rig = new Rig(mode).start()
        rig.network.echo("10.0.0.1", 7)
        const links = [1, 2, 3, 4, 5, 6].map(() => rig.connect())
        echo(rig, links, 5000)
        expect(rig.overruns).toBe(0)
    })

    test("the server closes behind its last byte: all of it is read", () => {
        const rig = new Rig(mode).start()
        const data = noise(7, 6000)
        rig.network.listen("10.0.0.1", 80, peer => {
            peer.send(Uint8Array.from(data))
            peer.end()
        })
        const link = rig.open("10.0.0.1", 80)
        let got = Buffer.alloc(0)
        rig.expect("closed", () => {
            if (link.readable > 0) got = Buffer.concat([got, rig.read(link)])
            return link.state === LinkState.Closed
        })
        got = Buffer.concat([got, rig.read(link)])
        expect(got.equals(data)).toBe(true)
    })

    test("closing here closes there, and the connection can be used again", () => {
        const rig = new Rig(mode).start()
        const server = rig.network.listen("10.0.0.1", 80)
        for (let i = 0; i < 8; i++) {
            const link = rig.connect("10.0.0.1", 80)
            expect(link.id).toBe(0)
            rig.close(link)
            rig.expect("free", () => link.state === LinkState.Initial)
            expect(server.peer.ended).toBe(true)
        }
        expect(rig.core.channel.strays).toBeLessThan(5)
    })
})

test("by name", () => {
    const rig = new Rig().start()
    rig.network.name("www.sim.com", "10.0.0.1")
    rig.network.echo("10.0.0.1", 80)
    const link = rig.connect("WWW.SIM.COM", 80)
    rig.send(link, "DNS test")
    rig.expect("echoed", () => link.readable === 8)
    expect(rig.read(link).toString()).toBe("DNS test")
})

test("at 9600 baud, with bytes coming singly", () => {
    const rig = new Rig(
        { baud: 9600 },
        { dteBaud: 9600, chunks: { chunkBytes: 1 } }
    ).start()
    rig.network.echo("10.0.0.1", 7)
    echo(rig, [rig.connect()], 3000)
})

test.each([1200, 2400, 4800])(
    "at %i baud: a segment takes longer than a command otherwise may",
    baud => {
        const rig = new Rig({ baud }, { dteBaud: baud }).start()
        rig.network.echo("10.0.0.1", 7)
        const link = rig.connect()
        // the one at the ROM's burst
        expect(rig.core.channel.timeouts).toBe(1)
        echo(rig, [link], 3000)
        expect(rig.core.channel.timeouts).toBe(1)
    }
)

test("a reader that sleeps loses nothing in manual mode", () => {
    const rig = new Rig({ receiveBuffer: 512, flowControl: false, ring: 512 })
    rig.start()
    const data = noise(3, 30_000)
    const server = rig.network.listen("10.0.0.1", 80, peer =>
        peer.send(Uint8Array.from(data))
    )
    const link = rig.connect("10.0.0.1", 80)
    let got = Buffer.alloc(0)
    while (got.length < data.length) {
        rig.wait(1000)
        expect(link.readable).toBeGreaterThan(0)
        got = Buffer.concat([got, rig.read(link)])
    }
    expect(got.equals(data)).toBe(true)
    expect(server.peer.unsent).toBe(0)
    expect(rig.overruns).toBe(0)
})
