/** What dialogues say, and what they make of the answers: as the manual and real logs have them. */
import { describe, expect, test } from "vitest"
import {
    CLIENT,
    RemoveCertificates,
    ROOT,
    StoreCertificate,
    UseCertificates,
} from "../../src/core/dialogues/certificates"
import { Certificates } from "../../src/core/certificates"
import { Failure } from "../../src/core/errors"
import { GiveCommand, wrongCommand } from "../../src/core/dialogues/command"
import {
    AskAcknowledgement,
    AskConnections,
} from "../../src/core/dialogues/connections"
import { AskLocation } from "../../src/core/dialogues/location"
import {
    AskStorage,
    DeleteMessages,
    ListMessages,
    ReadMessage,
    SendMessage,
} from "../../src/core/dialogues/messages"
import { Resolve, SetNameServers } from "../../src/core/dialogues/names"
import { Phone } from "../../src/core/dialogues/phone"
import { ReportReader } from "../../src/core/dialogues/reports"
import { EnterPuk, SetPin } from "../../src/core/dialogues/sim"
import {
    AskBattery,
    AskIdentity,
    AskSignal,
    AskTime,
} from "../../src/core/dialogues/telemetry"
import type { Dialogue } from "../../src/core/dialogues/talk"
import { AskUssd, CancelUssd } from "../../src/core/dialogues/ussd"
import { bringUp } from "./dialogue"
import { had, hadWithAllCuts, talker, type Talker } from "./talks"

/** A question and its answer. */
const asked = (command: string, ...lines: string[]): string =>
    [`> ${command}␍`, `< ${lines.map(line => `⏎${line}⏎`).join("")}`].join("\n")
const obeyed = (command: string, ...lines: string[]): string =>
    asked(command, ...lines, "OK")
const IRA = obeyed('AT+CSCS="IRA"')

/** The problem of a dialogue, in words. */
const problem = ({ problem: p }: Dialogue): string =>
    p === null ? "" : `${p.subject}: ${p.sentence} (${p.answer})`

describe("telemetry", () => {
    const battery = (line: string, times = 1): unknown =>
        hadWithAllCuts(
            () => new AskBattery(),
            obeyed("AT+CBC", line).concat("\n").repeat(times),
            ({ charge, percent, millivolts }) => [charge, percent, millivolts]
        )

    test("battery: with blanks, amid what comes meanwhile", () => {
        expect(battery("+CBC: 0,62,3905")).toEqual([0, 62, 3905])
        expect(battery("+CBC: 2, 100, 4200")).toEqual([2, 100, 4200])
        expect(
            hadWithAllCuts(
                () => new AskBattery(),
                obeyed("AT+CBC", "+CTZV: +4,0", "+CBC: 1,5,3500"),
                ({ charge }) => charge
            )
        ).toBe(1)
    })

    test.each([
        "+CBC: 0,62",
        "+CBC: 0,162,3905",
        "+CBC: 4,62,3905",
        "+CBC: 0,62,39",
        "+CBC: 0,,3905",
        "+CBC: 0,6x,3905",
        "+CBC 0,62,3905",
    ])("battery: %s is asked again, then an error", line => {
        expect(battery(line, 2)).toBe("Unreadable")
        const again = `${obeyed("AT+CBC", line)}\n${obeyed("AT+CBC", "+CBC: 0,62,3905")}`
        const dialogue = new AskBattery()
        expect(had(talker(), dialogue, again)).toBe("")
        expect(dialogue.millivolts).toBe(3905)
    })

    test("an error says what the modem did not obey", () => {
        const dialogue = new AskBattery()
        had(talker(), dialogue, asked("AT+CBC", "+CME ERROR: 4"))
        expect(problem(dialogue)).toBe(
            "AT+CBC: the modem did not obey the command: look it up in the AT command manual (AT+CBC: +CME ERROR: 4, operation not supported)"
        )
    })

    test("signal", () => {
        const signal = (line: string, times = 1): unknown =>
            hadWithAllCuts(
                () => new AskSignal(),
                obeyed("AT+CSQ", line).concat("\n").repeat(times),
                ({ dbm, errors }) => [dbm, errors]
            )
        expect(signal("+CSQ: 20,3")).toEqual([-73, 3])
        expect(signal("+CSQ: 0,0")).toEqual([-113, 0])
        expect(signal("+CSQ: 31,7")).toEqual([-51, 7])
        expect(signal("+CSQ: 99,99")).toEqual([0, -1])
        expect(signal("+CSQ: 32,0", 2)).toBe("Unreadable")
        expect(signal("+CSQ: 20,8", 2)).toBe("Unreadable")
        expect(signal("+CSQ: -1,0", 2)).toBe("Unreadable")
    })

    const ASK = "AT+GSN;+CCID;+COPS?"
    const identity = (lines: string[], times = 1): unknown =>
        hadWithAllCuts(
            () => new AskIdentity(),
            obeyed(ASK, ...lines)
                .concat("\n")
                .repeat(times),
            ({ imei, iccid, operator }) => [imei, iccid, operator]
        )

    test("identity: bare numbers, or by name; padding; no network", () => {
        const imei = "867010032343809"
        expect(
            identity([
                imei,
                "898600810906F8048812",
                '+COPS: 0,0,"CHINA MOBILE"',
            ])
        ).toEqual([imei, "898600810906F8048812", "CHINA MOBILE"])
        expect(
            identity([
                imei,
                "+CTZV: +4,0",
                "+CCID: 8986008109060804881F",
                "+COPS: 0",
            ])
        ).toEqual([imei, "8986008109060804881", ""])
        expect(
            identity([
                imei,
                '+CCID: "89860081090608048812"',
                '+COPS: 0, 0, "a, b"',
            ])
        ).toEqual([imei, "89860081090608048812", "a, b"])
    })

    test.each([
        [["86701003234380", "898600810906F8048812", "+COPS: 0"]],
        [["867010032343809", "+COPS: 0"]],
        [["867010032343809", "898600810906F8048812"]],
        [["867010032343809", "898600810906F8048812", '+COPS: 0,0,"CHINA']],
        [["867010032343809", "898600810906F8048812", '+COPS: 0,0,"CH\\xff"']],
        [["867010032343809", "898600810906F8048812", "+COPS: 9"]],
    ])("identity: %j makes no sense", lines => {
        expect(identity(lines, 2)).toBe("Unreadable")
    })

    const time = (clock: string, times = 1): unknown =>
        hadWithAllCuts(
            () => new AskTime(),
            obeyed("AT+CLTS?;+CCLK?", "+CLTS: 1", `+CCLK: ${clock}`)
                .concat("\n")
                .repeat(times),
            ({ utc, zone }) => (utc < 0 ? "unknown" : [utc, zone])
        )

    test("time: UTC, and the zone", () => {
        expect(time('"20/12/16,19:03:45+04"')).toEqual([1608141825000, 4])
        expect(time('"24/02/28,19:30:09-20"')).toEqual([1709166609000, -20])
        expect(time('"26/04/02,13:39:57+22"')).toEqual([1775117397000, 22])
        expect(time("20/12/16,19:03:45+04")).toEqual([1608141825000, 4])
    })

    test.each([
        // nobody has set it
        '"80/01/06,00:00:12+00"',
        '"04/01/01,00:00:12+00"',
        // no zone
        '"26/04/02,13:39:57"',
        // not in the calendar
        '"26/00/00,00:00:00+00"',
        '"26/02/30,00:00:00+00"',
        '"26/13/01,00:00:00+00"',
        '"26/04/31,00:00:00+00"',
        '"26/04/01,24:00:00+00"',
        '"26/04/01,00:60:00+00"',
    ])("time: %s is not known", clock => expect(time(clock)).toBe("unknown"))

    test.each([
        '"26/04/02"',
        '"26/04/02,13:39:5"',
        '"2x/04/02,13:39:57+00"',
        '"26/04/02,13:39:57+0x"',
        '"26/04/02,13:39:57+97"',
        '"26-04-02,13:39:57+00"',
        '""',
        "",
    ])("time: %s makes no sense", clock =>
        expect(time(clock, 2)).toBe("Unreadable")
    )

    test("time: a modem whose clock the network may not set is told to let it", () => {
        const dialogue = new AskTime()
        had(
            talker(),
            dialogue,
            [
                obeyed(
                    "AT+CLTS?;+CCLK?",
                    "+CLTS: 0",
                    '+CCLK: "04/01/01,00:00:12+00"'
                ),
                obeyed("AT+CLTS=1;&W"),
            ].join("\n")
        )
        expect([dialogue.problem, dialogue.utc]).toEqual([null, -1])
    })
})

describe("location", () => {
    const open = [
        obeyed("AT+SAPBR=2,1", '+SAPBR: 1,3,"0.0.0.0"'),
        obeyed('AT+SAPBR=3,1,"Contype","GPRS"'),
        obeyed('AT+SAPBR=3,1,"APN","CMNET"'),
        obeyed('AT+SAPBR=3,1,"USER",""'),
        obeyed('AT+SAPBR=3,1,"PWD",""'),
        obeyed("AT+SAPBR=1,1"),
    ]
    const isOpen = obeyed("AT+SAPBR=2,1", '+SAPBR: 1,1,"10.0.0.1"')
    const close = obeyed("AT+SAPBR=0,1")
    const place = (answer: string, latitudeFirst = false, times = 1): unknown =>
        hadWithAllCuts(
            () => new AskLocation(latitudeFirst),
            [
                isOpen,
                ...Array<string>(times).fill(obeyed("AT+CLBS=4,1", answer)),
                close,
            ].join("\n"),
            ({ latitude, longitude, accuracy, utc }) => [
                latitude,
                longitude,
                accuracy,
                utc,
            ]
        )

    test("opens a bearer, asks, closes it", () => {
        const dialogue = new AskLocation(false)
        const answer = "+CLBS: 0,18.616992,-47.235787,550,21/09/12,17:23:26"
        had(
            talker(),
            dialogue,
            [...open, obeyed("AT+CLBS=4,1", answer), close].join("\n")
        )
        expect(dialogue).toMatchObject({
            problem: null,
            longitude: 18.616992,
            latitude: -47.235787,
            accuracy: 550,
            utc: 1631467406000,
        })
    })

    test("which comes first: as it is told, but beyond 90 degrees it is plain", () => {
        expect(place("+CLBS: 0,-0.5,47,1000")).toEqual([47, -0.5, 1000, -1])
        expect(place("+CLBS: 0,47,-0.5,1000", true)).toEqual([
            47, -0.5, 1000, -1,
        ])
        expect(place("+CLBS: 0,-149.2,-25.4,550")).toEqual([
            -25.4, -149.2, 550, -1,
        ])
        expect(place("+CLBS: 0,-25.4,-149.2,550")).toEqual([
            -25.4, -149.2, 550, -1,
        ])
        expect(place("+CLBS: 0,-149.2,-25.4,550", true)).toEqual([
            -25.4, -149.2, 550, -1,
        ])
        expect(place("+CLBS: 0,-149.2,100,550")).toBe("NoLocation")
    })

    test("the server does not know; the bearer is closed all the same", () => {
        expect(place("+CLBS: 2")).toBe("NoLocation")
        const dialogue = new AskLocation(false)
        had(
            talker(),
            dialogue,
            [isOpen, asked("AT+CLBS=4,1", "ERROR"), close].join("\n")
        )
        expect(problem(dialogue)).toContain("AT+CLBS=4,1: ERROR")
    })

    test.each([
        "+CLBS: 0,1,2",
        "+CLBS: 0,1,200,5",
        "+CLBS: 0,1.2.3,4,5",
        "+CLBS: 0,,4,5",
        "+CLBS: 0,1,2,3,21/09/12",
        "+CLBS: 0,1,2,3,21/09,17:23:26",
        "+CLBS: x",
    ])("%s makes no sense", answer => {
        expect(place(answer, false, 2)).toBe("Unreadable")
    })
})

describe("names", () => {
    const ask = 'AT+CDNSGIP="www.example.com"'
    const resolved = (...lines: string[]): string =>
        [`> ${ask}␍`, `< ${["OK", ...lines].map(l => `⏎${l}⏎`).join("")}`].join(
            "\n"
        )
    const resolve = (transcript: string): unknown =>
        hadWithAllCuts(
            () => new Resolve("www.example.com"),
            transcript,
            ({ first, second }) => [first, second]
        )

    test("one address, or two; in the modem's own letters", () => {
        expect(
            resolve(resolved('+CDNSGIP: 1,"www.example.com","1.2.3.4"'))
        ).toEqual(["1.2.3.4", ""])
        expect(
            resolve(
                resolved('+CDNSGIP: 1,"WWW.EXAMPLE.COM","1.2.3.4","5.6.7.8"')
            )
        ).toEqual(["1.2.3.4", "5.6.7.8"])
    })

    test("the answer to an earlier question is not the answer", () => {
        expect(
            resolve(
                [
                    resolved('+CDNSGIP: 1,"other.com","9.9.9.9"'),
                    resolved('+CDNSGIP: 1,"www.example.com","1.2.3.4"'),
                ].join("\n")
            )
        ).toEqual(["1.2.3.4", ""])
    })

    test("the name is not known", () => {
        expect(resolve(resolved("+CDNSGIP: 0,8"))).toBe("NotResolved")
    })

    test.each([
        '+CDNSGIP: 1,"www.example.com"',
        '+CDNSGIP: 1,"www.example.com","1.2.3"',
        '+CDNSGIP: 1,"www.example.com","1.2.3.456"',
        '+CDNSGIP: 1,"www.example.com","1.2.3.4","5.6"',
        '+CDNSGIP: 1,"www.example.com,"1.2.3.4"',
        "+CDNSGIP: ",
    ])("%s makes no sense", line => {
        expect(resolve(`${resolved(line)}\n${resolved(line)}`)).toBe(
            "Unreadable"
        )
    })

    test("name servers", () => {
        expect(
            had(
                talker(),
                new SetNameServers("1.1.1.1", ""),
                obeyed('AT+CDNSCFG="1.1.1.1"')
            )
        ).toBe("")
        expect(
            had(
                talker(),
                new SetNameServers("1.1.1.1", "8.8.8.8"),
                asked('AT+CDNSCFG="1.1.1.1","8.8.8.8"', "ERROR")
            )
        ).toBe("CommandRefused")
    })
})

describe("connections", () => {
    test("AT+CIPACK", () => {
        const count = (line: string, times = 1): unknown =>
            hadWithAllCuts(
                () => new AskAcknowledgement(2),
                obeyed("AT+CIPACK=2", line).concat("\n").repeat(times),
                ({ sent, acknowledged, outstanding }) => [
                    sent,
                    acknowledged,
                    outstanding,
                ]
            )
        expect(count("+CIPACK: 12,10,2")).toEqual([12, 10, 2])
        expect(count("+CIPACK: 12, 10, 2")).toEqual([12, 10, 2])
        expect(count("+CIPACK: 12,10", 2)).toBe("Unreadable")
        expect(count("+CIPACK: 12,x,2", 2)).toBe("Unreadable")
        expect(count("+CIPACK: 2,10,2", 2)).toBe("Unreadable")
    })

    const free = (id: number): string => `C: ${id},,"","","","INITIAL"`
    const status = (first: string): string =>
        `> AT+CIPSTATUS␍\n< ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎S: 0,0,"8888","LISTENING"⏎⏎${[
            first,
            ...[1, 2, 3, 4, 5].map(free),
        ].join("⏎⏎")}⏎\n`

    test("AT+CIPSTATUS", () => {
        expect(
            hadWithAllCuts(
                () => new AskConnections(),
                status('C: 0,0,"TCP","1.2.3.4","7","CONNECTED"'),
                ({ state, server, connections }) => ({
                    state,
                    server,
                    connections,
                })
            )
        ).toEqual({
            state: "IP PROCESSING",
            server: "LISTENING",
            connections: [
                {
                    id: 0,
                    context: 0,
                    proto: "TCP",
                    address: "1.2.3.4",
                    port: 7,
                    state: "CONNECTED",
                },
            ],
        })
        const damaged = status('C: 0,0,"TCP","1.2.3.4,"7","CONNECTED"')
        expect(had(talker(), new AskConnections(), damaged + damaged)).toBe(
            "Unreadable"
        )
    })
})

describe("commands", () => {
    test("all of the answer, or an error", () => {
        const lines = Array.from(
            { length: 24 },
            (_, i) =>
                `+X: ${i},"what has some sixty characters and no more, all in all, in it"`
        )
        const answer = obeyed("AT+X", ...lines)
        const small = new GiveCommand("AT+X", 5000, 1024)
        expect(had(talker(), small, answer)).toBe("TooLong")
        expect(problem(small)).toMatch(/^AT\+X: .*\(\d+ lines are missing\)$/)
        const large = new GiveCommand("AT+X", 5000, 4096)
        const one = talker()
        expect(had(one, large, answer)).toBe("")
        expect(large.lines).toEqual(lines)
        // the room is given back
        const next = new GiveCommand("AT+Y", 5000, 1024)
        expect(had(one, next, obeyed("AT+Y", "y"))).toBe("")
        expect([next.lines, one.talk.request.answer.length]).toEqual([
            ["y"],
            1024,
        ])
    })

    test("ATD: BUSY is its result", () => {
        const dialogue = new GiveCommand("ATD123;", 5000, 1024)
        expect(had(talker(), dialogue, asked("ATD123;", "BUSY"))).toBe(
            "CommandRefused"
        )
        expect(problem(dialogue)).toContain("BUSY")
    })

    test.each(["", "CSQ", "AT+CIPSHUT", "AT+CBC;+CFUN=0", "ATE1", "AT\r", 5])(
        "%j is none of the application's",
        line => expect(wrongCommand(line)).not.toBe("")
    )
    test.each(["AT", "AT+CBC", "AT+CBC;+CSQ", "ATD123;", "ATI"])(
        "%s is",
        line => expect(wrongCommand(line)).toBe("")
    )
})

describe("USSD", () => {
    const code = (set: string, text = "*100#"): string =>
        `AT+CSCS="${set}";+CUSD=1,"${text}",15`
    const HEX = code("HEX")
    const UCS2 = code("UCS2", "002A0031003000300023")
    const answered = (command: string, line: string): string =>
        `> ${command}␍\n< ⏎OK⏎⏎${line}⏎`
    const ussd = (...transcript: string[]): unknown =>
        hadWithAllCuts(
            () => new AskUssd("*100#", 60000),
            transcript.join("\n"),
            ({ text, more }) => (more ? [text] : text)
        )

    test("in the GSM alphabet, in UCS-2, or as the firmware likes", () => {
        const gives = (line: string): unknown => ussd(answered(HEX, line), IRA)
        expect(gives('+CUSD: 0, "42616C616E63653A0A312E353065", 15')).toBe(
            "Balance:\n1.50e"
        )
        expect(gives('+CUSD: 0,"00020511421B651B3C7E",15')).toBe("@$é_B€[ü")
        expect(gives('+CUSD: 0, "0411043004400430", 72')).toBe("Бара")
        expect(gives('+CUSD: 2,"0031",17')).toBe("1")
        expect(gives('+CUSD: 0, "You have 1.50", 15')).toBe("You have 1.50")
        expect(gives('+CUSD: 1, "31", 15')).toEqual(["1"])
        expect(gives('+CUSD: 1,"31"')).toEqual(["1"])
    })

    test("HEX is not for this firmware, UCS2 is; from then on at once", () => {
        const one = talker()
        const dialogue = new AskUssd("*100#", 60000)
        had(
            one,
            dialogue,
            [
                answered(HEX, "+CUSD: 2"),
                answered(UCS2, '+CUSD: 0,"00310032",15'),
                IRA,
            ].join("\n")
        )
        expect(dialogue.text).toBe("12")
        const next = new AskUssd("*100#", 60000)
        had(one, next, [answered(UCS2, '+CUSD: 0,"0033",15'), IRA].join("\n"))
        expect(next.text).toBe("3")
    })

    test("HEX is refused, UCS2 not for this firmware, IRA is", () => {
        expect(
            ussd(
                asked(HEX, "ERROR"),
                answered(UCS2, "+CUSD: 2"),
                answered(code("IRA"), '+CUSD: 0,"Balance "12"",15'),
                IRA
            )
        ).toBe('Balance "12"')
    })

    test("several lines of text, with the modem's words in them", () => {
        expect(
            ussd(
                asked(HEX, "ERROR"),
                asked(UCS2, "ERROR"),
                `> ${code("IRA")}␍\n< ⏎OK⏎⏎+CUSD: 0,"one⏎OK⏎ERROR",15⏎`,
                IRA
            )
        ).toBe("one\nOK\nERROR")
    })

    test("the network has no answer", () => {
        expect(ussd(answered(HEX, "+CUSD: 4"), IRA)).toBe("UssdRefused")
        expect(
            ussd(
                answered(HEX, "+CUSD: 2"),
                answered(UCS2, "+CUSD: 2"),
                answered(code("IRA"), "+CUSD: 2"),
                IRA
            )
        ).toBe("UssdRefused")
        expect(ussd(asked(HEX, "+CME ERROR: 30"), IRA)).toBe("CommandRefused")
    })

    test("what makes no sense", () => {
        expect(ussd(answered(HEX, "+CUSD: 7"), IRA)).toBe("Unreadable")
        expect(ussd(answered(HEX, "+CUSD: x"), IRA)).toBe("Unreadable")
    })

    test("silence: it is cancelled", () => {
        expect(
            ussd(`> ${HEX}␍\n< ⏎OK⏎\n. 60000`, obeyed("AT+CUSD=2"), IRA)
        ).toBe("Timeout")
        expect(had(talker(), new CancelUssd(), obeyed("AT+CUSD=2"))).toBe("")
    })
})

describe("short messages", () => {
    const PREPARE = 'AT+CMGF=1;+CSCS="IRA";+CSMP=17,167,0,0'
    const PREPARE_UCS2 = 'AT+CMGF=1;+CSCS="UCS2";+CSMP=17,167,0,8'
    const send = (text: string, ...transcript: string[]): SendMessage => {
        const dialogue = new SendMessage("+123", text)
        had(talker(), dialogue, transcript.join("\n"))
        return dialogue
    }

    test("ASCII goes as it is, everything else as UCS-2 in digits", () => {
        const plain = send(
            "hi",
            obeyed(PREPARE),
            '> AT+CMGS="+123"␍\n< ⏎> |'.replace("|", ""),
            "> hi␚",
            "< ⏎+CMGS: 12⏎⏎OK⏎"
        )
        expect([plain.problem, plain.reference]).toEqual([null, 12])
        const digits = send(
            "ü{",
            obeyed(PREPARE_UCS2),
            '> AT+CMGS="002B003100320033"␍\n< ⏎> |'.replace("|", ""),
            "> 00FC007B␚",
            "< ⏎+CMGS: 255⏎⏎OK⏎",
            IRA
        )
        expect([digits.problem, digits.reference]).toEqual([null, 255])
    })

    test.each([
        [38, "try again later"],
        [302, "does not allow it"],
        [310, "no SIM card"],
        [322, "memory for messages is full"],
        [330, "AT+CSCA"],
        [331, "antenna"],
        [96, "malformed"],
        [999, "the short message was not taken"],
    ])("+CMS ERROR: %i has a sentence of its own, or none", (cms, words) => {
        const dialogue = send(
            "hi",
            obeyed(PREPARE),
            asked('AT+CMGS="+123"', `+CMS ERROR: ${cms}`)
        )
        expect(dialogue.problem?.sentence).toContain(words)
        expect(dialogue.problem?.answer).toBe(`AT+CMGS: +CMS ERROR: ${cms}`)
    })

    const SM = 'AT+CMGF=1;+CPMS="SM"'
    const CPMS = "+CPMS: 1,30,1,30,1,30"
    const read = (lines: string[], times = 1): unknown =>
        hadWithAllCuts(
            () => new ReadMessage(3),
            [
                ...Array<string>(times).fill(
                    obeyed(`${SM};+CSCS="UCS2";+CMGR=3`, CPMS, ...lines)
                ),
                IRA,
            ].join("\n"),
            ({ from, at, text }) => [from, at, text]
        )

    test("read", () => {
        const at = "18/01/22,19:07:20+12"
        expect(
            read([
                `+CMGR: "REC UNREAD","002B003400390031","","${at}"`,
                "0048006500690DF20021",
            ])
        ).toEqual(["+491", at, "Hei\u0df2!"])
        // firmware that shows no digits; a number may look like some
        expect(
            read([`+CMGR: "REC READ","491511234567","","${at}"`, "See you"])
        ).toEqual(["491511234567", at, "See you"])
        // no text, no time, and a time that can not be
        expect(read(['+CMGR: "REC READ","0031",""'])).toEqual(["1", "", ""])
        expect(
            read(['+CMGR: "REC READ","0031","","26/00/00,00:00:00+00"', "0032"])
        ).toEqual(["1", "", "2"])
        expect(read([])).toBe("NoMessage")
    })

    test.each([
        [['+CMGR: "REC READ","0031","","26/0']],
        [['+CMGR: "REC READ","0031","","26/04/01,00:0x:00+00"', "0032"]],
        [['+CMGR: "REC READ","0031","","26/04/01,00:00:00+00"', "003"]],
        [['+CMGR: "REC READ"']],
    ])("%j makes no sense", lines => {
        expect(read(lines, 2)).toBe("Unreadable")
    })

    test("in another memory", () => {
        const dialogue = new ReadMessage(256 + 3)
        had(
            talker(),
            dialogue,
            [
                obeyed(
                    'AT+CMGF=1;+CPMS="ME";+CSCS="UCS2";+CMGR=3',
                    CPMS,
                    '+CMGR: "REC READ","0031",""',
                    "0032"
                ),
                IRA,
            ].join("\n")
        )
        expect(dialogue.text).toBe("2")
        expect(
            had(
                talker(),
                new DeleteMessages(256 + 3, 0),
                obeyed('AT+CMGF=1;+CPMS="ME";+CMGD=3', CPMS)
            )
        ).toBe("")
    })

    test("deleted one by one, and all; how many there are", () => {
        const deletes = (dialogue: DeleteMessages, command: string): void =>
            expect(had(talker(), dialogue, obeyed(command, CPMS))).toBe("")
        deletes(new DeleteMessages(7, 0), `${SM};+CMGD=7`)
        deletes(new DeleteMessages(0, 1), `${SM};+CMGD=1,1`)
        deletes(new DeleteMessages(0, 4), `${SM};+CMGD=1,4`)
        const storage = (line: string, times = 1): unknown =>
            hadWithAllCuts(
                () => new AskStorage(),
                obeyed('AT+CPMS="SM","SM","SM"', line)
                    .concat("\n")
                    .repeat(times),
                ({ used, total }) => [used, total]
            )
        expect(storage("+CPMS: 3,10,3,10,3,10")).toEqual([3, 10])
        expect(storage("+CPMS: 13,10,3,10,3,10", 2)).toBe("Unreadable")
    })
})

describe("what is on the card", () => {
    const COUNT = 'AT+CMGF=1;+CPMS="SM","SM","SM"'
    const look = (place: number, ...lines: string[]): string =>
        obeyed(`AT+CSCS="UCS2";+CMGR=${place},1`, ...lines)
    const list = (...transcript: string[]): unknown =>
        hadWithAllCuts(
            () => new ListMessages(),
            [...transcript, IRA].join("\n"),
            ({ places }) =>
                places.map(
                    ({ index, isRead, time }) =>
                        `${index} ${isRead} ${time < 0 ? "-" : new Date(time).toISOString()}`
                )
        )

    test("read, unread, written here; with a time, or without", () => {
        expect(
            list(
                obeyed(COUNT, "+CPMS: 3,5,3,5,3,5"),
                look(
                    1,
                    '+CMGR: "REC READ","0031","","18/01/22,19:07:20+12"',
                    "0032"
                ),
                look(2),
                look(
                    3,
                    '+CMGR: "REC UNREAD","0031","","26/00/00,00:00:00+00"',
                    "0032"
                ),
                look(4, '+CMGR: "STO UNSENT","0031",""', "0032")
            )
        ).toEqual(["1 true 2018-01-22T19:07:20.000Z", "3 false -", "4 false -"])
    })

    test("one that a damaged answer has hidden is asked for again, once", () => {
        const good = '+CMGR: "REC READ","0031","","18/01/22,19:07:20+12"'
        const bad = '+CMGR: "REC READ","0031","","18/01/2x,19:07:20+12"'
        const count = obeyed(COUNT, "+CPMS: 1,5,1,5,1,5")
        expect(
            list(count, look(1, bad, "0032"), look(1, good, "0032"))
        ).toEqual(["1 true 2018-01-22T19:07:20.000Z"])
        expect(list(count, look(1, bad, "0032"), look(1, bad, "0032"))).toBe(
            "Unreadable"
        )
    })
})

describe("status reports", () => {
    const heard = (...lines: string[]): unknown[] => {
        const reader = new ReportReader()
        return lines.map(line => reader.hear(line))
    }
    const PDU =
        "0891683108100005F006010B916407281553F8629020102304216290201023142146"

    test("in text mode, with a number as it is or in digits", () => {
        const times = '"26/09/02,01:32:40+12","26/09/02,01:32:41+12"'
        const number = "+491"
        const report = { reference: 7, number, at: "26/09/02,01:32:40+12" }
        expect(
            heard(
                `+CDS: 6,7,"+491",145,${times},0`,
                `+CDS: 6,7,"002B003400390031",145,${times},48`
            )
        ).toEqual([
            { ...report, status: 0 },
            { ...report, status: 48 },
        ])
    })

    test("in PDU mode, in a line behind", () => {
        expect(heard("+CDS: 25", `\n${PDU}`)).toEqual([
            null,
            {
                reference: 1,
                number: "+46708251358",
                at: "26/09/02,01:32:40+12",
                status: 0x46,
            },
        ])
    })

    test.each([
        ["RING"],
        ["+CDS: 6,7"],
        ['+CDS: 6,999,"+491",145,"26/09/02","26/09/02",0'],
        ["+CDS: x", `\n${PDU}`],
        ["+CDS: 25", "RING", `\n${PDU}`],
        ["+CDS: 25", "\nno digits"],
        ["+CDS: 25", `\n${PDU.slice(0, 20)}`],
        ["+CMT: 25", `\n${PDU}`],
    ])("%j …: none", (...lines) => {
        expect(heard(...lines)).toEqual(lines.map(() => null))
    })
})

describe("the PIN and the PUK of the card", () => {
    const puk = (...transcript: string[]): EnterPuk => {
        const dialogue = new EnterPuk("12345678", "4321")
        had(talker(), dialogue, transcript.join("\n"))
        return dialogue
    }
    const LOCKED = obeyed("AT+CPIN?", "+CPIN: SIM PUK")
    const TRIES = obeyed("AT+SPIC", "+SPIC: 0,3,10,10")
    const ENTER = 'AT+CPIN="12345678","4321"'

    test("the PIN is changed, asked for, or not", () => {
        const set = (next: string, command: string): void =>
            expect(
                had(talker(), new SetPin("1234", next), obeyed(command))
            ).toBe("")
        set("9999", 'AT+CPWD="SC","1234","9999"')
        set("1234", 'AT+CLCK="SC",1,"1234"')
        set("", 'AT+CLCK="SC",0,"1234"')
        const wrong = new SetPin("1234", "")
        had(talker(), wrong, asked('AT+CLCK="SC",0,"1234"', "+CME ERROR: 16"))
        expect(problem(wrong)).toContain("incorrect password")
        expect(problem(wrong)).not.toContain("1234")
    })

    test("the PUK is given when the card wants it and has tries enough", () => {
        expect(problem(puk(LOCKED, TRIES, TRIES, obeyed(ENTER)))).toBe("")
    })

    test("wrong: it says how many are left, and shows neither", () => {
        const words = problem(
            puk(LOCKED, TRIES, TRIES, asked(ENTER, "+CME ERROR: 16"))
        )
        expect(words).toContain("9 tries are left")
        expect(words).not.toContain("12345678")
        expect(words).not.toContain("4321")
    })

    test("no answer: it is not given again", () => {
        const it = puk(LOCKED, TRIES, TRIES, `> ${ENTER}␍`, ". 20000", "> AT␍")
        expect(it.problem?.failure).toBe(Failure.Timeout)
        expect(problem(it)).not.toContain("12345678")
    })

    test("not to a card that does not want it", () => {
        expect(problem(puk(obeyed("AT+CPIN?", "+CPIN: READY")))).toContain(
            "does not want its PUK"
        )
        expect(problem(puk(obeyed("AT+CPIN?", "+CPIN: SIM PIN")))).toContain(
            "does not want its PUK"
        )
    })

    test("not if few tries are left, or nobody knows how many", () => {
        const few = obeyed("AT+SPIC", "+SPIC: 0,3,3,10")
        expect(problem(puk(LOCKED, few, few))).toContain("3 tries are left")
        const more = obeyed("AT+SPIC", "+SPIC: 0,3,9,10")
        expect(puk(LOCKED, TRIES, more).problem?.failure).toBe(
            Failure.CommandRefused
        )
        expect(puk(LOCKED, asked("AT+SPIC", "ERROR")).problem?.failure).toBe(
            Failure.CommandRefused
        )
        const cut = obeyed("AT+SPIC", "+SPIC: 0,3")
        expect(puk(LOCKED, cut, cut).problem?.failure).toBe(Failure.Unreadable)
    })
})

describe("phone", () => {
    const TELL = obeyed("AT+CLIP=1;+CMGF=1;+CNMI=2,1,0,0,0")
    const stored = (used: number, total: number): string =>
        obeyed(
            'AT+CPMS="SM","SM","SM"',
            `+CPMS: ${used},${total},${used},${total},${used},${total}`
        )
    const look = (place: number, ...lines: string[]): string =>
        obeyed(`AT+CSCS="UCS2";+CMGR=${place},1`, ...lines)
    const message = ['+CMGR: "REC READ","0031",""', "0032"]

    function phone(one: Talker): Phone {
        const it = new Phone(one.driver.modem, one.talk)
        it.start()
        return it
    }
    function taken(it: Phone): number[] {
        const places: number[] = []
        for (let at = it.take(); at >= 0; at = it.take()) places.push(at)
        return places
    }

    test("who calls, and where messages are", () => {
        const one = talker()
        const it = phone(one)
        const heard: string[] = []
        it.changed = () =>
            heard.push(it.caller.toString("latin1", 0, it.callerLength))
        one.driver.play([TELL, stored(0, 10)].join("\n"))
        one.driver.play('< ⏎RING⏎⏎+CLIP: "+8613918186089",145,"",0,"",0⏎')
        expect(heard).toEqual(["", "+8613918186089"])
        one.driver.play('< ⏎+CMTI: "SM",10⏎⏎+CMTI: "ME", 3⏎⏎+CMTI:"SM_P",0⏎')
        expect(taken(it)).toEqual([10, 256 + 3, 3 * 256])
        expect(it.isFull()).toBe(false)
    })

    test("what a program wants beside, also behind a restart; it need not be obeyed", () => {
        const one = talker()
        const it = new Phone(one.driver.modem, one.talk)
        it.want("+CNMI=2,1,0,1,0")
        it.start()
        one.driver.play(
            [TELL, obeyed("AT+CNMI=2,1,0,1,0"), stored(0, 10)].join("\n")
        )
        it.want("+SCLASS0=1")
        one.driver.play(
            [
                TELL,
                asked("AT+CNMI=2,1,0,1,0;+SCLASS0=1", "ERROR"),
                stored(0, 10),
            ].join("\n")
        )
        expect(it.problem).toBe(null)
        one.driver.silent()
    })

    test("messages that are there already, but those that were written here", () => {
        const one = talker()
        const it = phone(one)
        one.driver.play(
            [
                TELL,
                stored(3, 5),
                look(1),
                look(2, ...message),
                asked('AT+CSCS="UCS2";+CMGR=3,1', "+CMS ERROR: 321"),
                look(4, '+CMGR: "STO SENT","0031",""', "0032"),
                look(5, ...message),
                IRA,
            ].join("\n")
        )
        expect(taken(it)).toEqual([2, 5])
    })

    test("one that a damaged answer has hidden is found the second time", () => {
        const one = talker()
        const it = phone(one)
        one.driver.play(
            [
                TELL,
                stored(1, 2),
                look(1, '+CM\\xffR: "REC READ","0031",""', "0032"),
                look(2),
                look(1, ...message),
                IRA,
            ].join("\n")
        )
        expect(taken(it)).toEqual([1])
        one.driver.silent()
    })

    test("a full card", () => {
        const one = talker()
        const it = phone(one)
        one.driver.play(
            [TELL, stored(1, 1), look(1, ...message), IRA].join("\n")
        )
        expect(it.isFull()).toBe(true)
        expect(taken(it)).toEqual([1])
        it.freed(1)
        expect(it.isFull()).toBe(false)
    })

    test("a notice that can not be read has the card looked at", () => {
        const one = talker()
        const it = phone(one)
        one.driver.play([TELL, stored(0, 2)].join("\n"))
        one.driver.play('< ⏎+CMTI: "SM",\\xff⏎')
        one.driver.play(
            [TELL, stored(1, 2), look(1, ...message), IRA].join("\n")
        )
        expect(taken(it)).toEqual([1])
    })

    test("more than anybody takes: the card is looked at again", () => {
        const one = talker()
        const it = phone(one)
        one.driver.play([TELL, stored(0, 90)].join("\n"))
        for (let i = 1; i <= 65; i++) one.driver.play(`< ⏎+CMTI: "SM",${i}⏎`)
        expect(it.take()).toBe(1)
        one.driver.play(
            [
                TELL,
                stored(65, 90),
                ...Array.from({ length: 65 }, (_, i) =>
                    look(i + 1, ...message)
                ),
                IRA,
            ].join("\n")
        )
        expect(taken(it).at(-1)).toBe(65)
    })
})

describe("certificates", () => {
    const NO = (path: string): string => asked(`AT+FSFLSIZE=${path}`, "ERROR")
    const size = (path: string, n: number): string =>
        obeyed(`AT+FSFLSIZE=${path}`, `+FSFLSIZE: ${n}`)
    const prompt = (command: string): string =>
        `> ${command}␍\n< ⏎> |`.replace("|", "")

    test("a root certificate: written piece by piece, then used", () => {
        const one = talker()
        const settings = new Certificates(one.driver.modem)
        const data = Buffer.alloc(1030, 0x41)
        had(
            one,
            new StoreCertificate(settings, ROOT, data, ""),
            [
                size(ROOT, 5),
                obeyed(`AT+FSDEL=${ROOT}`),
                obeyed(`AT+FSCREATE=${ROOT}`),
                prompt(`AT+FSWRITE=${ROOT},0,1024,10`),
                `> ${"A".repeat(1024)}`,
                "< ⏎OK⏎",
                prompt(`AT+FSWRITE=${ROOT},1,6,10`),
                "> AAAAAA",
                "< ⏎OK⏎",
                size(ROOT, 1030),
                obeyed(`AT+SSLSETROOT="${ROOT}",1030`),
            ].join("\n")
        )
        expect(settings.root).toBe(`AT+SSLSETROOT="${ROOT}",1030`)
    })

    test("a client certificate: no error shows the password", () => {
        const one = talker()
        const settings = new Certificates(one.driver.modem)
        const write = [
            NO(CLIENT),
            obeyed(`AT+FSCREATE=${CLIENT}`),
            prompt(`AT+FSWRITE=${CLIENT},0,1,10`),
            "> A",
            "< ⏎OK⏎",
            size(CLIENT, 1),
            `> AT+SSLSETCERT="${CLIENT}","secret"␍`,
        ].join("\n")
        const store = (end: string): Dialogue => {
            const dialogue = new StoreCertificate(
                settings,
                CLIENT,
                Buffer.from("A"),
                "secret"
            )
            had(one, dialogue, `${write}\n${end}`)
            return dialogue
        }
        for (const end of [
            "< ⏎OK⏎⏎+SSLSETCERT: 1⏎",
            "< ⏎ERROR⏎",
            "< ⏎OK⏎\n. 31000",
        ]) {
            const { problem: p } = store(end)
            expect(p).not.toBe(null)
            expect(JSON.stringify(p)).not.toContain("secret")
            expect(settings.client).toBe("")
        }
    })

    test("those that are there are used, and removed", () => {
        const one = talker()
        const settings = new Certificates(one.driver.modem)
        const use = new UseCertificates(settings, "")
        had(
            one,
            use,
            [
                NO(CLIENT),
                size(ROOT, 5),
                obeyed(`AT+SSLSETROOT="${ROOT}",5`),
            ].join("\n")
        )
        expect([use.found, settings.client]).toEqual([true, ""])
        expect(
            had(
                one,
                new RemoveCertificates(),
                [NO(CLIENT), size(ROOT, 5), obeyed(`AT+FSDEL=${ROOT}`)].join(
                    "\n"
                )
            )
        ).toBe("")
    })
})

describe("one after the other", () => {
    test("each has the modem for itself until it is over", () => {
        const one = talker()
        const message = new SendMessage("+1", "ü")
        const battery = new AskBattery()
        const signal = new AskSignal()
        one.talk.begin(message)
        one.talk.begin(battery)
        one.talk.begin(signal)
        one.talk.cancel(battery)
        one.driver.play(
            [
                asked(
                    'AT+CMGF=1;+CSCS="UCS2";+CSMP=17,167,0,8',
                    "+CME ERROR: 14"
                ),
                obeyed("AT+CSQ", "+CSQ: 20,0"),
            ].join("\n")
        )
        expect([message.over, battery.over, signal.over]).toEqual([
            true,
            true,
            true,
        ])
        expect(signal.dbm).toBe(-73)
    })

    test("what is called off while it is in flight is nobody's answer", () => {
        const one = talker()
        const battery = new AskBattery()
        const signal = new AskSignal()
        one.talk.begin(battery)
        one.driver.play("> AT+CBC␍")
        one.talk.cancel(battery)
        one.talk.begin(signal)
        one.driver.play("< ⏎+CBC: 0,62,3905⏎⏎OK⏎")
        one.driver.play(obeyed("AT+CSQ", "+CSQ: 20,0"))
        expect([signal.problem, signal.dbm]).toEqual([null, -73])
    })
})

describe("a modem that restarts between two commands of a dialogue", () => {
    test("a message is not sent in a mode that is not the modem's any more", () => {
        const it = talker()
        const { driver, talk } = it
        const message = new SendMessage("+1", "ü")
        talk.begin(message)
        driver.play(`
            > AT+CMGF=1;+CSCS="UCS2";+CSMP=17,167,0,8␍
            ! open a 1
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎RDY⏎
            . 1000
        `)
        driver.play(bringUp.slice(bringUp.indexOf("> AT")))
        driver.play(IRA)
        expect(message.over).toBe(true)
        expect(message.problem?.failure).toBe(Failure.Restarted)
        driver.silent()
        // the next one is sent
        const next = had(
            it,
            new SendMessage("+2", "hi"),
            `
            > AT+CMGF=1;+CSCS="IRA";+CSMP=17,167,0,0␍
            < ⏎OK⏎
            > AT+CMGS="+2"␍
            < ⏎> |
            > hi␚
            < ⏎+CMGS: 1⏎⏎OK⏎
        `.replace("|", "")
        )
        expect(next).toBe("")
    })
})
