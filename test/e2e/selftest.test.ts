/** The self-test in DeviceScript's VM: all steps, and what only the VM can show. */
import { expect, test } from "vitest"
import {
    selfTestFaults,
    type SelfTestFault,
} from "../../simulator/selftest-faults"
import { runSelfTest, SELF_TEST } from "../../simulator/selftest-run"
import { build } from "../../simulator/vm/firmware"
import { leadClock, ledVm } from "./led"

let program: Promise<string> | undefined

async function run(fault?: SelfTestFault) {
    const compiled = await (program ??= build(SELF_TEST))
    const lines: string[] = []
    const stopLeading = leadClock()
    const passed = await runSelfTest(() => Promise.resolve(compiled), {
        fault,
        delays: "fast",
        vm: ledVm,
        onLine: line => lines.push(line),
    }).finally(stopLeading)
    const failed = lines
        .filter(line => line.startsWith("FAIL "))
        .map(line => line.slice(8, 20).trim())
    return { passed, failed, lines }
}

test("every step passes", async () => {
    const { passed, lines } = await run()
    expect(lines.slice(0, 21).map(line => line.slice(0, 4))).toEqual(
        Array.from({ length: 21 }, () => "PASS")
    )
    expect(lines[21]).toMatch(/^PASSED: 21 of 21 steps passed, 0 left out/)
    expect(passed).toBe(true)
})

test("a leak is found, and nothing else", async () => {
    const { passed, failed, lines } = await run(selfTestFaults.leak)
    expect(failed).toEqual(["heap"])
    expect(lines[19]).toMatch(
        /^FAIL 20 heap {9}[4-8](\.\d)? kB less is free than at the start \(\d+(\.\d)? kB\): check what the program keeps/
    )
    expect(passed).toBe(false)
})

test("a cut wire is found: DTR", async () => {
    const { passed, failed } = await run(selfTestFaults["dtr-cut"])
    expect(failed).toEqual(["DTR"])
    expect(passed).toBe(false)
})
