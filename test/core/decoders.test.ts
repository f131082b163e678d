/**
 * Whatever a damaged answer looks like: a program gets values that can be, or an
 * error; and the dialogue ends. The seed is printed when one does not.
 */
import fc from "fast-check"
import { expect, test } from "vitest"
import {
    AskAcknowledgement,
    AskConnections,
} from "../../src/core/dialogues/connections"
import { AskLocation } from "../../src/core/dialogues/location"
import { AskStorage, ReadMessage } from "../../src/core/dialogues/messages"
import { Resolve } from "../../src/core/dialogues/names"
import { Phone } from "../../src/core/dialogues/phone"
import type { Dialogue } from "../../src/core/dialogues/talk"
import {
    AskBattery,
    AskIdentity,
    AskSignal,
    AskTime,
} from "../../src/core/dialogues/telemetry"
import { AskUssd } from "../../src/core/dialogues/ussd"
import { talker, type Talker } from "./talks"

/** Runs of each property. */
const RUNS = 300
/** Commands that a dialogue may say before it has to end: a phone looks at every place of a card twice. */
const MOST = 600

const CR = 13
const LF = 10

/** What happens to a line on the wire: bytes get lost, change, come twice, come from nowhere. */
interface Damage {
    kind: "lost" | "changed" | "twice" | "new" | "cut"
    at: number
    byte: number
}
const damage: fc.Arbitrary<Damage> = fc.record({
    kind: fc.constantFrom("lost", "changed", "twice", "new", "cut"),
    at: fc.nat(999),
    byte: fc.oneof(
        fc.nat(255),
        fc.constantFrom(...Buffer.from('0123456789,":+-. F'))
    ),
})

function damaged(line: string, damages: Damage[]): Buffer {
    let bytes = [...Buffer.from(line, "latin1")]
    for (const { kind, at, byte } of damages) {
        const i = at % (bytes.length + 1)
        if (kind === "lost") bytes.splice(i, 1)
        else if (kind === "changed") bytes[Math.min(i, bytes.length - 1)] = byte
        else if (kind === "twice") bytes.splice(i, 0, bytes[i] ?? byte)
        else if (kind === "new") bytes.splice(i, 0, byte)
        else bytes = bytes.slice(0, Math.max(i, 1))
    }
    // the line as such is another's matter
    return Buffer.from(bytes.filter(b => b !== CR && b !== LF))
}

const RIGHT = "right"
const isIn = (value: number, min: number, max: number): boolean =>
    Number.isInteger(value) && value >= min && value <= max
const isPrintable = (value: string): boolean => /^[ -~]*$/.test(value)
const isAddress = (value: string): boolean =>
    value.split(".").length === 4 &&
    value.split(".").every(part => /^\d{1,3}$/.test(part) && +part < 256)

/** A dialogue, lines that answer its commands, what its values can be. */
interface Decoder {
    make: (one: Talker) => Dialogue
    /** by what the command begins with; others are obeyed */
    answers: Record<string, string[]>
    /** behind OK */
    follows?: boolean
    right: (dialogue: never) => boolean
}

const decoder = <D extends Dialogue>(
    make: (one: Talker) => D,
    answers: Record<string, string[]>,
    right: (dialogue: D) => boolean,
    follows = false
): Decoder => ({ make, answers, right, follows })

const DATE = /^\d\d\/\d\d\/\d\d,\d\d:\d\d:\d\d/
const decoders: Record<string, Decoder> = {
    battery: decoder(
        () => new AskBattery(),
        { "AT+CBC": ["+CBC: 0,62,3905"] },
        d =>
            isIn(d.charge, 0, 2) &&
            isIn(d.percent, 0, 100) &&
            isIn(d.millivolts, 1000, 9999)
    ),
    signal: decoder(
        () => new AskSignal(),
        { "AT+CSQ": ["+CSQ: 20,0"] },
        d => (d.dbm === 0 || isIn(d.dbm, -113, -51)) && isIn(d.errors, -1, 7)
    ),
    identity: decoder(
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
    ),
    time: decoder(
        () => new AskTime(),
        {
            "AT+CLTS?": ["+CLTS: 1", '+CCLK: "26/12/31,19:03:45+04"'],
        },
        d =>
            d.utc === -1 ||
            (isIn(d.utc, Date.UTC(2014), Date.UTC(2071)) &&
                isIn(d.zone, -96, 96))
    ),
    location: decoder(
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
    ),
    name: decoder(
        () => new Resolve("example.com"),
        {
            "AT+CDNSGIP": [
                '+CDNSGIP: 1,"example.com","93.184.216.34","1.2.3.4"',
            ],
        },
        d => isAddress(d.first) && (d.second === "" || isAddress(d.second)),
        true
    ),
    acknowledgement: decoder(
        () => new AskAcknowledgement(0),
        { "AT+CIPACK": ["+CIPACK: 1200,1000,200"] },
        d =>
            isIn(d.sent, 0, 2 ** 32) &&
            isIn(d.acknowledged, 0, d.sent) &&
            isIn(d.outstanding, 0, 2 ** 32)
    ),
    connections: decoder(
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
    ),
    message: decoder(
        () => new ReadMessage(3),
        {
            "AT+CMGF": [
                '+CMGR: "REC READ","002B0034","","18/01/22,19:07:20+12"',
                "0048006500690021",
            ],
        },
        d => d.at === "" || DATE.test(d.at)
    ),
    storage: decoder(
        () => new AskStorage(),
        { "AT+CPMS": ["+CPMS: 3,10,3,10,3,10"] },
        d => isIn(d.total, 0, 256) && isIn(d.used, 0, d.total)
    ),
    ussd: decoder(
        () => new AskUssd("*100#", 60000),
        { 'AT+CSCS="HEX"': ['+CUSD: 1, "42616C616E6365", 15'] },
        d => typeof d.text === "string" && !d.text.includes("undefined"),
        true
    ),
    phone: decoder(
        ({ driver, talk }) => new Phone(driver.modem, talk),
        {
            "AT+CPMS": ["+CPMS: 1,2,1,2,1,2"],
            'AT+CSCS="UCS2"': ['+CMGR: "REC READ","0031",""', "0032"],
        },
        d => isIn(d.used, 0, 255) && isIn(d.total, d.used, 255)
    ),
}

/** Answers a dialogue until it is over. */
function answered(
    { make, answers, follows }: Decoder,
    damages: Damage[][]
): Dialogue {
    const one = talker()
    const { driver, talk } = one
    const dialogue = make(one)
    talk.begin(dialogue)
    let turn = 0
    for (let said = 0; !dialogue.over;) {
        driver.settle()
        if (driver.out.length === 0) {
            // a follow-up that is not known as one
            driver.wait(10_000)
            continue
        }
        if (said++ > MOST) throw new Error("the dialogue does not end")
        const command = driver.out.toString("latin1")
        driver.out = Buffer.alloc(0)
        const key = Object.keys(answers).find(k => command.startsWith(k))
        const lines: Buffer[] = []
        if (key !== undefined)
            for (const line of answers[key])
                lines.push(
                    line === "OK"
                        ? Buffer.from(line)
                        : damaged(line, damages[turn++ % damages.length])
                )
        const ok = Buffer.from("OK")
        if (command.startsWith("AT+CIPSTATUS"))
            lines.push(Buffer.from('C: 5,,"","","","INITIAL"'))
        else if (follows) lines.unshift(ok)
        else lines.push(ok)
        driver.feed(
            Buffer.concat(
                lines.map(line =>
                    Buffer.concat([
                        Buffer.from("\r\n"),
                        line,
                        Buffer.from("\r\n"),
                    ])
                )
            )
        )
    }
    return dialogue
}

test.each(Object.entries(decoders))("%s: healthy", (_, decoder) => {
    const dialogue = answered(decoder, [[]])
    expect(dialogue.problem).toBe(null)
    expect(decoder.right(dialogue as never)).toBe(true)
})

test.each(Object.entries(decoders))(
    "%s: values that can be, or an error",
    (_, decoder) => {
        let errors = 0
        fc.assert(
            fc.property(
                fc.array(fc.array(damage, { minLength: 0, maxLength: 3 }), {
                    minLength: 1,
                    maxLength: 4,
                }),
                damages => {
                    const dialogue = answered(decoder, damages)
                    if (dialogue.problem !== null) errors++
                    else
                        expect([
                            decoder.right(dialogue as never) ? RIGHT : dialogue,
                        ]).toEqual([RIGHT])
                }
            ),
            { numRuns: RUNS }
        )
        // else nothing was damaged
        expect(errors).toBeGreaterThan(0)
    }
)
