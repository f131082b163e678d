/** What waits outlives a restart of the microcontroller: the VM with a flash. */
import { expect, test } from "vitest"
import { Simulator } from "../../simulator/simulator"
import { build } from "../../simulator/vm/firmware"
import { Flash, leadClock, LedVm } from "./led"

test("full pages that could not be sent come back, in order; each is written once and deleted once", async () => {
    const program = await build("test/e2e/firmware/store-keeper.ts")
    const stopLeading = leadClock()
    const flash = new Flash()
    const simulator = await Simulator.open({ delays: "fast" })
    /** What it prints behind "RESULT ", and how often it has written since it has read. */
    const start = async (): Promise<string[]> => {
        const lines: string[] = []
        let stop = (): void => undefined
        let before = 0
        await new Promise<void>((resolve, reject) => {
            const hear = ({ text }: { text: string }): void => {
                if (process.env.E2E_LOG) console.log(text)
                const result = /RESULT (.*)/.exec(text)?.[1]
                if (result === "end") resolve()
                else if (result) lines.push(result)
                // the program itself has been written by then
                if (result?.startsWith("restored")) before = flash.writes
                if (text.endsWith("SENT"))
                    lines.push(`${flash.writes - before} writes`)
            }
            LedVm.start(
                program,
                simulator.hub.bus,
                hear,
                reason => reject(new Error(reason)),
                flash
            ).then(vm => (stop = () => vm.stop()), reject)
        })
        stop()
        lines.push(`${flash.writes - before} writes`)
        return lines
    }
    try {
        expect(await start()).toEqual([
            "restored:, 0 lost",
            "0 writes",
            "left: 100+4 116+4 120+4 124+1, 12 lost",
            // six pages, of which three have been deleted
            "9 writes",
        ])
        expect(await start()).toEqual([
            "restored: 100+4 116+4 120+4, 0 lost",
            "and more: 100+4 116+4 120+4 200+1, 0 lost",
            "left:, 0 lost",
            "3 writes",
        ])
        expect(await start()).toContain("restored:, 0 lost")
    } finally {
        await simulator.close()
        stopLeading()
    }
})
