/** AT+CALA, AT+CALD: [ATM12] 6.2.5, 6.2.6. */
import { expect, test } from "vitest"
import { TestTerminal } from "./terminal"

const ready = (): TestTerminal => {
    const terminal = TestTerminal.ready()
    // a Monday
    terminal.ask('AT+CCLK="20/12/14,15:59:00+04"␍')
    return terminal
}

test("an alarm rings once", () => {
    const terminal = ready()
    terminal.dialogue(`
        > AT+CALA="20/12/14,16:00:00"␍
        < ⏎OK⏎
        > AT+CALA?␍
        < ⏎+CALA: "20/12/14,16:00:00",1⏎
        < ⏎OK⏎
    `)
    expect(terminal.listen(50_000)).toBe("")
    expect(terminal.listen(15_000)).toBe("⏎ALARM RING⏎⏎+CALV: 1⏎")
    expect(terminal.listen(24 * 3600_000)).toBe("")
    expect(terminal.ask("AT+CALA?␍")).toBe("⏎OK⏎")
})

test("the manual's example: Monday to Friday at 16:00", () => {
    const terminal = ready()
    terminal.dialogue(`
        > AT+CALA="16:00:00",2,1,2,3,4,5␍
        < ⏎OK⏎
        > AT+CALA?␍
        < ⏎+CALA: "16:00:00",2,"1,2,3,4,5"⏎
        < ⏎OK⏎
    `)
    const rings = (days: number): number =>
        terminal.listen(days * 24 * 3600_000).split("+CALV: 2").length - 1
    expect(rings(5)).toBe(5)
    expect(rings(2)).toBe(0)
    expect(rings(7)).toBe(5)
    expect(terminal.ask("AT+CALD=2␍")).toBe("⏎OK⏎")
    expect(rings(7)).toBe(0)
})

test("it survives a restart, and a clock that is set does not ring it", () => {
    const terminal = ready()
    terminal.ask('AT+CALA="16:00:00",5,0␍')
    terminal.modem.reset()
    terminal.listen(40_000)
    expect(terminal.ask('AT+CCLK="20/12/14,17:00:00+04"␍')).toBe("⏎OK⏎")
    expect(terminal.listen(22 * 3600_000)).toBe("")
    expect(terminal.listen(2 * 3600_000)).toContain("+CALV: 5")
})

test.each([
    'AT+CALA="20/02/30,16:00:00"',
    'AT+CALA="25:00:00",1,0',
    'AT+CALA="16:00:00"',
    'AT+CALA="16:00:00",6,0',
    'AT+CALA="16:00:00",1,8',
    "AT+CALA",
    "AT+CALD=1",
    "AT+CALD=6",
])("%s is an error", line => {
    expect(ready().ask(`${line}␍`)).toBe("⏎ERROR⏎")
})
