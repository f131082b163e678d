/**
 * The main loop of DeviceScript's firmware on an RP2040, on a virtual clock: when
 * a fiber runs, what it takes for the present, and which timer wakes the loop.
 *
 * Sources: devicescript-pico src/main.ts, src/tim.c, src/spi.c; devicescript
 * runtime/devicescript/fibers.c, devicescript.c, impl_dsspi.c; jacdac-c
 * source/jd_services.c, source/jd_physical.c. Measured in that firmware on an
 * emulated RP2040: what a pass and a transfer take.
 *
 * One pass of the loop runs all fibers that are due, one after the other, and in
 * the end sets how long the loop may sleep: until the next fiber is due, 1 ms at
 * most. Then it sleeps until there is an interrupt. A timer interrupt sets the
 * next one, as far away as the loop may sleep:
 * - while a pass goes on that is 10 ms. So a fiber whose nap is over sooner is late.
 * - if a fiber is due already at the end of a pass it is 0. The RP2040 misses an
 *   alarm for the present moment, and no timer wakes the loop from then on.
 */
import type { VirtualClock } from "../../sim/modem/clock"

const HERTZ = 125_000_000

/** JD_MIN_MAX_SLEEP, while a pass goes on; and between passes, ms */
const WHILE_BUSY = 10
const WHILE_IDLE = 1
/** what a pass of the main loop takes before and behind its fibers, cycles */
const PASS_BEGINS = 6_000
const PASS_ENDS = 6_000
/** from an interrupt to the loop */
const WAKES = 300
/** to find a fiber that is due, and to resume it */
const RESUMES = 7_600

/** What the firmware knows of a fiber. */
export interface Schedulable {
    /** ms, 0 for never */
    wakeAt: number
    run(): void
}

export interface FirmwareOptions {
    /**
     * what an alarm for the present moment does. `stops` (default): what it does
     * on an RP2040, nothing runs any more. `counts`: it is counted, and comes.
     */
    readonly lostAlarm?: "stops" | "counts"
    /**
     * false: the loop sleeps behind each pass, whatever came during it. Default
     * true, as on an ARMv6-M; what has to hold should hold with both
     */
    readonly eventRegister?: boolean
}

export class Firmware {
    /** what fibers take for the present, ms */
    present = 0
    /** timer interrupts that were asked for, and those for the present moment */
    alarms = 0
    lostAlarms = 0
    passes = 0
    /** ms in which neither a pass nor a transfer went on */
    slept = 0
    /**
     * the longest time without a pass that has come to its end, ms; the first one
     * holds the beginning of the program
     */
    longestPass = 0
    /** nothing will run any more */
    stopped = false
    private readonly fibers: Schedulable[] = []
    /** how long the loop may sleep, ms */
    private maySleep = WHILE_IDLE
    private state: "pass" | "asleep" | "begins" = "asleep"
    private asleepSince = 0
    private passSince = 0
    private event = false
    /** a fiber has been resumed, and its turn is not over */
    private turn = false
    private cycles = 0

    constructor(
        private readonly clock: VirtualClock,
        private readonly options: FirmwareOptions = {}
    ) {
        this.asleepSince = clock.now()
        this.setAlarm()
    }

    /** Work of the VM or of the firmware: its time passes before anybody looks. */
    spend(cycles: number): void {
        this.cycles += cycles
    }

    /** Work that was told of takes its time now. */
    settle(): void {
        if (this.cycles === 0) return
        const ms = (this.cycles * 1000) / HERTZ
        this.cycles = 0
        this.clock.advance(ms)
    }

    /** The fiber is there from now on; fibers run in the order in which they were made. */
    add(fiber: Schedulable): void {
        if (!this.fibers.includes(fiber)) this.fibers.push(fiber)
    }

    remove(fiber: Schedulable): void {
        const at = this.fibers.indexOf(fiber)
        if (at >= 0) this.fibers.splice(at, 1)
    }

    /** Whatever was resumed has come to its `await` or its end. */
    turnIsOver(): void {
        if (!this.turn) return
        this.turn = false
        this.clock.after(0, () => {
            this.settle()
            this.poke()
        })
    }

    /**
     * A transfer by DMA: the fiber waits until the main loop has seen its end.
     * No other fiber gets its turn meanwhile: a fiber is suspended by a native
     * there, which a call in Node can not be.
     */
    transfer(ms: number): void {
        this.settle()
        const end = this.clock.now() + ms
        // those that are due would have their turn first
        this.endPass(this.present)
        while (this.clock.now() < end) {
            this.sleepUntil(end)
            this.beginPass(0)
            this.endPass(this.present)
        }
        // its end is seen behind a pass, and the next one runs the fiber
        if (this.options.eventRegister === false) this.sleepUntil(-1)
        this.beginPass(RESUMES)
        this.sync()
    }

    /** The loop sleeps until there is an interrupt: the timer's, or one at that time. */
    private sleepUntil(end: number): void {
        const before = this.alarms
        const since = this.clock.now()
        this.clock.runUntil(
            () =>
                this.alarms !== before || (end >= 0 && this.clock.now() >= end),
            end >= 0 ? Math.max(end - since, 0) : 100
        )
        this.slept += this.clock.now() - since
    }

    private beginPass(more: number): void {
        this.state = "pass"
        this.passes++
        this.passSince = this.clock.now()
        this.maySleep = WHILE_BUSY
        this.work(WAKES + PASS_BEGINS + more)
    }

    private work(cycles: number): void {
        this.clock.advance((cycles * 1000) / HERTZ)
    }

    private sync(): void {
        this.present = Math.floor(this.clock.now())
    }

    /** tick() of jd_physical.c: sets the next one. */
    private setAlarm(): void {
        this.alarms++
        let ms = this.maySleep
        if (ms <= 0) {
            this.lostAlarms++
            if (this.options.lostAlarm !== "counts") {
                this.stopped = true
                return
            }
            ms = 0.01
        }
        this.clock.after(ms, () => {
            this.setAlarm()
            this.event = true
            if (this.state === "asleep") this.begin()
        })
    }

    /**
     * wfe: it sleeps, unless there has been an interrupt since it did so last. That
     * includes the one which has woken it then: it is the return from an
     * exception that sets the event register (ARMv6-M, DDI 0419, B1.5.18).
     */
    private sleep(): void {
        if (!this.event || this.options.eventRegister === false) return
        this.event = false
        this.begin()
    }

    /** The loop is woken. */
    private begin(): void {
        this.state = "begins"
        // it is in the midst of a transfer
        if (this.turn) return
        this.slept += this.clock.now() - this.asleepSince
        this.clock.after(0, () => {
            this.beginPass(0)
            this.sync()
            this.poke()
        })
    }

    /** Runs the next fiber that is due, or ends the pass. */
    private poke(): void {
        let next: Schedulable | undefined
        for (const fiber of this.fibers) {
            if (fiber.wakeAt === 0 || fiber.wakeAt > this.present) continue
            if (next === undefined || fiber.wakeAt < next.wakeAt) next = fiber
        }
        if (next === undefined) {
            this.endPass()
            this.sleep()
            return
        }
        this.work(RESUMES)
        this.sync()
        next.wakeAt = 0
        this.turn = true
        next.run()
    }

    /** @param passed nobody is due any more who was by then */
    private endPass(passed = 0): void {
        this.sync()
        let ms = WHILE_IDLE
        for (const { wakeAt } of this.fibers)
            if (wakeAt > passed)
                ms = Math.min(ms, Math.max(wakeAt - this.present, 0))
        this.maySleep = ms
        this.work(PASS_ENDS)
        if (this.passes > 1)
            this.longestPass = Math.max(
                this.longestPass,
                this.clock.now() - this.passSince
            )
        this.state = "asleep"
        this.asleepSince = this.clock.now()
    }
}
