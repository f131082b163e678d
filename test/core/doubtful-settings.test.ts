/**
 * ERROR to a setting may be another command's, and an answer may be lost: whether the
 * setting is in force is not known then, and it is made again before it counts.
 */
import { describe, test } from "vitest"
import type { ModemConfig } from "../../src/core/options"
import { bringUp, bringUpWith, playAllCuts } from "./dialogue"

type Options = Partial<ModemConfig>

const up2 = bringUpWith({ second: true })
const single = bringUpWith({ single: true })

const play = (
    name: string,
    transcript: string,
    options: Options = {},
    up = bringUp
): void => {
    test(name, () => {
        playAllCuts(transcript, options, up)
    })
}

describe("a local port that may be set", () => {
    const refused = `
        ! open a 1 local=2020
        > AT+CLPORT=0,"TCP",2020␍
        # it is set, and the ERROR is another command's
        < ⏎ERROR⏎
        = 0 failure SetupRefused
        ! close 0
    `

    play(
        "is taken back for a connection that wants any",
        `
        ${refused}
        ! open b 2
        > AT+CLPORT=0,"TCP",0␍
        < ⏎OK⏎
        > AT+CIPSTART=0,"TCP","b",2␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
        # now it is known
        ! close 0
        > AT+CIPCLOSE=0␍
        < ⏎0, CLOSE OK⏎
        ! open c 3
        > AT+CIPSTART=0,"TCP","c",3␍
    `
    )

    play(
        "a module that knows no such command has any",
        `
        ${refused}
        ! open b 2
        > AT+CLPORT=0,"TCP",0␍
        < ⏎ERROR⏎
        > AT+CIPSTART=0,"TCP","b",2␍
    `
    )

    play(
        "no answer: the same",
        `
        ! open a 1 local=2020
        > AT+CLPORT=0,"TCP",2020␍
        . 5000
        > AT␍
        < ⏎OK⏎
        . 150
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP STATUS⏎⏎C: 0,,"","","","INITIAL"⏎C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
        > AT+CLPORT=0,"TCP",2020␍
        < ⏎OK⏎
        > AT+CIPSTART=0,"TCP","a",1␍
    `
    )

    play(
        "that of UDP is another one",
        `
        ${refused}
        ! udp b 2
        > AT+CIPSTART=0,"UDP","b",2␍
    `
    )

    play(
        "a single connection",
        `
        ! open a 1 local=2020
        > AT+CLPORT="TCP",2020␍
        < ⏎ERROR⏎
        ! close 0
        ! open b 2
        > AT+CLPORT="TCP",0␍
        < ⏎OK⏎
        > AT+CIPSTART="TCP","b",2␍
    `,
        { multi: false },
        single
    )
})

play(
    "UDP that may be extended is made plain",
    `
    ! udp a 1 extended
    > AT+CIPSRIP=1␍
    < ⏎OK⏎
    > AT+CIPUDPMODE=0,1␍
    < ⏎ERROR⏎
    = 0 failure SetupRefused
    ! close 0
    ! udp b 2
    > AT+CIPUDPMODE=0,0␍
    < ⏎OK⏎
    > AT+CIPSTART=0,"UDP","b",2␍
`
)

play(
    "a local port that a modem may still have that seemed to restart",
    `
    ! open a 1 local=2020
    > AT+CLPORT=0,"TCP",2020␍
    < ⏎OK⏎
    > AT+CIPSTART=0,"TCP","a",1␍
    < ⏎OK⏎⏎0, CONNECT OK⏎
    = 0 CONNECTED
    < ⏎RDY⏎
    ! close 0
    . 1000
    ${bringUp.slice(bringUp.indexOf("> AT"))}
    ! open b 2
    > AT+CLPORT=0,"TCP",0␍
    < ⏎OK⏎
    > AT+CIPSTART=0,"TCP","b",2␍
`
)

describe("the context that is selected", () => {
    play(
        "AT+CIPSTATUS while the second one comes up: of the first one",
        `
        ! open a 1
        > AT+CIPSTART=0,"TCP","a",1␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
        ! second CMWAP
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CIPSHUT␍
        ! lost
        < ⏎⏎SHUT OK⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        > AT+CIPSTATUS␍
        < ⏎OK⏎⏎STATE: IP PROCESSING⏎⏎C: 0,0,"TCP","1.2.3.4","1","CONNECTED"⏎C: 1,,"","","","INITIAL"⏎C: 2,,"","","","INITIAL"⏎C: 3,,"","","","INITIAL"⏎C: 4,,"","","","INITIAL"⏎C: 5,,"","","","INITIAL"⏎
        = 0 CONNECTED
        # the second one from its beginning
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CIPSHUT␍
    `,
        { secondContext: true },
        `
        ! second
        ${up2}
    `
    )

    play(
        "ERROR while the second one is brought up: the first one is selected again",
        `
        ! second CMWAP
        > AT+CIPSGTXT=1␍
        # it is selected, and the ERROR is another command's
        < ⏎ERROR⏎
        = second Closed SetupRefused
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        ! open a 1
        > AT+CIPSTART=0,"TCP","a",1␍
    `,
        { secondContext: true },
        `
        ! second
        ${up2}
    `
    )

    play(
        "ERROR to the first one on the way up: once more",
        `
        < ⏎ERROR⏎
        . 500
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        > AT+CIPSHUT␍
    `,
        { secondContext: true },
        `
        ! second
        ${up2.slice(0, up2.indexOf("> AT+CIPSGTXT=0"))}
        > AT+CIPSGTXT=0␍
    `
    )

    play(
        "ERROR to the first one, though the module has obeyed before: once more",
        `
        ! open b 2 context=1
        > AT+CIPSGTXT=1␍
        < ⏎OK⏎
        > AT+CIPSTART=0,"TCP","b",2␍
        < ⏎OK⏎⏎0, CONNECT OK⏎
        > AT+CIPSGTXT=0␍
        < ⏎ERROR⏎
        > AT+CIPSGTXT=0␍
        < ⏎OK⏎
        ! open a 1
        > AT+CIPSTART=1,"TCP","a",1␍
    `
    )
})
