/**
 * The self-test in the simulator: routine, port and model of the bridge's chip
 * in DeviceScript's VM, and the virtual modem on its Jacdac bus. What is to be
 * wrong here, and how the report is to look, stands behind the modem's name.
 */
import * as ds from "@devicescript/core"
import { BridgeUart, selfTest } from "../../src/index"
import { ChipModel } from "./sc16is7xx"
import { Wires } from "./wires"

const CRYSTAL = 14745600
/** the simulated modem is quick, s */
const LIMIT = 120

const chip = new ChipModel(0, true)
const wires = new Wires(chip, CRYSTAL)
await wires.lay()
const words = (await wires.name()).split(" ")
const kept: Buffer[] = []
const leaks = words.indexOf("leak") >= 0
if (words.indexOf("no-bridge") >= 0) chip.absent = true
if (words.indexOf("stuck-bit") >= 0) chip.stuckBits = 0x08

const result = await selfTest({
    uart: new BridgeUart({
        bus: chip,
        crystal: CRYSTAL,
        dtr: "bridge",
        dcd: "bridge",
        ri: "bridge",
    }),
    apn: "internet",
    echo: { host: "echo.example", port: 7 },
    limit: LIMIT,
    tap: words.indexOf("tap") >= 0,
    print: line => {
        console.log(line)
        // enough to be noticed, not enough to end the program
        if (leaks && kept.length < 12) kept.push(Buffer.alloc(512))
    },
})
// an error in the fiber of the light would end the program now
await ds.sleep(100)
console.log(result.passed ? "self-test passed" : "self-test failed")
