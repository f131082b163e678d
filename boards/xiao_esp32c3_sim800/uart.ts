/**
 * The wires of README.md. A line that you leave out is left out here too; what
 * else can be wired is in the section "Other wirings".
 */
import { pins } from "@dsboard/xiao_esp32c3_sim800"
import { BridgeUart, i2cBus } from "../../src/index"

/** The address that A0 and A1 of the bridge set: 0x48 with both at 3.3 V. */
const ADDRESS = 0x48
/** What is printed on the bridge's crystal, in Hz. */
const CRYSTAL = 14745600
/** RTS and CTS are wired: most SIM800L modules do not lead them out. */
const FLOW_CONTROL = false

/** With an SC16IS750, 760, 752 or 762: DTR and RI at its own pins. */
export function bridge750(): BridgeUart {
    return new BridgeUart({
        bus: i2cBus({ address: ADDRESS }),
        crystal: CRYSTAL,
        flowControl: FLOW_CONTROL,
        dtr: "bridge",
        ri: "bridge",
        reset: pins.MODEM_RESET,
    })
}

/** With an SC16IS740, which has no pins for them: at pins of the board. */
export function bridge740(): BridgeUart {
    return new BridgeUart({
        bus: i2cBus({ address: ADDRESS }),
        crystal: CRYSTAL,
        flowControl: FLOW_CONTROL,
        dtr: pins.MODEM_DTR,
        ri: pins.MODEM_RI,
        reset: pins.MODEM_RESET,
    })
}
