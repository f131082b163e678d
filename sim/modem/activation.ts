/** Requests a PDP context from the network, for any purpose. */
import type { Clock, Timer } from "./clock"

/** The module's attachment to GPRS. */
export interface Gprs {
    readonly isAttached: boolean
    /** Attaches if it is not attached. @param done called when that is over, however */
    attachOnDemand(done: () => void): void
}

/** One request for a context at a time. The module attaches first if it has to. */
export class Activation {
    private current:
        { timer: Timer | undefined; done: (up: boolean) => void } | undefined

    constructor(
        private readonly clock: Clock,
        private readonly gprs: Gprs
    ) {}

    get isUnderWay(): boolean {
        return this.current !== undefined
    }

    /**
     * @param ms how long the network takes
     * @param isAccepted whether it agrees, asked when that time is over
     * @param done called with whether the context is up
     */
    begin(
        ms: number,
        isAccepted: () => boolean,
        done: (up: boolean) => void
    ): void {
        const request: typeof this.current = { timer: undefined, done }
        this.current = request
        this.gprs.attachOnDemand(() => {
            if (this.current !== request) return
            request.timer = this.clock.after(ms, () => {
                this.current = undefined
                done(this.gprs.isAttached && isAccepted())
            })
        })
    }

    /** @returns the callback of the cancelled request */
    cancel(): ((up: boolean) => void) | undefined {
        const request = this.current
        this.current = undefined
        request?.timer?.cancel()
        return request?.done
    }
}
