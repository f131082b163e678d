/** Image in, image out: the passes in their order, until nothing becomes smaller. */
import {
    CODE_LIMIT,
    codeEndOf,
    parseImage,
    writeImage,
    type DebugInfo,
    type Written,
} from "./image.ts"
import { finalPasses, lastPasses, passes } from "./passes/index.ts"
import { Runner } from "./runner.ts"

/** Most rounds, even if the program still changes. */
const ROUNDS = 12
/** Bytes for which another round is worth its time. */
const WORTH = 32

export interface Size {
    /** bytes of the image */
    image: number
    /** where functions end in it */
    codeEnd: number
}

export interface Optimized extends Written {
    before: Size
    after: Size
}

const sizeOf = ({ image, codeEnd }: Written): Size => ({
    image: image.length,
    codeEnd,
})

/** Runs all passes until nothing becomes smaller. */
function settle(runner: Runner, last: boolean): void {
    const { program } = runner
    const all = last ? [...passes, ...lastPasses] : passes
    let end = codeEndOf(program)
    for (let round = 0; round < ROUNDS; round++) {
        const before = runner.changes
        for (const pass of all) runner.run(pass)
        if (runner.changes === before) break
        const next = codeEndOf(program)
        const gain = end - next
        end = next
        if (gain < WORTH) break
    }
}

/** Final passes, kept if the program becomes shorter. */
function finish(written: Written): Written {
    const program = parseImage(written.image, written.debug)
    for (const pass of finalPasses) pass.run(program)
    const next = writeImage(program, written.debug)
    return next.codeEnd < written.codeEnd ? next : written
}

/**
 * Optimises an image.
 * @param image what `devs build` has made
 * @param debug its debug information, to be rewritten
 * @throws ImageError if it is of another version, or is not understood
 */
export function optimize(image: Uint8Array, debug?: DebugInfo): Optimized {
    const original = parseImage(image, debug)
    const before: Size = {
        image: image.length,
        codeEnd: codeEnd(image),
    }
    let written = writeImage(original, debug)
    // the others may use the result of the last passes; a result that is not smaller is
    // dropped, so that a second optimisation changes nothing
    for (;;) {
        const runner = new Runner(parseImage(written.image, written.debug))
        settle(runner, false)
        settle(runner, true)
        const next = finish(writeImage(runner.program, written.debug))
        if (written.codeEnd - next.codeEnd < WORTH) break
        written = next
    }
    const after = sizeOf(written)
    if (written.debug) written.debug.optimized = { before, after }
    return { ...written, before, after }
}

/** Where the last function of an image ends. */
export function codeEnd(image: Uint8Array): number {
    const view = new DataView(image.buffer, image.byteOffset, image.length)
    // of the second section: where it starts, how long it is
    return view.getUint32(40, true) + view.getUint32(44, true)
}

const bytes = (n: number): string => n.toLocaleString("en")

/** A line for people. */
export function summary({
    before,
    after,
}: {
    before: Size
    after: Size
}): string {
    const percent = Math.round((1 - after.codeEnd / before.codeEnd) * 100)
    const fits =
        after.codeEnd < CODE_LIMIT
            ? ""
            : `: more than the ${bytes(CODE_LIMIT)} that the VM loads`
    return `optimised: code ends at ${bytes(after.codeEnd)} instead of ${bytes(before.codeEnd)} bytes (${percent} % less), image ${bytes(after.image)} instead of ${bytes(before.image)}${fits}`
}
