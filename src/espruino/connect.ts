/** The part of `require("SIM800")` that all modules have. */
import type { Options } from "./api"
import { Sim800 } from "./modem"

/** Creates a modem at a Serial; `start()` starts it. */
export function connect(serial: Serial, options: Options): Sim800 {
    return new Sim800(serial, options)
}
