/** Every transition that a connection may make, walked once. */
import { afterAll, expect, test } from "vitest"
import { edges, watch } from "../link-states"
import { bringUp, connect, Driver } from "./dialogue"

const walked = new Set<string>()

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

test("used again", () => {
    const driver = new Driver({ connections: 1 }).play(bringUp)
    watch(driver.modem, edge => walked.add(edge))
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
    watch(driver.modem, edge => walked.add(edge))
    driver.play(transcript)
})

afterAll(() => {
    expect(edges.filter(edge => !walked.has(edge))).toEqual([])
})
