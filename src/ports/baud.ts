/** Baud rates of the modem (AT+IPR), and their divisors for a crystal. */
import { rateAt } from "../core/config"

/** Largest error of a rate, in per mille: each end may be off by 2 %. */
const TOLERANCE = 20
const LARGEST = 65535

/** Error of the best divisor for a rate, in per mille; huge if there is none. */
function deviation(crystal: number, baud: number): number {
    const divisor = Math.round(crystal / (16 * baud))
    if (divisor < 1 || divisor > LARGEST) return 1000
    return Math.abs(crystal / (16 * divisor * baud) - 1) * 1000
}

/**
 * The divisor of a 16x UART clock, prescaler 1.
 * @param crystal in Hz
 * @param baud the wanted rate
 * @throws if the rate would be more than 2 % off; names the nearest possible one
 */
export function divisorFor(crystal: number, baud: number): number {
    if (deviation(crystal, baud) <= TOLERANCE)
        return Math.round(crystal / (16 * baud))
    let nearest = 0
    for (let i = 0; ; i++) {
        const rate = rateAt(i)
        if (rate === 0) break
        if (
            deviation(crystal, rate) <= TOLERANCE &&
            Math.abs(rate - baud) < Math.abs(nearest - baud)
        )
            nearest = rate
    }
    const way = nearest
        ? `use ${nearest} baud`
        : "check the crystal's frequency"
    throw new Error(
        `a crystal of ${crystal} Hz is more than 2 % off at ${baud} baud: ${way}`
    )
}
