/** Telemetry of a device: battery, signal, identity, time, location. */
import { AskLocation } from "../core/dialogues/location"
import {
    AskBattery,
    AskIdentity,
    AskSignal,
    AskTime,
} from "../core/dialogues/telemetry"
import type {
    Battery,
    CellLocation,
    Identity,
    LocationOptions,
    NetworkTime,
    Signal,
} from "./api"
import { checkObject, checkWord } from "./errors"
import { Sim800 } from "./modem"
import { converse } from "./talk"

declare module "./modem" {
    interface Sim800 {
        battery(): Promise<Battery>
        signal(): Promise<Signal>
        identity(): Promise<Identity>
        time(): Promise<NetworkTime | undefined>
        location(options?: LocationOptions): Promise<CellLocation>
    }
}

Sim800.prototype.battery = function (this: Sim800) {
    const dialogue = new AskBattery()
    return converse(this, dialogue, "battery").then(() => {
        const charge = dialogue.charge
        return {
            volts: dialogue.millivolts / 1000,
            percent: dialogue.percent,
            charge: charge === 1 ? "charging" : charge === 2 ? "full" : "none",
        }
    })
}

Sim800.prototype.signal = function (this: Sim800) {
    const dialogue = new AskSignal()
    return converse(this, dialogue, "signal").then(() => ({
        dbm: dialogue.dbm === 0 ? undefined : dialogue.dbm,
        errors: dialogue.errors < 0 ? undefined : dialogue.errors,
    }))
}

Sim800.prototype.identity = function (this: Sim800) {
    const dialogue = new AskIdentity()
    return converse(this, dialogue, "identity").then(() => ({
        imei: dialogue.imei,
        iccid: dialogue.iccid,
        operator: dialogue.operator,
    }))
}

Sim800.prototype.time = function (this: Sim800) {
    const dialogue = new AskTime()
    return converse(this, dialogue, "time").then(() =>
        dialogue.utc < 0
            ? undefined
            : { utc: dialogue.utc, zone: dialogue.zone }
    )
}

Sim800.prototype.location = function (this: Sim800, options?: LocationOptions) {
    if (options !== undefined) checkObject("options", options)
    const first = (options && options.first) || "longitude"
    checkWord("first", first, ["longitude", "latitude"])
    const dialogue = new AskLocation(first === "latitude")
    return converse(this, dialogue, "location").then(() => ({
        longitude: dialogue.longitude,
        latitude: dialogue.latitude,
        accuracy: dialogue.accuracy,
        utc: dialogue.utc < 0 ? undefined : dialogue.utc,
    }))
}
