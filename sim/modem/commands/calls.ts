/** Voice calls to the module. */
import { says, sets, type Command } from "../command"
import { CommandError } from "../errors"
import { integer } from "../parameters"

const OUT_OF_RANGE = 793

export const callCommands: readonly Command[] = [
    // [ATM] 2.2.2
    {
        name: "A",
        endsLine: true,
        execute: run => run.dce.calls.answer(run),
    },
    {
        // [ATM] 2.2.8
        name: "H",
        write: (run, text) => {
            if (Number(text) > 0) throw new CommandError(OUT_OF_RANGE)
            run.dce.calls.hangUp()
            run.ok()
        },
        execute: run => {
            run.dce.calls.hangUp()
            run.ok()
        },
    },
    {
        // [ATM] 3.2.19
        name: "+CRC",
        test: says(() => "+CRC: (0,1)"),
        read: says(({ profile }) => `+CRC: ${+profile.extendedRing}`),
        write: sets([integer(0, 1)], ({ profile }, mode) => {
            profile.extendedRing = mode === 1
        }),
    },
    {
        // [ATM] 3.2.18: the second number says that the network offers it
        name: "+CLIP",
        test: says(() => "+CLIP: (0,1)"),
        read: says(({ calls }) => `+CLIP: ${+calls.showsNumber},1`),
        write: sets([integer(0, 1)], ({ calls }, mode) => {
            calls.showsNumber = mode === 1
        }),
    },
    {
        // [ATM] 6.2.37
        name: "+CFGRI",
        test: says(() => "+CFGRI: (0-2)"),
        read: says(({ profile }) => `+CFGRI: ${profile.ringReports}`),
        write: sets([integer<0 | 1 | 2>(0, 2)], ({ profile }, mode) => {
            profile.ringReports = mode
        }),
    },
]
