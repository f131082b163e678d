/**
 * A led clock: in this process time passes from one timer to the next, without a
 * pause, so that what waits costs nothing. DeviceScript's VM, the virtual modem and
 * the servers of a test all live by it; only sockets of loopback take real time.
 */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { FRAME_PROCESS, type JDBus } from "jacdac-ts"
import { vi } from "vitest"
import { taken } from "../../bench/heap-walk"
import type { ConsoleLine, StartVm } from "../../simulator/vm/firmware"
import { root } from "../../simulator/vm/project"

/** The VM's clock is `Date`, its timer `setTimeout`; the bus wants `performance`. */
const FAKED = [
    "Date",
    "performance",
    "setTimeout",
    "clearTimeout",
    "setInterval",
    "clearInterval",
] as const

/** How the VM marks what `console` says. */
const LEVELS: Record<string, ConsoleLine["level"]> = {
    "!": "error",
    "*": "warn",
    "?": "debug",
    "#": "vm",
    ">": "log",
}

/** A collection happens within this, because the VM allocates something, ms. */
const COLLECTION = 500

/**
 * Leads the clock from now on.
 * @returns ends that
 */
export function leadClock(): () => void {
    const turn = setImmediate
    const real = globalThis.setTimeout
    vi.useFakeTimers({ toFake: [...FAKED] })
    // as Node has it: less than a millisecond is one, or time would stand still
    const fake = globalThis.setTimeout
    globalThis.setTimeout = ((run: () => void, ms = 0, ...args: []) =>
        fake(run, Math.max(1, ms), ...args)) as typeof setTimeout
    let leads = true
    const step = (): void => {
        if (!leads) return
        vi.advanceTimersToNextTimer()
        // sockets have their turn in between
        turn(step)
    }
    turn(step)
    return () => {
        leads = false
        vi.useRealTimers()
        globalThis.setTimeout = real
    }
}

/**
 * The clock of the VM, which may look at it until time has passed: a millisecond passes
 * for so many looks.
 */
class VmClock {
    private static readonly LOOKS = 500
    private last = 0
    private looks = 0

    now(): number {
        const now = Date.now()
        if (now > this.last) {
            this.last = now
            this.looks = 0
        } else if (++this.looks > VmClock.LOOKS) {
            this.last++
            this.looks = 0
        }
        return this.last
    }
}

/** What is used here of the VM's module (runtime/devicescript-vm). */
interface Machine {
    HEAPU8: Uint8Array
    sendPacket: (frame: Uint8Array) => void
    handlePacket: (frame: Uint8Array) => void
    dmesg: (line: string) => void
    error: (error: unknown) => void
    panicHandler: (code: number) => void
    flashLoad: () => Uint8Array
    flashSave: (content: Uint8Array) => void
    devsGcStress: (always: boolean) => void
    devsSetDeviceId: (id: string) => void
    devsStart: () => void
    devsStop: () => void
    devsDeploy: (program: Uint8Array) => number
}

const BUNDLE = path.join(
    root,
    "node_modules/@devicescript/cli/built/devicescript-cli.cjs"
)
const BEGIN = "var require_devicescript_vm = __commonJS("

/** The VM of DeviceScript's command line, which has it inside and does not export it. */
function machines(): () => Promise<Machine> {
    const bundle = readFileSync(BUNDLE, "utf8")
    const from = bundle.indexOf(BEGIN)
    const to = bundle.indexOf("\n});\n", from)
    if (from < 0 || to < 0)
        throw new Error(`${BUNDLE} has no VM where it is looked for`)
    const source = bundle.slice(from + BEGIN.length, to + 2)
    const loaders = new Function(
        "require",
        "__filename",
        "__dirname",
        "Date",
        `return (${source})`
    )(
        createRequire(BUNDLE),
        BUNDLE,
        path.dirname(BUNDLE),
        new VmClock()
    ) as Record<string, (exports: object, module: { exports: object }) => void>
    const module = { exports: {} }
    for (const load of Object.values(loaders)) load(module.exports, module)
    return module.exports as () => Promise<Machine>
}

/** What a microcontroller keeps without power. */
export class Flash {
    /** how often something was written */
    writes = 0
    private content: Uint8Array = new Uint8Array()

    load(): Uint8Array {
        return this.content
    }

    save(content: Uint8Array): void {
        this.writes++
        this.content = content
    }
}

/** A VM in this process, on a bus in this process. */
export class LedVm {
    private constructor(
        private readonly machine: Machine,
        private readonly unplug: () => void
    ) {}

    /**
     * Starts a program.
     * @param onLine what it prints
     * @param onDeath why it has ended
     */
    static async start(
        program: string,
        bus: JDBus,
        onLine: (line: ConsoleLine) => void,
        onDeath: (reason: string) => void,
        flash = new Flash()
    ): Promise<LedVm> {
        // each has a clock of its own: the next led clock begins before the end of this one
        const machine = await machines()()
        const id = `led${Math.random()}`
        let over = false
        const die = (reason: string): void => {
            if (over) return
            over = true
            onDeath(reason)
        }
        machine.dmesg = line => {
            const [, mark, text] = /^\s*([*!?>#]) (.*)/.exec(line) ?? []
            if (mark !== undefined) onLine({ level: LEVELS[mark], text })
        }
        machine.error = error => die(String(error))
        machine.panicHandler = code => {
            if (code) die(`the VM has died (panic ${code})`)
        }
        machine.flashLoad = () => flash.load()
        machine.flashSave = content => flash.save(content)
        // frames take a turn of the loop, and with it time: VM and bus answer at once
        machine.sendPacket = frame =>
            void setImmediate(() =>
                bus.processFrame(
                    Object.assign(frame, { _jacdac_sender: id }),
                    id
                )
            )
        const hear = (
            frame: Uint8Array & { _jacdac_sender?: string }
        ): void => {
            setImmediate(() => {
                if (!over && frame._jacdac_sender !== id)
                    machine.handlePacket(frame)
            })
        }
        bus.on(FRAME_PROCESS, hear)
        machine.devsSetDeviceId("12abdd2289421234")
        machine.devsStart()
        const refused = machine.devsDeploy(readFileSync(program))
        if (refused) die(`the VM does not take ${program}: ${refused}`)
        return new LedVm(machine, () => {
            over = true
            bus.off(FRAME_PROCESS, hear)
        })
    }

    /** Bytes of the heap that are in use. */
    async heap(): Promise<number> {
        // each allocation is a collection now
        this.machine.devsGcStress(true)
        await new Promise(done => setTimeout(done, COLLECTION))
        this.machine.devsGcStress(false)
        return taken(Buffer.from(this.machine.HEAPU8))
    }

    stop(): void {
        this.machine.devsStop()
        this.unplug()
    }
}

/** A VM in this process. */
export const ledVm: StartVm = (program, { bus }, onLine, onDeath) => {
    const started = LedVm.start(program, bus, onLine, onDeath)
    started.catch((error: unknown) => onDeath(String(error)))
    return { stop: () => started.then(vm => vm.stop()) }
}
