/** Voice calls: [ATM12] 2.2.2 to 2.2.8, 3.2.14 to 3.2.16, 3.2.36, 3.2.37, 15. */
import {
    autoAnswer,
    callProgress,
    detectsTones,
    extendsRing,
    listsCalls,
    refusesCalls,
    showsCaller,
    showsCauseNumber,
    showsEnd,
    showsNames,
    showsProgress,
    tellsServices,
    toneDuration,
} from "../call-settings"
import { typedText } from "../character-sets"
import {
    allowedIf,
    says,
    sets,
    setting,
    takes,
    type Command,
    type CommandRun,
    type Handler,
} from "../command"
import { parseDialString } from "../dial-string"
import { CommandError } from "../errors"
import { PROVISIONED, service } from "./call-services"
import type { Firmware } from "../firmware"
import { integer, type RawValue } from "../parameters"

const INVALID_INDEX = 21
const NOT_FOUND = 22
const NUMBER_TOO_LONG = 26
const INVALID_NUMBER = 27
const INVALID = 765
const OUT_OF_RANGE = 793
const RADIO_IS_OFF = 797

const LONGEST_NUMBER = 40

/** The number of an ATD, wherever it comes from. @throws CommandError if there is none */
function numberDialled(
    dce: Firmware,
    text: string
): { number: string; hidden: boolean | undefined; voice: boolean } {
    const dialled = parseDialString(text)
    if (dialled === undefined) throw new CommandError(INVALID_NUMBER)
    if (dialled.kind === "number") return dialled
    if (dialled.kind === "last") {
        const number = dce.calls.lastDialled
        if (number === undefined) throw new CommandError(NOT_FOUND)
        return { number, hidden: undefined, voice: true }
    }
    const { voice } = dialled
    if (dialled.kind === "name") {
        const { characterSet } = dce.profile
        const name = typedText(dialled.name, characterSet) ?? ""
        const number = dce.phoneBooks.numberOf(name)
        if (number === undefined) throw new CommandError(NOT_FOUND)
        return { number, hidden: undefined, voice }
    }
    const { current } = dce.phoneBooks
    if (!current.has(dialled.index)) throw new CommandError(INVALID_INDEX)
    const entry = current.at(dialled.index)
    if (entry === undefined) throw new CommandError(NOT_FOUND)
    return { number: entry.number, hidden: undefined, voice }
}

/** ATD: voice calls, and codes for the operator; there are no data calls and no PPP. */
const dial: Handler = (run, text) => {
    const { dce } = run
    const { number, hidden, voice } = numberDialled(dce, text)
    if (number.length > LONGEST_NUMBER) throw new CommandError(NUMBER_TOO_LONG)
    if (dce.functionality !== 1) throw new CommandError(RADIO_IS_OFF)
    if (!dce.calls.isEmergency(number) && dce.sim.error !== undefined)
        throw new CommandError(dce.sim.error)
    if (!voice) {
        dce.output.result("NO CARRIER")
        run.done()
    } else if (number.endsWith("#")) {
        allowedIf(dce.registration.isRegistered && !dce.ussd.isBusy)
        dce.ussd.request(number)
        run.ok()
    } else dce.calls.dial(run, number, hidden)
}

/** ATH. */
function hangUp(run: CommandRun): void {
    run.dce.calls.hangUp()
    run.ok()
}

/** AT+CHLD=<n>, 1x and 2x with the number of a call. */
const hold = takes([integer(0, 29)], (run, n) => {
    const { dce } = run
    const isOne = n >= 10
    const action = isOne ? Math.floor(n / 10) : n
    if (action > 4 || (isOne && n % 10 === 0))
        throw new CommandError(OUT_OF_RANGE)
    dce.clock.after(dce.options.delays.supplementary, () => {
        try {
            dce.calls.hold(
                action as 0 | 1 | 2 | 3 | 4,
                isOne ? n % 10 : undefined
            )
            run.ok()
        } catch (error) {
            if (!(error instanceof CommandError)) throw error
            run.fail(error.code)
        }
    })
})

/** Keys of AT+VTS, and how long each sounds, in tenths of a second. */
interface Tone {
    readonly key: string
    readonly tenths: number
}

const MOST_TONES = 20
const KEY = /^[0-9*#A-D]$/i

/** AT+VTS ([ATM12] 3.2.37): `"1,2,#"`, `1`, or `{5,10}` with its duration. */
function tonesOf(text: string, usual: number): Tone[] {
    const plain = text.replaceAll('"', "").replaceAll(" ", "")
    const tones = [...plain.matchAll(/(?:\{(.),(\d+)\}|([^,]+))(?:,|$)/g)].map(
        ([, key, duration, alone]) =>
            alone === undefined
                ? { key, tenths: Number(duration) }
                : { key: alone, tenths: usual }
    )
    const isValid =
        tones.length > 0 &&
        tones.length <= MOST_TONES &&
        tones.every(
            ({ key, tenths }) => KEY.test(key) && tenths >= 1 && tenths <= 255
        )
    if (!isValid) throw new CommandError(INVALID)
    return tones
}

const sendTones: Handler = (run, text) => {
    const { dce } = run
    const [usual] = dce.settings.valuesOf(toneDuration)
    const tones = tonesOf(text, Number(usual))
    allowedIf(dce.calls.isTalking)
    let tenths = 0
    for (const tone of tones) {
        const ms = tone.tenths * 100
        dce.clock.after(tenths * 100, () =>
            dce.hardware.toneSent(tone.key.toUpperCase(), ms)
        )
        tenths += tone.tenths
    }
    dce.clock.after(tenths * 100, () => run.ok())
}

/** A basic command that keeps a number. */
function basicSetting(data: typeof callProgress): Command {
    const [{ read, initial }] = data.values
    const set = (run: CommandRun, text: string): void => {
        const raw: RawValue = { text, quoted: false }
        run.dce.settings.keep(data, [read(raw)])
        run.ok()
    }
    return {
        name: data.name,
        keeps: data,
        acts: true,
        write: set,
        execute: run => set(run, String(initial)),
    }
}

export const callCommands: readonly Command[] = [
    // [ATM] 2.2.2
    {
        name: "A",
        endsLine: true,
        execute: run => run.dce.calls.answer(run),
    },
    { name: "D", write: dial, execute: run => dial(run, "") },
    {
        // [ATM] 2.2.8
        name: "H",
        write: (run, text) => {
            if (Number(text) > 0) throw new CommandError(OUT_OF_RANGE)
            hangUp(run)
        },
        execute: hangUp,
    },
    // [ATM12] 2.2.42
    { name: "+HVOIC", execute: hangUp },
    {
        ...setting(autoAnswer, {
            forms: ["read", "write"],
            read: ([value]) => String(value).padStart(3, "0"),
        }),
        acts: true,
        execute: run => {
            run.dce.settings.keep(autoAnswer, [0])
            run.ok()
        },
    },
    basicSetting(callProgress),
    service(showsCaller, PROVISIONED),
    {
        // [ATM] 6.2.37
        name: "+CFGRI",
        test: says(() => "+CFGRI: (0-2)"),
        read: says(({ profile }) => `+CFGRI: ${profile.ringReports}`),
        write: sets([integer<0 | 1 | 2>(0, 2)], ({ profile }, mode) => {
            profile.ringReports = mode
        }),
    },
    {
        ...setting(listsCalls),
        acts: true,
        execute: run => {
            const lines = run.dce.calls.lines()
            run.information(...lines)
            run.ok()
        },
    },
    {
        name: "+CHLD",
        test: says(() => "+CHLD: (0,1,1x,2,2x,3,4)"),
        write: hold,
    },
    {
        name: "+CPAS",
        test: says(() => "+CPAS: (0,2,3,4)"),
        execute: says(({ calls }) => {
            const status = { idle: 0, ringing: 3, dialing: 4, active: 4 }
            return `+CPAS: ${status[calls.state]}`
        }),
    },
    {
        ...setting(showsCauseNumber),
        acts: true,
        execute: says(({ calls }) => `+CEER: ${calls.report}`),
    },
    ...[
        extendsRing,
        tellsServices,
        showsNames,
        showsProgress,
        showsEnd,
        refusesCalls,
        toneDuration,
        detectsTones,
    ].map(data => ({ ...setting(data), acts: true })),
    {
        name: "+VTS",
        test: says(() => "+VTS: (0-9,*,#,A-D),(1-255)"),
        write: sendTones,
    },
    {
        // only during a call ([ATM12] 3.2.49)
        name: "+CMUT",
        test: says(() => "+CMUT: (0,1)"),
        read: says(({ calls }) => `+CMUT: ${+calls.isMuted}`),
        write: sets([integer(0, 1)], ({ calls }, n) => {
            allowedIf(calls.isTalking)
            calls.isMuted = n === 1
        }),
    },
]
