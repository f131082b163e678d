import type { Gprs } from "./activation"
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
    /** @param byModule it was the module that wanted it */
    attached(attached: boolean, byModule: boolean): void
}

/** How the module stands in the network that AT+COPS has chosen. */
export type Welcome = "home" | "roaming" | "forbidden"

/**
 * The module's standing with the network: registration (AT+CREG), and the
 * attach to GPRS (AT+CGATT) that follows it by itself.
 */
export class Registration implements Gprs {
    private current: RegistrationStatus = 0
    private onGprs = false
    /** AT+CGATT=0 lasts until AT+CGATT=1. */
    private wantsGprs = true
    private readonly steps = new Set<Timer>()
    private attaching: Timer | undefined
    /** Callbacks of the attach under way. */
    private waiting: ((accepted: boolean) => void)[] = []

    constructor(
        private readonly clock: Clock,
        private readonly timeLine: readonly RegistrationStep[],
        private readonly operator: OperatorOptions,
        private readonly delays: Delays,
        /** How long an attach that the network does not answer may take, ms. */
        private readonly attachLimit: number,
        private readonly welcome: () => Welcome,
        private readonly events: RegistrationEvents
    ) {}

    /** `<stat>` of AT+CREG. */
    get status(): RegistrationStatus {
        return this.shown(this.current)
    }

    /** For calls and short messages. */
    get isRegistered(): boolean {
        return this.isInNetwork && this.operator.hasVoice
    }

    /** For GPRS at least. */
    get isInNetwork(): boolean {
        return this.current === 1 || this.current === 5
    }

    /** A card for data only is denied the registration of AT+CREG. */
    private shown(status: RegistrationStatus): RegistrationStatus {
        const DENIED = 3
        const isDenied =
            !this.operator.hasVoice && (status === 1 || status === 5)
        return isDenied ? DENIED : status
    }

    get isAttached(): boolean {
        return this.onGprs
    }

    /** `<stat>` of AT+CGREG: as for AT+CREG, but nothing is won before the attach. */
    get gprsStatus(): RegistrationStatus {
        return this.isInNetwork && !this.onGprs ? 0 : this.current
    }

    /** Searches for the network: the time line begins now. */
    start(): void {
        this.cancelSteps()
        for (const { afterMs, status } of this.timeLine) {
            const step = this.clock.after(afterMs, () => {
                this.steps.delete(step)
                this.change(this.inNetwork(status))
            })
            this.steps.add(step)
        }
    }

    /** The time line's status in a network other than the home network. */
    private inNetwork(status: RegistrationStatus): RegistrationStatus {
        const welcome = this.welcome()
        if (welcome === "home" || (status !== 1 && status !== 5)) return status
        return welcome === "roaming" ? 5 : 3
    }

    /** Leaves the network: radio off, or AT+COPS=2. */
    stop(): void {
        this.cancelSteps()
        this.change(0)
    }

    /** The network's present decision. */
    change(status: RegistrationStatus): void {
        const from = this.current
        if (from === status) return
        this.current = status
        this.events.registered(this.shown(from), this.shown(status))
        if (!this.isInNetwork) this.setAttached(false)
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

    /** First step of a requested context: attach, if there is a network. */
    attachOnDemand(done: () => void): void {
        if (this.onGprs || !this.isInNetwork) {
            done()
            return
        }
        this.wantsGprs = true
        if (this.operator.gprs === "ignore")
            this.clock.after(this.attachLimit, done)
        else this.tryAttach(() => done())
    }

    private tryAttach(done: (accepted: boolean) => void): void {
        this.waiting.push(done)
        this.attaching ??= this.clock.after(this.delays.attach, () => {
            this.attaching = undefined
            const accepted = this.operator.gprs === "accept" && this.isInNetwork
            if (accepted) this.setAttached(true)
            this.tell(accepted)
        })
    }

    private tell(accepted: boolean): void {
        for (const done of this.waiting.splice(0)) done(accepted)
    }

    /** AT+CGATT=0. */
    detach(): void {
        this.wantsGprs = false
        this.setAttached(false, true)
    }

    private setAttached(attached: boolean, byModule = false): void {
        if (!attached) {
            this.attaching?.cancel()
            this.attaching = undefined
        }
        if (attached !== this.onGprs) {
            this.onGprs = attached
            this.events.attached(attached, byModule)
        }
        if (!attached) this.tell(false)
    }

    private cancelSteps(): void {
        for (const timer of this.steps) timer.cancel()
        this.steps.clear()
    }
}
