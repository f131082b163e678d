/** Runs programs before and after they are optimised, and compares what they print. */
import { optimize } from "../../src/optimize.ts"
import { ABORTED, compile, run, verify, type Compiled } from "../machine.ts"
import { generate } from "./generator.ts"

/**
 * A frame of a trace without the name of its function, which is that of another one once it
 * is inlined: file and line tell where it was.
 */
const placed = (lines: string[]): string[] =>
    lines.map(line => line.replace(/^(\*  at )\S+ \(/, "$1("))

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
    const plain = { image, debug }
    const better = {
        image: optimized.image,
        debug: optimized.debug ?? debug,
    }
    const before = placed(await run(plain))
    let after = placed(await run(better, stress))
    // a fault of the VM's collection of garbage: it depends on what ran before
    if (before.at(-1) === ABORTED) return undefined
    if (after.at(-1) === ABORTED) after = placed(await run(better, stress))
    if (
        after.at(-1) === ABORTED &&
        (await run(plain, stress)).at(-1) === ABORTED
    )
        return undefined
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
    let whole: Compiled | undefined
    try {
        whole = compile(generate(seeds))
        // together they are more than the VM loads
        if (seeds.length > 1 && (await verify(whole.image))) whole = undefined
    } catch (error) {
        // the compiler has limits of its own: without the one that meets them
        if (seeds.length === 1) return found
        if (!(error instanceof Error)) throw error
    }
    const all = whole && (await difference(whole, stress))
    if (whole && all === undefined) return found
    // each by itself
    for (const seed of seeds) {
        let single: Compiled
        try {
            single = compile(generate([seed]))
        } catch {
            continue
        }
        const what = await difference(single, stress)
        if (what !== undefined) found.set(seed, what)
    }
    if (!whole) return found
    if (found.size === 0)
        found.set(seeds[0], `together with ${seeds.slice(1).join()}: ${all}`)
    return found
}
