/** What the library takes of a program's size. */
import { CODE_LIMIT, compile } from "../../bench/bytecode"
import { expect, test } from "vitest"

/** A TCP client, and what it may grow by before somebody has to look at it. */
const CLIENT = 60_000

test("a TCP client", () => {
    expect(compile("bench/firmware/client.ts").size).toBeLessThan(CLIENT)
})

test("a program with all of the application note loads", () => {
    const { codeEnd } = compile("bench/firmware/note.ts")
    expect(codeEnd).toBeLessThanOrEqual(CODE_LIMIT)
})
