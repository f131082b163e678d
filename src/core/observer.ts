/** The observer of rare events. */
import type { Digest } from "./digest"

export interface ModemObserver {
    /** phase, IP state or failure of the bearer has changed */
    onChange(): void
    /** a line that the driver does not use: a URC of some other feature */
    onUrc(line: Buffer, length: number): void
}

/** @devsWhenUsed */
export class Reporter {
    observer: ModemObserver | null = null

    changed() {
        if (this.observer !== null) this.observer.onChange()
    }

    /** Reports the line that the digest holds. */
    urc(digest: Digest) {
        if (this.observer !== null)
            this.observer.onUrc(digest.line, digest.lineLength)
    }
}
