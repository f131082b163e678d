/**
 * Steps 10 to 19: SIM card, network, data and sleep. They use their own commands, not
 * the driver: with it, a program of all steps would exceed the 64 kB of code that
 * DeviceScript can load.
 */
import { CR } from "../core/ascii"
import { has, Wired } from "../core/options"
import * as ds from "@devicescript/core"
import { describe, Failure } from "../core/errors"
import { Bench, Ending, fail, skip, sorted } from "./bench"
import { Result } from "./terminal"
import { difference, seconds, voltage } from "./wires"

/**
 * Times of the manual for commands that ask the SIM card or network, with a margin, ms.
 */
const LOCAL = 5000
const SIM_READY = 20000
const PIN_READY = 10000
const SIGNAL = 30000
const REGISTRATION = 120000
const DENIED = 30000
const ATTACHED = 20000
const ATTACH = 90000
const SHUT = 70000
const ACTIVATION = 90000
const RESOLUTION = 30000
const CONNECTION = 80000
/** poll interval, ms */
const POLL = 1000
/** longest time from a restart to the first answer, ms */
const REBOOT = 10000

/**
 * Throughput of the echo on a Pico at 115200 baud and a fast network, kB/s, with RTS
 * and CTS and without: from the model of its firmware (docs/performance.md).
 */
const HELD = "1.9"
const UNHELD = "1.6"
/**
 * AT+CSQ: limits below which nothing works, and below which it may not be enough, dBm.
 */
const DEAF = -109
const WEAK = -93
const ANTENNA =
    "check the antenna and its plug, and try another place: near a window, away from the supply"

/** Bytes of the echo test each way, bytes of a chunk, and bytes under way. */
const BYTES = 8192
const CHUNK = 512
const UNDER_WAY = 1024
/** bytes fetched at a time without RTS: the response fits into a bridge's FIFO */
const FETCH_UNHELD = 24
/** … or the port's `largestBurst`, less the rest of the response */
const FRAME = 64
/** timeout without a byte, ms */
const STALLED = 30000
const READ_POLL = 50

/** AT+CSCLK=2: silence until it sleeps (5 s), with a margin, in steps, ms. */
const SILENCE = 6000
const SILENCES = 3
/** from the first byte to the first command: 100 ms, plus a margin */
const WAKE = 200
const NAME = "example.com"

/** A failure in the driver's words. */
function failure(what: Failure, answer: string): Ending {
    return sorted(describe(what, "", answer))
}

/** The last line of the response, without its line ends. */
function answerOf(bench: Bench): string {
    const terminal = bench.terminal
    const error = terminal.behind("+CME ERROR: ")
    return error ? `+CME ERROR: ${error}` : terminal.information()
}

/** 10: a SIM card is present and readable. */
export async function simCard(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    const at = ds.millis()
    const held = has(bench.uart, Wired.RtsCts)
    await bench.must("ATE0", LOCAL)
    await bench.must(held ? "AT+IFC=2,2" : "AT+IFC=0,0", LOCAL)
    bench.obeyCts(true)
    await bench.must("AT+CMEE=1", LOCAL)
    let cme = ""
    while (ds.millis() - at < SIM_READY) {
        const result = await terminal.command("AT+CPIN?", LOCAL)
        bench.pin = terminal.behind("+CPIN: ")
        cme = terminal.behind("+CME ERROR: ")
        if (cme === "11") bench.pin = "SIM PIN"
        if (cme === "12") bench.pin = "SIM PUK"
        if (cme === "13") throw failure(Failure.SimFailure, answerOf(bench))
        if (bench.pin && !bench.pin.startsWith("NOT "))
            return `found, answers after ${seconds(ds.millis() - at)}`
        if (result === Result.None) throw failure(Failure.NoAnswer, "")
        await terminal.pause(POLL)
    }
    const missing = cme === "10" || bench.pin === "NOT INSERTED"
    throw failure(
        missing ? Failure.SimMissing : Failure.SimNotReady,
        answerOf(bench)
    )
}

/** 11: its PIN is right, or it needs none. The last try is left to a person. */
export async function pinAccepted(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    const wanted = bench.pin
    if (wanted === "READY") return "none asked for"
    if (wanted !== "SIM PIN") throw failure(Failure.PukRequired, wanted)
    if (!bench.options.pin) throw failure(Failure.PinRequired, wanted)
    await terminal.command("AT+SPIC", LOCAL)
    if (terminal.behind("+SPIC: ").startsWith("1,"))
        throw failure(Failure.PinLastTry, answerOf(bench))
    const set = `AT+CPIN="${bench.options.pin}"`
    if ((await terminal.command(set, PIN_READY)) !== Result.Ok)
        throw failure(Failure.PinRefused, answerOf(bench))
    const end = ds.millis() + PIN_READY
    while (ds.millis() < end) {
        await terminal.command("AT+CPIN?", LOCAL)
        if (terminal.behind("+CPIN: ") === "READY") return "accepted"
        await terminal.pause(POLL)
    }
    throw failure(Failure.SimNotReady, answerOf(bench))
}

/** 12: AT+CSQ. */
export async function signalHeard(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    const end = ds.millis() + SIGNAL
    let signal = 99
    while (signal === 99 && ds.millis() < end) {
        await bench.must("AT+CSQ", LOCAL)
        signal = parseInt(terminal.behind("+CSQ: ").split(",")[0])
        if (signal === 99) await terminal.pause(POLL)
    }
    if (signal === 99) throw fail("none (AT+CSQ: 99)", ANTENNA)
    const dbm = signal * 2 - 113
    if (dbm <= DEAF) throw fail(`${dbm} dBm`, ANTENNA)
    return dbm < WEAK ? `${dbm} dBm, weak` : `${dbm} dBm`
}

/** 13: the modem is registered in a network. */
export async function registered(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    const at = ds.millis()
    // this setting is not stored: a restart clears it
    await bench.must("AT+CIPQSEND=1", LOCAL)
    bench.marked = true
    let status = ""
    while (ds.millis() - at < REGISTRATION) {
        await bench.must("AT+CREG?", LOCAL)
        status = terminal.behind("+CREG: ").split(",")[1]
        const after = `after ${seconds(ds.millis() - at)}`
        if (status === "1") return `at home ${after}`
        if (status === "5") return `roaming ${after}`
        if (status === "3" && ds.millis() - at >= DENIED) break
        await terminal.pause(POLL)
    }
    throw failure(
        status === "3" ? Failure.RegistrationDenied : Failure.NotRegistered,
        `+CREG: 0,${status}`
    )
}

/** 14: it has GPRS: the modem transmits, and a weak supply would fail. */
export async function attached(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    const at = ds.millis()
    while (ds.millis() - at < ATTACHED) {
        await bench.must("AT+CGATT?", LOCAL)
        if (terminal.behind("+CGATT: ") === "1")
            return `after ${seconds(ds.millis() - at)}`
        await terminal.pause(POLL)
    }
    if ((await terminal.command("AT+CGATT=1", ATTACH)) !== Result.Ok)
        throw failure(Failure.NotAttached, answerOf(bench))
    return `when asked to, after ${seconds(ds.millis() - at)}`
}

/** 15: a PDP context comes up and has an address. */
export async function activated(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    const { apn, user, password } = bench.options
    const at = ds.millis()
    if (!(await terminal.ask("AT+CIPSHUT", "SHUT OK\r\n", SHUT)))
        throw failure(Failure.SetupRefused, answerOf(bench))
    await bench.must("AT+CIPMUX=0", LOCAL)
    await bench.must("AT+CIPMODE=0", LOCAL)
    await bench.must("AT+CIPRXGET=1", LOCAL)
    const set = `AT+CSTT="${apn}","${user || ""}","${password || ""}"`
    if ((await terminal.command(set, LOCAL)) !== Result.Ok)
        throw failure(Failure.ApnRefused, answerOf(bench))
    if ((await terminal.command("AT+CIICR", ACTIVATION)) !== Result.Ok)
        throw failure(
            Failure.ActivationRefused,
            `APN "${apn}", ${answerOf(bench)}`
        )
    // AT+CIFSR gives no OK, the command after it does
    if ((await terminal.command("AT+CIFSR;E0", LOCAL)) !== Result.Ok)
        throw failure(Failure.NoAddress, answerOf(bench))
    const address = terminal.information()
    return `${address} after ${seconds(ds.millis() - at)}`
}

/** 16: a name has an address. */
export async function nameResolved(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    const { echo, name } = bench.options
    let host = name
    if (!host) host = echo && isName(echo.host) ? echo.host : NAME
    const at = ds.millis()
    const set = `AT+CDNSGIP="${host}"`
    if ((await terminal.command(set, RESOLUTION)) !== Result.Ok)
        throw failure(Failure.NotResolved, answerOf(bench))
    // the answer follows OK
    await terminal.until("+CDNSGIP: ", RESOLUTION)
    await terminal.pause(READ_POLL)
    const said = terminal.behind("+CDNSGIP: ")
    if (!said.startsWith("1,"))
        throw failure(Failure.NotResolved, `${host}: ${said || "no answer"}`)
    const address = said.split('"')[3]
    return `${host} is ${address}, after ${seconds(ds.millis() - at)}`
}

/** Whether a host is a name, not a dotted address. */
function isName(host: string): boolean {
    const last = host.charCodeAt(host.length - 1)
    return last < 48 || last > 57
}

/** Fills a buffer with all values in turn, each block different from the last. */
function fill(buf: Buffer, from: number) {
    for (let i = 0; i < buf.length; i++) {
        const at = from + i
        buf[i] = at * 7 + (at >> 8)
    }
}

/** 17: 8 kB of all byte values to a TCP echo server and back. */
export async function dataEchoed(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    const echo = bench.options.echo
    if (!echo) throw skip("no server (option echo: { host, port })")
    if (bench.cause("DNS") && isName(echo.host)) throw skip("not without DNS")
    const set = `AT+CIPSTART="TCP","${echo.host}",${echo.port}`
    if ((await terminal.command(set, LOCAL)) !== Result.Ok)
        throw failure(Failure.ConnectRefused, answerOf(bench))
    const port = `${echo.host}:${echo.port}`
    if (!(await terminal.until("CONNECT ", CONNECTION)))
        throw failure(Failure.ConnectTimeout, port)
    await terminal.pause(READ_POLL)
    if (terminal.find("CONNECT OK") < 0)
        throw failure(Failure.ConnectFailed, `${port}, CONNECT FAIL`)
    const ending = await exchange(bench)
    await terminal.ask("AT+CIPCLOSE=1", "CLOSE OK\r\n", LOCAL)
    if (ending.verdict === "FAIL") throw ending
    return ending.seen
}

/** Sends and receives by turns, with up to two chunks under way. */
async function exchange(bench: Bench): Promise<Ending> {
    const terminal = bench.terminal
    const chunk = Buffer.alloc(CHUNK)
    const at = ds.millis()
    const burst = Math.min(bench.uart.largestBurst - FRAME, CHUNK)
    const most = has(bench.uart, Wired.RtsCts)
        ? CHUNK
        : Math.max(burst, FETCH_UNHELD)
    let moved = at
    let sent = 0
    let read = 0
    let wrong = ""
    while (read < BYTES && !wrong && ds.millis() - moved < STALLED) {
        if (sent < BYTES && sent - read < UNDER_WAY) {
            fill(chunk, sent)
            wrong = await sendChunk(bench, chunk)
            sent += CHUNK
        }
        const got = await terminal.ask(
            `AT+CIPRXGET=2,${most}`,
            "+CIPRXGET: 2,",
            LOCAL
        )
        // "n,left", then n bytes, then OK
        await terminal.line("+CIPRXGET: 2,", LOCAL)
        const header = terminal.behind("+CIPRXGET: 2,")
        const n = parseInt(header.split(",")[0])
        if (!wrong && (!got || !(n >= 0 && n <= most)))
            wrong = "an answer was torn"
        if (wrong) break
        // CR LF separates header and data
        const data =
            terminal.answer.indexOf(
                CR,
                terminal.find("+CIPRXGET: 2,"),
                terminal.length
            ) + 2
        const length = data + n + 6
        await terminal.gather(length, LOCAL)
        if (n > 0) {
            terminal.drop(data)
            const whole = terminal.length >= n + 6
            const expected = n === CHUNK ? chunk : Buffer.alloc(n)
            fill(expected, read)
            terminal.length = Math.min(terminal.length, n)
            wrong = difference(terminal, expected, n)
            if (!wrong && !whole) wrong = "an answer was torn"
            if (!wrong) read += n
            moved = ds.millis()
        } else await terminal.pause(READ_POLL)
    }
    const ms = ds.millis() - at
    if (!wrong && read < BYTES) wrong = `nothing more for ${seconds(STALLED)}`
    if (wrong)
        return fail(
            `${read} of ${BYTES} bytes came back, then ${wrong}`,
            "check that the server is one that echoes, and the UART: RTS and CTS, levels, software flow control, a lower baud rate"
        )
    const rate = Math.round(BYTES / (ms / 10)) / 10
    let wanted = ""
    if (bench.bridge)
        wanted = `; on a Pico ${has(bench.uart, Wired.RtsCts) ? HELD : UNHELD}`
    return new Ending(
        "PASS",
        `${BYTES} bytes there and back, all values, in ${seconds(ms)}: ${rate} kB/s each way${wanted}`,
        ""
    )
}

/** @returns the fault, or "" */
async function sendChunk(bench: Bench, chunk: Buffer): Promise<string> {
    const terminal = bench.terminal
    if (!(await terminal.ask(`AT+CIPSEND=${CHUNK}`, "> ", LOCAL)))
        return `no prompt (${answerOf(bench)})`
    terminal.forget()
    await terminal.send(chunk)
    if (await terminal.until("DATA ACCEPT:", STALLED)) return ""
    return `the data were not taken (${answerOf(bench)})`
}

/** 18: the supply has withstood the steps before. */
export async function supplyLoaded(bench: Bench): Promise<string> {
    if (bench.cause("supply")) throw skip("not without supply")
    const terminal = bench.terminal
    await bench.must("AT+CBC", LOCAL)
    const volts = voltage(terminal.behind("+CBC: "))
    terminal.forget()
    if (terminal.warning)
        throw fail(
            `${volts}, but the modem said ${terminal.warning}`,
            "check VBAT at the modem's pins in bursts of 2 A: thick and short wires, 1000 µF next to the modem"
        )
    return `${volts} after the transfer, no warning, no restart`
}

/**
 * 19: with AT+CSCLK=2 the modem sleeps after 5 s without a byte; the next one wakes it
 * and is lost (AT command manual 6.2.19). This needs no wire.
 */
export async function sleepsAndWakes(bench: Bench): Promise<string> {
    const terminal = bench.terminal
    await bench.must("AT+CSCLK=2", LOCAL)
    let silence = 0
    let asleep = false
    for (let i = 1; i <= SILENCES && !asleep; i++) {
        silence = i * SILENCE
        await terminal.pause(silence)
        asleep = (await terminal.command("AT", 100)) === Result.None
    }
    const at = ds.millis()
    await terminal.pause(WAKE)
    const awake = await bench.answers(3000)
    const woken = ds.millis() - at
    await terminal.command("AT+CSCLK=0", LOCAL)
    if (!awake) {
        bench.lost = "the modem sleeps: switch it off and on"
        throw fail(
            "it does not wake",
            "switch the modem off and on; check its supply and firmware"
        )
    }
    if (!asleep)
        throw fail(
            `still awake after ${seconds(silence)} of silence`,
            "check that nothing else talks to the modem (noise on its RX), and its signal: a modem that keeps looking for cells does not sleep"
        )
    return `asleep after ${seconds(silence)}, an answer ${woken} ms after the first byte`
}

/** Whether the modem has restarted since its registration; reported once. */
export async function restarted(bench: Bench): Promise<boolean> {
    const terminal = bench.terminal
    if (!bench.marked) return false
    if (!(await bench.answers(REBOOT))) return false
    await terminal.command("AT+CIPQSEND?", LOCAL)
    bench.marked = terminal.behind("+CIPQSEND: ") !== "0"
    return !bench.marked
}

/** Restores the settings that other programs expect. */
export async function putBack(bench: Bench) {
    const terminal = bench.terminal
    if (bench.pin === undefined || bench.lost) return
    if (!(await bench.answers(1000))) return
    if (bench.marked) {
        await terminal.ask("AT+CIPSHUT", "SHUT OK\r\n", SHUT)
        await terminal.command("AT+CIPRXGET=0", LOCAL)
        await terminal.command("AT+CIPQSEND=0", LOCAL)
    }
    await terminal.command("AT+CMEE=0", LOCAL)
    if (bench.ifc) await terminal.command(`AT+IFC=${bench.ifc}`, LOCAL)
    await terminal.command(bench.echo ? "ATE1" : "ATE0", LOCAL)
}
