/** What the library takes of a program's size. */
import { CODE_LIMIT, compile } from "../../bench/bytecode"
import { expect, test } from "vitest"

/** A TCP client, and what it may grow by before somebody has to look at it. */
const CLIENT = 60_000

test("a TCP client", async () => {
    const { size } = await compile("bench/firmware/client.ts")
    expect(size).toBeLessThan(CLIENT)
})

test.each(["note", "transparent"])(
    "%s: what the application note describes loads, and leaves 4 kB to the program",
    async name => {
        const { codeEnd } = await compile(`bench/firmware/${name}.ts`)
        expect(codeEnd).toBeLessThan(CODE_LIMIT - 4096)
    }
)
