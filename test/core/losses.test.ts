/** A modem that restarts, falls silent, or is not what it was. */
import { describe, expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import { Sleep, SleepMode } from "../../src/core/sleep"
import {
    answers,
    bringUp,
    bringUpWith,
    bytes,
    connect,
    converse,
    Driver,
    playAllCuts,
    type BringUp,
} from "./dialogue"

const again = bringUp.replace("! start", "")

describe("a restart in mid-session is noticed by", () => {
    test.each([
        ["RDY", "⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎"],
        ["+CFUN: 1", "⏎+CFUN: 1⏎"],
        ["Call Ready (real log 5)", "⏎Call Ready⏎⏎SMS Ready⏎"],
        ["+CPIN out of turn", "⏎+CPIN: READY⏎"],
        ["a SIM card that has gone", "⏎+CPIN: NOT READY⏎"],
    ])("%s", (_, line) => {
        playAllCuts(
            `
            ${connect}
            < ${line}
            = 0 CLOSED
            = 0 failure Restarted
            = failure Restarted
            ${again}
            = failure None
        `,
            {},
            bringUp
        )
    })

    test("echo that is suddenly back", () => {
        playAllCuts(
            `
            ! open 116.228.221.51 8500
            > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
            < AT+CIPSTART=0,"TCP","116.228.221.51",8500␍⏎ERROR⏎
            = 0 CLOSED
            = 0 failure Restarted
            ${again}
        `,
            {},
            bringUp
        )
    })
})

describe("if the modem has not said so far whether it is ready for calls", () => {
    const unready = bringUp.replace("< ⏎+CCALR: 1⏎⏎OK⏎", "< ⏎ERROR⏎")
    const alive = `
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","1.2.3.4","80","CONNECTED"⏎C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
        = 0 CONNECTED
    `

    test.each(["RDY", "+CFUN: 1"])("%s is a restart", line => {
        playAllCuts(
            `
            ${connect}
            < ⏎${line}⏎
            = 0 CLOSED
            = 0 failure Restarted
            ${again}
        `,
            {},
            unready
        )
    })

    test.each(["Call Ready", "+CPIN: READY"])(
        "%s is the first one, or a restart: the modem is asked",
        line => {
            new Driver().play(`
                ${unready}
                ${connect}
                < ⏎${line}⏎
                > AT+CIPSTATUS␍
                < ⏎OK⏎⏎STATE: IP INITIAL⏎
                = 0 failure Restarted
                ${again}
            `)
            new Driver().play(`
                ${unready}
                ${connect}
                < ⏎${line}⏎
                ${alive}
            `)
        }
    )

    test("the second Call Ready is a restart", () => {
        new Driver().play(`
            ${unready}
            ${connect}
            < ⏎Call Ready⏎⏎SMS Ready⏎
            ${alive}
            < ⏎Call Ready⏎
            = 0 failure Restarted
        `)
    })

    test("what comes before the network is of the start that is watched", () => {
        const [before, after] = unready.split("> AT+CSQ␍")
        const driver = new Driver().play(`
            ${before}
            > AT+CSQ␍
            < ⏎RDY⏎⏎+CFUN: 1⏎⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
            ${after}
        `)
        expect(driver.modem.bearer.restarts).toBe(0)
    })
})

test("a restart aborts the command in flight at once (real log 5)", () => {
    const driver = new Driver().play(
        bringUp.replace(/> AT\+CIICR[^]*/, "> AT+CIICR␍")
    )
    const before = driver.now
    driver.play(`
        < ⏎Call Ready⏎⏎SMS Ready⏎
        = failure Restarted
        ${again}
    `)
    expect(driver.now - before).toBeLessThan(3000)
    expect(driver.modem.bearer.restarts).toBe(1)
})

test("a connection that waits for its turn is opened behind a restart", () => {
    new Driver().play(`
        ${bringUp}
        ! open a 1 local=2020
        > AT+CLPORT=0,"TCP",2020␍
        < ⏎RDY⏎
        = failure Restarted
        = 0 CONNECTING
        ${again}
        > AT+CLPORT=0,"TCP",2020␍
        < ⏎OK⏎
        > AT+CIPSTART=0,"TCP","a",1␍
    `)
})

test("what a restart has the modem forget it is told again", () => {
    const told = `
        ! open a 443 tls local=2020
        > AT+CLPORT=0,"TCP",2020␍
        < ⏎OK⏎
        > AT+SSLOPT=0,1␍
        < ⏎OK⏎
        > AT+SSLOPT=1,0␍
        < ⏎OK⏎
        > AT+CIPSSL=1␍
        < ⏎OK⏎
        > AT+CIPSTART=0,"TCP","a",443␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
        = 0 CONNECTED
        ! udp b 7 local=8888 extended
        > AT+CLPORT=1,"UDP",8888␍
        < ⏎OK⏎
        > AT+CIPSRIP=1␍
        < ⏎OK⏎
        > AT+CIPUDPMODE=1,1␍
        < ⏎OK⏎
        > AT+CIPSTART=1,"UDP","b",7␍
        < ⏎OK⏎⏎1, CONNECT OK⏎
        = 1 CONNECTED
    `
    new Driver().play(`
        ${bringUp}
        ${told}
        < ⏎RDY⏎
        = 0 failure Restarted
        = 1 failure Restarted
        ! close 0
        ! close 1
        ${again}
        ${told}
    `)
})

test.each([
    ["a restart", "< ⏎RDY⏎", "SendUnknown"],
    ["a lost context", "< ⏎+PDP: DEACT⏎", "SendUnknown"],
    ["stop()", "! stop", "SendUnknown"],
    // then the modem answers SEND FAIL
    ["CLOSED", "< ⏎0, CLOSED⏎", "ClosedByPeer"],
])(
    "%s between AT+CIPSEND and its prompt: what comes next may be data",
    (_, what, failure) => {
        const driver = new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
        `)
        if (what === "! stop") driver.modem.stop()
        else driver.play(what)
        driver.play(`= 0 sending Failed ${failure}\n= 0 sent 0`)
    }
)

test("a restart in the middle of sending: nobody knows", () => {
    playAllCuts(
        `
        ${connect}
        ! send 0 hello
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
        > AT+CIPSEND=0,5␍
        < ⏎> 
        > hello
        < ⏎RDY⏎
        = 0 sending Failed SendUnknown
        ${again}
    `,
        {},
        bringUp
    )
})

test("a restart in the middle of a payload", () => {
    new Driver().play(`
        ${bringUp}
        ${connect}
        < ⏎+CIPRXGET: 1,0⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎+CIPRXGET: 2,0,20,0⏎HELLO
        # what comes is counted as payload, until AT has no answer
        < ⏎RDY⏎
        . 5001
        = 0 failure ReceiveTorn
        > AT␍
        < AT␍⏎OK⏎
        . 500
        > AT␍
        < AT␍⏎OK⏎
        = failure Restarted
        > AT␍
        < AT␍⏎OK⏎
        > ATE0␍
    `)
})

test("a PIN that is asked for again after a restart is given again (real log 6)", () => {
    const driver = new Driver({ pin: "1111" })
    const upToPin = `
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
        > AT+CPIN?␍
        < ⏎+CPIN: SIM PIN⏎⏎OK⏎
        > AT+SPIC␍
        < ⏎+SPIC: 3,10,0,10⏎⏎OK⏎
        > AT+SPIC␍
        < ⏎+SPIC: 3,10,0,10⏎⏎OK⏎
        > AT+CPIN="1111"␍
        < ⏎OK⏎
        < ⏎+CPIN: READY⏎⏎Call Ready⏎⏎SMS Ready⏎
    `
    driver.play(`
        ! start
        ${upToPin}
        > AT+CPIN?␍
        < ⏎+CPIN: READY⏎⏎OK⏎
        > AT+CCALR?␍
        < ⏎+CCALR: 1⏎⏎OK⏎
        > AT+CSQ␍
        < AT+CSQ␍⏎+CSQ: 10,0⏎⏎OK⏎
        ${upToPin}
    `)
    expect(driver.modem.bearer.restarts).toBe(1)
})

test.each([
    ["by its command", false],
    ["by its pin", true],
])(
    "a reset that the application wants, %s, ends the sockets",
    (_, resetPin) => {
        const driver = new Driver({ resetPin }).play(`
        ${bringUp}
        ${connect}
    `)
        driver.modem.wishes.reset = true
        if (!resetPin)
            driver.play(`
            > AT+CFUN=1,1␍
            < ⏎OK⏎
        `)
        driver.play(`
        . 1
        = 0 CLOSED
        = 0 failure ClosedHere
        . 2999
        ${again}
        = failure None
    `)
        expect(driver.modem.bearer.resets).toBe(1)
        expect(driver.modem.uart.resetWanted).toBe(resetPin)
    }
)

test("a power-down is a failure of its own", () => {
    new Driver().play(`
        ${bringUp}
        ${connect}
        < ⏎UNDER-VOLTAGE WARNNING⏎
        = 0 CONNECTED
        < ⏎UNDER-VOLTAGE POWER DOWN⏎
        = 0 failure PoweredDown
        = failure PoweredDown
        . 4999
        > AT␍
    `)
})

describe("a modem that falls silent", () => {
    test("for a while keeps its connections", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            . 1999
            > AT+CIPRXGET=4,0␍
            . 5001
            > AT␍
            > AT␍
            > AT␍
            < ⏎OK⏎
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","1.2.3.4","80","CONNECTED"⏎C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
            = 0 CONNECTED
            = phase Ready
        `)
    })

    test("for good: connections die, the search goes on", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${connect}
            . 1999
            > AT+CIPRXGET=4,0␍
            . 60000
            = 0 CLOSED
            = 0 failure NoAnswer
            = failure NoAnswer
        `)
        expect(driver.modem.channel.timeouts).toBeGreaterThan(10)
    })
})

describe("a modem of which nothing has been heard for ten minutes is asked", () => {
    /** A driver that does not poll for data, with what is to go on. */
    function push(what: string, differs: BringUp = {}): Driver {
        const { single = false, transparent } = differs
        return new Driver({
            reception: Reception.Push,
            flowControl: true,
            multi: !single && !transparent,
            transparent: !!transparent,
            dtr: transparent === "DTR",
        })
            .play(bringUpWith({ flow: "2,2", reception: "0", ...differs }))
            .play(what)
    }
    const free = [1, 2, 3, 4, 5]
        .map(i => `C: ${i},,"","","","INITIAL"⏎`)
        .join("")
    const says = (state: string, link: string, server = "") =>
        `< ⏎OK⏎⏎STATE: ${state}⏎⏎${server}C: 0,0,"TCP","1.2.3.4","80","${link}"⏎${free}`
    const listen = `
        ! listen 1234
        > AT+CIPSERVER=1,1234␍
        < ⏎OK⏎⏎SERVER OK⏎
    `
    const listens = says(
        "IP PROCESSING",
        "CLOSED",
        'S: 0,0,"1234","LISTENING"⏎'
    )

    test("while data may be pushed; if it lives, nothing happens", () => {
        const driver = push(connect).play(". 599999").silent()
        for (let i = 0; i < 3; i++)
            driver
                .play(
                    `
                . 1
                > AT+CIPSTATUS␍
                ${says("IP PROCESSING", "CONNECTED")}
                = 0 CONNECTED
                . 599999
            `
                )
                .silent()
    })

    test("single connection", () => {
        push(
            `
            ! open a 1
            > AT+CIPSTART="TCP","a",1␍
            < ⏎OK⏎⏎CONNECT OK⏎
            . 600000
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
            = 0 CONNECTED
            . 599999
        `,
            { single: true }
        ).silent()
    })

    test("bare data", () => {
        new Driver({
            reception: Reception.Plain,
            flowControl: true,
            multi: false,
        })
            .play(
                `
            ${bringUpWith({ plain: true, flow: "2,2", reception: "0" })}
            ! open a 1
            > AT+CIPSTART="TCP","a",1␍
            < ⏎OK⏎⏎CONNECT OK⏎
            . 400000
            < hello
            . 599999
        `
            )
            .silent()
            .play(
                `
            . 1
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: CONNECT OK⏎
            . 200
            = 0 CONNECTED
            = 0 received hello
        `
            )
    })

    test("while somebody may come to the server", () => {
        push(`
            ${listen}
            . 599999
        `)
            .silent()
            .play(
                `
                . 1
                > AT+CIPSTATUS␍
                ${listens}
                = server Listening
                . 599999
            `
            )
            .silent()
    })

    test("not if a line has come, or a payload", () => {
        push(`
            ${connect}
            . 400000
            < ⏎RING⏎
            . 400000
            < ⏎+RECEIVE,0,5:⏎hello
            . 400000
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            . 200
            < ⏎0, SEND OK⏎
            = 0 sending Done
            . 599999
        `).silent()
    })

    test("noise is no sign of life", () => {
        push(`
            ${connect}
            . 400000
            < \\xf8\\x00⏎
            . 199999
        `)
            .silent()
            .play(
                `
                . 1
                > AT+CIPSTATUS␍
            `
            )
    })

    test.each(["\\xff", "␚", "␀", "?", "U", "A", ">", "> ", "OK", "0, "])(
        "noise in a pause (%s) hides no notice behind it",
        noise => {
            for (const count of [1, 2, 41]) {
                const driver = new Driver().play(bringUp).play(connect)
                driver.feed(bytes(noise.repeat(count)))
                driver.play(`
                    . 300
                    < ⏎+CIPRXGET: 1,0⏎
                    > AT+CIPRXGET=2,0,1460␍
                    < ⏎+CIPRXGET: 2,0,5,0⏎hello⏎OK⏎
                    = 0 received hello
                `)
            }
        }
    )

    test("not while nobody waits for anything", () => {
        push(". 86400000").silent()
    })

    test("not in data mode", () => {
        push(
            `
            ! open h 1
            > AT+CIPSTART="TCP","h",1␍
            < ⏎OK⏎
            ! dcd low
            < ⏎CONNECT⏎
            . 86400000
            = data Data
        `,
            { transparent: "+++" }
        ).silent()
    })

    test("it is dead: connections learn it, and it is looked for", () => {
        const driver = push(`
            ${connect}
            . 630000
            = 0 CLOSED
            = 0 failure NoAnswer
            = failure NoAnswer
        `)
        expect(driver.modem.channel.timeouts).toBeGreaterThan(3)
    })

    test("a mangled CLOSED is found out", () => {
        push(`
            ${connect}
            < ⏎0, CLO\\x00D⏎
            . 600000
            > AT+CIPSTATUS␍
            ${says("IP STATUS", "CLOSED")}
            = 0 CLOSED
            = 0 failure ClosedByPeer
        `)
    })

    test("a restart without a word is found out: the server listens again", () => {
        const all = bringUpWith({ flow: "2,2", reception: "0" })
        push(`
            ${listen}
            . 600000
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP INITIAL⏎⏎C: 0,,"","","","INITIAL"⏎${free}
            = failure Restarted
            ${all.replace("! start", "").replace("= state IP STATUS", "")}
            > AT+CIPSERVER=1,1234␍
        `)
    })

    test("one that sleeps is woken for it, and for nothing else", () => {
        const driver = new Driver()
        const sleep = new Sleep(driver.modem, SleepMode.Dtr, 2000)
        driver.play(`
            ${bringUp}
            > AT+CSCLK=1␍
            < ⏎OK⏎
            ${listen}
        `)
        for (let i = 0; i < 5; i++)
            driver.play(`
                . 2000
                = dtr high
                . 597999
                = dtr high
                . 1
                = dtr low
                . 80
                > AT+CIPSTATUS␍
                ${listens}
            `)
        expect(sleep.wakes).toBe(5)
    })
})

test("a dead link that counts as CONNECTED for days is bounded (real log 11)", () => {
    const driver = new Driver().play(`
        ${bringUp}
        ${connect}
    `)
    // the status is only what the modem believes: nothing is concluded from it
    const hours = 30
    for (let i = 0; i < (hours * 3600) / 2; i++) {
        driver.wait(2000)
        driver.play(`
            > AT+CIPRXGET=4,0␍
            < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
        `)
    }
    driver.play("= 0 CONNECTED").silent()
    expect(driver.modem.channel.timeouts).toBe(0)
})

test("an answer in two reads, or a hundred (real log 2)", () => {
    const driver = new Driver({}, { every: 1 }).play(bringUp)
    driver.play("= phase Ready")
})

test("URCs that nobody knows are passed on, and nothing else happens", () => {
    const driver = playAllCuts(
        `
        < ⏎RING⏎⏎+CLIP: "+123",145,"",0,"",0⏎⏎*PSUTTZ: 2020,12,16,18,3,45,"+4",0⏎
        < ⏎DST: 0⏎⏎+CREG: 2⏎⏎+CMTE: 1⏎⏎OVER-VOLTAGE WARNNING⏎
    `,
        {},
        bringUp
    )
    expect(driver.log.filter(line => line.startsWith("urc"))).toEqual([
        "urc RING",
        'urc +CLIP: "+123",145,"",0,"",0',
        'urc *PSUTTZ: 2020,12,16,18,3,45,"+4",0',
        "urc DST: 0",
        "urc +CREG: 2",
        "urc +CMTE: 1",
        "urc OVER-VOLTAGE WARNNING",
    ])
})

test("answers that nobody has asked for are counted and dropped", () => {
    const driver = new Driver().play(`
        ${bringUp}
        ${connect}
        < ⏎OK⏎⏎ERROR⏎⏎SHUT OK⏎⏎3, SEND OK⏎⏎DATA ACCEPT:4,5⏎⏎10.0.0.1⏎
        = 0 CONNECTED
        = address 10.78.245.128
    `)
    expect(driver.modem.channel.strays).toBe(6)
})

test("a digit of the length is lost, and the data have a line end just there: the rest is no line", () => {
    new Driver().play(bringUp).play(connect).play(`
        < ⏎+CIPRXGET: 1,0⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎+CIPRXGET: 2,0,1,0⏎x⏎the rest⏎0, CLOSED⏎⏎RDY⏎⏎OK⏎
        = 0 failure ReceiveTorn
        > AT␍
    `)
})

describe("a result that was damaged is not waited for as long as a result may take", () => {
    const status = (state: string): string =>
        "< ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎" +
        [0, 1, 2, 3, 4, 5]
            .map(id => `C: ${id},0,"TCP","a","1","${id ? "INITIAL" : state}"⏎`)
            .join("")

    test.each([
        ["AT+CIPSHUT", "⏎SH\\xffT OK⏎"],
        ["AT+CIPSHUT", "⏎SHUT OK␍"],
        ["AT+CIICR", "⏎O\\xff⏎"],
        ["AT+CIICR", "⏎OK␍\\x1a"],
        ["AT+CGATT=1", "⏎K⏎"],
    ])("%s: %s", (command, answer) => {
        const driver = new Driver()
        const healthy = answers({})
        let attached = false
        let damaged = false
        driver.modem.start(driver.now)
        converse(driver, 25_000, said => {
            if (said === "AT+CGATT?" && command === "AT+CGATT=1" && !attached)
                return "⏎+CGATT: 0⏎⏎OK⏎"
            if (said !== command || damaged) return healthy(said)
            damaged = attached = true
            return answer
        })
        expect(damaged).toBe(true)
        driver.play("= phase Ready")
    })

    test("CONNECT OK: AT+CIPSTATUS tells", () => {
        new Driver().play(bringUp).play(`
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, CONN\\xffCT OK⏎
            > AT+CIPSTATUS␍
            ${status("CONNECTED")}
            = 0 CONNECTED
        `)
    })

    test("CONNECT OK without its line end", () => {
        new Driver().play(bringUp).play(`
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎0, CONNECT OK␍
            . 4999
            . 1
            > AT+CIPSTATUS␍
            ${status("CONNECTED")}
            = 0 CONNECTED
        `)
    })

    test.each([
        "+CI@RXGET: 1,0",
        "CIPRXGET: 1,0",
        "+CIPRXGT: 1,0",
        "+CIPRXGET 1,0",
        "+C\\xffPRXGET: 1,0",
    ])("%s, which has announced data: they are asked for", line => {
        new Driver()
            .play(bringUp)
            .play(connect)
            .play(
                `
                < ⏎${line}⏎
                > AT+CIPRXGET=4,0␍
                < ⏎0, CLOSED⏎⏎+CIPRXGET: 4,0,5⏎⏎OK⏎
                > AT+CIPRXGET=2,0,1460␍
                # it was busy, and has not said what became of the data
                < ⏎ERROR⏎
                = 0 failure ReceiveTorn
            `
            )
    })

    test("a URC that nobody knows changes nothing", () => {
        new Driver()
            .play(bringUp)
            .play(
                `
            ! open a 1
            > AT+CIPSTART=0,"TCP","a",1␍
            < ⏎OK⏎⏎+CIEV: 10,"26003","x","x", 0, 0⏎⏎*PSNWID: "262"⏎
            . 60000
            = 0 CONNECTING
        `
            )
            .silent()
    })
})

describe.each(["ALARM RING", "MO RING", "MO CONNECTED", "CHARGE-ONLY MODE"])(
    "%s, which has no sign in front, changes nothing",
    notice => {
        test("a context may still take its time", () => {
            const driver = new Driver()
            const before = bringUp.slice(0, bringUp.indexOf("> AT+CIICR"))
            driver.play(before).play(`
                > AT+CIICR␍
                < ⏎${notice}⏎
                . 80000
                < ⏎OK⏎
                > AT+CIFSR␍
                < ⏎10.78.245.128⏎
                = phase Ready
            `)
        })

        test("between data and their OK", () => {
            new Driver()
                .play(bringUp)
                .play(connect)
                .play(
                    `
                    < ⏎+CIPRXGET: 1,0⏎
                    > AT+CIPRXGET=2,0,1460␍
                    < ⏎+CIPRXGET: 2,0,5,0⏎hello⏎${notice}⏎⏎OK⏎
                    = 0 received hello
                    = 0 CONNECTED
                `
                )
                .silent()
        })

        test("while CONNECT OK is due", () => {
            new Driver()
                .play(bringUp)
                .play(
                    `
                    ! open a 1
                    > AT+CIPSTART=0,"TCP","a",1␍
                    < ⏎OK⏎⏎${notice}⏎
                    . 60000
                    = 0 CONNECTING
                `
                )
                .silent()
        })
    }
)

test("half a line, then silence, while a connection is on its way: it does not spin", () => {
    const driver = new Driver().play(bringUp).play(`
        ${connect}
        ! open b 2
        > AT+CIPSTART=1,"TCP","b",2␍
        < ⏎OK⏎
        ! request AT+CSQ
        > AT+CSQ␍
        < ⏎O
        > AT␍
    `)
    const polls = driver.polls
    driver.wait(4000)
    expect(driver.polls - polls).toBeLessThan(40)
})

describe("the peer has closed, and the modem holds data that are not fetched: the end is not clean", () => {
    test.each([
        ["the context is lost", "⏎+PDP: DEACT⏎", "PdpDeactivated"],
        ["a restart", "⏎RDY⏎⏎+CFUN: 1⏎", "Restarted"],
    ])("%s", (_, said, failure) => {
        new Driver({ receiveBuffer: 64 }).play(bringUp).play(`
            ${connect}
            ! keep 0
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,64␍
            < ⏎+CIPRXGET: 2,0,64,36⏎${"a".repeat(64)}⏎OK⏎
            < ⏎0, CLOSED⏎
            < ${said}
            = 0 failure ${failure}
        `)
    })
})

test("a torn header: the peer's data behind it are not obeyed, and the end is not clean", () => {
    new Driver().play(bringUp).play(`
        ${connect}
        < ⏎+CIPRXGET: 1,0⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎+CIRXGET: 2,0,39,0⏎hello⏎0, CLOSED⏎more⏎ERROR⏎the rest⏎OK⏎
        > AT␍
        < ⏎OK⏎
        = 0 failure ReceiveTorn
        = 0 received
    `)
})

test.each(["\\xff", "\\x1a", "\\x00", "?", "A", "> ", "OK", "0, "])(
    "noise in front of what the modem says: %s",
    noise => {
        for (const n of [1, 2, 9, 40])
            new Driver().play(bringUp).play(`
                ${connect}
                ! keep 0
                < ${noise.repeat(n)}
                . 500
                < ⏎+CIPRXGET: 1,0⏎
                > AT+CIPRXGET=2,0,
            `)
    }
)

test("AT+CIPSTATUS with a line that is missing is not believed: its end may be another one's", () => {
    new Driver().play(`
        ${bringUp}
        ! open a 1
        > AT+CIPSTART=0,"TCP","a",1␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
        # AT+CIPRXGET has no answer
        . 2000
        > AT+CIPRXGET=4,0␍
        . 5000
        > AT␍
        < ⏎OK⏎
        . 150
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TC
        # 40 bytes are lost
        < P","1.2.3.4","80","CLOSED"⏎C: 2,,"","","","INITIAL"⏎C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
        = 0 CONNECTED
        > AT␍
    `)
})

test("a reader that is too slow, while a command waits for its answer: the rest of its data is no line", () => {
    new Driver({ reception: Reception.Push, receiveBuffer: 64 }).play(`
        ${bringUpWith({ reception: "0" })}
        ${connect}
        ! keep 0
        ! open b 2
        > AT+CIPSTART=1,"TCP","b",2␍
        < ⏎OK⏎⏎1, CONNECT OK⏎
        ! send 1 hello
        > AT+CIPSEND?␍
        < ⏎+RECEIVE,0,107:⏎${"x".repeat(100)}⏎R
        . 10000
        = 0 failure ReceiveOverrun
        = 1 CONNECTED
        < DY⏎⏎+CIPSEND: 1,1460⏎⏎OK⏎
        = phase Ready
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        > AT+CIPSEND=1,5␍
    `)
})
