/**
 * How much heap is left. An allocation that fails ends a program, so these end
 * it: the last line that they print is the result.
 */

/** Blocks of all that is left, and what the VM takes to find one. */
const BLOCK = 256
const MOST_BLOCKS = 256

/** The sum of all blocks that can still be had. */
export function sumOfBlocks() {
    const blocks: Buffer[] = []
    for (let i = 0; i < MOST_BLOCKS; i++) blocks.push(undefined)
    // who calls itself is not put into its caller: its frame, which holds the blocks, is
    // known by its name (bench/vm-heap.ts)
    if (blocks.length < MOST_BLOCKS) sumOfBlocks()
    for (let i = 0; i < MOST_BLOCKS; i++) {
        blocks[i] = Buffer.alloc(BLOCK)
        console.log(`HEAP ${(i + 1) * BLOCK}`)
    }
}

/** The largest block that can be had, to within so many bytes. */
const STEP = 256

export function largestBlock() {
    for (let size = STEP; true; size += STEP) {
        // nobody keeps it: the next one finds its place free
        Buffer.alloc(size)
        console.log(`HEAP ${size}`)
    }
}
