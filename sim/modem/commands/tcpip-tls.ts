/** TLS of TCP clients: AT+CIPSSL, AT+SSLOPT, and certificates out of files, [SSL] 3. */
import { allowedIf, says, saysOk, sets, takes, type Command } from "../command"
import { CommandError } from "../errors"
import { integer, optional, type Parameter } from "../parameters"
import type { Firmware } from "../firmware"
import { importCertificate, isRoot } from "../tls"
import { filePath } from "./files"

/** What firmware says to a command that it does not know. */
const UNKNOWN = 100
const NOT_ALLOWED = 3
const LARGEST_FILE = 0xffff_ffff

function supported({ hardware }: Firmware): void {
    if (hardware.options.firmware.tlsVersion === "none")
        throw new CommandError(UNKNOWN)
}

/** [SSL] V1.05 has AT+SSLSETROOT and TLS 1.2, V1.01 has neither. */
function setsRoots({ hardware }: Firmware): void {
    if (hardware.options.firmware.tlsVersion !== "TLSv1.2")
        throw new CommandError(UNKNOWN)
}

/** With or without quotation marks. */
const password: Parameter<string> = raw => raw?.text ?? ""

export const tlsCommands: readonly Command[] = [
    {
        name: "+CIPSSL",
        test: says(dce => {
            supported(dce)
            return "+CIPSSL: (0-1)"
        }),
        read: says(dce => {
            supported(dce)
            return `+CIPSSL: ${+dce.tcpip.state.tls.enabled}`
        }),
        write: sets([integer(0, 1)], (dce, n) => {
            supported(dce)
            dce.tcpip.state.tls.enabled = n === 1
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
            const { ignoreInvalid, authenticate } = dce.tcpip.state.tls
            return [
                `+SSLOPT: 0,${+ignoreInvalid}`,
                `+SSLOPT: 1,${+authenticate}`,
            ]
        }),
        write: sets([integer(0, 1), integer(0, 1)], (dce, option, enable) => {
            supported(dce)
            const { tls } = dce.tcpip.state
            if (option === 0) tls.ignoreInvalid = enable === 1
            else tls.authenticate = enable === 1
        }),
    },
    {
        name: "+SSLSETROOT",
        test: (run, text) => {
            setsRoots(run.dce)
            saysOk(run, text)
        },
        write: sets(
            [filePath(), integer(1, LARGEST_FILE)],
            (dce, path, size) => {
                setsRoots(dce)
                const file = dce.hardware.nvram.files.read(path)
                allowedIf(file?.length === size && isRoot(file))
                dce.tcpip.state.tls.root = file
            }
        ),
    },
    {
        name: "+SSLSETCERT",
        test: (run, text) => {
            supported(run.dce)
            saysOk(run, text)
        },
        write: takes(
            [filePath(), optional(password, "")],
            (run, path, opens) => {
                const { dce } = run
                supported(dce)
                const file = dce.hardware.nvram.files.read(path)
                if (file === undefined) throw new CommandError(NOT_ALLOWED)
                run.ok()
                const { command } = dce.hardware.options.delays
                dce.clock.after(command, () => {
                    const imported = importCertificate(file, opens)
                    if (imported) dce.tcpip.state.tls.client = imported.client
                    dce.output.urc(`+SSLSETCERT: ${imported ? 0 : 1}`)
                })
            }
        ),
    },
]
