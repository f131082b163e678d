/** Requests, the server, the second context, sleep: what goes wrong with them, and what they say of it. */
import { describe, expect, test } from "vitest"
import { Outcome } from "../../src/core/channel"
import { Failure } from "../../src/core/errors"
import { ANSWER_SIZE, Request, RequestState } from "../../src/core/request"
import { Final, Line } from "../../src/core/results"
import { ContextState, SecondContext } from "../../src/core/second-context"
import { Server, ServerState } from "../../src/core/server"
import { Sleep, SleepMode } from "../../src/core/sleep"
import {
    answers,
    bringUp,
    bringUpWith,
    connect,
    converse,
    Driver,
    reactivate,
} from "./dialogue"

const again = bringUp.replace("! start", "")

describe("a result", () => {
    const sending = `
        ${bringUp}
        ${connect}
        ! open b 2
        > AT+CIPSTART=1,"TCP","b",2␍
        < ⏎OK⏎⏎1, CONNECT OK⏎
        ! send 1 hello
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎+CIPSEND: 1,1460⏎⏎OK⏎
        > AT+CIPSEND=1,5␍
        < ⏎> 
        > hello
    `
    test("ends the command of its own connection only", () => {
        const driver = new Driver().play(sending)
        expect(driver.modem.channel.strays).toBe(0)
        driver.play(`
            < ⏎0, SEND OK⏎⏎5, SEND FAIL⏎
            = 1 sending InFlight
            < ⏎1, SEND OK⏎
            = 1 sending Done
            = 1 sent 5
        `)
        expect(driver.modem.channel.strays).toBe(2)
    })

    test("of the connection before is not that of the next command", () => {
        new Driver().play(`
            ${sending}
            < ⏎1, SEND OK⏎
            ! send 0 hello
            > AT+CIPSEND=0,5␍
            < ⏎0, SEND OK⏎
            = 0 sending InFlight
        `)
    })

    test("is counted if it is nobody's; what is no result is not", () => {
        const driver = new Driver().play(`
            ${bringUp}
            < ⏎RING⏎⏎+CREG: 1⏎⏎9, CLOSED⏎⏎+CMTE: 1⏎⏎STATE: IP STATUS⏎
        `)
        expect(driver.modem.channel.strays).toBe(0)
        driver.play("< ⏎OK⏎")
        expect(driver.modem.channel.strays).toBe(1)
    })
})

describe("a request", () => {
    /** A driver that is up, and a command that was given. */
    function asked(
        command: string,
        follow: Line = Line.Unknown,
        before = bringUp
    ): [Driver, Request] {
        const driver = new Driver().play(before)
        const request = new Request(driver.modem)
        request.begin(command, Final.Ok | Final.Error, 5000, follow, 30000)
        driver.play(`> ${command}␍`)
        return [driver, request]
    }
    const answer = ({ answer, answerLength }: Request) =>
        answer.toString("latin1", 0, answerLength)

    test("keeps its lines, and leaves what may come at any time to others", () => {
        const [driver, request] = asked("AT+CLIP?")
        driver.play(`
            < ⏎RING⏎⏎+CLIP: "+123",145,"",0,"",0⏎⏎+CMTI: "SM",3⏎
            < ⏎+CLIP: 0,1⏎⏎OK⏎
        `)
        expect(answer(request)).toBe("+CLIP: 0,1\n")
        expect(driver.log.filter(line => line.startsWith("urc"))).toEqual([
            "urc RING",
            'urc +CLIP: "+123",145,"",0,"",0',
            'urc +CMTI: "SM",3',
        ])
        expect(request.state).toBe(RequestState.Done)
        expect(request.outcome).toBe(Outcome.Ok)
    })

    test("loses what does not fit, and counts it", () => {
        const line = "x".repeat(ANSWER_SIZE / 4 - 1)
        const [driver, request] = asked("AT+CMGL=4")
        driver.play(`
            ${`< ⏎${line}⏎\n. 1\n`.repeat(4)}
            < ⏎y⏎⏎⏎z⏎⏎OK⏎
        `)
        expect(request.answerLength).toBe(ANSWER_SIZE)
        expect(answer(request)).toBe(`${line}\n`.repeat(4))
        expect(request.lost).toBe(2)
    })

    test("that is refused says with which number", () => {
        const [driver, request] = asked("AT+CMGR=9")
        let told = 0
        request.changed = () => told++
        driver.play("< ⏎+CMS ERROR: 321⏎")
        expect(request.outcome).toBe(Outcome.Refused)
        expect(request.cme).toBe(1321)
        expect(told).toBe(1)
        // the next one begins afresh
        request.begin("AT", Final.Ok, 5000, Line.Unknown, 0)
        driver.play(`
            > AT␍
            < ⏎OK⏎
        `)
        expect(request.outcome).toBe(Outcome.Ok)
        expect(request.answerLength).toBe(0)
    })

    test("that is not answered says so; so does one whose second part is missing", () => {
        const [driver, request] = asked("AT+CSQ")
        driver.play(". 4999")
        expect(request.state).toBe(RequestState.InFlight)
        driver.play(". 1")
        expect(request.outcome).toBe(Outcome.Timeout)
        expect(request.cme).toBe(-2)

        const [other, resolving] = asked('AT+CDNSGIP="h"', Line.Resolved)
        other.play(`
            < ⏎OK⏎
            . 29999
        `)
        expect(resolving.state).toBe(RequestState.Following)
        other.play(". 1")
        expect(resolving.state).toBe(RequestState.Done)
        expect(resolving.outcome).toBe(Outcome.Timeout)
        // late: it belongs to nobody
        other.play('< ⏎+CDNSGIP: 1,"h","10.0.0.9"⏎')
        expect(resolving.answerLength).toBe(0)
    })

    test.each([
        ["in flight", ""],
        ["half answered", "< ⏎OK⏎"],
    ])("%s is over when the modem restarts", (_, heard) => {
        const [driver, request] = asked('AT+CDNSGIP="h"', Line.Resolved)
        driver.play(`
            ${heard}
            < ⏎Call Ready⏎
            = failure Restarted
        `)
        expect(request.state).toBe(RequestState.Done)
        expect(request.outcome).toBe(Outcome.Aborted)
        driver.play(again)
    })

    test("waits for the context, and can be taken back until it is given", () => {
        const driver = new Driver()
        const request = new Request(driver.modem)
        request.begin("AT+CSQ", Final.Ok, 5000, Line.Unknown, 0)
        driver.play(bringUp.replace(/> AT\+CIFSR[^]*/, "> AT+CIFSR␍"))
        expect(request.state).toBe(RequestState.Wanted)
        // the context is lost once more: it still waits
        driver.modem.features.down(driver.now)
        expect(request.state).toBe(RequestState.Wanted)
        request.cancel()
        driver.play("< ⏎10.0.0.1⏎").silent()
        expect(request.state).toBe(RequestState.Idle)

        const [, flying] = asked("AT+CSQ")
        flying.cancel()
        expect(flying.state).toBe(RequestState.InFlight)
    })
})

describe("the server", () => {
    function listening(): [Driver, Server] {
        const driver = new Driver({ receivePoll: 1_000_000 }).play(bringUp)
        const server = new Server(driver.modem)
        server.open(1234)
        driver.play("> AT+CIPSERVER=1,1234␍")
        return [driver, server]
    }

    test("that is refused for ever: the context anew, then a reset", () => {
        const [driver] = listening()
        const shuts: string[] = []
        const healthy = answers({ "AT+CIPSERVER=1,1234": "⏎ERROR⏎" })
        driver.play("< ⏎ERROR⏎")
        converse(driver, 600_000, command => {
            if (command === "AT+CIPSHUT" || command === "AT+CFUN=1,1")
                shuts.push(command)
            return healthy(command)
        })
        expect(shuts.slice(0, 3)).toEqual([
            "AT+CIPSHUT",
            "AT+CIPSHUT",
            "AT+CFUN=1,1",
        ])
    })

    test("that is refused says why, and is tried again after a while", () => {
        const [driver, server] = listening()
        let told = 0
        server.changed = () => told++
        driver.play("< ⏎+CME ERROR: 3⏎")
        expect(server.state).toBe(ServerState.Closed)
        expect(server.failure).toBe(Failure.ServerRefused)
        expect(server.cme).toBe(3)
        expect(told).toBe(1)
        // what waited for it does not wait any longer
        expect(driver.modem.links.hold).toBe(false)
        driver.play(". 9999").silent()
        driver.play(`
            . 1
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎
        `)
        expect(driver.modem.links.serving).toBe(true)
        driver.play("< ⏎SERVER OK⏎")
        expect(server.state).toBe(ServerState.Listening)
        expect(server.failure).toBe(Failure.None)
        expect(told).toBe(3)
    })

    const listens = `
        ${bringUp}
        ! listen 1234
        > AT+CIPSERVER=1,1234␍
        < ⏎OK⏎
    `
    const polls = { receivePoll: 1_000_000 }

    test("that is refused behind OK, because its port is taken, says so at once", () => {
        const driver = new Driver(polls).play(`
            ${listens}
            . 300
            < ⏎ERROR⏎
            = server Closed ServerRefused
        `)
        expect(driver.modem.links.hold).toBe(false)
        // it does not listen: there is nothing to close
        driver.play("! unlisten").silent().play(`
            ! listen 80
            > AT+CIPSERVER=1,80␍
            < ⏎OK⏎⏎SERVER OK⏎
            = server Listening
        `)
    })

    test("that is refused behind OK is tried again after a while", () => {
        const [driver, server] = listening()
        driver.play(`
            < ⏎OK⏎⏎+CME ERROR: 3⏎
            . 9999
        `)
        expect(server.failure).toBe(Failure.ServerRefused)
        // what the modem said, not that it said nothing
        expect(server.cme).toBe(3)
        driver.silent().play(`
            . 1
            > AT+CIPSERVER=1,1234␍
            < ⏎OK⏎⏎SERVER OK⏎
        `)
        expect(server.state).toBe(ServerState.Listening)
    })

    test("lets nobody give a command until it is known: its ERROR would be the answer", () => {
        const driver = new Driver(polls).play(`
            ${listens}
            ! request AT+CSQ
        `)
        driver.silent().play(`
            < ⏎ERROR⏎
            = server Closed ServerRefused
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            = answer Ok +CSQ: 20,0␊
        `)
    })

    test("an address that comes late is no SERVER OK", () => {
        new Driver(polls).play(`
            ${listens}
            < ⏎10.0.0.1⏎
            > AT+CIPSERVER=0␍
            < ⏎SERVER OK⏎⏎OK⏎⏎SERVER CLOSE⏎
            = server Closed ServerRefused
            . 10000
            > AT+CIPSERVER=1,1234␍
        `)
    })

    test("that gets no answer, or half of one, says so", () => {
        const [driver, server] = listening()
        driver.play(". 15001")
        expect(server.failure).toBe(Failure.ServerRefused)
        expect(server.cme).toBe(-2)

        const [other, half] = listening()
        other.play(`
            . 3000
            < ⏎OK⏎
            . 11999
        `)
        expect(half.state).toBe(ServerState.Opening)
        other.play(". 1")
        expect(half.failure).toBe(Failure.ServerRefused)
        expect(half.cme).toBe(-2)
        // it may listen all the same
        other.play(`
            > AT␍
            < ⏎OK⏎
            . 150
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP STATUS⏎⏎S: 0,0,"1234","LISTENING"⏎
            < ${[0, 1, 2, 3, 4, 5].map(id => `C: ${id},,"","","","INITIAL"⏎`).join("")}
            > AT+CIPSERVER=0␍
        `)
    })

    test("was closed already if closing is refused", () => {
        const [driver, server] = listening()
        driver.play("< ⏎OK⏎⏎SERVER OK⏎")
        server.close()
        driver.play(`
            > AT+CIPSERVER=0␍
            < ⏎ERROR⏎
        `)
        expect(server.state).toBe(ServerState.Closed)
        expect(server.failure).toBe(Failure.None)
        driver.play(". 60000").silent()
    })

    test("holds up connections until it listens, and not any more when it is closed", () => {
        const [driver, server] = listening()
        driver.play(`
            ! open a 1
            < ⏎OK⏎
            . 1000
        `)
        driver.silent().play(`
            < ⏎SERVER OK⏎
            > AT+CIPSTART=5,"TCP","a",1␍
            < ⏎OK⏎⏎5, CONNECT OK⏎
        `)
        server.close()
        driver.play(`
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            ! open b 1
            > AT+CIPSTART=0,"TCP","b",1␍
        `)
    })

    test("closes a peer who comes while it is to be closed: nobody accepts him", () => {
        const [driver, server] = listening()
        driver.play(`
            < ⏎OK⏎⏎SERVER OK⏎
            ! open a 1
            > AT+CIPSTART=5,"TCP","a",1␍
        `)
        server.close()
        driver.play(`
            < ⏎0, REMOTE IP: 10.0.0.9⏎⏎OK⏎
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
        `)
        expect(driver.modem.links.incoming).toBe(0)
    })

    test("closes the peers that nobody has accepted, also if it never came to listen", () => {
        const [driver, server] = listening()
        driver.play(`
            < ⏎OK⏎⏎SERVER O⏎⏎0, REMOTE IP: 10.0.0.9⏎⏎1, REMOTE IP: 10.0.0.10⏎
            ! accept
        `)
        server.close()
        driver.play(`
            . 15000
            > AT␍
            < ⏎OK⏎
            . 150
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎S: 0,0,"1234","LISTENING"⏎
            < C: 0,0,"TCP","10.0.0.9","1024","CONNECTED"⏎C: 1,0,"TCP","10.0.0.10","1025","CONNECTED"⏎
            < ${[2, 3, 4, 5].map(id => `C: ${id},,"","","","INITIAL"⏎`).join("")}
            > AT+CIPCLOSE=1␍
            < ⏎1, CLOSE OK⏎
            > AT+CIPSERVER=0␍
            < ⏎OK⏎⏎SERVER CLOSE⏎
            = 0 CONNECTED
        `)
    })

    test("does not begin to listen because of a line that nobody waits for", () => {
        const driver = new Driver().play(bringUp)
        const server = new Server(driver.modem)
        driver.play("< ⏎SERVER OK⏎")
        expect(server.state).toBe(ServerState.Closed)
        expect(driver.log.some(line => line.startsWith("urc"))).toBe(false)
    })
})

describe("the second context", () => {
    const up = bringUpWith({ second: true })

    function opening(): [Driver, SecondContext] {
        const driver = new Driver({ receivePoll: 1_000_000 })
        const second = new SecondContext(driver.modem)
        driver.play(up)
        second.open("CMWAP", "u", "p")
        driver.play(`
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CSTT="CMWAP","u","p"␍
        `)
        return [driver, second]
    }

    test("that is refused says why, goes back to the first, and tries again, less and less often", () => {
        const [driver, second] = opening()
        let told = 0
        second.changed = () => told++
        driver.play(`
            < ⏎OK⏎
            > AT+CIICR␍
        `)
        for (const rest of [2, 4, 8, 16, 32, 60, 60]) {
            driver.play(`
                < ⏎+PDP: DEACT⏎⏎+CME ERROR: 148⏎
                > AT+CIPSGTXT=0␍
                < ⏎OK⏎
            `)
            expect(second.state).toBe(ContextState.Closed)
            expect(second.failure).toBe(Failure.ActivationRefused)
            expect(second.cme).toBe(148)
            expect(driver.modem.links.told.context).toBe(0)
            driver.play(`. ${rest * 1000 - 1}`).silent()
            driver.play(". 1")
            expect(driver.out.length).toBeGreaterThan(0)
            driver.play(`
                > AT+CIPSGTXT=1␍
                < ⏎OK⏎
                > AT+CIPSHUT␍
                < ⏎SHUT OK⏎
                > AT+CSTT="CMWAP","u","p"␍
                < ⏎OK⏎
                > AT+CIICR␍
            `)
        }
        expect(told).toBeGreaterThan(7)
        driver.play(`
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.204.70.11⏎
            > AT+CIPSGTXT=0␍
        `)
        expect(driver.modem.links.told.context).toBe(1)
        driver.play("< ⏎OK⏎")
        expect(second.state).toBe(ContextState.Open)
        expect(second.failure).toBe(Failure.None)
        expect(driver.modem.links.told.context).toBe(0)
        driver.play(". 60000").silent()
        // it is gone with the modem, and comes back with it
        driver.play(`
            < ⏎+PDP: DEACT⏎
            ${reactivate.replace(
                "> AT+CIPSHUT␍\n< ⏎SHUT OK⏎",
                "> AT+CIPSGTXT=1␍\n< ⏎OK⏎\n> AT+CIPSHUT␍\n< ⏎SHUT OK⏎\n> AT+CIPSGTXT=0␍\n< ⏎OK⏎\n> AT+CIPSHUT␍\n< ⏎SHUT OK⏎"
            )}
            > AT+CIPSGTXT=1␍
        `)
        expect(second.addressLength).toBe(0)
    })

    test.each([25, 50])(
        "that was refused is tried again at the next start, %i days later",
        days => {
            const [driver, second] = opening()
            driver.play(`
                < ⏎ERROR⏎
                > AT+CIPSGTXT=0␍
                < ⏎OK⏎
                ! stop
            `)
            expect(second.failure).toBe(Failure.ApnRefused)
            driver.now += days * 86_400_000
            driver.play(`
                ${up}
                > AT+CIPSGTXT=1␍
            `)
        }
    )

    test("that gets no answer says so", () => {
        const [driver, second] = opening()
        driver.play(`
            > AT␍
            < ⏎OK⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP STATUS⏎
            < ${[0, 1, 2, 3, 4, 5].map(i => `C: ${i},,"","","","INITIAL"⏎`).join("")}
        `)
        expect(second.failure).toBe(Failure.ApnRefused)
        expect(second.cme).toBe(-2)
        driver.play("> AT+CIPSGTXT=0␍")
    })

    test("is shut with its connections, not with those of the first", () => {
        const [driver, second] = opening()
        driver.play(`
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.204.70.11⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            ${connect}
            ! open b 2 context=1
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSTART=1,"TCP","b",2␍
            < ⏎OK⏎⏎1, CONNECT OK⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
        `)
        second.close()
        driver.play(`
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSHUT␍
            = 1 CONNECTED
            < ⏎SHUT OK⏎
            = 1 CLOSED
            = 1 failure ClosedHere
            = 0 CONNECTED
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
        `)
        expect(second.state).toBe(ContextState.Closed)
        driver.play(". 60000").silent()
    })
})

describe("sleep", () => {
    test("begins when nothing is to be done, and ends before a command", () => {
        const driver = new Driver({ receivePoll: 1_000_000 })
        const sleep = new Sleep(driver.modem, SleepMode.Dtr, 2000)
        driver.play(`
            ${bringUp}
            > AT+CSCLK=1␍
            < ⏎OK⏎
            = dtr low
        `)
        // the pump comes back then, though nothing else is due
        expect(driver.modem.pollAt(driver.now)).toBe(driver.now + 2000)
        driver.play(`
            . 1999
            = dtr low
            . 1
            = dtr high
        `)
        expect(driver.modem.pollAt(driver.now)).toBeGreaterThan(
            driver.now + 2000
        )
        expect(sleep.sleeps).toBe(1)
        driver.play(`
            ! open 116.228.221.51 8500
            = dtr low
        `)
        expect(driver.modem.pollAt(driver.now)).toBe(driver.now + 80)
        driver.play(". 79").silent()
        driver.play(`
            . 1
            > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎0, CONNECT OK⏎
            . 1999
            = dtr low
            . 1
            = dtr high
        `)
        expect(sleep.wakes).toBe(1)
        // a restart: it is told again
        driver.play(`
            < ⏎RDY⏎⏎Call Ready⏎
            = dtr low
            ${again}
            > AT+CSCLK=1␍
            < ⏎ERROR⏎
            . 4999
        `)
        driver.silent()
        driver.play("= dtr low")
        driver.play(`
            . 1
            > AT+CSCLK=1␍
            < ⏎OK⏎
            . 2000
            = dtr high
        `)
    })

    test("begins so long after the last command, too", () => {
        const driver = new Driver({ receivePoll: 1_000_000 })
        const sleep = new Sleep(driver.modem, SleepMode.Dtr, 2000)
        driver.play(`
            ${bringUp}
            > AT+CSCLK=1␍
            < ⏎OK⏎
            . 1500
            ! request AT+CSQ
            > AT+CSQ␍
            < ⏎+CSQ: 20,0⏎⏎OK⏎
            . 1999
            = dtr low
            . 1
            = dtr high
            # nobody is woken for nothing
            . 100000
            = dtr high
        `)
        expect([sleep.sleeps, sleep.wakes]).toEqual([1, 0])
    })

    test.each([
        ["DTR", SleepMode.Dtr],
        ["the UART", SleepMode.Serial],
    ])(
        "woken by %s: one that holds CTS is looked for all the same",
        (_, mode) => {
            const driver = new Driver({ flowControl: true })
            new Sleep(driver.modem, mode, 2000)
            driver.play(`
            ${bringUpWith({ flow: "2,2" })}
            > AT+CSCLK=${mode}␍
            < ⏎OK⏎
            . 10000
            ! open a 1
        `)
            // from here on nothing goes out: there is no power
            const { modem } = driver
            const end = driver.now + 60_000
            for (let turns = 0; driver.now < end && turns < 100_000; turns++) {
                modem.poll(driver.now)
                const next = modem.pollAt(driver.now)
                if (next > driver.now) driver.now = next
            }
            expect(driver.now).toBeGreaterThanOrEqual(end)
            driver.play("= failure NoAnswer")
        }
    )

    test("by the UART: a byte wakes it, if it may be asleep", () => {
        const driver = new Driver({ receivePoll: 1_000_000 })
        new Sleep(driver.modem, SleepMode.Serial, 0)
        driver.play(`
            ${bringUp}
            > AT+CSCLK=2␍
            < ⏎OK⏎
            . 3999
            ! open 116.228.221.51 8500
            > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
            < ⏎OK⏎
            < ⏎0, CONNECT OK⏎
            . 4000
            ! send 0 hello
            > ␍
        `)
        expect(driver.modem.pollAt(driver.now)).toBe(driver.now + 200)
        driver.play(". 199").silent()
        driver.play(`
            . 1
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            . 3000
            < ⏎> 
            > hello
            . 3000
            < ⏎0, SEND OK⏎
            = dtr low
            ! close 0
            > AT+CIPCLOSE=0␍
        `)
    })

    test.each([
        ["DTR", SleepMode.Dtr, "= dtr high", "= dtr low", 80],
        ["the UART", SleepMode.Serial, "= dtr low", "> ␍", 200],
    ])(
        "by %s: one that has lost its context is woken as well",
        (_, mode, sleeps, wakes, ms) => {
            const driver = new Driver()
            new Sleep(driver.modem, mode, 2000)
            driver.play(`
            ${bringUp}
            > AT+CSCLK=${mode}␍
            < ⏎OK⏎
            . 5000
            ${sleeps}
            < ⏎+PDP: DEACT⏎
            ${wakes}
            . ${ms - 1}
        `)
            driver.silent()
            driver.play(". 1\n> AT+CSQ␍")
        }
    )

    test("by the UART: one that may be asleep again is woken again", () => {
        const driver = new Driver({ receivePoll: 1_000_000 })
        new Sleep(driver.modem, SleepMode.Serial, 0)
        driver.play(`
            ${bringUp}
            > AT+CSCLK=2␍
            < ⏎OK⏎
            . 4000
            ! open 116.228.221.51 8500
            > ␍
        `)
        // the program keeps the driver from its turns
        driver.now += 5000
        driver.play(`
            . 0
            > ␍
            . 199
        `)
        driver.silent()
        driver.play(`
            . 1
            > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
        `)
    })
})
