/**
 * Firmware builds that drivers meet, as named sets of differences from the defaults
 * (`--firmware`, {@link ModemOptions}). Each difference has its source: a report of
 * such a build [REAL], the hardware design of its kind [HD], or the edition of a
 * document of its time. Unreported properties of a build have the defaults.
 */
import type { FirmwareOptions, Identity } from "./options"

export interface FirmwareBuild {
    /** A sentence for `--help`. */
    readonly summary: string
    readonly identity: Partial<Identity>
    readonly firmware: Partial<FirmwareOptions>
}

/**
 * Values of AT+CIPCCFG and AT+CGATT until [ATM] V1.09 of 2015; newer editions have
 * others.
 */
const UNTIL_2015 = { leastWaitTime: 2, attachTimeoutMs: 10_000 } as const

export const firmwareBuilds = {
    SIM800: {
        summary:
            "no build in particular: the likelier reading of everything, TLS 1.2; the default",
        identity: {},
        firmware: {},
    },
    "1418B05SIM800L24": {
        summary: "SIM800L of 2016: TLS 1.0",
        identity: {},
        // [REAL:ostaquet/Arduino-SIM800L-driver/issues/33]
        firmware: { tlsVersion: "TLSv1" },
    },
    "1308B08SIM800L16": {
        summary: "SIM800L of 2014: no TLS, no USSD in hexadecimal",
        identity: {
            // [REAL:TG#235]
            product: "SIM800 R13.08",
            revision: "1308B08SIM800L16",
        },
        firmware: {
            ...UNTIL_2015,
            // AT+CIPSSL=? is ERROR [REAL:TG#235]
            tlsVersion: "none",
            // [REAL:TG#123,TG#140,TG#192], of modules of these years
            ussdInHex: "refused",
        },
    },
    "1308B01SIM800H32": {
        summary:
            "SIM800H of 2013, the manual's example: a blank in its revision",
        identity: {
            model: "SIMCOM_SIM800H",
            product: "SIM800 R13.08",
            revision: "1308B01SIM800H32",
        },
        firmware: {
            ...UNTIL_2015,
            // no R13.08 has it [REAL:ostaquet/Arduino-SIM800L-driver/issues/11]
            tlsVersion: "none",
            // [ATM], the example of AT+GSV
            revisionBlank: true,
        },
    },
    "1418B04SIM800C24": {
        summary: "SIM800C: RI for TCP/IP, NORMAL POWER OFF, PWRKEY for 1 s",
        identity: {
            model: "SIMCOM_SIM800C",
            revision: "1418B04SIM800C24",
        },
        firmware: {
            // R14.18 [REAL:TG#425]
            tlsVersion: "TLSv1",
            // [HD] of the SIM800C V1.02
            powerDownText: "NORMAL POWER OFF",
            powerKeyOffMs: 1000,
            // [ATM], AT+CFGRI: 2 on SIM808, 800C, 800A, 800F
            factoryRingReports: 2,
        },
    },
    "1418B03SIM868M32_BT": {
        summary: "SIM868: TLS 1.0",
        identity: {
            model: "SIMCOM_SIM868",
            // [REAL:lwcell/issues/7]
            revision: "1418B03SIM868M32_BT",
        },
        // older than [SSL] V1.05
        firmware: { tlsVersion: "TLSv1" },
    },
} as const satisfies Record<string, FirmwareBuild>

export type FirmwareBuildName = keyof typeof firmwareBuilds
export const firmwareBuildNames = Object.keys(
    firmwareBuilds
) as FirmwareBuildName[]
