/** Registration, signal, GPRS attach. */
import { says, sets, takes, type CommandRun, type Command } from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import type { OperatorFormat, OperatorMode } from "../nvram"
import { operatorsOf } from "../operators"
import type { OtherOperator } from "../options"
import { integer, oneOf, optional, text } from "../parameters"

const NO_NETWORK = 30
const NOT_ALLOWED = 32
const TOO_FEW = 791
const RADIO_IS_OFF = 797

/** @throws CommandError unless the module may use the radio */
export function requireRadio(dce: Firmware): void {
    if (dce.functionality !== 1) throw new CommandError(RADIO_IS_OFF)
    if (dce.sim.error !== undefined) throw new CommandError(dce.sim.error)
}

function nameOf(operator: OtherOperator, format: OperatorFormat): string {
    const { longName, shortName, numericName } = operator
    return [longName, shortName, numericName][format]
}

/** AT+COPS=mode,format,oper: takes effect and says OK after a while. */
function selectOperator(
    run: CommandRun,
    mode: OperatorMode,
    format: OperatorFormat,
    name: string | undefined
): void {
    const { dce } = run
    const { nvram, options } = dce.hardware
    const byName = mode === 1 || mode === 4
    if (byName && name === undefined) throw new CommandError(TOO_FEW)
    requireRadio(dce)
    const named = operatorsOf(options.operator).find(
        operator => byName && nameOf(operator, format) === name
    )
    dce.clock.after(options.delays.operatorSelection, () => {
        if (mode === 1 && named === undefined) {
            run.fail(NO_NETWORK)
            return
        }
        const welcome = mode === 4 && named?.isForbidden ? undefined : named
        const before = dce.operator
        nvram.operatorMode = mode === 4 && welcome === undefined ? 0 : mode
        if (mode !== 2) nvram.chosenOperator = welcome?.numericName
        if (mode === 2 || dce.operator.numericName !== before.numericName) {
            dce.tcpip.deactivateAll()
            dce.registration.stop()
        }
        if (mode !== 2 && !dce.registration.isRegistered) dce.seekNetwork()
        if (welcome?.isForbidden) run.fail(NOT_ALLOWED)
        else run.ok()
    })
}

/** A network in AT+COPS=?: 1 available, 2 current, 3 forbidden. */
function describeOperator(dce: Firmware, operator: OtherOperator): string {
    const { longName, shortName, numericName, isForbidden } = operator
    const isCurrent =
        dce.registration.isRegistered &&
        dce.operator.numericName === numericName
    const stat = isForbidden ? 3 : isCurrent ? 2 : 1
    return `(${stat},"${longName}","${shortName}","${numericName}")`
}

const reports = optional(integer<0 | 1 | 2>(0, 2), 0)

export const networkCommands: readonly Command[] = [
    {
        // [ATM] 3.2.35
        name: "+CSQ",
        test: says(() => "+CSQ: (0-31,99),(0-7,99)"),
        execute: says(dce => {
            if (dce.functionality !== 1) return "+CSQ: 99,99"
            const { rssi, errorRate } = dce.hardware.signal
            return `+CSQ: ${rssi},${errorRate}`
        }),
    },
    {
        // [ATM] 3.2.32
        name: "+CREG",
        test: says(() => "+CREG: (0-2)"),
        read: says(dce => {
            const level = dce.profile.registrationReports
            const status = dce.registration.status
            return `+CREG: ${level},${dce.describeRegistration(status, level)}`
        }),
        write: sets([reports], ({ profile }, level) => {
            profile.registrationReports = level
        }),
    },
    {
        // [ATM] 7.2.10
        name: "+CGREG",
        test: says(() => "+CGREG: (0-2)"),
        read: says(dce => {
            const level = dce.profile.gprsReports
            const status = dce.registration.gprsStatus
            return `+CGREG: ${level},${dce.describeRegistration(status, level)}`
        }),
        write: sets([reports], ({ profile }, level) => {
            profile.gprsReports = level
        }),
    },
    {
        // [ATM] 3.2.22
        name: "+COPS",
        test: (run, _text) => {
            const { dce } = run
            requireRadio(dce)
            const { delays, operator } = dce.hardware.options
            dce.clock.after(delays.operatorSearch, () => {
                const list = operatorsOf(operator).map(other =>
                    describeOperator(dce, other)
                )
                run.information(`+COPS: ${list.join(",")},,(0-4),(0-2)`)
                run.ok()
            })
        },
        read: says(dce => {
            const { operatorMode, operatorFormat } = dce.hardware.nvram
            if (!dce.registration.isRegistered) return `+COPS: ${operatorMode}`
            const name = nameOf(dce.operator, operatorFormat)
            return `+COPS: ${operatorMode},${operatorFormat},"${name}"`
        }),
        write: takes(
            [
                oneOf(0, 1, 2, 3, 4),
                optional(oneOf(0, 1, 2)),
                optional(text(Infinity)),
            ],
            (run, mode, format, name) => {
                const { nvram } = run.dce.hardware
                if (format !== undefined) nvram.operatorFormat = format
                if (mode === 3) run.ok()
                else selectOperator(run, mode, nvram.operatorFormat, name)
            }
        ),
    },
]
