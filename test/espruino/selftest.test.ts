/** The self-test's module in what is Espruino to it: its report, and faults of wires. */
import path from "node:path"
import { beforeAll, expect, test } from "vitest"
import { bundle } from "../../espruino/bundle"
import { complaints } from "../../espruino/subset"
import { Espruino } from "./context"

let code: string
beforeAll(async () => {
    const root = path.resolve(import.meta.dirname, "../..")
    code = (await bundle(path.join(root, "src/espruino/SIM800-selftest.ts")))
        .small
}, 240_000)

function board(cut: number[] = []): Espruino {
    const espruino = new Espruino(code, {
        onPin: (pin, value) => {
            if (pin === 32 && !cut.includes(pin))
                espruino.sim.dte.setDtr(!value)
        },
    })
    espruino.sim.dte.onRi = low => {
        if (!cut.includes(33)) espruino.edge(33, !low)
    }
    espruino.network.echo("198.18.0.7", 7)
    espruino.network.name("echo.example", "198.18.0.7")
    espruino.sim.powerOn()
    return espruino
}

function run(espruino: Espruino, more = ""): string[] {
    espruino.evaluate(`
        var report = []
        SIM800.selfTest(Serial1, {
            apn: "internet", dtr: 32, ri: 33, ${more}
            echo: { host: "echo.example", port: 7 },
            print: line => report.push(line),
        }).then(result => print("passed", result.passed), e => print("broken", e.message))
    `)
    espruino.clock.runUntil(
        () => espruino.lines.some(line => /^(passed|broken)/.test(line)),
        900_000
    )
    return (espruino.value("report.join('\\n')") as string).split("\n")
}

test("it is in Espruino's language", () => {
    expect(complaints(code)).toEqual([])
})

test("nothing is wrong", () => {
    const espruino = board()
    const report = run(espruino)
    expect(
        report.map(line => line.replace(/\d+(\.\d+)? (ms|s|kB)\b/g, "n $2"))
    ).toEqual([
        "SKIP  1 bridge       no bridge",
        "SKIP  2 loopback     no bridge",
        "PASS  3 modem        SIM800 R14.18 at 115200 baud",
        "PASS  4 echo         223 of 256 byte values, all but control characters, 4 times",
        "PASS  5 DTR          high: asleep after n s; low: an answer after n ms",
        "SKIP  6 DCD          not wired (option dcd)",
        "PASS  7 RI           a pulse of n ms for a result code",
        "SKIP  8 RTS/CTS      not wired (option flowControl)",
        "PASS  9 supply       3.9 V",
        "PASS 10 SIM          found, answers after n s",
        "PASS 11 PIN          none asked for",
        "PASS 12 signal       -73 dBm",
        "PASS 13 network      at home after n s",
        "PASS 14 attach       after n s",
        "PASS 15 PDP          10.78.245.128 after n s",
        "PASS 16 DNS          echo.example is 198.18.0.7, after n s",
        "PASS 17 TCP echo     8192 bytes there and back, all values, in n s: n kB/s each way",
        "PASS 18 load         3.9 V after the transfer, no warning, no restart",
        "PASS 19 sleep        asleep after n s, an answer n ms after the first byte",
        expect.stringMatching(/^PASS 20 heap/),
        "PASS 21 time         n s of n s",
        "PASSED: 17 of 21 steps passed, 4 left out, in n s",
    ])
    expect(espruino.lines).toEqual(["passed true"])
})

test.each([
    ["DTR", 32],
    ["RI", 33],
])("the wire of %s is cut: that step fails, and says so", (step, pin) => {
    const report = run(board([pin]), "tap: true,")
    expect(report[0]).toBe("TAP version 14")
    expect(report.filter(line => line.startsWith("not ok"))).toEqual([
        expect.stringMatching(new RegExp(`- ${step}$`)),
    ])
    expect(report.find(line => line.includes("hint:"))).toMatch(
        /check the wire from/
    )
})

test("no modem: the steps behind it are left out", () => {
    const espruino = board()
    espruino.sim.dispose()
    const report = run(espruino)
    expect(report.filter(line => line.startsWith("FAIL "))).toEqual([
        "FAIL  3 modem        no answer at any rate, not a byte: check that TX goes to RX and RX to TX, VBAT under load, that PWRKEY was pulled low for 1 s, ground, and the 2.8 V levels",
    ])
    expect(espruino.lines).toEqual(["passed false"])
})
