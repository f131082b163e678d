/**
 * The states of a PDP context and its TCP/IP application, [AN] 8: figure 2 for
 * a single connection, figure 3 for several. The names are SIMCom's, as
 * AT+CIPSTATUS prints them.
 */
export type IpState =
    | "IP INITIAL"
    | "IP START"
    | "IP CONFIG"
    | "IP GPRSACT"
    | "IP STATUS"
    | "TCP CONNECTING"
    | "UDP CONNECTING"
    | "SERVER LISTENING"
    | "CONNECT OK"
    | "TCP CLOSING"
    | "UDP CLOSING"
    | "TCP CLOSED"
    | "UDP CLOSED"
    | "IP PROCESSING"
    | "PDP DEACT"

export type Protocol = "TCP" | "UDP"

export type IpEvent =
    | "CSTT"
    | "CIICR"
    /** The network has accepted, or refused, the context. */
    | "activated"
    | "refused"
    | "CIFSR"
    | `CIPSTART ${Protocol}`
    | "CIPSERVER"
    | "connected"
    | `CIPCLOSE ${Protocol}`
    /** The connection is over, for any reason, or was not made. */
    | `ended ${Protocol}`
    /** The server goes on listening when its peer has gone. */
    | "listening"
    /** The last of several connections, or the server, is over. */
    | "all ended"
    /** The network, or AT+CGATT=0, has taken the context away. */
    | "deactivated"
    | "CIPSHUT"

type Transitions = Readonly<
    Partial<Record<IpState, Readonly<Partial<Record<IpEvent, IpState>>>>>
>

/** The way up, common to both figures. */
const bearer: Transitions = {
    "IP INITIAL": { CSTT: "IP START" },
    "IP START": { CIICR: "IP CONFIG", CIPSHUT: "IP INITIAL" },
    "IP CONFIG": {
        activated: "IP GPRSACT",
        refused: "PDP DEACT",
        deactivated: "PDP DEACT",
        CIPSHUT: "IP INITIAL",
    },
    "IP GPRSACT": {
        CIFSR: "IP STATUS",
        deactivated: "PDP DEACT",
        CIPSHUT: "IP INITIAL",
    },
    "PDP DEACT": { CIPSHUT: "IP INITIAL" },
}

const down = { deactivated: "PDP DEACT", CIPSHUT: "IP INITIAL" } as const

/** Figure 2. */
export const singleTransitions: Transitions = {
    ...bearer,
    "IP STATUS": {
        "CIPSTART TCP": "TCP CONNECTING",
        "CIPSTART UDP": "UDP CONNECTING",
        CIPSERVER: "SERVER LISTENING",
        ...down,
    },
    "SERVER LISTENING": {
        connected: "CONNECT OK",
        "CIPCLOSE TCP": "TCP CLOSING",
        "all ended": "IP STATUS",
        ...down,
    },
    "TCP CONNECTING": {
        connected: "CONNECT OK",
        "CIPCLOSE TCP": "TCP CLOSING",
        "ended TCP": "TCP CLOSED",
        ...down,
    },
    "UDP CONNECTING": {
        connected: "CONNECT OK",
        "CIPCLOSE UDP": "UDP CLOSING",
        "ended UDP": "UDP CLOSED",
        ...down,
    },
    "CONNECT OK": {
        "CIPCLOSE TCP": "TCP CLOSING",
        "CIPCLOSE UDP": "UDP CLOSING",
        "ended TCP": "TCP CLOSED",
        "ended UDP": "UDP CLOSED",
        ...down,
    },
    "TCP CLOSING": { "ended TCP": "TCP CLOSED", ...down },
    "UDP CLOSING": { "ended UDP": "UDP CLOSED", ...down },
    // a new CIPSTART without CIPSHUT is what [AN] 12 advises
    "TCP CLOSED": {
        "CIPSTART TCP": "TCP CONNECTING",
        "CIPSTART UDP": "UDP CONNECTING",
        listening: "SERVER LISTENING",
        ...down,
    },
    "UDP CLOSED": {
        "CIPSTART TCP": "TCP CONNECTING",
        "CIPSTART UDP": "UDP CONNECTING",
        ...down,
    },
}

/** Figure 3. The connections have their own states, see `LinkState`. */
export const multiTransitions: Transitions = {
    ...bearer,
    "IP STATUS": {
        "CIPSTART TCP": "IP PROCESSING",
        "CIPSTART UDP": "IP PROCESSING",
        CIPSERVER: "IP PROCESSING",
        ...down,
    },
    "IP PROCESSING": {
        "CIPSTART TCP": "IP PROCESSING",
        "CIPSTART UDP": "IP PROCESSING",
        "all ended": "IP STATUS",
        ...down,
    },
}

/** The state of one PDP context. */
export class IpStateMachine {
    private current: IpState = "IP INITIAL"

    /**
     * @param multi whether AT+CIPMUX=1
     * @param changed tells every change
     */
    constructor(
        private readonly multi: () => boolean,
        private readonly changed: (from: IpState, to: IpState) => void
    ) {}

    get state(): IpState {
        return this.current
    }

    /** Whether the figure has an edge for this event from the present state. */
    allows(event: IpEvent): boolean {
        return this.next(event) !== undefined
    }

    /** Follows the edge of the event; where there is none, nothing happens. */
    apply(event: IpEvent): void {
        const from = this.current
        this.current = this.next(event) ?? from
        if (from !== this.current) this.changed(from, this.current)
    }

    private next(event: IpEvent): IpState | undefined {
        const figure = this.multi() ? multiTransitions : singleTransitions
        return figure[this.current]?.[event]
    }
}

/** States in which the context is up: it has an address, DNS works. */
const withoutContext: ReadonlySet<IpState> = new Set<IpState>([
    "IP INITIAL",
    "IP START",
    "IP CONFIG",
    "PDP DEACT",
])

export function isActive(state: IpState): boolean {
    return !withoutContext.has(state)
}
