/** What a pass is. */
import { pinnedSlots, type Slots } from "../analysis/flow.ts"
import type { Fn, Program } from "../ir.ts"

export interface Pass {
    readonly name: string
    /**
     * Changes a program into one that does the same.
     * @param pinned of each function: slots that others see too
     * @returns false if nothing has changed but the order of functions and the numbers
     * of variables, for sure
     */
    run(program: Program, pinned?: ReadonlyMap<Fn, Slots>): boolean | void
    /**
     * What it does in one function, if it looks at nothing else.
     * @param pinned slots that others see too
     * @returns false if nothing has changed for sure
     */
    inFunction?(fn: Fn, pinned: Slots, program: Program): boolean | void
}

/** A pass that looks at one function after the other. */
export function eachFunction(
    name: string,
    inFunction: (fn: Fn, pinned: Slots, program: Program) => boolean | void
): Pass {
    return {
        name,
        inFunction,
        run(program, pinned = pinnedSlots(program)): void {
            for (const fn of program.fns)
                inFunction(fn, pinned.get(fn) as Slots, program)
        },
    }
}
