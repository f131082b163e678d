/** Echo requests, and which ones the module answers: [ATM12] 10. */
import { allowedIf, says, setting, takes, type Command } from "../command"
import { CommandError } from "../errors"
import { integer, ipAddress, optional, type Parameter } from "../parameters"
import { ping } from "../pinger"
import { choice, range } from "../setting"

const NOT_ALLOWED = 3
const NO_NAME = 160
const MISSING = 791

/** A name or an address; quotation marks are optional ([ATM12] 19.11). */
const host: Parameter<string> = raw => {
    if (raw === undefined || raw.text === "") throw new CommandError(MISSING)
    return raw.text
}

const RULES = 20

/** AT+CIPPING ([ATM12] 10.2.1). */
const sendPings = takes(
    [
        host,
        optional(integer(1, 100), 4),
        optional(integer(0, 1024), 32),
        optional(integer(1, 600), 100),
        optional(integer(1, 255), 64),
    ],
    (run, name, count, bytes, timeout, ttl) => {
        const { dce } = run
        const { context } = dce.tcpip.state
        allowedIf(context.isActive)
        dce.pingSettings = [count, bytes, timeout, ttl]
        dce.tcpip.names.resolve(name, addresses => {
            const address = addresses?.[0]
            if (address === undefined) {
                run.fail(NO_NAME)
                return
            }
            let number = 0
            ping(
                dce,
                address,
                { count, bytes, timeoutMs: timeout * 100 },
                reply => {
                    if (!context.isActive) {
                        run.fail(NOT_ALLOWED)
                        return false
                    }
                    number++
                    run.information(
                        `+CIPPING: ${number},"${reply.address}",${reply.time},${reply.ttl}`
                    )
                    return true
                },
                () => run.ok()
            )
        })
    }
)

export const pingCommands: readonly Command[] = [
    {
        name: "+CIPPING",
        test: says(() => "+CIPPING: (1-100),(0-1024),(1-600),(1-255)"),
        read: says(({ pingSettings }) => `+CIPPING: ${pingSettings.join(",")}`),
        write: sendPings,
    },
    setting({ name: "+CIPCTL", values: [range(0, 2, 1)], saved: "by itself" }),
    setting({ name: "+CIPBEIPING", values: [choice([0, 1])], saved: "no" }),
    {
        // [ATM12] 10.2.3: rules without effect, since the module is never pinged
        name: "+CIPFLT",
        test: says(() => `+CIPFLT: (0-2),(1-${RULES})`),
        read: run => {
            const { ipFilter } = run.dce.hardware.nvram
            const lines = ipFilter.flatMap((rule, i) =>
                rule === undefined
                    ? []
                    : [`+CIPFLT: ${i + 1},"${rule.address}","${rule.mask}"`]
            )
            run.information(...lines)
            run.ok()
        },
        write: takes(
            [
                integer(0, 2),
                optional(integer(1, RULES)),
                optional(ipAddress()),
                optional(ipAddress()),
            ],
            (run, action, item, address, mask) => {
                const REMOVE = 0
                const ADD = 1
                const { ipFilter } = run.dce.hardware.nvram
                if (action === REMOVE) {
                    if (item === undefined) throw new CommandError(MISSING)
                    if (item <= ipFilter.length) ipFilter[item - 1] = undefined
                } else if (action === ADD) {
                    if (address === undefined || mask === undefined)
                        throw new CommandError(MISSING)
                    const free = ipFilter.indexOf(undefined)
                    const next = free < 0 ? ipFilter.length : free
                    const at = item === undefined ? next : item - 1
                    allowedIf(at < RULES)
                    while (ipFilter.length < at) ipFilter.push(undefined)
                    ipFilter[at] = { address, mask }
                } else ipFilter.fill(undefined)
                run.ok()
            }
        ),
    },
]
