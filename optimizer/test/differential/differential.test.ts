/** Random programs, each before and after it is optimised: main.ts runs more of them. */
import { expect, test } from "vitest"
import { differences } from "./compare.ts"

/** Some at a time: it is the compiler that takes the time. */
const BATCH = 4
const COUNT = 40
/** DIFFERENTIAL_SEED=n repeats those of another time. */
const FIRST = Number(process.env.DIFFERENTIAL_SEED ?? 1)

const batches = Array.from(
    { length: COUNT / BATCH },
    (_, i) => FIRST + i * BATCH
)

test.each(batches)(
    `${BATCH} programs, seeds from %i`,
    async first => {
        const seeds = Array.from({ length: BATCH }, (_, i) => first + i)
        // half of them with a collection of garbage at every allocation
        const found = await differences(seeds, ((first - 1) / BATCH) % 2 === 1)
        const text = [...found].map(([seed, what]) => `seed ${seed}: ${what}`)
        expect(text).toEqual([])
    },
    300_000
)
