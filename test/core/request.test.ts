/** Commands of the application with data behind a prompt, or an answer behind OK. */
import { describe, expect, test } from "vitest"
import { Framing, Reception } from "../../src/core/config"
import { Failure, refusal } from "../../src/core/errors"
import { Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import {
    bringUp,
    bringUpWith,
    connect,
    Driver,
    playAllCuts,
    reactivate,
} from "./dialogue"

const CMGS = 'AT+CMGS="+123"'

describe("a command with data (manual 4.2.5)", () => {
    test("prompt, data, answer; what comes meanwhile goes its way", () => {
        playAllCuts(
            `
            ! message ${CMGS} all is well␚
            > ${CMGS}␍
            < ⏎+CIPRXGET: 1,0⏎⏎> |
            > all is well␚
            # the network has a minute
            . 59000
            < ⏎+CMGS: 77⏎⏎OK⏎
            = answer Ok +CMGS: 77␊
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,2,0⏎hi⏎OK⏎
            = 0 received hi
        `.replaceAll("|", ""),
            {},
            bringUp + connect
        )
    })

    test("data that look like a prompt and like an answer", () => {
        playAllCuts(
            `
            ! message ${CMGS} > OK␍⏎OK⏎␚
            > ${CMGS}␍
            < ⏎>
            > > OK␍⏎OK⏎␚
            < ⏎+CMGS: 1⏎⏎OK⏎
            = answer Ok +CMGS: 1␊
        `,
            {},
            bringUp
        )
    })

    test("refused before the prompt: the data stay here", () => {
        const driver = playAllCuts(
            `
            ! message ${CMGS} hello␚
            > ${CMGS}␍
            < ⏎+CMS ERROR: 305⏎
            = answer Refused
            ! request AT+CSQ
            > AT+CSQ␍
            < ⏎> ⏎⏎+CSQ: 20,0⏎⏎OK⏎
        `,
            {},
            bringUp
        )
        driver.play("= answer Ok > ␊+CSQ: 20,0␊")
    })

    test("its Ctrl-Z is its own, however connections end their data", () => {
        playAllCuts(
            `
            ! send 0 abc
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0␍
            < ⏎ERROR⏎
            ! message ${CMGS} hello␚
            > ${CMGS}␍
            < ⏎>
            > hello␚
            < ⏎+CMS ERROR: 38⏎
            = answer Refused
        `,
            { framing: Framing.CtrlZ },
            bringUp + connect
        )
    })

    test("no answer to the data: the modem is looked for", () => {
        new Driver().play(
            `
            ${bringUp}
            ! message ${CMGS} hello␚
            > ${CMGS}␍
            < ⏎>
            > hello␚
            . 64000
            = answer InFlight
            . 1100
            = answer Timeout
            > AT␍
            < ⏎OK⏎
        `
        )
    })

    test("the context is lost meanwhile: the modem gets what it was promised", () => {
        new Driver()
            .play(
                `
            ${bringUp}
            ! message ${CMGS} hello␚
            > ${CMGS}␍
            < ⏎+PDP: DEACT⏎
            = answer Aborted
            < ⏎>
            > hello␚
            < ⏎+CMGS: 5⏎⏎OK⏎
            ${reactivate}
        `
            )
            .silent()
    })

    test("the modem restarts at its prompt", () => {
        new Driver().play(`
            ${bringUp}
            ! message ${CMGS} hello␚
            > ${CMGS}␍
            < ⏎Call Ready⏎
            = answer Aborted
            . 1000
            > AT␍
        `)
    })

    test("the number of a +CMS ERROR is told from that of a +CME ERROR", () => {
        for (const [line, cme] of [
            ["+CMS ERROR: 38", 1038],
            ["+CME ERROR: 38", 38],
            ["ERROR", -1],
        ] as const) {
            const driver = new Driver().play(`
                ${bringUp}
                ! request AT+X
                > AT+X␍
                < ⏎${line}⏎
                = answer Refused
            `)
            expect(driver.modem.channel.cme).toBe(cme)
        }
    })
})

describe("without a context", () => {
    test("between two attempts there is time for a message", () => {
        const driver = new Driver().play(`
            ${bringUp.slice(0, bringUp.indexOf("> AT+CIICR"))}
            > AT+CIICR␍
            < ⏎ERROR⏎
            = phase Resting
            ! message ${CMGS} no data␚
            > ${CMGS}␍
            < ⏎>
            > no data␚
            . 30000
            < ⏎+CMGS: 1⏎⏎OK⏎
            = answer Ok +CMGS: 1␊
            > AT␍
        `)
        expect(driver.modem.bearer.failure).toBe(Failure.ActivationRefused)
    })

    test("an answer that is late is not taken for that of the next command", () => {
        playAllCuts(`
            ${bringUp.slice(0, bringUp.indexOf("> AT+IPR?"))}
            > AT+IPR?␍
            . 5000
            = phase Resting
            ! request AT+CSQ
            > AT␍
            < ⏎+IPR: 115200⏎⏎OK⏎
            < ⏎OK⏎
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            = answer Ok +CSQ: 20,0␊
            = phase Resting
            # the next attempt
            > AT␍
        `)
    })

    test("… nor is that of AT, from a modem that takes longer than it has", () => {
        new Driver()
            .play(
                `
            ! start
            > AT␍
            . 600
            > AT␍
            . 10
            < ⏎OK⏎
            . 600
        `
            )
            .silent()
            .play(
                `
            < ⏎OK⏎
            . 700
            > ATE0␍
        `
            )
    })

    test("an attempt that is due is not kept waiting", () => {
        new Driver().play(`
            ${bringUp.slice(0, bringUp.indexOf("> AT+CIICR"))}
            > AT+CIICR␍
            < ⏎ERROR⏎
            . 1000
            > AT␍
            ! request AT+CSQ
            < ⏎OK⏎
            . 150
            > ATE0␍
            = answer Wanted
        `)
    })
})

describe("the network tells its time (manual 6.2.12)", () => {
    const TIME =
        '⏎*PSUTTZ: 2020,12,16,18,3,45,"+4",0⏎⏎DST: 0⏎⏎+CTZV: +4,0⏎⏎*PSNWID: "262","07","name",0,"name",0⏎'

    test("that is no part of an answer", () => {
        const driver = playAllCuts(
            `
            ! request AT+GSN
            > AT+GSN␍
            < ⏎867010032343809⏎${TIME}⏎OK⏎
            = answer Ok 867010032343809␊
        `,
            {},
            bringUp
        )
        expect(driver.log.filter(line => line.startsWith("urc"))).toHaveLength(
            4
        )
    })

    test("nor of bare data", () => {
        const driver = new Driver({
            multi: false,
            reception: Reception.Plain,
        }).play(`
            ${bringUpWith({ plain: true, reception: "0" })}
            ! open example.com 80
            > AT+CIPSTART="TCP","example.com",80␍
            < ⏎OK⏎⏎CONNECT OK⏎
            < one${TIME}two
            . 100
            = 0 received onetwo
        `)
        expect(driver.log.filter(line => line.startsWith("urc"))).toHaveLength(
            4
        )
    })
})

test("a line of an answer that begins with AT is no echo", () => {
    const driver = playAllCuts(
        `
        ! request AT+CMGR=1
        > AT+CMGR=1␍
        < ⏎+CMGR: "REC READ","+123","","18/01/22,19:07:20+12"⏎ATTENTION please⏎⏎OK⏎
        = answer Ok +CMGR: "REC READ","+123","","18/01/22,19:07:20+12"␊ATTENTION please␊
        = 0 CONNECTED
    `,
        {},
        bringUp + connect
    )
    expect(driver.modem.bearer.restarts).toBe(0)
    // the command itself is: the modem has restarted
    driver.play(`
        ! request AT+CMGR=1
        > AT+CMGR=1␍
        < AT+CMGR=1␍⏎ERROR⏎
        = answer Aborted
        = 0 failure Restarted
    `)
})

describe("NO CARRIER", () => {
    const heard = (driver: Driver) =>
        driver.log.filter(line => line.startsWith("urc"))

    test("that ends no command is passed on: a call is over", () => {
        const driver = playAllCuts(
            `
            < ⏎RING⏎⏎NO CARRIER⏎⏎BUSY⏎
            = 0 CONNECTED
        `,
            {},
            bringUp + connect
        )
        expect(heard(driver)).toEqual([
            "urc RING",
            "urc NO CARRIER",
            "urc BUSY",
        ])
    })

    test("is no part of an answer", () => {
        const driver = playAllCuts(
            `
            ! request AT+CSQ
            > AT+CSQ␍
            < ⏎NO CARRIER⏎⏎+CSQ: 20,0⏎⏎OK⏎
            = answer Ok +CSQ: 20,0␊
        `,
            {},
            bringUp
        )
        expect(heard(driver)).toEqual(["urc NO CARRIER"])
    })
})

describe("an answer behind OK", () => {
    const CUSD = 'AT+CUSD=1,"*100#",15'
    const ANSWER = '+CUSD: 0, "3132", 15'

    test("it is waited for", () => {
        playAllCuts(
            `
            ! request ${CUSD}
            > ${CUSD}␍
            < ⏎OK⏎
            = answer Following
            . 20000
            < ⏎${ANSWER}⏎
            = answer Ok ${ANSWER}␊
        `,
            {},
            bringUp
        )
    })

    test("it may come in front of it", () => {
        playAllCuts(
            `
            ! request ${CUSD}
            > ${CUSD}␍
            < ⏎${ANSWER}⏎⏎OK⏎
            = answer Ok ${ANSWER}␊
        `,
            {},
            bringUp
        )
    })

    test("it does not come", () => {
        new Driver().play(`
            ${bringUp}
            ! request ${CUSD}
            > ${CUSD}␍
            < ⏎OK⏎
            . 30001
            = answer Timeout
        `)
    })

    test("nobody has asked for it", () => {
        const driver = playAllCuts(`< ⏎${ANSWER}⏎`, {}, bringUp)
        expect(driver.log.at(-1)).toBe(`urc ${ANSWER}`)
    })
})

test("a message in hexadecimal digits is one line, and kept whole", () => {
    const text = "0441".repeat(160)
    new Driver({ ring: 1024 }).play(`
        ${bringUp}
        ! request AT+CMGR=1
        > AT+CMGR=1␍
        < ⏎+CMGR: "REC READ"⏎${text}⏎⏎OK⏎
        = answer Ok +CMGR: "REC READ"␊${text}␊
    `)
})

describe("a call (manual 2.2.2)", () => {
    test.each([
        ["NO CARRIER", -3],
        ["BUSY", -4],
        ["NO ANSWER", -5],
        ["NO DIALTONE", -6],
    ])("%s is the end of ATD", (line, cme) => {
        const driver = new Driver().play(bringUp)
        driver.play(`
            ! request ATD+491511234567;
            > ATD+491511234567;␍
            < ⏎${line}⏎
            = answer Refused
            . 100
        `)
        expect(driver.modem.channel.cme).toBe(cme)
        expect(refusal("ATD", cme)).toBe(`ATD: ${line}`)
        expect(driver.modem.channel.timeouts).toBe(0)
        driver.wait(10_000)
        driver.silent()
    })

    test("NO CARRIER is not the end of another command", () => {
        playAllCuts(
            `
            ! request AT+CSQ
            > AT+CSQ␍
            < ⏎NO CARRIER⏎⏎+CSQ: 20,0⏎⏎OK⏎
            = answer Ok +CSQ: 20,0␊
        `,
            {},
            bringUp
        )
    })
})

test("a command whose caller has gone ends by itself; the next one is given", () => {
    const driver = new Driver()
    const request = new Request(driver.modem)
    const begin = (text: string) =>
        request.begin(text, Final.Ok | Final.Error, 5000, Line.Unknown, 0)
    driver.play(bringUp)
    begin("AT+SLOW")
    driver.play("> AT+SLOW␍")
    request.cancel()
    begin("AT+CSQ")
    driver.play(". 1000").silent()
    driver.play("< ⏎+SLOW: 1⏎⏎OK⏎")
    expect(RequestState[request.state]).toBe("InFlight")
    expect(request.answerLength).toBe(0)
    driver.play("> AT+CSQ␍\n< ⏎+CSQ: 20,0⏎⏎OK⏎")
    expect(RequestState[request.state]).toBe("Done")
    const answer = request.answer.toString("latin1", 0, request.answerLength)
    expect(answer).toBe("+CSQ: 20,0\n")
})

test.each([
    "+CMTE: 1",
    "+CMTE: -1",
    "OVER-VOLTAGE WARNNING",
    "UNDER-VOLTAGE WARNNING",
    '+CUSD: 0,"your credit is low",15',
    "+CUSD: 2",
])("%s amid an answer is no part of it", line => {
    const driver = playAllCuts(
        `
        ! request AT+CBC
        > AT+CBC␍
        < ⏎${line}⏎⏎+CBC: 0,62,3900⏎⏎OK⏎
        = answer Ok +CBC: 0,62,3900␊
    `,
        {},
        bringUp
    )
    expect(driver.log).toContain(`urc ${line}`)
})

test.each(["+CMTE: 0,31.50", "+CUSD: 1"])("%s as an answer", line => {
    const name = line.slice(1, 5)
    playAllCuts(
        `
        ! request AT+${name}?
        > AT+${name}?␍
        < ⏎${line}⏎⏎OK⏎
        = answer Ok ${line}␊
    `,
        {},
        bringUp
    )
})
