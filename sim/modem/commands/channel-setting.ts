import { says, takes, type Command } from "../command"
import { integer } from "../parameters"
import { range, type SettingData } from "../setting"

/**
 * A command that keeps a number for each of several channels, written one at a
 * time: `AT+X=channel,value`, read as `+X: (0,10),(1,11)`.
 * @param initial one for each channel
 */
export function channelSetting(
    name: string,
    highest: number,
    initial: readonly number[]
): Command {
    const data: SettingData = {
        name,
        values: initial.map(value => range(0, highest, value)),
        saved: "by itself",
    }
    const last = initial.length - 1
    return {
        name,
        keeps: data,
        keepsByChannel: true,
        test: says(() => `${name}: (0-${last}),(0-${highest})`),
        read: says(({ settings }) => {
            const values = settings.valuesOf(data)
            const shown = values.map(
                (value, channel) => `(${channel},${value})`
            )
            return `${name}: ${shown.join(",")}`
        }),
        write: takes(
            [integer(0, last), integer(0, highest)],
            (run, channel, value) => {
                const { settings } = run.dce
                const values = settings
                    .valuesOf(data)
                    .map((old, i) => (i === channel ? value : old))
                settings.keep(data, values)
                run.ok()
            }
        ),
    }
}
