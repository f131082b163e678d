import * as ds from "@devicescript/core"
import { Wired } from "../core/options"
import { Waiter } from "../ports/naps"
import type { Output, Ring, UartPort } from "../index"

/** A UART that firmware of your own has: its functions do not wait. */
export interface Device {
    /** 8N1, RTS and CTS on */
    configure(baud: number): void
    /** fills as much of a buffer as has come, and returns how many bytes */
    read(into: Buffer): number
    /** takes bytes from `at` on, as many as there is room for, and returns how many */
    write(from: Buffer, at: number, count: number): number
    /** the last stop bit is on the wire */
    idle(): boolean
}

/** Between two looks while nothing is due, ms. */
const LOOK = 5

export class DeviceUart implements UartPort {
    // what is wired: RTS and CTS, so any number of bytes may come
    readonly wired = Wired.RtsCts
    readonly largestBurst = 0
    dcd = false
    riPulse = 0
    overruns = 0

    private readonly waiter = new Waiter()
    private readonly chunk: Buffer
    private ring: Ring
    private output: Output

    constructor(private readonly device: Device) {
        this.chunk = Buffer.alloc(64)
    }

    async open(ring: Ring, output: Output, baud: number): Promise<void> {
        this.ring = ring
        this.output = output
        this.device.configure(baud)
    }

    async wait(ms: number): Promise<void> {
        const waiter = this.waiter
        const end = ds.millis() + ms
        let news = this.move()
        while (true) {
            const left = end - ds.millis()
            // others have their turn at least once
            await waiter.wait(news ? 0 : Math.min(left, LOOK))
            if (this.move()) news = true
            if (news || waiter.awake || left <= 0) break
        }
        waiter.awake = false
    }

    /** @returns whether there is something that the driver waits for */
    private move(): boolean {
        const ring = this.ring
        const output = this.output
        const chunk = this.chunk
        let news = false
        // what has no room stays where it is, and RTS goes off in the end
        while (ring.size - ring.used >= chunk.length) {
            const n = this.device.read(chunk)
            if (n === 0) break
            ring.put(chunk, 0, n)
            if (ring.used >= ring.enough) news = true
        }
        if (output.left > 0) {
            const n = this.device.write(output.source, output.at, output.left)
            output.at += n
            output.left -= n
            if (n > 0 && output.left === 0 && output.tell) news = true
        }
        if (output.drain && output.left === 0 && this.device.idle()) {
            output.drain = false
            news = true
        }
        return news
    }

    wake() {
        this.waiter.wake()
    }

    // lines that are not wired are never asked for
    setDtr(_low: boolean) {}
    async reset(): Promise<void> {}
    async pressPowerKey(): Promise<void> {}

    async close(): Promise<void> {}
}
