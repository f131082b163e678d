/** What comes at the wrong moment, late, in pieces, or not at all. */
import { expect, test } from "vitest"
import { Framing, Reception } from "../../src/core/config"
import type { ModemConfig } from "../../src/core/options"
import { bringUp, bringUpWith, connect, Driver, playAllCuts } from "./dialogue"

type Options = Partial<ModemConfig>
const push: Options = {
    multi: false,
    reception: Reception.Push,
    flowControl: true,
}
const pushUp = bringUpWith({ single: true, flow: "2,2", reception: "0" })
const plain: Options = { ...push, reception: Reception.Plain }
const plainUp = bringUpWith({ plain: true, flow: "2,2", reception: "0" })
const tr: Options = { ...push, transparent: true }
const trUp = bringUpWith({ transparent: "DTR", flow: "2,2", reception: "0" })
const mpush: Options = {
    reception: Reception.Push,
    flowControl: true,
    ring: 1024,
}
const mpushUp = bringUpWith({ flow: "2,2", reception: "0" })
const lazy: Options = { multi: false, lazy: true }
const lazyUp = bringUpWith({ lazy: true })
/** Behind transparent mode the modem is asked. */
const ended = `
> AT␍
< ⏎OK⏎
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: TCP CLOSED⏎
= 0 CLOSED
`
/** Plays a transcript in every cut. */
const plays = (
    name: string,
    transcript: string,
    options: Options,
    up: string
) =>
    test(name, () => {
        playAllCuts(transcript, options, up)
    })
const sconn = `
! open h 1
> AT+CIPSTART="TCP","h",1␍
< ⏎OK⏎⏎CONNECT OK⏎
`
const tconn = `
! open h 1
> AT+CIPSTART="TCP","h",1␍
< ⏎OK⏎
! dcd low
< ⏎CONNECT⏎
`
const tleave = `
! leave
. 1100
< ⏎OK⏎
. 400
= data Command
`
const listen = `
! listen 1234
> AT+CIPSERVER=1,1234␍
< ⏎OK⏎⏎SERVER OK⏎
`
plays(
    "a connection while the second context comes up: AT+CIPSHUT must not hit the first",
    `
! second CMWAP
! open h 1
> AT+CIPSGTXT=1␍
< ⏎OK⏎
> AT+CIPSHUT␍
`,
    {},
    "! second\n" + bringUpWith({ second: true })
)
plays(
    "a request while the second context comes up goes to the first",
    `
! request AT
> AT␍
< ⏎OK⏎
! second CMWAP
> AT+CIPSGTXT=1␍
! request AT+CDNSGIP="y"
< ⏎OK⏎
> AT+CIPSHUT␍
`,
    {},
    bringUp
)
plays(
    "a send timer longer than 10 s, quick sending",
    `
${connect}
! send 0 hello
> AT+CIPSEND?␍
< ⏎+CIPSEND: 0,1460⏎⏎OK⏎
> AT+CIPSEND=0␍
< ⏎> 
> hello
. 20000
= 0 sending InFlight
< ⏎DATA ACCEPT:0,5⏎
= 0 sending Done
`,
    {
        framing: Framing.Timer,
        sendTimer: 20,
        quickSend: true,
        receivePoll: 100000,
    },
    bringUpWith({ quick: "1", timer: "1,20" })
)
plays(
    "AT+CPIN? of the application",
    `
! request AT+CPIN?
> AT+CPIN?␍
< ⏎+CPIN: READY⏎⏎OK⏎
= answer Ok +CPIN: READY␊
= phase Ready
`,
    {},
    bringUp
)
plays(
    "URCs in command mode of transparent mode are no data",
    `
${tconn}
${tleave}
< ⏎RING⏎⏎+CLIP: "+123",145,"",0,"",0⏎⏎+CREG: 1⏎
. 100
= 0 received 
`,
    tr,
    trUp
)
plays(
    "CLOSED in pieces, DCD behind it",
    `
${tconn}
< bye⏎CLOSED⏎
! dcd high
. 600
${ended}
= 0 received bye
= data Off
`,
    tr,
    trUp
)
plays(
    "DCD 20 ms behind CONNECT",
    `
! open h 1
> AT+CIPSTART="TCP","h",1␍
< ⏎OK⏎⏎CONNECT⏎
. 20
! dcd low
< hello
. 1000
= data Data
= 0 received hello
`,
    tr,
    trUp
)
plays(
    "a connection that is over before DCD was looked at",
    `
! open h 1
> AT+CIPSTART="TCP","h",1␍
< ⏎OK⏎⏎CONNECT⏎short⏎CLOSED⏎
. 200
${ended}
= 0 received short
= data Off
`,
    tr,
    trUp
)
plays(
    "… and data mode is left by +++, which takes longer than DCD may",
    `
! open h 1
> AT+CIPSTART="TCP","h",1␍
< ⏎OK⏎⏎CONNECT⏎short⏎CLOSED⏎
. 200
= data Silence
> +++
. 1000
${ended}
= 0 received short
= 0 failure ClosedByPeer
= data Off
`,
    { ...tr, dtr: false },
    bringUpWith({ transparent: "+++", flow: "2,2", reception: "0" })
)
plays(
    "data behind a look-alike, after DCD went off",
    `
${tconn}
! dcd high
< x⏎CLOSED⏎y⏎CLOSED⏎
. 600
${ended}
= 0 received x⏎CLOSED⏎y
`,
    tr,
    trUp
)
plays(
    "closed in command mode",
    `
${tconn}
${tleave}
! dcd high
< ⏎CLOSED⏎
= 0 CLOSED
= data Off
`,
    tr,
    trUp
)
plays(
    "plain: nobody reads",
    `
${sconn}
! keep 0
< ${"a".repeat(100)}
. 10001
= 0 failure ReceiveOverrun
> AT+CIPCLOSE␍
`,
    { ...plain, receiveBuffer: 64 },
    plainUp
)
plays(
    "lazy: PDP DEACT while connecting",
    `
! open h 1
> AT+CIPSTART="TCP","h",1␍
< ⏎OK⏎⏎+PDP: DEACT⏎⏎STATE: PDP DEACT⏎⏎CONNECT FAIL⏎
= 0 CLOSED
= 0 failure PdpDeactivated
> AT+CSQ␍
`,
    lazy,
    lazyUp
)
plays(
    "lazy: AT+CIPSTATUS while the context comes up",
    `
! open h 1
> AT+CIPSTART="TCP","h",1␍
. 10001
> AT␍
< ⏎OK⏎
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: IP CONFIG⏎
= 0 CONNECTING
`,
    lazy,
    lazyUp
)
plays(
    "lazy: the context that was there is gone: the modem has restarted without a word",
    `
! open h 1
> AT+CIPSTART="TCP","h",1␍
< ⏎OK⏎⏎CONNECT OK⏎
= state CONNECT OK
< ⏎CLOSE OK⏎
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: IP INITIAL⏎
= 0 CLOSED
= 0 failure Restarted
> AT␍
`,
    lazy,
    lazyUp
)
plays(
    "SERVER OK was lost",
    `
! listen 1234
> AT+CIPSERVER=1,1234␍
< ⏎OK⏎⏎SERVXR OK⏎
. 15000
> AT␍
< ⏎OK⏎
. 150
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: SERVER LISTENING⏎⏎S: 0,0,"1234","LISTENING"⏎
< ${[0, 1, 2, 3, 4, 5].map(id => `C: ${id},,"","","","INITIAL"⏎`).join("")}
> AT+CIPSERVER=0␍
< ⏎OK⏎⏎SERVER CLOSE⏎
= server Closed ServerRefused
. 10001
> AT+CIPSERVER=1,1234␍
< ⏎OK⏎⏎SERVER OK⏎
= server Listening
`,
    { receivePoll: 100000 },
    bringUp
)
plays(
    "late SERVER CLOSE amid the next opening",
    `
${listen}
! unlisten
> AT+CIPSERVER=0␍
< ⏎OK⏎
. 10001
! listen 1234
> AT+CIPSERVER=1,1234␍
< ⏎SERVER CLOSE⏎⏎OK⏎⏎SERVER OK⏎
= server Listening
`,
    {},
    bringUp
)
plays(
    "AT+CLPORT of a connection that was closed meanwhile",
    `
! open a 1 local=2020
> AT+CLPORT=0,"TCP",2020␍
! close 0
! open b 2 local=3030
< ⏎OK⏎
> AT+CLPORT=0,"TCP",3030␍
`,
    {},
    bringUp
)
plays(
    "ERROR to AT+CLPORT of a connection that was closed meanwhile",
    `
! open a 1 local=2020
> AT+CLPORT=0,"TCP",2020␍
! close 0
! open b 2
< ⏎ERROR⏎
= 0 CONNECTING
# the port may be set all the same
> AT+CLPORT=0,"TCP",0␍
< ⏎OK⏎
> AT+CIPSTART=0,"TCP","b",2␍
`,
    {},
    bringUp
)
plays(
    "AT+CIPSGTXT of a connection that was closed meanwhile",
    `
! open a 1 context=1
> AT+CIPSGTXT=1␍
! close 0
! open b 2
< ⏎OK⏎
> AT+CIPSGTXT=0␍
`,
    {},
    bringUp
)
plays(
    "REMOTE IP while AT+CLPORT is in flight",
    `
${listen}
! open a 1 local=2020
> AT+CLPORT=5,"TCP",2020␍
< ⏎5, REMOTE IP: 10.0.0.9⏎⏎ERROR⏎
! accept
= 5 CONNECTED
= 5 sending Idle
`,
    {},
    bringUp
)
plays(
    "a new destination refused, then sent again",
    `
! udp h 1
> AT+CIPSTART="UDP","h",1␍
< ⏎OK⏎⏎CONNECT OK⏎
! retarget 0 1.2.3.4 80
! send 0 hello
> AT+CIPSEND?␍
`.replace(
        "> AT+CIPSEND?␍",
        `> AT+CIPUDPMODE=2,"1.2.3.4",80␍
< ⏎ERROR⏎
= 0 sending Failed SendRefused
! send 0 hello
> AT+CIPUDPMODE=2,"1.2.3.4",80␍`
    ),
    push,
    pushUp
)
plays(
    "a new destination of the use before",
    `
! udp h 1
> AT+CIPSTART="UDP","h",1␍
< ⏎OK⏎⏎CONNECT OK⏎
! retarget 0 1.2.3.4 80
! send 0 hello
> AT+CIPUDPMODE=2,"1.2.3.4",80␍
< ⏎CLOSED⏎
! close 0
! udp h 1
! retarget 0 h 80
< ⏎OK⏎
> AT+CIPSTART="UDP","h",1␍
< ⏎OK⏎⏎CONNECT OK⏎
! send 0 hello
> AT+CIPUDPMODE=2,"h",80␍
< ⏎OK⏎
> AT+CIPSEND?␍
`,
    push,
    pushUp
)
test("the S: line of the driver's own AT+CIPSTATUS is no URC", () => {
    const d = playAllCuts(
        `
${listen}
! open a 1
> AT+CIPSTART=5,"TCP","a",1␍
< ⏎ERROR⏎
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎S: 0,0,"1234","LISTENING"⏎
< ${[0, 1, 2, 3, 4, 5].map(i => `C: ${i},,"","","","INITIAL"⏎`).join("")}
`,
        {},
        bringUp
    )
    expect(d.log.filter(line => line.startsWith("urc"))).toEqual([])
})
plays(
    "the sender of a datagram that is not known",
    `
! udp h 1 local=8888 extended
> AT+CLPORT=0,"UDP",8888␍
< ⏎OK⏎
> AT+CIPSRIP=1␍
< ⏎OK⏎
> AT+CIPUDPMODE=0,1␍
< ⏎OK⏎
> AT+CIPSTART=0,"UDP","h",1␍
< ⏎OK⏎⏎0, CONNECT OK⏎
< ⏎+RECEIVE,0,1,1.2.3.4:80:⏎a
< ⏎+RECEIVE,0,1:⏎b⏎
= 0 received <1.2.3.4:80>a<>b
`,
    mpush,
    mpushUp
)
plays(
    "the address of the peer before, on a new connection",
    `
${listen}
< ⏎0, REMOTE IP: 10.0.0.9⏎
! accept
! close 0
> AT+CIPCLOSE=0␍
< ⏎0, CLOSE OK⏎
! unlisten
> AT+CIPSERVER=0␍
< ⏎OK⏎⏎SERVER CLOSE⏎
! udp h 1
> AT+CIPSTART=0,"UDP","h",1␍
< ⏎OK⏎⏎0, CONNECT OK⏎⏎+RECEIVE,0,1:⏎a⏎
= 0 received <>a
`,
    mpush,
    mpushUp
)
plays(
    "the peer's OK, 300 ms before the modem's (DTR)",
    `
${tconn}
. 2000
! leave
< ⏎OK⏎data
. 300
< ⏎OK⏎
. 300
= data Command
= 0 received ⏎OK⏎data
`,
    tr,
    trUp
)
plays(
    "resume() before data mode was left",
    `
${tconn}
! leave
. 500
! resume
. 2000
= data Data
`,
    tr,
    trUp
)
plays(
    "CLOSED is there when DCD goes off",
    `
${tconn}
< bye⏎CLOSED⏎
! dcd high
${ended}= data Off
`,
    tr,
    trUp
)
plays(
    "CONNECT OK that has lost its number is nobody's",
    `
! open a 1
> AT+CIPSTART=0,"TCP","a",1␍
< ⏎OK⏎⏎CONNECT OK⏎
= 0 CONNECTING
< ⏎0, CONNECT OK⏎
= 0 CONNECTED
`,
    {},
    bringUp
)
plays(
    "ALREADY CONNECT, alone: it is closed and opened anew, at once",
    `
! open a 1
> AT+CIPSTART=0,"TCP","a",1␍
< ⏎0, ALREADY CONNECT⏎
. 1
> AT+CIPCLOSE=0␍
< ⏎0, CLOSE OK⏎
> AT+CIPSTART=0,"TCP","a",1␍
`,
    {},
    bringUp
)
test("CONNECT OK of the attempt before: nobody gets the bytes of its peer", () => {
    new Driver({ connections: 1 }).play(`
        ${bringUp}
        ! open a 1
        > AT+CIPSTART=0,"TCP","a",1␍
        < ⏎OK⏎
        # what the modem never says, were it not for the wire
        < ⏎0, CONNECT FAIL⏎
        = 0 failure ConnectFailed
        ! close 0
        ! open b 2
        > AT+CIPSTART=0,"TCP","b",2␍
        < ⏎0, CONNECT OK⏎
        < ⏎0, ALREADY CONNECT⏎
        = 0 failure Desynchronised
        > AT+CIPCLOSE=0␍
    `)
})
plays(
    "SEND OK and SEND FAIL before the prompt are not about these data",
    `
${connect}
! send 0 hello
> AT+CIPSEND?␍
< ⏎+CIPSEND: 0,1460⏎⏎OK⏎
> AT+CIPSEND=0,5␍
< ⏎0, SEND OK⏎⏎0, SEND FAIL⏎
= 0 sending InFlight
< ⏎> 
> hello
< ⏎0, SEND OK⏎
= 0 sending Done
= 0 sent 5
`,
    {},
    bringUp
)
plays(
    "pushed data whose length was spoilt: what is missing is not waited for",
    `
${connect}
< ⏎+RECEIVE,0,55:⏎hello
. 4999
= 0 CONNECTED
. 1
= 0 failure ReceiveTorn
> AT␍
< ⏎OK⏎
> AT␍
< ⏎OK⏎
> AT+CIPSTATUS␍
< ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","1.2.3.4","80","CONNECTED"⏎
< ${[1, 2, 3, 4, 5].map(id => `C: ${id},,"","","","INITIAL"⏎`).join("")}
> AT+CIPCLOSE=0␍
< ⏎0, CLOSE OK⏎
= 0 CLOSED
`,
    mpush,
    mpushUp
)
plays(
    "pushed data whose number was spoilt may have been anybody's",
    `
${connect}
< ⏎+RECEIVE,70,5:⏎hello⏎
= 0 failure ReceiveTorn
> AT+CIPCLOSE=0␍
`,
    mpush,
    mpushUp
)

const two = `
${connect}
! open b 2
> AT+CIPSTART=1,"TCP","b",2␍
< ⏎OK⏎⏎1, CONNECT OK⏎
< ⏎+CIPRXGET: 1,0⏎
> AT+CIPRXGET=2,0,1460␍
`
test.each([
    ["its length has become 0", "2,0,0,0⏎hello"],
    ["its length has become more than there can be", "2,0,5000000000,0⏎hello"],
    ["its number is not whole", "2,0,\\xff,0⏎hello"],
    ["a comma is lost", "2,05,0⏎hello"],
    ["its line end is lost", "2,0,5,0hello"],
    ["it is no answer to a read", "7,0,5,0⏎hello"],
])("the header of a read was spoilt: %s", (_, answer) => {
    new Driver().play(`
        ${bringUp}
        ${two}
        < ⏎+CIPRXGET: ${answer}⏎OK⏎
        = 0 failure ReceiveTorn
        = 0 received 
        = 1 received 
        # more of it may come, and look like anything: nothing is heard for a while
        > AT␍
        < ⏎0, CLOSED⏎⏎1, CLOSED⏎⏎+PDP: DEACT⏎⏎OK⏎
        > AT␍
        < ⏎OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","1.2.3.4","80","CONNECTED"⏎
        < C: 1,0,"TCP","1.2.3.4","80","CONNECTED"⏎C: 2,,"","","","INITIAL"⏎
        < C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
        # what was not heard may have been a notice
        > AT+CIPRXGET=4,1␍
        < ⏎+CIPRXGET: 4,1,0⏎⏎OK⏎
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        = 1 CONNECTED
    `)
})

test("CONNECT OK was not heard: neither was what has been announced since", () => {
    const status = ["CONNECTED", "INITIAL", "INITIAL", "INITIAL", "INITIAL"]
        .map((state, id) => `C: ${id + 1},0,"TCP","1.2.3.4","80","${state}"⏎`)
        .join("")
    new Driver().play(`
        ${bringUp}
        ${connect}
        ! open b 2
        > AT+CIPSTART=1,"TCP","b",2␍
        < ⏎OK⏎⏎1, CONN?CT OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","1.2.3.4","80","CONNECTED"⏎${status}
        = 1 CONNECTED
        > AT+CIPRXGET=4,1␍
        < ⏎1, CLOSED⏎⏎ERROR⏎
        > AT+CIPRXGET=2,1,1460␍
        < ⏎ERROR⏎
        = 1 failure ReceiveTorn
    `)
})

test.each([
    ["its number is that of another connection", "2,1,5,0⏎hello"],
    ["its number is that of none", "2,7,5,0⏎hello"],
])("the header of a read was spoilt: %s", (_, answer) => {
    new Driver().play(`
        ${bringUp}
        ${two}
        < ⏎+CIPRXGET: ${answer}⏎OK⏎
        = 0 failure ReceiveTorn
        = 0 received 
        = 1 received 
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        = 1 CONNECTED
    `)
})

test("of nothing there is an end, too", () => {
    playAllCuts(
        `
        ${two}
        < ⏎+CIPRXGET: 2,0,0,0⏎⏎OK⏎
        = 0 CONNECTED
        = 0 received 
    `,
        {},
        bringUp
    )
})

test.each([
    ["without numbers", mpush, mpushUp, "+RECEIVE,:"],
    ["too long", mpush, mpushUp, "+RECEIVE,0,5000000000:"],
    ["without numbers, single", push, pushUp, "+IPD,:"],
])("the header of pushed data was spoilt: %s", (_, options, up, header) => {
    const transcript = `
        ${options === push ? sconn : connect}
        < ⏎${header}
        . 60
        < ⏎
        = 0 failure ReceiveTorn
        = 0 received 
    `
    new Driver(options).play(up).play(transcript)
})

plays(
    "a pause of 60 ms in an answer amid bare data (real log 2)",
    `
${sconn}
! send 0 hello
> AT+CIPSEND?␍
< ⏎
. 60
< +CIPSEND: 1460⏎⏎OK⏎
> AT+CIPSEND=5␍
< ⏎
. 60
< > 
> hello
< ⏎
. 60
< SEND OK⏎
= 0 sending Done
= 0 received 
`,
    plain,
    plainUp
)
plays(
    "lines that have lost their number are nobody's, with several connections",
    `
${connect}
! open b 2
> AT+CIPSTART=1,"TCP","b",2␍
< ⏎OK⏎
< ⏎CLOSED⏎⏎CONNECT FAIL⏎⏎ALREADY CONNECT⏎⏎CLOSE OK⏎⏎REMOTE IP: 10.0.0.9⏎⏎CONNECT⏎
= 0 CONNECTED
= 1 CONNECTING
# nor is an address that is not whole anybody's
< ⏎5, REMOTE IP: 10.0.0⏎
= 5 INITIAL
< ⏎1, CONNECT OK⏎
= 1 CONNECTED
`,
    {},
    bringUp
)
plays(
    "DATA ACCEPT names its connection behind the colon",
    `
${connect}
! send 0 hello
> AT+CIPSEND?␍
< ⏎+CIPSEND: 0,1460⏎⏎OK⏎
> AT+CIPSEND=0,5␍
< ⏎> 
> hello
< ⏎DATA ACCEPT:1,5⏎
= 0 sending InFlight
< ⏎DATA ACCEPT:0,5⏎
= 0 sending Done
`,
    { quickSend: true },
    bringUpWith({ quick: "1" })
)
plays(
    "CONNECT FAIL before OK: the command is still in flight",
    `
! open a 1
> AT+CIPSTART=0,"TCP","a",1␍
< ⏎0, CONNECT FAIL⏎
= 0 failure ConnectFailed
! close 0
! open b 2
. 100
< ⏎OK⏎
> AT+CIPSTART=0,"TCP","b",2␍
< ⏎OK⏎⏎0, CONNECT OK⏎
= 0 CONNECTED
`,
    { connections: 1 },
    bringUp
)
plays(
    "CLOSE OK behind the time of AT+CIPCLOSE: the number is free",
    `
${connect}
! close 0
> AT+CIPCLOSE=0␍
> AT␍
= 0 CLOSING
< ⏎0, CLOSE OK⏎
= 0 INITIAL
`,
    {},
    bringUp
)
plays(
    "the sender of a datagram, not whole",
    `
! udp h 1
> AT+CIPSTART="UDP","h",1␍
< ⏎OK⏎⏎CONNECT OK⏎
< ⏎RECV FROM:1.2.3.4⏎+IPD,1:a⏎+IPD,1:b⏎RECV FROM:1.2.3.4:80⏎+IPD,1:c
= 0 received <>a<>b<1.2.3.4:80>c
`,
    push,
    pushUp
)
