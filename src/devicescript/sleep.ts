import { Kind } from "../core/arguments"
import { Phase } from "../core/phase"
import { Sleep, SleepMode } from "../core/sleep"
import { bad, check, checkWord, checkModem } from "./arguments"
import type { Sim800 } from "./sim800"

export interface SleepOptions {
    /**
     * `dtr` (default): the modem sleeps while DTR is high (AT+CSCLK=1). `serial`: it
     * sleeps by itself after 5 s without a byte on the UART (AT+CSCLK=2), without a
     * further wire.
     */
    wakeBy?: "dtr" | "serial"
    /** `dtr`: time without work before it may sleep, in ms, default 2000 */
    idle?: number
}

/** Counts of sleep. */
export interface SleepCounts {
    /** `dtr`: how often the modem was allowed to sleep */
    readonly sleeps: number
    /** how often the driver woke it */
    readonly wakes: number
}

/** How often an awake modem is asked for data that it has not announced, ms. */
const RECEIVE_POLL = 60000

/**
 * Lets the modem sleep whenever there is no work (application note 11). Connections
 * live on; received data wake the modem, and the driver wakes it before a command. Call
 * it before `modem.start()`.
 */
export function allowSleep(modem: Sim800, options?: SleepOptions): SleepCounts {
    checkModem(modem)
    const given = options === undefined ? {} : options
    check("options", Kind.Object, given)
    const wakeBy = given.wakeBy === undefined ? "dtr" : given.wakeBy
    const idle = given.idle === undefined ? 2000 : given.idle
    if (given.wakeBy !== undefined)
        checkWord("wakeBy", wakeBy, ["dtr", "serial"])
    if (wakeBy === "dtr" && !modem.core.config.dtr)
        throw bad("wakeBy", 'DTR is not wired: wire it, or use "serial"')
    if (modem.core.config.transparent)
        throw bad("transparent", "DTR has another meaning there")
    check("idle", Kind.Whole, idle, 100, 3600000)
    if (modem.core.gate) throw bad("modem", "it may sleep already")
    if (modem.core.bearer.phase !== Phase.Off)
        throw bad("modem", "call allowSleep() before start()")
    modem.core.config.receivePoll = RECEIVE_POLL
    return new Sleep(
        modem.core,
        wakeBy === "dtr" ? SleepMode.Dtr : SleepMode.Serial,
        idle
    )
}
