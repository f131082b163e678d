/**
 * The IP states (application note 8): their names, what exists in each, and their
 * machine. The way up moves it to IP STATUS, connections from there on.
 */
import type { ModemConfig } from "./options"
import { LinkState } from "./link/connection"
import type { Reporter } from "./observer"
import { numbersOf, rowText, table, textsOf } from "./table"

/** The states of both figures. */
export enum IpState {
    Unknown,
    IpInitial,
    IpStart,
    IpConfig,
    IpGprsact,
    IpStatus,
    /** several connections: at least one is up, or the server */
    IpProcessing,
    // a single connection
    TcpConnecting,
    UdpConnecting,
    ServerListening,
    ConnectOk,
    TcpClosing,
    UdpClosing,
    TcpClosed,
    UdpClosed,
    PdpDeact,
}

/** What exists in a state. */
const enum Has {
    Nothing,
    Context,
    Address,
}

// prettier-ignore
const TABLE = table([
    // SIMCom's name        state                       what exists
    "",                     IpState.Unknown,            Has.Nothing,
    "IP INITIAL",           IpState.IpInitial,          Has.Nothing,
    "IP START",             IpState.IpStart,            Has.Nothing,
    "IP CONFIG",            IpState.IpConfig,           Has.Nothing,
    "IP GPRSACT",           IpState.IpGprsact,          Has.Context,
    "IP STATUS",            IpState.IpStatus,           Has.Address,
    "IP PROCESSING",        IpState.IpProcessing,       Has.Address,
    "TCP CONNECTING",       IpState.TcpConnecting,      Has.Address,
    "UDP CONNECTING",       IpState.UdpConnecting,      Has.Address,
    "SERVER LISTENING",     IpState.ServerListening,    Has.Address,
    "CONNECT OK",           IpState.ConnectOk,          Has.Address,
    "TCP CLOSING",          IpState.TcpClosing,         Has.Address,
    "UDP CLOSING",          IpState.UdpClosing,         Has.Address,
    "TCP CLOSED",           IpState.TcpClosed,          Has.Address,
    "UDP CLOSED",           IpState.UdpClosed,          Has.Address,
    "PDP DEACT",            IpState.PdpDeact,           Has.Nothing,
], 3, 2)
const NUMBERS = numbersOf(TABLE)
/** offset of the last number of a row, and bytes of its numbers */
const HAS = 2
const ROW = 4

/** SIMCom's names of the states, by number. */
export const IP_STATES = textsOf(TABLE)

/** SIMCom's name of a state. */
export function ipStateText(state: IpState): string {
    return rowText(TABLE, state)
}

/** Whether the context is active; it may have no address yet. */
export function hasContext(state: IpState): boolean {
    return NUMBERS[state * ROW + HAS] !== Has.Nothing
}

/** Whether the context has an address, so that connections can be made. */
export function hasAddress(state: IpState): boolean {
    return NUMBERS[state * ROW + HAS] === Has.Address
}

/**
 * The IP state with a single connection, when the context has an address.
 * @param serving the server listens
 */
function withSingle(
    state: IpState,
    link: LinkState,
    udp: boolean,
    serving: boolean
): IpState {
    switch (link) {
        case LinkState.Connecting:
            return udp ? IpState.UdpConnecting : IpState.TcpConnecting
        case LinkState.Connected:
            return IpState.ConnectOk
        case LinkState.Closing:
        case LinkState.Abandoned:
        case LinkState.Quarantine:
            return udp ? IpState.UdpClosing : IpState.TcpClosing
    }
    if (serving) return IpState.ServerListening
    if (state === IpState.IpStatus || state === IpState.ServerListening)
        return IpState.IpStatus
    // the next connection may be of the other protocol
    if (state === IpState.TcpClosed || state === IpState.UdpClosed) return state
    return udp ? IpState.UdpClosed : IpState.TcpClosed
}

/** @devsWhenUsed */
export class IpMachine {
    state = IpState.Unknown
    private readonly reporter: Reporter
    private readonly config: ModemConfig

    constructor(config: ModemConfig, reporter: Reporter) {
        this.config = config
        this.reporter = reporter
    }

    enter(state: IpState) {
        if (this.state === state) return
        this.state = state
        this.reporter.changed()
    }

    /** The single connection has changed its state. */
    single(link: LinkState, udp: boolean, serving: boolean) {
        let state = this.state
        if (!hasAddress(state)) {
            // a connection that brings its context up itself: the context is up now
            if (link !== LinkState.Connected || !this.config.lazy) return
            state = IpState.IpStatus
        }
        this.enter(withSingle(state, link, udp, serving))
    }

    /** The first connection has begun, or the last one has ended. */
    processing(active: boolean) {
        if (active && this.state === IpState.IpStatus)
            this.enter(IpState.IpProcessing)
        else if (!active && this.state === IpState.IpProcessing)
            this.enter(IpState.IpStatus)
    }
}
