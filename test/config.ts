/** Configurations of the driver in tests: what a program gets, but for what a test says. */
import type { ModemConfig } from "../src/core/options"
import { configure, GivenOptions } from "../src/core/options"

/** A port with all lines. */
const port = {
    flowControl: true,
    largestBurst: 0,
    hasDtr: true,
    hasReset: false,
    hasPowerKey: false,
}

/** The defaults of the options, and what differs. */
export function configWith(differs: Partial<ModemConfig>): ModemConfig {
    const options = { apn: "internet" }
    return { ...configure(options, new GivenOptions(), port), ...differs }
}
