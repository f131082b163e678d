/** Long messages: PDUs against the virtual modem's own coder, and dialogues as transcripts. */
import "../../src/node/buffer"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { ReadPart, SendParts } from "../../src/core/dialogues/long-messages"
import { Coded, Pdu, submit } from "../../src/core/dialogues/pdu"
import { delivered } from "../../sim/modem/message"
import { sentMessage } from "../../sim/modem/submission"
import { decode, encode, statusReport, type Submit } from "../../sim/modem/tpdu"
import { hadWithAllCuts } from "./talks"

const obeyed = (command: string, ...lines: string[]): string =>
    `> ${command}␍\n< ${[...lines, "OK"].map(line => `⏎${line}⏎`).join("")}`

const CENTRE = "+4917012345"
const TIME = { at: Date.UTC(2026, 1, 3, 4, 5, 6), timeZone: 4 }

/** What the network gets. */
function sent(text: string, number = "+49151234", reference = 7) {
    const coded = new Coded(text)
    return coded.ends.map((_, part) => {
        const digits = submit(number, coded, part, reference, false, false)
        const length = digits.length / 2 - 1
        const message = decode(digits.toString(), length)
        if (!message) throw new Error(`no message: ${digits.toString()}`)
        return sentMessage(message.tpdu as Submit, CENTRE)
    })
}

/** What is read of what the network brings. */
function read(from: string, text: string, reference = 7): Pdu[] {
    return delivered({ from, text }, TIME, CENTRE, reference).map(message => {
        const { pdu: digits } = encode(message)
        return new Pdu(Buffer.from(digits), 0, digits.length)
    })
}

const TEXTS = [
    "short",
    "@£$_ß€[x]{y}\\^~|\n",
    "g".repeat(160),
    "g".repeat(161),
    `${"g".repeat(152)}€${"g".repeat(20)}`,
    "ä".repeat(400),
    "Ж".repeat(70),
    "Ж".repeat(71),
    "`",
]

describe("a text that is sent", () => {
    test.each(TEXTS)("%j", text => {
        const parts = sent(text)
        expect(parts.map(part => part.text).join("")).toBe(text)
        expect(parts.map(part => part.to)).toEqual(parts.map(() => "+49151234"))
        if (parts.length > 1)
            expect(parts.map(({ part }) => part)).toEqual(
                parts.map((_, i) => ({
                    reference: 7,
                    number: i + 1,
                    of: parts.length,
                }))
            )
    })

    test("keeps a pair of surrogates in one part", () => {
        const text = `${"Ж".repeat(66)}😀${"Ж".repeat(40)}`
        const parts = sent(text).map(part => part.text)
        expect(parts.join("")).toBe(text)
        expect(parts[0]).toBe("Ж".repeat(66))
    })

    test("to a number of the country, of an odd length", () => {
        expect(sent("x", "12345")[0].to).toBe("12345")
    })

    test("fits into as few parts as it can", () => {
        expect(sent("g".repeat(160))).toHaveLength(1)
        expect(sent("g".repeat(306))).toHaveLength(2)
        expect(sent("g".repeat(307))).toHaveLength(3)
        expect(sent("Ж".repeat(134))).toHaveLength(2)
        expect(sent("Ж".repeat(135))).toHaveLength(3)
    })
})

describe("a text that comes", () => {
    test.each(TEXTS)("%j", text => {
        const parts = read("+49151234", text)
        expect(parts.map(part => part.text).join("")).toBe(text)
        for (const [i, pdu] of parts.entries()) {
            expect(pdu.wrong).toBe(false)
            expect(pdu.from).toBe("+49151234")
            expect(pdu.at).toBe("26/02/03,05:05:06+04")
            expect(pdu.part).toBe(i + 1)
            expect(pdu.parts).toBe(parts.length)
        }
    })

    test("from a name", () => {
        expect(read("Bank & Co", "x")[0].from).toBe("Bank & Co")
    })

    test.each([0, 1, 2, 3] as const)("of class %i", messageClass => {
        const [message] = delivered(
            { from: "+1", text: "x", class: messageClass },
            TIME,
            CENTRE,
            1
        )
        const { pdu: digits } = encode(message)
        const pdu = new Pdu(Buffer.from(digits), 0, digits.length)
        expect(pdu.messageClass).toBe(messageClass)
    })

    test("whose parts are joined by 16 bits", () => {
        // a header of 7 octets: eight septets
        const digits = "0044048121430000622030405060400A06080412340201" + "E834"
        const pdu = new Pdu(Buffer.from(digits), 0, digits.length)
        expect(pdu.wrong).toBe(false)
        expect(pdu.reference).toBe(256 + 0x1234)
        expect([pdu.part, pdu.parts]).toEqual([1, 2])
        expect(pdu.text).toBe("hi")
    })

    test("that is a status report", () => {
        const submitted = decode("0011000481214300000001E8", 11)
        const report = statusReport(
            { ...(submitted?.tpdu as Submit), reference: 9 },
            TIME,
            TIME,
            0x41
        )
        const { pdu: digits } = encode({ centre: undefined, tpdu: report })
        const pdu = new Pdu(Buffer.from(digits), 0, digits.length)
        expect(pdu.wrong).toBe(false)
        expect(pdu.isReport).toBe(true)
        expect([pdu.reference, pdu.status]).toEqual([9, 0x41])
    })

    test("damaged, is wrong or a text", () => {
        const { pdu: whole } = encode(
            delivered(
                { from: "+123", text: "g".repeat(200) },
                TIME,
                CENTRE,
                1
            )[0]
        )
        fc.assert(
            fc.property(
                fc.nat(whole.length - 1),
                fc.constantFrom(..."0123456789ABCDEF"),
                fc.nat(whole.length / 2),
                (at, digit, cut) => {
                    const damaged = (
                        whole.slice(0, at) +
                        digit +
                        whole.slice(at + 1)
                    ).slice(0, whole.length - 2 * cut)
                    const pdu = new Pdu(Buffer.from(damaged), 0, damaged.length)
                    expect(pdu.wrong || pdu.text.length <= 160).toBe(true)
                    expect(pdu.part).toBeLessThanOrEqual(pdu.parts)
                }
            )
        )
    })
})

describe("dialogues", () => {
    const text = "g".repeat(161)
    const parts = [0, 1].map(part =>
        submit("+123", new Coded(text), part, 5, false, false).toString()
    )

    test("sends two parts", () => {
        const references = hadWithAllCuts(
            () => new SendParts("+123", new Coded(text), 5, false, false),
            [
                obeyed("AT+CMGF=0"),
                ...parts.flatMap((digits, i) => [
                    `> AT+CMGS=${digits.length / 2 - 1}␍\n< ⏎> `,
                    `> ${digits}␚`,
                    `< ⏎+CMGS: ${12 + i}⏎⏎OK⏎`,
                ]),
                obeyed("AT+CMGF=1"),
            ].join("\n"),
            dialogue => dialogue.references
        )
        expect(references).toEqual([12, 13])
    })

    test("reads a part", () => {
        const [message] = delivered({ from: "Bank", text }, TIME, CENTRE, 300)
        const { pdu: digits, length } = encode(message)
        const found = hadWithAllCuts(
            () => new ReadPart(3),
            [
                obeyed(
                    'AT+CMGF=0;+CPMS="SM";+CMGR=3',
                    "+CPMS: 1,30,1,30,1,30",
                    `+CMGR: 0,"",${length}`,
                    digits
                ),
                obeyed("AT+CMGF=1"),
            ].join("\n"),
            ({ pdu }) => pdu && [pdu.from, pdu.part, pdu.parts, pdu.text]
        )
        expect(found).toEqual(["Bank", 1, 2, "g".repeat(153)])
    })
})
