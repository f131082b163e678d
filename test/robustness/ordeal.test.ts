/** A few ordeals of each use; `npm run soak -- --ordeals 1000` has more. */
import { expect, test } from "vitest"
import { endure, ordealOf, uses } from "./ordeal"

const seed = Number(process.env.SEED ?? 800)
const LIVES = 30

test.each(Object.keys(uses))(`%s, ${LIVES} lives (SEED=${seed})`, use => {
    for (let i = 0; i < LIVES; i++) {
        const ordeal = ordealOf(use, seed + i)
        const { wrong, heard } = endure(ordeal)
        expect(wrong, JSON.stringify(ordeal)).toEqual([])
        expect(heard).toBeGreaterThan(300)
    }
})

test.each(["manual", "push", "transparent, DTR"])(
    "%s: a restart behind every seventh byte",
    use => {
        for (let at = 1; at < 1200; at += 7) {
            const ordeal = {
                use,
                seed,
                events: [{ what: "restart", at }],
            } as const
            expect(endure(ordeal).wrong, JSON.stringify(ordeal)).toEqual([])
        }
    }
)
