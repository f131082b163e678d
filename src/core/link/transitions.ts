/**
 * Where a connection may go from where it is. Tests hold each transcript against this
 * table and walk all of it, and the diagram in docs/architecture.md is made of it; no
 * program contains it.
 */
import type { LinkState } from "./connection"

type Name = keyof typeof LinkState

/** A number that a peer of the server takes is Closed first. */
export const TRANSITIONS: Record<Name, Name[]> = {
    Initial: ["Wanted", "Connected", "Closing", "Abandoned"],
    Closed: ["Wanted", "Connected", "Closing", "Abandoned"],
    Wanted: ["Connecting", "Initial", "Closed"],
    Clearing: ["Wanted", "Closing", "Closed"],
    Connecting: [
        "Connected",
        "Clearing",
        "Wanted",
        "Closed",
        "Closing",
        "Abandoned",
        "Doubtful",
    ],
    Connected: ["RemoteClosing", "Closed", "Closing", "Abandoned"],
    RemoteClosing: ["Connected", "Closed", "Closing"],
    Closing: ["Initial", "Closed", "Abandoned"],
    Abandoned: ["Abandoned", "Quarantine", "Doubtful", "Initial", "Closed"],
    Quarantine: ["Abandoned", "Initial", "Closed"],
    Doubtful: ["Closing", "Abandoned", "Initial", "Closed"],
}
