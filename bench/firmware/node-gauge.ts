/** Takes the free heap after two minutes: see node-heap.ts. */
import * as ds from "@devicescript/core"
import { sumOfBlocks } from "./gauge"

async function gauge() {
    await ds.sleep(120000)
    sumOfBlocks()
}

gauge.start()
