/** Pins, lights, and what else hangs on the module: kept, where nothing hangs there, [ATM12] 6.2. */
import {
    allowedIf,
    refuses,
    says,
    setting,
    takes,
    type Command,
} from "../command"
import { integer, oneOf, optional } from "../parameters"
import { choice, maybe, range, type Saved, type SettingData } from "../setting"

function toggle(name: string, saved: Saved, initial: 0 | 1 = 0): Command {
    return setting({ name, values: [choice([0, 1], initial)], saved })
}

/** AT+SLEDS: on and off times of the net light, ms; not registered, registered, PPP. */
const lightTimes: SettingData = {
    name: "+SLEDS",
    values: [64, 800, 64, 3000, 64, 300].map(ms => range(0, 65_535, ms)),
    saved: "AT&W",
}

const lights: Command = {
    name: "+SLEDS",
    test: says(() => "+SLEDS: (1-3),(0,40-65535),(0,40-65535)"),
    read: says(({ settings }) => {
        const ms = settings.valuesOf(lightTimes)
        return [1, 2, 3].map(
            mode => `+SLEDS: ${mode},${ms[2 * mode - 2]},${ms[2 * mode - 1]}`
        )
    }),
    write: takes(
        [integer(1, 3), integer(0, 65_535), integer(0, 65_535)],
        (run, mode, on, off) => {
            const SHORTEST = 40
            allowedIf([on, off].every(ms => ms === 0 || ms >= SHORTEST))
            const { settings } = run.dce
            const times = [...settings.valuesOf(lightTimes)]
            times.splice(2 * mode - 2, 2, on, off)
            settings.keep(lightTimes, times)
            run.ok()
        }
    ),
}

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
    toggle("+CNETLIGHT", "AT&W", 1),
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
    setting({
        name: "+CANT",
        values: [choice([0, 1]), choice([0, 1]), range(0, 3600, 10)],
        saved: "AT&W",
    }),
    toggle("+SKPD", "no"),
    toggle("+CMNRP", "AT&W"),
    toggle("+SDMODE", "AT&W"),
    toggle("+ECHARGE", "AT&W"),
    setting({
        name: "+DLYRI",
        values: [range(0, 1000, 0)],
        saved: "no",
    }),
    {
        // [ATM12] 6.2.7: of the one converter
        name: "+CADC",
        test: says(() => "+CADC: (0,1),(0-2800)"),
        read: says(({ hardware }) => `+CADC: 1,${hardware.analogMillivolts}`),
    },
    { name: "+CDEVICE", read: says(() => "Device Name: NOR Flash") },
    setting({
        name: "+SJDR",
        values: [
            choice([0, 1]),
            maybe(range(0, 3, 0)),
            maybe(range(1, 255, 255)),
            maybe(choice([0, 1])),
        ],
        saved: "no",
    }),
    refuses("+CLIST", "it lists what the parts of real firmware are called"),
]
