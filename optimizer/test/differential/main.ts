/**
 * `npm run differential -w devicescript-optimizer -- [--from SEED] [--count N]
 * [--batch N] [--stress] [--seconds N]`: many random programs, each before and after
 * it is optimised.
 */
import { parseArgs } from "node:util"
import { differences } from "./compare.ts"

const { values } = parseArgs({
    options: {
        from: { type: "string", default: "1" },
        count: { type: "string", default: "1000" },
        batch: { type: "string", default: "10" },
        seconds: { type: "string", default: "86400" },
        stress: { type: "boolean", default: false },
    },
})
const [from, count, batch, seconds] = [
    values.from,
    values.count,
    values.batch,
    values.seconds,
].map(Number)
const end = Date.now() + seconds * 1000
let failed = 0
let at = from
for (; at < from + count && Date.now() < end; at += batch) {
    const seeds = Array.from(
        { length: Math.min(batch, from + count - at) },
        (_, i) => at + i
    )
    try {
        for (const [seed, what] of await differences(seeds, values.stress)) {
            failed++
            console.log(`seed ${seed}: ${what}`)
        }
    } catch (error) {
        failed++
        console.log(
            `seeds ${seeds[0]}…${seeds.at(-1)}: ${error instanceof Error ? (error.stack ?? error.message).slice(0, 600) : String(error)}`
        )
    }
    console.log(`${at + seeds.length - from} programs, ${failed} differ`)
}
process.exit(failed > 0 ? 1 : 0)
