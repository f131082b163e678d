/** The network's data of the subscriber: supplementary services of calls. */

/** `<reason>` of AT+CCFC: always, busy, no reply, not reachable. */
export const forwardReasons = [0, 1, 2, 3] as const
export type ForwardReason = (typeof forwardReasons)[number]

export interface Forwarding {
    readonly number: string
    /** Before "no reply" counts, s. */
    readonly seconds: number
    readonly isActive: boolean
}

/** `<fac>` of AT+CLCK that the network watches over: outgoing and incoming calls. */
export const barrings = ["AO", "OI", "OX", "AI", "IR"] as const
export type Barring = (typeof barrings)[number]

export class Subscription {
    /** AT+CCWA: a second call is offered to the module. */
    callWaiting = false
    /** AT+CCFC. */
    readonly forwardings = new Map<ForwardReason, Forwarding>()
    /** AT+CLCK: active barrings. */
    readonly barred = new Set<Barring>()
    /** AT+CPWD: of the barrings. */
    password = "0000"

    /** Where calls go for a reason, if somewhere else. */
    forwardedTo(reason: ForwardReason): string | undefined {
        const found = this.forwardings.get(reason)
        return found?.isActive === true ? found.number : undefined
    }
}
