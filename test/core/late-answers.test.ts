/**
 * A modem does one command after the other, and may take longer for one than it has:
 * its answer comes behind the timeout, and is not that of the next command of the kind.
 */
import { describe, expect, test } from "vitest"
import type { ModemConfig } from "../../src/core/options"
import { GiveCommand } from "../../src/core/dialogues/command"
import { Talk, type Dialogue } from "../../src/core/dialogues/talk"
import { AskUssd } from "../../src/core/dialogues/ussd"
import { Failure } from "../../src/core/errors"
import { ContextState, SecondContext } from "../../src/core/second-context"
import { Server, ServerState } from "../../src/core/server"
import { answers, bytes, Driver } from "./dialogue"

const S = 1000
const healthy = answers({})

/** What it says to a command, and how long it takes, ms; 20 if it does not say. */
interface Answer {
    text: string
    after?: number
    /** what it says of itself, and when, behind the answer */
    then?: string
    thenAfter?: number
}

class World {
    readonly driver: Driver
    private heard = ""
    private freeAt = 0
    private readonly due: { at: number; text: string }[] = []

    constructor(
        private readonly answer: (command: string) => Answer | undefined,
        options: Partial<ModemConfig> = {}
    ) {
        this.driver = new Driver(options)
    }

    private obey(command: string): void {
        const answer = this.answer(command) ?? { text: healthy(command) }
        const { text, after = 20, then, thenAfter = 0 } = answer
        const { now } = this.driver
        this.freeAt = Math.max(this.freeAt, now) + after
        this.due.push({ at: this.freeAt, text })
        if (then !== undefined)
            this.due.push({ at: this.freeAt + thenAfter, text: then })
        this.due.sort((a, b) => a.at - b.at)
    }

    /** Lets time pass until something holds. */
    run(ms: number, done = (): boolean => false): void {
        const { driver } = this
        const end = driver.now + ms
        while (driver.now < end && !done()) {
            driver.settle()
            this.heard += driver.out.toString("latin1")
            driver.out = Buffer.alloc(0)
            const lines = this.heard.split("\r")
            this.heard = lines.pop() ?? ""
            for (const line of lines) {
                const at = line.indexOf("AT")
                if (at >= 0) this.obey(line.slice(at))
            }
            const first = this.due.at(0)
            if (first !== undefined && first.at <= driver.now) {
                this.due.shift()
                driver.feed(bytes(first.text))
            } else driver.wait(Math.max(1, Math.min(driver.pause(), 20)))
        }
    }

    up(): this {
        this.driver.play("! start")
        this.run(20 * S)
        this.driver.play("= phase Ready")
        return this
    }
}

function outcome<D extends Dialogue>(
    world: World,
    talk: Talk,
    dialogue: D,
    show: (dialogue: D) => string
): string {
    talk.begin(dialogue)
    world.run(400 * S, () => dialogue.over)
    if (!dialogue.over) return "not over"
    const { problem } = dialogue
    return problem === null ? show(dialogue) : Failure[problem.failure]
}

const LATE = [5.1, 5.6, 6, 9, 12, 20, 40, 90]

test.each(LATE)("a command of the application, %d s", seconds => {
    let given = 0
    const world = new World(command =>
        command === "AT+X"
            ? {
                  text: `⏎+X: ${++given}⏎⏎OK⏎`,
                  after: given === 1 ? seconds * S : 20,
              }
            : undefined
    ).up()
    const talk = new Talk(world.driver.modem)
    const seen = [1, 2, 3].map(() =>
        outcome(world, talk, new GiveCommand("AT+X", 5 * S, 1024), each =>
            each.lines.join()
        )
    )
    expect(seen).toEqual(["Timeout", "+X: 2", "+X: 3"])
})

test.each(LATE)("USSD: what the network says is late, %d s", seconds => {
    let given = 0
    const world = new World(command => {
        if (!command.includes("+CUSD=1")) return undefined
        return {
            text: "⏎OK⏎",
            then: `⏎+CUSD: 0,"3${++given}",15⏎`,
            thenAfter: given === 1 ? seconds * S : 20,
        }
    }).up()
    const talk = new Talk(world.driver.modem)
    const first = outcome(world, talk, new AskUssd("*1#", 5 * S), d => d.text)
    expect(first).toBe("Timeout")
    // the session has been cancelled (AT+CUSD=2); the next one is asked for when all is over
    world.run(100 * S)
    const next = outcome(world, talk, new AskUssd("*2#", 5 * S), d => d.text)
    expect(next).toBe("2")
})

test.each([91, 100, 130])("AT+CIICR of the second context, %d s", seconds => {
    let selected = ""
    let late = 0
    const world = new World(command => {
        if (command.startsWith("AT+CIPSGTXT=")) selected = command
        const second = selected === "AT+CIPSGTXT=1"
        if (command === "AT+CIICR" && second && late++ === 0)
            return { text: "⏎OK⏎", after: seconds * S }
        if (command === "AT+CIFSR" && second) return { text: "⏎10.90.1.2⏎" }
        return undefined
    })
    const { modem } = world.driver
    const context = new SecondContext(modem)
    world.up()
    context.open("mms", "", "")
    world.run(600 * S, () => context.state === ContextState.Open && late > 1)
    expect(ContextState[context.state]).toBe("Open")
    const text = context.address.toString("latin1", 0, context.addressLength)
    expect(text).toBe("10.90.1.2")
    expect(selected).toBe("AT+CIPSGTXT=0")
    world.driver.play("= address 10.78.245.128")
})

describe("AT+CIPSERVER", () => {
    test.each([5.1, 9, 12, 30])("OK, %d s", seconds => {
        let given = 0
        const world = new World(command =>
            command.startsWith("AT+CIPSERVER=1")
                ? {
                      text: "⏎OK⏎",
                      after: given++ === 0 ? seconds * S : 20,
                      then: "⏎SERVER OK⏎",
                      thenAfter: 20,
                  }
                : undefined
        )
        const server = new Server(world.driver.modem)
        world.up()
        server.open(80)
        world.run(300 * S)
        expect(ServerState[server.state]).toBe("Listening")
    })

    const initial = [0, 1, 2, 3, 4, 5]
        .map(id => `⏎C: ${id},,"","","","INITIAL"⏎`)
        .join("")

    test.each([5.1, 9, 10.5, 12, 19, 21, 30])("SERVER OK, %d s", seconds => {
        let given = 0
        let listens = false
        const world = new World(command => {
            if (command === "AT+CIPSTATUS")
                return {
                    text: `⏎OK⏎⏎STATE: ${listens ? "SERVER LISTENING" : "IP STATUS"}⏎${initial}`,
                }
            if (command === "AT+CIPSHUT") listens = false
            if (command === "AT+CIPSERVER=0") {
                listens = false
                return {
                    text: "⏎OK⏎",
                    then: "⏎SERVER CLOSE⏎",
                    thenAfter: 20,
                }
            }
            if (!command.startsWith("AT+CIPSERVER=1")) return undefined
            if (listens) return { text: "⏎ERROR⏎" }
            listens = true
            return {
                text: "⏎OK⏎",
                then: "⏎SERVER OK⏎",
                thenAfter: given++ === 0 ? seconds * S : 20,
            }
        })
        const server = new Server(world.driver.modem)
        world.up()
        server.open(80)
        world.run(300 * S)
        expect([ServerState[server.state], listens]).toEqual([
            "Listening",
            true,
        ])
    })
})
