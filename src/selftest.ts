/**
 * The self-test: proves wiring, supply, SIM card, network and data, one step
 * after the other, on the device itself. An entry program calls it with the
 * port of its board:
 *
 *     const uart = new BridgeUart({ bus: i2cBus(), dtr: "bridge", dcd: "bridge", ri: "bridge" })
 *     const result = await selfTest({
 *         uart,
 *         apn: "internet",
 *         echo: { host: "192.0.2.1", port: 7 },
 *     })
 */
import * as ds from "@devicescript/core"
import { Kind } from "./core/arguments"
import { describe, Failure } from "./core/errors"
import { bad, check } from "./devicescript/arguments"
import { Bench, Ending, fail, skip, sorted, Verdict } from "./selftest/bench"
import { freeHeap } from "./selftest/heap"
import {
    activated,
    attached,
    dataEchoed,
    nameResolved,
    pinAccepted,
    putBack,
    registered,
    restarted,
    signalHeard,
    simCard,
    sleepsAndWakes,
    supplyLoaded,
} from "./selftest/network"
import { line, summary, tap } from "./selftest/report"
import {
    bridgeAnswers,
    bridgeLoopback,
    dcdWired,
    dtrWired,
    echoIntact,
    flowControlled,
    modemAnswers,
    riWired,
    seconds,
    supplied,
} from "./selftest/wires"
import { UartPort } from "./ports/uart"

export interface SelfTestOptions {
    /**
     * The port. With a `BridgeUart` the bridge is tested too; lines that it lacks are
     * skipped.
     */
    uart: UartPort
    /** access point name of the operator */
    apn: string
    /** user of the access point, if it needs one */
    user?: string
    password?: string
    /** PIN of the SIM card, if it needs one */
    pin?: string | number
    /** wanted baud rate of the modem, 115200 by default */
    baud?: number
    /** a TCP server that echoes its data; without it that step is skipped */
    echo?: { host: string; port: number }
    /** a name to resolve: by default the host of `echo`, or `example.com` */
    name?: string
    /** names of steps to skip, with those that need them, e.g. `["DTR", "sleep"]` */
    skip?: string[]
    /** allowed time of the whole test, in s: 300 by default. It is not cut short. */
    limit?: number
    /** true: the report is TAP version 14, for programs */
    tap?: boolean
    /** gets each line of the report; `console.log` by default */
    print?: (line: string) => void
    /**
     * shows the state; by default the board's status light: blue, green, red. A program
     * that uses `setStatusLight()` of `@devicescript/runtime` gives its own function.
     */
    light?: (state: SelfTestState) => void
}

export type SelfTestState = "running" | "passed" | "failed"

export interface SelfTestStep {
    /** 1–21 */
    number: number
    name: string
    /** SKIP: skipped, `seen` says why */
    verdict: Verdict
    /** observation, with numbers */
    seen: string
    /** FAIL: what to check on the bench, else "" */
    hint: string
    ms: number
}

export interface SelfTestResult {
    /** no step has failed */
    passed: boolean
    steps: SelfTestStep[]
    ms: number
}

/** A line of the table of steps. */
interface Step {
    name: string
    /** the step that this one requires, "" if none */
    needs: string
    /** returns the observation; throws an `Ending` or any other error */
    run: (bench: Bench) => Promise<string>
    /** what to check if the error does not tell */
    hint: string
}

const BUS = "check the bus and the supply of the bridge"
const SUPPLY = "check the supply and the wires of the modem"
const CONTRACT = "check APN, SIM card and its contract"

/** Made on demand: programs without the self-test do not pay for it. */
function table(): Step[] {
    // prettier-ignore
    return [
        { name: "bridge",   needs: "",         run: bridgeAnswers,  hint: BUS },
        { name: "loopback", needs: "bridge",   run: bridgeLoopback, hint: BUS },
        { name: "modem",    needs: "loopback", run: modemAnswers,   hint: SUPPLY },
        { name: "echo",     needs: "modem",    run: echoIntact,     hint: SUPPLY },
        { name: "DTR",      needs: "echo",     run: dtrWired,       hint: SUPPLY },
        { name: "DCD",      needs: "echo",     run: dcdWired,       hint: SUPPLY },
        { name: "RI",       needs: "echo",     run: riWired,        hint: SUPPLY },
        { name: "RTS/CTS",  needs: "echo",     run: flowControlled, hint: SUPPLY },
        { name: "supply",   needs: "echo",     run: supplied,       hint: SUPPLY },
        { name: "SIM",      needs: "RTS/CTS",  run: simCard,        hint: SUPPLY },
        { name: "PIN",      needs: "SIM",      run: pinAccepted,    hint: CONTRACT },
        { name: "signal",   needs: "PIN",      run: signalHeard,    hint: SUPPLY },
        { name: "network",  needs: "signal",   run: registered,     hint: CONTRACT },
        { name: "attach",   needs: "network",  run: attached,       hint: CONTRACT },
        { name: "PDP",      needs: "attach",   run: activated,      hint: CONTRACT },
        { name: "DNS",      needs: "PDP",      run: nameResolved,   hint: CONTRACT },
        { name: "TCP echo", needs: "PDP",      run: dataEchoed,     hint: "check the server, and whether the operator lets its port through" },
        { name: "load",     needs: "PDP",      run: supplyLoaded,   hint: SUPPLY },
        { name: "sleep",    needs: "PDP",      run: sleepsAndWakes, hint: SUPPLY },
        { name: "heap",     needs: "",         run: heapKept,       hint: "" },
        { name: "time",     needs: "",         run: inTime,         hint: "" },
    ]
}

/** Error of the measured heap, in bytes. */
const RESOLUTION = 2000
const LIMIT = 300
const LONGEST = 86400

/** 20: no heap was lost since the start. */
async function heapKept(bench: Bench): Promise<string> {
    if (bench.free < 0)
        throw skip("this runtime does not tell how much is free")
    const free = await freeHeap()
    // the result itself has grown meanwhile
    const lost = bench.free - free - bench.kept
    const kilobytes = `${Math.round(bench.free / 100) / 10} kB`
    if (lost <= RESOLUTION) return `${kilobytes} free at the start, and again`
    throw fail(
        `${Math.round(lost / 100) / 10} kB less is free than at the start (${kilobytes})`,
        "check what the program keeps in arrays, handlers and fibers: it leaks"
    )
}

/** 21: the whole test stayed within its time. */
async function inTime(bench: Bench): Promise<string> {
    const ms = ds.millis() - bench.startedAt
    const limit = bench.options.limit || LIMIT
    if (bench.failed) throw skip(`${seconds(ms)}, with what has failed`)
    if (ms <= limit * 1000) return `${seconds(ms)} of ${limit} s`
    throw fail(
        `${seconds(ms)}, longer than ${limit} s (option limit)`,
        `check what takes so long: ${bench.slowest}`
    )
}

function hasRestarted(): Ending {
    return sorted(describe(Failure.Restarted, "", ""))
}

/** The ending of a step that threw. */
async function endingOf(e: Error, step: Step, bench: Bench): Promise<Ending> {
    let ending = e as Ending
    if (!ending.verdict) ending = sorted(e.message)
    if (ending.verdict === "SKIP") return ending
    if (await restarted(bench)) ending = hasRestarted()
    return ending.hint ? ending : fail(ending.seen, step.hint)
}

/** The board's own Jacdac control service; a role can be made only once. */
let control: ds.Control

/** Drives the board's light, in its own fiber: nothing waits for it. */
async function statusLight(state: SelfTestState) {
    const on = 64
    try {
        if (!control) control = new ds.Control("control[int:0]")
        if (state === "running") await control.setStatusLight(0, 0, on, 0)
        else if (state === "passed") await control.setStatusLight(0, on, 0, 0)
        else await control.setStatusLight(on, 0, 0, 0)
    } catch (_e) {
        // the program has made the role itself: it should give the option `light`
    }
}

function checkOptions(options: SelfTestOptions) {
    check("options", Kind.Object, options)
    const { uart, apn, baud, echo, name, limit } = options
    if (!uart || typeof uart.open !== "function")
        throw bad("uart", "give the port of the modem")
    check("apn", Kind.Text, apn, 0, 50)
    if (baud !== undefined) check("baud", Kind.Rate, baud)
    if (echo !== undefined) {
        check("echo", Kind.Object, echo)
        check("host", Kind.Host, echo.host, 1, 255)
        check("port", Kind.Whole, echo.port, 1, 65535)
    }
    if (name !== undefined) check("name", Kind.Host, name, 1, 255)
    if (limit !== undefined) check("limit", Kind.Whole, limit, 1, LONGEST)
    check("tap", Kind.Flag, options.tap)
}

/**
 * Tests everything from the bridge to the network. Nothing else may use the modem
 * meanwhile: stop a driver that has the port. At the end the port is closed, and the
 * modem has its former settings and no PDP context. It registers anew during the test:
 * the RI step switches the SIM card off and on.
 *
 * Wrong options throw a `Sim800Error` at once. After that it neither throws nor ends
 * the program: a step that fails is a FAIL in the result, and every step has a timeout.
 * One thing it cannot undo: if the wire of DTR is broken, a modem put to sleep to test
 * it does not wake, and has to be switched off and on, unless RESET or PWRKEY is wired.
 * Skip this step on devices out of reach (`skip`).
 */
export async function selfTest(
    options: SelfTestOptions
): Promise<SelfTestResult> {
    checkOptions(options)
    const print = options.print || toConsole
    const steps: SelfTestStep[] = []
    const result: SelfTestResult = { passed: true, steps, ms: 0 }
    const rows = table()
    show(options, "running")
    const bench = new Bench(options)
    bench.startedAt = ds.millis()
    for (let i = 0; i < rows.length; i++)
        steps.push({
            number: i + 1,
            name: rows[i].name,
            verdict: "SKIP",
            seen: "",
            hint: "",
            ms: 0,
        })
    bench.free = await freeHeap()
    if (options.tap) {
        print("TAP version 14")
        print(`1..${steps.length}`)
    }
    for (let i = 0; i < rows.length; i++) {
        const row = rows[i]
        const step = steps[i]
        const at = ds.millis()
        try {
            prevent(bench, row)
            step.seen = await row.run(bench)
            step.verdict = "PASS"
            // with echo off, autobaud and AT&W nothing else shows a restart
            if (row.needs && (await restarted(bench))) throw hasRestarted()
        } catch (e) {
            const ending = await endingOf(e as Error, row, bench)
            step.verdict = ending.verdict
            step.seen = ending.seen
            step.hint = ending.hint
        }
        step.ms = ds.millis() - at
        bench.note(step)
        if (step.verdict === "FAIL") result.passed = false
        if (!options.tap) print(line(step))
        else for (const text of tap(step)) print(text)
    }
    try {
        await putBack(bench)
        await options.uart.close()
    } catch (_e) {
        // the steps have reported it
    }
    result.ms = ds.millis() - bench.startedAt
    print((options.tap ? "# " : "") + summary(result))
    show(options, result.passed ? "passed" : "failed")
    return result
}

function toConsole(text: string) {
    console.log(text)
}

/** Throws if a step makes no sense, or the caller skips it. */
function prevent(bench: Bench, row: Step) {
    const unwanted = bench.options.skip
    if (unwanted && unwanted.indexOf(row.name) >= 0) {
        bench.blame(row.name, row.name)
        throw skip("not wanted (option skip)")
    }
    const cause = bench.cause(row.needs)
    if (cause) {
        bench.blame(row.name, cause)
        throw skip(`not without ${cause}`)
    }
    if (bench.lost && row.needs) throw skip(bench.lost)
}

function show(options: SelfTestOptions, state: SelfTestState) {
    if (options.light) options.light(state)
    // a fiber: nothing waits for a light
    else statusLight.start(state)
}
