import type { CharacterSet } from "./character-sets"
import type { SettingRecord } from "./setting"
import type { FlowControl } from "./uart"

/** AT&D ([ATM] 2.2.29): effect of a pulse of DTR in data mode. */
export type DtrMode =
    /** Nothing. */
    | 0
    /** To command mode, the connection stays. */
    | 1
    /** The connection is dropped. */
    | 2

/** `<mode>,<mt>,<bm>,<ds>,<bfr>` of AT+CNMI, [ATM] 4.2.8. */
export type MessageReports = readonly [
    mode: number,
    mt: number,
    bm: number,
    ds: number,
    bfr: number,
]

/** AT+CSCLK ([ATM] 6.2.19): never, while DTR is high, or by itself. */
export type SleepMode = 0 | 1 | 2

/**
 * Settings that AT&W stores and ATZ and AT&F recall ([ATM] 2.2.32), as far as the
 * virtual module has them.
 */
export interface Profile {
    /** ATE. */
    echo: boolean
    /** ATV: words or digits. */
    verbose: boolean
    /** ATQ: no result codes. */
    quiet: boolean
    /** ATS5: the character that deletes the one before it. */
    editCharacter: number
    /** AT+CMEE. */
    errorReports: 0 | 1 | 2
    /** AT+CREG and AT+CGREG: whether registration is reported. */
    registrationReports: 0 | 1 | 2
    gprsReports: 0 | 1 | 2
    /** AT+CLTS. */
    networkTime: boolean
    /** AT+CIURC: whether `Call Ready` is reported. */
    callReadyReport: boolean
    /** AT+EXUNSOL="SQ": the signal is reported when it changes. */
    signalReports: boolean
    /** AT+CFGRI: RI tells of no, of every, or of TCP/IP's unsolicited result codes. */
    ringReports: 0 | 1 | 2
    /** AT+CMGF: short messages are shown as text, not as PDU. */
    textMode: boolean
    /** AT+CSCS: how text is shown to the DTE. */
    characterSet: CharacterSet
    /** AT+CNMI. */
    messageReports: MessageReports
    /** AT&D. */
    dtrMode: DtrMode
    /** AT&C: DCD follows the connection, or is always low. */
    dcdFollowsLink: boolean
    /** AT+CSCLK. */
    sleepMode: SleepMode
    /** AT+IPR, 0 for autobaud. */
    baud: number
    /** AT+ICF: format and parity. */
    framing: readonly [format: number, parity: number]
    /** AT+IFC: DCE by DTE, DTE by DCE. */
    flowControl: readonly [FlowControl, FlowControl]
    /** Values that are only kept, by command, where they are not the initial ones. */
    settings: SettingRecord
}

/** What firmware builds have differently in their factory profile. */
export interface FactoryDefaults {
    readonly factoryErrorReports: 0 | 1 | 2
    readonly factoryRingReports: 0 | 1 | 2
    readonly factoryDtrMode: DtrMode
    readonly factoryDcdFollowsLink: boolean
    readonly factoryFlowControl: readonly [FlowControl, FlowControl]
}

/** The factory profile of AT&F. */
export function factoryProfile(firmware: FactoryDefaults): Profile {
    return {
        echo: true,
        verbose: true,
        quiet: false,
        editCharacter: 8,
        errorReports: firmware.factoryErrorReports,
        registrationReports: 0,
        gprsReports: 0,
        networkTime: false,
        callReadyReport: true,
        signalReports: false,
        ringReports: firmware.factoryRingReports,
        textMode: false,
        characterSet: "IRA",
        messageReports: [2, 1, 0, 0, 0],
        dtrMode: firmware.factoryDtrMode,
        dcdFollowsLink: firmware.factoryDcdFollowsLink,
        sleepMode: 0,
        baud: 0,
        framing: [3, NO_PARITY],
        flowControl: firmware.factoryFlowControl,
        settings: {},
    }
}

/** The `<parity>` that AT+ICF? shows for a format without parity [ATM] 2.2.39. */
export const NO_PARITY = 255

/** AT+CMNRP concerns the UART too. */
const UART_SETTING = "+CMNRP"

/**
 * The active profile after ATZ or AT&F. Settings of the UART and of sleep stay ([ATM12]
 * 2.2.27, 2.2.30).
 */
export function recall(active: Profile, recalled: Profile): Profile {
    const { baud, framing, flowControl, sleepMode } = active
    const kept = active.settings[UART_SETTING]
    const settings = { ...recalled.settings }
    if (kept === undefined) delete settings[UART_SETTING]
    else settings[UART_SETTING] = kept
    return { ...recalled, baud, framing, flowControl, sleepMode, settings }
}
