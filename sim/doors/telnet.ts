/**
 * Telnet as far as a serial line over it needs it: options are agreed upon
 * (RFC 854, RFC 1143), subnegotiations are passed on, data are 8 bits clean
 * (RFC 856).
 */

const SE = 240
const SB = 250
const WILL = 251
const WONT = 252
const DO = 253
const DONT = 254
const IAC = 255
const CR = 0x0d
const NUL = 0x00

/** Telnet options. */
export const BINARY = 0
export const SUPPRESS_GO_AHEAD = 3
export const COM_PORT = 44

/** Longest subnegotiation that is kept; a signature may have some characters. */
const LONGEST = 256

type Phase = "data" | "iac" | "option" | "sub" | "sub-iac"

/** Where an option stands: RFC 1143 without its queue. */
type Standing = "no" | "asked" | "yes" | "refused"

export interface TelnetEvents {
    /** bytes to send to the other side */
    send(bytes: Uint8Array): void
    subnegotiation(option: number, payload: Uint8Array): void
    /** the other side has agreed to use an option, or to our using it */
    agreed?(option: number): void
}

/** One side of a Telnet connection. */
export class Telnet {
    private phase: Phase = "data"
    private verb = 0
    private sub: number[] = []
    private afterCr = false
    private readonly us = new Map<number, Standing>()
    private readonly them = new Map<number, Standing>()

    /** @param supported options that either side may use */
    constructor(
        private readonly supported: readonly number[],
        private readonly events: TelnetEvents
    ) {}

    /** Proposes to use an option here, and there. */
    propose(option: number): void {
        for (const [side, verb] of [
            [this.us, WILL],
            [this.them, DO],
        ] as const) {
            if (side.get(option) === "yes") continue
            side.set(option, "asked")
            this.reply(verb, option)
        }
    }

    /** Whether the option is used by either side. */
    uses(option: number): boolean {
        return this.us.get(option) === "yes" || this.them.get(option) === "yes"
    }

    /** Whether the other side wants none of it. */
    refuses(option: number): boolean {
        return (
            this.us.get(option) === "refused" &&
            this.them.get(option) === "refused"
        )
    }

    subnegotiate(option: number, payload: readonly number[]): void {
        const escaped = payload.flatMap(byte =>
            byte === IAC ? [IAC, IAC] : [byte]
        )
        this.events.send(Uint8Array.of(IAC, SB, option, ...escaped, IAC, SE))
    }

    /** @returns the data in the other side's bytes */
    decode(bytes: Uint8Array): Uint8Array {
        const data = new Uint8Array(bytes.length)
        let length = 0
        for (const byte of bytes) {
            switch (this.phase) {
                case "data":
                    if (byte === IAC) this.phase = "iac"
                    else {
                        const padding = this.afterCr && byte === NUL
                        this.afterCr = byte === CR && !this.isBinary
                        if (!padding) data[length++] = byte
                    }
                    break
                case "iac":
                    this.phase = "data"
                    if (byte === IAC) {
                        this.afterCr = false
                        data[length++] = IAC
                    } else if (byte >= WILL) {
                        this.verb = byte
                        this.phase = "option"
                    } else if (byte === SB) {
                        this.sub = []
                        this.phase = "sub"
                    }
                    break
                case "option":
                    this.phase = "data"
                    this.negotiate(this.verb, byte)
                    break
                case "sub":
                    if (byte === IAC) this.phase = "sub-iac"
                    else this.keep(byte)
                    break
                case "sub-iac":
                    if (byte === IAC) {
                        this.keep(IAC)
                        this.phase = "sub"
                    } else {
                        this.phase = "data"
                        const [option, ...payload] = this.sub
                        if (byte === SE && option !== undefined)
                            this.events.subnegotiation(
                                option,
                                Uint8Array.from(payload)
                            )
                    }
            }
        }
        return data.subarray(0, length)
    }

    /** Data as they go over Telnet. */
    encode(bytes: Uint8Array): Uint8Array {
        let extra = 0
        for (const byte of bytes) if (byte === IAC) extra++
        if (extra === 0) return bytes
        const out = new Uint8Array(bytes.length + extra)
        let length = 0
        for (const byte of bytes) {
            if (byte === IAC) out[length++] = IAC
            out[length++] = byte
        }
        return out
    }

    private get isBinary(): boolean {
        return this.them.get(BINARY) === "yes"
    }

    private keep(byte: number): void {
        if (this.sub.length < LONGEST) this.sub.push(byte)
    }

    private negotiate(verb: number, option: number): void {
        const side = verb === DO || verb === DONT ? this.us : this.them
        const before = side.get(option) ?? "no"
        const wanted = verb === DO || verb === WILL
        if (wanted && !this.supported.includes(option)) {
            this.reply(verb === DO ? WONT : DONT, option)
            return
        }
        const after = wanted ? "yes" : "refused"
        if (before === after) return
        side.set(option, after)
        // an answer to a request from here needs no answer
        if (before !== "asked" && (wanted || before === "yes"))
            this.reply(
                verb === DO
                    ? WILL
                    : verb === WILL
                      ? DO
                      : verb === DONT
                        ? WONT
                        : DONT,
                option
            )
        if (wanted) this.events.agreed?.(option)
    }

    private reply(verb: number, option: number): void {
        this.events.send(Uint8Array.of(IAC, verb, option))
    }
}
