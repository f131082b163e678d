/**
 * How much heap is left. An allocation that fails ends a program, so these end
 * it: the last line that they print is the result.
 */

/** Size of the blocks that fill the free heap, and the VM's overhead of one. */
const BLOCK = 256
const MOST_BLOCKS = 256

/** The sum of all blocks that can still be had. */
export function sumOfBlocks() {
    const blocks: Buffer[] = []
    for (let i = 0; i < MOST_BLOCKS; i++) blocks.push(undefined)
    // a recursive function is not inlined: its frame, which holds the blocks, is found
    // by its name (bench/vm-heap.ts)
    if (blocks.length < MOST_BLOCKS) sumOfBlocks()
    for (let i = 0; i < MOST_BLOCKS; i++) {
        blocks[i] = Buffer.alloc(BLOCK)
        console.log(`HEAP ${(i + 1) * BLOCK}`)
    }
}

/** Resolution of the largest possible block, bytes. */
const STEP = 256

export function largestBlock() {
    for (let size = STEP; true; size += STEP) {
        // not kept: the next one finds its place free
        Buffer.alloc(size)
        console.log(`HEAP ${size}`)
    }
}
