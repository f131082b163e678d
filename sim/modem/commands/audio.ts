/** Sound, which the virtual modem has none of: its settings are kept, [ATM12] 3.2, 6.2, 16, 17, 20. */
import { refuses, saysOk, setting, takes, type Command } from "../command"
import { channelSetting } from "./channel-setting"
import { CommandError } from "../errors"
import { integer, oneOf, optional, text } from "../parameters"
import { choice, maybe, range, type Saved } from "../setting"

const INVALID = 765

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

/** A tone that plays by itself, and tells when it is over: `+STTONE: 0`. */
function tone(name: string, test: string, write: Command["write"]): Command {
    return {
        name,
        test: run => {
            run.information(`${name}: ${test}`)
            run.ok()
        },
        write,
    }
}

const STOP = 0
const TONES = [1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20]

const NO_SOUND = "the virtual modem has no sound to record or play"

export const audioCommands: readonly Command[] = [
    toggle("+CALM", "no"),
    setting({
        name: "+CALS",
        values: [range(0, 19, 1), maybe(choice([0, 1]))],
        saved: "AT&W",
    }),
    level("+CRSL", 100, 100, "by itself"),
    level("+CLVL", 100, 60, "by itself"),
    channelSetting("+SIDET", 16, Array<number>(CHANNELS).fill(10)),
    channelSetting("+CMIC", 15, [10, 11, 10, 11]),
    setting({
        name: "+CHF",
        values: [choice([0, 1]), maybe(range(0, 4, 0))],
        saved: "AT&W",
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
    toggle("+CPCMCFG", "no"),
    setting({
        name: "+CPCMSYNC",
        values: [choice([0, 1]), range(1, 8, 1)],
        saved: "no",
    }),
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
    tone(
        "+STTONE",
        `(0,1),(${TONES.join(",")}),(10-15300000)`,
        takes(
            [
                oneOf(0, 1),
                optional(oneOf(...TONES)),
                optional(integer(10, 15_300_000)),
            ],
            (run, mode, _tone, duration = 0) => {
                run.ok()
                const ms = mode === STOP ? 0 : duration
                run.dce.clock.after(ms, () =>
                    run.dce.output.notice("+STTONE: 0")
                )
            }
        )
    ),
    tone(
        "+SIMTONE",
        "(0,1),(20-20000),(200-25500),(0,100-25500),(10-500000)",
        takes(
            [
                oneOf(0, 1),
                optional(integer(20, 20_000)),
                optional(integer(200, 25_500)),
                optional(integer(0, 25_500)),
                optional(integer(10, 500_000)),
            ],
            (run, mode, ...values) => {
                run.ok()
                const ms = mode === STOP ? 0 : (values[3] ?? 0)
                run.dce.clock.after(ms, () =>
                    run.dce.output.notice("+SIMTONE: 0")
                )
            }
        )
    ),
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
    ...["+SIMTONEX", "+ECHO", "+CMEDPLAY", "+CREC", "+CRECORD", "+CTTS"].map(
        name => refuses(name, NO_SOUND)
    ),
]
