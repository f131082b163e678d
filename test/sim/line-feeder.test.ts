/** Line pacing: what goes to the modem when. */
import { describe, expect, test } from "vitest"
import { LineFeeder, type PacedModem } from "../../sim/doors/line-feeder"
import { spell, unspell } from "../../sim/modem/trace"

function feeder(isPaced = true) {
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
        () => now,
        isPaced
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

test("a CR that comes alone waits for its LF, until it is clear that none comes", () => {
    const { lines, push, pass, given } = feeder()
    push("AT␍")
    expect(given()).toEqual([])
    pass(60)
    lines.feed()
    expect(given()).toEqual(["AT␍"])
    // now it is known: the next one does not wait
    push("ATI␍")
    expect(given()).toEqual(["ATI␍"])
})

describe("a client of CR LF", () => {
    function client() {
        const all = feeder()
        all.push("AT␍␊")
        all.given()
        return all
    }

    test.each([
        ["in one write", "AT+CIPSEND=10␍␊", 0, ""],
        ["in a write of its own, soon", "AT+CIPSEND=10␍", 100, "␊"],
        ["after the prompt, late", "AT+CIPSEND=10␍", 10_000, "␊"],
    ])("its LF %s is no data", (_, line, ms, late) => {
        const { modem, lines, push, pass, given } = client()
        push(line)
        pass(ms)
        lines.feed()
        if (ms !== 100) {
            modem.activity = "data"
            modem.dataExpected = 10
        }
        if (late !== "") push(late)
        modem.activity = "data"
        modem.dataExpected = 10
        // which may begin with a LF
        push("␊BCDEFGHIJ")
        lines.feed()
        expect(given()).toEqual(["AT+CIPSEND=10␍", "␊BCDEFGHIJ"])
    })
})

test("a client of CR alone may begin its data with a LF", () => {
    const { modem, lines, push, pass, given } = feeder()
    push("AT␍")
    pass(60)
    lines.feed()
    push("AT+CIPSEND=2␍")
    modem.activity = "data"
    modem.dataExpected = 2
    push("␊")
    push("␊")
    expect(given()).toEqual(["AT␍", "AT+CIPSEND=2␍", "␊", "␊"])
})

test("a client that sends LF after all is known by the next line in command mode", () => {
    const { modem, lines, push, pass, given } = feeder()
    push("AT␍")
    pass(60)
    lines.feed()
    push("␊AT+CIPSEND=2␍")
    pass(200)
    lines.feed()
    expect(given()).toEqual(["AT␍"])
    pass(60)
    lines.feed()
    modem.activity = "data"
    modem.dataExpected = 2
    push("␊")
    push("ab")
    expect(given()).toEqual(["AT+CIPSEND=2␍", "ab"])
})

test("unpaced, all goes on at once, but a CR whose LF may follow", () => {
    const { modem, lines, push, pass, given } = feeder(false)
    modem.isSettled = false
    push("AT␍␊ATI␍␊A")
    push("T+CIPSEND=2␍")
    expect(given()).toEqual(["AT⏎ATI⏎A", "T+CIPSEND=2"])
    pass(300)
    lines.feed()
    modem.activity = "data"
    push("␊")
    push("a␍")
    expect(given()).toEqual(["␍", "a␍"])
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
