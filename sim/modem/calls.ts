import {
    autoAnswer,
    callProgress,
    detectsTones,
    extendsRing,
    hidesCaller,
    listsCalls,
    refusesCalls,
    showsCalled,
    showsCaller,
    showsCauseNumber,
    showsEnd,
    showsNames,
    showsProgress,
    showsWaiting,
    tellsServices,
} from "./call-settings"
import type { Callee } from "./callee"
import { shownText, type CharacterSet } from "./character-sets"
import type { Clock, Timer } from "./clock"
import type { CommandEnd } from "./command-run"
import { allowedIf } from "./errors"
import type { Nvram } from "./nvram"
import type { ResolvedOptions } from "./options"
import type { Output } from "./output"
import { numberType } from "./phone-number"
import { CALL_PULSE, type RingIndicator } from "./ring-indicator"
import type { SettingStore } from "./setting"
import {
    forwardReasons,
    type ForwardReason,
    type Subscription,
} from "./subscription"

/** State of the module as a whole. */
export type CallState = "idle" | "dialing" | "ringing" | "active"

/** `<stat>` of AT+CLCC ([ATM12] 3.2.16). */
const enum Stat {
    Active,
    Held,
    Dialing,
    Alerting,
    Incoming,
    Waiting,
    Disconnected,
}

interface Call {
    /** `<id>` of AT+CLCC and AT+CHLD. */
    readonly id: number
    readonly isOutgoing: boolean
    /** Empty if it is withheld. */
    readonly number: string
    stat: Stat
    /** One of several in a conference. */
    inConference: boolean
    /** Timer of its next step. */
    timer: Timer | undefined
    /** An ATD with AT+COLP=1, or an ATA, that waits for the outcome. */
    command: CommandEnd | undefined
}

/** Causes of the end of a call ([ATM12] 3.2.7). */
export type Cause = 0 | 1 | 8 | 16 | 17 | 19 | 21 | 27 | 34

const causes: Readonly<Record<Cause, string>> = {
    0: "No cause",
    1: "unassigned (unallocated) number",
    8: "operator determined barring",
    16: "normal call clearing",
    17: "user busy",
    19: "user alerting, no answer",
    21: "call rejected",
    27: "destination out of order",
    34: "emergency call not possible",
}

/** The network gives up an unanswered call after this, ms. */
const ALERTING_LIMIT = 60_000
/** Calls that there may be at once (GSM 02.83). */
const MOST_CALLS = 2
/** Length of a tone of the other side, and of the pause after it, ms. */
const TONE = 100

/** What calls need of the module. */
export interface CallModule {
    readonly clock: Clock
    readonly options: Pick<ResolvedOptions, "delays" | "firmware" | "operator">
    readonly output: Pick<Output, "notice" | "result" | "information">
    readonly profile: {
        readonly characterSet: CharacterSet
    }
    readonly settings: Pick<SettingStore, "valuesOf">
    readonly registration: { readonly isRegistered: boolean }
    readonly ringIndicator: Pick<RingIndicator, "pulseFor" | "setRinging">
    readonly sleep: { stir(): void }
    readonly isInDataMode: boolean
    readonly phoneBooks: { nameOf(number: string): string }
    readonly messages: { readonly isSending: boolean }
    readonly hardware: {
        readonly subscription: Subscription
        readonly nvram: Pick<Nvram, "whiteList" | "emergencyNumbers">
        callMade(number: string, isHidden: boolean): void
    }
    /** Runs `run` at the next byte of the DTE, while a command runs; undefined for no longer. */
    whenInterrupted(run: (() => void) | undefined): void
    report(subject: "call", from: string, to: string): void
    log(line: string): void
}

/**
 * Voice calls, either way ([ATM12] 2.2.2 to 2.2.8, 3.2.14, 3.2.16): they ring,
 * are answered, held, joined, and someone hangs up.
 */
export class Calls {
    /** ATDL. */
    lastDialled: string | undefined
    /** AT+CMUT: nothing is heard of the module; for as long as there is a call. */
    isMuted = false
    private calls: Call[] = []
    private ring: Timer | undefined
    private rings = 0
    /** The DTE knows of the call that rings: by RI in data mode, by RING in command mode. */
    private indicated = false
    private heard = false
    private cause: Cause = 0
    private reported: CallState = "idle"
    private lastTone = { key: "", at: -Infinity }

    constructor(private readonly module: CallModule) {}

    get state(): CallState {
        const has = (...stats: readonly Stat[]): boolean =>
            this.calls.some(({ stat }) => stats.includes(stat))
        if (has(Stat.Incoming)) return "ringing"
        if (has(Stat.Dialing, Stat.Alerting)) return "dialing"
        return this.calls.length > 0 ? "active" : "idle"
    }

    /** Whether someone can be heard. */
    get isTalking(): boolean {
        return this.with(Stat.Active).length > 0
    }

    /**
     * Someone calls.
     * @param number empty if it is withheld
     * @returns whether it rings, or else the network says why not
     */
    arrive(number: string): boolean {
        const { registration, hardware, messages } = this.module
        const { subscription } = hardware
        if (!registration.isRegistered) return this.divert(3)
        if (this.divert(0)) return false
        // [ATM12] 4.2.5
        if (messages.isSending) return false
        if (subscription.barred.has("AI") || this.value(refusesCalls) > 0)
            return false
        const CALLS = 1
        const { mode, numbers } = hardware.nvram.whiteList
        if ((mode & CALLS) !== 0 && !numbers.includes(number)) return false
        if (this.calls.length === 0) {
            this.indicated = false
            this.heard = false
            this.rings = 0
            this.add(number, false, Stat.Incoming)
            this.ringOnce()
            return true
        }
        const mayWait =
            this.state === "active" && this.calls.length < MOST_CALLS
        if (!subscription.callWaiting || !mayWait) {
            this.divert(1)
            return false
        }
        this.add(number, false, Stat.Waiting)
        if (this.value(showsWaiting) === 1) {
            const VOICE = 1
            this.module.output.notice("RING")
            this.module.output.notice(
                `+CCWA: "${number}",${numberType(number)},${VOICE},"${this.nameOf(number)}"`
            )
        }
        return true
    }

    /** Whether calls go somewhere else for a reason (AT+CCFC). @returns false, where it only matters that it does not ring */
    private divert(reason: 0 | 1 | 2 | 3): boolean {
        const { subscription } = this.module.hardware
        const to = subscription.forwardedTo(reason)
        if (to !== undefined) this.module.log(`a call was forwarded to ${to}`)
        return reason === 0 && to !== undefined
    }

    /** The called party answers. Nothing happens if its phone does not ring. */
    pickUp(): void {
        for (const call of this.with(Stat.Alerting)) this.connected(call)
    }

    /**
     * The other side gives up, or hangs up.
     * @param number which one; by default the call that rings, or is talked on
     */
    endRemotely(number?: string): void {
        const found = this.calls.find(call =>
            number === undefined
                ? call.stat !== Stat.Held && call.stat !== Stat.Waiting
                : call.number === number
        )
        if (found !== undefined) this.lose(found, 16)
    }

    /** The network is gone. */
    endAll(): void {
        for (const call of [...this.calls]) this.lose(call, 27)
    }

    /**
     * ATD: with AT+COLP=1 it ends as the attempt does, otherwise at once.
     * @param hidden undefined for the setting of AT+CLIR
     */
    dial(run: CommandEnd, number: string, hidden: boolean | undefined): void {
        const { clock, options, registration, hardware } = this.module
        const isEmergency = this.isEmergency(number)
        if (!registration.isRegistered && !isEmergency) {
            const tellsTone = [2, 4].includes(this.value(callProgress))
            this.refuse(run, tellsTone ? "NO DIALTONE" : "NO CARRIER", 34)
            return
        }
        if (this.isBarred(number) && !isEmergency) {
            const OUTGOING_BARRED = 5
            this.tellService(OUTGOING_BARRED)
            this.refuse(run, "NO CARRIER", 8)
            return
        }
        allowedIf(
            this.calls.length < MOST_CALLS &&
                this.state !== "ringing" &&
                this.state !== "dialing"
        )
        for (const active of this.with(Stat.Active))
            this.enter(active, Stat.Held)
        this.lastDialled = number
        const HIDDEN = 1
        const isHidden = hidden ?? this.value(hidesCaller) === HIDDEN
        const call = this.add(number, true, Stat.Dialing)
        hardware.callMade(number, isHidden)
        call.timer = clock.after(options.delays.dialling, () =>
            this.reached(call, options.operator.callee(number, isHidden))
        )
        if (this.value(showsCalled) === 0) run.ok()
        else {
            call.command = run
            // a character ends the attempt ([ATM12] 2.2.3)
            this.module.whenInterrupted(() => this.lose(call, 16))
        }
    }

    /**
     * 112, and the numbers of AT+CEMNL ([ATM12] 6.2.45): calls that need no card and no
     * registration.
     */
    isEmergency(number: string): boolean {
        const { emergencyNumbers = [] } = this.module.hardware.nvram
        return number === "112" || emergencyNumbers.map(String).includes(number)
    }

    private isBarred(number: string): boolean {
        const { barred } = this.module.hardware.subscription
        const isInternational = /^(\+|00)/.test(number)
        return (
            barred.has("AO") ||
            (isInternational && (barred.has("OI") || barred.has("OX")))
        )
    }

    private refuse(run: CommandEnd, result: string, cause: Cause): void {
        this.cause = cause
        this.module.output.result(result)
        run.done()
    }

    /** The call has reached the other side's network. */
    private reached(call: Call, callee: Callee): void {
        const { clock, options, output } = this.module
        this.tellForwarding()
        if (callee === "unknown" || callee === "busy") {
            this.lose(call, callee === "busy" ? 17 : 1)
            return
        }
        this.enter(call, Stat.Alerting)
        if (this.value(showsProgress) === 1) output.notice("MO RING")
        const { pickUp } = options.delays
        const [ms, then] =
            callee === "rings"
                ? [ALERTING_LIMIT, () => this.lose(call, 19)]
                : callee === "rejects"
                  ? [pickUp, () => this.lose(call, 21)]
                  : [pickUp, () => this.connected(call)]
        call.timer = clock.after(ms, then)
    }

    /** The module's own calls are forwarded, always or for some reasons. */
    private tellForwarding(): void {
        const { subscription } = this.module.hardware
        const isActive = (reason: ForwardReason): boolean =>
            subscription.forwardedTo(reason) !== undefined
        if (isActive(0)) this.tellService(0)
        else if (forwardReasons.some(isActive)) this.tellService(1)
    }

    /** `+CSSI: code`, about a call that is made. */
    private tellService(code: number): void {
        if (this.value(tellsServices) === 1)
            this.module.output.notice(`+CSSI: ${code}`)
    }

    private connected(call: Call): void {
        const { output } = this.module
        call.timer?.cancel()
        this.enter(call, Stat.Active)
        if (this.value(showsProgress) === 1) output.notice("MO CONNECTED")
        const { command, number } = call
        if (command === undefined) return
        call.command = undefined
        this.module.whenInterrupted(undefined)
        output.information(
            `+COLP: "${number}",${numberType(number)},"",0,"${this.nameOf(number)}"`
        )
        command.ok()
    }

    /** ATA: `OK`, or `NO CARRIER` if there is no call, or no longer. */
    answer(run: CommandEnd): void {
        const [call] = this.with(Stat.Incoming)
        if (call === undefined || call.command !== undefined) {
            this.module.output.result("NO CARRIER")
            run.done()
            return
        }
        call.command = run
        this.pickUpHere(call)
    }

    private pickUpHere(call: Call): void {
        const { clock, options } = this.module
        call.timer?.cancel()
        call.timer = clock.after(options.delays.answer, () => {
            const { command } = call
            call.command = undefined
            this.stopRinging()
            this.enter(call, Stat.Active)
            command?.ok()
        })
    }

    /** ATH: rejects or ends all calls that do not wait; TCP/IP connections stay. */
    hangUp(): void {
        for (const call of [...this.calls])
            if (call.stat !== Stat.Waiting) this.drop(call)
        this.offerWaiting()
    }

    /**
     * AT+CHLD ([ATM12] 3.2.14).
     * @param which the call that 1x and 2x mean
     * @throws CommandError 3 if there is no such call
     */
    hold(action: 0 | 1 | 2 | 3 | 4, which: number | undefined): void {
        if (which !== undefined) this.holdOne(action, which)
        else if (action === 0) this.releaseHeld()
        else if (action === 3) this.join()
        else if (action === 4) this.transfer()
        else this.swap(action === 1)
    }

    /** AT+CHLD=1x releases a call, 2x talks to it alone. */
    private holdOne(action: number, which: number): void {
        const call = this.calls.find(({ id }) => id === which)
        allowedIf(call !== undefined && (action === 1 || action === 2))
        if (call === undefined) return
        if (action === 1) this.drop(call)
        else {
            allowedIf(call.stat === Stat.Active || call.stat === Stat.Held)
            for (const other of this.with(Stat.Active))
                if (other !== call) this.enter(other, Stat.Held)
            call.inConference = false
            this.enter(call, Stat.Active)
        }
    }

    /** AT+CHLD=0: the waiting call hears "busy", or else those on hold are released. */
    private releaseHeld(): void {
        const waiting = this.with(Stat.Waiting)
        const chosen = waiting.length > 0 ? waiting : this.with(Stat.Held)
        allowedIf(chosen.length > 0)
        for (const call of chosen) this.drop(call)
    }

    /** AT+CHLD=1 and 2: the active calls go, or are held, and the other one is talked to. */
    private swap(releases: boolean): void {
        const others = this.with(Stat.Waiting, Stat.Held)
        const actives = this.with(Stat.Active)
        allowedIf(others.length + actives.length > 0)
        const waiting = others.filter(({ stat }) => stat === Stat.Waiting)
        for (const call of actives)
            if (releases) this.drop(call)
            else this.enter(call, Stat.Held)
        for (const call of waiting.length > 0 ? waiting : others)
            this.enter(call, Stat.Active)
    }

    /** AT+CHLD=3 */
    private join(): void {
        const held = this.with(Stat.Held)
        allowedIf(held.length > 0 && this.isTalking)
        for (const call of this.calls) call.inConference = true
        for (const call of held) this.enter(call, Stat.Active)
    }

    /** AT+CHLD=4: the two talk to each other, without the module. */
    private transfer(): void {
        allowedIf(this.with(Stat.Held).length > 0 && this.isTalking)
        for (const call of this.with(Stat.Held, Stat.Active)) this.drop(call)
    }

    /** AT+CLCC. */
    lines(): string[] {
        return this.calls.map(call => this.line(call))
    }

    private line({ id, isOutgoing, stat, inConference, number }: Call): string {
        const VOICE = 0
        const call = [id, isOutgoing ? 0 : 1, stat, VOICE, +inConference]
        const name = this.nameOf(number)
        return `+CLCC: ${call.join(",")},"${number}",${numberType(number)},"${name}"`
    }

    /** AT+CEER. */
    get report(): string {
        return this.value(showsCauseNumber) === 1
            ? `Cause:${this.cause}`
            : causes[this.cause]
    }

    /** The other side presses keys: `+DTMF`, if AT+DDET listens. */
    hearTones(keys: string): void {
        const { clock } = this.module
        ;[...keys].forEach((key, i) =>
            clock.after((2 * i + 1) * TONE, () => this.heardTone(key))
        )
    }

    private heardTone(key: string): void {
        const { clock, output, settings } = this.module
        const [mode, interval, durations] = settings.valuesOf(detectsTones)
        if (mode === 0 || !this.isTalking) return
        const { lastTone } = this
        const tooSoon =
            key === lastTone.key && clock.now() - lastTone.at < Number(interval)
        if (tooSoon) return
        this.lastTone = { key, at: clock.now() }
        output.notice(`+DTMF: ${key}${durations === 1 ? `,${TONE}` : ""}`)
    }

    /** Command mode tells of a ringing call in words, data mode by RI alone. */
    modeChanged(): void {
        if (this.with(Stat.Incoming).length === 0) return
        this.ring?.cancel()
        if (this.module.isInDataMode) {
            this.module.ringIndicator.setRinging(false)
            this.scheduleRing()
        } else this.ringOnce()
    }

    private ringOnce(): void {
        const { output, ringIndicator, options, sleep } = this.module
        const [call] = this.with(Stat.Incoming)
        if (call === undefined) return
        sleep.stir()
        this.rings++
        if (this.module.isInDataMode) {
            const { dataModeRings } = options.firmware
            if (dataModeRings === "each" || !this.indicated)
                ringIndicator.pulseFor(CALL_PULSE)
            this.indicated = true
        } else {
            this.heard = true
            ringIndicator.setRinging(true)
            output.notice(
                this.value(extendsRing) === 1 ? "+CRING: VOICE" : "RING"
            )
            if (this.value(showsCaller) === 1) output.notice(this.clip(call))
        }
        if (this.value(autoAnswer) === this.rings) this.pickUpHere(call)
        this.scheduleRing()
    }

    /** `<CLI validity>` 1: withheld by the caller. */
    private clip({ number }: Call): string {
        const WITHHELD = 128
        if (number === "") return `+CLIP: "",${WITHHELD},"",0,"",1`
        return `+CLIP: "${number}",${numberType(number)},"",0,"${this.nameOf(number)}",0`
    }

    private scheduleRing(): void {
        const { ringIntervalMs } = this.module.options.firmware
        this.ring = this.module.clock.after(ringIntervalMs, () =>
            this.ringOnce()
        )
    }

    private stopRinging(): void {
        this.ring?.cancel()
        this.module.ringIndicator.setRinging(false)
    }

    /** The module ends a call. */
    private drop(call: Call): void {
        this.cause = 16
        this.remove(call)
    }

    /** A call ends without the module: the DTE is told in the word for it. */
    private lose(call: Call, cause: Cause): void {
        const { output } = this.module
        const { stat, command } = call
        const wasHeard = stat !== Stat.Incoming || this.heard
        this.cause = cause
        call.command = undefined
        this.remove(call)
        const word = this.wordFor(cause)
        if (command !== undefined) {
            this.module.whenInterrupted(undefined)
            output.result(word)
            command.done()
        } else if (wasHeard && stat !== Stat.Waiting) output.notice(word)
        this.offerWaiting()
    }

    private wordFor(cause: Cause): string {
        if (cause === 19) return "NO ANSWER"
        const tellsBusy = this.value(callProgress) >= 3
        return cause === 17 && tellsBusy ? "BUSY" : "NO CARRIER"
    }

    /** A call that waited rings, once there is no other. */
    private offerWaiting(): void {
        const [waiting] = this.with(Stat.Waiting)
        if (waiting === undefined || this.calls.length > 1) return
        this.rings = 0
        this.heard = false
        this.enter(waiting, Stat.Incoming)
        this.ringOnce()
    }

    private add(number: string, isOutgoing: boolean, stat: Stat): Call {
        const taken = this.calls.map(({ id }) => id)
        const call: Call = {
            id: [1, 2, 3].find(id => !taken.includes(id)) ?? 1,
            isOutgoing,
            number,
            stat,
            inConference: false,
            timer: undefined,
            command: undefined,
        }
        this.calls = [...this.calls, call].sort((one, two) => one.id - two.id)
        this.changed()
        return call
    }

    private remove(call: Call): void {
        call.timer?.cancel()
        if (call.stat === Stat.Incoming) this.stopRinging()
        call.stat = Stat.Disconnected
        this.changed()
        this.calls = this.calls.filter(other => other !== call)
        if (this.calls.length === 0) this.isMuted = false
        if (this.calls.length < 2)
            for (const other of this.calls) other.inConference = false
        this.reportState()
        const VOICE = 0
        if (this.value(showsEnd) === 1)
            this.module.output.notice(`+CDRIND: ${VOICE}`)
    }

    private enter(call: Call, stat: Stat): void {
        if (call.stat === stat) return
        call.stat = stat
        this.changed()
    }

    private changed(): void {
        this.reportState()
        if (this.value(listsCalls) === 0) return
        const [first, ...more] = this.lines()
        if (first !== undefined) this.module.output.notice(first, ...more)
    }

    private reportState(): void {
        const from = this.reported
        const to = this.calls.every(({ stat }) => stat === Stat.Disconnected)
            ? "idle"
            : this.state
        if (from === to) return
        this.reported = to
        this.module.report("call", from, to)
    }

    private with(...stats: readonly Stat[]): Call[] {
        return this.calls.filter(({ stat }) => stats.includes(stat))
    }

    private nameOf(number: string): string {
        const { phoneBooks, profile } = this.module
        if (this.value(showsNames) === 0) return ""
        return shownText(phoneBooks.nameOf(number), profile.characterSet)
    }

    private value(data: Parameters<SettingStore["valuesOf"]>[0]): number {
        return Number(this.module.settings.valuesOf(data)[0])
    }
}
