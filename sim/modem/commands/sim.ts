/** The SIM card. */
import { allowedIf, saysOk, says, takes, type Command } from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import { digits, optional } from "../parameters"

const TOO_FEW = 791

/** @throws CommandError unless the card has been read, locked or not */
function requireCard({ sim }: Firmware): void {
    const { state, error } = sim
    if (error !== undefined && state !== "SIM PIN" && state !== "SIM PUK")
        throw new CommandError(error)
}

/** @throws CommandError unless the card is unlocked */
function requireUnlocked({ sim }: Firmware): void {
    if (sim.error !== undefined) throw new CommandError(sim.error)
}

export const simCommands: readonly Command[] = [
    {
        // [ATM] 3.2.28
        name: "+CPIN",
        delay: "simCard",
        test: saysOk,
        read: says(({ sim }) => {
            const state = sim.describe()
            if (typeof state === "object") throw new CommandError(state.error)
            return `+CPIN: ${state}`
        }),
        write: takes(
            [digits(4, 8), optional(digits(4, 8))],
            (run, code, newPin) => {
                const { sim } = run.dce
                requireCard(run.dce)
                allowedIf(sim.state !== "ready")
                if (sim.state === "SIM PUK" && newPin === undefined)
                    throw new CommandError(TOO_FEW)
                const error = sim.enterPin(code, newPin)
                if (error !== undefined) throw new CommandError(error)
                run.ok()
                sim.unlocked()
            }
        ),
    },
    {
        // [ATM] 6.2.3
        name: "+SPIC",
        delay: "simCard",
        test: saysOk,
        execute: says(dce => {
            requireCard(dce)
            return `+SPIC: ${dce.hardware.card.triesLeft.join(",")}`
        }),
    },
    {
        // [ATM] 6.2.23
        name: "+CCID",
        delay: "simCard",
        test: saysOk,
        execute: says(dce => {
            requireCard(dce)
            const { card, options } = dce.hardware
            // 20 places on the card, of which many operators use 19
            const padded = card.iccid.padEnd(
                card.iccid.length + (card.iccid.length === 19 ? 1 : 0),
                options.firmware.iccidPadding
            )
            return `${options.firmware.ccidPrefix ? "+CCID: " : ""}${padded}`
        }),
    },
    {
        // [ATM] 3.2.15
        name: "+CIMI",
        delay: "simCard",
        test: saysOk,
        execute: says(dce => {
            requireUnlocked(dce)
            return dce.hardware.card.imsi
        }),
    },
]
