/** The interface of a pass. */
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
     * Its work in one function, if it needs no other.
     * @param pinned slots visible elsewhere too
     * @returns false if certainly nothing has changed
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
