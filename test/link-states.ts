import { LinkState, type Connection } from "../src/core/link/connection"
import { TRANSITIONS } from "../src/core/link/transitions"
import type { Modem } from "../src/core/modem"

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

/** All of them, spelt `From To`. */
export const edges = Object.entries(TRANSITIONS).flatMap(([from, to]) =>
    to.map(state => `${from} ${state}`)
)
const allowed = new Set(edges)

/** Fails a test as soon as a connection goes where it may not; told of each step. */
export function watch(
    { links: connections }: Modem,
    told: (edge: string) => void = () => undefined
): void {
    // private to the driver
    const own = connections as unknown as {
        enter: (link: Connection, state: LinkState) => void
    }
    const enter = own.enter.bind(connections)
    own.enter = (link, state) => {
        const edge = `${LinkState[link.state]} ${LinkState[state]}`
        if (!allowed.has(edge)) throw new Error(`no connection goes ${edge}`)
        told(edge)
        enter(link, state)
    }
}
