import { Alarms } from "./alarms"
import { watchAntenna } from "./antenna"
import { ApplicationBearer } from "./application-bearers"
import { Calls } from "./calls"
import { cardReports } from "./card-reports"
import { ScopedClock } from "./clock"
import { hasTooManyCommands } from "./command-line"
import type { CommandOn } from "./command-run"
import { FtpService } from "./ftp-service"
import { eventReporting, GprsContexts } from "./gprs-contexts"
import type { Hardware, TransitionSubject } from "./hardware"
import type { Hooks } from "./hooks"
import { HttpService } from "./http-service"
import { Interpreter } from "./interpreter"
import { LineEditor } from "./line-editor"
import { Messages } from "./messages"
import { NamedTimers } from "./named-timers"
import { NetworkScope } from "./network"
import { presentOperator } from "./operators"
import type {
    OtherOperator,
    RegistrationStatus,
    ResolvedOptions,
} from "./options"
import { Output } from "./output"
import { PhoneBooks } from "./phone-book"
import type { Profile } from "./profile"
import { Registration, type Welcome } from "./registration"
import { MESSAGE_PULSE, ringDelay, RingIndicator } from "./ring-indicator"
import { BITS_PER_CHARACTER } from "./serial-line"
import type { DataEntry } from "./send-entry"
import { SettingStore } from "./setting"
import { SimInterface, type SimState } from "./sim-card"
import { Sleep } from "./sleep"
import { Supply } from "./supply"
import { TcpIp } from "./tcpip"
import type { DceSide } from "./uart"
import { Ussd } from "./ussd"

/** AT+CFUN: minimum, full, radio off. */
export type Functionality = 0 | 1 | 4

/**
 * What runs from the moment the UART works until the power goes: all volatile
 * state is in here and is gone with it.
 */
export class Firmware {
    readonly clock: ScopedClock
    /** The active profile, ATZ, AT&F, AT&W. */
    profile: Profile
    readonly output: Output
    readonly ringIndicator: RingIndicator
    readonly phoneBooks: PhoneBooks
    readonly calls: Calls
    readonly messages: Messages
    readonly ussd: Ussd
    readonly supply: Supply
    readonly alarms: Alarms
    /** AT+CGDCONT, AT+CGACT. */
    readonly contexts: GprsContexts
    readonly sleep: Sleep
    readonly interpreter: Interpreter<Firmware>
    /** What settings make it say or do later. */
    readonly timers: NamedTimers
    readonly sim: SimInterface
    readonly registration: Registration
    /** AT+SGPIO, AT+CGPIO: what pins are, by number; inputs at first. */
    readonly gpio = new Map<number, "input" | 0 | 1>()
    /** AT+CIPPING: count, bytes, timeout in 100 ms, time to live of the last one. */
    pingSettings: readonly number[] = [4, 32, 100, 64]
    /** AT+CNTP. */
    timeServer = { name: "", quarters: 0 }
    functionality: Functionality
    /** AT+CCALR. */
    callReady = false
    /** When the DTE sent its last byte. */
    lastByteAt = -Infinity

    /** What commands that only set values keep. */
    readonly settings: SettingStore

    private readonly editor: LineEditor
    // what most modems of many never use: each is made when it is first asked for
    private networkScope: NetworkScope | undefined
    private toolkit: TcpIp | undefined
    private applicationBearers: readonly ApplicationBearer[] | undefined
    private httpService: HttpService | undefined
    private ftpService: FtpService | undefined
    /** Since when DTR has been low. */
    private dtrLowAt: number
    private entry: DataEntry | undefined
    /** When the prompt, or CONNECT, had crossed the wire: data began no earlier. */
    private dataFrom = -Infinity
    private lostBytes = 0
    private interrupt: (() => void) | undefined
    /** The power is about to go. */
    private isEnding = false
    private readonly waitingForIdle: (() => void)[] = []
    private reportedGprs: RegistrationStatus = 0
    /** The boot messages are still to come. */
    private booting = true

    /** @param commands every command that it knows, by name */
    constructor(
        readonly hardware: Hardware,
        commands: ReadonlyMap<string, CommandOn<Firmware>>
    ) {
        const { options, nvram } = hardware
        this.clock = new ScopedClock(hardware.clock)
        this.profile = { ...nvram.profile }
        this.timers = new NamedTimers(this.clock)
        this.settings = new SettingStore(nvram.settings, () => this.profile)
        this.functionality = nvram.functionality
        this.output = new Output(
            hardware.uart,
            () => this.profile,
            options.firmware.messageErrors === "always",
            hardware.hooks.output
        )
        this.sleep = new Sleep(this)
        this.ringIndicator = new RingIndicator(this.clock, low =>
            hardware.uart.setRi(low)
        )
        this.output.onOutput = () => this.sleep.stir()
        this.output.onUnsolicited = isTcpIp => this.indicate(isTcpIp)
        this.supply = new Supply(this)
        this.phoneBooks = new PhoneBooks(
            hardware.card.phoneBooks,
            nvram.phoneBook
        )
        this.calls = new Calls(this)
        this.messages = new Messages(this)
        this.ussd = new Ussd(this)
        this.editor = new LineEditor(this.clock, {
            echo: byte => this.echo(byte),
            line: text => {
                if (hasTooManyCommands(text)) this.refuseLine()
                else this.interpreter.run(text)
            },
            overflow: () => this.refuseLine(),
            typing: active => this.typing(active),
        })
        this.interpreter = new Interpreter<Firmware>(this, commands)
        this.sim = new SimInterface(this.clock, hardware.card, (from, to) =>
            this.simChanged(from, to)
        )
        this.registration = new Registration(
            this.clock,
            options.registration,
            options.operator,
            options.delays,
            options.firmware.attachTimeoutMs,
            () => this.welcome(),
            {
                registered: (from, to) => this.registered(from, to),
                attached: (attached, byModule) =>
                    this.attached(attached, byModule),
            }
        )
        this.alarms = new Alarms(
            this.clock,
            hardware.rtc,
            nvram.alarms,
            index => {
                this.output.notice("ALARM RING")
                this.output.notice(`+CALV: ${index}`)
            }
        )
        this.contexts = new GprsContexts(
            this.clock,
            this.registration,
            options.operator,
            nvram.contexts
        )
        this.dtrLowAt = hardware.uart.dtr ? this.clock.now() : Infinity
        this.applyProfile()
        hardware.uart.onData = (bytes, at) => this.receive(bytes, at)
        hardware.uart.onDtr = low => this.dtrChanged(low)
    }

    get network(): NetworkScope {
        return (this.networkScope ??= new NetworkScope(this.hardware.network))
    }

    /** The TCP/IP application toolkit, AT+CIP*. */
    get tcpip(): TcpIp {
        return (this.toolkit ??= new TcpIp(this))
    }

    /** AT+SAPBR, cid 1 to 3. */
    get bearers(): readonly ApplicationBearer[] {
        return (this.applicationBearers ??= [1, 2, 3].map(
            () =>
                new ApplicationBearer(
                    this.clock,
                    this.registration,
                    this.options.operator
                )
        ))
    }

    /** AT+HTTPINIT. */
    get http(): HttpService {
        return (this.httpService ??= new HttpService(this))
    }

    /** AT+FTPGET. */
    get ftp(): FtpService {
        return (this.ftpService ??= new FtpService(this))
    }

    get options(): ResolvedOptions {
        return this.hardware.options
    }

    get hooks(): Hooks {
        return this.hardware.hooks
    }

    get uart(): DceSide {
        return this.hardware.uart
    }

    /** A command line runs. */
    get isRunning(): boolean {
        return this.interpreter.running !== undefined
    }

    /** Data mode of a transparent connection. */
    get isInDataMode(): boolean {
        return this.toolkit?.dataMode.isActive ?? false
    }

    /** Nothing is under way that will report by itself. */
    get isSettled(): boolean {
        return (
            this.isToolkitSettled &&
            (this.httpService?.isSettled ?? true) &&
            (this.ftpService?.isSettled ?? true)
        )
    }

    /** Nothing of AT+CIP* is. */
    get isToolkitSettled(): boolean {
        return this.toolkit?.isSettled ?? true
    }

    report(subject: TransitionSubject, from: string, to: string): void {
        this.hardware.report(subject, from, to)
    }

    log(line: string): void {
        this.hardware.log(line)
    }

    /** Runs `run` once the line under way has ended and its result is queued. */
    whenLineEnded(run: () => void): void {
        this.interpreter.whenEnded(run)
    }

    /** Boot, from the working UART to `SMS Ready`, [ATM] 19.3. */
    start(): void {
        const { delays } = this.hardware.options
        this.clock.after(delays.ready, () => {
            // with autobaud they would be unreadable, [ATM] 2.2.41.1
            if (this.profile.baud !== 0) {
                this.output.notice("RDY")
                this.output.notice(`+CFUN: ${this.functionality}`)
            }
            this.sim.switchOn(delays.simReady)
            watchAntenna(this)
        })
    }

    /** Ends everything that runs or waits. */
    stop(): void {
        this.clock.stop()
        this.networkScope?.closeAll()
        this.hardware.uart.onData = () => undefined
        this.hardware.uart.onDtr = () => undefined
    }

    /** Applies the active profile's hardware settings. */
    applyProfile(): void {
        this.editor.editCharacter = this.profile.editCharacter
        this.hardware.uart.setFlowControl(...this.profile.flowControl)
        if (this.toolkit) this.toolkit.dataMode.updateDcd()
        else this.hardware.uart.setDcd(!this.profile.dcdFollowsLink)
        this.sleep.watch()
    }

    private dtrChanged(low: boolean): void {
        const now = this.clock.now()
        const lowMs = now - this.dtrLowAt
        this.dtrLowAt = low ? now : Infinity
        this.sleep.dtrChanged(low)
        if (!low) this.toolkit?.dataMode.dtrRose(lowMs)
    }

    /** Takes the coming bytes as data instead of commands. */
    beginEntry(entry: DataEntry): void {
        this.entry = entry
        this.expectData()
        this.activityChanged()
    }

    /**
     * Data may come as soon as the DTE has seen the prompt; without one (AT+CIPSPRT=0),
     * after the LF of the line.
     */
    private expectData(): void {
        const lineFeedAt = this.clock.now()
        this.dataFrom = Infinity
        this.uart.whenCrossed(() => {
            const now = this.clock.now()
            this.dataFrom = now > lineFeedAt ? now : now + this.byteMs
        })
    }

    /** Time of a character on the wire, ms. */
    private get byteMs(): number {
        return (BITS_PER_CHARACTER * 1000) / this.uart.baud
    }

    endEntry(): void {
        this.entry = undefined
        this.activityChanged()
    }

    /** The command that waits for data is over without it. */
    abandonEntry(): void {
        const entry = this.entry
        this.entry = undefined
        entry?.abandon()
    }

    /** Command mode, or data mode, has begun. */
    modeChanged(): void {
        if (this.isInDataMode) this.expectData()
        this.calls.modeChanged()
        this.activityChanged()
    }

    /** AT+CFGRI ([ATM] 6.2.37): RI for an unsolicited result code. */
    private indicate(isTcpIp: boolean): void {
        const { ringReports } = this.profile
        if (ringReports === 0 || (ringReports === 2 && !isTcpIp)) return
        const delay = Number(this.settings.valuesOf(ringDelay)[0])
        const pulse = (): void => this.ringIndicator.pulseFor(MESSAGE_PULSE)
        if (delay === 0) pulse()
        else this.clock.after(delay, pulse)
    }

    /** Whether bytes from the DTE are data. */
    get takesData(): boolean {
        return this.entry !== undefined || this.isInDataMode
    }

    get dataEntry(): DataEntry | undefined {
        return this.entry
    }

    /** A command line has ended, its result is on its way. */
    lineEnded(line: string): void {
        if (this.lostBytes > 0)
            this.hardware.log(
                `${this.lostBytes} bytes from the DTE were lost: they came while AT${line} was running`
            )
        this.lostBytes = 0
        this.hardware.hooks.commandEnded()
        this.runIdle()
        this.activityChanged()
    }

    /** Runs `run` as soon as no command runs and no line is being typed. */
    whenIdle(run: () => void): void {
        this.waitingForIdle.push(run)
        this.runIdle()
    }

    private runIdle(): void {
        if (this.interpreter.running !== undefined || this.editor.isTyping)
            return
        for (const run of this.waitingForIdle.splice(0)) run()
    }

    activityChanged(): void {
        this.hardware.activityChanged()
    }

    /** AT+CFUN: switches the parts of the new level on and off. */
    setFunctionality(level: Functionality): void {
        this.functionality = level
        if (level !== 1) {
            this.toolkit?.deactivateAll()
            this.registration.stop()
        }
        if (level === 0) {
            this.messages.isReady = false
            this.callReady = false
            this.sim.switchOff()
        } else if (this.sim.state === "off") this.sim.switchOn(0)
        else if (level === 1) this.seekNetwork()
    }

    /** Goes off in good order: AT+CPOWD=1, PWRKEY. */
    powerDown(): void {
        if (this.isEnding) return
        this.isEnding = true
        const { clock, hardware, toolkit } = this
        const { firmware, delays } = hardware.options
        const farewell = (): void => {
            toolkit?.abortAll()
            this.output.notice(firmware.powerDownText)
        }
        if (toolkit) toolkit.dataMode.leave(farewell)
        else farewell()
        hardware.uart.whenPending(0, () =>
            clock.after(delays.powerDown, () => hardware.powerOff())
        )
        // a DTE that stops the UART does not keep it on
        clock.after(POWER_DOWN_LIMIT, () => hardware.powerOff())
    }

    /** The network chosen by AT+COPS, or the home network. */
    get operator(): OtherOperator {
        const { nvram, options } = this.hardware
        return presentOperator(options.operator, nvram.chosenOperator)
    }

    private welcome(): Welcome {
        const { numericName, isForbidden } = this.operator
        if (isForbidden) return "forbidden"
        const home = this.hardware.options.operator.numericName
        return numericName === home ? "home" : "roaming"
    }

    /** Looks for the network if SIM card, AT+CFUN and AT+COPS let it. */
    seekNetwork(): void {
        const wanted = this.hardware.nvram.operatorMode !== 2
        const able = this.sim.state === "ready" && this.functionality === 1
        if (wanted && able) this.registration.start()
    }

    /** `+CREG: 1`, or with place `+CREG: 1,"18D8","3CA5"`; without `n` in URCs. */
    describeRegistration(
        status: RegistrationStatus,
        reports: 0 | 1 | 2
    ): string {
        const { locationArea, cell } = this.hardware.options.operator
        const registered = status === 1 || status === 5
        return reports === 2 && registered
            ? `${status},"${locationArea}","${cell}"`
            : `${status}`
    }

    /** A line that is too long, [ATM] 1.4.4: ERROR regardless of AT+CMEE. */
    private refuseLine(): void {
        this.output.result("ERROR")
    }

    private receive(bytes: Uint8Array, startedAt: number): void {
        if (this.isEnding) return
        const now = this.clock.now()
        const { byteMs } = this
        let at = startedAt - byteMs
        for (const byte of bytes) {
            at += byteMs
            if (!this.sleep.hears()) continue
            // the LF of a CR LF was on its way before the prompt was
            if (
                this.takesData &&
                this.editor.passes(byte) &&
                at < this.dataFrom
            )
                continue
            const silence = now - this.lastByteAt
            this.lastByteAt = now
            if (this.isInDataMode) this.tcpip.dataMode.receive(byte, silence)
            else if (this.entry !== undefined) {
                this.echo(byte)
                this.entry.receive(byte)
            } else if (this.interpreter.running === undefined)
                this.editor.receive(byte)
            else if (this.editor.miss(byte)) this.missed()
        }
    }

    /** A byte that comes while a command runs ends some commands, and is lost. */
    private missed(): void {
        if (this.interrupt === undefined) this.lostBytes++
        else this.interrupt()
    }

    /** Runs `run` at the next byte of the DTE, while a command runs; undefined for no longer. */
    whenInterrupted(run: (() => void) | undefined): void {
        this.interrupt = run
    }

    private echo(byte: number): void {
        if (this.profile.echo) this.output.echo(Uint8Array.of(byte))
    }

    /** Nothing unsolicited goes into a line that the DTE sees itself type. */
    private typing(active: boolean): void {
        if (active && this.profile.echo) this.output.hold()
        else this.releaseOutput()
        // the line just typed runs first
        if (!active) this.clock.after(0, () => this.runIdle())
    }

    /** Sends what had to wait for the end of a line, or for the rate of the DTE. */
    releaseOutput(): void {
        this.output.release()
        this.toolkit?.delivery.pump()
    }

    private simChanged(from: SimState, to: SimState): void {
        this.hardware.report("sim", from, to)
        if (to === "busy") return
        const silent = this.booting && this.profile.baud === 0
        this.booting = false
        const shown = pinLines[to]
        if (shown !== undefined && !silent)
            this.output.notice(`+CPIN: ${shown}`)
        if (to === "ready") this.simReady()
    }

    private simReady(): void {
        const { delays } = this.hardware.options
        this.seekNetwork()
        this.clock.after(delays.callReady, () => {
            if (this.sim.state !== "ready") return
            this.callReady = true
            if (this.profile.callReadyReport) this.output.notice("Call Ready")
            this.clock.after(delays.smsReady, () => {
                if (this.sim.state !== "ready") return
                this.messages.isReady = true
                if (this.options.firmware.saysSmsReady)
                    this.output.notice("SMS Ready")
                this.messages.fetch()
            })
        })
    }

    private registered(from: RegistrationStatus, to: RegistrationStatus): void {
        this.hardware.report("registration", statusNames[from], statusNames[to])
        const { registrationReports } = this.profile
        if (registrationReports > 0)
            this.output.notice(
                `+CREG: ${this.describeRegistration(to, registrationReports)}`
            )
        this.reportGprs()
        if (to === 1 || to === 5) {
            this.networkTime()
            this.messages.fetch()
        } else {
            this.calls.endAll()
            this.ussd.cancel()
        }
    }

    /** The strength of the signal has changed, AT+EXUNSOL. */
    signalChanged(): void {
        if (!this.profile.signalReports) return
        const { rssi, errorRate } = this.hardware.signal
        this.output.notice(`+CSQN: ${rssi},${errorRate}`)
    }

    /** The card has been put into its holder, or taken out. */
    cardMoved(): void {
        const { card } = this.hardware
        if (card.inserted) this.sim.switchOn(this.options.delays.simReady)
        else {
            this.messages.isReady = false
            this.callReady = false
            this.sim.removed()
            this.toolkit?.deactivateAll()
            this.registration.stop()
        }
        if (this.settings.valuesOf(cardReports)[0] === 1)
            this.output.notice(`+CSMINS: 1,${+card.inserted}`)
    }

    private reportGprs(): void {
        const { gprsStatus } = this.registration
        if (gprsStatus === this.reportedGprs) return
        this.reportedGprs = gprsStatus
        const { gprsReports } = this.profile
        if (gprsReports > 0)
            this.output.notice(
                `+CGREG: ${this.describeRegistration(gprsStatus, gprsReports)}`
            )
    }

    /** NITZ, for AT+CLTS=1 ([ATM] 6.2.12). */
    private networkTime(): void {
        if (!this.profile.networkTime) return
        const { rtc, networkClock, options } = this.hardware
        const { timeZone } = options.operator
        const { longName, numericName } = this.operator
        rtc.setNetworkTime(networkClock.now, timeZone)
        const utc = new Date(networkClock.now)
        const time = [
            utc.getUTCFullYear(),
            utc.getUTCMonth() + 1,
            utc.getUTCDate(),
            utc.getUTCHours(),
            utc.getUTCMinutes(),
            utc.getUTCSeconds(),
        ]
        const zone = `${timeZone < 0 ? "" : "+"}${timeZone}`
        const mcc = numericName.slice(0, 3)
        const mnc = numericName.slice(3)
        this.output.notice(`*PSUTTZ: ${time.join(",")},"${zone}",0`)
        this.output.notice("DST: 0")
        this.output.notice(`+CTZV: ${zone},0`)
        this.output.notice(
            `*PSNWID: "${mcc}","${mnc}","${longName}",0,"${longName}",0`
        )
    }

    /** `+CGEV`, [ATM] 7.2.9. */
    private contextsLost(by: "ME" | "NW"): void {
        const gone = this.contexts.deactivateAll()
        const [reports] = this.settings.valuesOf(eventReporting)
        if (reports === 0) return
        for (const context of gone)
            this.output.notice(`+CGEV: ${by} DEACT ${context}`)
        this.output.notice(`+CGEV: ${by} DETACH`)
    }

    private attached(attached: boolean, byModule: boolean): void {
        const names = ["detached", "attached"]
        this.hardware.report("gprs", names[+!attached], names[+attached])
        this.toolkit?.attachChanged(attached)
        if (!attached) this.contextsLost(byModule ? "ME" : "NW")
        if (!attached)
            this.applicationBearers?.forEach((bearer, i) => {
                if (bearer.close()) this.output.notice(`+SAPBR ${i + 1}: DEACT`)
            })
        this.reportGprs()
    }
}

/** What power-down takes at most, ms. */
const POWER_DOWN_LIMIT = 5000

/** Text of the `+CPIN` line for a state. */
const pinLines: Partial<Record<SimState, string>> = {
    off: "NOT READY",
    "not inserted": "NOT INSERTED",
    "SIM PIN": "SIM PIN",
    "SIM PUK": "SIM PUK",
    ready: "READY",
}

const statusNames: Record<RegistrationStatus, string> = {
    0: "not registered",
    1: "home",
    2: "searching",
    3: "denied",
    4: "unknown",
    5: "roaming",
}
