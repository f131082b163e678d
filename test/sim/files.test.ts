/** The file system in the module's flash: AT+FSCREATE and its family. */
import { expect, test } from "vitest"
import { TestTerminal } from "./terminal"

const CREATED = `
    > AT+FSCREATE=C:\\USER\\A.TXT␍
    < ⏎OK⏎
`
const WRITTEN = `
    ${CREATED}
    > AT+FSWRITE=C:\\USER\\A.TXT,0,5,10␍
    < ⏎> |
    > hello
    < ⏎OK⏎
`

test("a file is created, written, read, listed, deleted", () => {
    TestTerminal.ready().dialogue(`
        > AT+FSDRIVE=0␍
        < ⏎+FSDRIVE: C⏎⏎OK⏎
        > AT+FSMEM␍
        < ⏎+FSMEM: C:61440bytes⏎⏎OK⏎
        ${WRITTEN}
        # behind its end, with quotation marks, names in any case
        > AT+FSWRITE="c:\\user\\a.txt",1,7,10␍
        < ⏎> |
        > ,␍OK␍+!
        < ⏎OK⏎
        > AT+FSFLSIZE=C:\\User\\a.txt␍
        < ⏎+FSFLSIZE: 12⏎⏎OK⏎
        > AT+FSREAD=C:\\USER\\A.TXT,0,100,0␍
        < ⏎hello,␍OK␍+!⏎⏎OK⏎
        > AT+FSREAD=C:\\USER\\A.TXT,1,3,4␍
        < ⏎o,␍⏎⏎OK⏎
        # over its beginning
        > AT+FSWRITE=C:\\USER\\A.TXT,0,1,10␍
        < ⏎> |
        > J
        < ⏎OK⏎
        > AT+FSREAD=C:\\USER\\A.TXT,0,5,0␍
        < ⏎Jello⏎⏎OK⏎
        > AT+FSMEM␍
        < ⏎+FSMEM: C:61428bytes⏎⏎OK⏎
        > AT+FSLS=C:\\␍
        < ⏎User\\\\⏎⏎OK⏎
        > AT+FSLS=C:\\USER\\␍
        < ⏎A.TXT⏎⏎OK⏎
        > AT+FSDEL=C:\\USER\\A.TXT␍
        < ⏎OK⏎
        > AT+FSLS=C:\\USER\\␍
        < ⏎OK⏎
    `)
})

test("it is flash: switched off, reset to the factory's settings, it is still there", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(WRITTEN)
    terminal.dialogue("> AT&F␍\n< ⏎OK⏎\n> ATE0␍\n< ATE0␍⏎OK⏎")
    terminal.modem.powerOff()
    terminal.modem.powerOn()
    terminal.listen(60_000)
    terminal.dialogue(`
        > AT+FSREAD=C:\\USER\\A.TXT,0,5,0␍
        < ⏎hello⏎⏎OK⏎
    `)
})

test.each([
    "FSCREATE=A.TXT",
    "FSCREATE=D:\\A.TXT",
    "FSCREATE=C:\\NOWHERE\\A.TXT",
    "FSCREATE=C:\\USER\\",
    "FSCREATE=C:\\User",
    "FSCREATE=C:\\USER\\A.TXT",
    "FSCREATE=",
    "FSWRITE=C:\\USER\\B.TXT,0,5,10",
    "FSWRITE=C:\\USER\\A.TXT,2,5,10",
    "FSWRITE=C:\\USER\\A.TXT,0,0,10",
    "FSWRITE=C:\\USER\\A.TXT,0,10241,10",
    "FSWRITE=C:\\USER\\A.TXT,0,5",
    "FSREAD=C:\\USER\\B.TXT,0,5,0",
    "FSREAD=C:\\USER\\A.TXT,1,5,6",
    "FSFLSIZE=C:\\USER\\B.TXT",
    "FSDEL=C:\\USER\\B.TXT",
    "FSLS=C:\\NOWHERE\\",
    "FSDRIVE=1",
])("AT+%s is an error", command => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(WRITTEN)
    terminal.dialogue(`> AT+${command}␍\n< ⏎ERROR⏎`)
})

test("data that do not come in time are not written", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        ${WRITTEN}
        > AT+FSWRITE=C:\\USER\\A.TXT,1,5,2␍
        < ⏎> |
        > abc
        ~ 1900
        < ⏎ERROR⏎
        > AT+FSFLSIZE=C:\\USER\\A.TXT␍
        < ⏎+FSFLSIZE: 5⏎⏎OK⏎
    `)
})

test("what there is no room for is not written", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(CREATED)
    const piece = "x".repeat(10_240)
    for (let i = 0; i < 6; i++)
        terminal.dialogue(`
            > AT+FSWRITE=C:\\USER\\A.TXT,1,10240,10␍
            < ⏎> |
            > ${piece}
            < ⏎OK⏎
        `)
    terminal.dialogue(`
        > AT+FSWRITE=C:\\USER\\A.TXT,1,1,10␍
        < ⏎> |
        > y
        < ⏎ERROR⏎
        > AT+FSMEM␍
        < ⏎+FSMEM: C:0bytes⏎⏎OK⏎
    `)
    expect(terminal.log).toEqual([])
})
