/** What a device tells of itself: battery, signal, identity, time. */
import { Final, Line } from "../core/results"
import { commandsOf, information, values } from "./commands"
import { utcOf } from "./date"
import type { Sim800 } from "./sim800"

const OK = Final.Ok | Final.Error
const TIMEOUT = 5000
/** AT+COPS? asks nobody, but a busy module takes its time (manual: 45 s), ms */
const OPERATOR_TIMEOUT = 45000
const QUARTER_HOUR = 900000

async function ask(
    modem: Sim800,
    line: string,
    timeout: number
): Promise<string[]> {
    return await commandsOf(modem).run(line, OK, timeout, Line.Unknown)
}

export interface Battery {
    /** supply voltage of the modem */
    volts: number
    /** 0–100; of any supply that is not a lithium cell it means nothing */
    percent: number
    charge: "none" | "charging" | "full"
}

/** What feeds the modem (AT+CBC, manual 3.2.52). Throws a `Sim800Error`. */
export async function battery(modem: Sim800): Promise<Battery> {
    const lines = await ask(modem, "AT+CBC", TIMEOUT)
    const parts = values(information(lines, "+CBC:"))
    return {
        volts: parseInt(parts[2]) / 1000,
        percent: parseInt(parts[1]),
        charge:
            parts[0] === "1" ? "charging" : parts[0] === "2" ? "full" : "none",
    }
}

export interface Signal {
    /** -113 (or less) to -51 (or more); `undefined` if not known */
    dbm: number
    /** class of the bit error rate, 0–7 (GSM 05.08); `undefined` if not known */
    errors: number
}

/** How well the network is received (AT+CSQ, manual 3.2.35). Throws a `Sim800Error`. */
export async function signal(modem: Sim800): Promise<Signal> {
    const lines = await ask(modem, "AT+CSQ", TIMEOUT)
    const parts = values(information(lines, "+CSQ:"))
    const strength = parseInt(parts[0])
    const errors = parseInt(parts[1])
    return {
        dbm: strength > 31 ? undefined : 2 * strength - 113,
        errors: errors > 7 ? undefined : errors,
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

/** Who this is, and in which network (manual 2.2.38, 6.2.23, 3.2.22). Throws a `Sim800Error`. */
export async function identity(modem: Sim800): Promise<Identity> {
    const found: Identity = { imei: "", iccid: "", operator: "" }
    for (const line of await ask(
        modem,
        "AT+GSN;+CCID;+COPS?",
        OPERATOR_TIMEOUT
    )) {
        const c = line.charCodeAt(0)
        if (line.startsWith("+COPS:")) found.operator = values(line)[2] || ""
        else if (line.startsWith("+CCID:")) found.iccid = line.slice(6).trim()
        else if (c < 48 || c > 57) continue
        else if (!found.imei) found.imei = line.trim()
        else if (!found.iccid) found.iccid = line.trim()
    }
    return found
}

export interface NetworkTime {
    /** ms since 1970, UTC; `isoTime()` writes it as a date */
    utc: number
    /** local time less UTC, in quarter hours */
    zone: number
}

/**
 * The time of the modem's clock, which the network sets when the modem
 * registers (AT+CCLK, AT+CLTS, manual 3.2.43, 6.2.12). A modem that does not
 * let it is told to, for good (AT&W): from its next registration on there is
 * the time, if the network tells it; `modem.reset()` makes it register anew.
 * Throws a `Sim800Error`.
 * @returns `undefined` if the clock has not been set
 */
export async function networkTime(modem: Sim800): Promise<NetworkTime> {
    const lines = await ask(modem, "AT+CLTS?;+CCLK?", TIMEOUT)
    if (information(lines, "+CLTS:") === "0")
        await ask(modem, "AT+CLTS=1;&W", TIMEOUT)
    // yy/MM/dd,hh:mm:ss±zz, local time
    const clock = values(information(lines, "+CCLK:")).join(",")
    const zone = parseInt(clock.slice(17))
    const local = utcOf(clock)
    if (local === undefined) return undefined
    return { utc: local - zone * QUARTER_HOUR, zone }
}
