import type { Clock, Timer } from "./clock"

const PLUS = 0x2b
/** Silence before and after the sequence, and the longest gap within it, ms. */
const GUARD = 1000
const LENGTH = 3

export interface EscapeSequenceEvents {
    /** A byte that is no part of the sequence, or turned out to be none. */
    payload(byte: number): void
    escaped(): void
}

/**
 * Tells `+++` between two silences from payload ([AN] 2.2.4). Plus signs
 * that may belong to it are kept back until that is known.
 */
export class EscapeSequence {
    private count = 0
    private timer: Timer | undefined

    constructor(
        private readonly clock: Clock,
        private readonly events: EscapeSequenceEvents
    ) {}

    /** Whether plus signs are being kept back. */
    get isPending(): boolean {
        return this.count > 0
    }

    /** @param silence how long the DTE had been silent before this byte, ms */
    receive(byte: number, silence: number): void {
        const expected =
            this.count === 0 ? silence >= GUARD : this.count < LENGTH
        if (byte !== PLUS || !expected) {
            this.giveUp()
            this.events.payload(byte)
            return
        }
        this.timer?.cancel()
        this.count++
        this.timer = this.clock.after(GUARD, () => {
            if (this.count < LENGTH) this.giveUp()
            else {
                this.count = 0
                this.events.escaped()
            }
        })
    }

    /** The bytes held back are payload. */
    giveUp(): void {
        const kept = this.forget()
        for (let i = 0; i < kept; i++) this.events.payload(PLUS)
    }

    /** @returns how many plus signs were kept back */
    forget(): number {
        this.timer?.cancel()
        const kept = this.count
        this.count = 0
        return kept
    }
}
