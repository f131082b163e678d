/**
 * The words of a modem's configuration, which options.ts makes of what a program gives,
 * and figures that several files need.
 */

/**
 * The rates of AT+IPR, the likeliest first: how many times 1200, 16 bits each,
 * little-endian. A buffer lies in flash, where numbers in an array are code and heap.
 */
// prettier-ignore
const RATES = Buffer.from([96, 0, 8, 0, 48, 0, 32, 0, 16, 0, 192, 0, 128, 1, 4, 0, 2, 0, 1, 0])

/** One of the rates of AT+IPR, by its place among them; 0 behind the last one. */
export function rateAt(i: number): number {
    return (RATES[2 * i] | (RATES[2 * i + 1] << 8)) * 1200
}

/** Most bytes that one AT+CIPSEND or AT+CIPRXGET can carry. */
export const SEGMENT = 1460

/** Longest time without a look at what is to be done, ms. */
export const IDLE = 3600000
/** Before and behind `+++` nothing may be sent for 1 s (2.2.4); and a margin, ms. */
export const ESCAPE_GUARD = 1100

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
