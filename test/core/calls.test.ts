/** Calls, tones, the PIN of the card, ping: dialogues as transcripts. */
import { describe, expect, test } from "vitest"
import { AskCall, CallState, Dial, Tones } from "../../src/core/dialogues/calls"
import { Ping } from "../../src/core/dialogues/ping"
import { SetPin } from "../../src/core/dialogues/sim"
import { isIn, survives } from "./damaged-answers"
import { had, hadWithAllCuts, talker } from "./talks"

const asked = (command: string, ...lines: string[]): string =>
    `> ${command}␍\n< ${lines.map(line => `⏎${line}⏎`).join("")}`
const obeyed = (command: string, ...lines: string[]): string =>
    asked(command, ...lines, "OK")

describe("calls", () => {
    test("dial", () => {
        expect(had(talker(), new Dial("+123"), obeyed("ATD+123;"))).toBe("")
        const busy = new Dial("123")
        expect(had(talker(), busy, asked("ATD123;", "BUSY"))).toBe(
            "CommandRefused"
        )
        expect(busy.problem?.answer).toBe("ATD123;: BUSY")
    })

    test.each([
        [[], CallState.Idle],
        [['+CLCC: 1,0,2,0,0,"+123",145,""'], CallState.Dialing],
        [['+CLCC: 1,0,3,0,0,"+123",145'], CallState.Alerting],
        [["+CLCC: 1,0,0,0,0"], CallState.Active],
        [['+CLCC: 1,1,4,0,0,"",128'], CallState.Incoming],
    ])("%j", (lines, state) => {
        expect(
            hadWithAllCuts(
                () => new AskCall(),
                obeyed("AT+CLCC", ...lines),
                call => call.state
            )
        ).toBe(state)
    })

    test("a line that makes no sense is asked for again", () => {
        const wrong = obeyed("AT+CLCC", "+CLCC: 1,0,9")
        expect(had(talker(), new AskCall(), `${wrong}\n${wrong}`)).toBe(
            "Unreadable"
        )
    })

    survives(
        "the state of a call",
        () => new AskCall(),
        { "AT+CLCC": ['+CLCC: 1,0,0,0,0,"+491511234567",145,""'] },
        d => d.state in CallState
    )

    test("tones, both ways", () => {
        expect(had(talker(), new Tones("1#A"), obeyed('AT+VTS="1,#,A"'))).toBe(
            ""
        )
        expect(had(talker(), new Tones(""), obeyed("AT+DDET=1"))).toBe("")
    })
})

describe("the PIN", () => {
    test.each([
        ["1234", "5678", 'AT+CPWD="SC","1234","5678"'],
        ["1234", "1234", 'AT+CLCK="SC",1,"1234"'],
        ["1234", "", 'AT+CLCK="SC",0,"1234"'],
    ])("%s, then %j", (pin, next, command) => {
        expect(had(talker(), new SetPin(pin, next), obeyed(command))).toBe("")
    })

    test("is not in an error", () => {
        const dialogue = new SetPin("1234", "")
        const said = asked('AT+CLCK="SC",0,"1234"', "+CME ERROR: 16")
        expect(had(talker(), dialogue, said)).toBe("CommandRefused")
        expect(dialogue.problem).toMatchObject({
            subject: "AT+CLCK",
            answer: "AT+CLCK: +CME ERROR: 16, incorrect password",
        })
    })
})

describe("ping", () => {
    test("tells what each answer took", () => {
        expect(
            hadWithAllCuts(
                () => new Ping("a.example", 3, 100),
                obeyed(
                    'AT+CIPPING="a.example",3,32,100',
                    '+CIPPING: 1,"1.2.3.4",2,64',
                    '+CIPPING: 2,"1.2.3.4",100,255',
                    '+CIPPING: 3,"1.2.3.4",11,64'
                ),
                ({ times }) => times
            )
        ).toEqual([200, -1, 1100])
    })

    survives(
        "what each answer took",
        () => new Ping("a.example", 2, 100),
        {
            "AT+CIPPING": [
                '+CIPPING: 1,"1.2.3.4",2,64',
                '+CIPPING: 2,"1.2.3.4",100,255',
            ],
        },
        d => d.times.every(ms => ms === -1 || isIn(ms, 0, 10_000))
    )

    test("of a name that is not known fails", () => {
        expect(
            had(
                talker(),
                new Ping("x", 1, 1),
                asked('AT+CIPPING="x",1,32,1', "ERROR")
            )
        ).toBe("CommandRefused")
    })
})
