/** AT&V: the profiles as they are, [ATM] 2.2.31. */
import type { Command } from "../command"
import { CommandError } from "../errors"
import { factoryProfile, type Profile } from "../profile"
import type { SettingData } from "../setting"

const OUT_OF_RANGE = 793

/**
 * The settings of AT&W and AT&V: by name, or by a function of the profile. In the order
 * of a real module ([REAL] protoncompiler.com topic 2916, SIM800L R14.18), then those
 * only in the manual ([ATM12] 2.2.32).
 */
type Entry = string | readonly [name: string, show: (p: Profile) => string]

const entries: readonly Entry[] = [
    ...["S0", "S3", "S4"],
    ["S5", p => `${p.editCharacter}`],
    ...["S6", "S7", "S8", "S10", "+CRLP"],
    ["V", p => `${+p.verbose}`],
    ["E", p => `${+p.echo}`],
    ["Q", p => `${+p.quiet}`],
    "X",
    ["&C", p => `${+p.dcdFollowsLink}`],
    ["&D", p => `${p.dtrMode}`],
    ["+CLTS", p => `${+p.networkTime}`],
    ["+CREG", p => `${p.registrationReports}`],
    ["+CGREG", p => `${p.gprsReports}`],
    ["+CMEE", p => `${p.errorReports}`],
    ["+CIURC", p => `${+p.callReadyReport}`],
    ["+CFGRI", p => `${p.ringReports}`],
    ...["+CANT", "+STKPCIS"],
    ["+CMGF", p => `${+p.textMode}`],
    ["+CNMI", p => p.messageReports.join(",")],
    ["+CSCS", p => `"${p.characterSet}"`],
    ...["+VTD", "+CALS", "+CHF", "+CAAS", "+CBUZZERRING", "+DDET"],
    ...["+MORING", "+SVR", "+CCPD", "+CSNS", "+CSGS", "+CNETLIGHT", "+SLEDS"],
    ...["+CSDT", "+CSMINS"],
    ["+EXUNSOL", p => `${+p.signalReports}`],
    ["+IPR", p => `${p.baud}`],
    ["+IFC", p => p.flowControl.join(",")],
    ["+CSCLK", p => `${p.sleepMode}`],
    "+CBST",
    ["+ICF", p => p.framing.join(",")],
    ...["+SD2PCM", "+CMNRP", "+ECHARGE", "+SIMTIMER"],
]

/** @param known the commands whose settings are shown */
export function configurationCommand(known: readonly Command[]): Command {
    const data = new Map<string, SettingData>()
    for (const { keeps } of known)
        if (keeps?.saved === "AT&W") data.set(keeps.name, keeps)
    const line = (entry: Entry, profile: Profile): string => {
        if (typeof entry !== "string")
            return `${entry[0]}: ${entry[1](profile)}`
        const setting = data.get(entry)
        if (setting === undefined)
            throw new Error(`AT&W does not store AT${entry}`)
        const initial = setting.values.map(value => value.initial)
        const values =
            profile.settings[entry] ?? initial.slice(0, setting.savedCount)
        return `${entry}: ${values.join(",")}`
    }
    const lines = (title: string, profile: Profile): string[] => [
        title,
        ...entries.map(entry => line(entry, profile)),
    ]
    const show: Command["execute"] = (run, text) => {
        if (Number(text) > 0) throw new CommandError(OUT_OF_RANGE)
        const { hardware, profile } = run.dce
        run.information(
            ...lines(
                "DEFAULT PROFILE",
                factoryProfile(hardware.options.firmware)
            ),
            "",
            ...lines("USER PROFILE", hardware.nvram.profile),
            "",
            ...lines("ACTIVE PROFILE", profile)
        )
        run.ok()
    }
    return { name: "&V", write: show, execute: show }
}
