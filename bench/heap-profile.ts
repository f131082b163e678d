/** Allocations by place, from V8's sampling profiler when it samples everything. */
import { Session, type HeapProfiler } from "node:inspector"
import { setFlagsFromString } from "node:v8"
import { fileOf } from "./coverage"

// V8 itself allocates when it compiles a function better
setFlagsFromString("--no-opt")
setFlagsFromString("--no-maglev")
setFlagsFromString("--no-sparkplug")
setFlagsFromString("--no-lazy-feedback-allocation")

export interface Allocated {
    /** from the project's root */
    file: string
    name: string
    /** bytes */
    size: number
}

/**
 * A number that V8 puts in a box: nothing else is so small. DeviceScript's
 * numbers are not boxed, so these tell nothing of the VM.
 */
const BOXED_NUMBER = 16

/* What Node's types do not know of it. */
interface Node {
    id: number
    callFrame: { url: string; functionName: string }
    children: Node[]
}
interface Profile {
    head: Node
    samples: { nodeId: number; size: number }[]
}

/** @returns what `work` allocates, boxed numbers left out */
export function allocatedBy(work: () => void): Allocated[] {
    const session = new Session()
    session.connect()
    session.post("HeapProfiler.enable")
    session.post("HeapProfiler.startSampling", {
        samplingInterval: 1,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
    } as HeapProfiler.StartSamplingParameterType)
    work()
    let found: Allocated[] = []
    // it is answered before post() returns
    session.post("HeapProfiler.stopSampling", (error, { profile }) => {
        if (error) throw error
        found = read(profile as unknown as Profile)
    })
    session.disconnect()
    return found
}

function read(profile: Profile): Allocated[] {
    const nodes = new Map<number, Allocated>()
    const add = (node: Node): void => {
        const { url, functionName } = node.callFrame
        nodes.set(node.id, { file: fileOf(url), name: functionName, size: 0 })
        node.children.forEach(add)
    }
    add(profile.head)
    for (const { nodeId, size } of profile.samples) {
        const node = nodes.get(nodeId)
        if (node && size !== BOXED_NUMBER) node.size += size
    }
    return [...nodes.values()].filter(({ size }) => size > 0)
}
