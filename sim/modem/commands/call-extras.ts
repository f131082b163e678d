/** Settings of calls and messages that nothing here depends on: kept, [ATM12] 3.2, 6.2. */
import {
    allowedIf,
    says,
    saysOk,
    setting,
    takes,
    type Command,
} from "../command"
import { CommandError } from "../errors"
import { integer, optional, text, type Parameter } from "../parameters"
import {
    choice,
    maybe,
    range,
    string,
    type Saved,
    type SettingData,
} from "../setting"

const NEEDS_PIN2 = 17

function toggle(name: string, saved: Saved, initial: 0 | 1 = 0): Command {
    return setting({ name, values: [choice([0, 1], initial)], saved })
}

/** Calls cost nothing here: the meters stay at zero, and changing them takes PIN2. */
function meter(name: string, values: number): Command {
    return {
        name,
        test: saysOk,
        read: says(() => `${name}: "000000"`),
        write: takes(
            Array.from({ length: values }, () => optional(text(8))),
            () => {
                throw new CommandError(NEEDS_PIN2)
            }
        ),
    }
}

/** AT+CAOC: 1 without, 2 with reports. */
const costReports: SettingData = {
    name: "+CAOC",
    values: [range(1, 2, 1)],
    saved: "no",
}
const COSTS = '+CAOC: "000000"'

const EMERGENCY_NUMBERS = 11
/** The numbers of AT+CEMNL=1 without parameters ([ATM12] 6.2.45). */
const USUAL_EMERGENCY_NUMBERS = [112, 119]
/** 0 to 999; the test form shows it in quotation marks. */
const emergencyNumber: Parameter<number> = raw =>
    integer(0, 999)(raw && { ...raw, quoted: false })

const WHITE_LIST = 30

export const callExtraCommands: readonly Command[] = [
    meter("+CACM", 1),
    meter("+CAMM", 2),
    {
        // [ATM12] 3.2.3: the cost of a call stays zero, and so is never reported
        ...setting(costReports, { test: "+CAOC: (0-2)" }),
        acts: true,
        write: takes([integer(0, 2)], (run, mode) => {
            const QUERY = 0
            if (mode === QUERY) run.information(COSTS)
            else run.dce.settings.keep(costReports, [mode])
            run.ok()
        }),
        execute: says(() => COSTS),
    },
    setting({
        name: "+CBST",
        values: [
            choice([0, 4, 5, 6, 7, 12, 14, 68, 70, 71, 75], 7),
            maybe(choice([0, 4])),
            maybe(range(0, 3, 1)),
        ],
        saved: "AT&W",
    }),
    setting({
        name: "+CSTA",
        values: [choice([129, 145, 161, 177])],
        saved: "no",
    }),
    setting({ name: "+CR", values: [maybe(choice([0, 1]))], saved: "no" }),
    setting({
        name: "+CRLP",
        values: [
            range(0, 61, 61),
            maybe(range(0, 61, 61)),
            maybe(range(44, 255, 48)),
            maybe(range(1, 255, 6)),
            maybe(choice([7])),
        ],
        saved: "AT&W",
        savedCount: 4,
    }),
    setting(
        {
            name: "+CPUC",
            values: [string(3), string(20), maybe(string(8))],
            saved: "no",
        },
        {
            read: ([currency, price]) => `+CPUC: "${currency}","${price}"`,
        }
    ),
    toggle("+CCWE", "no"),
    setting({ name: "+CSNS", values: [choice([0, 2, 4])], saved: "AT&W" }),
    setting({ name: "+CMOD", values: [maybe(choice([0]))], saved: "no" }),
    {
        // [ATM12] 6.2.45
        name: "+CEMNL",
        test: says(() => `+CEMNL: (0-1),(1-${EMERGENCY_NUMBERS}),("0"-"999")`),
        read: says(({ hardware }) => {
            const { emergencyNumbers } = hardware.nvram
            return emergencyNumbers === undefined
                ? "+CEMNL: 0"
                : `+CEMNL: 1,${emergencyNumbers.length},${emergencyNumbers.join(",")}`
        }),
        write: takes(
            [
                integer(0, 1),
                optional(integer(1, EMERGENCY_NUMBERS), 0),
                ...Array.from({ length: EMERGENCY_NUMBERS }, () =>
                    optional(emergencyNumber)
                ),
            ],
            (run, mode, amount, ...numbers) => {
                const { nvram } = run.dce.hardware
                const given = numbers.filter(number => number !== undefined)
                allowedIf(mode === 0 || given.length === amount)
                const listed = amount === 0 ? USUAL_EMERGENCY_NUMBERS : given
                nvram.emergencyNumbers = mode === 0 ? undefined : listed
                run.ok()
            }
        ),
    },
    {
        // [ATM12] 6.2.51: whose calls and messages are let in
        name: "+CWHITELIST",
        test: says(() => "+CWHITELIST: (0-3)"),
        read: says(({ hardware }) => {
            const { mode, numbers } = hardware.nvram.whiteList
            const shown = numbers.map(number => `"${number}"`)
            return `+CWHITELIST: ${[mode, ...shown].join(",")}`
        }),
        write: takes(
            [
                integer(0, 3),
                optional(integer(1, WHITE_LIST)),
                optional(text(20)),
            ],
            (run, mode, index, number) => {
                const { whiteList } = run.dce.hardware.nvram
                whiteList.mode = mode as 0 | 1 | 2 | 3
                if (index !== undefined && number !== undefined) {
                    const at = Math.min(index - 1, whiteList.numbers.length)
                    whiteList.numbers[at] = number
                }
                run.ok()
            }
        ),
    },
    {
        // 27.007 6.20: ATH ends calls. OK of SIM800 R14.18 [REAL:FONA#123]; other
        // values and forms are unknown
        name: "+CVHU",
        write: takes([integer(0, 0)], run => run.ok()),
    },
    toggle("+CMGHEX", "no"),
    toggle("+CCODE", "no"),
    toggle("+SRSPT", "no"),
]
