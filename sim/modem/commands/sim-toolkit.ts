/** The SIM application toolkit, [ATM12] 5: there is no application on the card. */
import { refuses, saysOk, setting, type Command } from "../command"
import { range } from "../setting"

const NO_APPLICATION = "no application on the SIM card waits for it"

export const simToolkitCommands: readonly Command[] = [
    ...[
        "+STKTRS",
        "+STKENVS",
        "+STKCALL",
        "+STKSMS",
        "+STKSS",
        "+STKUSSD",
        "+STKDTMF",
    ].map(name => refuses(name, NO_APPLICATION)),
    // a menu without entries
    { name: "+STKMENU", test: saysOk, read: saysOk },
    setting({ name: "+STKPCIS", values: [range(0, 1, 0)], saved: "AT&W" }),
]
