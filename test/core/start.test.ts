/** From power-on to the address: what modems, SIM cards and networks do. */
import { Reception } from "../../src/core/config"
import { Phase } from "../../src/core/phase"
import { Failure } from "../../src/core/errors"
import { describe, expect, test } from "vitest"
import {
    answers,
    bringUp,
    context,
    converse,
    Driver,
    network,
    playAllCuts,
    reactivate,
} from "./dialogue"

const synchronised = `
! start
> AT␍
< ⏎OK⏎
> ATE0␍
< ⏎OK⏎
> AT+CMEE=1;+CSCLK=0␍
< ⏎OK⏎
> AT+IPR?␍
< ⏎+IPR: 115200⏎⏎OK⏎
> AT+IFC=0,0␍
< ⏎OK⏎
> AT+CFUN?␍
< ⏎+CFUN: 1⏎⏎OK⏎
`

const simReady = `
${synchronised}
> AT+CPIN?␍
< ⏎+CPIN: READY⏎⏎OK⏎
> AT+CCALR?␍
< ⏎+CCALR: 1⏎⏎OK⏎
`

describe("synchronising", () => {
    test("with a modem that boots, with garbage and echo", () => {
        playAllCuts(
            `
            ! start
            > AT␍
            < \\x00IIII\\xff\\xff\\xff\\xff
            > AT␍
            < \\xf8\\x00⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎
            > +++
            > AT␍
            < AT␍⏎OK⏎
            > ATE0␍
            < ATE0␍⏎OK⏎
            > AT+CMEE=1;+CSCLK=0␍
            < ⏎OK⏎
            > AT+IPR?␍
            < ⏎+IPR: 115200⏎⏎OK⏎
            > AT+IFC=0,0␍
            < ⏎OK⏎
            > AT+CFUN?␍
            < ⏎+CFUN: 1⏎⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CCALR?␍
            # the boot goes on: no restart
            < ⏎+CCALR: 0⏎⏎OK⏎
            < ⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CCALR?␍
            < ⏎+CCALR: 1⏎⏎OK⏎
            ${network}
        `.replace(/> AT\+CIPMUX[^]*/, "> AT+CIPMUX=1␍")
        )
    })

    test("answers to ATs that have piled up are waited for", () => {
        const driver = new Driver().play(`
            ! start
            > AT␍
            > AT␍
            < ⏎OK⏎
            . 100
            < ⏎OK⏎
            # it was not quiet for 700 ms
            . 1299
        `)
        driver.silent().play(`
            . 1
            > ATE0␍
        `)
        expect(driver.modem.channel.strays).toBe(1)
    })

    test("each search begins with AT alone", () => {
        const status = `⏎OK⏎⏎STATE: IP STATUS⏎${[0, 1, 2, 3, 4, 5].map(i => `C: ${i},,"","","","INITIAL"⏎`).join("")}`
        new Driver().play(`
            ${bringUp}
            ! request AT+CSQ
            > AT+CSQ␍
            > AT␍
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ${status}
            ! request AT+CSQ
            > AT+CSQ␍
            > AT␍
            > AT␍
            > AT␍
            > ␛
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ${status}
            = phase Ready
        `)
    })

    describe("what goes out beside commands", () => {
        /** A search; `taken`: when the UART takes the first of these bytes. */
        function search(byte: number, count: number, baud: number, taken = -1) {
            const driver = new Driver({ baud }).play("! start")
            const { modem } = driver
            const { encoder } = modem
            const next = () => (encoder.left > 0 ? encoder.source[0] : -1)
            let since = 0
            for (;;) {
                modem.poll(driver.now)
                if (since === 0 && next() === byte) {
                    since = driver.now
                    expect(encoder.left).toBe(count)
                }
                if (next() === 0x41) {
                    if (since > 0) return driver.now - since
                    encoder.left = 0
                }
                let at = Math.max(modem.pollAt(driver.now), driver.now)
                if (taken >= 0 && since > 0 && next() === byte) {
                    at = Math.min(at, since + taken)
                    if (driver.now >= since + taken) encoder.left = 0
                }
                driver.now = at
            }
        }

        test.each([
            ["ESC", 27, 1, 115200, 500],
            ["CR", 13, 250, 115200, 543],
            ["CR, slowly", 13, 250, 1200, 4666],
        ])(
            "is given up if the UART does not take it: %s",
            (...[, byte, count, baud, patience]) => {
                const waited = search(byte, count, baud)
                expect(waited).toBeGreaterThanOrEqual(patience)
                expect(waited).toBeLessThan(patience + 20)
            }
        )

        test("has the next AT behind it", () => {
            const waited = search(27, 1, 115200, 310)
            expect(waited).toBeGreaterThan(310)
            expect(waited).toBeLessThan(310 + 20)
        })
    })

    test("ERROR to AT is an answer, but not the right one", () => {
        new Driver().play(`
            ! start
            > AT␍
            < ⏎ERROR⏎
            > AT␍
            < ⏎OK⏎
            > ATE0␍
        `)
    })

    test("an autobauding modem gets a fixed rate, and keeps it", () => {
        playAllCuts(`
            ! start
            > AT␍
            < ⏎OK⏎
            > ATE0␍
            < ⏎OK⏎
            > AT+CMEE=1;+CSCLK=0␍
            < ⏎OK⏎
            > AT+IPR?␍
            < ⏎+IPR: 0⏎⏎OK⏎
            > AT+IPR=115200␍
            < ⏎OK⏎
            > AT&W␍
            < ⏎OK⏎
            > AT+IFC=0,0␍
        `)
    })

    test("a modem that waits for data is freed, another rate is found", () => {
        const driver = new Driver()
        driver.play(`
            ! start
            > AT␍
            > AT␍
            # it may be in data mode
            > +++
            > AT␍
            # ESC, against AT+CIPSEND without a length
            > \\x1b
            > AT␍
            > AT␍
            # whatever length was promised
            > ${"␍".repeat(1500)}
            > AT␍
            > AT␍
            > AT␍
        `)
        expect(driver.modem.uart.baud).toBe(115200)
        driver.play(`
            . 0
            = failure None
        `)
        driver.wait(600)
        expect(driver.modem.uart.baud).toBe(9600)
        driver.play(`
            = failure NoAnswer
            > AT␍
            > AT␍
        `)
        driver.wait(600)
        expect(driver.modem.uart.baud).toBe(57600)
        driver.play(`
            > AT␍
            < ⏎OK⏎
            > ATE0␍
            < ⏎OK⏎
            > AT+CMEE=1;+CSCLK=0␍
            < ⏎OK⏎
            > AT+IPR?␍
            < ⏎+IPR: 57600⏎⏎OK⏎
            > AT+IPR=115200␍
            < ⏎OK⏎
        `)
        expect(driver.modem.uart.baud).toBe(115200)
        driver.play(`
            > AT␍
            < ⏎OK⏎
            > ATE0␍
            < ⏎OK⏎
            > AT+CMEE=1;+CSCLK=0␍
            < ⏎OK⏎
            > AT+IPR?␍
            < ⏎+IPR: 115200⏎⏎OK⏎
            > AT&W␍
            < ⏎OK⏎
            > AT+IFC=0,0␍
        `)
    })

    test("with no modem goes on for ever, at all rates, and says so", () => {
        const driver = new Driver().play("! start")
        const rates = new Set<number>()
        for (let i = 0; i < 600; i++) {
            driver.wait(100)
            rates.add(driver.modem.uart.baud)
        }
        expect([...rates].sort((a, b) => a - b)).toEqual([
            1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800,
        ])
        driver.out = Buffer.alloc(0)
        driver.play("= failure NoAnswer")
        expect(driver.modem.bearer.phase).toBe(1)
    })
})

describe("the SIM card", () => {
    test("that is not ready yet is asked again (real log 3)", () => {
        playAllCuts(`
            ${synchronised}
            > AT+CPIN?␍
            < ⏎ERROR⏎
            > AT+CPIN?␍
            < ⏎+CME ERROR: 14⏎
            > AT+CPIN?␍
            < ⏎+CPIN: NOT READY⏎⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CCALR?␍
        `)
    })

    const again = synchronised.replace("! start", "")
    /** AT+SPIC is asked twice: what it says counts when it says so again. */
    const tries = (answer: string): string => `
        > AT+SPIC␍
        < ⏎${answer}
        > AT+SPIC␍
        < ⏎${answer}
    `
    const left = (n: number): string => tries(`+SPIC: ${n},10,0,10⏎⏎OK⏎`)
    const uncounted = tries("ERROR⏎")
    const wantsPin = `
        > AT+CPIN?␍
        < ⏎+CPIN: SIM PIN⏎⏎OK⏎
    `

    test("gets its PIN once", () => {
        playAllCuts(
            `
            ${synchronised}
            ${wantsPin}
            ${left(3)}
            > AT+CPIN="1111"␍
            < ⏎OK⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CCALR?␍
            < ⏎+CCALR: 1⏎⏎OK⏎
            > AT+CSQ␍
        `,
            { pin: "1111" }
        )
    })

    test("a wrong PIN is never tried again", () => {
        const driver = new Driver({ pin: "1111" }).play(`
            ${synchronised}
            > AT+CPIN?␍
            < ⏎+CME ERROR: 11⏎
            ${left(3)}
            > AT+CPIN="1111"␍
            < ⏎+CME ERROR: 16⏎
            ${wantsPin}
            ${left(2)}
            = phase Failed
            = failure PinRefused
            . 100000
            ${synchronised}
            ${wantsPin}
            ${wantsPin}
            = phase Failed
            = failure PinRefused
        `)
        expect(driver.modem.bearer.refused).toBe(0)
    })

    test.each([
        ["its answer is lost", ". 8000"],
        ["the modem restarts behind it", `< ⏎RDY⏎\n. 8000`],
        ["its answer is damaged", "< ⏎+CME EROR: 16⏎\n. 8000"],
        ["another error is said", "< ⏎+CME ERROR: 100⏎"],
    ])("a wrong PIN is given once: %s", (_, happens) => {
        const driver = new Driver({ pin: "1111" }).play(`
            ${synchronised}
            ${wantsPin}
            ${left(3)}
            > AT+CPIN="1111"␍
            ${happens}
        `)
        // it may look for the modem first
        const sent: string[] = []
        const healthy = answers({
            "AT+CPIN?": "⏎+CPIN: SIM PIN⏎⏎OK⏎",
            "AT+SPIC": "⏎+SPIC: 2,10,0,10⏎⏎OK⏎",
        })
        converse(driver, 600_000, command => {
            sent.push(command)
            return healthy(command)
        })
        driver.play("= phase Failed\n= failure PinRefused")
        expect(sent.filter(each => each.startsWith("AT+CPIN="))).toEqual([])
    })

    test.each([
        [3, "SimNotReady"],
        [10, "SimMissing"],
        [13, "SimFailure"],
        [14, "SimNotReady"],
    ])(
        "+CME ERROR: %i to the PIN says nothing about it: later",
        (cme, failure) => {
            const asked = `
            ${wantsPin}
            ${left(3)}
            > AT+CPIN="1111"␍
        `
            new Driver({ pin: "1111" }).play(`
            ${synchronised}
            ${asked}
            < ⏎+CME ERROR: ${cme}⏎
            = phase Resting
            = failure ${failure}
            ${again}
            ${asked}
            < ⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CCALR?␍
        `)
        }
    )

    test("one damaged number is no verdict: the card has as many tries as before", () => {
        new Driver({ pin: "1111" }).play(`
            ${synchronised}
            ${wantsPin}
            ${left(3)}
            > AT+CPIN="1111"␍
            # 14, and a bit of it has flipped
            < ⏎+CME ERROR: 16⏎
            ${wantsPin}
            ${left(3)}
            > AT+CPIN="1111"␍
            < ⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CCALR?␍
        `)
    })

    test("a modem that does not count: two refusals are enough", () => {
        new Driver({ pin: "1111" }).play(`
            ${synchronised}
            ${wantsPin}
            ${left(3)}
            > AT+CPIN="1111"␍
            < ⏎+CME ERROR: 16⏎
            ${wantsPin}
            ${left(3)}
            > AT+CPIN="1111"␍
            < ⏎+CME ERROR: 16⏎
            ${wantsPin}
            ${left(3)}
            = phase Failed
            = failure PinRefused
        `)
    })

    test("the last try for the PIN is left to a person", () => {
        new Driver({ pin: "1111" }).play(`
            ${synchronised}
            ${wantsPin}
            ${left(1)}
            = phase Failed
            = failure PinLastTry
        `)
    })

    test("a PIN whose fate is unknown is not repeated blindly", () => {
        new Driver({ pin: "1111" }).play(`
            ${synchronised}
            ${wantsPin}
            ${uncounted}
            > AT+CPIN="1111"␍
            . 7000
            > AT␍
            < ⏎OK⏎
            . 1000
            ${wantsPin}
            ${uncounted}
            = phase Failed
            = failure PinRefused
        `)
    })

    test.each([
        ["+CPIN: SIM PIN", "PinRequired"],
        ["+CPIN: SIM PUK", "PukRequired"],
        ["+CPIN: PH_SIM PIN", "PukRequired"],
    ])("%s without a PIN: only a person can help", (line, failure) => {
        new Driver().play(`
            ${synchronised}
            > AT+CPIN?␍
            < ⏎${line}⏎⏎OK⏎
            = phase Sim
            > AT+CPIN?␍
            < ⏎${line}⏎⏎OK⏎
            = phase Failed
            = failure ${failure}
            . 1000000
        `)
    })

    test("that is locked says so with a number, too", () => {
        new Driver({ pin: "1111" }).play(`
            ${synchronised}
            > AT+CPIN?␍
            < ⏎+CME ERROR: 12⏎
            > AT+CPIN?␍
            < ⏎+CME ERROR: 12⏎
            = phase Failed
            = failure PukRequired
        `)
    })

    test("what only a person can change is not believed once", () => {
        playAllCuts(`
            ${synchronised}
            > AT+CPIN?␍
            < ⏎+CPIN: SIM PUK⏎⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: SIM PIN⏎⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            = failure None
            > AT+CCALR?␍
        `)
    })

    test("a PIN that turns out to be right is given again after a restart", () => {
        const asked = `
            ${wantsPin}
            ${uncounted}
            > AT+CPIN="1111"␍
        `
        new Driver({ pin: "1111" }).play(`
            ${synchronised}
            ${asked}
            # no answer
            > AT␍
            < ⏎OK⏎
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CCALR?␍
            < ⏎+CCALR: 1⏎⏎OK⏎
            > AT+CSQ␍
            < ⏎+CPIN: SIM PIN⏎
            = failure Restarted
            ${again}
            ${asked}
        `)
    })

    test.each([0, 4])("AT+CFUN=%d is seen, and ended", level => {
        playAllCuts(`
            ${synchronised.replace("+CFUN: 1", `+CFUN: ${level}`)}
            > AT+CFUN=1␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CPIN?␍
        `)
    })

    describe("one damaged byte of one answer, once", () => {
        test.each([
            ["AT+CPIN?", "⏎+CPIN:\\xffREADY⏎⏎OK⏎"],
            ["AT+CPIN?", "⏎+CPIN: EADY⏎⏎OK⏎"],
            ["AT+CPIN?", "⏎+CPIN: BEADY⏎⏎OK⏎"],
            ["AT+CPIN?", "⏎+CPIN: IM PIN⏎⏎OK⏎"],
            ["AT+SPIC", "⏎+SP\\xffC: 3,10,0,10⏎⏎OK⏎"],
            ["AT+SPIC", "⏎+SPIC: ,10,0,10⏎⏎OK⏎"],
            ["AT+SPIC", "⏎+SPIC: 1,10,0,10⏎⏎OK⏎"],
            ["AT+SPIC", "⏎OK⏎"],
        ])("%s: %s", (command, damaged) => {
            const driver = new Driver({ pin: "1111" }).play("! start")
            let locked = true
            let first = true
            const healthy = answers({})
            converse(driver, 30_000, said => {
                if (said.startsWith("AT+CPIN=")) locked = false
                if (said === command && first) {
                    first = false
                    return damaged
                }
                return locked && said === "AT+CPIN?"
                    ? "⏎+CPIN: SIM PIN⏎⏎OK⏎"
                    : healthy(said)
            })
            driver.play("= phase Ready\n= failure None")
        })
    })

    test("Call Ready is taken up at once; what comes with it is no restart", () => {
        const driver = new Driver().play(`
            ${synchronised}
            > AT+CPIN?␍
            < ⏎+CPIN: READY⏎⏎OK⏎
            > AT+CCALR?␍
            < ⏎+CCALR: 0⏎⏎OK⏎
            . 500
        `)
        const since = driver.now
        driver.silent().play(`
            < ⏎Call Ready⏎
            > AT+CCALR?␍
            < ⏎+CPIN: READY⏎⏎+CCALR: 1⏎⏎OK⏎
            > AT+CSQ␍
        `)
        expect(driver.now).toBe(since)
        expect(driver.modem.bearer.restarts).toBe(0)
        // nothing else is hurried by it
        driver.play("< ⏎+CSQ: 99,0⏎⏎OK⏎\n. 500\n< ⏎SMS Ready⏎\n. 1499").silent()
        driver.play(`
            . 1
            > AT+CSQ␍
            < ⏎SMS Ready⏎
            = failure Restarted
        `)
    })

    test.each([
        ["+CPIN: NOT INSERTED", "⏎OK⏎", "SimMissing"],
        ["+CME ERROR: 10", "", "SimMissing"],
        ["+CPIN: NOT READY", "⏎OK⏎", "SimNotReady"],
        ["+CPIN: NOT READY and much more than that", "⏎OK⏎", "SimNotReady"],
    ])("%s for long: a failure, tried again later", (line, ok, failure) => {
        const driver = new Driver().play(synchronised)
        for (let i = 0; i < 21; i++)
            driver.play(`
                > AT+CPIN?␍
                < ⏎${line}⏎${ok}
            `)
        driver.play(`
            = phase Resting
            = failure ${failure}
        `)
        const { answer, answerLength } = driver.modem.bearer.said
        // what a person may want to know
        if (ok !== "") {
            expect(answerLength).toBe(Math.min(line.length, 32))
            expect(answer.toString("latin1", 0, answerLength)).toBe(
                line.slice(0, 32)
            )
        }
        driver.play(`
            ${synchronised.replace("! start", "")}
            > AT+CPIN?␍
        `)
    })

    test("+CME ERROR: 13 fails at once, and is tried again later", () => {
        new Driver().play(`
            ${synchronised}
            > AT+CPIN?␍
            < ⏎+CME ERROR: 13⏎
            = phase Resting
            = failure SimFailure
            . 999
            = phase Resting
            > AT␍
        `)
    })
})

describe("the network", () => {
    test("is waited for; roaming is as good as home", () => {
        playAllCuts(`
            ${simReady}
            > AT+CSQ␍
            < ⏎+CSQ: 99,0⏎⏎OK⏎
            > AT+CSQ␍
            < ⏎+CSQ: 7,0⏎⏎OK⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,2⏎⏎OK⏎
            > AT+CGREG?␍
            < ⏎+CGREG: 0,2⏎⏎OK⏎
            > AT+CREG?␍
            # the URC is not the answer
            < ⏎+CREG: 1⏎⏎+CREG: 2,0,"18D8","3CA5"⏎⏎OK⏎
            > AT+CGREG?␍
            < ⏎+CGREG: 0,2⏎⏎OK⏎
            > AT+CREG?␍
            < ⏎+CREG: 2,5,"18D8","3CA5"⏎⏎OK⏎
            > AT+CGREG?␍
            < ⏎+CGREG: 0,2⏎⏎OK⏎
            > AT+CGREG?␍
            < ⏎+CGREG: 0,5⏎⏎OK⏎
            > AT+CGATT?␍
            < ⏎+CGATT: 0⏎⏎OK⏎
            > AT+CGATT?␍
            < ⏎+CGATT: 1⏎⏎OK⏎
            > AT+CNMI=2,1,0,0,0␍
            < ⏎OK⏎
            > AT+CIPSHUT␍
        `)
    })

    test.each([0, 2, 3])(
        "a card without voice: AT+CREG? is 0,%d, and GPRS is there",
        creg => {
            playAllCuts(`
            ${simReady}
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,${creg}⏎⏎OK⏎
            > AT+CGREG?␍
            < ⏎+CGREG: 0,1⏎⏎OK⏎
            > AT+CGATT?␍
            < ⏎+CGATT: 1⏎⏎OK⏎
            > AT+CNMI=2,1,0,0,0␍
        `)
        }
    )

    test("neither says so for 20 s, and GPRS is attached all the same", () => {
        const driver = new Driver().play("! start")
        const healthy = answers({
            "AT+CREG?": "⏎+CREG: 0,3⏎⏎OK⏎",
            "AT+CGREG?": "⏎+CGREG: 0,0⏎⏎OK⏎",
        })
        converse(driver, 40_000, healthy)
        driver.play("= phase Ready")
    })

    test("that denies for long is a failure", () => {
        const driver = new Driver().play(`
            ${simReady}
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
        `)
        for (let i = 0; i < 11; i++)
            driver.play(`
                > AT+CREG?␍
                < ⏎+CREG: 0,3⏎⏎OK⏎
                > AT+CGREG?␍
                < ⏎+CGREG: 0,3⏎⏎OK⏎
            `)
        driver.play(`
            > AT+CGATT?␍
            < ⏎+CGATT: 0⏎⏎OK⏎
            = phase Resting
            = failure RegistrationDenied
        `)
    })

    test("that does not turn up in two minutes is a failure", () => {
        const driver = new Driver().play(`
            ${simReady}
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
        `)
        for (let i = 0; i < 61; i++)
            driver.play(`
                > AT+CREG?␍
                < ⏎+CREG: 0,2⏎⏎OK⏎
                > AT+CGREG?␍
                < ⏎+CGREG: 0,0⏎⏎OK⏎
                ${i < 10 ? "" : "> AT+CGATT?␍\n< ⏎+CGATT: 0⏎⏎OK⏎"}
            `)
        driver.play(`
            = phase Resting
            = failure NotRegistered
        `)
    })

    test("GPRS is attached to if it does not come by itself", () => {
        const driver = new Driver().play(`
            ${simReady}
            ${network.split("> AT+CGATT?")[0]}
        `)
        for (let i = 0; i < 6; i++)
            driver.play(`
                > AT+CGATT?␍
                < ⏎+CGATT: 0⏎⏎OK⏎
            `)
        driver.play(`
            > AT+CGATT=1␍
            . 70000
            < ⏎+CME ERROR: 107⏎
            = phase Resting
            = failure NotAttached
        `)
        expect(driver.modem.bearer.cme).toBe(107)
    })
})

describe("the PDP context", () => {
    test("that is refused is one failure (real log 7)", () => {
        const driver = new Driver().play(
            bringUp.replace(/> AT\+CIICR[^]*/, "> AT+CIICR␍") +
                `
                = state IP CONFIG
                < ⏎+PDP: DEACT⏎⏎ERROR⏎
                = phase Resting
                = failure ActivationRefused
                > AT␍
            `
        )
        expect(driver.modem.bearer.deactivations).toBe(0)
    })

    test("0.0.0.0 is no address", () => {
        const driver = new Driver().play(bringUp.replace(/> AT\+CIFSR[^]*/, ""))
        for (let i = 0; i < 5; i++) driver.play("> AT+CIFSR␍\n< ⏎0.0.0.0⏎")
        driver.play("= phase Resting\n= failure NoAddress")
        const { answer, answerLength } = driver.modem.bearer.said
        expect(answer.toString("latin1", 0, answerLength)).toBe("0.0.0.0")
    })

    test("SERVER OK that comes late is no address", () => {
        new Driver().play(bringUp.replace(/> AT\+CIFSR[^]*/, "")).play(
            `
                > AT+CIFSR␍
                < ⏎SERVER OK⏎
                = phase Activating
                > AT+CIFSR␍
                < ⏎10.0.0.1⏎
                = phase Ready`
        )
    })

    test("that gets no answer is a failure too", () => {
        new Driver().play(
            bringUp.replace(/> AT\+CIICR[^]*/, "> AT+CIICR␍") +
                `
                . 89999
                = phase Activating
                . 1
                = phase Resting
                = failure ActivationRefused
                > AT␍
            `
        )
    })

    test("pauses grow to a minute, and start anew with a success", () => {
        const driver = new Driver().play(bringUp.replace(/> AT\+CIICR[^]*/, ""))
        const pauses: number[] = []
        const resets: number[] = []
        for (let i = 0; i < 9; i++) {
            driver.play(`
                > AT+CIICR␍
                < ⏎+CME ERROR: 148⏎
                = phase Resting
            `)
            const since = driver.now
            const again = bringUp
                .replace("! start", "")
                .replace(/> AT\+CIICR[^]*/, "")
            const pause = (): void => {
                while (driver.out.length === 0) {
                    driver.now = driver.modem.pollAt(driver.now)
                    driver.settle()
                }
            }
            pause()
            pauses.push((driver.now - since) / 1000)
            // the last resort of chapter 12
            if (driver.out.toString().startsWith("AT+CFUN")) {
                resets.push(i)
                driver.play("> AT+CFUN=1,1␍\n< ⏎OK⏎")
                pause()
            }
            driver.play(again)
        }
        expect(resets).toEqual([3])
        expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
    })

    test("resets become rarer if they do not help", () => {
        const driver = new Driver().play("! start")
        const again = synchronised.replace("! start", "")
        const fails: number[] = []
        for (let n = 0; fails.length < 6;) {
            driver.play(`
                ${again}
                > AT+CPIN?␍
                < ⏎+CME ERROR: 13⏎
                = phase Resting
            `)
            n++
            driver.wait(driver.modem.pollAt(driver.now) - driver.now)
            if (driver.out.toString() === "AT+CFUN=1,1\r") {
                driver.play("> AT+CFUN=1,1␍\n< ⏎OK⏎")
                fails.push(n)
                n = 0
            }
        }
        expect(fails).toEqual([4, 8, 16, 32, 64, 64])
    })

    test.each([false, true])(
        "is not lost before it is there (lazy: %s)",
        lazy => {
            const driver = new Driver({ lazy, multi: !lazy }).play(`
                ${simReady}
                > AT+CSQ␍
                < ⏎+PDP: DEACT⏎⏎+CSQ: 20,0⏎⏎OK⏎
                = failure None
                > AT+CREG?␍
            `)
            expect(driver.modem.bearer.deactivations).toBe(0)
        }
    )

    test("is lost once, however often that is said", () => {
        const driver = new Driver().play(`
            ${bringUp}
            < ⏎+PDP: DEACT⏎
            > AT+CSQ␍
            < ⏎+PDP: DEACT⏎⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+CREG?␍
        `)
        expect(driver.modem.bearer.deactivations).toBe(1)
    })

    test("has its connections probed if that is wanted", () => {
        playAllCuts(
            `
            ${simReady}
            ${network}
            > AT+CIPTKA=1,300,30,4␍
            < ⏎OK⏎
            > AT+CIPQSEND=0␍
        `,
            { keepAlive: 300 }
        )
    })

    test("firmware without AT+CIPQSEND or AT+CIPHEAD does as well", () => {
        const driver = new Driver({
            reception: Reception.Push,
            flowControl: true,
            quickSend: true,
        }).play(`
            ${simReady.replace("IFC=0,0", "IFC=2,2")}
            ${network}
            > AT+CIPQSEND=1␍
            < ⏎ERROR⏎
            > AT+CIPRXGET=0␍
            < ⏎OK⏎
            > AT+CIPHEAD=1␍
            < ⏎ERROR⏎
            > AT+CIPHEAD=1␍
            < ⏎ERROR⏎
            > AT+CIPHEAD=1␍
            < ⏎ERROR⏎
            > AT+CIPHEAD=1␍
            < ⏎ERROR⏎
            > AT+CIPHEAD=1␍
            < ⏎ERROR⏎
            ${context}
        `)
        expect(driver.modem.links.told.quick).toBe(false)
    })

    test("is brought up again when the network takes it away", () => {
        playAllCuts(
            `
            < ⏎+PDP: DEACT⏎
            = failure PdpDeactivated
            = state PDP DEACT
            ${reactivate}
            = failure None
        `,
            {},
            bringUp
        )
    })

    test("that is lost while the driver asks for something else", () => {
        new Driver().play(`
            ${bringUp.replace(/> AT\+CIFSR[^]*/, "> AT+CIFSR␍")}
            < ⏎+PDP: DEACT⏎
            = state PDP DEACT
            < ⏎ERROR⏎
            ${reactivate}
        `)
    })
})

test("AT+CIPSTATUS is refused for ever: all anew, and then a reset", () => {
    const driver = new Driver().play(bringUp)
    const healthy = answers({ "AT+CIPSTATUS": "⏎ERROR⏎", "AT+MUTE": "" })
    let resets = 0
    for (let round = 0; round < 3; round++) {
        // nobody answers, so the modem is asked what it knows
        driver.play("! request AT+MUTE")
        converse(driver, 60_000, command => {
            resets += +(command === "AT+CFUN=1,1")
            return healthy(command)
        })
        expect(resets).toBe(round < 2 ? 0 : 1)
        expect(driver.modem.bearer.phase).toBe(Phase.Ready)
    }
})

test("stopping ends everything, whatever is going on", () => {
    const driver = new Driver().play(`
        ${bringUp}
        ! open a 1
        > AT+CIPSTART=0,"TCP","a",1␍
        < ⏎OK⏎
        ! stop
        = 0 CLOSED
        = 0 failure Stopped
        = phase Off
        . 1000000
    `)
    expect(driver.modem.ip.state).toBe(0)
})

describe("what the application wants of the whole", () => {
    const locked = `
        ${synchronised}
        > AT+CPIN?␍
        < ⏎+CPIN: SIM PUK⏎⏎OK⏎
        > AT+CPIN?␍
        < ⏎+CPIN: SIM PUK⏎⏎OK⏎
        = phase Failed
    `

    test.each([
        ["AT+CIPSHUT", "before the start", ""],
        ["a reset", "before the start", ""],
        ["AT+CIPSHUT", "when only a person can help", locked],
        ["a reset", "when only a person can help", locked],
    ])("%s: not %s", (what, _, before) => {
        const driver = new Driver().play(before)
        const { bearer, wishes } = driver.modem
        const phase = bearer.phase
        if (what === "a reset") wishes.reset = true
        else wishes.shut = true
        driver.play(". 100000").silent()
        expect(bearer.phase).toBe(phase)
        expect(bearer.resets + bearer.rebuilds).toBe(0)
        driver.play(synchronised)
    })

    test("AT+CIPSHUT: the context comes up anew, at once", () => {
        const driver = new Driver().play(bringUp)
        driver.modem.wishes.shut = true
        expect(driver.modem.pollAt(driver.now)).toBe(driver.now)
        driver.play(`
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPMUX=1␍
        `)
    })

    test("AT+CIPSHUT: not while one comes up anyway", () => {
        const driver = new Driver().play(`
            ${simReady}
            > AT+CSQ␍
        `)
        driver.modem.wishes.shut = true
        driver.play(`
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            > AT+CREG?␍
        `)
    })

    test("a reset: some modems do not say OK to AT+CFUN=1,1", () => {
        const driver = new Driver().play(bringUp)
        driver.modem.wishes.reset = true
        expect(driver.modem.pollAt(driver.now)).toBe(driver.now)
        driver.play(`
            > AT+CFUN=1,1␍
            < ⏎RDY⏎
            = failure None
            . 2999
        `)
        driver.silent().play(bringUp.replace("! start", ""))
        const { resets, restarts } = driver.modem.bearer
        expect([resets, restarts]).toEqual([1, 0])
    })
})

test("a clock that wraps at 32 bits changes nothing", () => {
    for (const start of [2 ** 31 - 300, 2 ** 32 - 300, 2 ** 32 + 2 ** 31 - 300])
        new Driver({}, { whole: true }, start).play(`
            ${bringUp}
            ! open 116.228.221.51 8500
            > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            . 79999
            = 0 CONNECTING
            . 2
            = 0 QUARANTINE
            > AT+CIPCLOSE=0␍
        `)
})

test("… nor is there anything due when it has wrapped on the way up", () => {
    const { modem, now } = new Driver({}, { whole: true }, 2 ** 31 - 100).play(
        `${bringUp}\n. 200`
    )
    expect(modem.pollAt(now)).toBeGreaterThan(now)
})

describe("a modem that does not answer, pins that are wired", () => {
    /** Lets time pass until something is wanted; what is sent is taken off. */
    function until(driver: Driver, wanted: () => boolean): number {
        const since = driver.now
        while (!wanted() && driver.now - since < 60_000) driver.wait(50)
        driver.out = Buffer.alloc(0)
        return driver.now - since
    }

    test("PWRKEY first, and time to boot; then other rates, then a reset", () => {
        const driver = new Driver({ resetPin: true, powerKey: true })
        const { modem } = driver
        driver.play("! start")
        expect(until(driver, () => modem.uart.powerKeyWanted)).toBeLessThan(
            8000
        )
        // it has not been at another rate yet, nor is it given up
        expect(modem.bearer.failure).toBe(Failure.None)
        modem.uart.powerKeyWanted = false
        driver.play(". 3900").silent()
        expect(
            until(driver, () => modem.bearer.failure !== Failure.None)
        ).toBeLessThan(8000)
        driver.play("= failure NoAnswer")
        expect(modem.uart.resetWanted).toBe(false)
        until(driver, () => modem.uart.resetWanted)
        expect(modem.uart.resetWanted).toBe(true)
        expect(modem.uart.powerKeyWanted).toBe(false)
        expect(modem.bearer.resets).toBe(1)
    })

    test("RESET alone: other rates, then a reset", () => {
        const driver = new Driver({ resetPin: true })
        const { modem } = driver
        driver.play("! start")
        until(driver, () => modem.bearer.failure !== Failure.None)
        driver.play("= failure NoAnswer")
        expect(modem.uart.resetWanted).toBe(false)
        until(driver, () => modem.uart.resetWanted)
        expect(modem.uart.resetWanted).toBe(true)
        expect(modem.uart.powerKeyWanted).toBe(false)
    })

    test("none: neither", () => {
        const driver = new Driver()
        const { modem } = driver
        driver.play("! start")
        until(driver, () => modem.uart.resetWanted || modem.uart.powerKeyWanted)
        expect(modem.uart.resetWanted || modem.uart.powerKeyWanted).toBe(false)
        expect(modem.bearer.resets).toBe(0)
        driver.play("= failure NoAnswer")
    })
})
