/** Alarms by the module's own clock, AT+CALA ([ATM12] 6.2.5). */
import type { Clock, Timer } from "./clock"
import type { RealTimeClock } from "./real-time-clock"

export interface Alarm {
    /** `yy/MM/dd,hh:mm:ss`, or `hh:mm:ss` of one that recurs. */
    readonly time: string
    /** Days of the week from Monday, 1, on; none rings once. */
    readonly days: readonly number[]
}

/** By `<n>`, kept without power. */
export type AlarmRecord = Partial<Record<number, Alarm>>

export const ALARM_COUNT = 5
export const EVERY_DAY: readonly number[] = [1, 2, 3, 4, 5, 6, 7]

const DAY = 24 * 3600_000
/** How often the clock is looked at, ms: AT+CCLK may have set it. */
const LOOK = 1000
/** A step beyond this is a clock that was set, ms. */
const LEAP = 60_000

export class Alarms {
    private timer: Timer | undefined
    private seenUntil: number

    /** @param ring told of each alarm that is due */
    constructor(
        private readonly clock: Clock,
        private readonly rtc: RealTimeClock,
        private readonly alarms: AlarmRecord,
        private readonly ring: (index: number) => void
    ) {
        this.seenUntil = rtc.localNow
        this.watch()
    }

    /** The alarms that are set, in the order of their numbers. */
    get all(): readonly (readonly [index: number, alarm: Alarm])[] {
        return Array.from({ length: ALARM_COUNT }, (_, i) => i + 1).flatMap(
            index => {
                const alarm = this.alarms[index]
                return alarm === undefined ? [] : [[index, alarm] as const]
            }
        )
    }

    /** @returns whether the time is one */
    set(index: number, alarm: Alarm): boolean {
        if (dueAfter(alarm, this.rtc.localNow - DAY * 7) === undefined)
            return false
        this.alarms[index] = alarm
        this.seenUntil = this.rtc.localNow
        this.watch()
        return true
    }

    /** @returns whether there was one */
    remove(index: number): boolean {
        const existed = this.alarms[index] !== undefined
        delete this.alarms[index]
        return existed
    }

    private watch(): void {
        if (this.timer !== undefined || this.all.length === 0) return
        this.timer = this.clock.after(LOOK, () => {
            this.timer = undefined
            this.look()
            this.watch()
        })
    }

    private look(): void {
        const from = this.seenUntil
        const now = this.rtc.localNow
        this.seenUntil = now
        // the clock was set: what lies between has not passed
        if (now < from || now > from + LEAP) return
        for (const [index, alarm] of this.all) {
            const due = dueAfter(alarm, from)
            if (due === undefined || due > now) continue
            if (alarm.days.length === 0) this.remove(index)
            this.ring(index)
        }
    }
}

/** When an alarm rings next after a local time, in its ms; undefined if it is none, or never. */
function dueAfter({ time, days }: Alarm, after: number): number | undefined {
    if (days.length === 0) {
        const match = /^(\d\d)\/(\d\d)\/(\d\d),(\d\d):(\d\d):(\d\d)$/.exec(time)
        if (match === null) return undefined
        const [year, month, day] = match.slice(1, 4).map(Number)
        const date = Date.UTC(2000 + year, month - 1, day)
        const isDate = new Date(date).getUTCDate() === day
        const ms = timeOfDay(match.slice(4))
        if (!isDate || ms === undefined) return undefined
        return date + ms > after ? date + ms : Infinity
    }
    const match = /^(\d\d):(\d\d):(\d\d)$/.exec(time)
    const ms = match === null ? undefined : timeOfDay(match.slice(1))
    if (ms === undefined) return undefined
    const today = Math.floor(after / DAY) * DAY
    for (let date = today; ; date += DAY) {
        const weekday = new Date(date).getUTCDay() || 7
        if (date + ms > after && days.includes(weekday)) return date + ms
    }
}

function timeOfDay(parts: readonly string[]): number | undefined {
    const [hour, minute, second] = parts.map(Number)
    return hour < 24 && minute < 60 && second < 60
        ? ((hour * 60 + minute) * 60 + second) * 1000
        : undefined
}
