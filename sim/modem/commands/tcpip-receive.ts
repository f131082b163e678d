/** Receiving by hand: AT+CIPRXGET, [ATM] 8.2.26, [AN] 7.2. */
import { bytesOf } from "../bytes"
import { allowedIf, says, type CommandRun, type Command } from "../command"
import type { Firmware } from "../firmware"
import type { Link } from "../link"
import {
    integer,
    oneOf,
    optional,
    readParameters,
    splitValues,
} from "../parameters"
import { LINK_COUNT } from "../toolkit-state"
import { SEGMENT } from "../transport"

/** In hexadecimal a byte takes two characters. */
const HEX_LIMIT = SEGMENT / 2

const READ = 2
const READ_HEX = 3
const COUNT = 4

/** Modes 0 and 1: before a connection is made. */
function setMode({ tcpip }: Firmware, manual: boolean): void {
    allowedIf(!tcpip.state.isConnected)
    tcpip.state.settings.manualReceive = manual
}

function write(run: CommandRun, values: string): void {
    const { tcpip } = run.dce
    const [mode] = readParameters(splitValues(values)[0].text, [
        oneOf(0, 1, 2, 3, 4),
    ])
    if (mode < 2) {
        readParameters(values, [integer(0, 1)])
        setMode(run.dce, mode === 1)
        run.ok()
        return
    }
    const number = tcpip.state.multi ? [integer(0, LINK_COUNT - 1)] : []
    const limit = mode === READ_HEX ? HEX_LIMIT : SEGMENT
    const length = mode === COUNT ? [] : [optional(integer(1, limit), limit)]
    const [, ...rest] = readParameters(values, [
        integer(mode, mode),
        ...number,
        ...length,
    ])
    const link = tcpip.state.links[tcpip.state.multi ? rest[0] : 0]
    // with data pushed there is nothing to get; without a connection neither
    allowedIf(tcpip.state.settings.manualReceive && !tcpip.state.isTransparent)
    allowedIf(link.state !== "INITIAL")
    if (mode === COUNT) count(run, link)
    else read(run, link, mode === READ_HEX, rest[rest.length - 1])
}

function count(run: CommandRun, link: Link): void {
    const n = run.dce.tcpip.state.multi ? `${link.number},` : ""
    run.information(`${name(run)}${COUNT},${n}${link.unread}`)
    run.ok()
}

function read(run: CommandRun, link: Link, hex: boolean, length: number): void {
    const { tcpip, output, hardware } = run.dce
    const { rxgetNumbers } = hardware.options.firmware
    const received = link.read(length)
    const bytes = received?.bytes ?? new Uint8Array()
    const numbers =
        rxgetNumbers === "delivered-left"
            ? [bytes.length, link.unread]
            : [length, bytes.length]
    const n = tcpip.state.multi ? [link.number] : []
    const sender =
        tcpip.state.settings.showSender && received !== undefined
            ? [`${received.from.address}:${received.from.port}`]
            : []
    const header = [hex ? READ_HEX : READ, ...n, ...numbers, ...sender].join(
        ","
    )
    const payload = hex ? hexadecimal(bytes) : bytes
    output.payload(`${name(run)}${header}`, payload)
    run.ok()
}

function hexadecimal(bytes: Uint8Array): Uint8Array {
    return bytesOf(Buffer.from(bytes).toString("hex").toUpperCase())
}

/** `+CIPRXGET: ` as this firmware spells it. */
function name(run: CommandRun): string {
    return run.dce.tcpip.delivery.rxgetName()
}

export const receiveCommands: readonly Command[] = [
    {
        name: "+CIPRXGET",
        test: says(({ tcpip }) =>
            tcpip.state.multi
                ? "+CIPRXGET: (0-4),(0-5),(1-1460)"
                : "+CIPRXGET: (0-4),(1-1460)"
        ),
        read: says(
            ({ tcpip }) => `+CIPRXGET: ${+tcpip.state.settings.manualReceive}`
        ),
        write,
    },
]
