/**
 * A program under test, and a test of it with Node's own runner:
 * `node --test node_modules/virtual-sim800/example/`.
 */
import assert from "node:assert/strict"
import { test } from "node:test"
import { TestTerminal, VirtualClock, VirtualSim800 } from "virtual-sim800"

test("a transcript: what goes in, what comes out", () => {
    const terminal = TestTerminal.online()
    terminal.network.echo("198.18.0.7", 7)
    terminal.dialogue(`
        > AT+CIPSTART="TCP","198.18.0.7",7␍
        < ⏎OK⏎
        < ⏎CONNECT OK⏎
        > AT+CIPSEND=5␍
        < ⏎> |
        > hello
        < ⏎SEND OK⏎
        < hello
        > AT+CIPCLOSE␍
        < ⏎CLOSE OK⏎
    `)
    terminal.end()
})

test("a message comes while the program does something else", () => {
    const terminal = TestTerminal.ready()
    terminal.modem.receiveMessage({ from: "+491701234567", text: "hello" })
    assert.match(terminal.listen(5000), /\+CMTI: "SM",1/)
    assert.match(terminal.ask("AT+CMGF=1;+CMGR=1␍"), /hello/)
    terminal.end()
})

/** A driver: it writes bytes, gets bytes, and waits for OK. */
class Driver {
    heard = ""
    /** @param {import("virtual-sim800").DteSide} uart */
    constructor(uart) {
        this.uart = uart
        uart.onData = bytes => (this.heard += Buffer.from(bytes).toString())
    }

    /** @param {string} line */
    give(line) {
        this.heard = ""
        this.uart.write(Buffer.from(`${line}\r`))
    }
}

test("a driver on the modem's UART, on a clock that the test leads", () => {
    const clock = new VirtualClock()
    const modem = new VirtualSim800({
        clock,
        stored: { baud: 9600 },
        dteBaud: 9600,
    })
    const driver = new Driver(modem.dte)
    modem.powerOn()
    // a day takes as long as what happens in it
    clock.advance(24 * 3600_000)
    driver.give("AT+CREG?")
    clock.advance(1000)
    assert.match(driver.heard, /\+CREG: 0,1/)
    // what goes wrong in the field, on demand
    modem.inject("late-answer")
    driver.give("AT+CSQ")
    clock.advance(200)
    assert.doesNotMatch(driver.heard, /OK/)
    modem.dispose()
})
