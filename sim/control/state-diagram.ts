/**
 * SIMCom's state diagrams ([AN] 8) for drawing: states and edges from the tables of the
 * modem.
 */
import {
    multiTransitions,
    singleTransitions,
    type IpState,
} from "../modem/ip-state"

interface Edge {
    readonly from: IpState
    readonly to: IpState
    /** its causes: commands, and events of the network */
    readonly events: readonly string[]
}

function edgesOf(transitions: typeof singleTransitions): readonly Edge[] {
    const edges = new Map<
        string,
        { from: IpState; to: IpState; events: string[] }
    >()
    for (const [from, row] of Object.entries(transitions))
        for (const [event, to] of Object.entries(row ?? {})) {
            const key = `${from} ${to}`
            const edge = edges.get(key) ?? {
                from: from as IpState,
                to,
                events: [],
            }
            edge.events.push(event)
            edges.set(key, edge)
        }
    return [...edges.values()]
}

function statesOf(edges: readonly Edge[]): readonly IpState[] {
    return [...new Set(edges.flatMap(({ from, to }) => [from, to]))]
}

const single = edgesOf(singleTransitions)
const multi = edgesOf(multiTransitions)

/** Figures 2 and 3. */
export const stateDiagram = {
    single: { states: statesOf(single), edges: single },
    multi: { states: statesOf(multi), edges: multi },
}
