/** Connections: made, accepted, closed, looked at. [ATM] 8.2.2, 8.2.6, 8.2.7, 8.2.12, 8.2.18. */
import {
    allowedIf,
    says,
    saysOk,
    takes,
    type CommandRun,
    type Command,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import type { Link } from "../link"
import {
    integer,
    optional,
    port,
    readParameters,
    text,
    word,
} from "../parameters"
import { LINK_COUNT, type ToolkitState } from "../toolkit-state"

const TOO_FEW = 791
const SERVER_NUMBER = 0

const linkNumber = integer(0, LINK_COUNT - 1)
const closeMode = optional(integer(0, 1), 0)

function start(run: CommandRun, values: string): void {
    const { tcpip } = run.dce
    const target = [word("TCP", "UDP"), text(255), port(1)] as const
    if (tcpip.state.multi) {
        const [n, ...rest] = readParameters(values, [linkNumber, ...target])
        tcpip.connect(run, tcpip.state.links[n], ...rest)
    } else
        tcpip.connect(
            run,
            tcpip.state.links[0],
            ...readParameters(values, target)
        )
}

/** `AT+CIPCLOSE=0` closes number 0, or the single connection slowly. */
function close(run: CommandRun, values: string): void {
    const { tcpip } = run.dce
    if (tcpip.state.multi) {
        const [n, mode] = readParameters(values, [linkNumber, closeMode])
        tcpip.close(run, tcpip.state.links[n], mode === 1)
    } else {
        const [mode] = readParameters(values, [closeMode])
        tcpip.close(run, tcpip.state.links[0], mode === 1)
    }
}

/** `AT+CIPSERVER=1,8888`, `AT+CIPSERVER=0` */
function server(
    run: CommandRun,
    open: boolean,
    number: number | undefined
): void {
    const { tcpip } = run.dce
    if (!open) tcpip.listening.close(run)
    else if (number === undefined) throw new CommandError(TOO_FEW)
    else tcpip.listening.open(run, number)
}

/** The server is number 0 of one. */
function serverMode({ tcpip }: Firmware): string {
    const { state, port, bearer } = tcpip.state.server
    return state === "CLOSED"
        ? "+CIPSERVER: 0"
        : `+CIPSERVER: 1,${port},${SERVER_NUMBER},${bearer}`
}

/** `S: 0,0,"8888","LISTENING"`, or no line without a server, [AN] 3.2. */
function describeServer({ server }: ToolkitState): string[] {
    const { state, port, bearer } = server
    return state === "CLOSED"
        ? []
        : [`S: ${SERVER_NUMBER},${bearer},"${port}","${state}"`]
}

/** `n,bearer,"TCP","1.2.3.4","80","CONNECTED"` */
function describe(link: Link): string {
    const { number, bearer, protocol, remote, state } = link
    return state === "INITIAL"
        ? `${number},,"","","","INITIAL"`
        : `${number},${bearer},"${protocol}","${remote.address}","${remote.port}","${state}"`
}

/** AT+CIPSTATUS: OK comes first, [AN] 3.1. */
function status(run: CommandRun): void {
    const { output, tcpip, hardware } = run.dce
    const { statusBlankLine } = hardware.options.firmware
    output.result("OK")
    const state = `STATE: ${tcpip.state.context.state}`
    if (tcpip.state.multi) {
        const blank = statusBlankLine === "none" ? [] : [""]
        const links = tcpip.state.links.map(link => `C: ${describe(link)}`)
        const lines = [...describeServer(tcpip.state), ...links]
        output.information(state, ...blank, ...lines)
    } else if (statusBlankLine === "both") output.information(state, "")
    else output.information(state)
    run.done()
}

function startForms({ tcpip }: Firmware): string[] {
    const n = tcpip.state.multi ? "(0-5)," : ""
    return ['"(0-255).(0-255).(0-255).(0-255)"', '"DOMAIN NAME"'].map(
        host => `+CIPSTART: ${n}("TCP","UDP"),(${host}),(1-65535)`
    )
}

export const connectionCommands: readonly Command[] = [
    { name: "+CIPSTART", test: says(startForms), write: start },
    {
        name: "+CIPSERVER",
        test: says(
            () => "+CIPSERVER: (0-CLOSE SERVER, 1-OPEN SERVER),(1-65535)"
        ),
        read: says(serverMode),
        write: takes([integer(0, 1), optional(port(1))], (run, mode, number) =>
            server(run, mode === 1, number)
        ),
    },
    {
        name: "+CIPCLOSE",
        test: saysOk,
        write: close,
        execute: run => {
            const { tcpip } = run.dce
            tcpip.close(run, tcpip.state.link(undefined), false)
        },
    },
    {
        name: "+CIPSHUT",
        test: saysOk,
        execute: run => run.dce.tcpip.shut(run),
    },
    {
        name: "+CIPSTATUS",
        test: saysOk,
        write: takes([linkNumber], (run, n) => {
            const { tcpip } = run.dce
            allowedIf(tcpip.state.multi)
            run.information(`+CIPSTATUS: ${describe(tcpip.state.links[n])}`)
            run.ok()
        }),
        execute: status,
    },
]
