import type { Clock } from "./clock"
import type { Network } from "./network"
import type { RadioLink } from "./radio-link"

/** One answer, or none: as AT+CIPPING says it. */
export interface PingReply {
    readonly address: string
    /** 100 ms; 600 if nothing came. */
    readonly time: number
    /** 255 if nothing came. */
    readonly ttl: number
}

export interface PingOptions {
    readonly count: number
    readonly bytes: number
    readonly timeoutMs: number
}

export interface PingModule {
    readonly clock: Clock
    readonly network: Pick<Network, "ping">
    readonly tcpip: { readonly state: { readonly radio: RadioLink } }
}

const UNIT = 100
const NO_REPLY = { time: 600, ttl: 255 }

/**
 * Sends echo requests, one after the other ([ATM12] 10.2.1).
 * @param told gets each reply; @returns whether to go on
 * @param done runs when all have been sent and answered, or waited for
 */
export function ping(
    module: PingModule,
    address: string,
    { count, bytes, timeoutMs }: PingOptions,
    told: (reply: PingReply) => boolean,
    done: () => void
): void {
    const { clock, network, tcpip } = module
    const { uplink, downlink } = tcpip.state.radio
    const next = (left: number): void => {
        if (left === 0) {
            done()
            return
        }
        const sentAt = clock.now()
        let isOver = false
        const finish = (reply: { time: number; ttl: number }): void => {
            if (isOver) return
            isOver = true
            timer.cancel()
            if (told({ address, ...reply })) next(left - 1)
        }
        const timer = clock.after(timeoutMs, () => finish(NO_REPLY))
        uplink.carry(bytes, () =>
            network.ping(address, bytes, ttl =>
                downlink.carry(bytes, () => {
                    const ms = clock.now() - sentAt
                    finish({ time: Math.ceil(ms / UNIT), ttl })
                })
            )
        )
    }
    next(count)
}
