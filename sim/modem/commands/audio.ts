/** Sound, which the virtual modem has none of: its settings are kept, [ATM12] 3.2, 6.2, 16, 17, 20. */
import {
    allowedIf,
    refuses,
    says,
    saysOk,
    setting,
    takes,
    type Command,
    type CommandRun,
} from "../command"
import { channelSetting } from "./channel-setting"
import { CommandError } from "../errors"
import {
    integer,
    oneOf,
    optional,
    readParameters,
    splitValues,
    text,
} from "../parameters"
import {
    choice,
    maybe,
    range,
    rangeOrZero,
    type Saved,
    type SettingData,
    type ValueRange,
} from "../setting"

const INVALID = 765
const TOO_FEW = 791
const TOO_MANY = 792

/** A switch, 0 or 1. */
function toggle(name: string, saved: Saved, initial: 0 | 1 = 0): Command {
    return setting({ name, values: [choice([0, 1], initial)], saved })
}

/** A number of a range. */
function level(
    name: string,
    high: number,
    initial: number,
    saved: Saved
): Command {
    return setting({ name, values: [range(0, high, initial)], saved })
}

/** Main and auxiliary channel, and both hands-free ([ATM12] 20.1, 20.2). */
const CHANNELS = 4

const LONGEST_TONES = 20

/** AT+CLDTMF: `"1,2,A"`, of keys and the single tones E and F. */
const localTones = takes(
    [integer(1, 100), text(2 * LONGEST_TONES), optional(integer(10, 500))],
    (run, _duration, keys) => {
        if (!/^[0-9A-F*#](,[0-9A-F*#]){0,19}$/i.test(keys))
            throw new CommandError(INVALID)
        run.ok()
    }
)

/** A value that describes a tone, with what `=?` shows of it. */
type ToneValue = Pick<ValueRange<number>, "shown" | "read">

const STEP = 100

/** A time of AT+SIMTONE, in steps of 100 ms. */
function stepped({ shown, read }: ToneValue): ToneValue {
    return {
        shown,
        read: raw => {
            const ms = read(raw)
            if (ms % STEP !== 0) throw new CommandError(INVALID)
            return ms
        },
    }
}

function plain(low: number, high: number): ToneValue {
    return { shown: `(${low}-${high})`, read: integer(low, high) }
}

const STOP = 0

/** Reports the end of a tone, `+STTONE: 0`, after `ms`. */
function play(run: CommandRun, name: string, ms: number): void {
    const { timers, output } = run.dce
    run.ok()
    timers.after(name, ms, () => output.notice(`${name}: 0`))
}

/**
 * A tone that plays by itself, and tells when it is over.
 * @param duration which of the values is how long it lasts, ms
 * @param usual the values that may be left out, at the end
 */
function tone(
    name: string,
    values: readonly ToneValue[],
    duration: number,
    usual: readonly number[] = []
): Command {
    const shown = values.map(value => value.shown).join(",")
    const needed = values.length - usual.length
    const read = [
        oneOf(STOP, 1),
        ...values.map(value => optional(value.read)),
    ] as const
    return {
        name,
        test: says(() => `${name}: (0,1),${shown}`),
        write: takes(read, (run, mode, ...given) => {
            if (mode === STOP) {
                if (run.dce.timers.cancel(name)) play(run, name, 0)
                else run.ok()
                return
            }
            if (given.slice(0, needed).includes(undefined))
                throw new CommandError(TOO_FEW)
            play(run, name, given[duration] ?? usual[duration - needed])
        }),
    }
}

const TONES = [1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20]
const TONE: ToneValue = { shown: `(${TONES.join(",")})`, read: oneOf(...TONES) }

/** A tone of AT+SIMTONE without a duration plays as long as there can be one. */
const LONGEST_TONE = 500_000

/** AT+SIMTONEX ([ATM12] 6.2.64): up to five tones, each with its pauses and the index of the next. */
const customTones: Command = {
    name: "+SIMTONEX",
    test: says(
        () =>
            "+SIMTONEX: (0,1),(10-500000),(20-20000),(0-20000),(200-25500),(10-25500),(0-4)..."
    ),
    write: (run, values) => {
        const MOST = 5
        const one = [
            integer(20, 20_000),
            integer(0, 20_000),
            integer(200, 25_500),
            integer(10, 25_500),
            integer(0, MOST - 1),
        ]
        const [mode] = readParameters(splitValues(values)[0].text, [
            oneOf(STOP, 1),
        ])
        if (mode === STOP) {
            if (run.dce.timers.cancel("+SIMTONEX")) play(run, "+SIMTONEX", 0)
            else run.ok()
            return
        }
        const rest = splitValues(values).slice(2)
        if (rest.length < one.length || rest.length % one.length !== 0)
            throw new CommandError(TOO_FEW)
        if (rest.length > MOST * one.length) throw new CommandError(TOO_MANY)
        const [, duration] = readParameters(values, [
            oneOf(1),
            integer(10, LONGEST_TONE),
            ...rest.map((_, i) => one[i % one.length]),
        ])
        play(run, "+SIMTONEX", duration)
    },
}

/**
 * AT+ECHO ([ATM12] 6.2.41), of the handset and hands-free: four values each, and
 * whether the algorithm works, which is not shown. The first values are not
 * documented: these are what programs restore.
 */
const echoValues: SettingData = {
    name: "+ECHO",
    values: Array.from({ length: 2 }, () => [96, 253, 16_388, 20_488])
        .flat()
        .map(value => range(0, 65_535, value)),
    saved: "by itself",
}

const echoCancellation: Command = {
    name: "+ECHO",
    keeps: echoValues,
    keepsByChannel: true,
    test: says(
        () => "+ECHO: (0,1),(0-65535),(0-65535),(0-65535),(0-65535),(0,1)"
    ),
    read: says(({ settings }) => {
        const values = settings.valuesOf(echoValues)
        const channels = [0, 1].map(
            n => `(${[n, ...values.slice(4 * n, 4 * n + 4)].join(",")})`
        )
        return `+ECHO: ${channels.join(",")}`
    }),
    write: takes(
        [
            oneOf(0, 1),
            ...Array.from({ length: 4 }, () => integer(0, 65_535)),
            optional(oneOf(0, 1)),
        ] as const,
        (run, channel, ...given) => {
            const { settings } = run.dce
            const values = [...settings.valuesOf(echoValues)]
            values.splice(
                4 * Number(channel),
                4,
                ...given.slice(0, 4).map(Number)
            )
            settings.keep(echoValues, values)
            run.ok()
        }
    ),
}

const NO_SOUND = "the virtual modem has no sound to record or play"

export const audioCommands: readonly Command[] = [
    toggle("+CALM", "no"),
    setting({
        name: "+CALS",
        values: [range(0, 19, 1), maybe(choice([0, 1]))],
        saved: "AT&W",
        savedCount: 1,
    }),
    level("+CRSL", 100, 100, "by itself"),
    level("+CLVL", 100, 60, "by itself"),
    channelSetting("+SIDET", 16, Array<number>(CHANNELS).fill(10)),
    channelSetting("+CMIC", 15, [10, 11, 10, 11]),
    setting({
        name: "+CHF",
        values: [choice([0, 1]), maybe(range(0, 4, 0))],
        saved: "AT&W",
        savedCount: 1,
    }),
    setting(
        { name: "+CHFA", values: [range(0, 4, 0)], saved: "no" },
        {
            test: "+CHFA: (0 = NORMAL_AUDIO, 1 = AUX_AUDIO, 2 = HANDFREE_AUDIO, 3 = AUX_HANDFREE_AUDIO, 4 = PCM_AUDIO)",
        }
    ),
    level("+CAAS", 2, 1, "AT&W"),
    level("+SVR", 17, 16, "AT&W"),
    setting(
        { name: "+CBUZZERRING", values: [choice([0, 1])], saved: "AT&W" },
        { forms: ["read", "write"] }
    ),
    toggle("+CEXTERNTONE", "no"),
    toggle("+CMICBIAS", "no", 1),
    level("+DTAM", 2, 0, "no"),
    level("+CPCMCFG", 1, 0, "no"),
    setting(
        {
            name: "+CPCMSYNC",
            values: [range(0, 1, 0), range(1, 8, 1)],
            saved: "no",
        },
        {
            // [ATM12] 6.2.59
            check: (_dce, [isLong, length]) =>
                allowedIf(isLong === 1 || length === 1),
        }
    ),
    toggle("+CAGCSET", "no", 1),
    toggle("+SD2PCM", "AT&W"),
    toggle("+SPE", "no", 1),
    channelSetting("+SNDLEVEL", 100, [31, 16]),
    setting(
        { name: "+CMEDIAVOL", values: [range(0, 100, 50)], saved: "no" },
        { forms: ["test", "write"] }
    ),
    {
        name: "+CLDTMF",
        test: run => {
            run.information("+CLDTMF: (1-100),(0-9,A,B,C,D,E,F,*,#),(10-500)")
            run.ok()
        },
        write: localTones,
        execute: saysOk,
    },
    tone("+STTONE", [TONE, plain(10, 15_300_000)], 1),
    tone(
        "+SIMTONE",
        [
            plain(20, 20_000),
            stepped(plain(200, 25_500)),
            stepped(rangeOrZero(100, 25_500, 0)),
            plain(10, LONGEST_TONE),
        ],
        3,
        [LONGEST_TONE]
    ),
    customTones,
    echoCancellation,
    setting({
        name: "+CTTSPARAM",
        values: [
            range(0, 100, 50),
            range(0, 3, 0),
            range(1, 100, 50),
            range(1, 100, 50),
            maybe(choice([0, 1])),
        ],
        saved: "no",
    }),
    toggle("+CTTSRING", "no"),
    ...["+CMEDPLAY", "+CREC", "+CRECORD", "+CTTS"].map(name =>
        refuses(name, NO_SOUND)
    ),
]
