/** The common part of the boards' self-tests: the settings. */
import { readSetting } from "@devicescript/settings"
import { selfTest } from "../src/selftest"
import type { UartPort } from "../src/ports/uart"

/** Tests a board once, and prints the results. */
export async function boardTest(uart: UartPort) {
    const host = await readSetting("ECHO_HOST", "")
    const port = await readSetting("ECHO_PORT", 7)
    await selfTest({
        uart,
        apn: await readSetting("APN", "internet"),
        // PIN=1234 in .env.local is a number
        pin: await readSetting("PIN", ""),
        baud: await readSetting("BAUD", 115200),
        echo: host ? { host, port } : undefined,
    })
}
