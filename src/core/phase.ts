/** The phases of the way from an unknown modem to an address. */
import { wordOf, words } from "./table"

/** What the driver is doing. */
export enum Phase {
    /** not started */
    Off,
    /** searching for the modem: baud rate, garbage, echo */
    Synchronising,
    /** setting the modem up */
    Configuring,
    /** waiting for the SIM card */
    Sim,
    /** waiting for the network */
    Registering,
    /** waiting for GPRS */
    Attaching,
    /** bringing up the PDP context */
    Activating,
    /** connections can be made */
    Ready,
    /** an attempt has failed, the next one follows after a pause */
    Resting,
    /** only the user can help; nothing is tried until the next start */
    Failed,
}

/** The phases in words, by number. */
const PHASES = words([
    "off",
    "synchronising",
    "configuring",
    "waiting for the SIM card",
    "registering",
    "attaching",
    "activating",
    "ready",
    "resting",
    "failed",
])

export function phaseText(phase: Phase): string {
    return wordOf(PHASES, phase)
}
