/**
 * Faults that can be injected, by name. A fault reaches into the modem only through
 * {@link FaultSurface}; a new one is a new entry of {@link faults}.
 */
import { bytesOf, concatenate, textOf } from "./bytes"
import type { Clock } from "./clock"
import { isCmsCode } from "./errors"
import type { Hooks } from "./hooks"
import type { Link } from "./link"
import type { OutputBlock, OutputFilter } from "./output"
import type { Random } from "./random"
import type { Bearer } from "./toolkit-state"
import type { ByteFilter } from "./uart"
import {
    addGarbage,
    changeValue,
    dropBytes,
    dropEach,
    dropValues,
} from "./wire-faults"

/** The interface for faults. */
export interface FaultSurface {
    readonly clock: Clock
    readonly random: Random
    readonly hooks: Hooks
    /** What bytes pass through on their way to the DTE. */
    readonly wire: ByteFilter[]
    /** The network takes a PDP context away. */
    deactivatePdp(bearer: Bearer): void
    /** The peer of a connection closes it. */
    closeRemotely(link: Link): void
    brownOut(): void
    /** AT+CBC. */
    setVoltage(millivolts: number): void
    /** An unsolicited result code. */
    say(text: string): void
    /** RI goes low. */
    pulseRi(ms: number): void
    /** DCD goes high, then back to its level. */
    glitchDcd(ms: number): void
}

export interface FaultDefinition {
    /** One line for a person. */
    readonly summary: string
    /** What `value` counts; absent if it means nothing. */
    readonly unit?: string
    readonly defaultValue: number
    inject(surface: FaultSurface, value: number): void
}

/** From AT+CIICR to the restart, ms. */
const BROWN_OUT_DELAY = 20
/** Texts of short messages that look like something else. */
const HOSTILE_TEXTS = [
    "ATM: 50 EUR",
    "RDY",
    "Call Ready",
    "NORMAL POWER DOWN",
    "0, CLOSED",
    "CLOSED",
    "+PDP: DEACT",
    "OK",
    "ERROR",
    "SHUT OK",
    "0, CONNECT OK",
    "0, SEND OK",
    "> hello",
    "+CIPRXGET: 2,0,1400,0",
    "+RECEIVE,0,5:\r\nHELLO",
    "+IPD,5:HELLO",
    "+CPIN: SIM PUK",
    "STATE: PDP DEACT",
]
const XON = 0x11
const XOFF = 0x13

export const faults = {
    "drop-answer": {
        summary: "the next command runs, but its answer is not heard",
        unit: "commands that are answered before it",
        defaultValue: 0,
        inject: ({ hooks }, before) => {
            const drop = (): void => {
                const stop = filterOutput(hooks, (block, pass) => {
                    if (!isAnswer(block)) pass(block)
                })
                hooks.once("ended", stop)
            }
            behind(hooks, before, drop)
        },
    },
    "false-error": {
        summary: "a command runs, but ERROR is said in place of its answer",
        unit: "commands that are answered before it",
        defaultValue: 0,
        inject: ({ hooks }, before) =>
            behind(hooks, before, () => {
                const stop = filterOutput(hooks, (block, pass) => {
                    if (!isAnswer(block)) pass(block)
                    else if (block.kind === "result") {
                        stop()
                        pass({ ...block, bytes: bytesOf("\r\nERROR\r\n") })
                    }
                })
                hooks.once("ended", stop)
            }),
    },
    "hostile-text": {
        summary:
            "a short message is shown with +CMT, and its text looks like what the module says",
        unit: `which text, 0 to ${HOSTILE_TEXTS.length - 1}; -1: any`,
        defaultValue: -1,
        inject: ({ say, random }, which) => {
            const text =
                HOSTILE_TEXTS[which] ??
                HOSTILE_TEXTS[random.below(HOSTILE_TEXTS.length)]
            say(`+CMT: "+123","","26/01/02,10:11:12+04"\r\n${text}`)
        },
    },
    "late-answer": {
        summary: "the next command takes longer",
        unit: "ms",
        defaultValue: 5000,
        inject: ({ hooks }, ms) => {
            hooks.commandDelay = ms
        },
    },
    "split-answer": {
        summary: "the next answer stops after its first CR LF for a while",
        unit: "ms",
        defaultValue: 60,
        inject: ({ hooks, clock }, ms) => {
            let held: OutputBlock[] | undefined
            const stop = filterOutput(hooks, (block, pass) => {
                if (held !== undefined) held.push(block)
                else if (!isAnswer(block)) pass(block)
                else {
                    pass({ ...block, bytes: block.bytes.subarray(0, 2) })
                    held = [{ ...block, bytes: block.bytes.subarray(2) }]
                    clock.after(ms, () => {
                        stop()
                        for (const late of held ?? []) pass(late)
                    })
                }
            })
        },
    },
    "split-urc": {
        summary: "the next unsolicited result code lands inside another line",
        defaultValue: 0,
        inject: ({ hooks }) => {
            let urc: OutputBlock | undefined
            const stop = filterOutput(hooks, (block, pass) => {
                if (urc === undefined && block.kind === "urc") urc = block
                else if (urc === undefined || !isAnswer(block)) pass(block)
                else {
                    stop()
                    const half = Math.ceil(block.bytes.length / 2)
                    const bytes = concatenate(
                        block.bytes.subarray(0, half),
                        urc.bytes,
                        block.bytes.subarray(half)
                    )
                    pass({ ...block, bytes })
                }
            })
        },
    },
    "lose-bytes": {
        summary: "the next bytes to the DTE are lost on the wire",
        unit: "bytes",
        defaultValue: 1,
        inject: ({ wire }, count) => dropBytes(wire, count),
    },
    garbage: {
        summary: "random bytes arrive in front of the next ones",
        unit: "bytes",
        defaultValue: 8,
        inject: ({ wire, random }, count) =>
            addGarbage(wire, random.bytes(count)),
    },
    "no-connect-result": {
        summary: "the next CONNECT OK or CONNECT FAIL is never said",
        defaultValue: 0,
        inject: ({ hooks }) =>
            dropNext(hooks, /^(?:\d, ?)?CONNECT (?:OK|FAIL)$/),
    },
    "late-connect-result": {
        summary: "the next CONNECT OK or CONNECT FAIL comes late",
        unit: "ms",
        defaultValue: 75_500,
        inject: ({ hooks, clock }, ms) => {
            const stop = filterOutput(hooks, (block, pass) => {
                if (!matches(block, /CONNECT (?:OK|FAIL)$/)) pass(block)
                else {
                    stop()
                    clock.after(ms, () => pass(block))
                }
            })
        },
    },
    "miss-rxget-urc": {
        summary: "the next +CIPRXGET: 1 is never said",
        defaultValue: 0,
        inject: ({ hooks }) => dropNext(hooks, /^\+CIPRXGET: ?1/),
    },
    "miss-closed": {
        summary: "the next CLOSED is never said",
        defaultValue: 0,
        inject: ({ hooks }) => dropNext(hooks, /^(?:\d, ?)?CLOSED$/),
    },
    "send-fail": {
        summary:
            "the next send fails, and so does every other of that connection",
        defaultValue: 0,
        inject: ({ hooks }) =>
            hooks.once("sending", link => {
                link.broken = true
            }),
    },
    "close-during-send": {
        summary: "the peer closes while the next send waits for its data",
        defaultValue: 0,
        inject: ({ hooks, closeRemotely }) =>
            hooks.once("prompt", closeRemotely),
    },
    "refuse-message": {
        summary: "the network refuses the next short message of the module",
        unit: "number of +CMS ERROR: 21, 38, 331 or 332",
        defaultValue: 38,
        inject: ({ hooks }, number) => {
            if (isCmsCode(number)) hooks.messageError = number
        },
    },
    "pdp-deact": {
        summary: "the network takes a PDP context away, now",
        unit: "context, 0 or 1",
        defaultValue: 0,
        inject: ({ deactivatePdp }, bearer) =>
            deactivatePdp(bearer === 1 ? 1 : 0),
    },
    "brown-out": {
        summary: "the module restarts without a word, now",
        defaultValue: 0,
        inject: ({ brownOut }) => brownOut(),
    },
    "brown-out-on-air": {
        summary:
            "the module restarts without a word whenever it asks for a PDP context",
        defaultValue: 0,
        inject: ({ hooks, clock, brownOut }) => {
            const again = (): void => {
                hooks.once("activating", again)
                clock.after(BROWN_OUT_DELAY, brownOut)
            }
            hooks.once("activating", again)
        },
    },
    "sagging-supply": {
        summary: "the next send pulls the supply down, and the module says so",
        unit: "mV",
        defaultValue: 3450,
        inject: ({ hooks, setVoltage, say }, millivolts) =>
            hooks.once("sending", () => {
                setVoltage(millivolts)
                say("UNDER-VOLTAGE WARNNING")
            }),
    },
    sleepless: {
        summary: "AT+CSCLK=2 is accepted, and the module never sleeps",
        defaultValue: 0,
        inject: ({ hooks }) => {
            hooks.sleepless = true
        },
    },
    "lossy-line": {
        summary: "one byte to the DTE in so many is lost on the wire, for good",
        unit: "bytes",
        defaultValue: 300,
        inject: ({ wire }, nth) => dropEach(wire, Math.max(nth, 2)),
    },
    "corrupt-byte": {
        summary: "one value reaches the DTE as another one, for good",
        unit: "the value",
        defaultValue: 0x95,
        inject: ({ wire }, value) => changeValue(wire, value, 0x40),
    },
    "eaten-xoff": {
        summary: "XON and XOFF are lost on their way to the DTE, for good",
        defaultValue: 0,
        inject: ({ wire }) => dropValues(wire, XON, XOFF),
    },
    "ri-glitch": {
        summary: "RI goes low for a moment, for no reason, now",
        unit: "ms",
        defaultValue: 5,
        inject: ({ pulseRi }, ms) => pulseRi(ms),
    },
    "dcd-glitch": {
        summary: "DCD goes high for a moment, for no reason, now",
        unit: "ms",
        defaultValue: 1,
        inject: ({ glitchDcd }, ms) => glitchDcd(ms),
    },
    "lost-prompt": {
        summary: "the next prompt is not heard: the module waits for data",
        defaultValue: 0,
        inject: ({ hooks }) => {
            const stop = filterOutput(hooks, (block, pass) => {
                if (block.kind === "prompt") stop()
                else pass(block)
            })
        },
    },
} satisfies Record<string, FaultDefinition>

export type FaultName = keyof typeof faults

export const faultNames = Object.keys(faults) as FaultName[]

/** @returns a function that removes the filter */
function filterOutput(hooks: Hooks, filter: OutputFilter): () => void {
    hooks.output.push(filter)
    return () => {
        const index = hooks.output.indexOf(filter)
        if (index >= 0) hooks.output.splice(index, 1)
    }
}

/** Runs a function after `commands` more commands have ended. */
function behind(hooks: Hooks, commands: number, run: () => void): void {
    if (commands <= 0) run()
    else hooks.once("ended", () => behind(hooks, commands - 1, run))
}

function dropNext(hooks: Hooks, pattern: RegExp): void {
    const stop = filterOutput(hooks, (block, pass) => {
        if (matches(block, pattern)) stop()
        else pass(block)
    })
}

function matches(block: OutputBlock, pattern: RegExp): boolean {
    return block.kind === "urc" && pattern.test(textOf(block.bytes).trim())
}

function isAnswer({ kind }: OutputBlock): boolean {
    return kind === "information" || kind === "result" || kind === "prompt"
}
