/**
 * Actions of a person or a script on a running modem: one list for the keys of the
 * terminal, the control port, the page and {@link perform}. A new action is a new entry
 * of {@link actions}.
 */
import { faultNames, faults, type FaultName } from "../modem/faults"
import type { IncomingMessage } from "../modem/message"
import type { Battery, RegistrationStatus, Signal } from "../modem/options"

/** The target of actions, e.g. a `VirtualSim800`. */
export interface ActionSurface {
    call(number: string): boolean
    hangUp(): void
    receiveMessage(message: IncomingMessage): void
    setRegistration(status: RegistrationStatus): void
    setSignal(signal: Signal): void
    setBattery(battery: Battery): void
    announce(text: string): void
    inject(name: FaultName, value?: number): void
    clearFaults(): void
    powerOn(): void
    powerOff(): void
}

/** A value that an action takes. */
export type Parameter = {
    /** One line for a person. */
    readonly summary: string
    /** It may be left away: then the action does without. */
    readonly optional?: boolean
} & (
    | {
          readonly kind: "text"
          readonly default?: string
          /** most characters */
          readonly longest: number
          /** it may have line ends */
          readonly lines?: boolean
      }
    | {
          readonly kind: "number"
          readonly default?: number
          readonly lowest: number
          readonly highest: number
      }
    | {
          readonly kind: "choice"
          readonly default?: string
          readonly choices: readonly string[]
      }
)

type Parameters = Readonly<Record<string, Parameter>>

type ValueOf<P extends Parameter> = P["kind"] extends "number" ? number : string

/**
 * Arguments of {@link perform}: those with a default, and optional ones, may be
 * omitted.
 */
type ArgumentsOf<P extends Parameters> = {
    readonly [K in keyof P]?: ValueOf<P[K]>
}

export interface Action {
    /** One line for a person. */
    readonly summary: string
    /** The key in the terminal; its capital letter asks for the values first. */
    readonly key: string
    readonly parameters: Parameters
    /**
     * @param values all that are not optional, each within its range
     * @returns what has happened, for a person
     * @throws ActionError if it cannot be done now
     */
    run(surface: ActionSurface, values: Values): string
}

export type Values = Readonly<Record<string, string | number | undefined>>

/** An action was asked for that does not exist, with values that it does not take, or at a wrong time. */
export class ActionError extends Error {
    override readonly name = "ActionError"

    constructor(
        message: string,
        /** `unknown`: no such action; `value`: a wrong value; `refused`: not now */
        readonly reason: "unknown" | "value" | "refused"
    ) {
        super(message)
    }
}

const CALLER = "+4915112345678"

function define<P extends Parameters>(action: {
    readonly summary: string
    readonly key: string
    readonly parameters: P
    run(
        surface: ActionSurface,
        values: { readonly [K in keyof P]: ValueOf<P[K]> }
    ): string
}): Omit<Action, "parameters"> & { readonly parameters: P } {
    return action as unknown as Omit<Action, "parameters"> & {
        readonly parameters: P
    }
}

/** Text that is within the modem's range. */
function refusable(run: () => void): void {
    try {
        run()
    } catch (error) {
        throw new ActionError((error as Error).message, "value")
    }
}

export const actions = {
    message: define({
        summary: "a short message comes in",
        key: "m",
        parameters: {
            from: {
                kind: "text",
                summary: "who sends it",
                default: CALLER,
                longest: 30,
            },
            text: {
                kind: "text",
                summary: "what it says",
                default: "hello",
                longest: 160,
                lines: true,
            },
        },
        run: (modem, { from, text }) => {
            refusable(() => modem.receiveMessage({ from, text }))
            return `short message from ${from}: ${text}`
        },
    }),
    call: define({
        summary: "someone calls",
        key: "c",
        parameters: {
            number: {
                kind: "text",
                summary: "who calls",
                default: CALLER,
                longest: 30,
            },
        },
        run: (modem, { number }) => {
            let rings = false
            refusable(() => (rings = modem.call(number)))
            if (!rings)
                throw new ActionError(
                    "it does not ring: the modem is not registered, or in a call",
                    "refused"
                )
            return `call from ${number}`
        },
    }),
    "hang-up": define({
        summary: "the caller hangs up",
        key: "h",
        parameters: {},
        run: modem => {
            modem.hangUp()
            return "the caller has hung up"
        },
    }),
    "network-off": define({
        summary: "the modem loses its network and searches",
        key: "n",
        parameters: {},
        run: modem => {
            modem.setRegistration(2)
            return "no network"
        },
    }),
    "network-on": define({
        summary: "the network is back",
        key: "o",
        parameters: {
            status: {
                kind: "choice",
                summary: "at home, or roaming",
                choices: ["home", "roaming"],
                default: "home",
            },
        },
        run: (modem, { status }) => {
            modem.setRegistration(status === "home" ? 1 : 5)
            return `the network is back, ${status}`
        },
    }),
    "context-lost": define({
        summary: "the network takes the PDP context away",
        key: "d",
        parameters: {
            context: {
                kind: "number",
                summary: "which one",
                lowest: 0,
                highest: 1,
                default: 0,
            },
        },
        run: (modem, { context }) => {
            modem.inject("pdp-deact", context)
            return `the network has taken PDP context ${context} away`
        },
    }),
    "brown-out": define({
        summary: "the supply dips: the modem restarts without a word",
        key: "b",
        parameters: {},
        run: modem => {
            modem.inject("brown-out")
            return "brown-out"
        },
    }),
    "power-off": define({
        summary: "the supply is cut",
        key: "x",
        parameters: {},
        run: modem => {
            modem.powerOff()
            return "the supply is cut"
        },
    }),
    "power-on": define({
        summary: "the modem is switched on",
        key: "w",
        parameters: {},
        run: modem => {
            modem.powerOn()
            return "switched on"
        },
    }),
    signal: define({
        summary: "the signal changes, AT+CSQ",
        key: "s",
        parameters: {
            rssi: {
                kind: "number",
                summary: "0 is -113 dBm, 31 is -51 dBm; 99 is unknown",
                lowest: 0,
                highest: 99,
                default: 5,
            },
        },
        run: (modem, { rssi }) => {
            if (rssi > 31 && rssi !== 99)
                throw new ActionError("rssi is 0–31, or 99", "value")
            modem.setSignal({ rssi, errorRate: rssi === 99 ? 99 : 0 })
            return rssi === 99
                ? "signal unknown"
                : `signal ${rssi}, ${2 * rssi - 113} dBm`
        },
    }),
    battery: define({
        summary: "the battery changes, AT+CBC",
        key: "v",
        parameters: {
            millivolts: {
                kind: "number",
                summary: "voltage at VBAT, mV",
                lowest: 0,
                highest: 6000,
                default: 3500,
            },
            percent: {
                kind: "number",
                summary: "charge, %",
                lowest: 0,
                highest: 100,
                default: 10,
            },
        },
        run: (modem, { millivolts, percent }) => {
            modem.setBattery({ charging: 0, percent, millivolts })
            return `battery ${millivolts} mV, ${percent} %`
        },
    }),
    fault: define({
        summary: "something goes wrong, now or the next time it can",
        key: "f",
        parameters: {
            name: {
                kind: "choice",
                summary: "what",
                choices: faultNames,
            },
            value: {
                kind: "number",
                summary: "how much; what it counts depends on the fault",
                lowest: 0,
                highest: 2 ** 31 - 1,
                optional: true,
            },
        },
        run: (modem, { name, value }) => {
            modem.inject(name as FaultName, value)
            return `fault ${name}: ${faults[name as FaultName].summary}`
        },
    }),
    "clear-faults": define({
        summary: "faults that have not happened yet are forgotten",
        key: "k",
        parameters: {},
        run: modem => {
            modem.clearFaults()
            return "no more faults"
        },
    }),
    say: define({
        summary: "the modem says an unsolicited result code",
        key: "u",
        parameters: {
            text: {
                kind: "text",
                summary: "which",
                default: "UNDER-VOLTAGE WARNNING",
                longest: 500,
            },
        },
        run: (modem, { text }) => {
            modem.announce(text)
            return `it says ${text}`
        },
    }),
}

export type ActionName = keyof typeof actions

export const actionNames = Object.keys(actions) as ActionName[]

/**
 * Does something to a modem.
 * @param values omitted ones have their defaults
 * @returns what has happened, for a person
 * @throws ActionError
 */
export function perform<N extends ActionName>(
    surface: ActionSurface,
    name: N,
    values: ArgumentsOf<(typeof actions)[N]["parameters"]> = {}
): string {
    return performUnchecked(surface, name, values)
}

/** As {@link perform}, of names and values that come from outside. */
export function performUnchecked(
    surface: ActionSurface,
    name: string,
    values: unknown
): string {
    if (!isActionName(name))
        throw new ActionError(
            `there is no action "${name}": there are ${actionNames.join(", ")}`,
            "unknown"
        )
    const action: Action = actions[name]
    return action.run(surface, check(name, action.parameters, values))
}

export function isActionName(name: string): name is ActionName {
    return Object.hasOwn(actions, name)
}

function check(name: string, parameters: Parameters, given: unknown): Values {
    if (typeof given !== "object" || given === null || Array.isArray(given))
        throw new ActionError(
            `${name} takes an object with ${listOf(parameters)}`,
            "value"
        )
    const source = given as Record<string, unknown>
    for (const key of Object.keys(source))
        if (!Object.hasOwn(parameters, key))
            throw new ActionError(
                `${name} takes ${listOf(parameters)}, not "${key}"`,
                "value"
            )
    const values: Record<string, string | number | undefined> = {}
    for (const [key, parameter] of Object.entries(parameters)) {
        const value = source[key] ?? parameter.default
        if (value !== undefined) values[key] = checkValue(key, parameter, value)
        else if (!parameter.optional)
            throw new ActionError(`${name} needs "${key}"`, "value")
    }
    return values
}

function listOf(parameters: Parameters): string {
    const names = Object.keys(parameters)
    return names.length === 0 ? "no values" : names.join(", ")
}

function checkValue(
    key: string,
    parameter: Parameter,
    value: unknown
): string | number {
    switch (parameter.kind) {
        case "text":
            if (typeof value !== "string" || value.length > parameter.longest)
                throw new ActionError(
                    `"${key}" is a text of at most ${parameter.longest} characters`,
                    "value"
                )
            // a line end would begin another line on the wire
            if (!parameter.lines && /[\r\n]/.test(value))
                throw new ActionError(`"${key}" is one line`, "value")
            return value
        case "number": {
            const { lowest, highest } = parameter
            if (
                typeof value !== "number" ||
                !Number.isInteger(value) ||
                value < lowest ||
                value > highest
            )
                throw new ActionError(
                    `"${key}" is a whole number from ${lowest} to ${highest}`,
                    "value"
                )
            return value
        }
        case "choice":
            if (!parameter.choices.includes(value as string))
                throw new ActionError(
                    `"${key}" is one of ${parameter.choices.join(", ")}`,
                    "value"
                )
            return value as string
    }
}

/** The value that a person has typed; empty is the default. */
export function typed(
    parameter: Parameter,
    text: string
): string | number | undefined {
    if (text === "") return parameter.default
    return parameter.kind === "number" ? Number(text) : text
}
