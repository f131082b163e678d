/**
 * Bytes through the core alone, as fast as possible, from a modem that sends only the
 * necessary lines: for counts per byte.
 */
import { Reception } from "../src/core/config"
import {
    ReadState,
    SendState,
    type Connection,
} from "../src/core/link/connection"
import type { Modem } from "../src/core/modem"
import { Rig } from "../test/driver/rig"
import { read } from "../src/core/link/receive"
import { send } from "../src/core/link/send"

const IN_SEGMENT = 1460
const OUT_SEGMENT = 1024

export class Flow {
    private readonly core: Modem
    private readonly link: Connection
    private now: number
    private readonly into = Buffer.alloc(2048)
    private readonly data = Buffer.alloc(OUT_SEGMENT, "x")
    private readonly received: Buffer
    private readonly prompt = Buffer.from("\r\n> ")
    private readonly accepted: Buffer

    constructor(reception: Reception.Push | Reception.Manual) {
        const rig = new Rig({ reception }).start()
        rig.network.listen("10.0.0.1", 7)
        this.link = rig.connect("10.0.0.1", 7)
        this.core = rig.core
        this.now = Math.floor(rig.clock.now())
        const { id } = this.link
        const head =
            reception === Reception.Push
                ? `\r\n+RECEIVE,${id},${IN_SEGMENT}:\r\n`
                : `\r\n+CIPRXGET: 2,${id},${IN_SEGMENT},0\r\n`
        const tail = reception === Reception.Push ? "" : "\r\nOK\r\n"
        this.received = Buffer.from(
            head + "d".repeat(IN_SEGMENT) + tail,
            "latin1"
        )
        this.accepted = Buffer.from(
            `\r\nDATA ACCEPT:${id},${OUT_SEGMENT}\r\n`,
            "latin1"
        )
    }

    /** The modem sends text; the driver's bytes go out at once. */
    private say(text: Buffer): void {
        const { core } = this
        core.ring.put(text, 0, text.length)
        this.turn()
    }

    private turn(): void {
        const { core } = this
        core.poll(++this.now)
        while (core.encoder.left > 0) {
            core.encoder.at += core.encoder.left
            core.encoder.left = 0
            core.poll(this.now)
        }
        core.pollAt(this.now)
    }

    /** @returns how many bytes were received, a whole number of segments */
    receive(bytes: number): number {
        const { core, link, into } = this
        let got = 0
        while (got < bytes) {
            if (core.config.reception === Reception.Manual) {
                // as the notice says; the command follows
                link.waiting = IN_SEGMENT
                link.reading = ReadState.Held
                core.links.wake()
                this.turn()
            }
            this.say(this.received)
            got += read(core.links, link, into, 0, into.length)
        }
        return got
    }

    /** @returns how many bytes were sent, a whole number of segments */
    send(bytes: number): number {
        const { core, link, data } = this
        let sent = 0
        link.room = OUT_SEGMENT
        for (; sent < bytes; sent += OUT_SEGMENT) {
            // no question whether there is something to receive
            link.pollAt = this.now + 1000
            send(core.links, link, data, 0, OUT_SEGMENT)
            this.turn()
            this.say(this.prompt)
            this.say(this.accepted)
            if (link.sendState !== SendState.Done)
                throw new Error("a segment was not sent")
        }
        return sent
    }
}
