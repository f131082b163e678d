/** `TracingUart`: what crosses the UART is told as the simulator spells it. */
import path from "node:path"
import { expect, test } from "vitest"
import type { UartPort } from "../../src/ports/uart"
import { Board } from "./board"

// its types are those of DeviceScript, and none of Node's
const file = path.resolve(import.meta.dirname, "../../src/ports/tracing.ts")
const { TracingUart } = (await import(file)) as {
    TracingUart: new (port: unknown, print: unknown) => UartPort
}

/** The lines of each direction, put together again. */
function whole(lines: string[], direction: string): string {
    return lines
        .filter(line => line.startsWith(direction))
        .map(line => line.slice(2))
        .join("")
}

test("a connection, data with each kind of byte, and the way back", async () => {
    const lines: string[] = []
    const board = new Board({}, {}, port => {
        return new TracingUart(port, (line: string) => lines.push(line))
    })
    await board.start()
    board.network.echo("10.0.0.1", 7)
    const socket = await board.connect("10.0.0.1", 7)
    lines.length = 0
    const data = Buffer.from("a\\b\r\n\r\x00\x1b\x7f\x80\xff\n", "latin1")
    await board.run(() => socket.send(data))
    const back = await board.run(() => socket.recv())
    expect(back).toEqual(data)
    const spelt = "a\\\\b⏎␍␀␛␡\\x80\\xff␊"
    expect(whole(lines, ">")).toContain(`AT+CIPSEND=0,12␍${spelt}`)
    expect(whole(lines, "<")).toContain("⏎> ⏎DATA ACCEPT:0,12⏎")
    expect(whole(lines, "<")).toContain(`${spelt}⏎OK⏎`)
    // in their order
    const at = (text: string): number =>
        lines.findIndex(line => line.includes(text))
    expect(at("AT+CIPSEND")).toBeLessThan(at("> a\\\\b"))
    expect(at("> a\\\\b")).toBeLessThan(at("DATA ACCEPT"))
    await board.run(() => board.modem.stop())
})

const nothing = (): void => undefined
test.each([
    [undefined, nothing, 'argument "port": undefined is not an object'],
    [{}, nothing, 'argument "port": give a port'],
    [{ open: nothing }, 1, 'argument "print": give a function'],
])("a port %j and a function %j", (port, print, message) => {
    expect(() => new TracingUart(port, print)).toThrow(message)
})
