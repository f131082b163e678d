/** A few ordeals of each use; `npm run soak -- --ordeals 1000` has more. */
import { expect, test } from "vitest"
import { endure, ordealOf, restartAt, uses } from "./ordeal"

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

test.each(Object.keys(uses))("%s: a restart behind every 31st byte", use => {
    for (let at = 1; at < 1200; at += 31) {
        const ordeal = restartAt(use, at, seed)
        expect(endure(ordeal).wrong, JSON.stringify(ordeal)).toEqual([])
    }
})
