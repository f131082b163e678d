/** AT+CIPPING: round-trip times of a host (manual 10.2.1). */
import { type Dialogue, type Problem, type Talk } from "./talk"

/** for the look-up of a name, beside the time of the answers, ms */
const NAME_TIMEOUT = 30000
const TENTH = 100

/** @devsWhenUsed */
export class Ping implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** time of each, in ms, in steps of 100; -1: no answer */
    readonly times: number[]
    private readonly host: string
    private readonly count: number
    private readonly tenths: number
    private asked = false

    /** @param tenths timeout of an answer in tenths of a second, 1–600 */
    constructor(host: string, count: number, tenths: number) {
        this.times = []
        this.host = host
        this.count = count
        this.tenths = tenths
    }

    next(talk: Talk): boolean {
        const count = this.count
        const tenths = this.tenths
        if (!this.asked) {
            this.asked = true
            return talk.say(
                `AT+CIPPING="${this.host}",${count},32,${tenths}`,
                NAME_TIMEOUT + 2 * count * tenths * TENTH
            )
        }
        if (!talk.obeyed()) return false
        const fields = talk.fields
        for (let at = 0; at >= 0;) {
            at = talk.seekFrom("+CIPPING:", at)
            if (at < 0) break
            fields.skip(2)
            const time = fields.whole(0, tenths)
            if (fields.wrong) {
                while (this.times.length > 0) this.times.pop()
                return talk.again()
            }
            // a missing answer is reported with the full timeout
            this.times.push(time < tenths ? time * TENTH : -1)
        }
        return false
    }
}
