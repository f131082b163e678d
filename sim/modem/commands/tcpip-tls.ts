/** TLS of TCP clients, [SSL] 3.4 and 3.6. */
import { says, sets, type Command } from "../command"
import { CommandError } from "../errors"
import { integer } from "../parameters"
import type { Firmware } from "../firmware"

/** What firmware says to a command that it does not know. */
const UNKNOWN = 100

function supported({ board }: Firmware): void {
    if (board.options.firmware.tlsVersion === "none")
        throw new CommandError(UNKNOWN)
}

export const tlsCommands: readonly Command[] = [
    {
        name: "+CIPSSL",
        test: says(dce => {
            supported(dce)
            return "+CIPSSL: (0-1)"
        }),
        read: says(dce => {
            supported(dce)
            return `+CIPSSL: ${+dce.tcpip.tls.enabled}`
        }),
        write: sets([integer(0, 1)], (dce, n) => {
            supported(dce)
            dce.tcpip.tls.enabled = n === 1
        }),
    },
    {
        name: "+SSLOPT",
        test: says(dce => {
            supported(dce)
            return "+SSLOPT: (0-1),(0-1)"
        }),
        read: says(dce => {
            supported(dce)
            const { ignoreInvalid, authenticate } = dce.tcpip.tls
            return [
                `+SSLOPT: 0,${+ignoreInvalid}`,
                `+SSLOPT: 1,${+authenticate}`,
            ]
        }),
        write: sets([integer(0, 1), integer(0, 1)], (dce, option, enable) => {
            supported(dce)
            const { tls } = dce.tcpip
            if (option === 0) tls.ignoreInvalid = enable === 1
            else tls.authenticate = enable === 1
        }),
    },
]
