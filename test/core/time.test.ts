/** Times that begin anew after 32 bits. */
import { expect, test } from "vitest"
import { before, difference } from "../../src/core/time"

const LAST = 0x7fff_ffff

test.each([
    [1, 2, -1],
    [2, 2, 0],
    [3, 2, 1],
    // the clock has begun anew between the two
    [LAST, (LAST + 10) | 0, -10],
    [(LAST + 10) | 0, LAST, 10],
    // … or has not been cut to 32 bits yet
    [LAST, LAST + 10, -10],
    [-1, 4, -5],
    [2 ** 32 - 1, 4, -5],
])("%i and %i are %i ms apart", (a, b, apart) => {
    expect(difference(a, b)).toBe(apart)
    expect(before(a, b)).toBe(apart < 0)
})
