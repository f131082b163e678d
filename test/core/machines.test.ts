/** Every transition that a machine may make, walked once. */
import { afterAll, describe, expect, test } from "vitest"
import { Framing, Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import { giveUpAgain, pauseForPuk } from "../../src/core/bearer/card"
import { SendMessage } from "../../src/core/dialogues/messages"
import { Talk } from "../../src/core/dialogues/talk"
import { Phase } from "../../src/core/phase"
import { Sleep, SleepMode } from "../../src/core/sleep"
import { TRANSITIONS, type Machine } from "../../src/core/transitions"
import { edges, walked, watchRequest, watchSleep } from "../machines"
import {
    answers,
    bringUp,
    bringUpWith,
    connect,
    converse,
    Driver,
} from "./dialogue"

const machines = Object.keys(TRANSITIONS) as Machine[]

afterAll(() => {
    const missing = machines.flatMap(machine =>
        edges(machine)
            .filter(edge => !walked[machine].has(edge))
            .map(edge => `${machine}: ${edge}`)
    )
    expect(missing).toEqual([])
})

test("a transition that is not in the table fails a transcript", () => {
    const driver = new Driver().play(bringUp)
    const bearer = driver.modem.bearer as unknown as {
        enter: (phase: Phase) => void
    }
    expect(() => bearer.enter(Phase.Failed)).toThrow(
        "no phase goes from Ready to Failed"
    )
})

describe("the way up", () => {
    /** The start, up to and with this command. */
    const upTo = (command: string): string => {
        const line = `> ${command}␍\n`
        return bringUp.slice(0, bringUp.indexOf(line) + line.length)
    }
    const failed = `${upTo("AT+CPIN?")}
        < ⏎+CPIN: SIM PUK⏎⏎OK⏎
        > AT+CPIN?␍
        < ⏎+CPIN: SIM PUK⏎⏎OK⏎
    `
    const resynchronising = `${bringUp}
        ! open a 1
        > AT+CIPSTART=0,"TCP","a",1␍
        > AT␍
    `
    const ways: [phase: string, way: string][] = [
        ["Synchronising", "! start\n> AT␍"],
        ["Configuring", upTo("ATE0")],
        ["Sim", upTo("AT+CPIN?")],
        ["Registering", upTo("AT+CSQ")],
        ["Attaching", upTo("AT+CGATT?")],
        ["Activating", upTo("AT+CIPSHUT")],
        ["Ready", bringUp],
        ["Resting", `${upTo("ATE0")}\n. 2000`],
        ["Failed", failed],
    ]

    test.each(ways)("%s: stopped, and started again", (phase, way) => {
        new Driver().play(`${way}
            = phase ${phase}
            ! stop
            = phase Off
        `)
        new Driver().play(`${way}
            ! start
            = phase Synchronising
        `)
    })

    const searching = "⏎+CREG: 0,2⏎⏎OK⏎"
    test.each([
        ["a broken SIM card", 5, { "AT+CPIN?": "⏎+CME ERROR: 13⏎" }],
        [
            "no network",
            150,
            {
                "AT+CREG?": searching,
                "AT+CGREG?": searching.replace("CREG", "CGREG"),
                "AT+CGATT?": "⏎+CGATT: 0⏎⏎OK⏎",
            },
        ],
        [
            "no GPRS",
            20,
            { "AT+CGATT?": "⏎+CGATT: 0⏎⏎OK⏎", "AT+CGATT=1": "⏎ERROR⏎" },
        ],
        ["no AT+CIPMUX", 10, { "AT+CIPMUX=1": "⏎ERROR⏎" }],
    ])("%s: one attempt after the other", (_, seconds, differs) => {
        const driver = new Driver().play("! start")
        converse(driver, seconds * 1000, answers(differs))
        const phases = driver.log.map(line => line.split("|")[0])
        const rests = phases.indexOf("Resting")
        expect(rests).toBeGreaterThan(0)
        expect(phases.slice(rests)).toContain("Synchronising")
    })

    test.each([
        [
            "a connection has got no answer: the modem was only late",
            `${resynchronising}
            = phase Synchronising
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            = phase Ready`,
        ],
        [
            "the context is lost meanwhile",
            `${resynchronising}
            < ⏎+PDP: DEACT⏎⏎OK⏎
            > AT+CSQ␍
            = phase Registering`,
        ],
        [
            "the context is lost",
            `${bringUp}
            < ⏎+PDP: DEACT⏎
            > AT+CSQ␍
            = phase Registering`,
        ],
        [
            "the context is lost before it has an address",
            `${upTo("AT+CIFSR")}
            < ⏎+PDP: DEACT⏎⏎ERROR⏎
            > AT+CSQ␍
            = phase Registering`,
        ],
        [
            "the context is lost behind an attempt that has failed",
            `${upTo("AT+CIFSR")}
            . 5000
            = phase Resting
            > AT␍
            < ⏎OK⏎⏎+PDP: DEACT⏎
            > AT+CSQ␍
            = phase Registering`,
        ],
        [
            "three connections fail: the context is brought up anew",
            `${bringUp}
            ${`! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, CONNECT FAIL⏎
            ! close 0
            `.repeat(3)}
            > AT+CIPSHUT␍
            = phase Activating`,
        ],
    ])("%s", (_, transcript) => {
        new Driver().play(transcript)
    })

    test.each([
        ["stopped", "Off", `${bringUp}\n! stop`],
        ["waits for a person", "Failed", failed],
    ])("a driver that %s leaves a modem alone that starts", (_, phase, way) => {
        new Driver()
            .play(
                `${way}
                < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: SIM PUK⏎⏎Call Ready⏎⏎NORMAL POWER DOWN⏎
                . 60000
                = phase ${phase}`
            )
            .silent()
    })

    test("the PUK is given, and what becomes of it is a matter of the next start", () => {
        const driver = new Driver().play(failed)
        const { bearer } = driver.modem
        expect(pauseForPuk(bearer, 1000, driver.now)).toBe(true)
        driver.play("= phase Resting")
        giveUpAgain(bearer)
        driver.play("= phase Failed")
    })
})

describe("the search for the modem", () => {
    test.each([
        ["goes on at the first quiet OK", "! start\n> AT␍\n< ⏎OK⏎\n> ATE0␍"],
        [
            "begins anew when the driver is started again",
            `! start
            > AT␍
            < ⏎OK⏎
            ! start
            > AT␍`,
        ],
    ])("%s", (_, transcript) => {
        new Driver().play(transcript)
    })

    const filled = `
        ! start
        > AT␍
        > AT␍
        > +++
        > AT␍
        > \\x1b
        > AT␍
        > AT␍
        > ${"␍".repeat(1500)}
    `
    test.each([
        ["+++", false],
        ["+++, and an edge of DTR", true],
    ])("a modem that waits for data is freed: %s", (_, dtr) => {
        new Driver({ dtr }).play(`${filled}\n> AT␍`)
    })

    test.each([
        ["in front of +++", 900],
        ["behind +++", 1700],
        ["while DTR is high", 2650],
        ["when DTR is low again", 2750],
    ])("begins anew: %s", (_, ms) => {
        const driver = new Driver({ dtr: true })
        driver.play("! start\n> AT␍\n> AT␍")
        driver.wait(ms)
        driver.out = Buffer.alloc(0)
        driver.play("! start\n> AT␍")
    })

    test("begins anew while it fills up a payload", () => {
        const driver = new Driver()
        driver.play(filled.slice(0, filled.lastIndexOf(">")))
        driver.wait(450)
        driver.play(`> ${"␍".repeat(250)}\n! start`)
        driver.out = Buffer.alloc(0)
    })
})

describe("a buffer that is sent", () => {
    const room = `
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,4⏎⏎OK⏎
    `
    const sent = (data: string): string => `
        > AT+CIPSEND=0,${data.length}␍
        < ⏎> 
        > ${data}
        < ⏎0, SEND OK⏎
    `
    const nothing = `
        ! send 0
        = 0 sending Done
    `
    const again = `
        ! close 0
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        ${connect}
        = 0 sending Idle
    `
    test.each([
        [
            "in two segments, then another one",
            `! send 0 0123ab
            ${room}
            ${sent("0123")}
            ${sent("ab")}
            = 0 sending Done
            ! send 0 x
            ${sent("x")}`,
        ],
        ["without a byte", `${nothing}${again}`],
        [
            "to a destination that is refused, and to another one",
            `! retarget 0 h 80
            ! send 0 0123
            > AT+CIPUDPMODE=0,2,"h",80␍
            < ⏎ERROR⏎
            = 0 sending Failed SendRefused
            ! retarget 0 i 80
            ! send 0 0123
            > AT+CIPUDPMODE=0,2,"i",80␍
            < ⏎ERROR⏎
            = 0 sending Failed SendRefused
            ${nothing}`,
        ],
        [
            "not taken: the connection ends",
            `! send 0 0123
            ${room}
            > AT+CIPSEND=0,4␍
            < ⏎> 
            > 0123
            < ⏎0, SEND FAIL⏎
            = 0 sending Failed SendFailed`,
        ],
        [
            "closed before its turn has come, and the number used again",
            `! send 0 0123
            ! close 0
            = 0 sending Failed ClosedHere
            > AT+CIPSEND?␍
            < ⏎ERROR⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
            ${connect}
            = 0 sending Idle`,
        ],
    ])("%s", (_, transcript) => {
        new Driver().play(bringUp).play(`${connect}${transcript}`)
    })
})

describe("the command in flight", () => {
    const wants = `
        ${connect}
        ! send 0 hello
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
    `
    test.each([
        [
            "is obeyed; its data are taken",
            `${wants}
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎0, SEND OK⏎`,
        ],
        [
            "the modem restarts while its data go out",
            `${wants}
            > AT+CIPSEND=0,5␍
            ! cts off
            < ⏎> 
            < ⏎RDY⏎`,
        ],
    ])("%s", (_, transcript) => {
        new Driver().play(bringUp).play(transcript)
    })

    test("no prompt comes: free text is cancelled", () => {
        new Driver({ framing: Framing.CtrlZ }).play(bringUp).play(`
            ${wants}
            > AT+CIPSEND=0␍
            . 10000
            > ␛
            . 500
        `)
    })
})

describe("a command of the application", () => {
    const asked = `
        ! request AT+CDNSGIP="a"
        > AT+CDNSGIP="a"␍
    `
    const following = `${asked}\n< ⏎OK⏎`
    test.each([
        [
            "is answered, and the next one follows",
            `! request AT+CSQ
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            ! request AT+CSQ
            > AT+CSQ␍`,
        ],
        [
            "is called back before it is given",
            `! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            ! request AT+CSQ
            ! cancel
            < ⏎OK⏎⏎0, CONNECT OK⏎`,
        ],
        [
            "is called back while it is in flight",
            `${asked}
            ! cancel
            < ⏎OK⏎`,
        ],
        [
            "is called back while it is in flight, for another one",
            `${asked}
            ! request AT+CSQ
            < ⏎ERROR⏎
            > AT+CSQ␍`,
        ],
        [
            "has its answer behind OK",
            `${following}
            < ⏎+CDNSGIP: 1,"a","1.2.3.4"⏎`,
        ],
        ["is called back before that answer", `${following}\n! cancel`],
    ])("%s", (_, transcript) => {
        new Driver().play(bringUp).play(transcript)
    })

    test("is not given by a dialogue whose settings the modem has lost", () => {
        const driver = new Driver()
        const talk = new Talk(driver.modem)
        watchRequest(talk.request)
        driver.play(bringUp)
        talk.begin(new SendMessage("+1", "hi"))
        driver.play(`
            > AT+CMGF=1;+CSCS="IRA";+CSMP=17,167,0,0␍
            ! open a 1
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎RDY⏎
            . 1000
            ${bringUp.slice(bringUp.indexOf("> AT"))}
        `)
    })
})

describe("a modem that may sleep", () => {
    const asleep = `
        ${bringUp}
        > AT+CSCLK=1␍
        < ⏎OK⏎
        . 2000
        = dtr high
    `
    test.each([
        ["is woken for a command", "! open a 1\n= dtr low\n. 79"],
        [
            "is awake then",
            `! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍`,
        ],
        ["loses its context", "< ⏎+PDP: DEACT⏎\n= dtr low"],
    ])("by DTR: %s", (_, transcript) => {
        const driver = new Driver({ receivePoll: 1_000_000 })
        watchSleep(new Sleep(driver.modem, SleepMode.Dtr, 2000))
        driver.play(`${asleep}\n${transcript}`)
    })

    test("by the UART: a byte wakes it", () => {
        const driver = new Driver({ receivePoll: 1_000_000 })
        watchSleep(new Sleep(driver.modem, SleepMode.Serial, 0))
        driver.play(`
            ${bringUp}
            > AT+CSCLK=2␍
            < ⏎OK⏎
            . 5000
            ! open a 1
            > ␍
            > AT+CIPSTART=0,"TCP","a",1␍
        `)
    })
})

describe("the server", () => {
    const listens = `
        ! listen 1234
        > AT+CIPSERVER=1,1234␍
        = server Opening
        < ⏎OK⏎⏎SERVER OK⏎
        = server Listening
    `
    test.each([
        [
            "listens, and does not any more",
            `${listens}
            ! unlisten
            > AT+CIPSERVER=0␍
            = server Closing
            < ⏎OK⏎⏎SERVER CLOSE⏎
            = server Closed`,
        ],
        [
            "the modem closes it: it listens again",
            `${listens}
            < ⏎SERVER CLOSE⏎
            > AT+CIPSERVER=1,1234␍`,
        ],
        [
            "nothing behind OK: it may listen all the same, so it is closed first",
            `! listen 1234
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎
            . 15000
            > AT␍
            < ⏎OK⏎
            . 150
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: SERVER LISTENING⏎⏎S: 0,0,"1234","LISTENING"⏎
            < ${[0, 1, 2, 3, 4, 5].map(id => `C: ${id},,"","","","INITIAL"⏎`).join("")}
            > AT+CIPSERVER=0␍
            = server Closing ServerRefused`,
        ],
    ])("%s", (_, transcript) => {
        new Driver().play(bringUp).play(transcript)
    })
})

describe("the second context", () => {
    const begins = `
        ! second
        ${bringUpWith({ second: true })}
        ! second CMWAP
        > AT+CIPSGTXT=1␍
        = second Opening
    `
    const opens = `${begins}
        < ⏎OK⏎
        > AT+CIPSHUT␍
        < ⏎SHUT OK⏎
        > AT+CSTT="CMWAP","",""␍
        < ⏎OK⏎
        > AT+CIICR␍
        < ⏎OK⏎
        > AT+CIFSR␍
        < ⏎10.0.0.2⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        = second Open 10.0.0.2
    `
    test.each([
        [
            "is brought up, and shut",
            `${opens}
            ! second
            > AT+CIPSGTXT=1␍
            = second Closing
            < ⏎OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            = second Closed`,
        ],
        [
            "goes with the first one",
            `${opens}
            < ⏎+PDP: DEACT⏎
            = second Closed`,
        ],
        [
            "is refused",
            `${begins}
            < ⏎ERROR⏎
            = second Closed SetupRefused`,
        ],
    ])("%s", (_, transcript) => {
        new Driver({ secondContext: true }).play(transcript)
    })
})

describe("data mode", () => {
    const options: Partial<ModemConfig> = {
        multi: false,
        transparent: true,
        reception: Reception.Push,
        flowControl: true,
    }
    const up = { transparent: "DTR", flow: "2,2", reception: "0" } as const
    const inData = `
        ! open a 1
        > AT+CIPSTART="TCP","a",1␍
        < ⏎OK⏎
        ! dcd low
        < ⏎CONNECT⏎
        = data Data
    `
    const silent = `${inData}
        ! leave
        = data Silence
    `
    const escaping = `${silent}
        . 1100
        = data Escaping
    `
    const left = `${escaping}
        < ⏎OK⏎
        . 400
        = data Command
    `
    const ending = `${inData}
        ! dcd high
        = data Ending
    `
    const heldUp = `${inData}
        . 5000
        ! cts off
        ! send 0 more than the FIFO takes ${".".repeat(64)}
        ! leave
        = data Silence
    `

    test.each([
        ["Data", inData],
        ["Silence", silent],
        ["Escaping", escaping],
        ["Command", left],
        ["Ending", ending],
    ])("%s: the driver is stopped", (_, way) => {
        new Driver(options).play(bringUpWith(up)).play(`${way}
            ! stop
            = data Off
        `)
    })

    test.each([
        [
            "left, and entered again",
            `${left}
            ! resume
            > ATO␍
            < ⏎CONNECT⏎
            = data Data`,
        ],
        [
            "the application changes its mind",
            `${silent}
            ! resume
            = data Data`,
        ],
        [
            "an escape that is not obeyed is done once more",
            `${escaping}
            . 3000
            = data Silence`,
        ],
        [
            "CONNECT behind ATO is damaged: data mode is left once more",
            `${left}
            ! resume
            > ATO␍
            < ⏎CON\\xffECT⏎
            . 10000
            = data Escaping NotResumed`,
        ],
        [
            "DCD has a glitch",
            `${ending}
            . 5000
            ! dcd low
            = data Data`,
        ],
        [
            "DCD stays off: the mode is left by the rules",
            `${ending}
            . 12000
            = data Escaping`,
        ],
        [
            "what is held up goes off with the modem",
            `${heldUp}
            ! dcd high
            . 10500
            = data Ending NotEscaped`,
        ],
        [
            "nothing goes out, and it is not the connection's any more",
            `${heldUp}
            ! close 0
            ! dcd high
            . 20500
            = data Command NotEscaped`,
        ],
    ])("%s", (_, transcript) => {
        new Driver(options).play(bringUpWith(up)).play(transcript)
    })

    test("+++ is held up, and DCD goes off", () => {
        new Driver({ ...options, dtr: false })
            .play(bringUpWith({ ...up, transparent: "+++" }))
            .play(
                `${inData}
                ! leave
                . 1000
                ! cts off
                . 100
                = data Escaping
                ! dcd high
                . 10200
                = data Ending NotEscaped`
            )
    })
})

/** The answer of AT+CIPSTATUS with number 0. */
const status = (state: string, zero: string) => `
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: ${state}⏎⏎C: 0,0,"TCP","1.2.3.4","80","${zero}"⏎
< ${[1, 2, 3, 4, 5].map(id => `C: ${id},,"","","","INITIAL"⏎`).join("")}
`
const start = `
! open a 1
> AT+CIPSTART=0,"TCP","a",1␍
`
const opening = `${start}
< ⏎OK⏎
`
const abandoned = `${opening}
! close 0
= 0 QUARANTINE
`
const quarantine = `${abandoned}
> AT+CIPCLOSE=0␍
< ⏎0, CLOSE OK⏎
= 0 QUARANTINE
`
const listening = `
! listen 1234
> AT+CIPSERVER=1,1234␍
< ⏎OK⏎⏎SERVER OK⏎
`
const peer = "< ⏎0, REMOTE IP: 10.0.0.9⏎"
const closed = `${connect}
< ⏎0, CLOSED⏎
> AT+CIPRXGET=2,0,1460␍
< ⏎ERROR⏎
> AT+CIPRXGET=2,0,1460␍
< ⏎ERROR⏎
= 0 CLOSED
`
/** Number 0 has just been refused, and nobody knows what there is. */
const doubtful = `${start}
< ⏎ERROR⏎
= 0 DOUBTFUL
`
/** Something is asked for whose answer makes the driver ask for the whole. */
const audit = `
! open b 2
> AT+CIPSTART=1,"TCP","b",2␍
< ⏎ERROR⏎
`

const notice = "< ⏎+CIPRXGET: 1,0⏎"
const fetched = `${notice}
> AT+CIPRXGET=2,0,1460␍
`
test.each([
    [
        "all of it is fetched",
        `${connect}${fetched}< ⏎+CIPRXGET: 2,0,5,0⏎HELLO⏎OK⏎`,
    ],
    [
        "some is left",
        `${connect}${fetched}< ⏎+CIPRXGET: 2,0,5,7⏎HELLO⏎OK⏎\n> AT+CIPRXGET=2,0,1460␍`,
    ],
    [
        "asked for behind CLOSED, and announced then",
        `${connect}< ⏎0, CLOSED⏎\n> AT+CIPRXGET=2,0,1460␍\n${notice}`,
    ],
    [
        "a late count amid the answer",
        `${connect}${fetched}< ⏎+CIPRXGET: 4,0,0⏎`,
    ],
    [
        "a peer takes the number amid the answer",
        `${listening}${peer}\n! accept\n${fetched}${peer}`,
    ],
])("what the modem holds: %s", (_, transcript) => {
    new Driver().play(bringUp).play(transcript)
})

test("used again", () => {
    const driver = new Driver({ connections: 1 }).play(bringUp)
    driver.play(`${closed}${connect}`)
})

test.each([
    [
        "connected, closed here",
        `${connect}! close 0\n> AT+CIPCLOSE=0␍\n< ⏎0, CLOSE OK⏎\n= 0 INITIAL`,
    ],
    [
        "too late",
        `${opening}. 80001\n= 0 QUARANTINE\n> AT+CIPCLOSE=0␍\n< ⏎0, CLOSE OK⏎\n< ⏎0, CONNECT OK⏎\n> AT+CIPCLOSE=0␍\n< ⏎0, CLOSE OK⏎\n= 0 CLOSED`,
    ],
    ["called off, connected all the same", `${abandoned}< ⏎0, CONNECT OK⏎`],
    ["called off, and fails", `${abandoned}< ⏎0, CONNECT FAIL⏎\n= 0 INITIAL`],
    [
        "too late, and fails then",
        `${opening}. 80001\n< ⏎0, CONNECT FAIL⏎\n= 0 CLOSED`,
    ],
    ["called off, and waited for", `${quarantine}. 80000\n= 0 INITIAL`],
    [
        "called off, closed, connected then",
        `${quarantine}< ⏎0, CONNECT OK⏎\n= 0 QUARANTINE`,
    ],
    [
        "called off, closed, and there all the same: a peer has come, or CONNECT OK was lost",
        `${quarantine}${audit}${status("IP PROCESSING", "CONNECTED")}> AT+CIPCLOSE=0␍\n< ⏎0, CLOSE OK⏎\n= 0 INITIAL`,
    ],
    [
        "called off before its answer",
        `${start}! close 0\n< ⏎ERROR⏎\n= 0 DOUBTFUL${status("IP STATUS", "INITIAL")}= 0 INITIAL`,
    ],
    [
        "refused, nothing is there",
        `${doubtful}${status("IP STATUS", "INITIAL")}= 0 CLOSED`,
    ],
    [
        "refused, but connecting",
        `${doubtful}${status("IP PROCESSING", "CONNECTING")}= 0 QUARANTINE`,
    ],
    [
        "refused, but connected",
        `${doubtful}${status("IP PROCESSING", "CONNECTED")}= 0 CLOSING`,
    ],
    [
        "one is in the way",
        `${opening}< ⏎0, ALREADY CONNECT⏎\n> AT+CIPCLOSE=0␍\n< ⏎0, CLOSE OK⏎\n> AT+CIPSTART=0,"TCP","a",1␍\n< ⏎OK⏎⏎0, ALREADY CONNECT⏎\n= 0 CLOSING`,
    ],
    [
        "one is in the way, and nobody wants it any more",
        `${opening}< ⏎0, ALREADY CONNECT⏎\n! close 0\n= 0 CLOSING`,
    ],
    [
        "the modem has one that nobody knows",
        `${closed}${audit}${status("IP PROCESSING", "CONNECTED")}= 0 CLOSING`,
    ],
    [
        "… is making one",
        `${closed}${audit}${status("IP PROCESSING", "CONNECTING")}= 0 QUARANTINE`,
    ],
    [
        "… whose number was never used",
        `${opening}< ⏎0, CONNECT FAIL⏎\n! close 0\n! open b 2\n`,
    ],
    [
        "CLOSED that was not true",
        `${connect}< ⏎0, CLOSED⏎\n> AT+CIPRXGET=2,0,1460␍\n${"! open b 2\n"}< ⏎+CIPRXGET: 2,0,5,700⏎HELLO⏎OK⏎\n> AT+CIPSTART=1,"TCP","b",2␍\n< ⏎ERROR⏎${status("IP PROCESSING", "CONNECTED")}= 0 CONNECTED`,
    ],
    [
        "the rest is refused",
        `${connect}< ⏎+CIPRXGET: 1,0⏎\n> AT+CIPRXGET=2,0,1460␍\n< ⏎0, CLOSED⏎⏎ERROR⏎\n= 0 CLOSING`,
    ],
    [
        "no result of what was sent",
        `${connect}! send 0 hello\n> AT+CIPSEND?␍\n< ⏎+CIPSEND: 0,1460⏎⏎OK⏎\n> AT+CIPSEND=0,5␍\n< ⏎> \n> hello\n> AT␍\n= 0 QUARANTINE`,
    ],
    [
        "no result of what was sent, closed meanwhile",
        `${connect}! send 0 hello\n> AT+CIPSEND?␍\n< ⏎+CIPSEND: 0,1460⏎⏎OK⏎\n> AT+CIPSEND=0,5␍\n< ⏎> \n> hello\n! close 0\n> AT␍\n= 0 QUARANTINE`,
    ],
    [
        "a peer of the server",
        `${listening}${peer}\n= 0 CONNECTED\n! accept\n< ⏎0, CLOSED⏎`,
    ],
    [
        "a peer of the server, another one behind it",
        `${listening}${peer}\n! accept\n${peer}\n= 0 CONNECTED`,
    ],
    ["a peer of the server that is off", `${peer}\n= 0 CLOSING`],
    [
        "a peer takes the number of one that has one in the way",
        `${listening}! open a 1
        > AT+CIPSTART=5,"TCP","a",1␍
        < ⏎OK⏎⏎5, ALREADY CONNECT⏎⏎5, REMOTE IP: 10.0.0.9⏎`,
    ],
    [
        "refused, and nobody wants it",
        `${start}! close 0\n< ⏎ERROR⏎${status("IP STATUS", "INITIAL")}`,
    ],
    [
        "called off while it waits",
        `${connect}
        ! send 0 hello
        > AT+CIPSEND?␍
        ! open a 1
        ! close 1`,
    ],
    [
        "its local port is refused",
        `! open a 1 local=2020
        > AT+CLPORT=0,"TCP",2020␍
        < ⏎ERROR⏎
        = 0 CLOSED`,
    ],
    [
        "the modem is busy for a moment",
        `${start}< ⏎+CME ERROR: 181⏎
        = 0 CONNECTING
        . 1000
        > AT+CIPSTART=0,"TCP","a",1␍`,
    ],
    [
        "two are in the way, one behind the other",
        `${opening}< ⏎0, ALREADY CONNECT⏎
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        > AT+CIPSTART=0,"TCP","a",1␍
        < ⏎OK⏎⏎0, ALREADY CONNECT⏎
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        = 0 CLOSED`,
    ],
    [
        "the modem is making one that nobody wants",
        `${connect}
        ! close 0
        > AT+CIPCLOSE=0␍
        ! open b 2
        < ⏎0, CLOSE OK⏎
        = 0 INITIAL
        > AT+CIPSTART=1,"TCP","b",2␍
        < ⏎ERROR⏎
        ${status("IP PROCESSING", "CONNECTING")}
        = 0 QUARANTINE`,
    ],
])("%s", (_, transcript) => {
    const driver = new Driver().play(bringUp)
    driver.play(transcript)
})
