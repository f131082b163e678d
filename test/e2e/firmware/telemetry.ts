/** The program of the table of sizes, on the simulated UART. */
import * as ds from "@devicescript/core"
import { telemetry } from "../../../bench/firmware/telemetry-app"
import { JacdacUart } from "../../../src/index"

await telemetry(
    new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    })
)
