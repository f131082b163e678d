/** What the library takes of a program's size, optimised. */
import { expect, test } from "vitest"
import { sizes } from "../../bench/bytecode"
import { NODE, nodeOnBridge } from "../../bench/node-bridge"

/** Where the code of programs may end before somebody has to look at it. */
const LIMITS: [program: string, limit: number][] = [
    ["bench/firmware/client.ts", 26_000],
    ["bench/firmware/telemetry.ts", 48_000],
    ["bench/firmware/selftest-client.ts", 35_600],
    [NODE, 46_500],
    [nodeOnBridge(), 49_000],
]

test.each(LIMITS)("%s: code ends within %i bytes", async (program, limit) => {
    const { optimized, functions } = await sizes(program)
    expect(optimized.codeEnd).toBeLessThan(limit)
    // comparing times takes no call
    expect(functions).toContain("src/core/modem.ts:poll")
    expect([...functions].filter(name => name.includes("core/time"))).toEqual(
        []
    )
})
