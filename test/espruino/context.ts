/**
 * Espruino as far as the module can tell, in Node: its globals and no others, and
 * what it does otherwise than JavaScript should. Time is that of a virtual clock,
 * and Serial1 a virtual SIM800.
 *
 * What it does otherwise (2v29): `indexOf` of bytes knows no end; a range of
 * `subarray` is not clipped (here that is an error); `slice` of bytes gives a
 * plain array; bytes can not be made of a string, but be set from one; one search
 * for several characters finds what is not there (here that is an error); `emit`
 * and promises call later; Serial gives strings of up to 63 bytes, from a queue
 * that loses what it has no room for and says so by a flag; its `write` blocks
 * behind 255 bytes (here that is an error); nothing is known of Map, Set, Symbol.
 */
import vm from "node:vm"
import { VirtualClock, type Timer } from "../../sim/modem/clock"
import { MemoryNetwork } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import type { ModemOptions } from "../../sim/modem/options"

/** bytes in one `data` event at most */
const CHUNK = 63
/** bytes that wait to be sent and do not block */
const TX_QUEUE = 255

/** What the context gets from here; it has no other way out. */
interface Host {
    print(...values: unknown[]): void
    getTime(): number
    setTimeout(f: () => void, ms: number): number
    clearTimeout(timer: number): void
    write(codes: number[]): void
    setup(baud: number): void
    flags(): string
    queue: number
    modules: string
    pin(pin: number, value: boolean): void
    look(pin: number): boolean
}

const PRELUDE = `
for (const name of ["Map", "Set", "WeakMap", "WeakSet", "Proxy", "Reflect", "BigInt", "WeakRef",
    "FinalizationRegistry", "Atomics", "SharedArrayBuffer", "Intl", "Promise", "globalThis"])
    if (name !== "globalThis") delete globalThis[name]
delete Math.imul
delete Number.isInteger
delete Array.prototype.flat
delete Array.prototype.flatMap
var print = (...values) => host.print(...values)
var getTime = () => host.getTime()
var setTimeout = (f, ms) => host.setTimeout(f, ms)
var clearTimeout = timer => host.clearTimeout(timer)
var digitalWrite = (pin, value) => host.pin(pin, !!value)
var digitalRead = pin => (host.look(pin) ? 1 : 0)
var pinMode = () => undefined
var watches = []
var setWatch = (f, pin, options) => watches.push({ f, pin, last: getTime() })
var clearWatch = id => { watches[id - 1] = undefined }
var edge = (pin, state) => {
    for (const watch of watches)
        if (watch && watch.pin === pin) {
            const time = getTime()
            watch.f({ state, time, lastTime: watch.last })
            watch.last = time
        }
}
var process = {
    memory: () => ({ usage: 0, total: 16383, rx: { used: 0, total: host.queue } }),
    env: { MODULES: host.modules },
}
var E = {
    toString: data => typeof data === "string" ? data : String.fromCharCode.apply(null, data),
    toUint8Array: data => { const b = new Uint8Array(data.length); b.set(data, 0); return b },
    CRC32: data => {
        let crc = -1
        for (const byte of data) {
            crc ^= byte & 255
            for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1))
        }
        return ~crc >>> 0
    },
    getErrorFlags: () => { const text = host.flags(); return text ? text.split(",") : [] },
}
// listeners are properties, and called later
Object.defineProperty(Object.prototype, "on", { value(name, f) {
    const key = "#on" + name
    const list = this[key] || []
    Object.defineProperty(this, key, { value: list.concat([f]), configurable: true, writable: true })
} })
Object.defineProperty(Object.prototype, "emit", { value(name, ...values) {
    const list = this["#on" + name]
    if (list) for (const f of list) setTimeout(() => f.apply(this, values), 0)
} })
Object.defineProperty(Object.prototype, "removeListener", { value(name, f) {
    const key = "#on" + name
    if (this[key]) this[key] = this[key].filter(other => other !== f)
} })
{
    const proto = Object.getPrototypeOf(Uint8Array.prototype)
    const { indexOf, subarray, set } = proto
    proto.indexOf = function (byte, from) { return indexOf.call(this, byte, from) }
    proto.slice = function (from, to) { return Array.from(subarray.call(this, from, to)) }
    proto.subarray = function (from, to) {
        if (from < 0 || to > this.length) throw new Error("subarray is not clipped: " + from + ", " + to)
        return subarray.call(this, from, to)
    }
    proto.set = function (from, at) {
        set.call(this, typeof from === "string" ? Array.from(from, c => c.charCodeAt(0) & 255) : from, at)
    }
    const Bytes = Uint8Array
    Uint8Array = new Function("Bytes", \`
        function Uint8Array(of) {
            if (typeof of === "string") throw new Error("Unsupported first argument of type String")
            return new Bytes(of)
        }
        Uint8Array.prototype = Bytes.prototype
        return Uint8Array\`)(Bytes)
    for (const name of ["indexOf", "includes", "replace"]) {
        const original = String.prototype[name]
        String.prototype[name] = function (what, ...more) {
            if (typeof what === "string" && what.length > 1)
                throw new Error(name + " of several characters: " + what)
            return original.call(this, what, ...more)
        }
    }
}
// as Espruino's: all is called later
class Promise {
    constructor(run) {
        this.state = 0
        this.waiting = []
        const settle = (state, value) => {
            if (this.state) return
            if (state === 1 && value && typeof value.then === "function") {
                value.then(v => settle(1, v), e => settle(2, e))
                return
            }
            this.state = state
            this.value = value
            for (const f of this.waiting) setTimeout(f, 0)
            if (state === 2)
                setTimeout(() => { if (!this.heard) print("Unhandled promise rejection: " + value) }, 0)
        }
        try { run(v => settle(1, v), e => settle(2, e)) } catch (e) { settle(2, e) }
    }
    then(good, wrong) {
        this.heard = true
        return new Promise((resolve, reject) => {
            const go = () => {
                const f = this.state === 1 ? good : wrong
                if (!f) return this.state === 1 ? resolve(this.value) : reject(this.value)
                try { resolve(f(this.value)) } catch (e) { reject(e) }
            }
            if (this.state) setTimeout(go, 0)
            else this.waiting.push(go)
        })
    }
    catch(wrong) { return this.then(undefined, wrong) }
    static resolve(value) { return new Promise(resolve => resolve(value)) }
    static reject(error) { return new Promise((_, reject) => reject(error)) }
}
var Serial1 = {
    setup: baud => host.setup(baud),
    write: data => host.write(Array.from(data, c => typeof c === "string" ? c.charCodeAt(0) & 255 : c)),
}
var serialHeard = data => { const list = Serial1["#ondata"]; if (list) for (const f of list) f(data) }
var modules = {}
var require = name => modules[name]
`

export interface ContextOptions {
    readonly modem?: Partial<ModemOptions>
    /** bytes that the queue of the interpreter holds */
    readonly queue?: number
    /** how long the interpreter is at work with each event, ms */
    readonly slowness?: number
    /** modules that are built in */
    readonly modules?: string
    /** the file's other pins: what is done when they change */
    readonly onPin?: (pin: number, value: boolean) => void
}

/** A board with the module in its Storage. */
export class Espruino {
    readonly clock = new VirtualClock()
    readonly network = new MemoryNetwork(this.clock)
    readonly sim: VirtualSim800
    /** what the program has printed */
    readonly lines: string[] = []
    /** what the interpreter would have lost */
    lost = 0
    private readonly context: vm.Context
    private readonly timers: (Timer | undefined)[] = []
    private readonly queue: number[] = []
    private readonly levels: boolean[] = []
    private readonly slowness: number
    private readonly size: number
    private dealing = false
    private full = false

    /** @param code of the module */
    constructor(code: string, options: ContextOptions = {}) {
        this.size = options.queue ?? 4096
        this.slowness = options.slowness ?? 0.2
        this.sim = new VirtualSim800({
            clock: this.clock,
            network: this.network,
            delays: "fast",
            ...options.modem,
        })
        this.sim.dte.onData = bytes => this.receive(bytes)
        const host: Host = {
            print: (...values) => this.lines.push(values.map(String).join(" ")),
            getTime: () => this.clock.now() / 1000,
            setTimeout: (f, ms) => {
                const id = this.timers.length + 1
                this.timers.push(
                    this.clock.after(Math.max(ms, 0), () => {
                        this.timers[id - 1] = undefined
                        this.guarded(f)
                    })
                )
                return id
            },
            clearTimeout: id => this.timers[id - 1]?.cancel(),
            write: codes => {
                if (this.sim.dte.pending + codes.length > TX_QUEUE + CHUNK)
                    throw new Error(
                        `Serial.write blocks: ${this.sim.dte.pending} + ${codes.length} bytes`
                    )
                this.sim.dte.write(Uint8Array.from(codes))
            },
            setup: baud => this.sim.dte.setBaud(baud),
            flags: () => {
                const flags = this.full ? "FIFO_FULL" : ""
                this.full = false
                return flags
            },
            queue: this.size,
            modules: options.modules ?? "",
            pin: (pin, value) => {
                if (this.levels[pin] === value) return
                this.levels[pin] = value
                options.onPin?.(pin, value)
            },
            look: pin => this.levels[pin] ?? true,
        }
        this.context = vm.createContext({ host })
        this.evaluate(PRELUDE)
        this.evaluate(
            `{ const exports = {}; (function (exports) {\n${code}\n})(exports); modules["SIM800"] = exports }\nvar SIM800 = require("SIM800")`
        )
    }

    /** Runs a program, or a part of one. */
    evaluate(program: string): void {
        vm.runInContext(program, this.context)
    }

    value(expression: string): unknown {
        return vm.runInContext(expression, this.context)
    }

    /** A level on a pin has changed. */
    edge(pin: number, high: boolean): void {
        this.levels[pin] = high
        this.guarded(() => this.evaluate(`edge(${pin}, ${high})`))
    }

    /** What a callback throws is printed, and that is all. */
    private guarded(f: () => void): void {
        try {
            f()
        } catch (error) {
            this.lines.push(`Uncaught ${(error as Error).message}`)
        }
    }

    /** The interrupt: bytes go to the queue, if there is room. */
    private receive(bytes: Uint8Array): void {
        for (const byte of bytes)
            if (this.queue.length < this.size) this.queue.push(byte)
            else {
                this.full = true
                this.lost++
            }
        if (!this.dealing && this.queue.length > 0) this.deal()
    }

    /** The idle loop takes one event after the other. */
    private deal(): void {
        this.dealing = true
        this.clock.after(this.slowness, () => {
            const data = String.fromCharCode(...this.queue.splice(0, CHUNK))
            const heard = this.value("serialHeard") as (data: string) => void
            this.guarded(() => heard(data))
            this.dealing = false
            if (this.queue.length > 0) this.deal()
        })
    }

    /** Lets time pass until a line has been printed. */
    expect(line: string, ms = 300_000): void {
        if (!this.clock.runUntil(() => this.lines.includes(line), ms))
            throw new Error(
                `"${line}" was not printed:\n${this.lines.join("\n")}`
            )
    }

    wait(ms: number): void {
        this.clock.advance(ms)
    }

    /** Switches the modem on, and has the driver find it. */
    start(options = "{ apn: 'internet' }"): this {
        this.sim.powerOn()
        this.evaluate(`
            var modem = SIM800.connect(Serial1, ${options})
            modem.on("error", e => print("modem error", e.message))
            modem.start().then(() => print("ready"), e => print("not started:", e.message))
        `)
        this.expect("ready")
        return this
    }
}
