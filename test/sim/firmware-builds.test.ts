/** Named firmware builds: where they differ from one another. */
import { expect, test } from "vitest"
import {
    firmwareBuilds,
    type FirmwareBuildName,
} from "../../sim/modem/firmware-builds"
import { TestTerminal } from "./terminal"

const ready = (name: FirmwareBuildName): TestTerminal =>
    TestTerminal.ready({ ...firmwareBuilds[name], sim: { iccid: ICCID } })
const ICCID = "8986008109060804881"
const names = Object.keys(firmwareBuilds) as FirmwareBuildName[]

test.each(names.slice(1))("%s says so, and of which module it is", name => {
    const terminal = ready(name)
    expect(terminal.ask("AT+GMR␍")).toContain(name)
    const [, model] = /SIM(\d+[A-Z]?)/.exec(name) ?? []
    expect(terminal.ask("AT+CGMM␍")).toContain(`SIM${model.replace("M", "")}`)
})

test.each([
    ["1308B08SIM800L16", "⏎OK⏎⏎+CUSD: 2⏎"],
    ["1418B05SIM800L24", /\+CUSD: 0, "[0-9A-F]+", 15/],
] as const)("USSD in hexadecimal on %s", (name, answer) => {
    const terminal = ready(name)
    terminal.ask('AT+CSCS="HEX"␍')
    const told = terminal.ask('AT+CUSD=1,"*100#"␍', 10_000)
    if (typeof answer === "string") expect(told).toBe(answer)
    else expect(told).toMatch(answer)
    // in the default set it works on both
    terminal.ask('AT+CSCS="IRA"␍')
    expect(terminal.ask('AT+CUSD=1,"*100#"␍', 10_000)).toContain("balance")
})

test.each([
    ["SIM800", "⏎OK⏎", "⏎OK⏎"],
    ["1418B05SIM800L24", "⏎OK⏎", "⏎ERROR⏎"],
    ["1308B01SIM800H32", "⏎ERROR⏎", "⏎ERROR⏎"],
] as const)(
    "%s: TLS, and roots of one's own, which came with TLS 1.2",
    (name, tls, roots) => {
        const terminal = ready(name)
        expect(terminal.ask("AT+CIPSSL=1␍")).toBe(tls)
        expect(terminal.ask("AT+SSLSETROOT=?␍")).toBe(roots)
    }
)

test("the SIM800C: PWRKEY for a second, NORMAL POWER OFF", () => {
    const terminal = ready("1418B04SIM800C24")
    terminal.dialogue(`
        ^ pwrkey low
        ~ 1010
        ^ pwrkey high
        < ⏎NORMAL POWER OFF⏎
    `)
})

test("before 2015 WaitTm began with 2", () => {
    expect(ready("1308B08SIM800L16").ask("AT+CIPCCFG=5,1,1024,1␍")).toBe(
        "⏎ERROR⏎"
    )
    expect(ready("SIM800").ask("AT+CIPCCFG=5,1,1024,1␍")).toBe("⏎OK⏎")
})

test.each([
    [{}, "⏎8986008109060804881F⏎⏎OK⏎"],
    [{ iccidPadding: "" }, `⏎${ICCID}⏎⏎OK⏎`],
    [{ ccidPrefix: true, iccidPadding: "f" }, `⏎+CCID: ${ICCID}f⏎⏎OK⏎`],
] as const)("an ICCID of 19 digits with %j", (firmware, answer) => {
    const terminal = TestTerminal.ready({ firmware, sim: { iccid: ICCID } })
    expect(terminal.ask("AT+CCID␍")).toBe(answer)
})

test("not all say SMS Ready, and messages come all the same", () => {
    const terminal = TestTerminal.ready({ firmware: { saysSmsReady: false } })
    terminal.modem.reset()
    const boot = terminal.listen(60_000)
    expect(boot).toContain("Call Ready")
    expect(boot).not.toContain("SMS Ready")
    terminal.modem.receiveMessage({ from: "+491", text: "hello" })
    expect(terminal.listen(10_000)).toContain("+CMTI")
})
