import type { BridgeUart } from "../ports/bridge"
import { has, Wired } from "../core/options"
import {
    EFR,
    EFR_AUTO_CTS,
    EFR_AUTO_RTS,
    EFR_ENHANCED,
    LCR,
    LCR_8N1,
    LCR_ENHANCED,
} from "../ports/sc16is7xx"
import { UartPort } from "../ports/uart"
import type { SelfTestOptions, SelfTestStep } from "../selftest"
import { Result, Terminal } from "./terminal"

/** Heap overhead of a string. */
const STRING = 20

export type Verdict = "PASS" | "FAIL" | "SKIP"

/**
 * The ending of a step that has not passed; steps throw it.
 * @devsWhenUsed
 */
export class Ending extends Error {
    constructor(
        public readonly verdict: Verdict,
        /** observation, or why it was skipped */
        public readonly seen: string,
        /** what to check */
        public readonly hint: string
    ) {
        super(seen)
    }
}

export function fail(seen: string, hint: string): Ending {
    return new Ending("FAIL", seen, hint)
}

export function skip(why: string): Ending {
    return new Ending("SKIP", why, "")
}

/**
 * State shared by the steps.
 * @devsWhenUsed
 */
export class Bench {
    readonly options: SelfTestOptions
    readonly uart: UartPort
    /** the port, if it is a bridge */
    readonly bridge: BridgeUart
    readonly terminal: Terminal
    /** the modem's wanted rate, and its present one; 0 if unknown */
    readonly wanted: number
    baud = 0
    /** setting of the echo after its test */
    echo = true
    /** why the modem can no longer be reached, "" if it can */
    lost = ""
    /** former AT+IFC, "" if unknown */
    ifc = ""
    /** result of AT+CPIN?; undefined before */
    pin: string
    /** the modem has a setting that a restart would lose */
    marked = false
    /** bytes free at the start, -1 if unknown */
    free = -1
    /** heap taken by the result since */
    kept = 0
    startedAt = 0
    /** the step that took longest, and how long, ms */
    slowest = ""
    /** a step has failed */
    failed = false
    private slowestMs = 0
    /** steps that were not done, and the step that caused it */
    private readonly missing: string[] = []
    private readonly causes: string[] = []

    constructor(options: SelfTestOptions) {
        this.options = options
        this.uart = options.uart
        const bridge = options.uart as BridgeUart
        this.bridge = bridge.chip ? bridge : undefined
        this.terminal = new Terminal(options.uart)
        this.wanted = options.baud || 115200
    }

    /** Opens the port for the terminal, and ignores CTS: each wire is tested alone. */
    async open(baud: number) {
        const terminal = this.terminal
        await this.uart.open(terminal.ring, terminal.output, baud)
        this.obeyCts(false)
        terminal.forget()
    }

    /** Writes a register of the bridge. */
    write(register: number, value: number): boolean {
        const bridge = this.bridge
        const frame = Buffer.alloc(2)
        frame[0] = (register << 3) | bridge.chip.channel
        frame[1] = value
        return bridge.bus.transfer(bridge.bus.device, frame, null) === 0
    }

    /** Reads a register of the bridge; -1 if it does not answer. */
    read(register: number): number {
        const bridge = this.bridge
        const bus = bridge.bus
        const address = Buffer.alloc(1)
        const into = Buffer.alloc(1)
        address[0] = (register << 3) | bridge.chip.channel
        return bus.transfer(bus.device, address, into) === 0 ? into[0] : -1
    }

    /** Makes the bridge obey or ignore CTS; it handles RTS by itself. */
    obeyCts(on: boolean) {
        if (!this.bridge || !has(this.uart, Wired.RtsCts)) return
        this.write(LCR, LCR_ENHANCED)
        this.write(EFR, EFR_ENHANCED | EFR_AUTO_RTS | (on ? EFR_AUTO_CTS : 0))
        this.write(LCR, LCR_8N1)
    }

    /** Tries AT for some time. */
    async answers(ms: number): Promise<boolean> {
        const terminal = this.terminal
        const tries = Math.max(Math.round(ms / 300), 1)
        for (let i = 0; i < tries; i++)
            if ((await terminal.command("AT", 300)) === Result.Ok) return true
        return false
    }

    /** Gives a command that has to succeed for a step to make sense. */
    async must(line: string, ms: number) {
        const result = await this.terminal.command(line, ms)
        if (result === Result.None)
            throw fail(
                `${line}: no answer`,
                "check the supply (bursts of 2 A): the modem may have restarted"
            )
        if (result === Result.Error) throw skip(`${line}: ERROR`)
    }

    /** Records the result of a step. */
    note(step: SelfTestStep) {
        this.kept += step.seen.length + step.hint.length + 2 * STRING
        if (step.ms > this.slowestMs) {
            this.slowestMs = step.ms
            this.slowest = step.name
        }
        if (step.verdict !== "FAIL") return
        this.failed = true
        this.blame(step.name, step.name)
    }

    /** Records that a step was not done: those that need it are skipped. */
    blame(name: string, cause: string) {
        this.missing.push(name)
        this.causes.push(cause)
    }

    /** The step because of which this one was not done; "" if it was done. */
    cause(name: string): string {
        const at = this.missing.indexOf(name)
        return at < 0 ? "" : this.causes[at]
    }
}

/** Splits a message "failure: remedy (the modem's words)" into seen and hint. */
export function sorted(message: string): Ending {
    let answer = ""
    const said = message.indexOf(" (modem: ")
    if (said >= 0) {
        answer = message.slice(said)
        message = message.slice(0, said)
    }
    const colon = message.indexOf(": ")
    if (colon < 0) return fail(message + answer, "")
    return fail(message.slice(0, colon) + answer, message.slice(colon + 2))
}
