/** TLS: AT+CIPSSL and AT+SSLOPT in front of AT+CIPSTART. */
import { describe, expect, test } from "vitest"
import { Certificates } from "../../src/core/certificates"
import { Failure, describe as describeFailure } from "../../src/core/errors"
import {
    bringUp,
    bringUpWith,
    connect,
    Driver,
    playAllCuts,
    reactivate,
} from "./dialogue"

const secure = `
    ! open a 443 tls verify
    > AT+SSLOPT=0,0␍
    < ⏎OK⏎
    > AT+SSLOPT=1,0␍
    < ⏎OK⏎
    > AT+CIPSSL=1␍
    < ⏎OK⏎
    > AT+CIPSTART=0,"TCP","a",443␍
    < ⏎OK⏎⏎0, CONNECT OK⏎
    = 0 CONNECTED
`

test("what has been set is not set again, and a plain connection is plain", () => {
    playAllCuts(
        `
        ${secure}
        ! open b 443 tls verify
        > AT+CIPSTART=1,"TCP","b",443␍
        < ⏎OK⏎⏎1, CONNECT OK⏎
        ! open c 80
        > AT+CIPSSL=0␍
        < ⏎OK⏎
        > AT+CIPSTART=2,"TCP","c",80␍
        < ⏎OK⏎⏎2, CONNECT OK⏎
        ! open d 443 tls authenticate
        > AT+SSLOPT=0,1␍
        < ⏎OK⏎
        > AT+SSLOPT=1,1␍
        < ⏎OK⏎
        > AT+CIPSSL=1␍
        < ⏎OK⏎
        > AT+CIPSTART=3,"TCP","d",443␍
        < ⏎OK⏎⏎3, CONNECT OK⏎
        # what is sent in datagrams has no TLS
        ! udp e 9600
        > AT+CIPSTART=4,"UDP","e",9600␍
        < ⏎OK⏎⏎4, CONNECT OK⏎
        = 4 CONNECTED
    `,
        {},
        bringUp
    )
})

describe("AT+CIPSSL gets no answer", () => {
    const unanswered = `
        ${secure.slice(0, secure.indexOf("< ⏎OK⏎\n    > AT+CIPSTART"))}
        . 5001
        > AT␍
        < ⏎OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP STATUS⏎
        < ${[0, 1, 2, 3, 4, 5].map(i => `C: ${i},,"","","","INITIAL"⏎`).join("")}
    `

    test("it is given again, and what goes with it", () => {
        new Driver().play(`
            ${bringUp}
            ${unanswered}
            > AT+SSLOPT=0,0␍
            < ⏎OK⏎
            > AT+SSLOPT=1,0␍
            < ⏎OK⏎
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","a",443␍
        `)
    })

    test("what it is now is not known; a module that knows no TLS uses none", () => {
        new Driver().play(`
            ${bringUp}
            ${unanswered.replace(". 5001", "! close 0\n. 5001")}
            ! open b 80
            > AT+CIPSSL=0␍
            < ⏎ERROR⏎
            > AT+CIPSTART=0,"TCP","b",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            ! open c 80
            > AT+CIPSTART=1,"TCP","c",80␍
        `)
    })
})

test("a single connection", () => {
    new Driver({ multi: false }).play(`
        ${bringUpWith({ single: true })}
        ! open a 443 tls
        > AT+SSLOPT=0,1␍
        < ⏎OK⏎
        > AT+SSLOPT=1,0␍
        < ⏎OK⏎
        > AT+CIPSSL=1␍
        < ⏎OK⏎
        > AT+CIPSTART="TCP","a",443␍
        < ⏎OK⏎⏎CLOSE OK⏎
        = 0 failure TlsRefused
    `)
})

test("two fibers that want different things do not undo each other's settings", () => {
    new Driver().play(`
        ! start
        ! open plain 80
        ! open secret 443 tls verify
        ! open plain2 80
        ${bringUp.replace("! start", "").replace("= state IP STATUS", "")}
        > AT+SSLOPT=0,0␍
        < ⏎OK⏎
        > AT+SSLOPT=1,0␍
        < ⏎OK⏎
        > AT+CIPSSL=1␍
        < ⏎OK⏎
        > AT+CIPSTART=1,"TCP","secret",443␍
        < ⏎OK⏎⏎1, CONNECT OK⏎
        > AT+CIPSSL=0␍
        < ⏎OK⏎
        > AT+CIPSTART=2,"TCP","plain2",80␍
        < ⏎OK⏎⏎2, CONNECT OK⏎
        > AT+CIPSTART=0,"TCP","plain",80␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
        = 1 CONNECTED
        = 2 CONNECTED
    `)
})

describe("AT+SSLOPT, while the handshake of another connection runs", () => {
    const handshake = `
        ${bringUp}
        ${secure.replace("⏎0, CONNECT OK⏎", "").replace("= 0 CONNECTED", "")}
        ! open b 443 tls
    `
    const others = `
        # what has the same settings, or none, goes on
        ! open c 443 tls verify
        > AT+CIPSTART=2,"TCP","c",443␍
        < ⏎OK⏎⏎2, CONNECT OK⏎
        ! open d 80
        > AT+CIPSSL=0␍
        < ⏎OK⏎
        > AT+CIPSTART=3,"TCP","d",80␍
        < ⏎OK⏎⏎3, CONNECT OK⏎
    `
    const on = `
        > AT+CIPSSL=1␍
        < ⏎OK⏎
    `
    const other = (tls: string): string => `
        > AT+SSLOPT=0,1␍
        < ⏎OK⏎
        ${tls}
        > AT+CIPSTART=1,"TCP","b",443␍
        < ⏎OK⏎
    `

    test.each(["0, CONNECT OK", "0, CONNECT FAIL", "0, CLOSE OK"])(
        "waits for its result: %s",
        said => {
            new Driver().play(`
                ${handshake}
                ${others}
                . 1000
                < ⏎${said}⏎
                ${other(on)}
            `)
        }
    )

    test("… or until it is given up", () => {
        new Driver().play(`
            ${handshake}
            . 80001
            = 0 failure ConnectTimeout
            ${other("")}
            > AT+CIPCLOSE=0␍
        `)
        new Driver().play(`
            ${handshake}
            ! close 0
            ${other("")}
            > AT+CIPCLOSE=0␍
        `)
    })

    test("keeps no second context selected, and nobody else waiting", () => {
        new Driver({ secondContext: true }).play(`
            ! second
            ${bringUpWith({ second: true })}
            ! second CMWAP
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSHUT␍
            < ⏎SHUT OK⏎
            > AT+CSTT="CMWAP","",""␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.0.0.5⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            ${secure.replace("⏎0, CONNECT OK⏎", "").replace("= 0 CONNECTED", "")}
            ! open b 443 tls context=1
            ! open c 80 context=1
            > AT+CIPSGTXT=1␍
            < ⏎OK⏎
            > AT+CIPSSL=0␍
            < ⏎OK⏎
            > AT+CIPSTART=2,"TCP","c",80␍
            < ⏎OK⏎⏎2, CONNECT OK⏎
            > AT+CIPSGTXT=0␍
            < ⏎OK⏎
            ! request AT+CSQ
            > AT+CSQ␍
        `)
    })
})

describe("ERROR that is another command's: what is set is not known", () => {
    test("a handshake fails while it is closed: AT+CIPCLOSE has two answers", () => {
        const status = `⏎OK⏎⏎STATE: IP STATUS⏎⏎${[0, 1, 2, 3, 4, 5].map(i => `C: ${i},,"","","","INITIAL"⏎`).join("")}`
        new Driver().play(`
            ${bringUp}
            ${secure.replace("⏎0, CONNECT OK⏎", "").replace("= 0 CONNECTED", "")}
            ! close 0
            > AT+CIPCLOSE=0␍
            ! open b 443 tls
            < ⏎0, CLOSE OK⏎
            # nothing that matters meets the second one
            > AT+CIPSTATUS␍
            < ⏎ERROR⏎
            > AT␍
            < ${status}⏎OK⏎
            . 300
            > AT+CIPSTATUS␍
            < ${status}
            > AT+SSLOPT=0,1␍
        `)
    })

    test("AT+SSLOPT", () => {
        new Driver().play(`
            ${bringUp}
            ${secure}
            ! open b 443 tls
            > AT+SSLOPT=0,1␍
            < ⏎ERROR⏎
            = 1 failure SetupRefused
            ! close 1
            ! open c 443 tls verify
            > AT+SSLOPT=0,0␍
            < ⏎OK⏎
            > AT+SSLOPT=1,0␍
            < ⏎OK⏎
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART=1,"TCP","c",443␍
        `)
    })

    test("AT+CIPSSL: a plain connection does not go on with TLS that it knows to be on", () => {
        new Driver().play(`
            ${bringUp}
            ${secure}
            ! open b 80
            > AT+CIPSSL=0␍
            < ⏎ERROR⏎
            = 1 failure SetupRefused
            ! close 1
            ! open c 80
            > AT+CIPSSL=0␍
            < ⏎OK⏎
            > AT+CIPSTART=1,"TCP","c",80␍
        `)
    })

    test("AT+CIPSGTXT", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 1 context=1
            > AT+CIPSGTXT=1␍
            < ⏎ERROR⏎
            = 0 failure SetupRefused
            ! open b 2
            > AT+CIPSGTXT=0␍
            < ⏎ERROR⏎
            > AT+CIPSTART=1,"TCP","b",2␍
        `)
    })
})

describe("a single connection: one that has restarted in silence takes AT+CIPSTART", () => {
    const told = `
        > AT+SSLOPT=0,0␍
        < ⏎OK⏎
        > AT+SSLOPT=1,0␍
        < ⏎OK⏎
        > AT+CIPSSL=1␍
        < ⏎OK⏎
    `
    const start = `
        > AT+CIPSTART="TCP","a",443␍
        < ⏎OK⏎⏎CONNECT OK⏎
        = 0 CONNECTED
    `
    const closed = `
        ! close 0
        > AT+CIPCLOSE␍
        < ⏎CLOSE OK⏎
    `
    test.each([{ lazy: false }, { lazy: true }])(
        "%o: all is told anew in front of it",
        ({ lazy }) => {
            new Driver({ multi: false, lazy }).play(`
                ${bringUpWith({ single: true, lazy })}
                ! open a 443 tls verify
                ${told}${start}${closed}
                # it can not have restarted within a second
                . 1000
                ! open a 443 tls verify
                ${start}${closed}
                . 2001
                ! open a 443 tls verify
                ${told}${start}${closed}
                # behind 49.7 days as well
                . ${2 ** 31}
                ! open a 443 tls verify
                ${told}${start}
            `)
        }
    )

    test("a command that comes in between takes its time", () => {
        new Driver({ multi: false }).play(`
            ${bringUpWith({ single: true })}
            ! request AT
            > AT␍
            < ⏎OK⏎
            ! open a 443 tls verify
            > AT+SSLOPT=0,0␍
            < ⏎OK⏎
            > AT+SSLOPT=1,0␍
            ! request AT+COPS=?
            < ⏎OK⏎
            > AT+COPS=?␍
            . 4000
            < ⏎OK⏎
            ${told}${start}
        `)
    })
})

describe("certificates in files of the modem", () => {
    const ROOT = 'AT+SSLSETROOT="C:\\ROOT.CRT",783'
    const CLIENT = 'AT+SSLSETCERT="C:\\ID.P12","secret"'

    function driver(client: string, root: string): Driver {
        const driver = new Driver()
        const certificates = new Certificates(driver.modem)
        certificates.client = client
        certificates.root = root
        return driver
    }

    test("are set before anything is connected, whatever comes of it, and again", () => {
        driver(CLIENT, ROOT).play(`
            ! start
            ! open a 443 tls verify
            ${bringUp.replace("! start", "").replace("= state IP STATUS", "")}
            > ${CLIENT}␍
            < ⏎OK⏎⏎+SSLSETCERT: 0⏎
            > ${ROOT}␍
            < ⏎ERROR⏎
            > AT+SSLOPT=0,0␍
            < ⏎OK⏎
            > AT+SSLOPT=1,0␍
            < ⏎OK⏎
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","a",443␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            < ⏎+PDP: DEACT⏎
            ${reactivate}
            > ${CLIENT}␍
            < ⏎OK⏎⏎+SSLSETCERT: 0⏎
            > ${ROOT}␍
            < ⏎OK⏎
        `)
    })

    test("a root alone; and none", () => {
        driver("", ROOT).play(`
            ${bringUp}
            > ${ROOT}␍
            < ⏎OK⏎
            ${connect}
        `)
        driver("", "").play(bringUp + connect)
    })
})

describe("what goes wrong", () => {
    test.each(["CLOSE OK", "CLOSED"])(
        "0, %s instead of 0, CONNECT OK",
        said => {
            new Driver().play(`
            ${bringUp}
            ${secure.replace("0, CONNECT OK", `0, ${said}`).replace("= 0 CONNECTED", "")}
            = 0 CLOSED
            = 0 failure TlsRefused
            # the network is not to blame: nothing is built up anew
            ! close 0
            . 10000
            ! open a 443 tls verify
            > AT+CIPSTART=0,"TCP","a",443␍
            < ⏎OK⏎⏎0, ${said}⏎
            ! close 0
            . 10000
            ! open a 443 tls verify
            > AT+CIPSTART=0,"TCP","a",443␍
            < ⏎OK⏎⏎0, ${said}⏎
            ! close 0
            . 10000
            ! open a 443 tls verify
            > AT+CIPSTART=0,"TCP","a",443␍
            < ⏎OK⏎⏎0, ${said}⏎
            = phase Ready
        `)
        }
    )

    test("nobody there", () => {
        new Driver().play(`
            ${bringUp}
            ${secure.replace("0, CONNECT OK", "0, CONNECT FAIL").replace("= 0 CONNECTED", "")}
            = 0 failure ConnectFailed
        `)
    })

    test("firmware without TLS: plain connections work all the same", () => {
        const unsecured = connect.replace(
            "> AT+CIPSTART",
            "> AT+CIPSSL=0␍\n< ⏎+CME ERROR: 100⏎\n> AT+CIPSTART"
        )
        new Driver().play(`
            ${bringUp.replace(/(AT\+CIPSSL=0␍\n<) ⏎OK⏎/, "$1 ⏎ERROR⏎")}
            ! open a 443 tls
            > AT+SSLOPT=0,1␍
            < ⏎ERROR⏎
            = 0 CLOSED
            = 0 failure SetupRefused
            ! close 0
            ${unsecured}
        `)
        new Driver().play(`
            ${bringUp}
            ! open a 443 tls
            > AT+SSLOPT=0,1␍
            < ⏎OK⏎
            > AT+SSLOPT=1,0␍
            < ⏎OK⏎
            > AT+CIPSSL=1␍
            < ⏎+CME ERROR: 100⏎
            = 0 failure SetupRefused
            ! close 0
            ${unsecured}
        `)
    })

    test("no answer to AT+CIPSSL=1: a plain connection makes sure that it is off", () => {
        new Driver().play(`
            ${bringUp}
            ! open a 443 tls verify
            > AT+SSLOPT=0,0␍
            < ⏎OK⏎
            > AT+SSLOPT=1,0␍
            < ⏎OK⏎
            > AT+CIPSSL=1␍
            . 5000
            > AT␍
            < ⏎OK⏎
            ! close 0
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP STATUS⏎⏎C: 0,,"","","","INITIAL"⏎C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎
            < C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
            ! open b 80
            > AT+CIPSSL=0␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","b",80␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            = 0 CONNECTED
        `)
    })

    test("a lost context: everything is set again as it is needed", () => {
        new Driver().play(`
            ${bringUp}
            ${secure}
            < ⏎+PDP: DEACT⏎
            ${reactivate}
            ! close 0
            ! open a 443 tls verify
            > AT+CIPSSL=1␍
            < ⏎OK⏎
            > AT+CIPSTART=0,"TCP","a",443␍
            < ⏎OK⏎⏎0, CONNECT OK⏎
            = 0 CONNECTED
        `)
    })

    test("the error says what to do", () => {
        expect(
            describeFailure(Failure.TlsRefused, "connect tls://a:443", "")
        ).toMatch(
            /^connect tls:\/\/a:443: .*no TLS.*certificate.*verify: false.*1\.2/
        )
    })
})
