/** What the module asks the network for: USSD, bearers for applications, location. */
import {
    bearerTags,
    longestValue,
    type ApplicationBearer,
} from "../application-bearers"
import {
    allowedIf,
    says,
    saysOk,
    takes,
    type Call,
    type Command,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import { integer, oneOf, optional, readParameters, text } from "../parameters"
import { typedCode } from "../submission"

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
    (call, mode, typed) => {
        const { ussd, registration, profile } = call.dce
        if (mode === 2) ussd.cancel()
        else ussd.isShown = mode === 1
        if (mode !== 2 && typed !== undefined) {
            if (!registration.isRegistered) throw new CommandError(NO_NETWORK)
            allowedIf(!ussd.isBusy)
            const wanted = typedCode(typed, profile.characterSet)
            if (wanted === undefined) throw new CommandError(INVALID)
            ussd.request(wanted)
        }
        call.ok()
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
function bearer(call: Call, values: string): void {
    const { dce } = call
    const [action, cid, name, value] = readParameters(values, [
        integer(CLOSE, 4),
        integer(1, 3),
        optional(text(Infinity)),
        optional(text(Infinity)),
    ])
    const bearer = bearerOf(dce, cid)
    const { delays } = dce.board.options
    if (action === SET) {
        const tag = bearerTags.find(tag => tag === name?.toUpperCase())
        if (tag === undefined) throw new CommandError(INVALID)
        if (value === undefined) throw new CommandError(TOO_FEW)
        if (value.length > longestValue[tag])
            throw new CommandError(OUT_OF_RANGE)
        bearer.settings[tag] = value
        call.ok()
    } else if (action === OPEN) {
        allowedIf(bearer.status === 3)
        bearer.open(delays.bearer, up => {
            if (up) call.ok()
            else call.fail(NOT_ALLOWED)
        })
    } else if (action === CLOSE) {
        allowedIf(bearer.status === 1)
        dce.clock.after(delays.bearer, () => {
            bearer.close()
            call.ok()
        })
    } else if (action === QUERY) {
        call.information(`+SAPBR: ${cid},${bearer.status},"${bearer.address}"`)
        call.ok()
    } else {
        const lines = bearerTags.map(tag => `${tag}: ${bearer.settings[tag]}`)
        call.information("+SAPBR:", ...lines)
        call.ok()
    }
}

/** AT+CLBS types: where it is; and when, in UTC. */
const POSITION = 1
const POSITION_AND_TIME = 4

/** AT+CLBS ([LOC] 2.1): longitude before latitude. */
const locate = takes(
    [oneOf(POSITION, POSITION_AND_TIME), integer(1, 3)] as const,
    (call, type, cid) => {
        const { dce } = call
        const { options, networkClock } = dce.board
        const { location } = options.operator
        allowedIf(bearerOf(dce, cid).status === 1)
        dce.clock.after(options.delays.location, () => {
            if (typeof location === "number")
                call.information(`+CLBS: ${location}`)
            else {
                const { longitude, latitude, accuracy } = location
                const place = `${longitude.toFixed(6)},${latitude.toFixed(6)},${accuracy}`
                const time =
                    type === POSITION ? "" : `,${networkClock.formatUtc()}`
                call.information(`+CLBS: 0,${place}${time}`)
            }
            call.ok()
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
    { name: "+SAPBR", test: saysOk, write: bearer },
    { name: "+CLBS", write: locate },
]
