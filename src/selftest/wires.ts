/** Steps 1 to 9: bridge, wires and supply, by commands that need no network. */
import { DEL, LF } from "../core/ascii"
import * as ds from "@devicescript/core"
import { rateAt } from "../core/config"
import { FIFO, SPR } from "../ports/sc16is7xx"
import { has, Wired } from "../core/options"
import type { UartPort } from "../ports/uart"
import { Bench, fail, skip } from "./bench"
import { Result, Terminal } from "./terminal"

/** Longest time from power-on until the modem listens, ms. */
const BOOT = 6000
/** time of trying AT at each of the other rates, ms */
const CALL = 900

/**
 * Rounds of the echo test, and bytes sent at a time: fewer than a bridge's FIFO holds.
 */
const ROUNDS = 4
const PIECE = 32
/** byte values that have no special meaning for the modem's line editor */
const FIRST = 0x20
const LAST = 0xff
/** Tries of a test: a URC in between is not the wire's fault. */
const TRIES = 3

/** AT+CSCLK=1: the modem has to sleep after this silence, in steps, ms. */
const SILENCES = 3
const SILENCE = 2500
/** From DTR low to the first command: 50 ms (application note 11), plus a margin. */
const WAKE = 100

/** Longest time for a line of the modem to change, ms. */
const LINE = 500
/** AT+CFUN=0 takes up to 10 s, and so does the way back (AT command manual 3.2.34) */
const FUNCTIONALITY = 15000

/** A command with a long, constant response that needs no network. */
const QUESTION = "+IPR=?"
/**
 * Repetitions in a line, as many as the module accepts (manual V1.12, 1.4.4): the
 * responses exceed ring and FIFO.
 */
const ANSWERS = 39
/** least time of holding the modem, ms */
const HOLD = 300

/** Limits of VBAT at which the modem warns, mV (hardware design). */
const LOW = 3500
const HIGH = 4300

const LEVELS =
    "check the levels (2.8 V on the modem's side), ground, and the length of the wires; a lower baud rate helps"

/** Throws if a line is not wired. */
function wired(uart: UartPort, line: Wired, option: string) {
    if (!has(uart, line)) throw skip(`not wired (option ${option})`)
}

function bridged(bench: Bench) {
    if (!bench.bridge) throw skip("no bridge")
}

/** 1: the scratchpad of the bridge keeps a value. */
export async function bridgeAnswers(bench: Bench): Promise<string> {
    bridged(bench)
    await bench.open(bench.wanted)
    const patterns = [0x00, 0xff, 0x55, 0xaa, 0x01, 0x80]
    for (let i = 0; i < patterns.length; i++) {
        const wrote = patterns[i]
        bench.write(SPR, wrote)
        const got = bench.read(SPR)
        if (got !== wrote)
            throw fail(
                got < 0
                    ? "it answers now and then only"
                    : `wrote ${hexByte(wrote)} to the scratchpad, read ${hexByte(got)}`,
                "check SDA and SCL (or CS, SCK, MISO, MOSI), their pull-ups, and the length of the wires"
            )
    }
    return `its scratchpad holds ${patterns.length} patterns`
}

/** 2: all byte values through both FIFOs of the bridge, without any wire. */
export async function bridgeLoopback(bench: Bench): Promise<string> {
    bridged(bench)
    const chip = bench.bridge.chip
    const terminal = bench.terminal
    const block = Buffer.alloc(FIFO)
    const time = Math.ceil((FIFO * 10000) / bench.wanted) + 20
    chip.setLoopback(true)
    terminal.forget()
    let wrong = ""
    for (let first = 0; first < 256 && !wrong; first += FIFO) {
        for (let i = 0; i < FIFO; i++) block[i] = first + i
        terminal.length = 0
        await terminal.send(block)
        await terminal.gather(FIFO, time)
        wrong = difference(terminal, block, FIFO)
    }
    chip.setLoopback(false)
    terminal.forget()
    if (wrong)
        throw fail(
            wrong,
            "check the bus (rate, pull-ups, wires) and the supply of the bridge; if they are right, change the bridge"
        )
    return "256 byte values through both FIFOs"
}

/** Difference between received and sent bytes; "" if none. */
export function difference(
    terminal: Terminal,
    sent: Buffer,
    length: number
): string {
    for (let i = 0; i < length && i < terminal.length; i++)
        if (terminal.answer[i] !== sent[i])
            return `${hexByte(sent[i])} came back as ${hexByte(terminal.answer[i])}`
    if (terminal.length < length)
        return `${length - terminal.length} of ${length} bytes did not come back`
    if (terminal.length > length)
        return `${terminal.length - length} bytes came that nobody has sent`
    return ""
}

/** 3: the modem answers, at the wanted rate or at another one. */
export async function modemAnswers(bench: Bench): Promise<string> {
    const uart = bench.uart
    const terminal = bench.terminal
    const chip = bench.bridge && bench.bridge.chip
    let how = ""
    let found = await find(bench)
    if (!found && has(uart, Wired.PowerKey)) {
        how = ", switched on by PWRKEY"
        await uart.pressPowerKey()
        found = await find(bench)
    }
    if (!found) {
        const came = terminal.received
        await bench.open(bench.wanted)
        if (came === 0)
            throw fail(
                "no answer at any rate, not a byte",
                "check that TX goes to RX and RX to TX, VBAT under load, that PWRKEY was pulled low for 1 s, ground, and the 2.8 V levels"
            )
        const errors = chip
            ? `, ${chip.framing + chip.breaks} framing errors`
            : ""
        throw fail(
            `no answer at any rate, but ${came} bytes that make no sense${errors}`,
            "check the frequency of the bridge's crystal (option crystal), the 2.8 V levels, ground, and that TX and RX are not connected to each other"
        )
    }
    const product =
        (await terminal.command("ATI", 1000)) === Result.Ok
            ? terminal.information()
            : "a modem"
    let note = ""
    if (bench.baud !== bench.wanted)
        note = `, not at ${bench.wanted}: the driver will change that`
    if (has(uart, Wired.Dtr)) uart.setDtr(true)
    return `${product} at ${bench.baud} baud${note}${how}`
}

/** Searches for the modem at all possible rates of the port. */
async function find(bench: Bench): Promise<boolean> {
    const terminal = bench.terminal
    terminal.received = 0
    await bench.open(bench.wanted)
    let found = await bench.answers(BOOT)
    bench.baud = bench.wanted
    for (let i = 0; !found; i++) {
        const rate = rateAt(i)
        if (rate === 0) break
        if (rate === bench.wanted) continue
        try {
            await bench.open(rate)
        } catch (_e) {
            // impossible with the crystal
            continue
        }
        bench.baud = rate
        found = await bench.answers(CALL)
    }
    if (found) {
        // lines of the boot, and late responses
        await terminal.pause(200)
        await terminal.command("AT", 300)
        bench.echo = terminal.find("AT\r") === 0
    }
    return found
}

/**
 * 4: all values that a command line can carry come back as echo. CR, BS, ESC, Ctrl-Z
 * and the other control characters would be obeyed by the line editor.
 */
export async function echoIntact(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    await bench.must("ATE1", 1000)
    let rounds = 0
    let wrong = ""
    for (let tries = 0; rounds < ROUNDS && tries < ROUNDS + TRIES; tries++) {
        wrong = await echoRound(terminal)
        if (!wrong) rounds++
        // a URC came in between
        else if (terminal.answer.indexOf(LF, 0, terminal.length) < 0) break
        // the line ends with ERROR in any case
        await terminal.send("\r")
        await terminal.pause(200)
    }
    if (wrong) throw fail(`as echo, ${wrong}`, LEVELS)
    const values = LAST - FIRST
    return `${values} of 256 byte values, all but control characters, ${ROUNDS} times`
}

/** Sends one line of all values that are no control characters. */
async function echoRound(terminal: Terminal): Promise<string> {
    const piece = Buffer.alloc(PIECE)
    await terminal.pause(100)
    terminal.forget()
    // no command begins like this: the modem answers ERROR, and does nothing
    await terminal.send('AT+ECHO="')
    await terminal.gather(9, LINE)
    let wrong =
        terminal.length === 9 ? "" : `${terminal.length} of 9 bytes came back`
    let value = FIRST
    while (value <= LAST && !wrong) {
        let n = 0
        while (n < PIECE) {
            if (value === DEL) value++
            piece[n] = value > LAST ? FIRST : value
            n++
            value++
        }
        terminal.forget()
        await terminal.send(piece)
        await terminal.gather(PIECE, LINE)
        wrong = difference(terminal, piece, PIECE)
    }
    return wrong
}

/**
 * 5: with AT+CSCLK=1 the modem sleeps while DTR is high, and wakes when it is low
 * (application note 11). A modem that does not see DTR go low cannot be woken: it is
 * reset if RESET or PWRKEY is wired, else it has to be switched off by hand.
 */
export async function dtrWired(bench: Bench): Promise<string> {
    const uart = bench.uart
    const terminal = bench.terminal
    wired(uart, Wired.Dtr, "dtr")
    await bench.must("AT+CSCLK=1", 1000)
    uart.setDtr(false)
    let silence = 0
    let asleep = false
    for (let i = 1; i <= SILENCES && !asleep; i++) {
        silence = i * SILENCE
        await terminal.pause(silence)
        asleep = (await terminal.command("AT", 500)) === Result.None
    }
    uart.setDtr(true)
    const at = ds.millis()
    await terminal.pause(WAKE)
    const awake = await bench.answers(2000)
    const woken = ds.millis() - at
    if (awake) await bench.must("AT+CSCLK=0", 1000)
    if (asleep && awake)
        return `high: asleep after ${seconds(silence)}; low: an answer after ${woken} ms`
    if (!awake) await revive(bench)
    throw fail(
        awake
            ? "high, and the modem does not go to sleep"
            : "low, and the modem sleeps on",
        "check the wire from DTR to DTR, and that nothing else drives it"
    )
}

/** Resets a modem that sleeps and cannot be woken. */
async function revive(bench: Bench) {
    if (has(bench.uart, Wired.Reset)) {
        await bench.uart.reset()
        await bench.open(bench.baud)
        if (await bench.answers(2 * BOOT)) return
    }
    bench.lost = "the modem sleeps: switch it off and on"
}

/** 6: DCD is always low with AT&C0, and high without a connection with AT&C1. */
export async function dcdWired(bench: Bench): Promise<string> {
    const uart = bench.uart
    wired(uart, Wired.Dcd, "dcd")
    await bench.must("AT&C0", 1000)
    const low = await dcdBecomes(bench, true)
    await bench.must("AT&C1", 1000)
    const high = await dcdBecomes(bench, false)
    if (low && high) return "low with AT&C0, high with AT&C1"
    throw fail(
        low ? "low, even with AT&C1" : "high, even with AT&C0",
        "check the wire from DCD to DCD (CD), and its level: a bridge at 3.3 V may want a pull-up"
    )
}

async function dcdBecomes(bench: Bench, low: boolean): Promise<boolean> {
    const end = ds.millis() + LINE
    while (bench.uart.dcd !== low && ds.millis() < end)
        await bench.terminal.pause(20)
    return bench.uart.dcd === low
}

/**
 * 7: with AT+CFGRI=1 each URC comes with a pulse of 120 ms on RI. `+CPIN: NOT READY` is
 * one that needs no network: it comes when AT+CFUN=0 switches the SIM card off.
 */
export async function riWired(bench: Bench): Promise<string> {
    const uart = bench.uart
    const terminal = bench.terminal
    wired(uart, Wired.Ri, "ri")
    await bench.must("AT+CFGRI?", 1000)
    const before = terminal.behind("+CFGRI: ")
    await bench.must("AT+CFGRI=1", 1000)
    await terminal.pause(200)
    uart.riPulse = 0
    await terminal.command("AT+CFUN=0", FUNCTIONALITY)
    await terminal.pause(LINE)
    const caused = terminal.find("+CPIN: ") >= 0
    const pulse = uart.riPulse
    // in any case the card has to be on again
    let back = Result.None
    for (let i = 0; i < TRIES && back !== Result.Ok; i++)
        back = await terminal.command("AT+CFUN=1", FUNCTIONALITY)
    await terminal.command(`AT+CFGRI=${before}`, 1000)
    uart.riPulse = 0
    if (back !== Result.Ok)
        throw fail("AT+CFUN=1: no OK", "switch the modem off and on")
    if (pulse > 0) return `a pulse of ${pulse} ms for a result code`
    if (!caused) throw skip("the modem said nothing unasked")
    throw fail(
        "no pulse, though a result code came",
        "check the wire from RI to RI, and its level: a bridge at 3.3 V may want a pull-up"
    )
}

/** 8: the modem sends nothing while RTS is off, and sets CTS when it listens. */
export async function flowControlled(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    wired(bench.uart, Wired.RtsCts, "flowControl")
    await bench.must("AT+IFC?", 1000)
    bench.ifc = terminal.behind("+IFC: ")
    // the compared bytes must not begin with the echo
    await bench.must("ATE0", 1000)
    await bench.must("AT+IFC=2,2", 1000)
    bench.obeyCts(true)
    const chip = bench.bridge && bench.bridge.chip
    let trouble = ""
    if (chip) {
        chip.lines()
        if (!chip.cts) trouble = "CTS is high, though the modem listens"
    }
    let held = 0
    // a URC in between is not the wires' fault
    for (let i = 0; i < TRIES && held <= 0 && !trouble; i++) {
        await terminal.pause(200)
        if ((await terminal.command(`AT${QUESTION}`, 2000)) !== Result.Ok)
            trouble = "with CTS obeyed, nothing gets through"
        else held = await hold(bench)
    }
    if (held <= 0 && !trouble)
        trouble = `held by RTS, the modem went on: ${-held} bytes came, with a hole`
    bench.obeyCts(false)
    await terminal.command(`AT+IFC=${bench.ifc}`, 1000)
    await terminal.command(bench.echo ? "ATE1" : "ATE0", 1000)
    if (!trouble) return `CTS low; ${held} bytes whole, held by RTS`
    throw fail(
        trouble,
        "check the wires from RTS to RTS and from CTS to CTS: with SIMCom's names RTS is the modem's input"
    )
}

/**
 * Makes the modem repeat its last response many times, and does not read for a while.
 * @returns number of bytes received, negative if they were wrong
 */
async function hold(bench: Bench): Promise<number> {
    const terminal = bench.terminal
    const ring = terminal.ring
    const block = terminal.find("\r\nOK\r\n")
    const reference = Buffer.alloc(block)
    reference.blitAt(0, terminal.answer, 0, block)
    const length = ANSWERS * block + 6
    let line = `AT${QUESTION}`
    for (let i = 1; i < ANSWERS; i++) line += `;${QUESTION}`
    terminal.forget()
    await terminal.send(line + "\r")
    // the bytes stay in the ring: it fills up, then the FIFO, then RTS goes off
    const end = ds.millis() + HOLD + Math.ceil((length * 10000) / bench.baud)
    while (ds.millis() < end) await bench.uart.wait(10)
    let at = 0
    let wrong = false
    const most =
        end + HOLD + 2 * Math.ceil((length * 10000) / bench.baud) + 2000
    while (at < length && ds.millis() < most) {
        const n = ring.pull(terminal.answer, 0, terminal.answer.length)
        for (let i = 0; i < n; i++) {
            // OK follows the last one
            if (at < length - 6 && terminal.answer[i] !== reference[at % block])
                wrong = true
            at++
        }
        await bench.uart.wait(n === 0 ? 20 : 0)
    }
    return at === length && !wrong ? at : -at
}

/** 9: the modem's supply voltage is within its limits. */
export async function supplied(bench: Bench): Promise<string> {
    await bench.must("AT+CBC", 1000)
    return voltage(bench.terminal.behind("+CBC: "))
}

/**
 * @param answer of AT+CBC: charging, percent, millivolts
 * @returns volts, as text
 */
export function voltage(answer: string): string {
    const millivolts = parseInt(answer.split(",")[2])
    const volts = `${millivolts / 1000} V`
    if (millivolts > LOW && millivolts < HIGH) return volts
    throw fail(
        volts,
        `check VBAT, 3.4–4.4 V at the modem's pins in bursts of 2 A: ${
            millivolts <= LOW
                ? "a charged cell or a regulator for 2 A, thick and short wires, 1000 µF next to the modem"
                : "it is too high"
        }`
    )
}

const DIGITS = "0123456789abcdef"

function hexByte(byte: number): string {
    return "0x" + DIGITS[byte >> 4] + DIGITS[byte & 15]
}

export function seconds(ms: number): string {
    return `${Math.round(ms / 100) / 10} s`
}
