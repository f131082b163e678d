/** The supply, and reports of it and of the signal: [ATM12] 6.2.34, 6.2.81. */
import { says, setting, takes, type Command } from "../command"
import { CommandError } from "../errors"
import { oneOf, text } from "../parameters"
import { voltageChecks } from "../supply"

const INVALID = 765

export const powerCommands: readonly Command[] = [
    {
        ...setting(voltageChecks, {
            changed: dce => dce.supply.check(),
            read: ([mode]) => `+CBATCHK: ${mode}`,
        }),
        acts: true,
    },
    {
        name: "+EXUNSOL",
        test: says(() => '+EXUNSOL: ("SQ")'),
        write: takes([text(2), oneOf(0, 1, 2)], (run, name, mode) => {
            const QUERY = 2
            const { profile } = run.dce
            if (name.toUpperCase() !== "SQ") throw new CommandError(INVALID)
            if (mode === QUERY)
                run.information(`+EXUNSOL: "SQ",${+profile.signalReports}`)
            else profile.signalReports = mode === 1
            run.ok()
        }),
    },
]
