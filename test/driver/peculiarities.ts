import type { ModemConfig } from "../../src/core/options"
import { firmwareBuilds } from "../../sim/modem/firmware-builds"
import type { FirmwareOptions } from "../../sim/modem/options"

/** What firmware builds and documents disagree about, other than by default. */
export const peculiarities: [
    name: string,
    firmware: Partial<FirmwareOptions>,
    driver?: Partial<ModemConfig>,
][] = [
    // whole builds, those that differ in nothing but names once
    ...Object.entries(firmwareBuilds)
        .filter(([, { firmware }], i, all) => {
            const same = JSON.stringify(firmware)
            const first = all.findIndex(
                ([, other]) => JSON.stringify(other.firmware) === same
            )
            return first === i && same !== "{}"
        })
        .map(([name, { firmware }]): [string, Partial<FirmwareOptions>] => [
            name,
            firmware,
        ]),
    ["no blank in n,CONNECT OK", { indexBlank: false }],
    ["no blank in +CIPRXGET:1", { rxgetBlank: false }],
    ["+RECEIVE without a colon", { receiveColon: false }],
    ["+RECEIVE only with AT+CIPHEAD=1", { receiveHeader: "ciphead" }],
    ["CR LF behind the payload", { receiveTrailer: true }],
    ["a blank line everywhere", { statusBlankLine: "both" }],
    ["no blank line", { statusBlankLine: "none" }],
    ["CLOSED at AT+CIPSHUT", { shutReportsClosed: true }],
    ["NORMAL POWER OFF", { powerDownText: "NORMAL POWER OFF" }],
    ["error numbers by default", { factoryErrorReports: 1 }],
    ["error texts by default", { factoryErrorReports: 2 }],
    ["flow control by default", { factoryFlowControl: [2, 2] }],
    ["AT+IPR that saves itself", { baudSavesItself: true }],
    ["no burst of the ROM", { romBurst: false }],
    [
        "autobaud up to 57600",
        { autobaudRange: { lowest: 1200, highest: 57600 } },
    ],
    ["a small send buffer", { sendBuffer: 1460 }],
    ["a small receive buffer", { receiveBuffer: 1460 }],
    [
        "requested and confirmed numbers behind +CIPRXGET: 2",
        { rxgetNumbers: "requested-confirmed" },
        { confirmedNumbers: true },
    ],
    ["RECV FROM: with a blank", { receivedFrom: "RECV FROM: " }],
    ["+RECV FROM:", { receivedFrom: "+RECV FROM:" }],
    ["no blank in +CDNSGIP:0,8", { dnsFailureBlank: false }],
    ["blanks in +CIPACK: 3, 3, 0", { ackBlanks: true }],
    ["ERROR before ALREADY CONNECT", { alreadyConnect: "after-error" }],
    ["SERVER FAIL", { serverFailure: "SERVER FAIL" }],
    ["nothing behind ESC", { escapeResult: "nothing" }],
    ["AT+CIICR without +PDP: DEACT", { refusalReportsDeact: false }],
    ["OK behind the reset", { resetResult: "after" }],
    ["no OK at the reset", { resetResult: "never" }],
    ["&D0", { factoryDtrMode: 0 }],
    ["&D2", { factoryDtrMode: 2 }],
    ["&C0", { factoryDcdFollowsLink: false }],
    ["WaitTm in 200 ms", { waitUnitMs: 200 }],
    ["WaitTm from 2 on", { leastWaitTime: 2 }],
    [
        "data in command mode",
        { commandModeData: "printed" },
        { printedData: true },
    ],
    ["REMOTE IP before CONNECT", { acceptShowsAddress: true }],
    ["NO CARRIER to ATO", { resumeRefusal: "NO CARRIER" }],
    ["DCD off in command mode", { escapeRaisesDcd: true }],
    ["RI for every URC", { factoryRingReports: 1 }],
    ["one RI pulse for a call", { dataModeRings: "first" }],
    ["+CMS ERROR only with AT+CMEE", { messageErrors: "cmee" }],
    ["10 s for AT+CGATT=1", { attachTimeoutMs: 10_000 }],
    ["no sleep in data mode", { sleepsInDataMode: false }],
]
