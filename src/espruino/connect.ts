/** What `require("SIM800")` has for everybody. */
import type { Options } from "./api"
import { Sim800 } from "./modem"

/** A modem at a Serial. It is not started yet: see `start()`. */
export function connect(serial: Serial, options: Options): Sim800 {
    return new Sim800(serial, options)
}
