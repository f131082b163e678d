/** Alarms, [ATM12] 6.2.5, 6.2.6. */
import { ALARM_COUNT, EVERY_DAY, type Alarm } from "../alarms"
import { allowedIf, says, takes, type Command } from "../command"
import { CommandError } from "../errors"
import { integer, readParameters, splitValues, text } from "../parameters"

const INVALID = 765
const index = integer(1, ALARM_COUNT)

function describe([n, { time, days }]: readonly [number, Alarm]): string {
    if (days.length === 0) return `+CALA: "${time}",${n}`
    const shown = days === EVERY_DAY || days.length === 7 ? "0" : days.join(",")
    return `+CALA: "${time}",${n},"${shown}"`
}

/** `"16:00:00",2,1,2,3,4,5` as the manual has it, or with the days in quotes. */
function daysOf(values: readonly string[]): readonly number[] {
    const days = values.flatMap(value => value.split(",")).map(Number)
    if (days.length === 1 && days[0] === 0) return EVERY_DAY
    if (!days.every(day => EVERY_DAY.includes(day)))
        throw new CommandError(INVALID)
    return [...new Set(days)].sort()
}

export const alarmCommands: readonly Command[] = [
    {
        name: "+CALA",
        test: says(() => '+CALA: ("yy/mm/dd,hh:mm:ss","hh:mm:ss"),(1-5),(0-7)'),
        read: (run, _given) => {
            const lines = run.dce.alarms.all.map(describe)
            run.information(...lines)
            run.ok()
        },
        write: (run, given) => {
            const values = splitValues(given)
            const [first, second, ...days] = values
            const [time] = readParameters(`"${first.text}"`, [text(17)])
            const n = second === undefined ? 1 : index(second)
            const set = run.dce.alarms.set(n, {
                time,
                days: days.length > 0 ? daysOf(days.map(text(13))) : [],
            })
            if (!set) throw new CommandError(INVALID)
            run.ok()
        },
    },
    {
        name: "+CALD",
        test: says(() => "+CALD: (1-5)"),
        write: takes([index], (run, n) => {
            allowedIf(run.dce.alarms.remove(n))
            run.ok()
        }),
    },
]
