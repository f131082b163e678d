/**
 * Passes over the whole program: methods to functions, fields to global variables,
 * expressions with one value. They share one analysis.
 */
import { valuesOf } from "../analysis/values.ts"
import type { Program } from "../ir.ts"
import { computedBuffers } from "./computed.ts"
import { conditions, constants } from "./constants.ts"
import { unreadFields } from "./fields.ts"
import { staysInFlash } from "./flash.ts"
import { homes } from "./homes.ts"
import type { Pass } from "./pass.ts"
import { initialStores } from "./initial.ts"
import { devirtualise } from "./methods.ts"
import { fieldsToGlobals } from "./objects.ts"
import { ranges } from "./switches.ts"
import { tokens } from "./tokens.ts"

export const wholeProgram: Pass = {
    name: "program",
    run(program: Program): void {
        const values = valuesOf(program)
        // the analysis is no longer valid
        if (computedBuffers(program, values)) return
        if (tokens(program, values)) return
        const moved = fieldsToGlobals(program, values)
        devirtualise(values)
        constants(program, values)
        conditions(program, values)
        ranges(program, values)
        initialStores(program, values)
        unreadFields(program, values)
        staysInFlash(program, values)
        // of new variables nothing is known yet
        if (!moved) homes(program, values)
    },
}
