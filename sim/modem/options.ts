/**
 * Everything about the virtual SIM800 that can be chosen, with its default and
 * where the default comes from. Where sources disagree, the default is the
 * likelier reading (docs/virtual-sim800.md).
 */
import type { Callee } from "./callee"
import type { Clock } from "./clock"
import type { MemoryName } from "./message-store"
import { delayProfiles, type Delays, type DelayProfileName } from "./delays"
import type { Network } from "./network"
import type { DtrMode, Profile } from "./profile"
import {
    radioLinks,
    type RadioLinkName,
    type RadioLinkOptions,
} from "./radio-link"
import type { ChunkOptions } from "./serial-line"
import type { SimCardOptions } from "./sim-card"
import type { SentMessage } from "./submission"
import type { TlsVersion } from "./tls"
import type { BaudRange, FlowControl } from "./uart"

/** `<stat>` of AT+CREG, [ATM] 3.2.32. 1 and 5 mean registered. */
export type RegistrationStatus = 0 | 1 | 2 | 3 | 4 | 5

/** One step of the way to the network after the SIM card is ready. */
export interface RegistrationStep {
    /** Counted from when the SIM card is ready and the radio on. */
    readonly afterMs: number
    readonly status: RegistrationStatus
}

/** The module's identity. Default: a SIM800L with firmware 1418B05. */
export interface Identity {
    /** AT+CGMI, AT+GMI. */
    readonly manufacturer: string
    /** AT+CGMM, AT+GMM [REAL:TG#358]. */
    readonly model: string
    /** ATI [REAL:TG#286]. */
    readonly product: string
    /** AT+GOI. */
    readonly objectId: string
    /** AT+CGMR, AT+GMR, AT+GSV [REAL:lwcell/issues/7]. */
    readonly revision: string
    /** AT+GSN, AT+CGSN: 15 digits. */
    readonly imei: string
}

export const defaultIdentity: Identity = {
    manufacturer: "SIMCOM_Ltd",
    model: "SIMCOM_SIM800L",
    product: "SIM800 R14.18",
    objectId: "SIM800",
    revision: "1418B05SIM800L24",
    imei: "867010032343809",
}

/** The network as the radio sees it. */
export interface OperatorOptions {
    /** AT+COPS, formats 0, 1 and 2; the last holds MCC and MNC. */
    readonly longName: string
    readonly shortName: string
    readonly numericName: string
    /** AT+CREG=2: location area code and cell, four hexadecimal digits each. */
    readonly locationArea: string
    readonly cell: string
    /** The radio channel and colour code of its cell, and the cells around it, AT+CENG. */
    readonly channel: number
    readonly colour: number
    readonly neighbours: readonly NeighbourCell[]
    /** Other networks that can be heard, AT+COPS=?. */
    readonly others: readonly OtherOperator[]
    /**
     * Whether the card may call. One for data alone gets AT+CREG 3, and AT+CGREG
     * as always [REAL:TG#654].
     */
    readonly hasVoice: boolean
    /** Response to a request for GPRS; with `ignore` there is none. */
    readonly gprs: "accept" | "reject" | "ignore"
    /** Whether a PDP context with these values of AT+CSTT gets through. */
    readonly acceptsContext: (
        apn: string,
        user: string,
        password: string
    ) => boolean
    /** The addresses that the two PDP contexts receive, AT+CIFSR. */
    readonly localAddresses: readonly [string, string]
    /** The addresses of the contexts of AT+CGDCONT, cid 1 to 3. */
    readonly contextAddresses: readonly [string, string, string]
    /** The address of the bearers of AT+SAPBR. */
    readonly bearerAddress: string
    /** Its time zone in quarter hours, told at registration if AT+CLTS=1. */
    readonly timeZone: number
    /**
     * Answer to a USSD code, or in a session to the user's choice: undefined is `+CUSD:
     * 4`, null is silence.
     */
    readonly ussd: (code: string) => string | UssdAnswer | undefined | null
    /** Behaviour of called parties; by default all answer. */
    readonly callee: (number: string, isHidden: boolean) => Callee
    /** The service centre from which messages come. */
    readonly serviceCentre: string
    /**
     * What becomes of a message that wants a status report: TP-ST (GSM 03.40,
     * 9.2.3.15), 0 for received, from 64 on for failed; undefined for no report.
     */
    readonly delivery: (message: SentMessage) => number | undefined
    /** Where the location server believes the cell to be, or the code of AT+CLBS that says why not. */
    readonly location: CellLocation | LocationFailure
}

/** A cell that the module hears beside its own. */
export interface NeighbourCell {
    readonly channel: number
    readonly colour: number
    /** Four hexadecimal digits. */
    readonly cell: string
    /** Default: that of the serving cell. */
    readonly locationArea?: string
    /** By how many dB it is weaker than the serving cell. */
    readonly weaker: number
}

/** A network that the module may choose, or is turned away by. */
export interface OtherOperator {
    readonly longName: string
    readonly shortName: string
    readonly numericName: string
    /** It refuses subscribers of this operator. */
    readonly isForbidden: boolean
}

/** The network's answer to a USSD code. */
export interface UssdAnswer {
    readonly text: string
    /** The session goes on: a menu to choose from, `+CUSD: 1`. */
    readonly more: boolean
}

/** Degrees, and metres. */
export interface CellLocation {
    readonly longitude: number
    readonly latitude: number
    readonly accuracy: number
}

/**
 * `<locationcode>` of AT+CLBS [LOC]: failed, timeout, network error, DNS error,
 * service overdue, authentication failed, other error.
 */
export type LocationFailure = 1 | 2 | 3 | 4 | 5 | 6 | 7

export const defaultOperator: OperatorOptions = {
    longName: "CHINA MOBILE",
    shortName: "CMCC",
    numericName: "46000",
    locationArea: "18D8",
    cell: "3CA5",
    channel: 81,
    colour: 31,
    neighbours: [
        { channel: 14, colour: 15, cell: "F2A1", weaker: 15 },
        { channel: 12, colour: 48, cell: "F411", weaker: 28 },
    ],
    others: [],
    hasVoice: true,
    gprs: "accept",
    acceptsContext: () => true,
    localAddresses: ["10.78.245.128", "10.204.70.11"],
    contextAddresses: ["10.33.82.16", "10.33.82.17", "10.33.82.18"],
    bearerAddress: "10.177.109.126",
    timeZone: 4,
    ussd: code => (code === "*100#" ? "Your balance is 12.50 EUR" : undefined),
    callee: () => "answers",
    serviceCentre: "+8613800100500",
    delivery: () => 0,
    location: { longitude: 121.354848, latitude: 31.221402, accuracy: 550 },
}

/** AT+CSQ: rssi 0–31 or 99, bit error rate 0–7 or 99. */
export interface Signal {
    readonly rssi: number
    readonly errorRate: number
}

/** AT+CBC: charge status 0–2, percent, millivolts. */
export interface Battery {
    readonly charging: 0 | 1 | 2
    readonly percent: number
    readonly millivolts: number
}

/**
 * What differs between firmware builds, or is not known for sure. The
 * alternatives exist to test against.
 */
export interface FirmwareOptions {
    /** `0, CONNECT OK` (real modules) or `0,CONNECT OK` ([ATM]). Default true. */
    readonly indexBlank: boolean
    /** `+CIPRXGET: 1` (real SIM800) or `+CIPRXGET:1` ([AN]). Default true. */
    readonly rxgetBlank: boolean
    /** The line of AT+CIPSRIP=1 up to the address. Default `RECV FROM:`. */
    readonly receivedFrom: "RECV FROM:" | "RECV FROM: " | "+RECV FROM:"
    /** `+CDNSGIP: 0,8` ([AN]) or `+CDNSGIP:0,8` ([ATM]). Default true. */
    readonly dnsFailureBlank: boolean
    /** `+CIPACK: 3, 3, 0` or `+CIPACK: 3,3,0` (real modules). Default false. */
    readonly ackBlanks: boolean
    /** `+CCID: 8986…` ([REAL:TG#336]) or the bare number. Default false. */
    readonly ccidPrefix: boolean
    /** `Revision: 1418…` ([ATM]) or `Revision:1418…` (real). Default false. */
    readonly revisionBlank: boolean
    /** The colon after `+RECEIVE,0,15`, documented since 2013. Default true. */
    readonly receiveColon: boolean
    /**
     * Multi connections push `+RECEIVE,n,len:` always ([AN]), or only if
     * AT+CIPHEAD=1 ([ATM]) and the bare payload otherwise. Default `always`.
     */
    readonly receiveHeader: "always" | "ciphead"
    /** A CR LF after the payload of `+RECEIVE`, not counted. Default false. */
    readonly receiveTrailer: boolean
    /**
     * The numbers of AT+CIPRXGET=2 and 3: delivered and left (real modules) or
     * requested and confirmed ([ATM]). Default `delivered-left`.
     */
    readonly rxgetNumbers: "delivered-left" | "requested-confirmed"
    /** The line in which AT+CIPSTATUS puts a blank one after STATE. Default `multi`. */
    readonly statusBlankLine: "multi" | "both" | "none"
    /**
     * AT+CIPSTART on a connection that exists says `ALREADY CONNECT`, alone or
     * after `ERROR` [REAL:RM#158]. Default `alone`.
     */
    readonly alreadyConnect: "alone" | "after-error"
    /**
     * Line after the `OK` of AT+CIPSERVER=1 when listening fails, or the context does
     * not come up. Not documented; default `ERROR`.
     */
    readonly serverFailure: "ERROR" | "SERVER FAIL"
    /** ESC at the prompt of AT+CIPSEND: `OK` or nothing. Default `OK`. */
    readonly escapeResult: "OK" | "nothing"
    /** AT+CIPSHUT says `CLOSED` for each open connection first. Default false. */
    readonly shutReportsClosed: boolean
    /** A refused AT+CIICR says `+PDP: DEACT` before `ERROR` [REAL:HOLO,S900T]. Default true. */
    readonly refusalReportsDeact: boolean
    /** When AT+CFUN=1,1 says `OK`. Default `before` the reset [REAL:TG#358]. */
    readonly resetResult: "before" | "after" | "never"
    /** Response of AT+CPOWD=1: by [ATM], or by [HD] of the SIM800C. Default `… DOWN`. */
    readonly powerDownText: "NORMAL POWER DOWN" | "NORMAL POWER OFF"
    /** AT+CMEE of the factory profile. Default 0. */
    readonly factoryErrorReports: 0 | 1 | 2
    /** AT+IFC of the factory profile: [AN] and [HD] 0,0; [ATM] 1.6 2,2. Default 0,0. */
    readonly factoryFlowControl: readonly [FlowControl, FlowControl]
    /** AT&D and AT&C of the factory profile, not documented. Defaults 1 and true. */
    readonly factoryDtrMode: DtrMode
    readonly factoryDcdFollowsLink: boolean
    /** Unit of WaitTm of AT+CIPCCFG, ms: 100 ([ATM]) or 200 ([AN] 2.2.2). Default 100. */
    readonly waitUnitMs: 100 | 200
    /** The least WaitTm: 1 ([ATM12]) or 2 ([ATM]). Default 1. */
    readonly leastWaitTime: 1 | 2
    /**
     * Handling of the peer's data in command mode of a transparent connection: kept for
     * data mode, or given to the DTE at once. Not documented; default `held`.
     */
    readonly commandModeData: "held" | "printed"
    /**
     * A peer that comes to the server in transparent mode is reported by
     * `CONNECT` alone ([AN] 2.2.3), or after its `REMOTE IP:`. Default false.
     */
    readonly acceptShowsAddress: boolean
    /** ATO without a connection: `ERROR`, `NO CARRIER` before [ATM] V1.01. Default `ERROR`. */
    readonly resumeRefusal: "ERROR" | "NO CARRIER"
    /**
     * Line when a pulse of DTR has dropped the connection, AT&D2. Not documented;
     * default `CLOSED`, as for any lost connection.
     */
    readonly dtrDropResult: "CLOSED" | "OK" | "NO CARRIER"
    /** DCD shows data mode instead of the connection ([AN] 10). Default false. */
    readonly escapeRaisesDcd: boolean
    /** AT+CFGRI of the factory profile: 0 (SIM800, 800H, 800L), 2 (808, 800C, 800A, 800F). Default 0. */
    readonly factoryRingReports: 0 | 1 | 2
    /** From one RING to the next, ms. Not documented; default 6000. */
    readonly ringIntervalMs: number
    /** In data mode RI tells of a call at each ring, or at the first alone. Default `each`. */
    readonly dataModeRings: "each" | "first"
    /**
     * `+CMS ERROR: n` always, or only if AT+CMEE asks for numbers or texts and
     * `ERROR` otherwise. Default `always`.
     */
    readonly messageErrors: "always" | "cmee"
    /**
     * AT+CPMS after each start, which nothing saves ([ATM] 4.2.9). Default "SM_P"
     * thrice, as modules show it.
     */
    readonly messageMemories: readonly [MemoryName, MemoryName, MemoryName]
    /**
     * With SM_P and ME_P a message that finds no room goes to the other memory.
     * Default false: nothing more comes to a full card [REAL:esphome/issues/1015].
     */
    readonly preferredMemoryOverflows: boolean
    /**
     * Text mode shows the text of a part of a long message [REAL:esphome/issues/4246],
     * or header and text in hexadecimal ([ATM] 4.2.3). Default true.
     */
    readonly partsAsText: boolean
    /** `+CUSD: 0, "text", 15` (SIM800) or without blanks (manual). Default true. */
    readonly ussdBlanks: boolean
    /**
     * A code typed while AT+CSCS="HEX": accepted, or always `+CUSD: 2`
     * [REAL:TG#123,TG#140,TG#192]. Default `taken`.
     */
    readonly ussdInHex: "taken" | "refused"
    /** `SMS Ready` is said at boot. Default true. */
    readonly saysSmsReady: boolean
    /** What fills up an ICCID of 19 digits in AT+CCID. Default `F`. */
    readonly iccidPadding: "F" | "f" | ""
    /** AT+CSCLK=1: the module sleeps when nothing has happened for this long, ms. Not documented; default 1000. */
    readonly sleepDelayMs: number
    /** It sleeps in data mode too. Not documented; default true. */
    readonly sleepsInDataMode: boolean
    /** PWRKEY low for this long switches the module off, ms: 1500 ([HD] of SIM800, L, H) or 1000 (C). Default 1500. */
    readonly powerKeyOffMs: number
    /** AT+IPR is kept without AT&W ([HD]). Default false ([ATM] 2.2.41). */
    readonly baudSavesItself: boolean
    /** Rates that autobaud finds. Default 1200–115200 (SIM800, SIM800C [HD]). */
    readonly autobaudRange: BaudRange
    /** `00 49 49 49 49 FF FF FF FF` at 115200 after power-on [ATM 1.4]. Default true. */
    readonly romBurst: boolean
    /** AT+CGATT=1 gives up after this, ms. Default 75 s ([ATM10]); V1.09 has 10 s. */
    readonly attachTimeoutMs: number
    /** A TCP connection attempt gives up after this, ms. Default 75 s ([ATM] 8.2.2). */
    readonly connectTimeoutMs: number
    /**
     * The latest TLS that it speaks: 1.0, since 2020 also 1.2 ([SSL] V1.05 2.1);
     * old firmware does not know AT+CIPSSL at all. Default `TLSv1.2`.
     */
    readonly tlsVersion: TlsVersion | "none"
    /**
     * Line when the peer was reached but the handshake failed. Default `CLOSE OK`
     * [REAL:TG#378,TG#425].
     */
    readonly tlsFailure: "CLOSE OK" | "CLOSED" | "CONNECT FAIL"
    /** AT+SSLOPT=0 at start. Not documented; default false, certificates count. */
    readonly ignoresCertificates: boolean
    /**
     * A name query without an answer fails after this, ms: network error of
     * AT+CDNSGIP, `CONNECT FAIL`. Not documented; default 10 s.
     */
    readonly dnsTimeoutMs: number
    /** Data unacknowledged for this long ends a connection, ms. Default 645 s ([ATM] 8.2.3). */
    readonly unacknowledgedTimeoutMs: number
    /** A slow close gives up on the peer after this, ms. Not documented; default 10 s. */
    readonly closeTimeoutMs: number
    /**
     * Bytes that a connection holds until the peer acknowledges them. Not
     * documented; default 7300, five segments.
     */
    readonly sendBuffer: number
    /**
     * Bytes that a connection holds until the DTE takes them; the peer is
     * stopped when they are full. Default 8760, six segments: 2871 have been
     * seen [REAL:TG#111], the true size is not known.
     */
    readonly receiveBuffer: number
}

export const defaultFirmware: FirmwareOptions = {
    indexBlank: true,
    rxgetBlank: true,
    receivedFrom: "RECV FROM:",
    dnsFailureBlank: true,
    ackBlanks: false,
    ccidPrefix: false,
    revisionBlank: false,
    receiveColon: true,
    receiveHeader: "always",
    receiveTrailer: false,
    rxgetNumbers: "delivered-left",
    statusBlankLine: "multi",
    alreadyConnect: "alone",
    serverFailure: "ERROR",
    escapeResult: "OK",
    shutReportsClosed: false,
    refusalReportsDeact: true,
    resetResult: "before",
    powerDownText: "NORMAL POWER DOWN",
    factoryErrorReports: 0,
    factoryFlowControl: [0, 0],
    factoryDtrMode: 1,
    factoryDcdFollowsLink: true,
    waitUnitMs: 100,
    leastWaitTime: 1,
    commandModeData: "held",
    acceptShowsAddress: false,
    resumeRefusal: "ERROR",
    dtrDropResult: "CLOSED",
    escapeRaisesDcd: false,
    factoryRingReports: 0,
    ringIntervalMs: 6000,
    dataModeRings: "each",
    messageErrors: "always",
    messageMemories: ["SM_P", "SM_P", "SM_P"],
    preferredMemoryOverflows: false,
    partsAsText: true,
    ussdBlanks: true,
    ussdInHex: "taken",
    saysSmsReady: true,
    iccidPadding: "F",
    sleepDelayMs: 1000,
    sleepsInDataMode: true,
    powerKeyOffMs: 1500,
    baudSavesItself: false,
    autobaudRange: { lowest: 1200, highest: 115200 },
    romBurst: true,
    attachTimeoutMs: 75_000,
    connectTimeoutMs: 75_000,
    tlsVersion: "TLSv1.2",
    tlsFailure: "CLOSE OK",
    ignoresCertificates: false,
    dnsTimeoutMs: 10_000,
    unacknowledgedTimeoutMs: 645_000,
    closeTimeoutMs: 10_000,
    sendBuffer: 5 * 1460,
    receiveBuffer: 6 * 1460,
}

export interface ModemOptions {
    /** Default: the time of this machine. */
    readonly clock?: Clock
    /** The IP network behind the PDP context. Default: one without any host. */
    readonly network?: Network
    /** What random faults are made from. Default 1. */
    readonly seed?: number
    /** How long things take. Default `realistic`. */
    readonly delays?: DelayProfileName | Delays
    /** Rate and round trip of the radio. Default `fast`. */
    readonly radio?: RadioLinkName | RadioLinkOptions
    readonly sim?: Partial<SimCardOptions>
    /** Default: searching at once, home network after `delays.registration`. */
    readonly registration?: readonly RegistrationStep[]
    readonly operator?: Partial<OperatorOptions>
    readonly identity?: Partial<Identity>
    readonly firmware?: Partial<FirmwareOptions>
    /** Default: groups of 1 ms, of any size. */
    readonly chunks?: Partial<ChunkOptions>
    /** Default 20,0 (the example of [AN] 2.1.1). */
    readonly signal?: Signal
    /** Default 0,62,3900. */
    readonly battery?: Battery
    /** The network's time at construction: UTC, ms since 1970. Default 2020-12-16 18:03:45. */
    readonly utc?: number
    /**
     * Time of the module's clock at construction, AT+CCLK. Default 2004-01-01 00:00:00,
     * its start value without power [REAL:TG#5,TG#228].
     */
    readonly rtc?: number
    /** Stored profile of an earlier AT&W, as differences from the factory profile. */
    readonly stored?: Partial<Profile>
    /** Initial rate of the DTE's UART. Default 115200. */
    readonly dteBaud?: number
}

/** {@link ModemOptions} with every default filled in. */
export interface ResolvedOptions {
    readonly seed: number
    readonly delays: Delays
    readonly radio: RadioLinkOptions
    readonly sim: Partial<SimCardOptions>
    readonly registration: readonly RegistrationStep[]
    readonly operator: OperatorOptions
    readonly identity: Identity
    readonly firmware: FirmwareOptions
    readonly chunks: ChunkOptions
    readonly signal: Signal
    readonly battery: Battery
    readonly utc: number
    readonly rtc: number
    readonly stored: Partial<Profile>
    readonly dteBaud: number
}

const defaultChunks: ChunkOptions = { chunkMs: 1, chunkBytes: Infinity }

/** Modems that want nothing else share the defaults. */
function withDefaults<T extends object>(
    defaults: T,
    wanted: Partial<T> | undefined
): T {
    return wanted === undefined ? defaults : { ...defaults, ...wanted }
}

export function resolveOptions(options: ModemOptions): ResolvedOptions {
    const delays =
        typeof options.delays === "object"
            ? options.delays
            : delayProfiles[options.delays ?? "realistic"]
    return {
        seed: options.seed ?? 1,
        delays,
        radio:
            typeof options.radio === "object"
                ? options.radio
                : radioLinks[options.radio ?? "fast"],
        sim: options.sim ?? {},
        registration: options.registration ?? [
            { afterMs: 0, status: 2 },
            { afterMs: delays.registration, status: 1 },
        ],
        operator: withDefaults(defaultOperator, options.operator),
        identity: withDefaults(defaultIdentity, options.identity),
        firmware: withDefaults(defaultFirmware, options.firmware),
        chunks: withDefaults(defaultChunks, options.chunks),
        signal: options.signal ?? { rssi: 20, errorRate: 0 },
        battery: options.battery ?? {
            charging: 0,
            percent: 62,
            millivolts: 3900,
        },
        utc: options.utc ?? Date.UTC(2020, 11, 16, 18, 3, 45),
        rtc: options.rtc ?? Date.UTC(2004, 0, 1),
        stored: options.stored ?? {},
        dteBaud: options.dteBaud ?? 115200,
    }
}
