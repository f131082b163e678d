import { BroadcastFilter } from "./broadcast-filter"
import type { AlarmRecord } from "./alarms"
import { FileSystem } from "./file-system"
import type { FtpSettings } from "./ftp-settings"
import type { HttpSettings } from "./http-settings"
import { factoryDefinitions, type ContextDefinitions } from "./gprs-contexts"
import type { IpSettings } from "./ip-settings"
import { MessageStore } from "./message-store"
import type { FirmwareOptions } from "./options"
import { PhoneBook } from "./phone-book"
import { factoryProfile, type Profile } from "./profile"
import type { SettingRecord } from "./setting"
import type { TextParameters } from "./submission"
import { SUBMIT_DEFAULT, type Address } from "./tpdu"

/** The module's non-volatile memory. */
export interface Nvram {
    /** AT&W. */
    profile: Profile
    /** AT+CFUN keeps 1 and 4, never 0 ([ATM] 3.2.42). */
    functionality: 1 | 4
    /** AT+COPS ([ATM] 3.2.22): 2 is the wish to stay unregistered. */
    operatorMode: OperatorMode
    operatorFormat: OperatorFormat
    /** AT+CIPSCONT. */
    ipSettings: IpSettings | undefined
    /** AT+CALA. */
    readonly alarms: AlarmRecord
    /** AT+CGDCONT. */
    readonly contexts: ContextDefinitions
    /** Values that are only kept, by command. */
    readonly settings: SettingRecord
    /** AT+FSCREATE, AT+FSWRITE. */
    readonly files: FileSystem
    /** The phone book "ME" of AT+CPBS. */
    readonly phoneBook: PhoneBook
    /** AT+CEMNL; undefined for the usual ones. */
    emergencyNumbers: readonly number[] | undefined
    /** AT+CWHITELIST: for calls 1, messages 2, both 3. */
    readonly whiteList: { mode: 0 | 1 | 2 | 3; readonly numbers: string[] }
    /** AT+COPS=1: the numeric name of another network, once it is chosen. */
    chosenOperator: string | undefined
    /** AT+CIPFLT, by item. */
    readonly ipFilter: ({ address: string; mask: string } | undefined)[]
    /** AT+FTPSCONT. */
    ftpSettings: FtpSettings | undefined
    /** AT+HTTPSCONT. */
    httpSettings: HttpSettings | undefined
    /** The memory "ME" of AT+CPMS. */
    readonly messages: MessageStore
    /** `<fo>` of AT+CSMP ([ATM] 4.2.15). */
    messageFirstOctet: number
    /** AT+CSAS, by profile. */
    readonly messageSettings: (MessageSettings | undefined)[]
    /** AT+CSCB. */
    readonly broadcasts: BroadcastFilter
}

/** Settings that AT+CSAS saves and AT+CRES restores ([ATM] 4.2.10, 4.2.11). */
export interface MessageSettings {
    readonly parameters: TextParameters
    readonly serviceCentre: Address | undefined
}

/** Whether an application's settings equal the saved ones, for `AT+…SCONT?`. */
export function isSaved<T>(now: T, saved: T | undefined): boolean {
    return JSON.stringify(now) === JSON.stringify(saved)
}

/** Places of the module's phone book. */
const BOOK_CAPACITY = 100
/** Messages that the module has room for itself [REAL]. */
const MESSAGE_CAPACITY = 50

/** AT+COPS modes that last: automatic, manual, deregistered, manual/automatic. */
export type OperatorMode = 0 | 1 | 2 | 4
/** AT+COPS formats of the name: long, short, numeric. */
export type OperatorFormat = 0 | 1 | 2

export function freshNvram(
    firmware: FirmwareOptions,
    stored: Partial<Profile>
): Nvram {
    return {
        profile: { ...factoryProfile(firmware), ...stored },
        functionality: 1,
        operatorMode: 0,
        operatorFormat: 0,
        ipSettings: undefined,
        alarms: {},
        contexts: { ...factoryDefinitions },
        settings: {},
        files: new FileSystem(),
        httpSettings: undefined,
        ftpSettings: undefined,
        ipFilter: [],
        emergencyNumbers: undefined,
        whiteList: { mode: 0, numbers: [] },
        chosenOperator: undefined,
        phoneBook: new PhoneBook(BOOK_CAPACITY),
        messages: new MessageStore(MESSAGE_CAPACITY),
        messageFirstOctet: SUBMIT_DEFAULT,
        messageSettings: [],
        broadcasts: new BroadcastFilter(),
    }
}
