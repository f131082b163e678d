/** What dialogues read from answers, healthy and damaged. */
import {
    AskAcknowledgement,
    AskConnections,
} from "../../src/core/dialogues/connections"
import { AskLocation } from "../../src/core/dialogues/location"
import { AskStorage, ReadMessage } from "../../src/core/dialogues/messages"
import { Resolve } from "../../src/core/dialogues/names"
import { Phone } from "../../src/core/dialogues/phone"
import {
    AskBattery,
    AskIdentity,
    AskSignal,
    AskTime,
} from "../../src/core/dialogues/telemetry"
import { AskUssd } from "../../src/core/dialogues/ussd"
import { isIn, survives } from "./damaged-answers"

const isPrintable = (value: string): boolean => /^[ -~]*$/.test(value)
const isAddress = (value: string): boolean =>
    value.split(".").length === 4 &&
    value.split(".").every(part => /^\d{1,3}$/.test(part) && +part < 256)

const DATE = /^\d\d\/\d\d\/\d\d,\d\d:\d\d:\d\d/

survives(
    "battery",
    () => new AskBattery(),
    { "AT+CBC": ["+CBC: 0,62,3905"] },
    d =>
        isIn(d.charge, 0, 2) &&
        isIn(d.percent, 0, 100) &&
        isIn(d.millivolts, 1000, 9999)
)

survives(
    "signal",
    () => new AskSignal(),
    { "AT+CSQ": ["+CSQ: 20,0"] },
    d => (d.dbm === 0 || isIn(d.dbm, -113, -51)) && isIn(d.errors, -1, 7)
)

survives(
    "identity",
    () => new AskIdentity(),
    {
        "AT+GSN": [
            "867010032343809",
            "+CCID: 898600810906F8048812",
            '+COPS: 0,0,"CHINA MOBILE"',
        ],
    },
    d =>
        /^\d{15}$/.test(d.imei) &&
        /^[0-9A-F]{7,22}$/.test(d.iccid) &&
        isPrintable(d.operator)
)

survives(
    "time",
    () => new AskTime(),
    {
        "AT+CLTS?": ["+CLTS: 1", '+CCLK: "26/12/31,19:03:45+04"'],
    },
    d =>
        d.utc === -1 ||
        (isIn(d.utc, Date.UTC(2014), Date.UTC(2071)) && isIn(d.zone, -96, 96))
)

survives(
    "location",
    () => new AskLocation(false),
    {
        "AT+SAPBR=2": ['+SAPBR: 1,1,"10.0.0.1"'],
        "AT+CLBS": ["+CLBS: 0,18.61,-47.23,550,21/09/12,17:23:26"],
    },
    d =>
        Math.abs(d.latitude) <= 90 &&
        Math.abs(d.longitude) <= 180 &&
        d.accuracy >= 0 &&
        (d.utc === -1 || isIn(d.utc, Date.UTC(2015), Date.UTC(2070)))
)

survives(
    "name",
    () => new Resolve("example.com"),
    {
        "AT+CDNSGIP": ['+CDNSGIP: 1,"example.com","93.184.216.34","1.2.3.4"'],
    },
    d => isAddress(d.first) && (d.second === "" || isAddress(d.second)),
    true
)

survives(
    "acknowledgement",
    () => new AskAcknowledgement(0),
    { "AT+CIPACK": ["+CIPACK: 1200,1000,200"] },
    d =>
        isIn(d.sent, 0, 2 ** 32) &&
        isIn(d.acknowledged, 0, d.sent) &&
        isIn(d.outstanding, 0, 2 ** 32)
)

survives(
    "connections",
    () => new AskConnections(),
    {
        "AT+CIPSTATUS": [
            "OK",
            "STATE: IP PROCESSING",
            'S: 0,0,"8888","LISTENING"',
            'C: 0,0,"TCP","1.2.3.4","7","CONNECTED"',
            ...[1, 2, 3, 4].map(n => `C: ${n},,"","","","INITIAL"`),
        ],
    },
    d =>
        isPrintable(d.state) &&
        isPrintable(d.server) &&
        d.connections.every(
            c =>
                isIn(c.id, 0, 5) &&
                isIn(c.context, 0, 1) &&
                isIn(c.port, 0, 65535)
        )
)

survives(
    "message",
    () => new ReadMessage(3),
    {
        "AT+CMGF": [
            '+CMGR: "REC READ","002B0034","","18/01/22,19:07:20+12"',
            "0048006500690021",
        ],
    },
    d => d.at === "" || DATE.test(d.at)
)

survives(
    "storage",
    () => new AskStorage(),
    { "AT+CPMS": ["+CPMS: 3,10,3,10,3,10"] },
    d => isIn(d.total, 0, 256) && isIn(d.used, 0, d.total)
)

survives(
    "ussd",
    () => new AskUssd("*100#", 60000),
    { 'AT+CSCS="HEX"': ['+CUSD: 1, "42616C616E6365", 15'] },
    d => typeof d.text === "string" && !d.text.includes("undefined"),
    true
)

survives(
    "phone",
    ({ driver, talk }) => new Phone(driver.modem, talk),
    {
        "AT+CPMS": ["+CPMS: 1,2,1,2,1,2"],
        'AT+CSCS="UCS2"': ['+CMGR: "REC READ","0031",""', "0032"],
    },
    d => isIn(d.used, 0, 255) && isIn(d.total, d.used, 255)
)
