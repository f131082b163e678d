/** Replaces DeviceScript's clock for the self-test on Espruino. */

/**
 * Espruino's time in ms: since the start of the board, or since 1970 once the clock is
 * set.
 */
export function millis(): number {
    return Math.floor(getTime() * 1000)
}
