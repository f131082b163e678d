/** Programs as text, before and after a pass. */
import { expect } from "vitest"
import { valuesOf } from "../../src/analysis/values.ts"
import type { Pass } from "../../src/passes/pass.ts"
import { devirtualise } from "../../src/passes/methods.ts"
import { fieldsToGlobals } from "../../src/passes/objects.ts"
import { parseProgram, printProgram } from "../../src/text.ts"

/** The same text without what its indentation here is. */
function dedent(text: string): string {
    const lines = text.replace(/^\n/, "").trimEnd().split("\n")
    const depth = Math.min(
        ...lines
            .filter(line => line.trim())
            .map(line => /^ */.exec(line)![0].length)
    )
    return lines.map(line => line.slice(depth).trimEnd()).join("\n")
}

/** Expects a pass to make one program of another; what the first is like after it is printed. */
export function expectPass(pass: Pass, before: string, after: string): void {
    const program = parseProgram(before)
    pass.run(program)
    expect(printProgram(program).trimEnd()).toBe(dedent(after))
}

/** Expects a pass to leave a program as it is. */
export const expectUnchanged = (pass: Pass, text: string): void =>
    expectPass(pass, text, printProgram(parseProgram(text)))

/** Methods to functions and fields to global variables, without what follows from constants. */
export const objectsAndMethods: Pass = {
    name: "objects and methods",
    run(program): void {
        const values = valuesOf(program)
        fieldsToGlobals(program, values)
        devirtualise(values)
    },
}
