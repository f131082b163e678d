/** The bridge of a board, wired as its page says. */
import type { BridgeUartOptions } from "../src/index"
import { BridgeUart, i2cBus } from "../src/index"

/** Wiring of a board: options of `BridgeUart`, and its address. */
export interface Wiring extends Partial<BridgeUartOptions> {
    /** set by A0 and A1: 0x48 with both at 3.3 V */
    address?: number
}

/** DTR and RI are on the bridge's own pins unless `wiring` has others. */
export function bridge(wiring: Wiring): BridgeUart {
    return new BridgeUart({
        bus: i2cBus({ address: wiring.address }),
        dtr: "bridge",
        ri: "bridge",
        ...wiring,
    })
}
