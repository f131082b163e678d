/** Power and functionality of the module. */
import {
    allowedIf,
    says,
    sets,
    takes,
    type CommandRun,
    type Command,
} from "../command"
import type { Functionality } from "../firmware"
import { integer, oneOf, optional } from "../parameters"
import type { SleepMode } from "../profile"

/** AT+CFUN=…,1: the module starts anew, `OK` where this firmware has it. */
function reset(run: CommandRun, level: Functionality): void {
    const { hardware, clock } = run.dce
    const { resetResult } = hardware.options.firmware
    if (level !== 0) hardware.nvram.functionality = level
    if (resetResult === "before") run.ok()
    hardware.uart.whenPending(0, () =>
        clock.after(hardware.options.delays.reset, () =>
            hardware.restart(
                resetResult === "after"
                    ? output => output.result("OK")
                    : undefined
            )
        )
    )
}

function setLevel(run: CommandRun, level: Functionality): void {
    const { dce } = run
    const { delays } = dce.hardware.options
    // [ATM] 3.2.42: between 0 and 4 there is no direct way
    allowedIf(
        level === 1 || dce.functionality === 1 || dce.functionality === level
    )
    if (level === dce.functionality) run.ok()
    else if (level === 0)
        dce.clock.after(delays.simOff, () => {
            dce.setFunctionality(0)
            dce.clock.after(delays.minimumFunctionality, () => run.ok())
        })
    else {
        dce.hardware.nvram.functionality = level
        dce.clock.after(delays.functionality, () => {
            if (level === 4) dce.setFunctionality(4)
            run.ok()
            if (level === 1) dce.setFunctionality(1)
        })
    }
}

export const moduleCommands: readonly Command[] = [
    {
        // [ATM] 3.2.42
        name: "+CFUN",
        test: says(() => "+CFUN: (0,1,4),(0,1)"),
        read: says(dce => `+CFUN: ${dce.functionality}`),
        write: takes(
            [oneOf(0, 1, 4), optional(oneOf(0, 1), 0)],
            (run, level, restart) => {
                if (restart === 1) reset(run, level)
                else setLevel(run, level)
            }
        ),
    },
    {
        // [ATM] 6.2.19
        name: "+CSCLK",
        test: says(() => "+CSCLK: (0-2)"),
        read: says(({ profile }) => `+CSCLK: ${profile.sleepMode}`),
        write: sets([integer<SleepMode>(0, 2)], (dce, mode) => {
            dce.profile.sleepMode = mode
            dce.applyProfile()
        }),
    },
    {
        // [ATM] 6.2.2
        name: "+CPOWD",
        write: takes([oneOf(0, 1)], (run, mode) => {
            if (mode === 0) run.dce.hardware.powerOff()
            else run.dce.powerDown()
        }),
    },
]
