/** What servers know: the time [NTP], and where a cell is ([ATM] 13.2.1). */
import {
    allowedIf,
    says,
    saysOk,
    setting,
    takes,
    type Command,
} from "../command"
import { CommandError } from "../errors"
import type { LocationFailure } from "../options"
import { integer, oneOf, optional, text, type Parameter } from "../parameters"
import { range, type SettingData } from "../setting"
import { askTime } from "../time-client"

const BAD_FORMAT = 795
const OUT_OF_RANGE = 793

/** AT+CNTPCID. */
const timeBearer: SettingData = {
    name: "+CNTPCID",
    values: [range(1, 3, 1)],
    saved: "no",
}

/** Quarters of an hour, with a sign. */
const zone: Parameter<number> = raw => {
    const written = raw?.text ?? ""
    if (!/^[+-]?\d{1,2}$/.test(written)) throw new CommandError(BAD_FORMAT)
    const quarters = Number(written)
    if (quarters < -47 || quarters > 48) throw new CommandError(OUT_OF_RANGE)
    return quarters
}

/** `<locationcode>` of AT+CIPGSMLOC for each of AT+CLBS. */
const failures: Readonly<Record<LocationFailure, number>> = {
    1: 404,
    2: 408,
    3: 601,
    4: 603,
    5: 404,
    6: 404,
    7: 65_535,
}
const NETWORK_ERROR = 601

export const timeAndPlaceCommands: readonly Command[] = [
    { ...setting(timeBearer), acts: true },
    {
        name: "+CNTP",
        test: saysOk,
        read: says(
            ({ timeServer: { name, quarters } }) => `+CNTP: ${name},${quarters}`
        ),
        write: takes([text(255), optional(zone, 0)], (run, name, quarters) => {
            run.dce.timeServer = { name, quarters }
            run.ok()
        }),
        execute: run => {
            const { dce } = run
            const { name, quarters } = dce.timeServer
            allowedIf(name !== "")
            const [cid] = dce.settings.valuesOf(timeBearer)
            run.ok()
            const bearer = dce.bearers[Number(cid) - 1]
            askTime(dce, bearer, name, (outcome, utc) => {
                if (utc !== undefined)
                    dce.hardware.rtc.setNetworkTime(utc, quarters)
                dce.output.urc(`+CNTP: ${outcome}`)
            })
        },
    },
    {
        name: "+CIPGSMLOC",
        test: says(() => "+CIPGSMLOC: (1,2),(1-3)"),
        write: takes([oneOf(1, 2), integer(1, 3)], (run, type, cid) => {
            const { dce } = run
            const { options, networkClock } = dce.hardware
            const { location } = options.operator
            const UP = 1
            const hasBearer = dce.bearers[cid - 1].status === UP
            const ms = hasBearer ? options.delays.location : 0
            dce.clock.after(ms, () => {
                const answer = (): string => {
                    if (!hasBearer) return `${NETWORK_ERROR}`
                    if (typeof location === "number")
                        return `${failures[location]}`
                    const { longitude, latitude } = location
                    const POSITION = 1
                    const place = `${longitude.toFixed(6)},${latitude.toFixed(6)},`
                    const time = networkClock.formatUtcWithCentury()
                    return `0,${type === POSITION ? place : ""}${time}`
                }
                run.information(`+CIPGSMLOC: ${answer()}`)
                run.ok()
            })
        }),
    },
]
