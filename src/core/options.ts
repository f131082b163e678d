/**
 * The options of a modem, each in one row: its name, type, unit, default and
 * range. The checks, `ModemConfig`, the table in docs/sockets.md and the
 * configurations of the tests come from these rows; what an option is for, the
 * comments of `ModemOptions` say.
 */
import { Kind, LONGEST_TIME, wrong, wrongWord } from "./arguments"
import { Framing, Reception } from "./config"

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
     * how many sockets at the same time. One takes memory when it is needed: 3.1 kB
     * with its receive buffer
     */
    sockets?: number
    /** receive buffer of each socket, a power of two; UDP needs 2048 or more */
    receiveBuffer?: number
}

/** What a `Modem` is told when it is made: `readOptions()` makes it of the options. */
export interface ModemConfig {
    /** AT+CIPMUX=1: six connections; else there is one */
    multi: boolean
    /** AT+CIPMODE=1: that one is in data mode (chapter 2.2) */
    transparent: boolean
    /** a second PDP context may be up (chapter 4) */
    secondContext: boolean
    /** AT+CIPCCFG, its parameters from NmRetry to Rxtimer; "" for the modem's own */
    transfer: string
    /** in command mode the modem prints what comes from the peer, bare */
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
     * bytes that the modem may say while nobody looks at the UART: AT+CIPRXGET
     * asks for no more data at a time than fit in there with all that comes
     * with them. 0: any number
     */
    largestBurst: number
    reception: Reception
    /**
     * the numbers behind AT+CIPRXGET=2 are requested and confirmed, as the
     * manual has it, not delivered and left, as modems have it
     */
    confirmedNumbers: boolean
    framing: Framing
    /** Framing.Timer: the time of the modem's timer, 1–100 s; else 0 */
    sendTimer: number
    /** AT+CIPQSEND=1: sent means taken by the modem, not acknowledged */
    quickSend: boolean
    /**
     * AT+CIPTKA: idle time before a connection is probed, 30–7200 s; 0: as the modem
     * likes
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
     * while the modem says nothing, how often one connection after the other is asked
     * for data, ms
     */
    receivePoll: number
    /** how long pushed data wait for their reader before they are lost, ms */
    stallTimeout: number
}

/** Lines between the microcontroller and the modem, beside RX and TX: bits. */
export enum Wired {
    None = 0,
    /**
     * RTS and CTS, and they work without the driver: the modem is held up while there
     * is no room for what it says
     */
    RtsCts = 1,
    Dtr = 2,
    Dcd = 4,
    Ri = 8,
    /** RESET, or PWRKEY in its place: the port can reset the modem */
    Reset = 16,
    /** PWRKEY: the port can switch the modem on */
    PowerKey = 32,
}

/** What the modem's UART and lines can do. */
export interface PortAbilities {
    /** the lines that are there */
    readonly wired: Wired
    /**
     * how many bytes may come while nobody looks without a loss; 0: any number. The
     * driver asks the modem for no more received data at a time.
     */
    readonly largestBurst: number
}

/** Whether a line is there. */
export function has(port: PortAbilities, line: Wired): boolean {
    return (port.wired & line) !== 0
}

/** Goes through the rows: it checks options, or writes a table of them. */
export interface OptionReader {
    /**
     * @param given what the application has given
     * @param otherwise what it is if it is not given; null: it has to be
     * @param min the least that it, or its length, may be
     * @param max the most
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
     * An option that is a word, or a number if there is a range. If it is not given, it
     * is the first word.
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

/** AT+CIPRXGET without having been told, ms */
const RECEIVE_POLL = 2000
/** push: how long the modem is held up for a slow reader, ms */
const STALL_TIMEOUT = 20000
/** receive rings of the UART: with push, the modem says more at a time */
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
 * The rows, and what follows from them and from the port. Each option is read by
 * its own name: so the optimiser sees which are not given, and takes out what only
 * they need.
 * @param from what goes through the rows
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
        // what `Transparent` sets
        transparent: false,
        secondContext: false,
        transfer: "",
        printedData: false,
    }
}

/**
 * Checks what an application gives: `name` is the option that is wrong, and `wrong`
 * says why.
 * @devsWhenUsed
 */
export class GivenOptions implements OptionReader {
    /** the first option that is wrong */
    name = ""
    /** what is wrong with it; "" if nothing is */
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
        // `readSetting()` makes a number of a PIN
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
 * Reads and checks what an application gives, and refuses options that exclude each
 * other.
 * @param options `ModemOptions`, or whatever a caller takes for that
 * @param given found wrong if its `wrong` is not ""
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
