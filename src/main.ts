/**
 * The example in the simulator, with the virtual SIM800: `npm start`. For real
 * boards see boards/README.md.
 */
import * as ds from "@devicescript/core"
import { example } from "./example"
import { JacdacUart } from "./index"

await example(
    new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    })
)
