import type { Clock, Timer } from "./clock"

/** AT+CIPTKA, [ATM] 8.2.30. */
export interface KeepAliveSettings {
    enabled: boolean
    /** Silence before the first probe, s. */
    idleSeconds: number
    /** Between probes, s. */
    intervalSeconds: number
    /** Probes without answer before the connection is given up. */
    count: number
}

export const factoryKeepAlive: KeepAliveSettings = {
    enabled: true,
    idleSeconds: 7200,
    intervalSeconds: 75,
    count: 9,
}

/** Probes a silent connection, and gives it up when nothing answers. */
export class KeepAlive {
    private timer: Timer | undefined
    private probes = 0

    /**
     * @param probe asks the peer for a sign of life; {@link heard} is the answer
     * @param dead runs when the last probe has gone without one
     */
    constructor(
        private readonly clock: Clock,
        private readonly settings: KeepAliveSettings,
        private readonly probe: () => void,
        private readonly dead: () => void
    ) {}

    /** The peer has given a sign of life. */
    heard(): void {
        this.probes = 0
        this.wait(this.settings.idleSeconds)
    }

    stop(): void {
        this.timer?.cancel()
    }

    private wait(seconds: number): void {
        this.timer?.cancel()
        if (!this.settings.enabled) return
        this.timer = this.clock.after(seconds * 1000, () => this.expired())
    }

    private expired(): void {
        if (this.probes === this.settings.count) {
            this.dead()
            return
        }
        this.probes++
        this.wait(this.settings.intervalSeconds)
        this.probe()
    }
}
