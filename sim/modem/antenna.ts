import type { NamedTimers } from "./named-timers"
import type { Output } from "./output"
import { choice, range, type SettingData, type SettingStore } from "./setting"

/** AT+CANT ([ATM12] 6.2.60): whether the antenna is looked at, reported, and every how many seconds. */
export const antennaReports: SettingData = {
    name: "+CANT",
    values: [choice([0, 1]), choice([0, 1]), range(0, 3600, 10)],
    saved: "AT&W",
}

/** Connected normally, as the antenna here always is. */
const REPORT = "+CANT: 0"

/** Begins the reports of AT+CANT, or ends them. @returns whether there are any */
export function watchAntenna(module: {
    readonly settings: Pick<SettingStore, "valuesOf">
    readonly output: Pick<Output, "notice">
    readonly timers: NamedTimers
}): boolean {
    const { settings, output, timers } = module
    const [mode, isReported, seconds] = settings.valuesOf(antennaReports)
    const wanted = mode === 1 && isReported === 1 && Number(seconds) > 0
    const ms = wanted ? Number(seconds) * 1000 : undefined
    timers.every("antenna", ms, () => output.notice(REPORT))
    return wanted
}
