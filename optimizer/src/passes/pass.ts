/** What a pass is. */
import { pinnedSlots, type Slots } from "../analysis/flow.ts"
import type { Fn, Program } from "../ir.ts"

export interface Pass {
    readonly name: string
    /** Changes a program into one that does the same. */
    run(program: Program): void
    /**
     * What it does in one function, if it looks at nothing else.
     * @param pinned slots that others see too
     */
    inFunction?(fn: Fn, pinned: Slots, program: Program): void
}

/** A pass that looks at one function after the other. */
export function eachFunction(
    name: string,
    inFunction: (fn: Fn, pinned: Slots, program: Program) => void
): Pass {
    return {
        name,
        inFunction,
        run(program: Program): void {
            const pinned = pinnedSlots(program)
            for (const fn of program.fns)
                inFunction(fn, pinned.get(fn) as Slots, program)
        },
    }
}
