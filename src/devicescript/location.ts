import { Kind } from "../core/arguments"
import { AskLocation } from "../core/dialogues/location"
import { check, checkModem, checkWord } from "./arguments"
import { converse } from "./dialogue"
import type { Sim800 } from "./sim800"

export interface LocationOptions {
    /**
     * which of the two the firmware gives first; `longitude` by default, as in the
     * note. A value beyond 90 degrees is always the longitude
     */
    first?: "longitude" | "latitude"
}

export interface CellLocation {
    /**
     * degrees, south and west negative; DeviceScript prints seven digits of a
     * number
     */
    latitude: number
    longitude: number
    /** metres; the true error is often some kilometres */
    accuracy: number
    /** ms since 1970, UTC; `undefined` if the server does not give it */
    utc: number
}

/**
 * Location of the serving cell, from SIMCom's location server (AT+CLBS, "SIM800 Series
 * GSM Location Application Note"). It takes seconds, in which connections wait, and a
 * separate bearer (AT+SAPBR) at the same access point. Throws a `Sim800Error`:
 * `Failure.NoLocation` if the server does not know it.
 */
export async function cellLocation(
    modem: Sim800,
    options?: LocationOptions
): Promise<CellLocation> {
    checkModem(modem)
    let first = "longitude"
    if (options !== undefined) {
        check("options", Kind.Object, options)
        if (options.first !== undefined) first = options.first
        checkWord("first", first, ["longitude", "latitude"])
    }
    const dialogue = new AskLocation(first === "latitude")
    await converse(modem, dialogue, "location")
    return {
        longitude: dialogue.longitude,
        latitude: dialogue.latitude,
        accuracy: dialogue.accuracy,
        utc: dialogue.utc < 0 ? undefined : dialogue.utc,
    }
}
