/** Runs programs before and after they are optimised, and compares what they print. */
import { optimize } from "../../src/optimize.ts"
import { compile, run, verify, type Compiled } from "../machine.ts"
import { generate } from "./generator.ts"

/** What differs, for people; undefined if nothing does. */
export async function difference(
    { image, debug }: Compiled,
    stress = false
): Promise<string | undefined> {
    const optimized = optimize(image, debug)
    const wrong = await verify(optimized.image)
    if (wrong) return `the VM's verification says ${wrong}`
    const again = optimize(optimized.image, optimized.debug)
    if (!again.image.equals(optimized.image))
        return "optimised twice, it is another program"
    const before = await run({ image, debug })
    const after = await run(
        { image: optimized.image, debug: optimized.debug ?? debug },
        stress
    )
    const at = before.findIndex((line, i) => line !== after[i])
    if (at < 0 && before.length === after.length) return undefined
    const i = at < 0 ? before.length : at
    return [
        `line ${i}:`,
        ...before.slice(Math.max(0, i - 3), i).map(line => `  ${line}`),
        `- ${before[i]}`,
        `+ ${after[i]}`,
    ].join("\n")
}

/**
 * Compares random programs, some at a time.
 * @returns for each seed that differs: what differs
 */
export async function differences(
    seeds: readonly number[],
    stress = false
): Promise<Map<number, string>> {
    const found = new Map<number, string>()
    const all = await difference(compile(generate(seeds)), stress)
    if (all === undefined) return found
    // each by itself
    for (const seed of seeds) {
        const what = await difference(compile(generate([seed])), stress)
        if (what !== undefined) found.set(seed, what)
    }
    if (found.size === 0)
        found.set(seeds[0], `together with ${seeds.slice(1).join()}: ${all}`)
    return found
}
