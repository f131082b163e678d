import * as ds from "@devicescript/core"
import { JacdacUart, Sim800, Socket } from "../../src/index"
import { sumOfBlocks } from "./gauge"

/** Free heap with a number of sockets in use; 0: before a modem is made. */
export async function heapWith(sockets: number) {
    const serial = new ds.Serial("modem")
    const lines = new ds.ModemLines("modem lines")
    if (sockets > 0) {
        const modem = new Sim800({
            uart: new JacdacUart({ serial, lines }),
            apn: "internet",
        })
        await modem.start()
        const open: Socket[] = []
        for (let i = 0; i < sockets; i++)
            open.push(await modem.connect({ host: "echo.example", port: 7 }))
    }
    // the bus is asked for its services meanwhile
    await ds.sleep(1000)
    sumOfBlocks()
}
