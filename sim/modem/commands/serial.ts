/** The UART: rate, framing, flow control. */
import { says, takes, sets, type Command } from "../command"
import { integer, oneOf, optional } from "../parameters"
import { NO_PARITY } from "../profile"
import type { FlowControl } from "../uart"

const rates = [
    0, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800,
]

/** AT+ICF formats with a parity bit, [ATM] 2.2.39. */
const formatsWithParity: readonly number[] = [2, 5]
const ODD_PARITY = 0

const flowControl = integer<FlowControl>(0, 2)

export const serialCommands: readonly Command[] = [
    {
        // [ATM] 2.2.41: the rate changes after the result of the line; 0,
        // autobaud, only at the next start
        name: "+IPR",
        test: says(() => `+IPR: (),(${rates.join(",")})`),
        read: says(({ profile }) => `+IPR: ${profile.baud}`),
        write: takes([oneOf(...rates)], (run, baud) => {
            const { hardware, profile, interpreter } = run.dce
            profile.baud = baud
            if (hardware.options.firmware.baudSavesItself)
                hardware.nvram.profile.baud = baud
            if (baud !== 0)
                interpreter.whenEnded(() =>
                    hardware.uart.whenPending(0, () => {
                        hardware.uart.setBaud(baud)
                        run.dce.activityChanged()
                    })
                )
            run.ok()
        }),
    },
    {
        // [ATM] 2.2.39; kept and shown, but the virtual wire stays 8N1
        name: "+ICF",
        test: says(() => "+ICF: (1-6),(0,1,3)"),
        read: says(({ profile }) => `+ICF: ${profile.framing.join(",")}`),
        write: sets(
            [integer(1, 6), optional(oneOf(0, 1, 3), ODD_PARITY)],
            ({ profile }, format, parity) => {
                const shown = formatsWithParity.includes(format)
                    ? parity
                    : NO_PARITY
                profile.framing = [format, shown]
            }
        ),
    },
    {
        // [ATM] 2.2.40
        name: "+IFC",
        test: says(() => "+IFC: (0-2),(0-2)"),
        read: says(({ profile }) => `+IFC: ${profile.flowControl.join(",")}`),
        write: sets(
            [flowControl, optional(flowControl)],
            (dce, dceByDte, dteByDce) => {
                const [, current] = dce.profile.flowControl
                dce.profile.flowControl = [dceByDte, dteByDce ?? current]
                dce.applyProfile()
            }
        ),
    },
]
