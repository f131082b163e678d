/**
 * Faults for the self-test, by name: for each step one that makes it fail, and no step
 * before it.
 */
import type { ModemOptions } from "../sim/modem/options"
import type { ModemFault } from "./simulator"

export interface SelfTestFault extends ModemFault {
    /** name of the step that finds it */
    readonly step: string
    /** One line for a person. */
    readonly summary: string
    /** fault in the program itself or its chip: simulator/bridge/selftest.ts */
    readonly program?: "no-bridge" | "stuck-bit" | "leak"
    /** it is never switched on */
    readonly off?: boolean
    /** the name of the echo server is not known */
    readonly nameless?: boolean
    /** behaviour of the echo server, default `echo` */
    readonly server?: "refuse" | "corrupt"
}

/** Never on the network: searching, for as long as it is on. */
const SEARCHING: ModemOptions["registration"] = [{ afterMs: 0, status: 2 }]

export const selfTestFaults = {
    "no-bridge": {
        step: "bridge",
        summary: "the bridge does not answer",
        program: "no-bridge",
    },
    "stuck-bit": {
        step: "loopback",
        summary: "one bit of the bridge's FIFO is always set",
        program: "stuck-bit",
    },
    "tx-cut": {
        step: "modem",
        summary: "the wire from TX is cut",
        wiring: "tx-cut",
    },
    "rx-cut": {
        step: "modem",
        summary: "the wire to RX is cut",
        wiring: "rx-cut",
    },
    "tx-rx-swapped": {
        step: "modem",
        summary: "TX is wired to TX, RX to RX",
        wiring: "tx-rx-swapped",
    },
    "wrong-crystal": {
        step: "modem",
        summary: "a crystal of 12 MHz instead of 14.7456 MHz",
        wiring: "wrong-crystal",
        modem: { stored: { baud: 115200 } },
    },
    "modem-off": {
        step: "modem",
        summary: "nobody has switched the modem on",
        off: true,
    },
    "lossy-line": {
        step: "echo",
        summary: "one byte in 300 is lost",
        inject: ["lossy-line"],
    },
    "corrupt-byte": {
        step: "echo",
        summary: "one byte value comes as another one",
        inject: ["corrupt-byte"],
    },
    "dtr-cut": {
        step: "DTR",
        summary: "the wire from DTR is cut",
        wiring: "dtr-cut",
    },
    "dcd-cut": {
        step: "DCD",
        summary: "the wire to DCD is cut",
        wiring: "dcd-cut",
    },
    "ri-cut": {
        step: "RI",
        summary: "the wire to RI is cut",
        wiring: "ri-cut",
    },
    "rts-cut": {
        step: "RTS/CTS",
        summary: "the wire from RTS is cut",
        wiring: "rts-cut",
    },
    "cts-cut": {
        step: "RTS/CTS",
        summary: "the wire to CTS is cut",
        wiring: "cts-cut",
    },
    "low-supply": {
        step: "supply",
        summary: "3.42 V at VBAT",
        modem: { battery: { charging: 0, percent: 3, millivolts: 3420 } },
    },
    "no-sim": {
        step: "SIM",
        summary: "no SIM card",
        modem: { sim: { inserted: false } },
    },
    "pin-wanted": {
        step: "PIN",
        summary: "the SIM card wants a PIN that the program does not have",
        modem: { sim: { pin: "4711" } },
    },
    "no-antenna": {
        step: "signal",
        summary: "no signal at all",
        modem: {
            signal: { rssi: 99, errorRate: 99 },
            registration: SEARCHING,
        },
    },
    "no-network": {
        step: "network",
        summary: "no network lets the modem in",
        modem: { registration: SEARCHING },
    },
    "no-gprs": {
        step: "attach",
        summary: "the network refuses GPRS",
        modem: { operator: { gprs: "reject" } },
    },
    "bad-apn": {
        step: "PDP",
        summary: "the access point is not the operator's",
        modem: { operator: { acceptsContext: () => false } },
    },
    "brown-out": {
        step: "PDP",
        summary: "the modem restarts when it begins to transmit",
        inject: ["brown-out-on-air"],
    },
    "no-dns": {
        step: "DNS",
        summary: "the name is not known",
        nameless: true,
    },
    "no-server": {
        step: "TCP echo",
        summary: "nobody listens at the server's port",
        server: "refuse",
    },
    "wrong-echo": {
        step: "TCP echo",
        summary: "the server changes a byte",
        server: "corrupt",
    },
    "eaten-xoff": {
        step: "TCP echo",
        summary: "something between the UARTs eats XON and XOFF",
        inject: ["eaten-xoff"],
    },
    "sagging-supply": {
        step: "load",
        summary: "the supply sags when data are sent",
        inject: ["sagging-supply"],
    },
    sleepless: {
        step: "sleep",
        summary: "the modem does not go to sleep by itself",
        inject: ["sleepless"],
    },
    leak: {
        step: "heap",
        summary: "the program keeps memory for ever",
        program: "leak",
    },
    "slow-network": {
        step: "time",
        summary: "100 s until a network lets the modem in",
        modem: { registration: [{ afterMs: 110_000, status: 1 }] },
    },
} satisfies Record<string, SelfTestFault>

export type SelfTestFaultName = keyof typeof selfTestFaults

export const selfTestFaultNames = Object.keys(
    selfTestFaults
) as SelfTestFaultName[]

/** Faults for any program: program, chip and server are right. */
export const modemFaultNames = selfTestFaultNames.filter(name => {
    const { program, nameless, server }: SelfTestFault = selfTestFaults[name]
    return !program && !nameless && !server
})

/** Changes one byte in 5000, for `wrong-echo`. */
export function corrupt(bytes: Uint8Array, before: number): Uint8Array {
    return bytes.map((byte, i) =>
        (before + i) % 5000 === 4999 ? byte ^ 1 : byte
    )
}
