/** What the model of the bridge and its wires take of the heap: see heap.ts. */
import * as ds from "@devicescript/core"
import { ChipModel } from "../../../sim/bridge/sc16is7xx"
import { wires } from "./wires"

/** more than is free, and less than what no buffer may be (DEVS_MAX_ALLOC) */
const TOO_MUCH = 57000

wires.start(new ChipModel(0, true), 0)
await ds.sleep(1000)
console.log("RESULT measured")
// the VM ends here, and says how much was used
Buffer.alloc(TOO_MUCH)
