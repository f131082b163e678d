/**
 * The wires of README.md. A line that you leave out is left out here too; what
 * else can be wired is in the section "Other wirings".
 */
import { pins } from "@dsboard/pico_w_sim800"
import { bridge } from "../bridge"

export function uart() {
    return bridge({
        // set by A0 and A1 of the bridge: 0x48 with both at 3.3 V
        address: 0x48,
        // printed on its crystal, in Hz
        crystal: 14745600,
        // RTS and CTS are wired: false on three wires
        flowControl: true,
        reset: pins.MODEM_RESET,
    })
}
