/** What errors say: what failed, what it means and what to do, what the modem said. */
import "../../src/node/buffer"
import { expect, test } from "vitest"
import {
    Cme,
    CMS,
    describe,
    explain,
    Failure,
    refusal,
} from "../../src/core/errors"

test("a message has a subject, a sentence and an answer", () => {
    expect(describe(Failure.NoAddress, "start", "AT+CIFSR: ERROR")).toBe(
        "start: the PDP context has no address: check the APN (modem: AT+CIFSR: ERROR)"
    )
    expect(explain("it does not go", "", "")).toBe("it does not go")
    expect(explain("it does not go", "test", "")).toBe("test: it does not go")
    expect(explain("it does not go", "", "no")).toBe(
        "it does not go (modem: no)"
    )
})

/** What a feature explains itself, in a sentence of its own. */
const FEATURES = [
    "NotEscaped",
    "NotResumed",
    "ServerRefused",
    "CommandRefused",
    "NoMessage",
    "MessageRefused",
    "UssdRefused",
    "NoLocation",
    "Unreadable",
    "MemoryFull",
    "CallEnded",
]

test("every other failure has a sentence, and no two the same", () => {
    const sentences = Object.values(Failure)
        .filter(failure => typeof failure === "number")
        .filter(failure => failure !== Failure.None)
        .filter(failure => !FEATURES.includes(Failure[failure]))
        .map(failure => describe(failure, "", ""))
    expect(sentences).not.toContain(describe(Failure.None, "", ""))
    expect(new Set(sentences).size).toBe(sentences.length)
    for (const sentence of sentences) expect(sentence).toMatch(/^\S.{15,}\S$/)
})

test.each([
    ["AT+CIICR", Cme.NoAnswer, "AT+CIICR: no answer"],
    ["AT+CIICR", Cme.Plain, "AT+CIICR: ERROR"],
    ["AT+CIPMUX=", Cme.Plain, "AT+CIPMUX: ERROR"],
    ["AT+CMGS", CMS, "AT+CMGS: +CMS ERROR: 0"],
    ["AT+CMGS", CMS + 304, "AT+CMGS: +CMS ERROR: 304"],
    ["AT+CIICR", 148, "AT+CIICR: +CME ERROR: 148, unspecified GPRS error"],
    ["AT+CIICR", 999, "AT+CIICR: +CME ERROR: 999"],
])("%s, %i", (command, cme, said) => {
    expect(refusal(command, cme)).toBe(said)
})

/** AT command manual V1.09, chapter 19. */
test.each([
    [3, "operation not allowed"],
    [4, "operation not supported"],
    [10, "SIM not inserted"],
    [11, "SIM PIN required"],
    [12, "SIM PUK required"],
    [13, "SIM failure"],
    [14, "SIM busy"],
    [16, "incorrect password"],
    [30, "no network service"],
    [31, "network timeout"],
    [100, "unknown"],
    [107, "GPRS services not allowed"],
    [148, "unspecified GPRS error"],
    [149, "PDP authentication failure"],
    [160, "DNS resolve failed"],
    [161, "socket open failed"],
    [180, "GPRS is not attached"],
    [181, "TCPIP stack is busy"],
])("+CME ERROR: %i is %s", (cme, words) => {
    expect(refusal("AT", cme)).toBe(`AT: +CME ERROR: ${cme}, ${words}`)
})
