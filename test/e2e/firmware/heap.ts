/**
 * The program of a board in the VM, with the heap that it has on a board: its
 * own wiring, the natives of I2C replaced by the model of the bridge, and the
 * pins that its board file names, which nothing is wired to here. Ends for
 * want of memory after its first complete exchange.
 */
import * as ds from "@devicescript/core"
import { configureHardware } from "@devicescript/servers"
import { uart } from "../../../boards/pico_sim800/uart"
import { report } from "../../../src/example"
import { Sim800 } from "../../../src/index"
import { ChipModel } from "../../../simulator/bridge/sc16is7xx"
import { Wires } from "../../../simulator/bridge/wires"

const CRYSTAL = 14745600
/** more than is free, and less than what no buffer may be (DEVS_MAX_ALLOC) */
const TOO_MUCH = 57000

// as many as the board with the most
configureHardware({
    pins: {
        X0: 0,
        X1: 1,
        X2: 2,
        X3: 3,
        X4: 4,
        X5: 5,
        X6: 6,
        X7: 7,
        X8: 8,
        X9: 9,
        X10: 10,
        X11: 11,
        X12: 12,
        X13: 13,
        X14: 14,
        X15: 15,
        X16: 16,
        X17: 17,
        X18: 18,
        X19: 19,
        X20: 20,
        X21: 21,
        X22: 22,
        X23: 26,
        X24: 27,
        X25: 28,
    },
} as never)

const chip = new ChipModel(0, true)

function transaction(
    _address: number,
    write: Buffer,
    read: Buffer | null
): number {
    if (read) return chip.read(write[0], read) ? 0 : -2
    return chip.write(write) ? 0 : -1
}

interface Natives {
    _i2cTransaction: typeof transaction
}
const natives = ds as unknown as Natives
natives._i2cTransaction = transaction

const wires = new Wires(chip, CRYSTAL)
await wires.lay()
const modem = new Sim800({ uart: uart(), apn: "internet" })
await modem.start()
await report(modem, "telemetry.example", 20)
console.log("RESULT measured")
// the VM ends here, and says how much was used
Buffer.alloc(TOO_MUCH)
