/** A few races of each use; `npm run soak -- --races 1000` has more. */
import { expect, test } from "vitest"
import { fiberUses, race, raceOf } from "./fibers"

const seed = Number(process.env.SEED ?? 800)
const LIVES = 10

test.each(Object.keys(fiberUses))(
    `%s, ${LIVES} lives (SEED=${seed})`,
    async use => {
        for (let i = 0; i < LIVES; i++) {
            const its = raceOf(use, seed + i)
            const { wrong, heard } = await race(its)
            expect(wrong, JSON.stringify(its)).toEqual([])
            expect(heard).toBeGreaterThan(300)
        }
    }
)
