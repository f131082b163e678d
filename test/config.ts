/** Configurations of the driver in tests: what a program gets, but for what a test says. */
import type { ModemConfig } from "../src/core/options"
import { configure, GivenOptions, Wired } from "../src/core/options"

/** A port with all lines but RESET and PWRKEY. */
const port = {
    wired: Wired.RtsCts | Wired.Dtr | Wired.Dcd | Wired.Ri,
    largestBurst: 0,
}

/** The defaults of the options, and what differs. */
export function configWith(differs: Partial<ModemConfig>): ModemConfig {
    const options = { apn: "internet" }
    return { ...configure(options, new GivenOptions(), port), ...differs }
}
