/**
 * Firmware builds that drivers meet, as named sets of what they have differently
 * (`--firmware`, {@link ModemOptions}): each of the differences was seen of such
 * a module, or is in the hardware design of its kind.
 */
import type { FirmwareOptions, Identity } from "./options"

export interface FirmwareBuild {
    /** A sentence for `--help`. */
    readonly summary: string
    readonly identity: Partial<Identity>
    readonly firmware: Partial<FirmwareOptions>
}

export const firmwareBuilds = {
    "1418B05SIM800L24": {
        summary: "SIM800L of 2016 and later; the default",
        identity: {},
        firmware: {},
    },
    "1308B08SIM800L16": {
        summary: "SIM800L of 2014: no TLS, no USSD in hexadecimal",
        identity: {
            product: "SIM800 R13.08",
            revision: "1308B08SIM800L16",
        },
        firmware: {
            tlsVersion: "none",
            ussdInHex: "refused",
            leastWaitTime: 2,
            attachTimeoutMs: 10_000,
            resetResult: "after",
        },
    },
    "1308B04SIM800H32": {
        summary: "SIM800H of 2013: TLS 1.0, blanks as in the first manual",
        identity: {
            model: "SIMCOM_SIM800H",
            product: "SIM800 R13.08",
            revision: "1308B04SIM800H32",
        },
        firmware: {
            tlsVersion: "TLSv1",
            revisionBlank: true,
            ackBlanks: true,
            saysSmsReady: false,
            leastWaitTime: 2,
            attachTimeoutMs: 10_000,
        },
    },
    "1418B04SIM800C24": {
        summary: "SIM800C: RI for TCP/IP, NORMAL POWER OFF, ICCID not padded",
        identity: {
            model: "SIMCOM_SIM800C",
            revision: "1418B04SIM800C24",
        },
        firmware: {
            tlsVersion: "TLSv1",
            powerDownText: "NORMAL POWER OFF",
            powerKeyOffMs: 1000,
            factoryRingReports: 2,
            iccidPadding: "",
        },
    },
    "1418B02SIM868M32_BT": {
        summary:
            "SIM868: ICCID with its name and a small f, a blank line in every AT+CIPSTATUS",
        identity: {
            model: "SIMCOM_SIM868",
            revision: "1418B02SIM868M32_BT",
        },
        firmware: {
            ccidPrefix: true,
            iccidPadding: "f",
            statusBlankLine: "both",
            tlsVersion: "TLSv1",
        },
    },
} as const satisfies Record<string, FirmwareBuild>

export type FirmwareBuildName = keyof typeof firmwareBuilds
export const firmwareBuildNames = Object.keys(
    firmwareBuilds
) as FirmwareBuildName[]
