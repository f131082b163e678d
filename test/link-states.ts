import { LinkState } from "../src/core/connection"

/** SIMCom's names of the states, and one of ours. */
export const LINK_STATES: Record<LinkState, string> = {
    [LinkState.Initial]: "INITIAL",
    [LinkState.Closed]: "CLOSED",
    [LinkState.Wanted]: "CONNECTING",
    [LinkState.Clearing]: "CONNECTING",
    [LinkState.Abandoned]: "QUARANTINE",
    [LinkState.Quarantine]: "QUARANTINE",
    [LinkState.Doubtful]: "DOUBTFUL",
    [LinkState.Closing]: "CLOSING",
    [LinkState.Connecting]: "CONNECTING",
    [LinkState.Connected]: "CONNECTED",
    [LinkState.RemoteClosing]: "REMOTE CLOSING",
}
