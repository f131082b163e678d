import type { Clock } from "./clock"

const QUARTER_HOUR = 15 * 60 * 1000

/** A calendar clock: the module's own, AT+CCLK, and the network's. It runs as long as the modem object lives. */
export class RealTimeClock {
    private utc: number
    private readAt: number
    private quarters = 0

    /** @param utc ms since 1970 */
    constructor(
        private readonly clock: Clock,
        utc: number
    ) {
        this.utc = utc
        this.readAt = clock.now()
    }

    /** ms since 1970, UTC. */
    get now(): number {
        return this.utc + Math.floor(this.clock.now() - this.readAt)
    }

    /** Local time, ms since 1970 as if it were UTC. */
    get localNow(): number {
        return this.now + this.quarters * QUARTER_HOUR
    }

    /** Local time minus UTC, in quarter hours. */
    get timeZone(): number {
        return this.quarters
    }

    /** Time from the network: UTC in ms since 1970, zone in quarter hours. */
    setNetworkTime(utc: number, quarters: number): void {
        this.utc = utc
        this.readAt = this.clock.now()
        this.quarters = quarters
    }

    /** `yy/MM/dd,hh:mm:ss±zz`, local time, zone in quarter hours ([ATM] 3.2.43). */
    format(): string {
        const local = new Date(this.now + this.quarters * QUARTER_HOUR)
        const [date, time] = local.toISOString().slice(2, 19).split("T")
        const sign = this.quarters < 0 ? "-" : "+"
        const zone = String(Math.abs(this.quarters)).padStart(2, "0")
        return `${date.replaceAll("-", "/")},${time}${sign}${zone}`
    }

    /** `yy/MM/dd,hh:mm:ss`, UTC. */
    formatUtc(): string {
        const [date, time] = new Date(this.now)
            .toISOString()
            .slice(2, 19)
            .split("T")
        return `${date.replaceAll("-", "/")},${time}`
    }

    /** `yyyy/MM/dd,hh:mm:ss`, UTC. */
    formatUtcWithCentury(): string {
        const century = new Date(this.now).toISOString().slice(0, 2)
        return `${century}${this.formatUtc()}`
    }

    /** @returns whether the text was a time in the form of {@link format}, which is then set */
    set(text: string): boolean {
        const match =
            /^(\d\d)\/(\d\d)\/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d\d)$/.exec(text)
        if (match === null) return false
        const [year, month, day, hour, minute, second, zone] = match
            .slice(1)
            .map(Number)
        if (zone < -47 || zone > 48) return false
        const local = Date.UTC(
            2000 + year,
            month - 1,
            day,
            hour,
            minute,
            second
        )
        const before = { utc: this.utc, at: this.readAt, zone: this.quarters }
        this.utc = local - zone * QUARTER_HOUR
        this.readAt = this.clock.now()
        this.quarters = zone
        // a 30th of February does not read back unchanged
        if (this.format() === text) return true
        this.utc = before.utc
        this.readAt = before.at
        this.quarters = before.zone
        return false
    }
}
