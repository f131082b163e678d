/** What the self-test has of DeviceScript, on Espruino: the time. */

/** ms since the board has started, or since somebody has set its clock. */
export function millis(): number {
    return Math.floor(getTime() * 1000)
}
