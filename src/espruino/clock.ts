/** Replaces DeviceScript's clock for the self-test on Espruino. */

/** ms since the start of the board, or of its clock's epoch once the clock is set. */
export function millis(): number {
    return Math.floor(getTime() * 1000)
}
