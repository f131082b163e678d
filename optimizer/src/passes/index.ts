/** The passes, in the order in which they run. */
import { accumulator } from "./accumulator.ts"
import { allocations } from "./allocations.ts"
import { buffers } from "./buffers.ts"
import { calls } from "./calls.ts"
import { choices } from "./choices.ts"
import { copies } from "./copies.ts"
import { expressions } from "./expressions.ts"
import { globals } from "./globals.ts"
import { guards } from "./guards.ts"
import { inline } from "./inline.ts"
import { jumps } from "./jumps.ts"
import { layout } from "./layout.ts"
import { literals } from "./literals.ts"
import { parameters } from "./parameters.ts"
import type { Pass } from "./pass.ts"
import { places } from "./places.ts"
import { wholeProgram } from "./program.ts"
import { prototypes } from "./prototypes.ts"
import { records } from "./records.ts"
import { slots } from "./slots.ts"
import { tails } from "./tails.ts"
import { temporaries } from "./temporaries.ts"
import { transients } from "./transients.ts"

export const passes: readonly Pass[] = [
    buffers,
    expressions,
    jumps,
    copies,
    temporaries,
    expressions,
    jumps,
    wholeProgram,
    globals,
    calls,
    allocations,
    parameters,
    inline,
    copies,
    temporaries,
    expressions,
    jumps,
    slots,
    tails,
    layout,
    places,
]

/**
 * Run as well once the others find nothing more to do, since these obscure their input.
 */
export const lastPasses: readonly Pass[] = [
    records,
    transients,
    choices,
    transients,
    accumulator,
    guards,
]

/** Run once, at the very end. */
export const finalPasses: readonly Pass[] = [
    prototypes,
    literals,
    layout,
    places,
]
