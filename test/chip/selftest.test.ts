/** The self-test on the virtual clock: nothing wrong, and each fault that has a name. */
import { spawnSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import {
    selfTestFaults,
    type SelfTestFault,
} from "../../simulator/selftest-faults"
import { selfTestOnBoard, type Result } from "./selftest-board"

const named = (result: Result, verdict: string): string[] =>
    result.steps
        .filter(step => step.verdict === verdict)
        .map(({ name }) => name)

test("nothing is wrong", async () => {
    const { lines, light, result, sim } = await selfTestOnBoard()
    expect(
        lines.map(line => line.replace(/\d+ (ms|of 120 s)/, "n $1"))
    ).toEqual([
        "PASS  1 bridge       its scratchpad holds 6 patterns",
        "PASS  2 loopback     256 byte values through both FIFOs",
        "PASS  3 modem        SIM800 R14.18 at 115200 baud",
        "PASS  4 echo         223 of 256 byte values, all but control characters, 4 times",
        "PASS  5 DTR          high: asleep after 2.5 s; low: an answer after n ms",
        "PASS  6 DCD          low with AT&C0, high with AT&C1",
        "PASS  7 RI           a pulse of n ms for a result code",
        "PASS  8 RTS/CTS      CTS low; 2931 bytes whole, held by RTS",
        "PASS  9 supply       3.9 V",
        "PASS 10 SIM          found, answers after 0 s",
        "PASS 11 PIN          none asked for",
        "PASS 12 signal       -73 dBm",
        "PASS 13 network      at home after 0 s",
        "PASS 14 attach       after 0 s",
        "PASS 15 PDP          10.78.245.128 after 0.1 s",
        "PASS 16 DNS          echo.example is 198.18.0.7, after 0.1 s",
        expect.stringMatching(
            /^PASS 17 TCP echo {5}8192 bytes there and back, all values, in \d\.\d s: \d\.\d kB\/s each way; on a Pico 1\.9$/
        ),
        "PASS 18 load         3.9 V after the transfer, no warning, no restart",
        "PASS 19 sleep        asleep after 6 s, an answer n ms after the first byte",
        // the heap is DeviceScript's own: test/e2e/selftest.test.ts
        "SKIP 20 heap         this runtime does not tell how much is free",
        expect.stringMatching(/^PASS 21 time /),
        expect.stringMatching(
            /^PASSED: 20 of 21 steps passed, 1 left out, in \d\d(\.\d)? s$/
        ),
    ])
    expect(result.passed).toBe(true)
    expect(light).toEqual(["running", "passed"])
    expect(sim.asleep).toBe(false)
})

describe("where the VM takes the time that it takes on an RP2040", () => {
    /** Metered in a process of its own. */
    function onBoard(wires: string): string[] {
        const { status, stdout, stderr } = spawnSync(
            process.execPath,
            [
                "node_modules/tsx/dist/cli.mjs",
                ...["--tsconfig", "bench/tsconfig.run.json"],
                ...["bench/board-selftest.ts", wires],
            ],
            { encoding: "utf8" }
        )
        if (status !== 0) throw new Error(stderr)
        return JSON.parse(stdout) as string[]
    }

    test.each([
        ["RTS and CTS", "20 of 21 steps passed, 1 left out"],
        ["three wires", "19 of 21 steps passed, 2 left out"],
    ])("%s: it passes, at the rate that it says", (wires, verdict) => {
        const lines = onBoard(wires)
        expect(lines.at(-1), lines.join("\n")).toContain(`PASSED: ${verdict}`)
        const echo = lines.find(line => line.includes("TCP echo")) ?? ""
        const [, rate, expected] =
            /: (\S+) kB\/s each way; on a Pico (\S+)$/.exec(echo) ?? []
        expect(Math.abs(Number(rate) - Number(expected)), echo).toBeLessThan(
            0.15
        )
    })
})

describe("a fault makes its own step fail, and no other", () => {
    const faults: [string, SelfTestFault][] = Object.entries(
        selfTestFaults
    ).filter(([name]) => name !== "leak")

    test.each(faults)("%s", async (_name, fault) => {
        const { result, light } = await selfTestOnBoard(fault)
        expect(named(result, "FAIL")).toEqual([fault.step])
        const at = result.steps.findIndex(({ name }) => name === fault.step)
        // everything in front of it has been looked at
        expect(result.steps.slice(0, at).map(({ verdict }) => verdict)).toEqual(
            result.steps
                .slice(0, at)
                .map(({ name }) => (name === "heap" ? "SKIP" : "PASS"))
        )
        expect(result.steps[at].seen).not.toBe("")
        expect(result.steps[at].hint).toMatch(/^(check|give|switch) /)
        expect(result.passed).toBe(false)
        expect(light).toEqual(["running", "failed"])
    })

    test("each step but the heap's has one, which test/e2e has", async () => {
        const { result } = await selfTestOnBoard({ program: "no-bridge" })
        const steps = new Set(
            Object.values(selfTestFaults).map(({ step }) => step)
        )
        expect([...steps]).toEqual(
            expect.arrayContaining(result.steps.map(({ name }) => name))
        )
        expect(steps.size).toBe(result.steps.length)
    })
})

describe("what is wired otherwise", () => {
    const bare = {
        flowControl: false,
        dtr: undefined,
        dcd: undefined,
        ri: undefined,
    }
    const pauseMs = 20

    test("three wires: the lines are left out, all else passes", async () => {
        const { result } = await selfTestOnBoard({}, {}, bare)
        expect(named(result, "FAIL")).toEqual([])
        expect(named(result, "SKIP")).toEqual([
            "DTR",
            "DCD",
            "RI",
            "RTS/CTS",
            "heap",
        ])
        expect(result.steps[4].seen).toBe("not wired (option dtr)")
    })

    test("a door without RTS, a program that is late: the bytes wait for it", async () => {
        const { result } = await selfTestOnBoard({}, {}, bare, {
            holdsBack: true,
            pauseMs,
        })
        expect(named(result, "FAIL")).toEqual([])
    })

    test("three wires of a board, a program that is late: the self-test finds that", async () => {
        const { result } = await selfTestOnBoard({}, {}, bare, {
            holdsBack: false,
            pauseMs,
        })
        expect(named(result, "FAIL")).toEqual(["TCP echo"])
    })

    test("a modem at another rate: found, and said", async () => {
        const { result } = await selfTestOnBoard({
            modem: { stored: { baud: 9600 } },
        })
        expect(result.steps[2].seen).toBe(
            "SIM800 R14.18 at 9600 baud, not at 115200: the driver will change that"
        )
        expect(named(result, "FAIL")).toEqual([])
    })

    test("no echo server, and steps that are not wanted", async () => {
        const { result } = await selfTestOnBoard(
            {},
            { echo: undefined, name: "echo.example", skip: ["DTR", "sleep"] }
        )
        expect(named(result, "SKIP")).toEqual([
            "DTR",
            "TCP echo",
            "sleep",
            "heap",
        ])
    })

    test("a step that is not wanted takes those along that need it", async () => {
        const { result } = await selfTestOnBoard({}, { skip: ["signal"] })
        expect(named(result, "SKIP")).toEqual([
            "signal",
            "network",
            "attach",
            "PDP",
            "DNS",
            "TCP echo",
            "load",
            "sleep",
            "heap",
        ])
        expect(result.passed).toBe(true)
    })

    test("a PIN: the right one; a wrong one is tried once; the last try is a person's", async () => {
        const modem = { sim: { pin: "4711" } }
        const right = await selfTestOnBoard({ modem }, { pin: "4711" })
        expect(right.result.steps[10].seen).toBe("accepted")
        expect(named(right.result, "FAIL")).toEqual([])
        const wrong = await selfTestOnBoard({ modem }, { pin: "1234" })
        expect(wrong.result.steps[10].seen).toContain("the PIN was refused")
        expect(named(wrong.result, "FAIL")).toEqual(["PIN"])
    })

    test("RESET is wired: a modem that sleeps on is woken by it, and the rest goes on", async () => {
        const { result } = await selfTestOnBoard(
            { wiring: "dtr-cut" },
            {},
            { reset: 1 }
        )
        // the model's GPIO leads nowhere: it is tried, and found to be in vain
        expect(named(result, "FAIL")).toEqual(["DTR"])
        expect(result.steps[5].seen).toBe(
            "the modem sleeps: switch it off and on"
        )
    })
})

/** What a TAP consumer makes of a stream. */
function parse(lines: readonly string[]) {
    expect(lines[0]).toBe("TAP version 14")
    const plan = /^1\.\.(\d+)$/.exec(lines[1])
    const points: { ok: boolean; name: string; skip: boolean }[] = []
    let inYaml = false
    for (const line of lines.slice(2)) {
        if (line === "  ---") inYaml = true
        else if (line === "  ...") inYaml = false
        else if (inYaml)
            expect(line).toMatch(/^ {2}(seen|hint): ".*"$|^ {2}ms: \d+$/)
        else if (!line.startsWith("#")) {
            const point =
                /^(?<not>not )?ok (?<id>\d+) - (?<name>[^#]+?)(?<skip> # SKIP .*)?$/.exec(
                    line
                )
            expect(point, line).not.toBeNull()
            const { not, id, name, skip } = point?.groups ?? {}
            points.push({ ok: !not, name, skip: skip !== undefined })
            expect(Number(id)).toBe(points.length)
        }
    }
    expect(inYaml).toBe(false)
    expect(points.length).toBe(Number(plan?.[1]))
    return points
}

test("TAP: a plan, a point for each step, what was seen as YAML", async () => {
    const good = await selfTestOnBoard({}, { tap: true })
    const points = parse(good.lines)
    expect(points.every(({ ok }) => ok)).toBe(true)
    expect(points.filter(({ skip }) => skip).map(({ name }) => name)).toEqual([
        "heap",
    ])
    const bad = await selfTestOnBoard(selfTestFaults["bad-apn"], { tap: true })
    expect(
        parse(bad.lines)
            .filter(({ ok }) => !ok)
            .map(({ name }) => name)
    ).toEqual(["PDP"])
    expect(bad.lines).toContain(
        '  seen: "the PDP context was refused (modem: APN \\"internet\\", +CME ERROR: 148)"'
    )
})
