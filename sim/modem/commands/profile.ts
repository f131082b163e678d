/** Basic commands of V.25ter and the profile they form, [ATM] 2.2. */
import {
    says,
    saysOk,
    sets,
    setting,
    type CommandRun,
    type Command,
    type Handler,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import { integer, optional } from "../parameters"
import { factoryProfile, recall, type DtrMode } from "../profile"
import { choice, range, type Saved, type SettingData } from "../setting"

const NOT_ALLOWED = 3
const OUT_OF_RANGE = 793

/**
 * A basic command with a number up to `highest`; without one it means 0
 * (V.25ter 5.3.1).
 */
function basic(
    name: string,
    highest: number,
    set: (dce: Firmware, value: number) => void
): Command {
    const run: Handler = (run, text) => {
        const value = Number(text)
        if (value > highest) throw new CommandError(OUT_OF_RANGE)
        set(run.dce, value)
        run.ok()
    }
    return { name, write: run, execute: run }
}

/** A basic command that only keeps a number. */
function basicSetting(
    name: string,
    highest: number,
    initial: number,
    saved: Saved
): Command {
    const data: SettingData = {
        name,
        values: [range(0, highest, initial)],
        saved,
    }
    return {
        ...basic(name, highest, ({ settings }, value) =>
            settings.keep(data, [value])
        ),
        keeps: data,
    }
}

/** ATO: to data mode again. */
function resume(run: CommandRun): void {
    const { tcpip, output, hardware } = run.dce
    const isResumed = tcpip.dataMode.resume()
    if (!isResumed && hardware.options.firmware.resumeRefusal === "ERROR")
        throw new CommandError(NOT_ALLOWED)
    if (!isResumed) output.result("NO CARRIER")
    run.done()
}

/** An S register that is only kept; set to nothing, it is as at first ([ATM] 1.4.2). */
function register(
    name: string,
    low: number,
    high: number,
    initial: number
): Command {
    const data: SettingData = {
        name,
        values: [range(low, high, initial)],
        saved: "AT&W",
    }
    return {
        ...setting(data, {
            forms: ["read", "write"],
            read: ([value]) => digits(Number(value)),
        }),
        execute: run => {
            run.dce.settings.keep(data, [initial])
            run.ok()
        },
    }
}

/** Registers read as three digits (V.25ter 5.3.2). */
function digits(value: number): string {
    return String(value).padStart(3, "0")
}

export const profileCommands: readonly Command[] = [
    basic("E", 1, ({ profile }, value) => {
        profile.echo = value === 1
    }),
    basic("V", 1, ({ profile }, value) => {
        profile.verbose = value === 1
    }),
    basic("Q", 1, ({ profile }, value) => {
        profile.quiet = value === 1
    }),
    // [ATM] 2.2.10, 2.2.11, 2.2.14, 2.2.24: without effect in GSM
    basicSetting("L", 9, 0, "no"),
    basicSetting("M", 9, 0, "no"),
    { name: "P", execute: saysOk },
    { name: "T", execute: saysOk },
    basic("Z", 0, dce => {
        dce.profile = recall(dce.profile, dce.hardware.nvram.profile)
        dce.applyProfile()
    }),
    basic("&F", 0, dce => {
        const factory = factoryProfile(dce.hardware.options.firmware)
        dce.profile = recall(dce.profile, factory)
        dce.applyProfile()
    }),
    basic("&W", 0, ({ hardware, profile }) => {
        hardware.nvram.profile = { ...profile }
    }),
    // [ATM] 2.2.28, 2.2.29
    basic("&C", 1, (dce, value) => {
        dce.profile.dcdFollowsLink = value === 1
        dce.applyProfile()
    }),
    basic("&D", 2, ({ profile }, value) => {
        profile.dtrMode = value as DtrMode
    }),
    {
        // [ATM] 2.2.11: CONNECT comes instead of OK
        name: "O",
        write: (run, text) => {
            if (Number(text) > 0) throw new CommandError(OUT_OF_RANGE)
            resume(run)
        },
        execute: resume,
    },
    // [ATM] 2.2.17 to 2.2.23; none has an effect in GSM
    register("S3", 13, 13, 13),
    register("S4", 10, 10, 10),
    register("S6", 0, 999, 2),
    register("S7", 1, 255, 60),
    register("S8", 0, 255, 2),
    register("S10", 1, 254, 15),
    {
        name: "S5",
        read: says(({ profile }) => digits(profile.editCharacter)),
        write: sets([integer(0, 127)], (dce, value) => {
            dce.profile.editCharacter = value
            dce.applyProfile()
        }),
    },
    // not in every edition of the manual; fax and data calls are none of its services
    setting(
        { name: "+FCLASS", values: [choice([0])], saved: "no" },
        { test: "0", read: ([service]) => `${service}` }
    ),
    {
        // [ATM] 2.2.33
        name: "+GCAP",
        test: saysOk,
        execute: says(() => "+GCAP: +CGSM"),
    },
    {
        // [ATM] 3.2.20
        name: "+CMEE",
        test: says(() => "+CMEE: (0-2)"),
        read: says(({ profile }) => `+CMEE: ${profile.errorReports}`),
        write: sets(
            [optional(integer<0 | 1 | 2>(0, 2), 0)],
            ({ profile }, level) => {
                profile.errorReports = level
            }
        ),
    },
    {
        // [ATM] 6.2.33
        name: "+CIURC",
        test: says(() => "+CIURC: (0,1)"),
        read: says(({ profile }) => `+CIURC: ${+profile.callReadyReport}`),
        write: sets([integer(0, 1)], ({ profile }, mode) => {
            profile.callReadyReport = mode === 1
        }),
    },
]
