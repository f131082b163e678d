/** What a `Modem` is told once, when it is made. */

/** The rates of AT+IPR, the likeliest first. */
// prettier-ignore
export const RATES = [115200, 9600, 57600, 38400, 19200, 230400, 460800, 4800, 2400, 1200]

/** Most bytes that one AT+CIPSEND or AT+CIPRXGET can carry. */
export const SEGMENT = 1460

/** How received data come (application note 7). */
export enum Reception {
    /** AT+CIPRXGET=1: when they are asked for */
    Manual,
    /** the same as hexadecimal digits, for lines that are not 8-bit clean */
    Hex,
    /** by themselves, each piece behind a header with its length */
    Push,
    /** by themselves and bare, as 2.1.1 shows: single connection only */
    Plain,
}

/** Whether received data come by themselves. */
export function isPushed(reception: Reception): boolean {
    return reception === Reception.Push || reception === Reception.Plain
}

/** How the modem learns where the data of an AT+CIPSEND end (application note 6). */
export enum Framing {
    /** their length is told beforehand: any bytes will do */
    Length,
    /** Ctrl-Z ends them; those that contain one are sent by length all the same */
    CtrlZ,
    /** AT+CIPATS: the modem sends when its timer runs out */
    Timer,
}

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
    /** baud rate, one of `RATES` */
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
    /** Framing.Timer: after so many s, 1–100; else 0 */
    sendTimer: number
    /** AT+CIPQSEND=1: sent means taken by the modem, not acknowledged */
    quickSend: boolean
    /** AT+CIPTKA: probe an idle connection after so many s, 30–7200; 0: as the modem likes */
    keepAlive: number
    /** how many connections, 1–6 */
    connections: number
    /** size of the receive ring of the UART, a power of two ≥ 1024: the longest line is 672 bytes */
    ring: number
    /** size of the receive buffer of a connection, a power of two */
    receiveBuffer: number
    /** without a word from the modem, look for data on one connection after the other every so many ms */
    receivePoll: number
    /** pushed data may wait for their reader for so long before they are lost, ms */
    stallTimeout: number
}
