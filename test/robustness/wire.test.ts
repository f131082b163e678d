/** Every kind of disturbance at some bytes of every transcript; `npm run soak -- --wire` has all bytes. */
import { describe, expect, test } from "vitest"
import { Random } from "../../sim/modem/random"
import { Rig } from "../driver/rig"
import { modes, play } from "./session"
import { all, harmlessIn, length, NOISE, tried, between, urcs } from "./wire"

const seed = Number(process.env.SEED ?? 800)

describe.each(Object.keys(modes))("%s", mode => {
    test("nothing happens", () => {
        const { failures, verdicts, ms } = play(new Rig(modes[mode]))
        expect([...failures, ...verdicts]).toEqual([])
        expect(ms).toBeLessThan(2000)
    })

    test(`lines of other features between any two of the driver's (SEED=${seed})`, () => {
        const random = new Random(seed)
        const { frames, ends } = length(mode)
        for (const text of harmlessIn(mode))
            for (let at = random.below(9); at < frames; at += 9) {
                const rig = new Rig(modes[mode])
                between(text)(rig, at)
                const { failures, verdicts } = play(rig)
                // there it may be the rest of data whose length has lost a digit
                const torn = text === NOISE && ends.has(at)
                expect([...failures, ...verdicts], `${text} @${at}`).toEqual(
                    torn ? ["ReceiveTorn"] : []
                )
            }
    })

    test(`lines that are not true, between any two (SEED=${seed})`, () => {
        const random = new Random(seed)
        const { frames } = length(mode)
        for (const text of urcs)
            for (let at = random.below(20); at < frames; at += 20) {
                const rig = new Rig(modes[mode])
                between(text)(rig, at)
                // it throws if the driver hangs, or does not work again
                play(rig)
            }
    })

    test(`anything at any byte (SEED=${seed})`, () => {
        const random = new Random(seed)
        const { bytes } = length(mode)
        for (const [kind, name] of all()) {
            const at = random.below(bytes)
            expect(tried(mode, kind, name, at), `${name} @${at}`).toEqual([])
        }
    })
})
