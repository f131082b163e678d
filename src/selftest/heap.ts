/**
 * How much of the heap is free. DeviceScript has no gauge, and an allocation that does
 * not fit ends the program. But the message of an error shows the address of a buffer.
 * Blocks are allocated from the bottom up, first fit, so an address lower than the last
 * one shows a collection; it comes after a quarter of the heap was used, or earlier,
 * when nothing fits any more. So `freeHeap()` counts blocks that it releases at once,
 * from one collection to the next, while it holds more and more others. When the count
 * is less than a quarter of the heap, the end of the memory is reached, and no
 * allocation has failed.
 */
import { turn } from "../ports/naps"

const BLOCK = 256
/** Heap of a block while it is counted, with the error that shows its address. */
const UNIT = 500
/** Blocks held in each round. */
const HOLD = 12
/** Blocks left for other fibers. */
const MARGIN = 8
/** Most rounds: the heap has 64 kB. */
const ROUNDS = 40

/** Address of a buffer, -1 if unknown. */
function addressOf(buf: Buffer): number {
    let message = ""
    try {
        // "Unknown encoding: buffer:0x2000A704"
        ;(buf as unknown as { toString(as: unknown): string }).toString(buf)
    } catch (e) {
        message = (e as Error).message
    }
    const at = message.indexOf(":0x")
    if (at < 0) return -1
    let address = 0
    for (let i = at + 3; i < message.length; i++) {
        const c = message.charCodeAt(i)
        let digit = c - 48
        if (c >= 97) digit = c - 87
        else if (c >= 65) digit = c - 55
        address = address * 16 + digit
    }
    return address
}

/** Counts blocks until a collection, -1 if unknown. */
function countBlocks(): number {
    let last = 0
    let count = 0
    while (true) {
        const address = addressOf(Buffer.alloc(BLOCK))
        if (address < 0) return -1
        if (address <= last) return count
        last = address
        count++
    }
    return -1
}

/**
 * Free bytes, to within about 1 kB; -1 if unknown: in Node, and with `devs run --test`,
 * which collects at every allocation.
 */
export async function freeHeap(): Promise<number> {
    const held: Buffer[] = []
    let most = 0
    for (let round = 0; round < ROUNDS; round++) {
        // the first count begins at any moment, the second at a collection
        countBlocks()
        const count = countBlocks()
        if (count < 3 && round === 0) return -1
        if (count > most) most = count
        if (count < most - 1 || count < HOLD + MARGIN)
            return held.length * BLOCK + count * UNIT
        for (let i = 0; i < HOLD; i++) held.push(Buffer.alloc(BLOCK))
        await turn(0)
    }
    return -1
}
