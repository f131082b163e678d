/** [ATM12] 6.2.17, 6.2.21, 6.2.66, 6.2.79, 19.2: what the module sees around it. */
import { describe, expect, test } from "vitest"
import type { OtherOperator } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

/** The cells of [ATM12] 19.2, as far as they fit together. */
function ready(others: OtherOperator[] = []): TestTerminal {
    return TestTerminal.ready({
        signal: { rssi: 28, errorRate: 0 },
        operator: {
            cell: "F9A1",
            locationArea: "1816",
            channel: 81,
            colour: 31,
            others,
            neighbours: [
                { channel: 14, colour: 15, cell: "F2A1", weaker: 21 },
                {
                    channel: 28,
                    colour: 14,
                    cell: "6253",
                    locationArea: "1823",
                    weaker: 40,
                },
            ],
        },
    })
}

describe("AT+CENG", () => {
    test("off, on, with cells of neighbours, limited, extended", () => {
        ready().dialogue(`
            > AT+CENG=?␍
            < ⏎+CENG: (0-4),(0,1)⏎⏎OK⏎
            > AT+CENG?␍
            < ⏎+CENG: 0,0⏎⏎OK⏎
            > AT+CENG=1␍
            < ⏎OK⏎
            > AT+CENG?␍
            < ⏎+CENG: 1,0⏎⏎+CENG: 0,"0081,56,00,460,00,31,f9a1,08,05,1816,255"⏎
            < +CENG: 1,"0014,35,15,460,00,1816"⏎
            < +CENG: 2,"0028,16,14,460,00,1823"⏎⏎OK⏎
            > AT+CENG=1,1␍
            < ⏎OK⏎
            > AT+CENG?␍
            < ⏎+CENG: 1,1⏎⏎+CENG: 0,"0081,56,00,460,00,31,f9a1,08,05,1816,255"⏎
            < +CENG: 1,"0014,35,15,f2a1,460,00,1816"⏎
            < +CENG: 2,"0028,16,14,6253,460,00,1823"⏎⏎OK⏎
            > AT+CENG=3,1␍
            < ⏎OK⏎
            > AT+CENG?␍
            < ⏎+CENG: 3,1⏎⏎+CENG: 0,"460,00,1816,f9a1,31,56"⏎
            < +CENG: 1,"460,00,1816,f2a1,15,35"⏎
            < +CENG: 2,"460,00,1823,6253,14,16"⏎⏎OK⏎
            > AT+CENG=4,1␍
            < ⏎OK⏎
            > AT+CENG?␍
            < ⏎+CENG: 4,1⏎⏎+CENG: 0,"0081,56,00,460,00,31,f9a1,08,05,1816,255,-57,177,617,x,x,x,x,x,x"⏎
            < +CENG: 1,"0014,35,15,f2a1,460,00,1816,91,531"⏎
            < +CENG: 2,"0028,16,14,6253,460,00,1823,72,512"⏎⏎OK⏎
        `)
    })

    test("2 reports by itself, until it is off", () => {
        const terminal = ready()
        terminal.ask("AT+CENG=2,1␍", 100)
        // told twice, it reports once
        terminal.ask("AT+CENG=2,1␍", 100)
        const reports = terminal.listen(10_000)
        expect(reports.match(/CENG: 0,"0081/g)).toHaveLength(2)
        terminal.ask("AT+CENG=0␍", 100)
        expect(terminal.listen(20_000)).toBe("")
    })

    test("without a network there is nothing to see", () => {
        const terminal = ready()
        terminal.modem.setRegistration(2)
        terminal.dialogue(`
            > AT+CENG=1,1␍
            < ⏎OK⏎
            > AT+CENG?␍
            < ⏎+CENG: 1,1⏎⏎OK⏎
        `)
    })
})

test("AT+CNETSCAN and AT+CELLIST", () => {
    ready().dialogue(`
        > AT+CNETSCAN␍
        < ⏎Operator:"CHINA MOBILE",MCC:460,MNC:00,Rxlev:56,Cellid:f9a1,Arfcn:81⏎
        < Operator:"CHINA MOBILE",MCC:460,MNC:00,Rxlev:35,Cellid:f2a1,Arfcn:14⏎
        < Operator:"CHINA MOBILE",MCC:460,MNC:00,Rxlev:16,Cellid:6253,Arfcn:28⏎⏎OK⏎
        > AT+CELLIST=?␍
        < ⏎+CELLIST: (0,1),(10-7200)⏎⏎OK⏎
        > AT+CELLIST␍
        < ⏎ERROR⏎
        > AT+CELLIST=1,50␍
        < ⏎OK⏎
        > AT+CELLIST?␍
        < ⏎+CELLIST: 1,50⏎⏎OK⏎
        > AT+CELLIST␍
        < ⏎+CELLIST: 460,00,81,56,f9a1,1816,31⏎
        < +CELLIST: 460,00,14,35,f2a1,1816,15⏎
        < +CELLIST: 460,00,28,16,6253,1823,14⏎⏎OK⏎
    `)
})

test("AT+CBAND, AT+CROAMING, AT+CGMSCLASS, AT+COPN, AT+CPOL", () => {
    const terminal = ready()
    terminal.dialogue(`
        > AT+CBAND?␍
        < ⏎+CBAND: EGSM_DCS_MODE,ALL_BAND⏎⏎OK⏎
        > AT+CBAND="EGSM_MODE";+CBAND?␍
        < ⏎+CBAND: EGSM_MODE⏎⏎OK⏎
        > AT+CBAND="FM_MODE"␍
        < ⏎ERROR⏎
        > AT+CROAMING␍
        < ⏎+CROAMING: 0⏎⏎OK⏎
        > AT+CGMSCLASS=?␍
        < ⏎MULTISLOT CLASS: (2,4,8,9,10,12)⏎⏎OK⏎
        > AT+CGMSCLASS?␍
        < ⏎MULTISLOT CLASS: 12⏎⏎OK⏎
        > AT+COPN␍
        < ⏎+COPN: "46000","CHINA MOBILE"⏎⏎OK⏎
        > AT+CPOL=?␍
        < ⏎+CPOL: (1-20),(0-2)⏎⏎OK⏎
        > AT+CPOL?␍
        < ⏎OK⏎
        > AT+CPOL=2,2,"26202"␍
        < ⏎OK⏎
        > AT+CPOL=1,2,"26201"␍
        < ⏎OK⏎
        > AT+CPOL?␍
        < ⏎+CPOL: 1,2,"26201"⏎+CPOL: 2,2,"26202"⏎⏎OK⏎
        > AT+CPOL=1␍
        < ⏎OK⏎
        > AT+CPOL?␍
        < ⏎+CPOL: 2,2,"26202"⏎⏎OK⏎
    `)
    terminal.modem.setRegistration(5)
    terminal.dialogue("> AT+CROAMING␍\n< ⏎+CROAMING: 1⏎⏎OK⏎")
})

describe("AT+COPS with several networks", () => {
    const others = [
        {
            longName: "CHN-UNICOM",
            shortName: "UNICOM",
            numericName: "46001",
            isForbidden: false,
        },
        {
            longName: "CHN-CT",
            shortName: "CT",
            numericName: "46011",
            isForbidden: true,
        },
    ]

    test("lists them", () => {
        ready(others).dialogue(`
            > AT+COPS=?␍
            < ⏎+COPS: (2,"CHINA MOBILE","CMCC","46000"),
            < (1,"CHN-UNICOM","UNICOM","46001"),
            < (3,"CHN-CT","CT","46011"),,(0-4),(0-2)⏎⏎OK⏎
            > AT+COPN␍
            < ⏎+COPN: "46000","CHINA MOBILE"⏎
            < +COPN: "46001","CHN-UNICOM"⏎
            < +COPN: "46011","CHN-CT"⏎⏎OK⏎
        `)
    })

    test("roams in another, until AT+COPS=0", () => {
        const terminal = ready(others)
        terminal.dialogue(`
            > AT+CREG=1␍
            < ⏎OK⏎
            > AT+COPS=1,2,"46001"␍
            < ⏎+CREG: 0⏎⏎OK⏎
            < ⏎+CREG: 2⏎
            < ⏎+CREG: 5⏎
            > AT+COPS?;+CROAMING␍
            < ⏎+COPS: 1,2,"46001"⏎⏎+CROAMING: 1⏎⏎OK⏎
            ~ 1000
            > AT+CGATT?␍
            < ⏎+CGATT: 1⏎⏎OK⏎
            > AT+COPS=1,2,"46001"␍
            < ⏎OK⏎
        `)
        terminal.modem.reset()
        terminal.listen(60_000)
        terminal.dialogue(`
            > AT+COPS?␍
            < ⏎+COPS: 1,2,"46001"⏎⏎OK⏎
            > AT+CREG?␍
            < ⏎+CREG: 0,5⏎⏎OK⏎
            > AT+COPS=0␍
            < ⏎OK⏎
            ~ 1000
            > AT+CREG?;+COPS?␍
            < ⏎+CREG: 0,1⏎⏎+COPS: 0,2,"46000"⏎⏎OK⏎
        `)
    })

    test("is refused by one that takes nobody from here", () => {
        ready(others).dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+COPS=1,2,"46011"␍
            < ⏎+CME ERROR: 32⏎
            ~ 1000
            > AT+CREG?␍
            < ⏎+CREG: 0,3⏎⏎OK⏎
            > AT+COPS=4,2,"46011"␍
            < ⏎OK⏎
            ~ 1000
            > AT+CREG?;+COPS?␍
            < ⏎+CREG: 0,1⏎⏎+COPS: 0,2,"46000"⏎⏎OK⏎
        `)
    })
})
