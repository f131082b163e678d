/** An hour of each life; `npm run soak` has weeks. */
import { expect, test } from "vitest"
import { Life, lives } from "./life"

const HOUR = 3_600_000
const seed = Number(process.env.SEED ?? 800)

test.each(Object.keys(lives))(`an hour, %s (SEED=${seed})`, name => {
    const life = new Life(name, seed)
    // throws where something hangs, is lost without a word, or is not right
    life.run(HOUR)
    life.end()
    const { counters, events } = life
    expect(counters.lost).toBe(0)
    // something has happened
    expect(counters.received).toBeGreaterThan(10_000)
    expect(events.size).toBeGreaterThan(4)
})
