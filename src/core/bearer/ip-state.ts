/** The states of chapter 8: their names, and what is there in each of them. */
import { LinkState } from "../connection"

/** The states of both figures. */
export enum IpState {
    Unknown,
    IpInitial,
    IpStart,
    IpConfig,
    IpGprsact,
    IpStatus,
    /** several connections: at least one is there, or the server */
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

/** SIMCom's names of the states, by number. */
export const IP_STATES = [
    "",
    "IP INITIAL",
    "IP START",
    "IP CONFIG",
    "IP GPRSACT",
    "IP STATUS",
    "IP PROCESSING",
    "TCP CONNECTING",
    "UDP CONNECTING",
    "SERVER LISTENING",
    "CONNECT OK",
    "TCP CLOSING",
    "UDP CLOSING",
    "TCP CLOSED",
    "UDP CLOSED",
    "PDP DEACT",
]

/** Whether there is a context, which may have no address yet. */
export function hasContext(state: IpState): boolean {
    return state >= IpState.IpGprsact && state !== IpState.PdpDeact
}

/** Whether there is an address, so that connections can be made. */
export function hasAddress(state: IpState): boolean {
    return state >= IpState.IpStatus && state !== IpState.PdpDeact
}

/**
 * What the single connection makes of a state in which there is an address.
 * @param serving the server listens
 */
export function withSingle(
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
    return udp ? IpState.UdpClosed : IpState.TcpClosed
}
