/** What the model of the bridge and its wires take of the heap: see heap.ts. */
import * as ds from "@devicescript/core"
import { ChipModel } from "../../../simulator/bridge/sc16is7xx"
import { Wires } from "../../../simulator/bridge/wires"

const CRYSTAL = 14745600
/** more than is free, and less than what no buffer may be (DEVS_MAX_ALLOC) */
const TOO_MUCH = 57000

const wires = new Wires(new ChipModel(0, true), CRYSTAL)
await wires.lay()
await ds.sleep(100)
console.log("RESULT measured")
// the VM ends here, and says how much was used
Buffer.alloc(TOO_MUCH)
