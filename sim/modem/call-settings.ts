/** Settings of calls, as data. */
import { choice, maybe, range, type SettingData } from "./setting"

/** ATS0 ([ATM12] 2.2.16): answers automatically after this many rings; 0 for never. */
export const autoAnswer: SettingData = {
    name: "S0",
    values: [range(0, 255, 0)],
    saved: "AT&W",
}

/** ATX ([ATM12] 2.2.26): 2 and 4 tell of a missing dial tone, 3 and 4 of busy. */
export const callProgress: SettingData = {
    name: "X",
    values: [range(0, 4, 4)],
    saved: "AT&W",
}

/** AT+CRC ([ATM12] 3.2.31): calls ring as `+CRING: VOICE`. */
export const extendsRing: SettingData = {
    name: "+CRC",
    values: [maybe(choice([0, 1]))],
    saved: "no",
}

/** AT+CCPD ([ATM12] 6.2.27): names of the phone book are shown beside numbers. */
export const showsNames: SettingData = {
    name: "+CCPD",
    values: [choice([0, 1], 1)],
    saved: "AT&W",
}

/** AT+CLIP ([ATM12] 3.2.18). */
export const showsCaller: SettingData = {
    name: "+CLIP",
    values: [choice([0, 1])],
    saved: "no",
}

/** AT+CLIR ([ATM12] 3.2.19): as subscribed, hidden, shown. */
export const hidesCaller: SettingData = {
    name: "+CLIR",
    values: [range(0, 2, 0)],
    saved: "no",
}

/** AT+COLP ([ATM12] 3.2.21): ATD waits for the end of the attempt. */
export const showsCalled: SettingData = {
    name: "+COLP",
    values: [choice([0, 1])],
    saved: "no",
}

/** AT+CCWA ([ATM12] 3.2.6): a waiting call is told of. */
export const showsWaiting: SettingData = {
    name: "+CCWA",
    values: [choice([0, 1])],
    saved: "no",
}

/** AT+CLCC ([ATM12] 3.2.16): every change is told of. */
export const listsCalls: SettingData = {
    name: "+CLCC",
    values: [choice([0, 1])],
    saved: "by itself",
}

/** AT+CEER ([ATM12] 3.2.7): words or numbers. */
export const showsCauseNumber: SettingData = {
    name: "+CEER",
    values: [choice([0, 1])],
    saved: "no",
}

/**
 * AT+CSSN ([ATM12] 3.2.54): `+CSSI` reports the subscriber's services on outgoing
 * calls. Nothing here would cause `+CSSU`.
 */
export const tellsServices: SettingData = {
    name: "+CSSN",
    values: [choice([0, 1]), maybe(choice([0, 1]))],
    saved: "no",
}

/** AT+MORING ([ATM12] 6.2.29). */
export const showsProgress: SettingData = {
    name: "+MORING",
    values: [choice([0, 1])],
    saved: "AT&W",
}

/** AT+CDRIND ([ATM12] 6.2.14). */
export const showsEnd: SettingData = {
    name: "+CDRIND",
    values: [choice([0, 1])],
    saved: "no",
}

/** AT+GSMBUSY ([ATM12] 6.2.44): calls are refused; 2 refuses voice calls. */
export const refusesCalls: SettingData = {
    name: "+GSMBUSY",
    values: [range(0, 2, 0)],
    saved: "no",
}

/** AT+VTD ([ATM12] 3.2.36): tenths of a second. */
export const toneDuration: SettingData = {
    name: "+VTD",
    values: [range(1, 255, 1)],
    saved: "AT&W",
}

/** AT+DDET ([ATM12] 15.2.1): on, least ms between two of the same, durations too, single tones. */
export const detectsTones: SettingData = {
    name: "+DDET",
    values: [
        choice([0, 1]),
        maybe(range(0, 10_000, 0)),
        maybe(choice([0, 1])),
        maybe(choice([0, 1])),
    ],
    saved: "AT&W",
    savedCount: 1,
}
