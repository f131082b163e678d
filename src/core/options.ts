/**
 * The options of a modem, each in one row: its name, type, unit, default and range. The
 * checks, `ModemConfig`, the table in docs/sockets.md and the configurations of the
 * tests come from these rows; the comments of `ModemOptions` describe the options.
 */
import { Kind, LONGEST_TIME, wrong, wrongWord } from "./arguments"
import { Framing, Reception } from "./config"

export interface ModemOptions {
    /** access point name of the operator */
    apn: string
    /** user of the access point, if it needs one */
    user?: string
    /** password of that user */
    password?: string
    /**
     * PIN of the SIM card, if it needs one; also as a number, which `readSetting()`
     * returns. A wrong PIN is never tried twice, and the last try is left to a person
     */
    pin?: string | number
    /** baud rate of the UART; the modem is set to it, and keeps it (AT&W) */
    baud?: number
    /** `multi`: up to six connections. `single`: one; transparent mode requires it */
    connections?: "multi" | "single"
    /**
     * `manual`: the modem keeps received data until the driver has room
     * (AT+CIPRXGET=1). `hex`: the same in hexadecimal digits, for a line that is not
     * 8-bit clean. `push`: it sends all data at once, with fewer bytes on the UART;
     * this needs RTS and CTS. `plain`, for a single connection: `push` without headers,
     * so data that look like a line of the modem are taken for one (application note
     * 2.1.1)
     */
    receive?: "manual" | "hex" | "push" | "plain"
    /**
     * true for firmware whose `+CIPRXGET: 2,n,` counts requested and confirmed bytes,
     * as in the manual, instead of delivered and remaining ones
     */
    confirmedNumbers?: boolean
    /**
     * How the modem learns the end of data. `length`: by their length, given
     * beforehand. `ctrl-z`: by Ctrl-Z; data that contain one are sent by length all the
     * same. A number: after that many seconds (AT+CIPATS)
     */
    framing?: "length" | "ctrl-z" | number
    /**
     * for a single connection: the PDP context comes up with the first
     * `connect()`, by AT+CIPSTART (2.1.1)
     */
    lazy?: boolean
    /**
     * true: `send()` returns when the modem has the data (AT+CIPQSEND=1). false: when
     * the peer has acknowledged them; until then the modem takes no other command
     */
    quickSend?: boolean
    /**
     * after this many seconds without traffic the modem probes the peer, and closes the
     * connection if no answer comes within two more minutes (AT+CIPTKA). 0: the modem's
     * own setting; some keep a dead connection for days
     */
    keepAlive?: number
    /**
     * most sockets at the same time. Each takes memory when it is first used: 3.1 kB
     * with its receive buffer
     */
    sockets?: number
    /** bytes of each socket's receive buffer, a power of two; UDP needs 2048 or more */
    receiveBuffer?: number
}

/** The configuration of a `Modem`: `readOptions()` makes it of the options. */
export interface ModemConfig {
    /** AT+CIPMUX=1: six connections; else one */
    multi: boolean
    /** AT+CIPMODE=1: the single connection is in data mode (chapter 2.2) */
    transparent: boolean
    /** a second PDP context may be up (chapter 4) */
    secondContext: boolean
    /** AT+CIPCCFG, its parameters from NmRetry to Rxtimer; "" for the modem's own */
    transfer: string
    /** in command mode the modem prints received data without a header */
    printedData: boolean
    /** DTR is wired */
    dtr: boolean
    /** RESET or PWRKEY is wired */
    resetPin: boolean
    /** AT+CIPSTART brings the context up: single connection only */
    lazy: boolean
    /** access point, user, password: at most 50 characters each */
    apn: string
    user: string
    password: string
    /** PIN of the SIM card, or "" */
    pin: string
    /** baud rate, one of those of `rateAt()` */
    baud: number
    /** PWRKEY is wired */
    powerKey: boolean
    /** RTS and CTS are wired: AT+IFC=2,2 */
    flowControl: boolean
    /**
     * bytes that the modem may send while the UART is not read: AT+CIPRXGET asks for no
     * more data at a time than fit in, together with the rest of the response. 0: any
     * number
     */
    largestBurst: number
    reception: Reception
    /**
     * the numbers of +CIPRXGET: 2 are requested and confirmed bytes, as in the manual,
     * not delivered and remaining ones, as in real modems
     */
    confirmedNumbers: boolean
    framing: Framing
    /** Framing.Timer: the time of the modem's timer, 1–100 s; else 0 */
    sendTimer: number
    /** AT+CIPQSEND=1: sent means taken by the modem, not acknowledged */
    quickSend: boolean
    /**
     * AT+CIPTKA: idle time before a connection is probed, 30–7200 s; 0: the modem's own
     */
    keepAlive: number
    /** how many connections, 1–6 */
    connections: number
    /**
     * size of the receive ring of the UART, a power of two, at least 1024: the longest
     * line has 672 bytes
     */
    ring: number
    /** size of the receive buffer of a connection, a power of two */
    receiveBuffer: number
    /**
     * while the modem announces nothing, each connection in turn is asked for data this
     * often, ms
     */
    receivePoll: number
    /** how long pushed data wait for their reader before they are dropped, ms */
    stallTimeout: number
}

/** Lines between the microcontroller and the modem, beside RX and TX: bits. */
export enum Wired {
    None = 0,
    /**
     * RTS and CTS, which work without the driver: the modem is held up while there is
     * no room
     */
    RtsCts = 1,
    Dtr = 2,
    Dcd = 4,
    Ri = 8,
    /** RESET, or PWRKEY instead: the port can reset the modem */
    Reset = 16,
    /** PWRKEY: the port can switch the modem on */
    PowerKey = 32,
}

/** The abilities of the modem's UART and lines. */
export interface PortAbilities {
    /** the wired lines */
    readonly wired: Wired
    /**
     * bytes that may come without a loss while the UART is not read; 0: any number. The
     * driver asks the modem for no more received data at a time.
     */
    readonly largestBurst: number
}

/** Whether a line is wired. */
export function has(port: PortAbilities, line: Wired): boolean {
    return (port.wired & line) !== 0
}

/** Goes through the rows: it checks options, or writes a table of them. */
export interface OptionReader {
    /**
     * @param given the application's value
     * @param otherwise the default; null: the option is required
     * @param min least value, or least length
     * @param max greatest value, or greatest length
     */
    value(
        name: string,
        given: unknown,
        kind: Kind,
        unit: string,
        otherwise: unknown,
        min: number,
        max: number
    ): void
    /**
     * An option that is a word, or a number if there is a range. The first word is the
     * default.
     */
    word(
        name: string,
        given: unknown,
        words: string[],
        unit: string,
        min: number,
        max: number
    ): void
}

/** interval of AT+CIPRXGET without a notice, ms */
const RECEIVE_POLL = 2000
/** push: how long the modem is held up for a slow reader, ms */
const STALL_TIMEOUT = 20000
/** receive rings of the UART: with push, the modem sends more at a time */
const RING_MANUAL = 1024
const RING_PUSH = 4096
/** connections with AT+CIPMUX=1 */
const MULTI = 6

const BAUD = 115200
const RECEIVE_BUFFER = 2048

function receptionOf(receive: unknown): Reception {
    switch (receive) {
        case "hex":
            return Reception.Hex
        case "push":
            return Reception.Push
        case "plain":
            return Reception.Plain
    }
    return Reception.Manual
}

/**
 * The rows, and the configuration that follows from them and from the port. Each option
 * is read by its own name, so the optimiser sees which are not given, and removes the
 * code that only they need.
 * @param from the reader of the rows
 */
export function readOptions(
    options: ModemOptions,
    from: OptionReader,
    port: PortAbilities
): ModemConfig {
    const connections = options.connections
    const framing = options.framing
    const pin = options.pin
    const reception = receptionOf(options.receive)
    const plain = reception === Reception.Plain
    const pushed = plain || reception === Reception.Push
    const multi = connections !== "single"
    const most = multi ? MULTI : 1
    const timed = typeof framing === "number"
    const untimed = framing === "ctrl-z" ? Framing.CtrlZ : Framing.Length
    // prettier-ignore
    {
        //         name                                         kind             unit     default         range
        from.value("apn",              options.apn,              Kind.Text,       "",      null,           0,   50)
        from.value("user",             options.user,             Kind.Text,       "",      "",             0,   50)
        from.value("password",         options.password,         Kind.Text,       "",      "",             0,   50)
        from.value("pin",              pin,                      Kind.Digits,     "",      "",             4,   8)
        from.value("baud",             options.baud,             Kind.Rate,       "bit/s", BAUD,           0,   LONGEST_TIME)
        from.word ("connections",      connections,              ["multi", "single"], "",                  0,   0)
        from.word ("receive",          options.receive,          ["manual", "hex", "push", "plain"], "",   0,   0)
        from.value("confirmedNumbers", options.confirmedNumbers, Kind.Flag,       "",      false,          0,   LONGEST_TIME)
        from.word ("framing",          framing,                  ["length", "ctrl-z"], "s",                1,   100)
        from.value("lazy",             options.lazy,             Kind.Flag,       "",      false,          0,   LONGEST_TIME)
        from.value("quickSend",        options.quickSend,        Kind.Flag,       "",      true,           0,   LONGEST_TIME)
        from.value("keepAlive",        options.keepAlive,        Kind.Whole,      "s",     0,              30,  7200)
        from.value("sockets",          options.sockets,          Kind.Whole,      "",      most,           1,   most)
        from.value("receiveBuffer",    options.receiveBuffer,    Kind.PowerOfTwo, "bytes", RECEIVE_BUFFER, 256, 8192)
    }
    return {
        apn: options.apn,
        user: options.user || "",
        password: options.password || "",
        pin: pin === undefined || pin === null ? "" : "" + pin,
        baud: options.baud || BAUD,
        quickSend: options.quickSend !== false,
        keepAlive: options.keepAlive || 0,
        lazy: !!options.lazy,
        connections: options.sockets || most,
        receiveBuffer: options.receiveBuffer || RECEIVE_BUFFER,
        confirmedNumbers: !!options.confirmedNumbers,
        reception,
        multi,
        framing: timed ? Framing.Timer : untimed,
        sendTimer: timed ? framing : 0,
        ring: pushed ? RING_PUSH : RING_MANUAL,
        receivePoll: RECEIVE_POLL,
        stallTimeout: STALL_TIMEOUT,
        flowControl: has(port, Wired.RtsCts),
        largestBurst: port.largestBurst,
        dtr: has(port, Wired.Dtr),
        resetPin: has(port, Wired.Reset),
        powerKey: has(port, Wired.PowerKey),
        // set by `Transparent`
        transparent: false,
        secondContext: false,
        transfer: "",
        printedData: false,
    }
}

/**
 * Checks an application's options: `name` is the wrong one, and `wrong` says why.
 * @devsWhenUsed
 */
export class GivenOptions implements OptionReader {
    /** the first option that is wrong */
    name = ""
    /** why it is wrong; "" if all options are right */
    wrong = ""

    refuse(name: string, wrong: string) {
        if (wrong === "" || this.wrong !== "") return
        this.name = name
        this.wrong = wrong
    }

    /** An option counts as not given when it is `undefined`, `null`, or the default. */
    value(
        name: string,
        given: unknown,
        kind: Kind,
        unit: string,
        otherwise: unknown,
        min: number,
        max: number
    ) {
        if (otherwise !== null)
            if (given === undefined || given === null || given === otherwise)
                return
        // `readSetting()` returns a PIN as a number
        if (kind === Kind.Digits && typeof given === "number")
            given = "" + given
        const why = wrong(kind, given, min, max)
        this.refuse(name, why && unit ? why + " " + unit : why)
    }

    word(
        name: string,
        given: unknown,
        words: string[],
        unit: string,
        min: number,
        max: number
    ) {
        if (given === undefined || given === null) return
        if (typeof given === "number" && max > 0)
            this.value(name, given, Kind.Whole, unit, words[0], min, max)
        else this.refuse(name, wrongWord(given, words))
    }
}

/**
 * Reads and checks an application's options, and refuses those that exclude each other.
 * @param options `ModemOptions`, or any other value that a caller passes
 * @param given has the result: the options are right if its `wrong` is ""
 */
export function configure(
    options: ModemOptions,
    given: GivenOptions,
    port: PortAbilities
): ModemConfig {
    const config = readOptions(options, given, port)
    const multi = config.multi
    const reception = config.reception
    const plain = reception === Reception.Plain
    const pushed = plain || reception === Reception.Push
    if (pushed && !config.flowControl)
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
