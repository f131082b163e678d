/**
 * The options of a modem, each in one row: its name, type, unit, default and
 * range. The checks, `ModemConfig`, the table in docs/sockets.md and the
 * configurations of the tests come from these rows; what an option is for, the
 * comments of `ModemOptions` say.
 */
import { Kind, LONGEST_TIME, wrong, wrongWord } from "./arguments"
import { Framing, ModemConfig, Reception } from "./config"

export interface ModemOptions {
    /** access point name of the operator */
    apn: string
    /** user of the access point, if it wants one */
    user?: string
    /** password of that user */
    password?: string
    /**
     * PIN of the SIM card, if it wants one; a number as `readSetting()` makes
     * it. A wrong one is never tried twice, and the last try is left to a person
     */
    pin?: string | number
    /** rate of the UART; the modem is set to it, and keeps it (AT&W) */
    baud?: number
    /** `multi`: up to six connections. `single`: one, as transparent mode needs it */
    connections?: "multi" | "single"
    /**
     * `manual`: the modem keeps what it receives until there is room for it here
     * (AT+CIPRXGET=1). `hex`: the same in hexadecimal digits, for a line that is
     * not 8-bit clean. `push`: it sends everything at once, with fewer bytes on
     * the UART, which needs RTS and CTS. `plain`, for a single connection: the
     * same without headers, so that data which look like what the modem says are
     * taken for that (application note 2.1.1)
     */
    receive?: "manual" | "hex" | "push" | "plain"
    /**
     * true for firmware whose `+CIPRXGET: 2,n,` counts requested and confirmed
     * bytes, as the manual has it, not delivered and left ones
     */
    confirmedNumbers?: boolean
    /**
     * How the modem learns where data end. `length`: it is told beforehand.
     * `ctrl-z`: by Ctrl-Z; data that contain one are sent by length all the same.
     * A number: after so many seconds (AT+CIPATS)
     */
    framing?: "length" | "ctrl-z" | number
    /**
     * for a single connection: the PDP context comes up with the first
     * `connect()`, by AT+CIPSTART (2.1.1)
     */
    lazy?: boolean
    /**
     * true: `send()` returns when the modem has the data (AT+CIPQSEND=1). false:
     * when the peer has acknowledged them; the whole modem waits for that
     */
    quickSend?: boolean
    /**
     * after so many seconds without traffic the modem asks the peer whether it is
     * still there, and closes the connection if nothing comes back within two
     * minutes more (AT+CIPTKA). 0: as the modem likes; some believe in a dead
     * connection for days
     */
    keepAlive?: number
    /**
     * how many sockets at the same time. One takes memory when it is needed: 3.5
     * kB with its receive buffer
     */
    sockets?: number
    /** receive buffer of each socket, a power of two; UDP needs 2048 or more */
    receiveBuffer?: number
}

/** What the modem's UART and lines can do. */
export interface PortAbilities {
    readonly flowControl: boolean
    readonly largestBurst: number
    readonly hasDtr: boolean
    readonly hasReset: boolean
    readonly hasPowerKey: boolean
}

/** Who goes through the rows: one who checks, or one who writes a table. */
export interface OptionReader {
    /**
     * @param otherwise what it is if it is not given; null: it has to be
     * @param min the least that it, or its length, may be
     * @param max the most
     */
    value<T>(
        name: string,
        kind: Kind | null,
        unit: string,
        otherwise: T | null,
        min: number,
        max: number
    ): T
    /**
     * An option that is a word, the first one if it is not given, or a number if
     * there is a range.
     * @returns the number of the word, or how many words there are and the number
     */
    word(
        name: string,
        words: string[],
        unit: string,
        min: number,
        max: number
    ): number
}

/** how many words `framing` has, by the numbers of `Framing` */
const FRAMINGS = 2
/** AT+CIPRXGET without having been told, ms */
const RECEIVE_POLL = 2000
/** push: how long the modem is held up for a slow reader, ms */
const STALL_TIMEOUT = 20000
/** receive rings of the UART: with push, the modem says more at a time */
const RING_MANUAL = 1024
const RING_PUSH = 4096
/** connections with AT+CIPMUX=1 */
const MULTI = 6

/**
 * The rows, and what follows from them and from the port.
 * @param from what goes through the rows
 */
export function readOptions(
    from: OptionReader,
    port: PortAbilities
): ModemConfig {
    const reception = from.word(
        "receive",
        ["manual", "hex", "push", "plain"],
        "",
        0,
        0
    ) as Reception
    const plain = reception === Reception.Plain
    const pushed = plain || reception === Reception.Push
    const multi = from.word("connections", ["multi", "single"], "", 0, 0) === 0
    const most = multi ? MULTI : 1
    const framing = from.word("framing", ["length", "ctrl-z"], "s", 1, 100)
    const timed = framing > FRAMINGS
    // prettier-ignore
    return {
        //                           name                kind             unit     default  range
        apn:              from.value<string>("apn",              Kind.Text,       "",      null,    0,   50),
        user:             from.value("user",             Kind.Text,       "",      "",      0,   50),
        password:         from.value("password",         Kind.Text,       "",      "",      0,   50),
        pin:              from.value("pin",              Kind.Digits,     "",      "",      4,   8),
        baud:             from.value("baud",             Kind.Rate,       "bit/s", 115200,  0,   LONGEST_TIME),
        quickSend:        from.value("quickSend",        Kind.Flag,       "",      true,    0,   LONGEST_TIME),
        keepAlive:        from.value("keepAlive",        Kind.Whole,      "s",     0,       30,  7200),
        lazy:             from.value("lazy",             Kind.Flag,       "",      false,   0,   LONGEST_TIME),
        connections:      from.value("sockets",          Kind.Whole,      "",      most,    1,   most),
        receiveBuffer:    from.value("receiveBuffer",    Kind.PowerOfTwo, "bytes", 2048,    256, 8192),
        confirmedNumbers: from.value("confirmedNumbers", Kind.Flag,       "",      false,   0,   LONGEST_TIME),
        reception,
        multi,
        framing: timed ? Framing.Timer : framing,
        sendTimer: timed ? framing - FRAMINGS : 0,
        ring: pushed ? RING_PUSH : RING_MANUAL,
        receivePoll: RECEIVE_POLL,
        stallTimeout: STALL_TIMEOUT,
        flowControl: port.flowControl,
        largestBurst: port.largestBurst,
        dtr: port.hasDtr,
        resetPin: port.hasReset,
        powerKey: port.hasPowerKey,
        // what `Transparent` sets
        transparent: false,
        transfer: "",
        printedData: false,
    }
}

/**
 * Checks what an application gives: `wrong` says what can not be, and `name`
 * which option it is about.
 * @devsWhenUsed
 */
export class GivenOptions implements OptionReader {
    /** the first option that can not be */
    name = ""
    /** what is wrong with it; "" if nothing is */
    wrong = ""
    private readonly given: Record<string, unknown>

    /** @param given `ModemOptions`, or whatever a caller takes for that */
    constructor(given: object) {
        this.given = given as Record<string, unknown>
    }

    refuse(name: string, wrong: string) {
        if (wrong === "" || this.wrong !== "") return
        this.name = name
        this.wrong = wrong
    }

    /** What is given is not when it is `undefined`, `null`, or the default. */
    value<T>(
        name: string,
        kind: Kind | null,
        unit: string,
        otherwise: T | null,
        min: number,
        max: number
    ): T {
        let value = this.given[name]
        if (otherwise !== null)
            if (value === undefined || value === null || value === otherwise)
                return otherwise
        // a PIN, as `readSetting()` makes it
        if (kind === Kind.Digits && typeof value === "number")
            value = "" + value
        if (kind === null) return value as T
        const why = wrong(kind, value, min, max)
        this.refuse(name, why && unit ? why + " " + unit : why)
        return value as T
    }

    word(
        name: string,
        words: string[],
        unit: string,
        min: number,
        max: number
    ): number {
        const value = this.value(name, null, "", words[0], 0, 0)
        const at = words.indexOf(value)
        if (at >= 0) return at
        if (typeof value !== "number" || max === 0)
            this.refuse(name, wrongWord(value, words))
        else this.value(name, Kind.Whole, unit, words[0], min, max)
        return words.length + (value as unknown as number)
    }
}

/**
 * What an application gives, read and checked, with what only together can not be.
 * @param given found wrong if its `wrong` is not ""
 */
export function configure(
    given: GivenOptions,
    port: PortAbilities
): ModemConfig {
    const config = readOptions(given, port)
    const multi = config.multi
    const reception = config.reception
    const plain = reception === Reception.Plain
    const pushed = plain || reception === Reception.Push
    if (pushed && !port.flowControl)
        given.refuse(
            "receive",
            'it loses data without RTS and CTS: wire them, or take "manual"'
        )
    if (multi && plain)
        given.refuse(
            "receive",
            '"plain" is for a single connection: take "push"'
        )
    if (multi && config.lazy)
        given.refuse("lazy", "it is for a single connection")
    return config
}
