import type { VirtualSim800 } from "../modem/modem"
import type { BytePipe } from "../modem/uart"

const CR = 0x0d
const LF = 0x0a
const CTRL_Z = 0x1a
const ESC = 0x1b

/**
 * Gives a modem no more than it takes, as the line pacing of a terminal program
 * does: a command line when the last one has ended, data after the prompt.
 *
 * It is for those who cannot wait for answers, such as `printf … | nc`. A line
 * also waits until a connection that is being made is made, and until all that
 * the modem has said has crossed the wire. A bare LF ends a line too and is
 * sent as CR, since that is what a terminal sends for the Enter key.
 */
export class LineFeeder {
    private bytes: number[] = []

    constructor(
        private readonly modem: VirtualSim800,
        private readonly pipe: BytePipe
    ) {}

    /** Bytes that wait for their turn. */
    get waiting(): number {
        return this.bytes.length
    }

    push(bytes: Uint8Array): void {
        for (const byte of bytes) this.bytes.push(byte)
        this.feed()
    }

    clear(): void {
        this.bytes = []
    }

    /** Gives what the modem takes now; to be called again while bytes wait. */
    feed(): void {
        if (this.bytes.length === 0 || this.modem.dte.pending > 0) return
        switch (this.modem.activity) {
            case "booting":
            case "busy":
                return
            case "data":
                this.give(this.dataLength())
                return
            case "command":
                if (this.modem.isSettled) this.giveLine()
                return
            case "off":
                // nobody will ever take them: lost, as on a wire
                this.give(this.bytes.length)
        }
    }

    private giveLine(): void {
        const end = this.bytes.findIndex(byte => byte === CR || byte === LF)
        if (end < 0) {
            this.give(this.bytes.length)
            return
        }
        const isCrLf = this.bytes[end] === CR && this.bytes[end + 1] === LF
        if (this.bytes[end] === LF) this.bytes[end] = CR
        this.give(isCrLf ? end + 2 : end + 1)
    }

    private dataLength(): number {
        const expected = this.modem.dataExpected
        if (expected !== undefined) return expected
        const end = this.bytes.findIndex(
            byte => byte === CTRL_Z || byte === ESC
        )
        return end < 0 ? this.bytes.length : end + 1
    }

    private give(count: number): void {
        this.pipe.write(Uint8Array.from(this.bytes.splice(0, count)))
    }
}
