/** No allocation where data flow: in the bytecode, and in the VM. */
import { findings, instructions, NOISE, STREAM } from "../../bench/allocations"
import { compile } from "../../bench/bytecode"
import { heapLeft } from "../../bench/vm-heap"
import { expect, test } from "vitest"

/** Measurements, one of which must show no loss. */
const LOOKS = 4

test("none in the bytecode of what runs while data flow", async () => {
    const { functions, found } = await instructions()
    const names = functions.map(({ name }) => name)
    // the list is not empty, and goes from end to end
    for (const name of ["Sim800.pump", "Modem.poll", "BridgeUart.wait"])
        expect(names).toContain(name)
    expect(
        found.map(({ fn, instruction }) => `${fn.name}: ${instruction}`)
    ).toEqual([])
})

test("each way to allocate is found in bytecode, and nothing else", async () => {
    const program = await compile("test/e2e/firmware/allocating.ts")
    const functions = program.functions.filter(
        ({ name, file }) => file.startsWith("test/") && name !== "main"
    )
    const found = new Set(
        findings(program, functions, "test/").map(({ fn }) => fn.name)
    )
    expect([...found].sort()).toEqual(
        [
            "array",
            "buffer",
            "closure",
            "decoded",
            "formatted",
            "inVariable",
            "instance",
            "object",
            "sliced",
            "text",
        ].sort()
    )
})

test("the largest block of the heap is still there after 30 kB each way", async () => {
    // on a loaded machine a packet may lie in the middle of the heap at the end:
    // a leak is there each time
    let lost = Infinity
    for (let look = 0; look < LOOKS && lost > NOISE; look++) {
        const before = await heapLeft(STREAM, 0)
        lost = before - (await heapLeft(STREAM, 30_000))
    }
    expect(lost).toBeLessThanOrEqual(NOISE)
})
