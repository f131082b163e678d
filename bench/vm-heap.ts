/** Heap of DeviceScript's VM, which has no gauge: programs that use it up. */
import { readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { HostNetwork } from "../sim/host/network"
import { Simulator } from "../simulator/simulator"
import { build, debugInfo } from "../simulator/vm/firmware"
import { tcpServer } from "../test/e2e/program"
import { things, type Names, type Thing } from "./heap-walk"

/** The VM has no memory left. */
export const OUT_OF_MEMORY = "panic 60004"

/** Writes the memory of the VM that it starts to a file. */
const DUMP = new URL("dump.mjs", import.meta.url)

interface Program {
    image: string
    names: Names
}

/** Built programs, by source. */
const programs = new Map<string, Program>()

async function built(source: string): Promise<Program> {
    const known = programs.get(source)
    if (known) return known
    const image = await build(source)
    const names = JSON.parse(readFileSync(debugInfo(image), "utf8")) as Names
    const program = { image, names }
    programs.set(source, program)
    return program
}

/**
 * Runs a program until it has used up the heap.
 * @param bytes after which the echo server closes a connection
 * @returns the program's last report of it
 */
export async function heapLeft(
    source: string,
    bytes = Infinity
): Promise<number> {
    const { image } = await built(source)
    const server = await tcpServer(socket => {
        let left = bytes
        if (left === 0) socket.end()
        socket.on("data", data => {
            left -= data.length
            if (socket.writable) socket.write(data)
            if (left <= 0) socket.end()
        })
    })
    const network = new HostNetwork({
        map: [`echo.example:7=localhost:${server.port}`],
    })
    const simulator = await Simulator.open({ delays: "fast", network })
    let left = 0
    try {
        const end = await new Promise<string>(resolve => {
            simulator.run(
                image,
                ({ text }) => {
                    const heap = /^HEAP (\d+)$/.exec(text)
                    if (heap) left = Number(heap[1])
                },
                resolve
            )
            simulator.modem.powerOn()
        })
        if (!end.includes(OUT_OF_MEMORY) || left === 0) throw new Error(end)
    } finally {
        await simulator.close()
        server.close()
    }
    return left
}

/**
 * Contents of the heap when a program calls `sumOfBlocks()`: only blocks in use,
 * because the garbage was collected when no further block fitted. The gauge's own
 * blocks are not shown.
 */
export async function heapOf(source: string): Promise<Thing[]> {
    const { names } = await built(source)
    const file = path.join(tmpdir(), `heap-${process.pid}.bin`)
    const before = process.env.NODE_OPTIONS
    process.env.NODE_OPTIONS = `${before ?? ""} --import ${DUMP.href}`
    process.env.HEAP_DUMP = file
    try {
        await heapLeft(source)
        return things(readFileSync(file), names).filter(
            ({ name }) => !name.startsWith("frame of sumOfBlocks")
        )
    } finally {
        if (before === undefined) delete process.env.NODE_OPTIONS
        else process.env.NODE_OPTIONS = before
        delete process.env.HEAP_DUMP
        rmSync(file, { force: true })
    }
}
