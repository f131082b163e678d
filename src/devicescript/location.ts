import { Failure } from "../core/errors"
import { Final, Line } from "../core/results"
import { checkModem } from "./arguments"
import { commandsOf, information, values } from "./commands"
import { utcOf } from "./date"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"

const OK = Final.Ok | Final.Error
const TIMEOUT = 5000
/** maxima of the manual (9.2.1) and a margin, ms */
const OPEN_TIMEOUT = 90000
const CLOSE_TIMEOUT = 70000
/** not documented; ms */
const LOCATION_TIMEOUT = 120000
/** a bearer of AT+SAPBR that is up */
const UP = "1"
const UNKNOWN =
    "the location server does not say where this is: try again later"

export interface CellLocation {
    /**
     * degrees, south and west negative; DeviceScript prints seven digits of a
     * number
     */
    latitude: number
    longitude: number
    /** metres; often some kilometres in truth */
    accuracy: number
    /** ms since 1970, UTC; `undefined` if the server does not say it */
    utc: number
}

/**
 * Where the cell is that serves the modem, as SIMCom's location server
 * believes (AT+CLBS, "SIM800 Series GSM Location Application Note"). It takes
 * seconds, in which connections wait, and a bearer of its own (AT+SAPBR), at
 * the same access point. Throws a `Sim800Error`: `Failure.NoLocation` if the
 * server does not know.
 */
export async function cellLocation(modem: Sim800): Promise<CellLocation> {
    checkModem(modem)
    const what = "location"
    const { apn, user, password } = modem.core.config
    const commands = commandsOf(modem)
    const give = async (line: string, timeout: number) =>
        await commands.give(line, OK, timeout, Line.Unknown)
    let answer: string
    await commands.claim(what)
    try {
        const bearer = await give("AT+SAPBR=2,1", TIMEOUT)
        if (values(information(bearer, "+SAPBR:"))[1] !== UP) {
            await give('AT+SAPBR=3,1,"Contype","GPRS"', TIMEOUT)
            await give(`AT+SAPBR=3,1,"APN","${apn}"`, TIMEOUT)
            await give(`AT+SAPBR=3,1,"USER","${user}"`, TIMEOUT)
            await give(`AT+SAPBR=3,1,"PWD","${password}"`, TIMEOUT)
            await give("AT+SAPBR=1,1", OPEN_TIMEOUT)
        }
        try {
            answer = information(
                await give("AT+CLBS=4,1", LOCATION_TIMEOUT),
                "+CLBS:"
            )
        } finally {
            await give("AT+SAPBR=0,1", CLOSE_TIMEOUT)
        }
    } finally {
        commands.release()
    }
    // code, longitude, latitude, accuracy, yy/MM/dd, hh:mm:ss
    const parts = values(answer)
    if (parts[0] !== "0" || parts.length < 4)
        throw failed(Failure.NoLocation, what, `+CLBS: ${answer}`, UNKNOWN)
    return {
        longitude: parseFloat(parts[1]),
        latitude: parseFloat(parts[2]),
        accuracy: parseFloat(parts[3]),
        utc: parts.length < 6 ? undefined : utcOf(`${parts[4]},${parts[5]}`),
    }
}
