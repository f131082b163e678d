/**
 * Times are milliseconds in 32 bits, which wrap every 50 days: they are compared by
 * their difference, and must lie less than 25 days apart.
 */

/** Whether `a` is earlier than `b`. */
export function before(a: number, b: number): boolean {
    return ((a - b) | 0) < 0
}

/** How much later `a` is than `b`, ms; negative if it is earlier. */
export function difference(a: number, b: number): number {
    return (a - b) | 0
}
