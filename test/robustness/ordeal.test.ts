/** A few ordeals of each use; `npm run soak -- --ordeals 1000` has more. */
import { expect, test } from "vitest"
import { endure, hasMore, ordealOf, restartAt, uses } from "./ordeal"

const seed = Number(process.env.SEED ?? 800)

test.each(Object.keys(uses))(`%s, some lives (SEED=${seed})`, use => {
    // those with more to do are longer
    const lives = hasMore(use) ? 3 : 18
    for (let i = 0; i < lives; i++) {
        const ordeal = ordealOf(use, seed + i)
        const { wrong, heard } = endure(ordeal)
        expect(wrong, JSON.stringify(ordeal)).toEqual([])
        expect(heard).toBeGreaterThan(300)
    }
})

test.each(Object.keys(uses))("%s: a restart behind some bytes", use => {
    for (let at = 1; at < 1200; at += hasMore(use) ? 271 : 53) {
        const ordeal = restartAt(use, at, seed)
        expect(endure(ordeal).wrong, JSON.stringify(ordeal)).toEqual([])
    }
})
