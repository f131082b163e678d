/**
 * Dialogues whose answers are damaged: whatever an answer looks like, a program gets
 * values that can be, or an error; and the dialogue ends. The seed is printed when one
 * does not.
 */
import fc from "fast-check"
import { expect, test } from "vitest"
import type { Dialogue } from "../../src/core/dialogues/talk"
import { talker, type Talker } from "./talks"

/** Runs of each property. */
const RUNS = 300
/** Commands that a dialogue may say before it has to end: a phone looks at every place of a card twice. */
const MOST = 600

const CR = 13
const LF = 10

/** What happens to a line on the wire: bytes get lost, change, come twice, come from nowhere. */
interface Damage {
    kind: "lost" | "changed" | "twice" | "new" | "cut"
    at: number
    byte: number
}
const anyDamage: fc.Arbitrary<Damage> = fc.record({
    kind: fc.constantFrom("lost", "changed", "twice", "new", "cut"),
    at: fc.nat(999),
    byte: fc.oneof(
        fc.nat(255),
        fc.constantFrom(...Buffer.from('0123456789,":+-. F'))
    ),
})

function damaged(line: string, damages: Damage[]): Buffer {
    let bytes = [...Buffer.from(line, "latin1")]
    for (const { kind, at, byte } of damages) {
        const i = at % (bytes.length + 1)
        if (kind === "lost") bytes.splice(i, 1)
        else if (kind === "changed") bytes[Math.min(i, bytes.length - 1)] = byte
        else if (kind === "twice") bytes.splice(i, 0, bytes[i] ?? byte)
        else if (kind === "new") bytes.splice(i, 0, byte)
        else bytes = bytes.slice(0, Math.max(i, 1))
    }
    // the line as such is another's matter
    return Buffer.from(bytes.filter(b => b !== CR && b !== LF))
}

const RIGHT = "right"

/** Whether it is a whole number within a range. */
export const isIn = (value: number, min: number, max: number): boolean =>
    Number.isInteger(value) && value >= min && value <= max

/** A dialogue, and lines that answer its commands. */
interface Decoder {
    make: (one: Talker) => Dialogue
    /** by what the command begins with; others are obeyed */
    answers: Record<string, string[]>
    /** behind OK */
    follows?: boolean
}

/** Answers a dialogue until it is over. */
function answered(
    { make, answers, follows }: Decoder,
    damages: Damage[][]
): Dialogue {
    const one = talker()
    const { driver, talk } = one
    const dialogue = make(one)
    talk.begin(dialogue)
    let turn = 0
    for (let said = 0; !dialogue.over;) {
        driver.settle()
        if (driver.out.length === 0) {
            // a follow-up that is not known as one
            driver.wait(10_000)
            continue
        }
        if (said++ > MOST) throw new Error("the dialogue does not end")
        const command = driver.out.toString("latin1")
        driver.out = Buffer.alloc(0)
        const key = Object.keys(answers).find(k => command.startsWith(k))
        const lines: Buffer[] = []
        if (key !== undefined)
            for (const line of answers[key])
                lines.push(
                    line === "OK"
                        ? Buffer.from(line)
                        : damaged(line, damages[turn++ % damages.length])
                )
        const ok = Buffer.from("OK")
        if (command.startsWith("AT+CIPSTATUS"))
            lines.push(Buffer.from('C: 5,,"","","","INITIAL"'))
        else if (follows) lines.unshift(ok)
        else lines.push(ok)
        driver.feed(
            Buffer.concat(
                lines.map(line =>
                    Buffer.concat([
                        Buffer.from("\r\n"),
                        line,
                        Buffer.from("\r\n"),
                    ])
                )
            )
        )
    }
    return dialogue
}

/**
 * Tests of a dialogue that reads values: with healthy answers, and with damaged ones.
 * @param answers lines, by what the command begins with; other commands are obeyed
 * @param right whether its values can be
 * @param follows the lines come behind OK
 */
export function survives<D extends Dialogue>(
    name: string,
    make: (one: Talker) => D,
    answers: Record<string, string[]>,
    right: (dialogue: D) => boolean,
    follows = false
): void {
    const decoder: Decoder = { make, answers, follows }
    test(`${name}: healthy`, () => {
        const dialogue = answered(decoder, [[]])
        expect(dialogue.problem).toBe(null)
        expect(right(dialogue as D)).toBe(true)
    })
    test(`${name}: values that can be, or an error`, () => {
        let errors = 0
        // most damages of a short answer leave values that can be
        for (let round = 0; errors === 0 && round < 20; round++)
            fc.assert(
                fc.property(
                    fc.array(
                        fc.array(anyDamage, { minLength: 0, maxLength: 3 }),
                        {
                            minLength: 1,
                            maxLength: 4,
                        }
                    ),
                    damages => {
                        const dialogue = answered(decoder, damages)
                        if (dialogue.problem !== null) errors++
                        else
                            expect([
                                right(dialogue as D) ? RIGHT : dialogue,
                            ]).toEqual([RIGHT])
                    }
                ),
                { numRuns: RUNS }
            )
        // else nothing was damaged
        expect(errors).toBeGreaterThan(0)
    })
}
