/** Machines of the core, held against the tables of their transitions. */
import { Phase } from "../src/core/phase"
import { SearchState } from "../src/core/bearer/search"
import { type DataMode } from "../src/core/data-mode/data-mode"
import { DataState } from "../src/core/data-mode/mode"
import { Stage } from "../src/core/channel"
import {
    LinkState,
    ReadState,
    SendState,
    type Connection,
} from "../src/core/link/connection"
import type { Modem } from "../src/core/modem"
import { RequestState, type Request } from "../src/core/request"
import { ContextState, type SecondContext } from "../src/core/second-context"
import { ServerState, type Server } from "../src/core/server"
import { SleepState, type Sleep } from "../src/core/sleep"
import { TRANSITIONS, type Machine } from "../src/core/transitions"

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

/** All transitions of a machine, spelt `From To`. */
export function edges(machine: Machine): string[] {
    const table: Record<string, readonly string[]> = TRANSITIONS[machine]
    return Object.entries(table).flatMap(([from, to]) =>
        to.map(state => `${from} ${state}`)
    )
}

/** The transitions that were made since this file was loaded. */
export const walked: Record<Machine, Set<string>> = {
    phase: new Set(),
    search: new Set(),
    link: new Set(),
    send: new Set(),
    read: new Set(),
    command: new Set(),
    server: new Set(),
    context: new Set(),
    data: new Set(),
    request: new Set(),
    sleep: new Set(),
}

function step(machine: Machine, from: string, to: string): void {
    const edge = `${from} ${to}`
    const table: Record<string, readonly string[]> = TRANSITIONS[machine]
    if (!table[from].includes(to))
        throw new Error(`no ${machine} goes from ${from} to ${to}`)
    walked[machine].add(edge)
}

/** Fails a test as soon as a field goes where it may not: it is written in several places. */
function watchField<It extends object, Key extends keyof It & string>(
    machine: Machine,
    it: It,
    key: Key,
    names: Record<number, string>
): void {
    let state = it[key] as number
    Object.defineProperty(it, key, {
        get: () => state,
        set(next: number) {
            if (next !== state) step(machine, names[state], names[next])
            state = next
        },
    })
}

/** Fails a test as soon as a connection goes where it may not. */
function watchLinks({ links }: Modem): void {
    // private to the driver
    const own = links as unknown as {
        enter: (link: Connection, state: LinkState) => void
    }
    const enter = own.enter.bind(links)
    own.enter = (link, state) => {
        step("link", LinkState[link.state], LinkState[state])
        enter(link, state)
    }
    const make = links.make.bind(links)
    const both = (link: Connection): void => {
        watchField("send", link, "sendState", SendState)
        watchField("read", link, "reading", ReadState)
    }
    links.list.forEach(both)
    links.make = id => {
        const known = links.list.length
        make(id)
        links.list.slice(known).forEach(both)
    }
}

/** … or a machine with one state, which it enters by `enter()`; again is no transition. */
function watchOne<State extends number>(
    machine: Machine,
    it: object,
    names: Record<number, string>,
    state: () => State
): void {
    const own = it as { enter: (state: State, now: number) => void }
    const enter = own.enter.bind(it)
    own.enter = (next, now) => {
        if (next !== state()) step(machine, names[state()], names[next])
        enter(next, now)
    }
}

/**
 * Watches connections and what they send, the command in flight, the way up and the
 * search for the modem.
 */
export function watch(modem: Modem): void {
    watchLinks(modem)
    watchField("command", modem.channel, "stage", Stage)
    watchOne("phase", modem.bearer, Phase, () => modem.bearer.phase)
    const { finder } = modem.bearer
    watchOne("search", finder, SearchState, () => finder.state)
}

export function watchServer(server: Server): void {
    watchOne("server", server, ServerState, () => server.state)
}

export function watchContext(context: SecondContext): void {
    watchOne("context", context, ContextState, () => context.state)
}

export function watchData(data: DataMode): void {
    watchOne("data", data.mode, DataState, () => data.mode.state)
}

export function watchRequest(request: Request): void {
    watchOne("request", request, RequestState, () => request.state)
}

export function watchSleep(sleep: Sleep): void {
    watchOne("sleep", sleep, SleepState, () => sleep.state)
}
