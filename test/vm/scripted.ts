import { Wired } from "../../src/core/options"
import { expect } from "@devicescript/test"
import * as ds from "@devicescript/core"
import { Failure, Sim800, Sim800Error, Sim800Options } from "../../src/index"
import { UartPort } from "../../src/ports/uart"
import type { Output } from "../../src/core/encoder"
import { Ring } from "../../src/core/ring"

/** What the script calls the edges of DTR. */
export const DTR_LOW = "(DTR low)"
export const DTR_HIGH = "(DTR high)"
/** so long a sleeping modem needs after DTR has gone low, ms (chapter 11) */
const WAKE = 50

/** A part of the script. */
interface Turn {
    hears: string
    says: string
    dcd: boolean
}

/**
 * A modem that follows a script: it waits for exactly the bytes it expects,
 * then says its part. What it says arrives in chunks of `chunk` bytes.
 */
export class ScriptedUart implements UartPort {
    /** with DTR its edges are part of the script */
    wired = Wired.RtsCts
    readonly largestBurst = 0
    dcd = false
    riPulse = 0
    overruns = 0
    /** how many bytes it says at a time */
    chunk = 64
    /** it sleeps while DTR is high, and hears nothing until 50 ms later */
    sleeps = false
    /** how long it had heard nothing when the last bytes came, ms */
    silence = 0
    /** the first thing that the driver has sent and that was not expected */
    mistake = ""

    private readonly turns: Turn[] = []
    private heard = ""
    private heardAt = 0
    private said = ""
    private dtr = true
    private dtrAt = -WAKE
    private ring: Ring
    private output: Output
    private waiter: ds.Fiber
    private awake = false

    /**
     * Expects `hears` next, and answers `says`; CR LF is written as "|".
     * @param dcd what becomes of DCD, if anything
     */
    then(hears: string, says: string, dcd?: boolean) {
        this.turns.push({ hears, says, dcd })
    }

    /** Says something without having been asked. */
    say(text: string) {
        this.said += framed(text)
        this.wake()
    }

    /** Everything expected has been heard. */
    done(): boolean {
        return this.turns.length === 0 && this.mistake === ""
    }

    async open(ring: Ring, output: Output) {
        this.ring = ring
        this.output = output
    }

    setDtr(low: boolean) {
        this.dtr = low
        this.dtrAt = ds.millis()
        this.hear(low ? DTR_LOW : DTR_HIGH)
    }

    async reset() {}
    async pressPowerKey() {}

    private receive() {
        if (!this.said) return
        const n = this.said.length < this.chunk ? this.said.length : this.chunk
        const part = Buffer.from(this.said.slice(0, n))
        this.ring.put(part, 0, n)
        this.said = this.said.slice(n)
    }

    private transmit() {
        const output = this.output
        const len = output.left
        if (output.drain && len === 0) {
            output.drain = false
            this.awake = true
        }
        if (len === 0) return
        const now = ds.millis()
        const part = Buffer.alloc(len)
        part.blitAt(0, output.source, output.at, len)
        output.at += len
        output.left = 0
        if (output.tell) this.awake = true
        this.silence = now - this.heardAt
        this.heardAt = now
        if (this.sleeps && (!this.dtr || now - this.dtrAt < WAKE))
            this.wrong(`asleep: ${part.toString()}`)
        this.hear(part.toString())
    }

    private hear(text: string) {
        this.heard += text
        const turn = this.turns[0]
        if (turn && this.heard === turn.hears) {
            this.heard = ""
            this.turns.shift()
            if (turn.dcd !== undefined) this.dcd = turn.dcd
            this.say(turn.says)
        } else if (!turn || !turn.hears.startsWith(this.heard)) {
            this.wrong(this.heard)
            this.heard = ""
        }
    }

    private wrong(mistake: string) {
        if (!this.mistake) this.mistake = mistake
    }

    async wait(ms: number) {
        this.transmit()
        if (this.said || this.awake || ms <= 0) await ds.sleep(0)
        else {
            this.waiter = ds.Fiber.self()
            await ds.suspend(ms)
            this.waiter = undefined
        }
        this.awake = false
        this.receive()
    }

    wake() {
        this.awake = true
        if (this.waiter && this.waiter.suspended) this.waiter.resume(true)
    }

    async close() {}
}

function framed(text: string): string {
    return text.split("|").join("\r\n")
}

/** How modem and driver are wired and set up: manual mode if it does not say. */
export interface Setup {
    single?: boolean
    push?: boolean
    /** the modem acknowledges data when the peer has */
    slow?: boolean
    transparent?: boolean
    dtr?: boolean
    /** the modem may be asleep, and a byte wakes it */
    asleep?: boolean
    secondContext?: boolean
    /** 1 by default */
    sockets?: number
    chunk?: number
}

/** The script of a start that goes well. */
export function bringUp(uart: ScriptedUart, setup: Setup) {
    if (setup.asleep) uart.then("\r", "")
    uart.then("AT\r", "|OK|")
    uart.then("ATE0\r", "|OK|")
    uart.then("AT+CMEE=1;+CSCLK=0\r", "|OK|")
    uart.then("AT+IPR?\r", "|+IPR: 115200||OK|")
    uart.then("AT+IFC=2,2\r", "|OK|")
    if (setup.transparent) {
        uart.then("AT&C1\r", "|OK|")
        if (setup.dtr) uart.then("AT&D1\r", "|OK|")
    }
    uart.then("AT+CFUN?\r", "|+CFUN: 1||OK|")
    uart.then("AT+CPIN?\r", "|+CPIN: READY||OK|")
    uart.then("AT+CCALR?\r", "|+CCALR: 1||OK|")
    register(uart)
    uart.then("AT+CNMI=2,1,0,0,0\r", "|OK|")
    activate(uart, setup, "10.78.245.128")
}

function register(uart: ScriptedUart) {
    uart.then("AT+CSQ\r", "|+CSQ: 20,0||OK|")
    uart.then("AT+CREG?\r", "|+CREG: 0,1||OK|")
    uart.then("AT+CGREG?\r", "|+CGREG: 0,1||OK|")
    uart.then("AT+CGATT?\r", "|+CGATT: 1||OK|")
}

/** The script of what follows when the context is lost. */
export function attach(uart: ScriptedUart, setup: Setup, address: string) {
    register(uart)
    activate(uart, setup, address)
}

function activate(uart: ScriptedUart, setup: Setup, address: string) {
    if (setup.secondContext) {
        uart.then("AT+CIPSGTXT=1\r", "|OK|")
        uart.then("AT+CIPSHUT\r", "|SHUT OK|")
        uart.then("AT+CIPSGTXT=0\r", "|OK|")
    }
    uart.then("AT+CIPSHUT\r", "|SHUT OK|")
    uart.then(`AT+CIPMUX=${setup.single ? 0 : 1}\r`, "|OK|")
    uart.then("AT+CIPSSL=0\r", "|OK|")
    if (setup.single)
        uart.then(`AT+CIPMODE=${setup.transparent ? 1 : 0}\r`, "|OK|")
    uart.then("AT+CIPSPRT=1\r", "|OK|")
    uart.then(`AT+CIPQSEND=${setup.slow ? 0 : 1}\r`, "|OK|")
    uart.then(`AT+CIPRXGET=${setup.push ? 0 : 1}\r`, "|OK|")
    if (setup.push && !setup.transparent) uart.then("AT+CIPHEAD=1\r", "|OK|")
    uart.then('AT+CSTT="CMNET","",""\r', "|OK|")
    uart.then("AT+CIICR\r", "|OK|")
    uart.then("AT+CIFSR\r", `|${address}|`)
}

/** The options of the driver for this set-up. */
export function optionsFor(uart: ScriptedUart, setup: Setup): Sim800Options {
    return {
        uart,
        apn: "CMNET",
        connections: setup.single ? "single" : "multi",
        receive: setup.push ? "push" : "manual",
        quickSend: !setup.slow,
        sockets: setup.sockets || 1,
    }
}

export interface Bench {
    uart: ScriptedUart
    modem: Sim800
}

/** Modem and driver; the script of the start is set, `modem.start()` plays it. */
export function bench(setup: Setup): Bench {
    const uart = new ScriptedUart()
    if (setup.chunk) uart.chunk = setup.chunk
    if (setup.dtr) uart.wired |= Wired.Dtr
    if (setup.transparent) uart.wired |= Wired.Dcd
    bringUp(uart, setup)
    return { uart, modem: new Sim800(optionsFor(uart, setup)) }
}

export async function started(setup: Setup): Promise<Bench> {
    const { uart, modem } = bench(setup)
    await modem.start()
    return { uart, modem }
}

/** The modem has heard what it expected, and nothing else. */
export async function played(uart: ScriptedUart) {
    await ds.sleep(30)
    for (let turn = 0; turn < 200 && !uart.done() && !uart.mistake; turn++)
        await ds.sleep(20)
    expect(uart.mistake).toBe("")
    expect(uart.done()).toBe(true)
}

/** Runs something that has to fail. */
export async function failing(f: () => Promise<unknown>): Promise<Sim800Error> {
    try {
        await f()
    } catch (e) {
        return e as Sim800Error
    }
    throw new Error("it did not fail")
}

/** Runs something that has to fail at once, and to say what is wrong. */
export async function refused(
    f: () => Promise<unknown>,
    failure: Failure,
    naming: string
) {
    const since = ds.millis()
    const e = await failing(f)
    if (e.failure !== failure) e.print()
    expect(e.failure).toBe(failure)
    if (e.message.indexOf(naming) < 0)
        throw new Error(`"${e.message}" does not name ${naming}`)
    expect(ds.millis() - since < 1000).toBe(true)
}
