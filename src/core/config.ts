/**
 * The enums of a modem's configuration, which options.ts makes of a program's options,
 * and figures that several files need.
 */

/**
 * The rates of AT+IPR, the likeliest first: multiples of 1200, 16 bits each,
 * little-endian. A buffer lies in flash; an array of numbers would take code and heap.
 */
// prettier-ignore
const RATES = Buffer.from([96, 0, 8, 0, 48, 0, 32, 0, 16, 0, 192, 0, 128, 1, 4, 0, 2, 0, 1, 0])

/** One of the rates of AT+IPR, by its index; 0 after the last one. */
export function rateAt(i: number): number {
    return (RATES[2 * i] | (RATES[2 * i + 1] << 8)) * 1200
}

/** Most bytes that one AT+CIPSEND or AT+CIPRXGET can carry. */
export const SEGMENT = 1460

/** Longest time between two polls, ms. */
export const IDLE = 3600000
/** Before and after `+++` nothing may be sent for 1 s (2.2.4); with a margin, ms. */
export const ESCAPE_GUARD = 1100

/** How received data arrive (application note 7). */
export enum Reception {
    /** AT+CIPRXGET=1: on request */
    Manual,
    /** the same as hexadecimal digits, for lines that are not 8-bit clean */
    Hex,
    /** unsolicited, each piece after a header with its length */
    Push,
    /** unsolicited and without a header, as 2.1.1 shows: single connection only */
    Plain,
}

/** Whether received data arrive unsolicited. */
export function isPushed(reception: Reception): boolean {
    return reception === Reception.Push || reception === Reception.Plain
}

/** How the modem learns the end of the data of an AT+CIPSEND (application note 6). */
export enum Framing {
    /** their length is announced: any bytes are allowed */
    Length,
    /** Ctrl-Z ends them; data that contain one are sent by length all the same */
    CtrlZ,
    /** AT+CIPATS: the modem sends when its timer runs out */
    Timer,
}
