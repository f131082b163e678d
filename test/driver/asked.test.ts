/** What a program asks of modem and network, from its call to the virtual SIM800 and back. */
import path from "node:path"
import { beforeEach, expect, test } from "vitest"
import { Failure } from "../../src/core/errors"
import type { Driver } from "../chip/board"
import { sleep } from "../chip/devicescript"
import { Board } from "./board"

const folder = path.resolve(import.meta.dirname, "../../src/devicescript")
const { command } = (await import(path.join(folder, "commands.ts"))) as {
    command: (
        modem: Driver,
        line: string,
        timeout?: number,
        limit?: number
    ) => Promise<string[]>
}
const { ussd } = (await import(path.join(folder, "ussd.ts"))) as {
    ussd: (modem: Driver, code: string) => Promise<{ text: string }>
}

beforeEach(() => {
    console.warn = () => undefined
})

/** What a call gives, or the name of its failure and its words. */
async function outcome(call: () => Promise<unknown>): Promise<string> {
    try {
        return JSON.stringify(await call())
    } catch (e) {
        const { failure, message } = e as Error & { failure: Failure }
        return `${Failure[failure]}: ${message}`
    }
}

test("a card with 24 messages: all of them, or an error that says how much is missing", async () => {
    const board = await new Board({ costs: false }).start()
    for (let i = 1; i <= 24; i++)
        board.sim.receiveMessage({ from: "+123", text: `message number ${i}` })
    let list: string[] = []
    let short = ""
    await board.run("listed", async () => {
        const all = 'AT+CMGL="ALL"'
        // until they have come over the air
        await sleep(60_000)
        await command(board.modem, "AT+CMGF=1")
        list = await command(board.modem, all, 5000, 4096)
        short = await outcome(() => command(board.modem, all))
    })
    const texts = list.filter(line => line.startsWith("message number"))
    expect(texts).toEqual(
        Array.from({ length: 24 }, (_, i) => `message number ${i + 1}`)
    )
    expect(short).toMatch(/^TooLong: AT\+CMGL="ALL": .*\d+ lines are missing/)
})

test.each(["taken", "refused"] as const)(
    "USSD with firmware by which a code in HEX is %s",
    async ussdInHex => {
        const board = await new Board({
            costs: false,
            modem: { firmware: { ussdInHex } },
        }).start()
        const balance: string[] = []
        await board.run("asked", async () => {
            for (let i = 0; i < 2; i++)
                balance.push((await ussd(board.modem, "*100#")).text)
            balance.push(await outcome(() => ussd(board.modem, "*999#")))
        })
        expect(balance).toEqual([
            "Your balance is 12.50 EUR",
            "Your balance is 12.50 EUR",
            expect.stringMatching(/^UssdRefused: ussd \*999#: /) as string,
        ])
    }
)
