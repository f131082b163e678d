/**
 * The virtual SIM800, put together.
 *
 * Comments in this directory name their sources: [AN] is the SIM800 Series
 * TCPIP Application Note V1.02, [ATM] the SIM800 Series AT Command Manual
 * V1.09 ([ATM10], [ATM12]: only later editions), [HD] the hardware designs of
 * the series, [REAL:…] something seen of a real module, where TG#n is issue n
 * of github.com/vshymanskyy/TinyGSM. docs/virtual-sim800.md says more, and
 * where they contradict each other.
 */
import { RealClock, type Clock, type Timer } from "./clock"
import {
    faultNames,
    faults,
    type FaultDefinition,
    type FaultName,
} from "./faults"
import { commandTable } from "./commands/table"
import { Firmware } from "./firmware"
import type { Hardware, TransitionSubject } from "./hardware"
import { Hooks } from "./hooks"
import type { Protocol } from "./ip-state"
import type { LinkState } from "./link"
import { isNumber } from "./phone-number"
import {
    broadcastPages,
    delivered,
    type BroadcastMessage,
    type IncomingMessage,
} from "./message"
import { MemoryNetwork } from "./memory-network"
import type { Network } from "./network"
import { freshNvram, type Nvram } from "./nvram"
import {
    resolveOptions,
    type Battery,
    type ModemOptions,
    type RegistrationStatus,
    type ResolvedOptions,
    type Signal,
} from "./options"
import type { OutputFilter, Output } from "./output"
import { PowerPins } from "./power-pins"
import { Random } from "./random"
import { RealTimeClock } from "./real-time-clock"
import { SimCard } from "./sim-card"
import type { SentMessage } from "./submission"
import type { ShortMessage } from "./tpdu"
import { Subscription } from "./subscription"
import { Uart, type DceSide, type DteSide } from "./uart"

/** The ROM talks at this rate before the firmware starts ([ATM] 1.4). */
const ROM_BAUD = 115200
const ROM_BURST = Uint8Array.of(
    0x00,
    ...[0x49, 0x49, 0x49, 0x49],
    ...[0xff, 0xff, 0xff, 0xff]
)

/** Short messages that the network keeps for the module, at most. */
const WAITING_MESSAGES = 100

/** The module's activity, which decides the meaning of bytes sent to it. */
export type Activity =
    /** No power. */
    | "off"
    /** The UART does not listen yet. */
    | "booting"
    /** Waiting for a command line. */
    | "command"
    /** Running a command: bytes are lost. */
    | "busy"
    /** After a prompt, or in the data mode of a transparent connection: bytes are data. */
    | "data"

/** One of the six connections, for observers of the modem. */
export interface ConnectionStatus {
    readonly number: number
    readonly state: LinkState
    readonly protocol: Protocol
    /** `address:port`, empty before the first one */
    readonly remote: string
    /** bytes that the DTE has handed over */
    readonly sent: number
    /** sent bytes that the peer has acknowledged */
    readonly acknowledged: number
    /** bytes that the peer has sent */
    readonly received: number
    /** received bytes that the DTE has not taken */
    readonly unread: number
}

/**
 * A SIM800 without hardware.
 *
 * It behaves as in its documents and as observed on real modules, on any clock, network
 * and wire. Talk to it through {@link dte}; it starts without power.
 */
export class VirtualSim800 {
    /** The DTE's end of the UART. */
    readonly dte: DteSide
    /** Told of every change of state: power, SIM card, registration, GPRS, IP state, connections, mode, call, sleep. */
    onTransition: (
        subject: TransitionSubject,
        from: string,
        to: string
    ) => void = () => undefined
    /** Gets the short messages that the module sends, AT+CMGS. */
    onMessage: (message: SentMessage) => void = () => undefined
    /** Told of every call that the module makes, ATD, and whether it hides its number. */
    onCall: (number: string, isHidden: boolean) => void = () => undefined
    /** Called for every tone to the other side, AT+VTS. */
    onTone: (key: string, ms: number) => void = () => undefined
    /** Gets lines for a person: bytes lost, addresses not reached. */
    onLog: (line: string) => void = () => undefined
    /** Told when {@link activity}, {@link dataExpected} or {@link baud} may have changed. */
    onActivity: () => void = () => undefined

    /** Voltage at the analog converter's pin, AT+CADC: 0–2800 mV. */
    analogMillivolts = 603

    private readonly clock: Clock
    private readonly options: ResolvedOptions
    private readonly uart: Uart
    private readonly hardware: Hardware
    /** Short messages that wait while the module is out of reach. */
    private readonly serviceCentre: ShortMessage[] = []
    /** Joins the parts of a long message. */
    private joint = 0
    private readonly random: Random
    private readonly hooks = new Hooks()
    private firmware: Firmware | undefined
    private power: "off" | "booting" | "on" = "off"
    private boot: Timer | undefined
    private status: Timer | undefined
    private readonly powerPins: PowerPins
    private offSince = -Infinity
    /** Counts switching on and off, so that a boot which was cut short is known. */
    private powerCycle = 0
    /** Rate found by autobaud since power-on, [ATM] 2.2.41.1. */
    private detectedBaud: number | undefined
    private currentSignal: Signal
    private currentBattery: Battery

    constructor(options: ModemOptions = {}) {
        this.options = resolveOptions(options)
        this.clock = options.clock ?? new RealClock()
        this.random = new Random(this.options.seed)
        this.currentSignal = this.options.signal
        this.currentBattery = this.options.battery
        const { chunks, dteBaud, firmware, stored } = this.options
        this.uart = new Uart(this.clock, dteBaud, chunks)
        this.dte = this.uart.dte
        const network = options.network ?? new MemoryNetwork(this.clock)
        network.onLog = line => this.onLog(line)
        this.hardware = new ModemHardware(
            this,
            this.options,
            this.clock,
            network,
            this.uart.dce,
            freshNvram(firmware, stored),
            this.hooks,
            this.serviceCentre,
            announce => this.restart(announce)
        )
        this.powerPins = this.makePowerPins(firmware.powerKeyOffMs)
    }

    /** The pulse on PWRKEY is over: the module starts. Nothing happens if it runs. */
    powerOn(): void {
        if (this.power === "off") this.startUp()
    }

    /** Cuts the power: nothing is said, only NVRAM and the SIM card remember. */
    powerOff(): void {
        if (this.power === "off") return
        this.shutDown()
        this.detectedBaud = undefined
        this.offSince = this.clock.now()
        this.setPower("off")
    }

    /**
     * A brown-out, or a pulse on RESET: power off and on without a word. The
     * rate that autobaud had found is kept [REAL:TG#537]. Nothing happens
     * without power.
     */
    reset(): void {
        this.restart()
    }

    private makePowerPins(offPulse: number): PowerPins {
        const isOff = (): boolean => this.power === "off"
        const uart = this.uart.dce
        const pins = new PowerPins(
            this.clock,
            {
                isOff,
                offSince: () => this.offSince,
                powerOn: () => this.powerOn(),
                powerDown: () => this.firmware?.powerDown(),
                holdInReset: () => {
                    if (isOff()) return
                    this.shutDown()
                    this.setPower("booting")
                },
                leaveReset: () => {
                    if (isOff()) return
                    this.boot?.cancel()
                    const { resetRecovery } = this.options.delays
                    this.boot = this.clock.after(resetRecovery, () =>
                        this.startUp()
                    )
                },
                log: line => this.onLog(line),
            },
            offPulse
        )
        uart.onPowerKey = low => pins.setPowerKey(low)
        uart.onReset = low => pins.setReset(low)
        return pins
    }

    private restart(announce?: (output: Output) => void): void {
        if (this.power === "off") return
        this.shutDown()
        this.startUp(announce)
    }

    /** Ends for good: cancels every timer, closes every socket. */
    dispose(): void {
        this.powerOff()
        this.powerPins.dispose()
    }

    get activity(): Activity {
        if (this.power !== "on") return this.power
        if (this.firmware?.takesData) return "data"
        return this.firmware?.interpreter.running === undefined
            ? "command"
            : "busy"
    }

    /**
     * With {@link activity} `data`: how many bytes are still to come, or
     * undefined if Ctrl-Z ends them, or nothing does (data mode).
     */
    get dataExpected(): number | undefined {
        return this.firmware?.dataEntry?.remaining
    }

    /**
     * Whether no connection is being made or closed, no name being resolved,
     * nothing gathered for a transparent connection, and all that the module has said has crossed the wire: nothing that a
     * command started is still to come.
     */
    get isSettled(): boolean {
        const isSilent = this.uart.dce.pending === 0
        return isSilent && (this.firmware?.isToolkitSettled ?? true)
    }

    /** Whether the module sleeps, AT+CSCLK. */
    get asleep(): boolean {
        return this.firmware?.sleep.isAsleep ?? false
    }

    /** The rate at which the module sends. */
    get baud(): number {
        return this.uart.dce.baud
    }

    /** Value of AT+CSQ. */
    get signal(): Signal {
        return this.currentSignal
    }

    /** Values of AT+CBC. */
    get battery(): Battery {
        return this.currentBattery
    }

    /** The six connections, none without power. */
    get connections(): readonly ConnectionStatus[] {
        return (this.firmware?.tcpip.state.links ?? []).map(link => ({
            number: link.number,
            state: link.state,
            protocol: link.protocol,
            remote: link.remote.address
                ? `${link.remote.address}:${link.remote.port}`
                : "",
            sent: link.sent,
            acknowledged: link.acknowledged,
            received: link.arrived,
            unread: link.unread,
        }))
    }

    /** Sets the network's decision about the registration, AT+CREG. */
    setRegistration(status: RegistrationStatus): void {
        this.firmware?.registration.change(status)
    }

    /**
     * Someone calls the module's number.
     * @param number the caller's, with `+` if it is international; empty if it is
     * withheld
     * @returns whether it rings: the module is registered and not in a call
     * @throws RangeError if it is no number
     */
    call(number: string): boolean {
        if (number !== "" && !isNumber(number))
            throw new RangeError(`"${number}" is not a number that could call`)
        return this.firmware?.calls.arrive(number) ?? false
    }

    /** The called party answers its ringing phone. */
    pickUp(): void {
        this.firmware?.calls.pickUp()
    }

    /**
     * The other side of a call gives up, or hangs up.
     * @param number whose call; by default the one that rings, or is talked on
     */
    hangUp(number?: string): void {
        this.firmware?.calls.endRemotely(number)
    }

    /**
     * The other side of a call presses keys, AT+DDET.
     * @throws RangeError for an invalid key
     */
    pressKeys(keys: string): void {
        if (!/^[0-9*#A-D]+$/.test(keys))
            throw new RangeError(`"${keys}" are not keys: 0-9, *, #, A-D`)
        this.firmware?.calls.hearTones(keys)
    }

    /**
     * Someone sends the module a short message. It comes as soon as the module
     * is registered, has said `SMS Ready`, and has room for it.
     * @throws RangeError for a sender that cannot be, or if too many wait
     */
    receiveMessage(message: IncomingMessage): void {
        const { timeZone, serviceCentre } = this.options.operator
        const at = message.at ?? this.hardware.networkClock.now
        const parts = delivered(
            message,
            { at, timeZone },
            serviceCentre,
            this.joint++
        )
        if (this.serviceCentre.length + parts.length > WAITING_MESSAGES)
            throw new RangeError(
                `${this.serviceCentre.length} messages wait for the module already`
            )
        this.serviceCentre.push(...parts)
        this.firmware?.messages.fetch()
    }

    /**
     * Broadcasts a message in the cell, AT+CSCB. A module that does not listen never
     * gets it.
     * @throws RangeError for an impossible identifier, or a text that is far too long
     */
    broadcast(message: BroadcastMessage): void {
        for (const page of broadcastPages(message))
            this.firmware?.messages.hear(page)
    }

    /** AT+CSQ. */
    setSignal(signal: Signal): void {
        this.currentSignal = signal
        this.firmware?.signalChanged()
    }

    /** The SIM card is put into its holder, or taken out. */
    setCardInserted(inserted: boolean): void {
        const { card } = this.hardware
        if (card.inserted === inserted) return
        card.inserted = inserted
        this.firmware?.cardMoved()
    }

    /** Says an unsolicited result code that nothing in here leads to. */
    announce(text: string): void {
        this.firmware?.output.notice(text)
    }

    /** AT+CBC. */
    setBattery(battery: Battery): void {
        this.currentBattery = battery
        this.firmware?.supply.check()
    }

    /**
     * Injects a fault, now or at the next opportunity.
     * @param value parameter of the fault, see {@link faults}
     * @throws Error for an unknown name
     */
    inject(name: FaultName, value?: number): void {
        if (!Object.hasOwn(faults, name))
            throw new Error(
                `no fault is called "${name}": there are ${faultNames.join(", ")}`
            )
        const fault: FaultDefinition = faults[name]
        fault.inject(
            {
                clock: this.clock,
                random: this.random,
                hooks: this.hooks,
                wire: this.uart.filters,
                deactivatePdp: bearer =>
                    this.firmware?.tcpip.deactivate(bearer),
                closeRemotely: link =>
                    this.firmware?.tcpip.transports.lose(link, "remote"),
                brownOut: () => this.reset(),
                setVoltage: millivolts =>
                    this.setBattery({ ...this.currentBattery, millivolts }),
                say: text => this.firmware?.output.notice(text),
                pulseRi: ms => this.firmware?.ringIndicator.pulseFor(ms),
                glitchDcd: ms => {
                    const end = this.uart.dce.glitchDcd()
                    this.clock.after(ms, end)
                },
            },
            value ?? fault.defaultValue
        )
    }

    /** Forgets the faults that have been injected and have not happened yet. */
    clearFaults(): void {
        this.hooks.clear()
        this.uart.filters.length = 0
    }

    /**
     * Passes all output of the module through a filter, after those of the faults: for
     * a trace, or a fault without a name.
     * @returns a function that removes it
     */
    addFilter(filter: OutputFilter): () => void {
        this.hooks.output.push(filter)
        return () => {
            const index = this.hooks.output.indexOf(filter)
            if (index >= 0) this.hooks.output.splice(index, 1)
        }
    }

    /** ROM, then firmware. */
    private startUp(announce?: (output: Output) => void): void {
        const uart = this.uart.dce
        const cycle = ++this.powerCycle
        this.setPower("booting")
        if (this.powerPins.holdsReset) return
        this.status = this.clock.after(this.options.delays.status, () => {
            this.status = undefined
            uart.setStatus(true)
        })
        const run = (): void => {
            if (cycle !== this.powerCycle) return
            this.boot = this.clock.after(this.options.delays.uart, () => {
                this.boot = undefined
                this.runFirmware(announce)
            })
        }
        if (!this.options.firmware.romBurst) {
            run()
            return
        }
        uart.setBaud(ROM_BAUD)
        uart.write(ROM_BURST)
        uart.whenPending(0, run)
    }

    private runFirmware(announce?: (output: Output) => void): void {
        const uart = this.uart.dce
        const { baud } = this.hardware.nvram.profile
        uart.setBaud(baud === 0 ? (this.detectedBaud ?? ROM_BAUD) : baud)
        uart.switchOn()
        const firmware = new Firmware(this.hardware, commandTable)
        this.firmware = firmware
        if (baud === 0) {
            // URCs go out at the last known rate; without one they wait for it
            if (this.detectedBaud === undefined) firmware.output.hold()
            uart.detectBaud(this.options.firmware.autobaudRange, found => {
                this.detectedBaud = found
                firmware.releaseOutput()
            })
        }
        this.setPower("on")
        announce?.(firmware.output)
        firmware.start()
    }

    private shutDown(): void {
        this.powerCycle++
        this.boot?.cancel()
        this.status?.cancel()
        this.uart.dce.setStatus(false)
        this.firmware?.stop()
        this.firmware = undefined
        this.uart.dce.switchOff()
    }

    private setPower(power: "off" | "booting" | "on"): void {
        const from = this.power
        this.power = power
        if (from === power) return
        this.onTransition("power", from, power)
        this.onActivity()
    }
}

/** The firmware's view of the modem: a class, so that each of many modems is small. */
class ModemHardware implements Hardware {
    readonly card: SimCard
    readonly rtc: RealTimeClock
    readonly networkClock: RealTimeClock
    readonly subscription = new Subscription()

    constructor(
        private readonly modem: VirtualSim800,
        readonly options: ResolvedOptions,
        readonly clock: Clock,
        readonly network: Network,
        readonly uart: DceSide,
        readonly nvram: Nvram,
        readonly hooks: Hooks,
        readonly serviceCentre: ShortMessage[],
        readonly restart: Hardware["restart"]
    ) {
        this.card = new SimCard(options.sim)
        this.rtc = new RealTimeClock(clock, options.rtc)
        this.networkClock = new RealTimeClock(clock, options.utc)
    }

    get signal(): Signal {
        return this.modem.signal
    }

    get analogMillivolts(): number {
        return this.modem.analogMillivolts
    }

    get battery(): Battery {
        return this.modem.battery
    }

    report(subject: TransitionSubject, from: string, to: string): void {
        this.modem.onTransition(subject, from, to)
    }

    messageSent(message: SentMessage): void {
        this.modem.onMessage(message)
    }

    callMade(number: string, isHidden: boolean): void {
        this.modem.onCall(number, isHidden)
    }

    toneSent(key: string, ms: number): void {
        this.modem.onTone(key, ms)
    }

    log(line: string): void {
        this.modem.onLog(line)
    }

    activityChanged(): void {
        this.modem.onActivity()
    }

    powerOff(): void {
        this.modem.powerOff()
    }
}
