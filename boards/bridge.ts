/** The bridge of a board, wired as its page says. */
import type { BridgeUartOptions } from "../src/index"
import { BridgeUart, i2cBus } from "../src/index"

/** What differs from board to board: options of `BridgeUart`, and its address. */
export interface Wiring extends Partial<BridgeUartOptions> {
    /** what A0 and A1 set: 0x48 with both at 3.3 V */
    address?: number
}

/** DTR and RI are at the bridge's own pins unless `wiring` has others. */
export function bridge(wiring: Wiring): BridgeUart {
    return new BridgeUart({
        bus: i2cBus({ address: wiring.address }),
        dtr: "bridge",
        ri: "bridge",
        ...wiring,
    })
}
