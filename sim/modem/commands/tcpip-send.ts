/** Sending: AT+CIPSEND and AT+CIPACK, [ATM] 8.2.3, 8.2.5, [AN] 6. */
import {
    allowedIf,
    says,
    saysOk,
    takes,
    type CommandRun,
    type Command,
} from "../command"
import type { Timer } from "../clock"
import type { Firmware } from "../firmware"
import type { Link, SendResult } from "../link"
import { integer, optional, readParameters } from "../parameters"
import { SendEntry } from "../send-entry"
import { LINK_COUNT } from "../toolkit-state"
import { SEGMENT } from "../transport"

const NOT_ALLOWED = 3

const linkNumber = integer(0, LINK_COUNT - 1)
const sendLength = integer(1, 0xffff_ffff)

/** The most that one AT+CIPSEND may hold now, AT+CIPSEND?. */
function sendSize(link: Link): number {
    return Math.min(SEGMENT, link.room)
}

function write(run: CommandRun, values: string): void {
    const { tcpip } = run.dce
    if (tcpip.state.multi) {
        const [n, length] = readParameters(values, [
            linkNumber,
            optional(sendLength),
        ])
        begin(run, tcpip.state.links[n], length)
    } else {
        const [length] = readParameters(values, [sendLength])
        begin(run, tcpip.state.links[0], length)
    }
}

/** Shows the prompt and takes the data. */
function begin(run: CommandRun, link: Link, length: number | undefined): void {
    const { dce } = run
    const { settings } = dce.tcpip.state
    const limit = sendSize(link)
    // a transparent connection sends in data mode
    allowedIf(!dce.tcpip.state.isTransparent)
    allowedIf(link.state === "CONNECTED" && limit > 0)
    allowedIf(length === undefined || length <= limit)
    let timer: Timer | undefined
    const end = (): void => {
        timer?.cancel()
        link.whenAborted = undefined
        dce.endEntry()
    }
    const entry = new SendEntry(length, limit, {
        complete: bytes => {
            end()
            finish(run, link, bytes)
        },
        cancelled: () => {
            end()
            if (dce.hardware.options.firmware.escapeResult === "OK") run.ok()
            else run.done()
        },
        overflow: () => {
            end()
            run.fail(NOT_ALLOWED)
        },
        abandoned: () => {
            end()
            run.done()
        },
    })
    const sendInTime = (): void => {
        // nothing typed: there is nothing to send yet
        if (entry.isEmpty) restart()
        else entry.finish()
    }
    const restart = (): void => {
        timer = dce.clock.after(settings.timedSendSeconds * 1000, sendInTime)
    }
    if (settings.sendPrompt === 1) dce.output.prompt()
    dce.beginEntry(entry)
    link.whenAborted = () => dce.abandonEntry()
    if (length === undefined && settings.timedSend) restart()
    dce.hardware.hooks.promptShown(link)
}

/** Hands the data to the connection and says what became of it. */
function finish(run: CommandRun, link: Link, bytes: Uint8Array): void {
    const { dce } = run
    const { tcpip, output } = dce
    if (bytes.length === 0) {
        run.fail(NOT_ALLOWED)
        return
    }
    if (tcpip.state.settings.quickSend && link.state === "CONNECTED") {
        const n = tcpip.state.multi ? `${link.number},` : ""
        output.result(`DATA ACCEPT:${n}${bytes.length}`)
        tcpip.transports.send(link, bytes, () => undefined)
        run.done()
        return
    }
    tcpip.transports.send(link, bytes, result => {
        const text = resultTexts[result]
        const isSilent =
            result === "sent" && tcpip.state.settings.sendPrompt === 2
        if (text !== undefined && !isSilent)
            output.result(tcpip.state.indexed(link, text))
        run.done()
    })
}

/** `CLOSED` and `+PDP: DEACT` speak for themselves. */
const resultTexts: Partial<Record<SendResult, string>> = {
    sent: "SEND OK",
    failed: "SEND FAIL",
}

function sizes({ tcpip }: Firmware): string[] {
    if (!tcpip.state.multi)
        return [`+CIPSEND: ${sendSize(tcpip.state.links[0])}`]
    return tcpip.state.links
        .filter(link => link.state === "CONNECTED")
        .map(link => `+CIPSEND: ${link.number},${sendSize(link)}`)
}

/** AT+CIPACK: bytes sent, acknowledged, and the difference. */
function acknowledgements(run: CommandRun, link: Link): void {
    allowedIf(link.state !== "INITIAL")
    const { sent, acknowledged } = link
    const { ackBlanks } = run.dce.hardware.options.firmware
    const counts = [sent, acknowledged, sent - acknowledged]
    run.information(`+CIPACK: ${counts.join(ackBlanks ? ", " : ",")}`)
    run.ok()
}

export const sendCommands: readonly Command[] = [
    {
        name: "+CIPSEND",
        delay: "prompt",
        test: says(({ tcpip }) =>
            tcpip.state.multi
                ? "+CIPSEND: (0-5),<length>"
                : "+CIPSEND: <length>"
        ),
        read: run => {
            const lines = sizes(run.dce)
            run.information(...lines)
            run.ok()
        },
        write,
        execute: run =>
            begin(run, run.dce.tcpip.state.link(undefined), undefined),
    },
    {
        name: "+CIPACK",
        test: saysOk,
        write: takes([linkNumber], (run, n) =>
            acknowledgements(run, run.dce.tcpip.state.link(n))
        ),
        execute: run =>
            acknowledgements(run, run.dce.tcpip.state.link(undefined)),
    },
]
