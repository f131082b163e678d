import type { Clock, Timer } from "./clock"
import type { Endpoint, IncomingTcp, Network, TcpListener } from "./network"
import type { RadioLink } from "./radio-link"

/** `<server state>` of AT+CIPSTATUS, [ATM] 8.2.12. `CLOSED` is never shown. */
export type ServerState = "CLOSED" | "OPENING" | "LISTENING" | "CLOSING"

/** Peers whose SYN is on its way over the radio; more are refused at once. */
const BACKLOG = 8

export interface TcpServerOptions {
    readonly clock: Clock
    readonly network: Network
    readonly radio: RadioLink
    /** How long opening and closing take, ms. */
    readonly delayMs: number
}

export interface TcpServerEvents {
    changed(from: ServerState, to: ServerState): void
    /** A peer's SYN has arrived. */
    incoming(peer: IncomingTcp): void
}

/**
 * The listening side of AT+CIPSERVER, [AN] 2.1.3, 3.2. The receiver of {@link
 * TcpServerEvents.incoming} handles its connections.
 */
export class TcpServer {
    /** The PDP context it listens on, `<bearer>`. */
    bearer = 0
    port = 0
    private current: ServerState = "CLOSED"
    private listener: TcpListener | undefined
    private timer: Timer | undefined
    private arriving = 0

    constructor(
        private readonly environment: TcpServerOptions,
        private readonly events: TcpServerEvents
    ) {}

    get state(): ServerState {
        return this.current
    }

    /** @param done gets whether it listens */
    open(
        bearer: number,
        local: Endpoint,
        done: (listening: boolean) => void
    ): void {
        this.bearer = bearer
        this.port = local.port
        this.enter("OPENING")
        const { clock, delayMs, network } = this.environment
        this.timer = clock.after(delayMs, () => {
            this.listener = network.listenTcp(local, {
                listening: () => {
                    this.enter("LISTENING")
                    done(true)
                },
                failed: () => {
                    this.abort()
                    done(false)
                },
                incoming: peer => this.arrive(peer),
            })
        })
    }

    /** Stops listening, also if it is only about to begin. */
    close(done: () => void): void {
        this.silence()
        this.enter("CLOSING")
        const { clock, delayMs } = this.environment
        this.timer = clock.after(delayMs, () => {
            this.enter("CLOSED")
            done()
        })
    }

    /** Stops listening at once, without a report. */
    abort(): void {
        this.silence()
        this.enter("CLOSED")
    }

    private silence(): void {
        this.timer?.cancel()
        this.listener?.close()
        this.listener = undefined
    }

    private arrive(peer: IncomingTcp): void {
        if (this.arriving === BACKLOG) {
            peer.refuse()
            return
        }
        const { listener } = this
        this.arriving++
        this.environment.radio.downlink.carry(0, () => {
            this.arriving--
            if (listener === this.listener) this.events.incoming(peer)
            else peer.refuse()
        })
    }

    private enter(state: ServerState): void {
        const from = this.current
        this.current = state
        if (from !== state) this.events.changed(from, state)
    }
}
