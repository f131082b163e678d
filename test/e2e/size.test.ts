/** What the library takes of a program's size. */
import { CODE_LIMIT, compile } from "../../bench/bytecode"
import { expect, test } from "vitest"

/** What a program of its own finds at least beside the calls of note.ts. */
const ROOM = 1536

/** A TCP client, and what it may grow by before somebody has to look at it. */
const CLIENT = 62_000

test("a TCP client", async () => {
    const { size } = await compile("bench/firmware/client.ts")
    expect(size).toBeLessThan(CLIENT)
})

test.each(["note", "transparent"])(
    `%s: what the application note describes loads, and leaves ${ROOM} bytes to the program`,
    async name => {
        const { codeEnd } = await compile(`bench/firmware/${name}.ts`)
        expect(codeEnd).toBeLessThan(CODE_LIMIT - ROOM)
    }
)
