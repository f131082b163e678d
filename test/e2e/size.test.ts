/** What the library takes of a program's size, optimised. */
import { expect, test } from "vitest"
import { sizes } from "../../bench/bytecode"

/** Where the code of programs may end before somebody has to look at it. */
const LIMITS: [program: string, limit: number][] = [
    ["client", 29_500],
    ["telemetry", 54_000],
    ["selftest-client", 47_000],
]

test.each(LIMITS)("%s: code ends within %i bytes", async (program, limit) => {
    const { optimized } = await sizes(`bench/firmware/${program}.ts`)
    expect(optimized.codeEnd).toBeLessThan(limit)
})
