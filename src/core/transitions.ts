/**
 * The allowed transitions of each state machine of the core. Tests check each
 * transcript against these tables and walk all of them, and the diagrams in
 * docs/architecture.md are made of them; no program contains them.
 */
import type { Phase } from "./phase"
import type { SearchState } from "./bearer/search"
import type { DataState } from "./data-mode/mode"
import type { Stage } from "./channel"
import type { LinkState, ReadState, SendState } from "./link/connection"
import type { RequestState } from "./request"
import type { ContextState } from "./second-context"
import type { ServerState } from "./server"
import type { SleepState } from "./sleep"

type Table<States> = Record<keyof States, (keyof States)[]>

/**
 * The way up. `stop()` ends every phase; `start()`, or a restart of the modem, leads to
 * Synchronising at once.
 */
const PHASE: Table<typeof Phase> = {
    Off: ["Synchronising"],
    Synchronising: ["Configuring", "Registering", "Ready", "Off"],
    Configuring: ["Sim", "Resting", "Synchronising", "Off"],
    Sim: ["Registering", "Resting", "Failed", "Synchronising", "Off"],
    Registering: ["Attaching", "Resting", "Synchronising", "Off"],
    Attaching: ["Activating", "Resting", "Synchronising", "Off"],
    Activating: ["Ready", "Registering", "Resting", "Synchronising", "Off"],
    Ready: ["Registering", "Activating", "Synchronising", "Off"],
    Resting: ["Synchronising", "Registering", "Failed", "Off"],
    Failed: ["Resting", "Synchronising", "Off"],
}

/** The search for the modem, which may begin anew at any moment. */
const SEARCH: Table<typeof SearchState> = {
    Asking: ["Answered", "Silence", "Filling"],
    Answered: ["Asking"],
    Silence: ["RaiseDtr", "Asking"],
    RaiseDtr: ["LowerDtr", "Asking"],
    LowerDtr: ["Asking"],
    Filling: ["Asking"],
}

/** One connection. If a peer of the server takes its number, it is Closed first. */
const LINK: Table<typeof LinkState> = {
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

/** A buffer that the application sends; an empty one is done at once. */
const SEND: Table<typeof SendState> = {
    Idle: ["Wanted", "Done"],
    Done: ["Wanted", "Idle"],
    Failed: ["Wanted", "Done", "Idle"],
    Wanted: ["InFlight", "Failed"],
    InFlight: ["Done", "Wanted", "Failed"],
}

/**
 * Reading from the modem's buffer of a connection (AT+CIPRXGET). The number's next use
 * begins with Idle.
 */
const READ: Table<typeof ReadState> = {
    Idle: ["Held", "Asked"],
    Held: ["Fetching", "Idle"],
    Asked: ["Idle", "Fetching"],
    Fetching: ["Held", "Idle", "Asked"],
}

/** The command in flight. An event that makes it pointless frees the channel at once. */
const COMMAND: Table<typeof Stage> = {
    Free: ["Given"],
    Given: ["Data", "Cancelled", "Free"],
    Data: ["Result", "Free"],
    Result: ["Free"],
    Cancelled: ["Free"],
}

/** The TCP server. */
const SERVER: Table<typeof ServerState> = {
    Closed: ["Opening", "Closing"],
    Opening: ["Listening", "Closed"],
    Listening: ["Closing", "Closed"],
    Closing: ["Closed"],
}

/** The second PDP context. */
const CONTEXT: Table<typeof ContextState> = {
    Closed: ["Opening"],
    Opening: ["Open", "Closed"],
    Open: ["Closing", "Closed"],
    Closing: ["Closed"],
}

/** Transparent mode. The end of the context leads to Off at once. */
const DATA: Table<typeof DataState> = {
    Off: ["Data"],
    Data: ["Silence", "Ending", "Off"],
    Silence: ["Escaping", "Data", "Ending", "Command", "Off"],
    Escaping: ["Command", "Silence", "Ending", "Off"],
    Command: ["Data", "Silence", "Off"],
    Ending: ["Silence", "Data", "Off"],
}

/** A command of the application. One in flight cannot be called back. */
const REQUEST: Table<typeof RequestState> = {
    Idle: ["Wanted"],
    Wanted: ["InFlight", "Done", "Idle"],
    InFlight: ["Following", "Done", "Wanted", "Idle"],
    Following: ["Done", "Idle"],
    Done: ["Idle"],
}

/** A modem that may sleep. The end of the context leads to Awake at once. */
const SLEEP: Table<typeof SleepState> = {
    Awake: ["Waking", "Asleep"],
    Waking: ["Awake"],
    Asleep: ["Waking"],
}

export const TRANSITIONS = {
    phase: PHASE,
    search: SEARCH,
    link: LINK,
    send: SEND,
    read: READ,
    command: COMMAND,
    server: SERVER,
    context: CONTEXT,
    data: DATA,
    request: REQUEST,
    sleep: SLEEP,
}

/** A machine that has a table. */
export type Machine = keyof typeof TRANSITIONS
