/**
 * What needs to know the whole program: methods to functions, fields to global
 * variables, what always has one value. One analysis serves both.
 */
import { valuesOf } from "../analysis/values.ts"
import type { Program } from "../ir.ts"
import { constants } from "./constants.ts"
import type { Pass } from "./index.ts"
import { devirtualise } from "./methods.ts"
import { fieldsToGlobals } from "./objects.ts"

export const wholeProgram: Pass = {
    name: "program",
    run(program: Program): void {
        const values = valuesOf(program)
        fieldsToGlobals(program, values)
        devirtualise(values)
        constants(program, values)
    },
}
