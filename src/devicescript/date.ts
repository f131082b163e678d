/** Dates in the format of ISO 8601. */
import { daysTo } from "../core/dialogues/date"

const DAY = 86400000

function two(value: number): string {
    return (value < 10 ? "0" : "") + value
}

/**
 * Writes a time in the format of ISO 8601, e.g. `2026-02-03T04:05:06Z`.
 * @param utc ms since 1970; fractions of a second are dropped
 */
export function isoTime(utc: number): string {
    const day = Math.floor(utc / DAY)
    const seconds = Math.floor((utc - day * DAY) / 1000)
    let year = 1970 + Math.floor(day / 366)
    while (daysTo(year + 1, 1, 1) <= day) year++
    let month = 12
    while (daysTo(year, month, 1) > day) month--
    const date = day - daysTo(year, month, 1) + 1
    const hour = Math.floor(seconds / 3600)
    const minute = Math.floor(seconds / 60) % 60
    return `${year}-${two(month)}-${two(date)}T${two(hour)}:${two(minute)}:${two(seconds % 60)}Z`
}
