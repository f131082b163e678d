/** Bytes that the modem takes as data, after the prompt of a command. */
export interface DataEntry {
    /** Takes one byte. */
    receive(byte: number): void
    /** Bytes still to come; undefined if a control character ends the data. */
    readonly remaining: number | undefined
    /** The command is over without its data. */
    abandon(): void
}

const CTRL_Z = 0x1a
const ESC = 0x1b

export interface SendEntryEvents {
    /** The data is complete. */
    complete(bytes: Uint8Array): void
    /** ESC was typed. */
    cancelled(): void
    /** One byte more than allowed was typed. */
    overflow(): void
    abandoned(): void
}

/**
 * The data of AT+CIPSEND ([AN] 6.1, 6.2, 6.3). Of fixed length, every byte is
 * data; of free length, Ctrl-Z sends, ESC cancels, and a byte too many is an
 * error.
 */
export class SendEntry implements DataEntry {
    private readonly bytes: number[] = []

    /**
     * @param length the fixed length, or undefined
     * @param limit the most that a free length may reach
     */
    constructor(
        private readonly length: number | undefined,
        private readonly limit: number,
        private readonly events: SendEntryEvents
    ) {}

    get remaining(): number | undefined {
        return this.length === undefined
            ? undefined
            : this.length - this.bytes.length
    }

    get isEmpty(): boolean {
        return this.bytes.length === 0
    }

    receive(byte: number): void {
        if (this.length !== undefined) {
            this.bytes.push(byte)
            if (this.bytes.length === this.length) this.finish()
        } else if (byte === CTRL_Z) this.finish()
        else if (byte === ESC) this.events.cancelled()
        else if (this.bytes.length === this.limit) this.events.overflow()
        else this.bytes.push(byte)
    }

    /** Ends the data here. */
    finish(): void {
        this.events.complete(Uint8Array.from(this.bytes))
    }

    abandon(): void {
        this.events.abandoned()
    }
}
