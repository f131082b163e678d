/**
 * Contents of the heap of DeviceScript's VM, read from a copy of its memory. Structures
 * are those of the 32-bit runtime 2.16 of all boards (runtime/devicescript of
 * microsoft/devicescript: gc_alloc.c, devs_objects.h, devs_value.h):
 *
 * - A block has a header of 4 bytes, its tag in the highest one and its words in
 *   the others.
 * - A map (object) is a block of 16 bytes and one with 16 bytes for each field,
 *   name and value; an array likewise with 8 for each element. Both grow by a
 *   quarter. Numbers and references to methods are values of 8 bytes that
 *   take no block.
 * - A buffer is a block with 8 bytes in front of its data; a frame of a function
 *   is one of 20 bytes and 8 for each argument and variable.
 * - The prototype of a class is a map: each method takes 16 bytes.
 */

/** Tags of blocks. */
enum Tag {
    Free = 1,
    Bytes,
    Array,
    Map,
    Buffer,
    String,
    BoundFunction,
    Frame,
    HalfStaticMap,
    ShortMap,
    Packet,
    LongString,
    Image,
}
const TAG = 24
const TAG_MASK = 0x0f
const SIZE_MASK = 0xffffff
const WORD = 4
/** The header of the word after the last block. */
const FINAL = 0x4f000001
/** A heap is not smaller, bytes. */
const HEAP_MIN = 0x4000

/** Sizes of things. */
const VALUE = 8
const FRAME = 24

/** Types of values: from this one on, a value points to a block. */
const STATIC_STRING = 4
const GC_OBJECT = 8

/* Image: its magic number, its sections, bytes of a function in its table. */
const MAGIC = Buffer.from("446576530a6e29f1", "hex")
const FUNCTIONS = 32
const ASCII = 64
const STRING_DATA = 88
const FUNCTION_ENTRY = 16
/** kinds of string literals, in the highest bits of their number */
const KIND = 14
const KIND_ASCII = 2

/** The compiler's debug information: bytecode-dbg.json. */
export interface Names {
    functions: { name: string }[]
    globals: { name: string }[]
    binary: { hex: string }
}

/** A block, or two that belong together. */
export interface Thing {
    /**
     * `Class`, `Class.field`, `global NAME`, `methods of CLASS`, `frame of
     * FUNCTION`, `VM`
     */
    name: string
    /** bytes in all */
    size: number
}

interface Block {
    at: number
    tag: Tag
    size: number
    name: string
}

/** Allocated bytes, both in use and not yet collected. */
export function taken(memory: Buffer): number {
    let sum = 0
    for (const { size } of blocksOf(memory).values()) sum += size
    return sum
}

export function things(memory: Buffer, names: Names): Thing[] {
    const u16 = (at: number): number => memory.readUInt16LE(at)
    const u32 = (at: number): number => memory.readUInt32LE(at)
    const image = Buffer.from(names.binary.hex, "hex")
    const blocks = blocksOf(memory)
    const all = [...blocks.values()]
    const isMap = ({ tag }: Block): boolean =>
        tag === Tag.Map || tag === Tag.HalfStaticMap
    /** the block that a value points to, 0 if it does not */
    const pointer = (at: number): number => {
        const type = u32(at + 4)
        return type >> 20 === 0 && (type & 0xf) >= GC_OBJECT ? u32(at) : 0
    }
    const fieldName = (at: number): string => {
        const string = u32(at)
        if (u32(at + 4) !== STATIC_STRING || string >> KIND !== KIND_ASCII)
            return "?"
        const index = string & ((1 << KIND) - 1)
        const from =
            image.readUInt32LE(STRING_DATA) +
            image.readUInt16LE(image.readUInt32LE(ASCII) + index * 2)
        return image.toString("latin1", from, image.indexOf(0, from))
    }

    /** constructors have their prototypes in the first of the short maps */
    const classes = new Map<number, string>()
    const constructors = all.find(({ tag }) => tag === Tag.ShortMap)
    if (!constructors) throw new Error("the heap has no classes")
    const values = u32(constructors.at + 12)
    const keys = values + u16(constructors.at + 10) * VALUE
    for (let i = 0; i < u16(constructors.at + 8); i++)
        classes.set(
            u32(values + i * VALUE),
            names.functions[u16(keys + i * 2)].name
        )

    /** the image may be in memory more than once */
    const images: number[] = []
    for (let at = memory.indexOf(MAGIC); at >= 0;)
        at = memory.indexOf(MAGIC, images[images.push(at) - 1] + 1)
    const functionName = (at: number): string => {
        const found = images
            .map(
                start => (at - start - u32(start + FUNCTIONS)) / FUNCTION_ENTRY
            )
            .find(index => names.functions[index])
        return found === undefined ? "?" : names.functions[found].name
    }

    /** gives a block its name, and all that can be reached from there */
    const reach = (at: number, name: string): void => {
        const block = blocks.get(at)
        if (!block || block.name) return
        const { tag } = block
        block.name = name
        if (isMap(block)) {
            const own = classes.get(at)
            const parent = classes.get(u32(at + 4))
            if (own) block.name = `methods of ${own}`
            else if (parent) block.name = parent
        } else if (tag === Tag.Frame)
            block.name = `frame of ${functionName(u32(at + 16))}`
        const length = u16(at + 8)
        const data = u32(at + 12)
        const rest = blocks.get(data - WORD)
        if (isMap(block)) {
            if (rest) rest.name = block.name
            for (let i = 0; i < length; i++) {
                const entry = data + 2 * i * VALUE
                const field = `${block.name}.${fieldName(entry)}`
                reach(pointer(entry + VALUE), field)
            }
        } else if (tag === Tag.Array) {
            if (rest) rest.name = block.name
            for (let i = 0; i < length; i++)
                reach(pointer(data + i * VALUE), block.name)
        } else if (tag === Tag.Frame)
            for (let slot = FRAME; slot + VALUE <= block.size; slot += VALUE)
                reach(pointer(at + slot), block.name)
    }
    for (const [at, name] of classes) reach(at, name)
    const size = WORD + names.globals.length * VALUE
    const globals = all.find(one => one.tag === Tag.Bytes && one.size === size)
    if (globals)
        names.globals.forEach(({ name }, i) =>
            // a former field is named after its class
            reach(
                pointer(globals.at + WORD + i * VALUE),
                name.includes(".") ? name : `global ${name}`
            )
        )
    for (const { at, tag } of all) if (tag === Tag.Frame) reach(at, "")
    for (const { at, tag } of all) if (tag !== Tag.Bytes) reach(at, "VM")
    return all.map(one => ({ name: one.name || "VM", size: one.size }))
}

/** Start of the first block, and end of the last. */
function limits(memory: Buffer): [start: number, end: number] {
    const u32 = (at: number): number => memory.readUInt32LE(at)
    for (let at = 0; at + 2 * WORD <= memory.length; at += WORD) {
        // of the only chunk: no next one, then its end
        const end = u32(at + WORD)
        if (u32(at) !== 0 || end < at + HEAP_MIN) continue
        if (end + WORD > memory.length || u32(end) !== FINAL) continue
        let block = at + 2 * WORD
        while (block < end && (u32(block) & SIZE_MASK) > 0)
            block += (u32(block) & SIZE_MASK) * WORD
        if (block === end) return [at + 2 * WORD, end]
    }
    throw new Error("no heap is found in the memory of the VM")
}

function blocksOf(memory: Buffer): Map<number, Block> {
    const [start, end] = limits(memory)
    const blocks = new Map<number, Block>()
    for (let at = start; at < end;) {
        const header = memory.readUInt32LE(at)
        const size = (header & SIZE_MASK) * WORD
        const tag = (header >>> TAG) & TAG_MASK
        if (tag !== Tag.Free) blocks.set(at, { at, tag, size, name: "" })
        at += size
    }
    return blocks
}
