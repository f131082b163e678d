import { bytesOf, concatenate } from "./bytes"
import { cmeText, cmsCode, messageErrors, type ErrorCode } from "./errors"
import type { Profile } from "./profile"
import type { DceSide } from "./uart"

/** Kind of a piece of output. */
export type OutputKind =
    /** Echo of the DTE's characters. */
    | "echo"
    /** Lines of an answer before its result, payload included. */
    | "information"
    /** The final result code of a command line. */
    | "result"
    /** `> `. */
    | "prompt"
    /** An unsolicited result code, or data pushed to the DTE. */
    | "urc"
    /** Bytes of the peer in data mode, [AN] 2.2. */
    | "data"

/** A piece of output that is never interrupted by another. */
export interface OutputBlock {
    readonly kind: OutputKind
    readonly bytes: Uint8Array
}

/** Stands between the modem and the wire: passes a block on, changed, later, or not at all. */
export type OutputFilter = (
    block: OutputBlock,
    pass: (block: OutputBlock) => void
) => void

/** Most unsolicited result codes that wait; later ones are lost. */
const HELD_LIMIT = 100

/** Result codes that have a number for ATV0, [ATM] 2.2.25. */
const numbers: Readonly<Record<string, number>> = {
    OK: 0,
    CONNECT: 1,
    RING: 2,
    "NO CARRIER": 3,
    ERROR: 4,
    "NO DIALTONE": 6,
    BUSY: 7,
    "NO ANSWER": 8,
    PROCEEDING: 9,
}

/**
 * Output of the modem, framed by ATV, ATQ and AT+CMEE.
 *
 * URCs go out at once, but not into a line that the DTE is typing with echo on, nor
 * before the DTE's rate is found, nor in data mode: then they wait, in order.
 */
export class Output {
    /** Applied to every block, the first one first. */
    readonly filters: OutputFilter[]
    /** Told of every unsolicited result code, and whether TCP/IP has to say it. */
    onUnsolicited: (isTcpIp: boolean) => void = () => undefined
    /** Told of everything that goes out. */
    onOutput: () => void = () => undefined
    private held: OutputBlock[] = []
    private holding = false
    private inData = false

    constructor(
        private readonly uart: DceSide,
        private readonly profile: () => Profile,
        /** `+CMS ERROR` even with AT+CMEE=0. */
        private readonly showsMessageErrors: boolean,
        filters: OutputFilter[]
    ) {
        this.filters = filters
    }

    echo(bytes: Uint8Array): void {
        this.emit("echo", bytes)
    }

    /** Information lines, framed as one block; without any, nothing. */
    information(...lines: readonly string[]): void {
        if (lines.length === 0) return
        this.emit("information", this.block(lines))
    }

    /** An information line followed by counted payload, with nothing after it. */
    payload(header: string, payload: Uint8Array): void {
        this.emit("information", concatenate(this.block([header]), payload))
    }

    /**
     * The final result of a command line. ATQ1 suppresses those that V.25ter
     * knows; those of the TCP/IP commands (`SEND OK`) are always sent, and as
     * words even with ATV0, since there is no number for them.
     */
    result(text: string): void {
        const code = this.resultCode(text)
        if (code !== undefined) this.emit("result", code)
    }

    /** @returns undefined if ATQ1 suppresses it */
    private resultCode(text: string): Uint8Array | undefined {
        const number = numbers[text]
        const { quiet, verbose } = this.profile()
        if (number === undefined) return this.block([text])
        if (quiet) return undefined
        return verbose ? this.block([text]) : bytesOf(`${number}\r`)
    }

    /** The result of a command line that failed, [ATM] 3.2.20. */
    error(code: ErrorCode): void {
        const { errorReports, quiet } = this.profile()
        const inWords = errorReports === 2
        const isMessage = typeof code === "string"
        if (errorReports === 0 && !(isMessage && this.showsMessageErrors))
            this.result("ERROR")
        else if (quiet) return
        else if (isMessage) {
            const number = cmsCode(code)
            this.result(
                `+CMS ERROR: ${inWords ? messageErrors[number] : number}`
            )
        } else this.result(`+CME ERROR: ${inWords ? cmeText(code) : code}`)
    }

    /** The prompt of AT+CIPSEND: a blank and no line end after it. */
    prompt(): void {
        this.emit("prompt", bytesOf("\r\n> "))
    }

    /** An unsolicited result code of the TCP/IP toolkit. */
    urc(text: string): void {
        this.unsolicited(this.block([text]), true)
    }

    /**
     * An unsolicited result code of the module itself: calls, messages, network,
     * SIM card, power.
     * @param more lines that belong to it
     */
    notice(text: string, ...more: readonly string[]): void {
        const code =
            more.length === 0
                ? this.resultCode(text)
                : this.block([text, ...more])
        if (code !== undefined) this.unsolicited(code, false)
    }

    /** Data from a connection, with their frame. */
    push(head: string, payload: Uint8Array, tail: string): void {
        this.unsolicited(
            concatenate(bytesOf(head), payload, bytesOf(tail)),
            true
        )
    }

    /** Whether unsolicited output waits instead of going out. */
    get holds(): boolean {
        return this.holding
    }

    hold(): void {
        this.holding = true
    }

    /** Sends what waited. */
    release(): void {
        this.holding = false
        const blocks = this.held
        this.held = []
        for (const block of blocks) this.send(block)
    }

    /** Bytes of the peer in data mode: nothing frames them. */
    data(bytes: Uint8Array): void {
        this.emit("data", bytes)
    }

    /** Data mode: nothing unsolicited goes out. */
    beginData(): void {
        this.inData = true
    }

    /** @param say says why data mode is over; then comes what had to wait */
    endData(say: () => void): void {
        const blocks = this.held
        this.held = []
        this.inData = false
        say()
        for (const block of blocks) this.send(block)
    }

    private block(lines: readonly string[]): Uint8Array {
        const text = lines.join("\r\n") + "\r\n"
        return bytesOf(this.profile().verbose ? `\r\n${text}` : text)
    }

    private emit(kind: OutputKind, bytes: Uint8Array): void {
        this.send({ kind, bytes })
    }

    private unsolicited(bytes: Uint8Array, isTcpIp: boolean): void {
        const block: OutputBlock = { kind: "urc", bytes }
        this.onUnsolicited(isTcpIp)
        if (!this.holding && !this.inData) this.send(block)
        else if (this.held.length < HELD_LIMIT) this.held.push(block)
    }

    private send(block: OutputBlock): void {
        this.onOutput()
        const filters = [...this.filters]
        const pass = (passed: OutputBlock, index: number): void => {
            if (index === filters.length) this.uart.write(passed.bytes)
            else filters[index](passed, next => pass(next, index + 1))
        }
        pass(block, 0)
    }
}
