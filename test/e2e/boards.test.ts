/** The programs for real boards: they compile, and fit into flash and heap. */
import { readdirSync, statSync } from "node:fs"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import { Simulator } from "../../simulator/simulator"
import { build, devs } from "../../simulator/vm/firmware"
import { boards } from "../../docs/boards"
import { tcpServer } from "./program"

const root = path.resolve(import.meta.dirname, "../..")

const PAGE = 4096
/** in front of a program (devsmgr_program_header_t) */
const HEADER = 128

/**
 * The largest program that a board can store. Twice a sixteenth of the pages is
 * for settings, and the search for free pages never finds the last one
 * (DeviceScript: jd_fstor.c).
 * @param pages of flash for settings and program (fstorPages of the chip)
 */
function programSpace(pages: number): number {
    return (pages - 2 * (pages / 16) - 1) * PAGE - HEADER
}

/** Its programs are optimised, and loaded by the VM; those of the others differ in pins. */
const ONE = "pico_sim800"
/** Larger, and made in a third of the time. */
const PLAIN = ["--no-optimize", "--no-verify"]

describe.each(boards)("$id", ({ id, flashPages }) => {
    const programs = readdirSync(path.join(root, "boards", id)).filter(
        name => name.endsWith(".ts") && name !== "uart.ts"
    )

    test.each(programs)("%s fits into its flash", async name => {
        const options = id === ONE ? [] : PLAIN
        const program = await build(`boards/${id}/${name}`, ...options)
        const { size } = statSync(program)
        const space = programSpace(flashPages)
        console.log(
            `${id}/${name}: ${size} of ${space} bytes of flash, ${Math.round((100 * size) / space)} %`
        )
        expect(size).toBeLessThan(space)
    })
})

/** Bytes of the heap of a VM: 64 kB as on a board, less what the VM needs to manage it. */
interface Heap {
    used: number
    free: number
}

/** Runs a program until it ends for want of memory, upon which the VM counts. */
async function heap(source: string, simulator: Simulator): Promise<Heap> {
    const program = await build(source)
    const vm = devs(
        ["-v", "run", program, "--tcp"],
        undefined,
        simulator.hub.port
    )
    simulator.modem.powerOn()
    let output = ""
    const take = (data: string): void => {
        output += data
        if (output.includes("PANIC")) vm.kill()
    }
    vm.stdout?.on("data", take)
    vm.stderr?.on("data", take)
    await new Promise(done => vm.on("close", done))
    expect(output, output).toContain("RESULT measured")
    const stats = /stats: \d+ objects, (\d+) B used, (\d+) B free/.exec(output)
    expect(stats, output).not.toBeNull()
    return { used: Number(stats?.[1]), free: Number(stats?.[2]) }
}

test("the example leaves 20 kB of the heap to the application", async () => {
    const server = await tcpServer(socket => {
        socket.once("data", () =>
            socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nstored")
        )
    })
    const network = new HostNetwork({
        map: [`telemetry.example:80=localhost:${server.port}`],
    })
    const simulator = await Simulator.open({ delays: "instant", network })
    try {
        const board = await heap("test/e2e/firmware/heap.ts", simulator)
        const model = await heap("test/e2e/firmware/heap-model.ts", simulator)
        const size = board.used + board.free
        const used = board.used - model.used
        console.log(
            `the example: ${used} of ${size} bytes of heap, ${size - used} left`
        )
        expect(size - used).toBeGreaterThan(20_000)
    } finally {
        await simulator.close()
        server.close()
    }
})
