import { Activation, type Gprs } from "./activation"
import type { Clock, Timer } from "./clock"
import { IpStateMachine, isActive, type IpState } from "./ip-state"
import type { AccessPoint } from "./ip-settings"
import type { OperatorOptions } from "./options"

/** A PDP context: the bearer of connections, from AT+CSTT to AT+CIPSHUT. */
export class PdpContext {
    readonly machine: IpStateMachine
    private readonly activation: Activation
    private supervision: Timer | undefined

    /**
     * @param number `<bearer>`, 0 or 1
     * @param gprs the attachment of the module
     * @param accessPoint set by AT+CSTT
     */
    constructor(
        readonly number: number,
        private readonly clock: Clock,
        private readonly operator: OperatorOptions,
        gprs: Gprs,
        private readonly accessPoint: () => AccessPoint,
        multi: () => boolean,
        changed: (from: IpState, to: IpState) => void
    ) {
        this.machine = new IpStateMachine(multi, changed)
        this.activation = new Activation(clock, gprs)
    }

    get state(): IpState {
        return this.machine.state
    }

    get isActive(): boolean {
        return isActive(this.state)
    }

    /** AT+CIFSR. */
    get localAddress(): string {
        return this.operator.localAddresses[this.number]
    }

    /** AT+CSTT. */
    start(): void {
        this.machine.apply("CSTT")
    }

    /**
     * AT+CIICR: asks the network for the context.
     * @param ms how long the network takes
     * @param done called with whether it is up
     */
    activate(ms: number, done: (up: boolean) => void): void {
        this.machine.apply("CIICR")
        this.activation.begin(
            ms,
            () => this.isAccepted(),
            accepted => {
                this.machine.apply(accepted ? "activated" : "refused")
                done(accepted)
            }
        )
    }

    /** The network has taken the context away. */
    deactivate(): void {
        this.machine.apply("deactivated")
        this.stop()?.(false)
    }

    /** AT+CIPSHUT. An activation under way is dropped without a report. */
    shut(): void {
        this.machine.apply("CIPSHUT")
        this.stop()
    }

    /** AT+CIPDPDP: gives up a context whose module has lost GPRS for too long. */
    watch(ms: number, expired: () => void): void {
        this.supervision?.cancel()
        this.supervision = this.clock.after(ms, expired)
    }

    /** GPRS is back. */
    endWatch(): void {
        this.supervision?.cancel()
    }

    private isAccepted(): boolean {
        const { apn, user, password } = this.accessPoint()
        return this.operator.acceptsContext(apn, user, password)
    }

    /** @returns the callback of the cancelled activation */
    private stop(): ((up: boolean) => void) | undefined {
        this.supervision?.cancel()
        return this.activation.cancel()
    }
}
