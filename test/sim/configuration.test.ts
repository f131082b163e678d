/** AT&V: the profiles, and what AT&W, AT&F and ATZ make of them. */
import { expect, test } from "vitest"
import { TestTerminal } from "./terminal"

/** What AT&V shows of one thing: as made, as stored, as it is. */
function shown(terminal: TestTerminal, name: string): string[] {
    const lines = terminal.ask("AT&V␍", 1000).split("⏎")
    return lines
        .filter(line => line.startsWith(`${name}: `))
        .map(line => line.slice(name.length + 2))
}

test("three profiles, in the manual's order", () => {
    const lines = TestTerminal.ready().ask("AT&V␍", 1000).split("⏎")
    expect(lines.filter(line => line.endsWith("PROFILE"))).toEqual([
        "DEFAULT PROFILE",
        "USER PROFILE",
        "ACTIVE PROFILE",
    ])
    const first = lines.slice(
        lines.indexOf("DEFAULT PROFILE") + 1,
        lines.indexOf("USER PROFILE")
    )
    expect(first.slice(0, 4)).toEqual(["S0: 0", "S3: 13", "S4: 10", "S5: 8"])
    expect(first).toContain("+CNMI: 2,1,0,0,0")
    expect(first).toContain('+CSCS: "IRA"')
    expect(lines.at(-2)).toBe("OK")
})

test("AT&W stores, ATZ recalls, AT&F has what the factory had", () => {
    const terminal = TestTerminal.ready()
    expect(shown(terminal, "S7")).toEqual(["60", "60", "60"])
    terminal.ask("ATS7=30␍")
    expect(shown(terminal, "S7")).toEqual(["60", "60", "30"])
    terminal.ask("AT&W␍")
    terminal.ask("ATS7=20␍")
    expect(shown(terminal, "S7")).toEqual(["60", "30", "20"])
    terminal.ask("ATZ␍")
    expect(shown(terminal, "S7")).toEqual(["60", "30", "30"])
    terminal.ask("AT&FE0␍")
    expect(shown(terminal, "S7")).toEqual(["60", "30", "60"])
    expect(shown(terminal, "E")).toEqual(["1", "0", "0"])
})

test("AT&V1 is an error", () => {
    expect(TestTerminal.ready().ask("AT&V1␍")).toBe("⏎ERROR⏎")
})
