/** The modem sleeps whenever there is no work (application note 11). */
import { Kind } from "../core/arguments"
import { Phase } from "../core/phase"
import { Sleep, SleepMode } from "../core/sleep"
import type { SleepCounts, SleepOptions } from "./api"
import { bad, check, checkObject, checkWord } from "./errors"
import { Sim800 } from "./modem"

/** How often an awake modem is asked for data that it has not announced, ms. */
const RECEIVE_POLL = 60000

declare module "./modem" {
    interface Sim800 {
        allowSleep(options?: SleepOptions): SleepCounts
    }
}

Sim800.prototype.allowSleep = function (this: Sim800, options?: SleepOptions) {
    const given = options === undefined ? {} : options
    checkObject("options", given)
    const wakeBy = given.wakeBy === undefined ? "dtr" : given.wakeBy
    const idle = given.idle === undefined ? 2000 : given.idle
    checkWord("wakeBy", wakeBy, ["dtr", "serial"])
    const core = this.core
    if (wakeBy === "dtr" && !this.core.config.dtr)
        throw bad("wakeBy", 'DTR is not wired: wire it, or use "serial"')
    if (core.config.transparent)
        throw bad("transparent", "DTR has another meaning there")
    check("idle", Kind.Whole, idle, 100, 3600000)
    if (core.gate) throw bad("modem", "it may sleep already")
    if (core.bearer.phase !== Phase.Off)
        throw bad("modem", "call allowSleep() before start()")
    core.config.receivePoll = RECEIVE_POLL
    return new Sleep(
        core,
        wakeBy === "dtr" ? SleepMode.Dtr : SleepMode.Serial,
        idle
    )
}
