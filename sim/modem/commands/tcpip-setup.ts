/** Settings before a connection: [ATM] 8.2. */
import { allowedIf, says, saysOk, sets, takes, type Command } from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import type { IpSettings } from "../ip-settings"
import type { Link } from "../link"
import { isSaved } from "../nvram"
import {
    integer,
    ipAddress,
    oneOf,
    optional,
    port,
    readParameters,
    text,
    word,
} from "../parameters"
import { LINK_COUNT } from "../toolkit-state"

const TOO_FEW = 791
const TOO_MANY = 792
/** APN, user and password, each, [ATM] 8.2.9. */
const ACCESS_TEXT = 50

type Switch = {
    [K in keyof IpSettings]: IpSettings[K] extends boolean ? K : never
}[keyof IpSettings]

/** A setting that is 0 or 1. */
function onOff(name: string, key: Switch): Command {
    return {
        name,
        test: says(() => `${name}: (0,1)`),
        read: says(({ tcpip }) => `${name}: ${+tcpip.state.settings[key]}`),
        write: sets([integer(0, 1)], ({ tcpip }, value) => {
            tcpip.state.settings[key] = value === 1
        }),
    }
}

/** AT+CIPSCONT?, [ATM] 8.2.27: 0 if NVRAM has the same values. */
function savedSettings({ hardware, tcpip }: Firmware): string[] {
    const s = tcpip.state.settings
    const { apn, user, password } = tcpip.state.accessPoint
    return [
        `+CIPSCONT: ${isSaved(s, hardware.nvram.ipSettings) ? 0 : 1}`,
        "+CIPCSGP: 1",
        `Gprs Config APN: ${apn}`,
        `Gprs Config UserId: ${user}`,
        `Gprs Config Password: ${password}`,
        `+CIPHEAD: ${+s.header}`,
        `+CIPSHOWTP: ${+s.showProtocol}`,
        `+CIPSRIP: ${+s.showSender}`,
        `+CIPATS: ${+s.timedSend},${s.timedSendSeconds}`,
        `+CIPSPRT: ${s.sendPrompt === 1 ? 1 : 0},${s.sendPrompt === 2 ? 1 : 0}`,
        `+CIPQSEND: ${+s.quickSend}`,
        `+CIPMODE: ${+s.transparent}`,
        `+CIPCCFG: ${transparentMode(s)}`,
        `+CIPMUX: ${+s.multi}`,
        `+CIPDPDP: ${supervision(s)}`,
        `+CIPRXGET: ${+s.manualReceive}`,
        `+CIPRDTIMER: ${s.singleRemoteDelay},${s.multiRemoteDelay}`,
    ]
}

function supervision(settings: IpSettings): string {
    const { watchAttach, watchIntervalSeconds, watchCount } = settings
    return `${+watchAttach},${watchIntervalSeconds},${watchCount}`
}

/** NmRetry, WaitTm, SendSz, esc, Rxmode, RxSize, Rxtimer. */
function transparentMode(settings: IpSettings): string {
    const { retries, waitTime, sendSize, escape } = settings
    const { pacedOutput, burstSize, burstGap } = settings
    const sending = [retries, waitTime, sendSize, +escape]
    return [...sending, +pacedOutput, burstSize, burstGap].join(",")
}

function localPorts({ tcpip }: Firmware): string[] {
    const ports = tcpip.state.links.map(
        ({ localPort }) => `${localPort.TCP},${localPort.UDP}`
    )
    return tcpip.state.multi
        ? ports.map((pair, n) => `+CLPORT: ${n},${pair}`)
        : [`+CLPORT: ${ports[0]}`]
}

/** AT+CLPORT: the connection number comes first if there are several. */
function setLocalPort(dce: Firmware, values: string): void {
    const rest = [word("TCP", "UDP"), integer(0, 65535)] as const
    if (dce.tcpip.state.multi) {
        const [n, protocol, port] = readParameters(values, [
            integer(0, LINK_COUNT - 1),
            ...rest,
        ])
        dce.tcpip.state.links[n].localPort[protocol] = port
    } else {
        const [protocol, port] = readParameters(values, rest)
        dce.tcpip.state.links[0].localPort[protocol] = port
    }
}

/** `1,"116.228.221.51",9600`: the address while there is a connection, [AN] 2.1.4. */
function udpMode({ extendedUdp, protocol, state, remote }: Link): string {
    if (!extendedUdp) return "0"
    return protocol === "UDP" && state === "CONNECTED"
        ? `1,"${remote.address}",${remote.port}`
        : "1"
}

function udpModes({ tcpip }: Firmware): string[] {
    const modes = tcpip.state.links.map(udpMode)
    return tcpip.state.multi
        ? modes.map((mode, n) => `+CIPUDPMODE: ${n},${mode}`)
        : [`+CIPUDPMODE: ${modes[0]}`]
}

/**
 * AT+CIPUDPMODE, [ATM] 8.2.25: 0 and 1 before the connection is made, 2 while it
 * lasts. The connection number comes first if there are several.
 */
function setUdpMode({ tcpip }: Firmware, values: string): void {
    const rest = [
        integer(0, 2),
        optional(ipAddress()),
        optional(port(1)),
    ] as const
    const [n, mode, address, number] = tcpip.state.multi
        ? readParameters(values, [integer(0, LINK_COUNT - 1), ...rest])
        : ([0, ...readParameters(values, rest)] as const)
    const link = tcpip.state.links[n]
    if (mode !== 2) {
        if (address !== undefined || number !== undefined)
            throw new CommandError(TOO_MANY)
        allowedIf(!link.isBusy)
        link.extendedUdp = mode === 1
        return
    }
    if (address === undefined || number === undefined)
        throw new CommandError(TOO_FEW)
    const { extendedUdp, protocol, state } = link
    allowedIf(extendedUdp && protocol === "UDP" && state === "CONNECTED")
    link.remote = { address, port: number }
}

export const setupCommands: readonly Command[] = [
    {
        // [ATM] 8.2.1: only while nothing is up
        name: "+CIPMUX",
        test: says(() => "+CIPMUX: (0,1)"),
        read: says(({ tcpip }) => `+CIPMUX: ${+tcpip.state.multi}`),
        write: sets([integer(0, 1)], ({ tcpip }, n) =>
            tcpip.state.setMulti(n === 1)
        ),
    },
    {
        // [ATM] 8.2.29
        name: "+CIPSGTXT",
        test: says(() => "+CIPSGTXT: (0,1)"),
        write: sets([oneOf(0, 1)], ({ tcpip }, bearer) =>
            tcpip.state.select(bearer)
        ),
    },
    {
        // [ATM] 8.2.22; void with several connections ([AN] 3)
        name: "+CIPMODE",
        test: says(() => "+CIPMODE: (0-NORMAL MODE,1-TRANSPARENT MODE)"),
        read: says(
            ({ tcpip }) => `+CIPMODE: ${+tcpip.state.settings.transparent}`
        ),
        write: sets([integer(0, 1)], ({ tcpip }, mode) => {
            allowedIf(!tcpip.state.multi && !tcpip.state.isConnected)
            tcpip.state.settings.transparent = mode === 1
        }),
    },
    {
        // [ATM] 8.2.23, [AN] 2.2.2. NmRetry is kept and shown: on this radio
        // no packet is lost, only late
        name: "+CIPCCFG",
        test: says(
            ({ hardware }) =>
                `+CIPCCFG: (NmRetry:3-8),(WaitTm:${hardware.options.firmware.leastWaitTime}-10),(SendSz:1-1460),(esc:0,1),(Rxmode:0,1),(RxSize:50-1460),(Rxtimer:20-1000)`
        ),
        read: says(
            ({ tcpip }) => `+CIPCCFG: ${transparentMode(tcpip.state.settings)}`
        ),
        write: (run, values) => {
            const { tcpip, hardware } = run.dce
            const { leastWaitTime } = hardware.options.firmware
            const [retries, waitTime, sendSize, escape, paced, size, gap] =
                readParameters(values, [
                    integer(3, 8),
                    integer(leastWaitTime, 10),
                    integer(1, 1460),
                    integer(0, 1),
                    optional(integer(0, 1)),
                    optional(integer(50, 1460)),
                    optional(integer(20, 1000)),
                ])
            allowedIf(!tcpip.state.multi)
            const { settings } = tcpip.state
            Object.assign(settings, {
                retries,
                waitTime,
                sendSize,
                escape: escape === 1,
                pacedOutput:
                    paced === undefined ? settings.pacedOutput : paced === 1,
                burstSize: size ?? settings.burstSize,
                burstGap: gap ?? settings.burstGap,
            } satisfies Partial<IpSettings>)
            run.ok()
        },
    },
    {
        // [ATM] 8.2.9
        name: "+CSTT",
        test: says(() => '+CSTT: "APN","USER","PWD"'),
        read: says(({ tcpip }) => {
            const { apn, user, password } = tcpip.state.accessPoint
            return `+CSTT: "${apn}","${user}","${password}"`
        }),
        write: sets(
            [
                text(ACCESS_TEXT),
                optional(text(ACCESS_TEXT), ""),
                optional(text(ACCESS_TEXT), ""),
            ],
            ({ tcpip }, apn, user, password) =>
                tcpip.start({ apn, user, password })
        ),
        execute: run => {
            const { tcpip } = run.dce
            tcpip.start(tcpip.state.accessPoint)
            run.ok()
        },
    },
    {
        // [ATM] 8.2.17: GPRS and its access point; CSD is not modelled
        name: "+CIPCSGP",
        test: says(() => "+CIPCSGP: 1-GPRS,APN,USER NAME,PASSWORD"),
        read: says(({ tcpip }) => {
            const { apn, user, password } = tcpip.state.accessPoint
            return `+CIPCSGP: 1,"${apn}","${user}","${password}"`
        }),
        write: sets(
            [
                integer(1, 1),
                optional(text(ACCESS_TEXT), undefined),
                optional(text(ACCESS_TEXT), ""),
                optional(text(ACCESS_TEXT), ""),
            ],
            ({ tcpip }, _, apn, user, password) => {
                if (apn !== undefined)
                    tcpip.state.setAccessPoint({ apn, user, password })
            }
        ),
    },
    {
        // [ATM] 8.2.10
        name: "+CIICR",
        test: saysOk,
        execute: run => run.dce.tcpip.activate(run),
    },
    {
        // [ATM] 8.2.11: the address is the result, no OK follows
        name: "+CIFSR",
        test: saysOk,
        execute: run => {
            run.information(run.dce.tcpip.address())
            run.done()
        },
    },
    {
        // [ATM] 8.2.13
        name: "+CDNSCFG",
        test: says(() => '+CDNSCFG: ("Primary DNS"),("Secondary DNS")'),
        read: says(({ tcpip }) => [
            `PrimaryDns: ${tcpip.state.nameServers[0]}`,
            `SecondaryDns: ${tcpip.state.nameServers[1]}`,
        ]),
        write: sets(
            [ipAddress(), optional(ipAddress())],
            ({ tcpip }, primary, secondary) => {
                tcpip.state.nameServers = [
                    primary,
                    secondary ?? tcpip.state.nameServers[1],
                ]
            }
        ),
    },
    {
        // [ATM] 8.2.14
        name: "+CDNSGIP",
        test: saysOk,
        write: takes([text(255)], (run, host) =>
            run.dce.tcpip.names.query(run, host)
        ),
    },
    {
        // [ATM] 8.2.8
        name: "+CLPORT",
        test: says(({ tcpip }) =>
            tcpip.state.multi
                ? '+CLPORT: (0-5),("TCP","UDP"),(0-65535)'
                : '+CLPORT: ("TCP","UDP"),(0-65535)'
        ),
        read: says(localPorts),
        write: (run, values) => {
            setLocalPort(run.dce, values)
            run.ok()
        },
    },
    {
        // [ATM] 8.2.25
        name: "+CIPUDPMODE",
        test: says(({ tcpip }) => {
            const n = tcpip.state.multi ? "(0-5)," : ""
            return `+CIPUDPMODE: ${n}(0-2),("(0-255).(0-255).(0-255).(0-255)"),(1-65535)`
        }),
        read: says(udpModes),
        write: (run, values) => {
            setUdpMode(run.dce, values)
            run.ok()
        },
    },
    {
        // [ATM] 8.2.30
        name: "+CIPTKA",
        test: says(() => "+CIPTKA: (0,1),(30-7200),(30-600),(1-9)"),
        read: says(({ tcpip }) => {
            const { enabled, idleSeconds, intervalSeconds, count } =
                tcpip.state.keepAlive
            return `+CIPTKA: ${+enabled},${idleSeconds},${intervalSeconds},${count}`
        }),
        write: sets(
            [
                integer(0, 1),
                optional(integer(30, 7200)),
                optional(integer(30, 600)),
                optional(integer(1, 9)),
            ],
            ({ tcpip }, mode, idle, interval, count) => {
                const current = tcpip.state.keepAlive
                current.enabled = mode === 1
                current.idleSeconds = idle ?? current.idleSeconds
                current.intervalSeconds = interval ?? current.intervalSeconds
                current.count = count ?? current.count
            }
        ),
    },
    {
        // [ATM] 8.2.28
        name: "+CIPRDTIMER",
        test: says(() => "+CIPRDTIMER: (100-4000),(100-7000)"),
        read: says(({ tcpip }) => {
            const { singleRemoteDelay, multiRemoteDelay } = tcpip.state.settings
            return `+CIPRDTIMER: ${singleRemoteDelay},${multiRemoteDelay}`
        }),
        write: sets(
            [integer(100, 4000), integer(100, 7000)],
            ({ tcpip }, single, multi) => {
                tcpip.state.settings.singleRemoteDelay = single
                tcpip.state.settings.multiRemoteDelay = multi
            }
        ),
    },
    {
        // [ATM] 8.2.21
        name: "+CIPDPDP",
        test: says(() => "+CIPDPDP: (0,1),(1-180),(1-10)"),
        read: says(
            ({ tcpip }) => `+CIPDPDP: ${supervision(tcpip.state.settings)}`
        ),
        write: sets(
            [
                integer(0, 1),
                optional(integer(1, 180)),
                optional(integer(1, 10)),
            ],
            ({ tcpip }, mode, interval, count) => {
                const { settings } = tcpip.state
                settings.watchAttach = mode === 1
                settings.watchIntervalSeconds =
                    interval ?? settings.watchIntervalSeconds
                settings.watchCount = count ?? settings.watchCount
            }
        ),
    },
    {
        // [ATM] 8.2.27
        name: "+CIPSCONT",
        read: says(savedSettings),
        execute: run => {
            const { hardware, tcpip } = run.dce
            hardware.nvram.ipSettings = { ...tcpip.state.settings }
            run.ok()
        },
    },
    // [ATM] 8.2.15, 8.2.24, 8.2.20, 8.2.4
    onOff("+CIPHEAD", "header"),
    onOff("+CIPSHOWTP", "showProtocol"),
    onOff("+CIPSRIP", "showSender"),
    onOff("+CIPQSEND", "quickSend"),
    {
        // [ATM] 8.2.17
        name: "+CIPSPRT",
        test: says(() => "+CIPSPRT: (0-2)"),
        read: says(
            ({ tcpip }) => `+CIPSPRT: ${tcpip.state.settings.sendPrompt}`
        ),
        write: sets([oneOf(0, 1, 2)], ({ tcpip }, prompt) => {
            tcpip.state.settings.sendPrompt = prompt
        }),
    },
    {
        // [ATM] 8.2.16
        name: "+CIPATS",
        test: says(() => "+CIPATS: (0,1),(1-100)"),
        read: says(({ tcpip }) => {
            const { timedSend, timedSendSeconds } = tcpip.state.settings
            return `+CIPATS: ${+timedSend},${timedSendSeconds}`
        }),
        write: sets(
            [integer(0, 1), optional(integer(1, 100))],
            ({ tcpip }, mode, seconds) => {
                const { settings } = tcpip.state
                const time = seconds ?? settings.timedSendSeconds
                if (mode === 1 && time === 0) throw new CommandError(TOO_FEW)
                settings.timedSend = mode === 1
                settings.timedSendSeconds = time
            }
        ),
    },
]
