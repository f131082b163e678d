import type { Clock, Timer } from "./clock"
import type { Delays } from "./delays"
import type {
    OperatorOptions,
    RegistrationStatus,
    RegistrationStep,
} from "./options"

export interface RegistrationEvents {
    /** The registration has changed, AT+CREG. */
    registered(from: RegistrationStatus, to: RegistrationStatus): void
    /** The module has attached to GPRS or was detached, AT+CGATT. */
    attached(attached: boolean): void
}

/**
 * The module's standing with the network: registration (AT+CREG), and the
 * attach to GPRS (AT+CGATT) that follows it by itself.
 */
export class Registration {
    private current: RegistrationStatus = 0
    private onGprs = false
    /** AT+CGATT=0 lasts until AT+CGATT=1. */
    private wantsGprs = true
    private steps: Timer[] = []
    private attaching: Timer | undefined

    constructor(
        private readonly clock: Clock,
        private readonly timeLine: readonly RegistrationStep[],
        private readonly operator: OperatorOptions,
        private readonly delays: Delays,
        private readonly events: RegistrationEvents
    ) {}

    get status(): RegistrationStatus {
        return this.current
    }

    get isRegistered(): boolean {
        return this.current === 1 || this.current === 5
    }

    get isAttached(): boolean {
        return this.onGprs
    }

    /** `<stat>` of AT+CGREG: as for AT+CREG, but nothing is won before the attach. */
    get gprsStatus(): RegistrationStatus {
        return this.isRegistered && !this.onGprs ? 0 : this.current
    }

    /** Looks for the network: what the time line says happens from now on. */
    start(): void {
        this.cancelSteps()
        this.steps = this.timeLine.map(({ afterMs, status }) =>
            this.clock.after(afterMs, () => this.change(status))
        )
    }

    /** Leaves the network: radio off, or AT+COPS=2. */
    stop(): void {
        this.cancelSteps()
        this.change(0)
    }

    /** What the network decides, now. */
    change(status: RegistrationStatus): void {
        const from = this.current
        if (from === status) return
        this.current = status
        this.events.registered(from, status)
        if (!this.isRegistered) this.setAttached(false)
        else this.attachByItself()
    }

    private attachByItself(): void {
        const idle = !this.onGprs && this.attaching === undefined
        if (idle && this.wantsGprs && this.operator.gprs === "accept")
            this.tryAttach(() => undefined)
    }

    /**
     * AT+CGATT=1.
     * @param done called with whether it worked; never if the network is silent
     */
    attach(done: (accepted: boolean) => void): void {
        this.wantsGprs = true
        if (this.onGprs) {
            done(true)
            return
        }
        if (this.operator.gprs === "ignore") return
        this.tryAttach(done)
    }

    private tryAttach(done: (accepted: boolean) => void): void {
        this.attaching?.cancel()
        this.attaching = this.clock.after(this.delays.attach, () => {
            this.attaching = undefined
            const accepted =
                this.operator.gprs === "accept" && this.isRegistered
            if (accepted) this.setAttached(true)
            done(accepted)
        })
    }

    /** AT+CGATT=0. */
    detach(): void {
        this.wantsGprs = false
        this.setAttached(false)
    }

    private setAttached(attached: boolean): void {
        if (!attached) {
            this.attaching?.cancel()
            this.attaching = undefined
        }
        if (attached === this.onGprs) return
        this.onGprs = attached
        this.events.attached(attached)
    }

    private cancelSteps(): void {
        for (const timer of this.steps) timer.cancel()
        this.steps = []
    }
}
