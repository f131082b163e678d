/** One damaged byte; `npm run soak -- --damage` has every byte of every room. */
import { expect, test } from "vitest"
import { RECOVERY, recovered, rooms, run, sweep } from "./damage"

const seed = Number(process.env.SEED ?? 800)
/** every so many bytes of each room */
const EVERY = 23

test.each(Object.keys(rooms))(`%s (SEED=${seed})`, name => {
    expect(run(name, -1).took).toBeGreaterThanOrEqual(0)
    for (const found of sweep(name, EVERY, seed))
        expect(
            recovered(found),
            `byte ${found.at}, ${found.damage}: ${found.took} of ${RECOVERY} ms`
        ).toBe(true)
})
