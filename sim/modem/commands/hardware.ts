/**
 * Pins, lights and other devices on the module: only kept, if no device is connected,
 * [ATM12] 6.2.
 */
import {
    allowedIf,
    refuses,
    says,
    setting,
    takes,
    type Command,
} from "../command"
import { integer, oneOf, optional } from "../parameters"
import { antennaReports, watchAntenna } from "../antenna"
import { ringDelay } from "../ring-indicator"
import {
    choice,
    maybe,
    range,
    rangeOrZero,
    type Saved,
    type SettingData,
} from "../setting"

/** A switch that the manual shows as `(0-1)`. */
function toggle(name: string, saved: Saved): Command {
    return setting({ name, values: [range(0, 1, 0)], saved })
}

/** A time of the net light, ms. */
const lightTime = (initial: number) => rangeOrZero(40, 65_535, initial)

/** AT+SLEDS: on times of the net light, then off times: not registered, registered, PPP. */
const lightTimes: SettingData = {
    name: "+SLEDS",
    values: [64, 64, 64, 800, 3000, 300].map(lightTime),
    saved: "AT&W",
}

const lights: Command = {
    name: "+SLEDS",
    keeps: lightTimes,
    keepsByChannel: true,
    test: says(() => "+SLEDS: (1-3),(0,40-65535),(0,40-65535)"),
    read: says(({ settings }) => {
        const ms = settings.valuesOf(lightTimes)
        return [0, 1, 2].map(i => `+SLEDS: ${i + 1},${ms[i]},${ms[i + 3]}`)
    }),
    write: takes(
        [integer(1, 3), lightTime(0).read, lightTime(0).read],
        (run, mode, on, off) => {
            const { settings } = run.dce
            const times = [...settings.valuesOf(lightTimes)]
            times[mode - 1] = on
            times[mode + 2] = off
            settings.keep(lightTimes, times)
            run.ok()
        }
    ),
}

/** AT+SJDR ([ATM12] 6.2.57): jamming is looked for, told of how, and above which variance it is interference. */
const jammingDetection: SettingData = {
    name: "+SJDR",
    values: [
        choice([0, 1]),
        maybe(range(0, 3, 0)),
        maybe(range(1, 255, 255)),
        maybe(choice([0, 1])),
    ],
    saved: "no",
}

/** From one report of AT+SJDR to the next, ms. */
const JAMMING_INTERVAL = 3000
/** `<mode>` 1 and 3 of AT+SJDR report by result code, `<display>` 0 again and again. */
const reportsJamming = [1, 3]

/** AT+SGPIO, AT+CGPIO: input or output, and the level of an output. */
function pins(name: string, lowest: number, highest: number): Command {
    const SET = 0
    const OUTPUT = 1
    return {
        name,
        test: says(() => `${name}: (0-1),(${lowest}-${highest}),(0-1),(0-1)`),
        write: takes(
            [
                oneOf(0, 1),
                integer(lowest, highest),
                optional(oneOf(0, 1)),
                optional(oneOf(0, 1), 0),
            ],
            (run, operation, pin, use, level) => {
                const { gpio } = run.dce
                if (operation === SET) {
                    allowedIf(use !== undefined)
                    gpio.set(pin, use === OUTPUT ? level : "input")
                } else {
                    // only inputs are read, and nothing is connected to any
                    allowedIf((gpio.get(pin) ?? "input") === "input")
                    run.information(`${name}: 0`)
                }
                run.ok()
            }
        ),
    }
}

export const hardwareCommands: readonly Command[] = [
    setting({ name: "+CNETLIGHT", values: [choice([0, 1], 1)], saved: "AT&W" }),
    lights,
    setting({ name: "+CSGS", values: [range(0, 2, 1)], saved: "AT&W" }),
    pins("+SGPIO", 1, 7),
    pins("+CGPIO", 1, 100),
    setting(
        {
            name: "+SPWM",
            values: [range(0, 2, 0), range(0, 100_000, 0), range(0, 100, 0)],
            saved: "no",
        },
        { forms: ["test", "write"] }
    ),
    {
        ...setting(antennaReports, {
            changed: dce => {
                if (watchAntenna(dce))
                    // after the OK
                    dce.clock.after(0, () => dce.output.notice("+CANT: 0"))
            },
        }),
        acts: true,
    },
    toggle("+SKPD", "no"),
    toggle("+CMNRP", "AT&W"),
    toggle("+SDMODE", "AT&W"),
    toggle("+ECHARGE", "AT&W"),
    { ...setting(ringDelay), acts: true },
    {
        // [ATM12] 6.2.7: of the one converter
        name: "+CADC",
        test: says(() => "+CADC: (0,1),(0-2800)"),
        read: says(({ hardware }) => `+CADC: 1,${hardware.analogMillivolts}`),
    },
    { name: "+CDEVICE", read: says(() => "Device Name: NOR Flash") },
    {
        // there is no jamming here
        ...setting(jammingDetection, {
            test: "+SJDR: (0,1)",
            read: ([status, ...more]) =>
                status === 0 ? "+SJDR: 0" : `+SJDR: 1,${more.join(",")},0`,
            changed: ({ timers, output }, [status, mode, , display]) => {
                const isReported =
                    status === 1 &&
                    reportsJamming.includes(Number(mode)) &&
                    display === 0
                timers.every(
                    "jamming",
                    isReported ? JAMMING_INTERVAL : undefined,
                    () => output.notice("+SJDR: NO JAMMING")
                )
            },
        }),
        acts: true,
    },
    refuses("+CLIST", "it lists what the parts of real firmware are called"),
]
