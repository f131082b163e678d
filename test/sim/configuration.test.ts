/** AT&V: the profiles, and what AT&W, AT&F and ATZ make of them. */
import { expect, test } from "vitest"
import { TestTerminal } from "./terminal"

/** What AT&V shows of one thing: as made, as stored, as it is. */
function shown(terminal: TestTerminal, name: string): string[] {
    const lines = terminal.ask("AT&V␍", 1000).split("⏎")
    return lines
        .filter(line => line.startsWith(`${name}: `))
        .map(line => line.slice(name.length + 2))
}

test("three profiles, as a real module shows them", () => {
    const answer = TestTerminal.ready().ask("AT&V␍", 1000)
    const profiles = answer
        .replace(/⏎⏎OK⏎$/, "")
        .slice(1)
        .split("⏎⏎")
    expect(profiles.map(profile => profile.split("⏎")[0])).toEqual([
        "DEFAULT PROFILE",
        "USER PROFILE",
        "ACTIVE PROFILE",
    ])
    // SIM800L R14.18, but for AT+CMTE, AT+FSHEX and AT+FSEXT
    expect(profiles[0].split("⏎").slice(1)).toEqual([
        ...["S0: 0", "S3: 13", "S4: 10", "S5: 8", "S6: 2", "S7: 60", "S8: 2"],
        ...["S10: 15", "+CRLP: 61,61,48,6", "V: 1", "E: 1", "Q: 0", "X: 4"],
        ...["&C: 1", "&D: 1", "+CLTS: 0", "+CREG: 0", "+CGREG: 0", "+CMEE: 0"],
        ...["+CIURC: 1", "+CFGRI: 0", "+CANT: 0,0,10", "+STKPCIS: 0"],
        ...["+CMGF: 0", "+CNMI: 2,1,0,0,0", '+CSCS: "IRA"', "+VTD: 1"],
        ...["+CALS: 1", "+CHF: 0", "+CAAS: 1", "+CBUZZERRING: 0", "+DDET: 0"],
        ...["+MORING: 0", "+SVR: 16", "+CCPD: 1", "+CSNS: 0", "+CSGS: 1"],
        ...["+CNETLIGHT: 1", "+SLEDS: 64,64,64,800,3000,300", "+CSDT: 0"],
        ...["+CSMINS: 0", "+EXUNSOL: 0", "+IPR: 0", "+IFC: 0,0", "+CSCLK: 0"],
        // what only the manual has
        ...["+CBST: 7,0,1", "+ICF: 3,255", "+SD2PCM: 0", "+CMNRP: 0"],
        ...["+ECHARGE: 0", "+SIMTIMER: 26"],
    ])
})

test("everything that AT&W stores is in it", () => {
    const terminal = TestTerminal.ready()
    const lines = [
        "AT+CSMINS=1",
        "AT+SLEDS=2,100,200",
        "AT+DDET=1,1000,1",
        "AT+CALS=5,1",
    ]
    for (const line of lines) expect(terminal.ask(`${line}␍`)).toBe("⏎OK⏎")
    terminal.ask("AT&W␍")
    expect(shown(terminal, "+CSMINS")).toEqual(["0", "1", "1"])
    expect(shown(terminal, "+SLEDS")[1]).toBe("64,100,64,800,200,300")
    expect(shown(terminal, "+DDET")).toEqual(["0", "1", "1"])
    expect(shown(terminal, "+CALS")).toEqual(["1", "5", "5"])
    terminal.dialogue("> AT+DDET?␍\n< ⏎+DDET: 1,1000,1,0⏎⏎OK⏎")
    terminal.modem.reset()
    terminal.listen(60_000)
    // [ATM12] 15.2.1: only whether it listens
    terminal.dialogue("> AT+DDET?␍\n< ⏎+DDET: 1,0,0,0⏎⏎OK⏎")
    terminal.dialogue(
        "> AT+SLEDS?␍\n< ⏎+SLEDS: 1,64,800⏎+SLEDS: 2,100,200⏎+SLEDS: 3,64,300⏎⏎OK⏎"
    )
})

test("AT&W stores, ATZ recalls, AT&F has what the factory had", () => {
    const terminal = TestTerminal.ready()
    expect(shown(terminal, "S7")).toEqual(["60", "60", "60"])
    terminal.ask("ATS7=30␍")
    expect(shown(terminal, "S7")).toEqual(["60", "60", "30"])
    terminal.ask("AT&W␍")
    terminal.ask("ATS7=20␍")
    expect(shown(terminal, "S7")).toEqual(["60", "30", "20"])
    terminal.ask("ATZ␍")
    expect(shown(terminal, "S7")).toEqual(["60", "30", "30"])
    terminal.ask("AT&FE0␍")
    expect(shown(terminal, "S7")).toEqual(["60", "30", "60"])
    expect(shown(terminal, "E")).toEqual(["1", "0", "0"])
})

test("AT&V1 is an error", () => {
    expect(TestTerminal.ready().ask("AT&V1␍")).toBe("⏎ERROR⏎")
})
