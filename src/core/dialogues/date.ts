/** The modem's format of dates: `yy/MM/dd,hh:mm:ss`. */
import { ZERO } from "../ascii"

const DAY = 86400000
/** an unset clock begins in 2004, older ones in 1980 */
const FIRST_YEAR = 15
const LAST_YEAR = 69
/** the separator after each pair of digits but the last */
const SEPARATORS = "//,::"

/** Days since 1970-01-01; here a year begins with March, so a leap day is its last. */
export function daysTo(year: number, month: number, day: number): number {
    const y = month > 2 ? year : year - 1
    const m = month > 2 ? month - 3 : month + 9
    return (
        365 * y +
        Math.floor(y / 4) -
        Math.floor(y / 100) +
        Math.floor(y / 400) +
        Math.floor((153 * m + 2) / 5) +
        day -
        719469
    )
}

function two(bytes: Buffer, at: number): number {
    const tens = bytes[at] - ZERO
    const ones = bytes[at + 1] - ZERO
    if (!(tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) return NaN
    return 10 * tens + ones
}

/**
 * Reads the 17 characters of a date.
 * @returns ms since 1970; -1 for an unset clock or an impossible date; NaN if it is no
 * date
 */
export function readDate(bytes: Buffer, at: number): number {
    for (let i = 0; i < 5; i++)
        if (bytes[at + 3 * i + 2] !== SEPARATORS.charCodeAt(i)) return NaN
    const year = two(bytes, at)
    const month = two(bytes, at + 3)
    const day = two(bytes, at + 6)
    const hour = two(bytes, at + 9)
    const minute = two(bytes, at + 12)
    const second = two(bytes, at + 15)
    const sum = year + month + day + hour + minute + second
    if (isNaN(sum)) return NaN
    if (year < FIRST_YEAR || year > LAST_YEAR) return -1
    if (month < 1 || month > 12 || day < 1) return -1
    if (hour > 23 || minute > 59 || second > 60) return -1
    const days = daysTo(2000 + year, month, day)
    const next =
        month < 12
            ? daysTo(2000 + year, month + 1, 1)
            : daysTo(2001 + year, 1, 1)
    if (days >= next) return -1
    return days * DAY + hour * 3600000 + minute * 60000 + second * 1000
}
