/**
 * The self-test in the simulator: routine, port and model of the bridge's chip in
 * DeviceScript's VM, and a modem on its Jacdac bus. Faults, the form of the report, and
 * the properties of a real modem follow the modem's name, one word per line:
 * simulator/selftest-run.ts.
 */
import * as ds from "@devicescript/core"
import { BridgeUart, selfTest } from "../../src/index"
import { ChipModel } from "./sc16is7xx"
import { Wires } from "./wires"

const CRYSTAL = 14745600

const chip = new ChipModel(0, true)
const wires = new Wires(chip, CRYSTAL)
await wires.lay()
const words = (await wires.name()).split("\n")
const kept: Buffer[] = []

function has(word: string): boolean {
    return words.indexOf(word) >= 0
}

/** The value after `name=`. */
function value(name: string): string {
    const start = name + "="
    for (let i = 0; i < words.length; i++)
        if (words[i].startsWith(start)) return words[i].slice(start.length)
    return ""
}

wires.arrival.holdsBack = has("no-rts")
if (has("no-bridge")) chip.absent = true
if (has("stuck-bit")) chip.stuckBits = 0x08
const leaks = has("leak")
const host = value("host")

const result = await selfTest({
    uart: new BridgeUart({
        bus: chip,
        crystal: CRYSTAL,
        flowControl: !has("no-rts"),
        dtr: has("no-dtr") ? undefined : "bridge",
        dcd: has("no-dcd") ? undefined : "bridge",
        ri: has("no-ri") ? undefined : "bridge",
    }),
    apn: value("apn"),
    user: value("user"),
    password: value("password"),
    pin: value("pin"),
    echo: host ? { host, port: parseInt(value("port")) } : undefined,
    limit: parseInt(value("limit")),
    tap: has("tap"),
    print: line => {
        console.log(line)
        // enough to be noticed, not enough to end the program
        if (leaks && kept.length < 12) kept.push(Buffer.alloc(512))
    },
})
// an error in the fiber of the light would end the program now
await ds.sleep(100)
console.log(result.passed ? "self-test passed" : "self-test failed")
