/** [ATM] 4.2.5, 4.2.13: short messages that the module sends. */
import { describe, expect, test } from "vitest"
import { bytesOf } from "../../sim/modem/bytes"
import type { ModemOptions } from "../../sim/modem/options"
import type { SentMessage } from "../../sim/modem/submission"
import { TestTerminal } from "./terminal"

interface Sender {
    readonly terminal: TestTerminal
    /** What the network has taken. */
    readonly sent: SentMessage[]
}

function ready(setup: string, options: ModemOptions = {}): Sender {
    const terminal = TestTerminal.ready(options)
    const sent: SentMessage[] = []
    terminal.modem.onMessage = message => sent.push(message)
    terminal.dialogue(`> ${setup}␍\n< ⏎OK⏎`)
    return { terminal, sent }
}

describe("AT+CMGS in text mode", () => {
    test("prompt, text, Ctrl-Z, reference", () => {
        const { terminal, sent } = ready("AT+CMGF=1")
        terminal.dialogue(`
            > AT+CMGS="+4915112345678"␍
            < ⏎> |
            > all is well␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            > AT+CMGS="10086",129␍
            < ⏎> |
            > 2␚
            < ⏎+CMGS: 2⏎⏎OK⏎
        `)
        expect(sent).toMatchObject([
            { to: "+4915112345678", text: "all is well", alphabet: "GSM" },
            { to: "10086", text: "2", alphabet: "GSM" },
        ])
    })

    test("with a header (fo 81) the message is typed in octets", () => {
        const { terminal, sent } = ready("AT+CMGF=1;+CSMP=81,167,0,0")
        terminal.dialogue(`
            > AT+CMGS="10086"␍
            < ⏎> |
            > 0500032A0201D06536FB0D␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `)
        expect(sent).toMatchObject([
            { text: "hello", part: { number: 1, of: 2 } },
        ])
    })

    test("the network takes its time, a minute at most", () => {
        const { terminal, sent } = ready("AT+CMGF=1", { delays: "realistic" })
        terminal.dialogue('> AT+CMGS="+123"␍\n< ⏎> |')
        expect(terminal.ask("hello␚", 2990)).toBe("")
        expect(terminal.listen(20)).toBe("⏎+CMGS: 1⏎⏎OK⏎")
        expect(sent).toHaveLength(1)
    })

    test("ESC cancels, backspace deletes, a line end brings a new prompt", () => {
        const { terminal, sent } = ready("AT+CMGF=1")
        terminal.dialogue(`
            > AT+CMGS="+123"␍
            < ⏎> |
        `)
        terminal.modem.dte.write(bytesOf("no\x1b"))
        terminal.dialogue(`
            < ⏎OK⏎
            > AT+CMGS="+123"␍
            < ⏎> |
        `)
        terminal.modem.dte.write(bytesOf("onn\x08e\rtwo\x1a"))
        terminal.dialogue("< ⏎> ⏎+CMGS: 1⏎⏎OK⏎")
        expect(sent.map(({ text }) => text)).toEqual(["one\rtwo"])
    })

    test("ESC without a result", () => {
        const { terminal, sent } = ready("AT+CMGF=1", {
            firmware: { escapeResult: "nothing" },
        })
        terminal.dialogue('> AT+CMGS="+123"␍\n< ⏎> |')
        terminal.modem.dte.write(bytesOf("no\x1b"))
        terminal.dialogue("~ 100\n> AT␍\n< ⏎OK⏎")
        expect(sent).toEqual([])
    })

    // [27.005] what is typed, in the character set of AT+CSCS
    test.each([
        ["IRA", 0, "+123", "a_@[`", "a_@[?", "GSM"],
        ["GSM", 0, "+123", "a\x11\x00\x02\x07", "a_@$ì", "GSM"],
        ["HEX", 0, "+123", "61110002", "a_@$", "GSM"],
        ["UCS2", 0, "002B003100320033", "0047007200FC00DF0065", "Grüße", "GSM"],
        ["UCS2", 8, "002b003100320033", "043f0440", "пр", "UCS2"],
        ["HEX", 8, "+123", "043F0440", "пр", "UCS2"],
        ["IRA", 8, "+123", "043F0440", "пр", "UCS2"],
        ["UCS2", 17, "002B003100320033", "0061", "a", "GSM"],
        ["UCS2", 24, "002B003100320033", "0061", "a", "UCS2"],
        ["IRA", 0xf0, "+123", "a", "a", "GSM"],
        ["IRA", 4, "+123", "00ff", "00FF", "8-bit"],
        ["IRA", 0xf4, "+123", "00", "00", "8-bit"],
        ["8859-1", 0, "+123", "Gr\xfc\xdfe", "Grüße", "GSM"],
        ["PCCP", 0, "+123", "\x9a\x82\xed", "Üéφ".replace("φ", "?"), "GSM"],
        ["PCDN", 0, "+123", "\x9b\x9d\x86", "øØå", "GSM"],
    ])("AT+CSCS=%s, dcs %d", (set, dcs, number, typed, text, alphabet) => {
        const { terminal, sent } = ready(
            `AT+CMGF=1;+CSCS="${set}";+CSMP=17,167,0,${dcs}`
        )
        terminal.dialogue(`> AT+CMGS="${number}"␍\n< ⏎> |`)
        terminal.modem.dte.write(bytesOf(`${typed}\x1a`))
        terminal.dialogue("< ⏎+CMGS: 1⏎⏎OK⏎")
        expect(sent).toMatchObject([{ to: "+123", text, alphabet }])
    })

    test.each([
        ["HEX", 0, "0"],
        ["UCS2", 8, "04x5"],
        ["UCS2", 8, "043"],
        ["UCS2", 8, "043F04"],
        ["IRA", 8, "hello"],
        ["IRA", 4, "no octets"],
        ["IRA", 0, "x".repeat(1025)],
        ["UCS2", 8, "0061".repeat(71)],
    ])("AT+CSCS=%s, dcs %d: no such text", (set, dcs, typed) => {
        const number = set === "UCS2" ? "0031" : "1"
        const { terminal, sent } = ready(
            `AT+CMGF=1;+CSCS="${set}";+CSMP=17,167,0,${dcs}`
        )
        terminal.dialogue(`> AT+CMGS="${number}"␍\n< ⏎> |`)
        terminal.modem.dte.write(bytesOf(`${typed}\x1a`))
        terminal.dialogue("< ⏎+CMS ERROR: 305⏎")
        expect(sent).toEqual([])
    })

    test("a number that is none has no prompt", () => {
        const { terminal } = ready("AT+CMGF=1")
        terminal.dialogue(`
            > AT+CMGS="nobody"␍
            < ⏎+CMS ERROR: 305⏎
            > AT+CMGS=""␍
            < ⏎+CMS ERROR: 305⏎
            > AT+CMGS␍
            < ⏎ERROR⏎
            > AT+CMGS=?␍
            < ⏎OK⏎
            > AT+CSCS="UCS2"␍
            < ⏎OK⏎
            > AT+CMGS="+123"␍
            < ⏎+CMS ERROR: 305⏎
        `)
    })
})

test("AT+CSMP: what is left out stays", () => {
    const { terminal } = ready("AT+CMGF=1")
    terminal.dialogue(`
        > AT+CSMP?␍
        < ⏎+CSMP: 17,167,0,0⏎⏎OK⏎
        > AT+CSMP=,,,8;+CSMP?␍
        < ⏎+CSMP: 17,167,0,8⏎⏎OK⏎
        > AT+CSMP=49;+CSMP?␍
        < ⏎+CSMP: 49,167,0,8⏎⏎OK⏎
        > AT+CSMP=256␍
        < ⏎ERROR⏎
    `)
})

describe("what goes wrong", () => {
    test("a call that comes while a message is sent is turned away", () => {
        const { terminal } = ready("AT+CMGF=1")
        terminal.dialogue(`
            > AT+CMGS="+123"␍
            < ⏎> |
        `)
        terminal.modem.dte.write(bytesOf("hello\x1a"))
        terminal.listen(10)
        expect(terminal.modem.call("+999")).toBe(false)
        terminal.dialogue("< ⏎+CMGS: 1⏎⏎OK⏎")
        expect(terminal.modem.call("+999")).toBe(true)
        terminal.dialogue("< ⏎RING⏎")
        terminal.modem.hangUp()
        terminal.dialogue("< ⏎NO CARRIER⏎")
    })

    test("no network", () => {
        const { terminal, sent } = ready("AT+CMGF=1;+CMEE=2")
        terminal.modem.setRegistration(2)
        terminal.dialogue(`
            > AT+CMGS="+123"␍
            < ⏎> |
            > hello␚
            < ⏎+CMS ERROR: no network⏎
        `)
        expect(sent).toEqual([])
    })

    test.each([21, 38, 332])("the network refuses: %d", number => {
        const { terminal, sent } = ready("AT+CMGF=1")
        terminal.modem.inject("refuse-message", number)
        const since = terminal.clock.now()
        terminal.dialogue(`
            > AT+CMGS="+123"␍
            < ⏎> |
            > hello␚
            < ⏎+CMS ERROR: ${number}⏎
            > AT+CMGS="+123"␍
            < ⏎> |
            > again␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `)
        expect(sent.map(({ text }) => text)).toEqual(["again"])
        expect(terminal.clock.now() - since > 60_000).toBe(number === 332)
    })

    test("SMS not ready", () => {
        const terminal = new TestTerminal({ delays: "realistic" })
        terminal.modem.powerOn()
        terminal.listen(7000)
        terminal.dialogue(`
            > AT+CMGS="+123"␍
            < ⏎ERROR⏎
            < ⏎Call Ready⏎⏎SMS Ready⏎
        `)
    })
})

describe("AT+CMGS in PDU mode", () => {
    test.each([
        // the service centre of the card, and one that is given
        ["00", "11000B916407281553F80000AA0AE8329BFD4697D9EC37", "hellohello"],
        [
            "07919471016700F0",
            "01000B916407281553F800000AE8329BFD4697D9EC37",
            "hellohello",
        ],
        ["00", "11000B916407281553F80008AA04043F0440", "пр"],
        // a part of a longer message: its header is not text
        ["00", "51000B916407281553F80000AA0C050003010201D06536FB0D", "hello"],
    ])("%s %s", (centre, pdu, text) => {
        const { terminal, sent } = ready("AT+CMGF=0")
        terminal.dialogue(`
            > AT+CMGS=${pdu.length / 2}␍
            < ⏎> |
            > ${centre}${pdu}␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `)
        const alphabet = text === "пр" ? "UCS2" : "GSM"
        expect(sent).toMatchObject([{ to: "+46708251358", text, alphabet }])
    })

    test.each([
        ["not digits", 10, "hello"],
        ["not as long as announced", 20, "0011000B916407281553F80000AA00"],
        ["an SMS-DELIVER", 14, "0004000B916407281553F80000AA00"],
        ["a text that is cut off", 15, "0011000B916407281553F80000AA05E8"],
        ["empty", 7, ""],
    ])("%s", (_, length, pdu) => {
        const { terminal, sent } = ready("AT+CMGF=0")
        terminal.dialogue(`
            > AT+CMGS=${length}␍
            < ⏎> |
            > ${pdu}␚
            < ⏎+CMS ERROR: 304⏎
        `)
        expect(sent).toEqual([])
    })

    test("a length that cannot be", () => {
        const { terminal } = ready("AT+CMGF=0")
        terminal.dialogue(`
            > AT+CMGS=6␍
            < ⏎ERROR⏎
            > AT+CMGS="+123"␍
            < ⏎ERROR⏎
        `)
    })
})
