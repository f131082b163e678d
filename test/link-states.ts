/** SIMCom's names of the states of connections, by number. */
export const LINK_STATES = [
    "INITIAL",
    "CONNECTING",
    "CONNECTED",
    "REMOTE CLOSING",
    "CLOSING",
    "CLOSED",
    "QUARANTINE",
]
