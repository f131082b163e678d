/** Receiving by hand: AT+CIPRXGET, [ATM] 8.2.26, [AN] 7.2. */
import { bytesOf } from "../bytes"
import { allowedIf, says, type Call, type Command } from "../command"
import type { Firmware } from "../firmware"
import type { Link } from "../link"
import {
    integer,
    oneOf,
    optional,
    readParameters,
    splitValues,
} from "../parameters"
import { LINK_COUNT } from "../tcpip"
import { SEGMENT } from "../transport"

/** In hexadecimal a byte takes two characters. */
const HEX_LIMIT = SEGMENT / 2

const READ = 2
const READ_HEX = 3
const COUNT = 4

/** Modes 0 and 1: before a connection is made. */
function setMode({ tcpip }: Firmware, manual: boolean): void {
    allowedIf(!tcpip.isConnected)
    tcpip.settings.manualReceive = manual
}

function write(call: Call, values: string): void {
    const { tcpip } = call.dce
    const [mode] = readParameters(splitValues(values)[0].text, [
        oneOf(0, 1, 2, 3, 4),
    ])
    if (mode < 2) {
        readParameters(values, [integer(0, 1)])
        setMode(call.dce, mode === 1)
        call.ok()
        return
    }
    const number = tcpip.multi ? [integer(0, LINK_COUNT - 1)] : []
    const limit = mode === READ_HEX ? HEX_LIMIT : SEGMENT
    const length = mode === COUNT ? [] : [optional(integer(1, limit), limit)]
    const [, ...rest] = readParameters(values, [
        integer(mode, mode),
        ...number,
        ...length,
    ])
    const link = tcpip.links[tcpip.multi ? rest[0] : 0]
    // with data pushed there is nothing to get; without a connection neither
    allowedIf(tcpip.settings.manualReceive && !tcpip.isTransparent)
    allowedIf(link.state !== "INITIAL")
    if (mode === COUNT) count(call, link)
    else read(call, link, mode === READ_HEX, rest[rest.length - 1])
}

function count(call: Call, link: Link): void {
    const n = call.dce.tcpip.multi ? `${link.number},` : ""
    call.information(`${name(call)}${COUNT},${n}${link.unread}`)
    call.ok()
}

function read(call: Call, link: Link, hex: boolean, length: number): void {
    const { tcpip, output, board } = call.dce
    const { rxgetNumbers } = board.options.firmware
    const received = link.read(length)
    const bytes = received?.bytes ?? new Uint8Array()
    const numbers =
        rxgetNumbers === "delivered-left"
            ? [bytes.length, link.unread]
            : [length, bytes.length]
    const n = tcpip.multi ? [link.number] : []
    const sender =
        tcpip.settings.showSender && received !== undefined
            ? [`${received.from.address}:${received.from.port}`]
            : []
    const header = [hex ? READ_HEX : READ, ...n, ...numbers, ...sender].join(
        ","
    )
    const payload = hex ? hexadecimal(bytes) : bytes
    output.payload(`${name(call)}${header}`, payload)
    call.ok()
}

function hexadecimal(bytes: Uint8Array): Uint8Array {
    return bytesOf(Buffer.from(bytes).toString("hex").toUpperCase())
}

/** `+CIPRXGET: ` as this firmware spells it. */
function name(call: Call): string {
    return call.dce.tcpip.delivery.rxgetName()
}

export const receiveCommands: readonly Command[] = [
    {
        name: "+CIPRXGET",
        test: says(({ tcpip }) =>
            tcpip.multi
                ? "+CIPRXGET: (0-4),(0-5),(1-1460)"
                : "+CIPRXGET: (0-4),(1-1460)"
        ),
        read: says(
            ({ tcpip }) => `+CIPRXGET: ${+tcpip.settings.manualReceive}`
        ),
        write,
    },
]
