/** Supplementary services, which the network keeps for the subscriber: [ATM12] 3.2.5, 3.2.6, 3.2.19, 3.2.21. */
import { hidesCaller, showsCalled, showsWaiting } from "../call-settings"
import {
    allowedIf,
    says,
    setting,
    takes,
    type Command,
    type CommandRun,
    type Handler,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import {
    integer,
    oneOf,
    optional,
    readParameters,
    text,
    type Parameter,
} from "../parameters"
import { isNumber, numberType } from "../phone-number"
import type { SettingData } from "../setting"
import { forwardReasons, type ForwardReason } from "../subscription"

const INVALID_NUMBER = 27
const NO_NETWORK = 30
const INVALID = 765
const TOO_FEW = 791

/** `<class>`: voice, and all of voice, data and fax. */
const VOICE = 1
const ALL_CLASSES = 7

/** Asks the network, which takes its time. @throws CommandError without one */
function ask(run: CommandRun, answer: () => void): void {
    const { dce } = run
    if (!dce.registration.isRegistered) throw new CommandError(NO_NETWORK)
    dce.clock.after(dce.options.delays.supplementary, answer)
}

/** AT+CCWA=n[,mode[,class]]: with a mode the network is asked. */
const waiting: Handler = (run, values) => {
    const { dce } = run
    const DISABLE = 0
    const QUERY = 2
    const [n, mode] = readParameters(values, [
        optional(oneOf(0, 1)),
        optional(oneOf(DISABLE, 1, QUERY)),
        optional(integer(1, ALL_CLASSES), ALL_CLASSES),
    ])
    const keep = (): void => {
        if (n !== undefined) dce.settings.keep(showsWaiting, [n])
    }
    if (mode === undefined) {
        keep()
        run.ok()
        return
    }
    ask(run, () => {
        const { subscription } = dce.hardware
        keep()
        if (mode !== QUERY) subscription.callWaiting = mode !== DISABLE
        else if (subscription.callWaiting) run.information(`+CCWA: 1,${VOICE}`)
        else run.information(`+CCWA: 0,${ALL_CLASSES}`)
        run.ok()
    })
}

/** `<reason>` 4 and 5 of AT+CCFC mean several. */
const ALL = 4
const ALL_CONDITIONAL = 5

function reasonsOf(reason: number): readonly ForwardReason[] {
    if (reason === ALL) return forwardReasons
    if (reason === ALL_CONDITIONAL)
        return forwardReasons.filter(one => one !== 0)
    return forwardReasons.filter(one => one === reason)
}

const USUAL_SECONDS = 20

/** `<time>`: 5 to 30 s, in steps of 5. */
const seconds: Parameter<number> = raw => {
    const value = integer(1, 30)(raw)
    if (value % 5 !== 0) throw new CommandError(INVALID)
    return value
}

const Mode = { disable: 0, enable: 1, query: 2, register: 3, erase: 4 } as const

/** AT+CCFC ([ATM12] 3.2.5), of voice calls. */
const forward = takes(
    [
        integer(0, 5),
        integer(Mode.disable, Mode.erase),
        optional(text(Infinity)),
        optional(integer(0, 255)),
        optional(integer(1, ALL_CLASSES), ALL_CLASSES),
        optional(text(Infinity)),
        optional(integer(0, 255)),
        optional(seconds, USUAL_SECONDS),
    ],
    (run, reason, mode, number, ...more) => {
        const waits = more[4]
        const registers = mode === Mode.register
        if (registers && number === undefined) throw new CommandError(TOO_FEW)
        // the state is asked for one by one ([ATM12] 3.2.5)
        allowedIf(mode !== Mode.query || reason < ALL)
        if (number !== undefined && !isNumber(number))
            throw new CommandError(INVALID_NUMBER)
        ask(run, () => {
            const reasons = reasonsOf(reason)
            if (mode === Mode.query) run.information(...shown(run.dce, reasons))
            else
                for (const one of reasons)
                    change(run.dce, one, mode, number, waits)
            run.ok()
        })
    }
)

function change(
    { hardware }: Firmware,
    reason: ForwardReason,
    mode: number,
    number: string | undefined,
    seconds: number
): void {
    const { forwardings } = hardware.subscription
    const known = forwardings.get(reason)
    if (mode === Mode.erase) forwardings.delete(reason)
    else if (mode === Mode.register && number !== undefined)
        forwardings.set(reason, { number, seconds, isActive: true })
    else if (known !== undefined)
        forwardings.set(reason, { ...known, isActive: mode === Mode.enable })
}

function shown(
    { hardware }: Firmware,
    reasons: readonly ForwardReason[]
): string[] {
    const NO_REPLY = 2
    const lines = reasons.flatMap(reason => {
        const found = hardware.subscription.forwardings.get(reason)
        if (found === undefined) return []
        const { isActive, number, seconds } = found
        const time = reason === NO_REPLY ? `,,,${seconds}` : ""
        return [
            `+CCFC: ${+isActive},${VOICE},"${number}",${numberType(number)}${time}`,
        ]
    })
    return lines.length > 0 ? lines : [`+CCFC: 0,${ALL_CLASSES}`]
}

/** A setting that acts, whose read form tells of the subscription too, as far as there is a network to ask. */
export function service(data: SettingData, provision: number): Command {
    const UNKNOWN = 2
    return {
        ...setting(data, {
            read: ([n], { registration }) =>
                `${data.name}: ${n},${registration.isRegistered ? provision : UNKNOWN}`,
        }),
        acts: true,
    }
}

/** `<m>`: temporary mode, presentation allowed; provisioned. */
const SHOWN_BY_DEFAULT = 4
export const PROVISIONED = 1

export const callServiceCommands: readonly Command[] = [
    service(hidesCaller, SHOWN_BY_DEFAULT),
    service(showsCalled, PROVISIONED),
    { ...setting(showsWaiting), acts: true, write: waiting },
    {
        name: "+CCFC",
        test: says(() => "+CCFC: (0-5)"),
        write: forward,
    },
]
