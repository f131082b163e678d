/**
 * For tests: a virtual SIM800 on a virtual clock, an internet in memory, and
 * transcripts to talk to them. Nothing takes real time, and all is the same
 * every time.
 */
import { VirtualClock } from "../modem/clock"
import { MemoryNetwork } from "../modem/memory-network"
import { VirtualSim800 } from "../modem/modem"
import type { ModemOptions } from "../modem/options"
import { spell, unspell } from "../modem/trace"
import type { BytePipe } from "../modem/uart"

/** Longest wait for an answer: a single connection from IP INITIAL, [ATM] 8.2.2. */
const PATIENCE = 160_000
/** Silence that shows that nothing more is coming for now, ms. */
const PAUSE = 5

export type TerminalOptions = ModemOptions & {
    /** AT+CIPMUX=1: several numbered connections. */
    readonly multi?: boolean
}

type Pin = "cts" | "dcd" | "ri" | "status"

export class TestTerminal {
    readonly clock: VirtualClock
    readonly network: MemoryNetwork
    readonly modem: VirtualSim800
    /** Every transition so far, as `ip: IP INITIAL -> IP START`. */
    readonly transitions: string[] = []
    readonly log: string[] = []
    private dte: BytePipe
    private received: number[] = []
    private pins: { pin: Pin; low: boolean; at: number }[] = []

    constructor(options: ModemOptions = {}) {
        this.clock = new VirtualClock()
        this.network = new MemoryNetwork(this.clock)
        this.modem = new VirtualSim800({
            clock: this.clock,
            network: this.network,
            delays: "fast",
            stored: { baud: 115200, echo: false },
            ...options,
        })
        this.modem.onTransition = (subject, from, to) =>
            this.transitions.push(`${subject}: ${from} -> ${to}`)
        this.modem.onLog = line => this.log.push(line)
        this.modem.dte.onData = bytes => this.received.push(...bytes)
        const { dte } = this.modem
        this.dte = dte
        const seen = (pin: Pin) => (low: boolean) =>
            this.pins.push({ pin, low, at: this.clock.now() })
        dte.onCts = seen("cts")
        dte.onDcd = seen("dcd")
        dte.onRi = seen("ri")
        dte.onStatus = high => seen("status")(!high)
    }

    /** Talks to the modem through something that watches it. */
    through(dte: BytePipe): void {
        dte.onData = bytes => this.received.push(...bytes)
        this.dte = dte
    }

    /**
     * Ends a test in silence: all output of the modem must have been expected.
     * @throws Error that shows unexpected output
     */
    end(): void {
        this.expectSilence()
        this.modem.dispose()
    }

    /** A modem that has booted and is attached to GPRS, echo off. */
    static ready<T extends TestTerminal>(
        this: new (options: ModemOptions) => T,
        options: ModemOptions = {}
    ): T {
        const terminal = new this(options)
        terminal.modem.powerOn()
        terminal.clock.advance(60_000)
        terminal.transitions.length = 0
        terminal.drop()
        return terminal
    }

    /** A {@link ready} modem with its PDP context up, as after AT+CIFSR. */
    static online<T extends TestTerminal>(
        this: new (options: ModemOptions) => T,
        options: TerminalOptions = {}
    ): T {
        const terminal = TestTerminal.ready.call(this, options) as T
        if (options.multi) terminal.dialogue("> AT+CIPMUX=1␍\n< ⏎OK⏎")
        terminal.dialogue(`
            > AT+CSTT="CMNET"␍
            < ⏎OK⏎
            > AT+CIICR␍
            < ⏎OK⏎
            > AT+CIFSR␍
            < ⏎10.78.245.128⏎
        `)
        terminal.transitions.length = 0
        return terminal
    }

    /**
     * Plays a script against the modem, byte exact. Lines:
     * `> text` sends, `< text` must come next (several lines are one), `~ ms`
     * waits, `# text` is a remark. `^ dtr low` drives a pin, `! dcd low` is what
     * pins have done since the last such line, see {@link takePins}. Control
     * characters are spelt as in a trace: `⏎` CR LF, `␍` CR, `␚` Ctrl-Z. Blanks
     * around the text count if a line ends in `|`.
     */
    dialogue(script: string): void {
        let expected = ""
        for (const line of script.split("\n")) {
            const match = /^\s*([<>~#^!])(?: (.*?)\|?)?\s*$/.exec(line)
            if (match === null) {
                if (line.trim() !== "") throw new Error(`no script: ${line}`)
                continue
            }
            const [, mark, text = ""] = match
            if (mark === "<") {
                expected += text
                continue
            }
            if (mark === "#") continue
            this.expect(expected)
            expected = ""
            if (mark === ">") this.send(text)
            else if (mark === "^") this.drive(text)
            else if (mark === "!") this.expectPins(text)
            else this.clock.advance(Number(text))
        }
        this.expect(expected)
    }

    /** Sends a spelt text, once it is sure that the modem has said all it had to. */
    send(text: string): void {
        this.expectSilence()
        this.dte.write(unspell(text))
    }

    private drive(text: string): void {
        const low = text.endsWith(" low")
        if (text.startsWith("dtr ")) this.modem.dte.setDtr(low)
        else if (text.startsWith("rts ")) this.modem.dte.setRts(low)
        else if (text.startsWith("pwrkey ")) this.modem.dte.setPowerKey(low)
        else if (text.startsWith("reset ")) this.modem.dte.setReset(low)
        else throw new Error(`no such pin: ${text}`)
    }

    private expectPins(text: string): void {
        const actual = this.takePins().join(", ")
        if (actual !== text)
            throw new Error(`expected pins: ${text}\n  actual: ${actual}`)
    }

    /**
     * Changes of the pins CTS, DCD, RI and STATUS since the last look: `dcd low`, `dcd
     * high`, or `ri low 120 ms` for a pulse that is over.
     */
    takePins(): string[] {
        const told: string[] = []
        const edges = this.pins.splice(0)
        while (edges.length > 0) {
            const { pin, low, at } = edges.shift() as (typeof edges)[0]
            const end = edges.findIndex(edge => edge.pin === pin)
            if (!low || end < 0) told.push(`${pin} ${low ? "low" : "high"}`)
            else {
                const ms = Math.round(edges[end].at - at)
                told.push(`${pin} low ${ms} ms`)
                edges.splice(end, 1)
            }
        }
        return told
    }

    private expectSilence(): void {
        this.clock.advance(PAUSE)
        const stray = this.take()
        if (stray !== "") throw new Error(`unexpected: ${stray}`)
    }

    /** The next bytes from the modem must be these. */
    expect(text: string): void {
        const { length } = unspell(text)
        this.clock.runUntil(() => this.received.length >= length, PATIENCE)
        const actual = spell(Uint8Array.from(this.received.splice(0, length)))
        if (actual !== text)
            throw new Error(
                `expected: ${text}\n  actual: ${actual}${this.take()}`
            )
    }

    /** Lets time pass and returns the modem's output, spelt. */
    listen(ms: number): string {
        this.clock.advance(ms)
        return this.take()
    }

    /** The modem's response within `ms`, spelt. */
    ask(text: string, ms = 200): string {
        this.send(text)
        return this.listen(ms)
    }

    private take(): string {
        return spell(Uint8Array.from(this.received.splice(0)))
    }

    private drop(): void {
        this.received = []
        this.pins = []
    }
}
