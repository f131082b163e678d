import { expect, test } from "vitest"
import { bringUp, Driver, playAllCuts } from "./dialogue"

test("smoke", () => {
    const d = playAllCuts(bringUp)
    console.log(d.log)
    expect(d.log.length).toBeGreaterThan(3)
})

test("one connection", () => {
    const d = new Driver().play(bringUp).play(`
        ! open 116.228.221.51 8500
        > AT+CIPSTART=0,"TCP","116.228.221.51",8500␍
        < ⏎OK⏎
        < ⏎0, CONNECT OK⏎
        = 0 CONNECTED
        ! send 0 TCP test
        > AT+CIPSEND?␍
        < ⏎+CIPSEND: 0,1460⏎⏎OK⏎
        > AT+CIPSEND=0,8␍
        < ⏎> 
        > TCP test
        < ⏎0, SEND OK⏎
        = 0 sending Done
        < ⏎+CIPRXGET: 1,0⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎+CIPRXGET: 2,0,11,0⏎HELLO WORLD⏎OK⏎
        = 0 received HELLO WORLD
        < ⏎0, CLOSED⏎
        > AT+CIPRXGET=2,0,1460␍
        < ⏎+CIPRXGET: 2,0,0,0⏎⏎OK⏎
        = 0 CLOSED
        = 0 failure ClosedByPeer
    `)
    console.log(d.log)
})
