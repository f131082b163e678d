/** Line pacing: what goes to the modem when. */
import { expect, test } from "vitest"
import { LineFeeder, type PacedModem } from "../../sim/doors/line-feeder"
import { spell, unspell } from "../../sim/modem/trace"

function feeder() {
    const modem = {
        activity: "command" as PacedModem["activity"],
        dataExpected: undefined as number | undefined,
        isSettled: true,
        dte: { pending: 0 },
    }
    const given: string[] = []
    let now = 0
    const lines = new LineFeeder(
        modem,
        {
            write: bytes => given.push(spell(bytes)),
            onData: () => undefined,
        },
        () => now
    )
    return {
        modem,
        lines,
        push: (text: string) => lines.push(unspell(text)),
        pass: (ms: number) => (now += ms),
        given: () => given.splice(0),
    }
}

test("a line at a time; the LF behind its CR is dropped, a LF alone is a CR", () => {
    const { lines, push, given } = feeder()
    push("AT␍␊ATI␊AT")
    expect(given()).toEqual(["AT␍"])
    lines.feed()
    lines.feed()
    expect(given()).toEqual(["ATI␍", "AT"])
})

test.each([
    ["in one write", ["AT+CIPSEND=10␍␊"], []],
    ["in a write of its own, before the prompt", ["AT+CIPSEND=10␍"], ["␊"]],
])("a LF %s is no data", (_, writes, late) => {
    const { modem, lines, push, given } = feeder()
    for (const text of writes) push(text)
    modem.activity = "busy"
    for (const text of late) push(text)
    modem.activity = "data"
    modem.dataExpected = 10
    push("ABCDEFGHIJ")
    lines.feed()
    expect(given()).toEqual(["AT+CIPSEND=10␍", "ABCDEFGHIJ"])
})

test("a LF behind a prompt that came at once is no data, one in front of data is", () => {
    const { modem, push, pass, given } = feeder()
    modem.dataExpected = 2
    for (const [ms, text, data] of [
        [1, "␊", []],
        [1, "␊A", ["␊A"]],
        [30, "␊", ["␊"]],
    ] as const) {
        modem.activity = "command"
        push("AT+CIPSEND=2␍")
        modem.activity = "data"
        pass(ms)
        expect(given()).toEqual(["AT+CIPSEND=2␍"])
        push(text)
        expect(given()).toEqual(data)
    }
})

test("CR LF among counted data stays", () => {
    const { modem, lines, push, given } = feeder()
    push("AT+CIPSEND=4␍a␍␊bAT␍")
    modem.activity = "data"
    modem.dataExpected = 4
    lines.feed()
    modem.activity = "command"
    lines.feed()
    expect(given()).toEqual(["AT+CIPSEND=4␍", "a⏎b", "AT␍"])
})
