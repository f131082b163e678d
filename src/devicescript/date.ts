/** Dates as the modem writes them, and as ISO 8601 does. */

const DAY = 86400000
/** a clock that nobody has set begins in 2004, older ones in 1980 */
const FIRST_YEAR = 2015
const LAST_YEAR = 2069

/** Days from 1970-01-01 on; a year begins with March here, and leap days end it. */
function days(year: number, month: number, day: number): number {
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

/**
 * @internal Reads `yy/MM/dd,hh:mm:ss`; whatever stands behind it is left out.
 * @returns ms since 1970; `undefined` for a clock that has not been set
 */
export function utcOf(text: string): number {
    const year = 2000 + parseInt(text.slice(0, 2))
    if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) return undefined
    return (
        days(year, parseInt(text.slice(3, 5)), parseInt(text.slice(6, 8))) *
            DAY +
        parseInt(text.slice(9, 11)) * 3600000 +
        parseInt(text.slice(12, 14)) * 60000 +
        parseInt(text.slice(15, 17)) * 1000
    )
}

function two(value: number): string {
    return (value < 10 ? "0" : "") + value
}

/**
 * A time as ISO 8601 has it, e.g. `2026-02-03T04:05:06Z`.
 * @param utc ms since 1970; the fraction of a second is left out
 */
export function isoTime(utc: number): string {
    const day = Math.floor(utc / DAY)
    const seconds = Math.floor((utc - day * DAY) / 1000)
    let year = 1970 + Math.floor(day / 366)
    while (days(year + 1, 1, 1) <= day) year++
    let month = 12
    while (days(year, month, 1) > day) month--
    const date = day - days(year, month, 1) + 1
    const hour = Math.floor(seconds / 3600)
    const minute = Math.floor(seconds / 60) % 60
    return `${year}-${two(month)}-${two(date)}T${two(hour)}:${two(minute)}:${two(seconds % 60)}Z`
}
