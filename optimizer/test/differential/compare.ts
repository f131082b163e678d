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

/** A program of all seeds; undefined if the compiler or the VM does not take it. */
async function whole(seeds: readonly number[]): Promise<Compiled | undefined> {
    let compiled: Compiled
    try {
        compiled = compile(generate(seeds))
    } catch (error) {
        // the compiler has limits of its own
        if (error instanceof Error) return undefined
        throw error
    }
    // together they may be more than the VM loads
    return (await verify(compiled.image)) ? undefined : compiled
}

/**
 * Compares random programs, as many at a time as are taken together.
 * @returns for each seed that differs: what differs
 */
export async function differences(
    seeds: readonly number[],
    stress = false
): Promise<Map<number, string>> {
    const compiled = await whole(seeds)
    const middle = seeds.length >> 1
    if (!compiled)
        return middle === 0
            ? new Map()
            : new Map([
                  ...(await differences(seeds.slice(0, middle), stress)),
                  ...(await differences(seeds.slice(middle), stress)),
              ])
    const all = await difference(compiled, stress)
    if (all === undefined) return new Map()
    const [first, ...rest] = seeds
    if (rest.length === 0) return new Map([[first, all]])
    // each by itself
    const found = new Map<number, string>()
    for (const seed of seeds)
        for (const [, what] of await differences([seed], stress))
            found.set(seed, what)
    if (found.size === 0)
        found.set(first, `together with ${rest.join()}: ${all}`)
    return found
}
