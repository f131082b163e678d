/** Bytes that the UART has lost: what they may have been is found out. */
import { describe, expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import { bringUp, bringUpWith, connect, Driver } from "./dialogue"

/** AT+CIPSTATUS with one connection, as the driver believes it. */
const audit = `
    > AT+CIPSTATUS␍
    < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","116.228.221.51","8500","CONNECTED"⏎C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎
    < C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
`

describe("bytes are lost", () => {
    test("while nothing is asked: the modem is asked for its state, and for data", () => {
        new Driver({ receivePoll: 1_000_000 })
            .play(
                `
                ${bringUp}
                ${connect}
                ! lost
                ${audit}
                > AT+CIPRXGET=4,0␍
                < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
                = 0 CONNECTED
                = 0 failure None
            `
            )
            .silent()
    })

    test("what follows up to the line end is no line", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! lost
            < 0, CLOSED⏎⏎RING⏎
            = 0 CONNECTED
            ${audit}
            = 0 CONNECTED
        `)
    })

    test("within the data of an answer: the modem has given them away", () => {
        const driver = new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRXGET: 2,0,20,0⏎HELLO
            ! lost
            = 0 failure ReceiveTorn
            = 0 received 
            # the rest of it may look like anything
            < ⏎0, CLOSED⏎⏎RDY⏎
            > AT␍
            < ⏎OK⏎
        `)
        const before = driver.now
        driver.play(`
            > AT␍
            < ⏎OK⏎
            ${audit}
            > AT+CIPCLOSE=0␍
            < ⏎0, CLOSE OK⏎
        `)
        // one command has not been answered
        expect(driver.now - before).toBeLessThan(3000)
        expect(driver.modem.bearer.restarts).toBe(0)
    })

    test("behind the data of an answer: they are whole", () => {
        new Driver()
            .play(
                `
                ${bringUp}
                ${connect}
                < ⏎+CIPRXGET: 1,0⏎
                > AT+CIPRXGET=2,0,1460␍
                < ⏎+CIPRXGET: 2,0,5,0⏎HELLO
                ! lost
                = 0 received HELLO
                > AT␍
                < ⏎OK⏎
                ${audit}
                > AT+CIPRXGET=4,0␍
                < ⏎+CIPRXGET: 4,0,0⏎⏎OK⏎
                = 0 CONNECTED
                = 0 failure None
            `
            )
            .silent()
    })

    test("in front of the data of an answer: nobody knows how much they were", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            < ⏎+CIPRXGET: 1,0⏎
            > AT+CIPRXGET=2,0,1460␍
            < ⏎+CIPRX
            ! lost
            < LLO⏎⏎OK⏎
            = 0 failure ReceiveTorn
            = 0 received 
        `)
    })

    test("within the answer to data: nobody knows whether they got through", () => {
        new Driver().play(`
            ${bringUp}
            ${connect}
            ! send 0 hello
            > AT+CIPSEND?␍
            < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
            > AT+CIPSEND=0,5␍
            < ⏎> 
            > hello
            < ⏎0, SEND
            ! lost
            < K⏎
            = 0 sending InFlight
            > AT␍
            < ⏎OK⏎
            ${audit}
            = 0 sending Failed SendUnknown
        `)
    })

    test.each([
        ["OK", "Timeout +X: 1␊"],
        ["+CME ERROR: 3", "Refused +X: 1␊"],
    ])("within the answer to a request that ends in %s", (end, answer) => {
        new Driver().play(`
            ${bringUp}
            ! request AT+X
            > AT+X␍
            < ⏎+X: 1⏎
            ! lost
            < : 2⏎⏎${end}⏎
            = answer ${answer}
            ! request AT+X
            > AT+CIPSTATUS␍
            < ⏎OK⏎⏎STATE: IP STATUS⏎
            < ${[0, 1, 2, 3, 4, 5].map(i => `C: ${i},,"","","","INITIAL"⏎`).join("")}
            # the next one is whole
            > AT+X␍
            < ⏎+X: 1⏎⏎OK⏎
            = answer Ok +X: 1␊
        `)
    })

    test("with pushed data: each connection may have been meant", () => {
        new Driver({ reception: Reception.Push })
            .play(
                `
                ${bringUpWith({ reception: "0" })}
                ${connect}
                < ⏎+RECEIVE,0,20:⏎HELLO
                ! lost
                = 0 failure ReceiveTorn
                = 0 received 
                > AT+CIPCLOSE=0␍
                < ⏎0, CLOSE OK⏎
            `
            )
            .silent()
    })
})

describe("a pushed payload that does not go on is lost or late", () => {
    const stopped = `
        ${bringUpWith({ reception: "0" })}
        ${connect}
        ! open b 1
        > AT+CIPSTART=1,"TCP","b",1␍
        < ⏎OK⏎⏎1, CONNECT OK⏎
        < ⏎+RECEIVE,0,32:⏎0123456789
        . 4999
        = 0 CONNECTED
        . 1
        = 0 failure ReceiveTorn
        > AT␍
    `
    const play = (text: string): Driver =>
        new Driver({ reception: Reception.Push }).play(stopped).play(text)
    const search = `
        > AT␍
        < ⏎OK⏎
    `
    const closed = `
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
    `

    test("late: nothing in it is obeyed, and no other connection gets it", () => {
        const driver = play(`
            . 3000
            < ⏎+RECEIVE,1,5:⏎abcde⏎OK⏎
            = 1 failure ReceiveTorn
            = 1 received
        `)
        expect(driver.received[0].toString()).toBe("")
        // by then the modem counts as dead
        play(`
            . 9000
            < ⏎+RECEIVE,1,5:⏎abcde⏎OK⏎
            = 1 failure NoAnswer
            = 1 received
        `)
    })

    test("lost, and the modem answers: the other connection lives", () => {
        play(`
            < ⏎OK⏎
            ${search}
            ${audit.replace('C: 1,,"","","","INITIAL"', 'C: 1,0,"TCP","1.2.3.4","1","CONNECTED"')}
            ${closed}
            < ⏎+RECEIVE,1,5:⏎HELLO
            = 1 received HELLO
            = 1 CONNECTED
        `).silent()
    })

    test("lost, and something else comes in its place: it may have been anybody's", () => {
        play(`
            < ⏎+RECEIVE,1,40:⏎abc
            . 600
            = 1 failure ReceiveTorn
            = 1 received
        `)
    })

    test("a rest that is too short to say anything", () => {
        new Driver({ reception: Reception.Push })
            .play(
                `
                ${bringUpWith({ reception: "0" })}
                ${connect}
                < ⏎+RECEIVE,0,16:⏎0123456789
                . 5000
                = 0 failure ReceiveTorn
                ${closed}
            `
            )
            .silent()
    })

    test("a modem that is gone is looked for as ever", () => {
        const driver = play(". 200000")
        expect(driver.log.join()).toContain("NoAnswer")
    })
})

describe("a connection that ends while data are being sent on it", () => {
    const sending = `
        ${connect}
        ! send 0 hello
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
        > AT+CIPSEND=0,5␍
    `

    test.each([
        ["in front of the prompt", "", "⏎0, CLOSED⏎"],
        ["behind the data", "< ⏎> \n> hello", "⏎0, CLOSED⏎"],
        ["with its context", "< ⏎> \n> hello", "⏎+PDP: DEACT⏎"],
    ])("%s has no answer, and none is waited for long", (_, before, end) => {
        const driver = new Driver().play(bringUp + sending + before)
        const since = driver.now
        driver.play(`
            < ${end}
            > AT␍
        `)
        expect(driver.now - since).toBeGreaterThanOrEqual(2900)
        expect(driver.now - since).toBeLessThan(3500)
    })

    test("with the prompt: the modem gets as many bytes as it was promised, and no answer is waited for long", () => {
        const driver = new Driver().play(bringUp + sending)
        const since = driver.now
        driver.play(`
            < ⏎0, CLOSED⏎⏎> 
            > ␍␍␍␍␍
            > AT␍
        `)
        expect(driver.now - since).toBeGreaterThanOrEqual(2900)
        expect(driver.now - since).toBeLessThan(3500)
    })

    test("in front of the prompt, which comes all the same: it gets as many bytes as it was promised", () => {
        new Driver().play(`
            ${bringUp}
            ${sending}
            < ⏎0, CLOSED⏎
            . 1000
            < ⏎> 
            > ␍␍␍␍␍
            < ⏎0, SEND FAIL⏎
            = 0 REMOTE CLOSING
        `)
    })
})
