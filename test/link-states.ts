import { LinkState } from "../src/core/connection"

/** SIMCom's names of the states, and one of ours. */
export const LINK_STATES: Record<LinkState, string> = {
    [LinkState.Initial]: "INITIAL",
    [LinkState.Closed]: "CLOSED",
    [LinkState.Quarantine]: "QUARANTINE",
    [LinkState.Closing]: "CLOSING",
    [LinkState.Connecting]: "CONNECTING",
    [LinkState.Connected]: "CONNECTED",
    [LinkState.RemoteClosing]: "REMOTE CLOSING",
}
