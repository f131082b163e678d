/** Services of the network: USSD, bearers for applications, location. */
import {
    allowedValues,
    bearerTags,
    longestValue,
    type ApplicationBearer,
} from "../application-bearers"
import {
    allowedIf,
    says,
    takes,
    type CommandRun,
    type Command,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import { integer, oneOf, optional, readParameters, text } from "../parameters"
import { typedString } from "../character-sets"

const NOT_ALLOWED = 3
const NO_NETWORK = 30
const INVALID = 765
const TOO_FEW = 791
const OUT_OF_RANGE = 793

/** AT+CUSD=n,"code",dcs: the answer comes as `+CUSD` later. */
const code = takes(
    [
        oneOf(0, 1, 2),
        optional(text(Infinity)),
        optional(integer(0, 255)),
    ] as const,
    (run, mode, typed) => {
        const { ussd, registration, profile } = run.dce
        if (mode === 2) ussd.cancel()
        else ussd.isShown = mode === 1
        if (mode !== 2 && typed !== undefined) {
            if (!registration.isInNetwork) throw new CommandError(NO_NETWORK)
            allowedIf(!ussd.isBusy)
            const wanted = typedString(typed, profile.characterSet)
            if (wanted === undefined) throw new CommandError(INVALID)
            ussd.request(wanted)
        }
        run.ok()
    }
)

function bearerOf(dce: Firmware, cid: number): ApplicationBearer {
    return dce.bearers[cid - 1]
}

const CLOSE = 0
const OPEN = 1
const QUERY = 2
const SET = 3

/** AT+SAPBR ([ATM] 9.2.1). */
function bearer(run: CommandRun, values: string): void {
    const { dce } = run
    const [action, cid, name, value] = readParameters(values, [
        integer(CLOSE, 4),
        integer(1, 3),
        optional(text(Infinity)),
        optional(text(Infinity)),
    ])
    const bearer = bearerOf(dce, cid)
    const { delays } = dce.hardware.options
    if (action === SET) {
        const tag = bearerTags.find(tag => tag === name?.toUpperCase())
        if (tag === undefined) throw new CommandError(INVALID)
        if (value === undefined) throw new CommandError(TOO_FEW)
        if (value.length > longestValue[tag])
            throw new CommandError(OUT_OF_RANGE)
        if (allowedValues[tag]?.test(value) === false)
            throw new CommandError(INVALID)
        bearer.settings[tag] = value
        run.ok()
    } else if (action === OPEN) {
        allowedIf(bearer.status === 3 && !bearer.isCircuitSwitched)
        bearer.open(delays.bearer, up => {
            if (up) run.ok()
            else run.fail(NOT_ALLOWED)
        })
    } else if (action === CLOSE) {
        allowedIf(bearer.status === 1)
        dce.clock.after(delays.bearer, () => {
            bearer.close()
            run.ok()
        })
    } else if (action === QUERY) {
        run.information(`+SAPBR: ${cid},${bearer.status},"${bearer.address}"`)
        run.ok()
    } else {
        const lines = bearerTags.map(tag => `${tag}: ${bearer.settings[tag]}`)
        run.information("+SAPBR:", ...lines)
        run.ok()
    }
}

/** AT+CLBS types: where it is; and when, in UTC. */
const POSITION = 1
const POSITION_AND_TIME = 4

/** AT+CLBS ([LOC] 2.1): longitude before latitude. */
const locate = takes(
    [oneOf(POSITION, POSITION_AND_TIME), integer(1, 3)] as const,
    (run, type, cid) => {
        const { dce } = run
        const { options, networkClock } = dce.hardware
        const { location } = options.operator
        allowedIf(bearerOf(dce, cid).status === 1)
        dce.clock.after(options.delays.location, () => {
            if (typeof location === "number")
                run.information(`+CLBS: ${location}`)
            else {
                const { longitude, latitude, accuracy } = location
                const place = `${longitude.toFixed(6)},${latitude.toFixed(6)},${accuracy}`
                const time =
                    type === POSITION ? "" : `,${networkClock.formatUtc()}`
                run.information(`+CLBS: 0,${place}${time}`)
            }
            run.ok()
        })
    }
)

export const applicationCommands: readonly Command[] = [
    {
        // [ATM] 3.2.53
        name: "+CUSD",
        test: says(() => "+CUSD: (0-2)"),
        read: says(({ ussd }) => `+CUSD: ${+ussd.isShown}`),
        write: code,
    },
    {
        name: "+SAPBR",
        test: says(() => '+SAPBR: (0-4),(1-3),"ConParamTag","ConParamValue"'),
        write: bearer,
    },
    { name: "+CLBS", write: locate },
]
