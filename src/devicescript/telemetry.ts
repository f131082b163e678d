/** Telemetry of a device: battery, signal, identity, time. */
import {
    AskBattery,
    AskIdentity,
    AskSignal,
    AskTime,
} from "../core/dialogues/telemetry"
import { converse } from "./dialogue"
import type { Sim800 } from "./sim800"

export interface Battery {
    /** supply voltage of the modem */
    volts: number
    /** 0–100; meaningless unless the supply is a lithium cell */
    percent: number
    charge: "none" | "charging" | "full"
}

/** The modem's supply (AT+CBC, manual 3.2.52). Throws a `Sim800Error`. */
export async function battery(modem: Sim800): Promise<Battery> {
    const dialogue = new AskBattery()
    await converse(modem, dialogue, "battery")
    const charge = dialogue.charge
    return {
        volts: dialogue.millivolts / 1000,
        percent: dialogue.percent,
        charge: charge === 1 ? "charging" : charge === 2 ? "full" : "none",
    }
}

export interface Signal {
    /** -113 (or less) to -51 (or more); `undefined` if unknown */
    dbm: number
    /** class of the bit error rate, 0–7 (GSM 05.08); `undefined` if unknown */
    errors: number
}

/** Strength of the network's signal (AT+CSQ, manual 3.2.35). Throws a `Sim800Error`. */
export async function signal(modem: Sim800): Promise<Signal> {
    const dialogue = new AskSignal()
    await converse(modem, dialogue, "signal")
    return {
        dbm: dialogue.dbm === 0 ? undefined : dialogue.dbm,
        errors: dialogue.errors < 0 ? undefined : dialogue.errors,
    }
}

export interface Identity {
    /** number of the modem, 15 digits (AT+GSN) */
    imei: string
    /** number of the SIM card (AT+CCID) */
    iccid: string
    /** name of the network, "" without one (AT+COPS) */
    operator: string
}

/**
 * Identity of modem, SIM card and network (manual 2.2.38, 6.2.23, 3.2.22). Throws a
 * `Sim800Error`.
 */
export async function identity(modem: Sim800): Promise<Identity> {
    const dialogue = new AskIdentity()
    await converse(modem, dialogue, "identity")
    return {
        imei: dialogue.imei,
        iccid: dialogue.iccid,
        operator: dialogue.operator,
    }
}

export interface NetworkTime {
    /** ms since 1970, UTC; `isoTime()` writes it as a date */
    utc: number
    /** local time minus UTC, in quarter hours */
    zone: number
}

/**
 * The time of the modem's clock, which the network sets when the modem registers
 * (AT+CCLK, AT+CLTS, manual 3.2.43, 6.2.12). If the modem does not permit that yet, the
 * driver enables it for good (AT&W): the time comes with the next registration, if the
 * network sends it; `modem.reset()` makes the modem register anew. Throws a
 * `Sim800Error`.
 * @returns `undefined` if the clock is unset, shows an impossible date, or gives no
 * zone
 */
export async function networkTime(modem: Sim800): Promise<NetworkTime> {
    const dialogue = new AskTime()
    await converse(modem, dialogue, "time")
    if (dialogue.utc < 0) return undefined
    return { utc: dialogue.utc, zone: dialogue.zone }
}
