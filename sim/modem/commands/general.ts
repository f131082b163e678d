/** Identity and clock of the module. */
import { says, saysOk, takes, sets, type Command } from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import { integer, text } from "../parameters"

const INVALID = 765

function identification(
    names: readonly string[],
    answer: (dce: Firmware) => string
): Command[] {
    return names.map(name => ({ name, test: saysOk, execute: says(answer) }))
}

export const generalCommands: readonly Command[] = [
    {
        // [ATM] 2.2.9
        name: "I",
        execute: says(({ hardware }) => hardware.options.identity.product),
    },
    // [ATM] 2.2.34, 3.2.8
    ...identification(
        ["+GMI", "+CGMI"],
        ({ hardware }) => hardware.options.identity.manufacturer
    ),
    // [ATM] 2.2.35, 3.2.9
    ...identification(
        ["+GMM", "+CGMM"],
        ({ hardware }) => hardware.options.identity.model
    ),
    // [ATM] 2.2.36, 3.2.10
    ...identification(["+GMR", "+CGMR"], ({ hardware }) => {
        const { firmware, identity } = hardware.options
        return `Revision:${firmware.revisionBlank ? " " : ""}${identity.revision}`
    }),
    // [ATM] 2.2.38, 3.2.11
    ...identification(
        ["+GSN", "+CGSN"],
        ({ hardware }) => hardware.options.identity.imei
    ),
    // [ATM] 2.2.37
    ...identification(
        ["+GOI"],
        ({ hardware }) => hardware.options.identity.objectId
    ),
    {
        // [ATM] 6.2.39
        name: "+GSV",
        execute: says(({ hardware }) => {
            const { manufacturer, model, revision } = hardware.options.identity
            return [manufacturer, model, `Revision: ${revision}`]
        }),
    },
    {
        // [ATM] 3.2.52
        name: "+CBC",
        test: says(() => "+CBC: (0-2),(1-100),(voltage)"),
        execute: says(({ hardware }) => {
            const { charging, percent, millivolts } = hardware.battery
            return `+CBC: ${charging},${percent},${millivolts}`
        }),
    },
    {
        // [ATM] 3.2.43
        name: "+CCLK",
        test: saysOk,
        read: says(({ hardware }) => `+CCLK: "${hardware.rtc.format()}"`),
        write: takes([text(20)], (run, time) => {
            if (!run.dce.hardware.rtc.set(time)) throw new CommandError(INVALID)
            run.ok()
        }),
    },
    {
        // [ATM] 6.2.12
        name: "+CLTS",
        test: says(() => '+CLTS: "yy/MM/dd,hh:mm:ss+/-zz"'),
        read: says(({ profile }) => `+CLTS: ${+profile.networkTime}`),
        write: sets([integer(0, 1)], ({ profile }, mode) => {
            profile.networkTime = mode === 1
        }),
    },
    {
        // [ATM] 6.2.38
        name: "+CCALR",
        test: says(() => "+CCALR: (0,1)"),
        read: says(dce => `+CCALR: ${+dce.callReady}`),
    },
]
