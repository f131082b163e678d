/** The hardware under the firmware, and the surroundings of the module. */
import type { Clock } from "./clock"
import type { Hooks } from "./hooks"
import type { Network } from "./network"
import type { Nvram } from "./nvram"
import type { Battery, ResolvedOptions, Signal } from "./options"
import type { Output } from "./output"
import type { RealTimeClock } from "./real-time-clock"
import type { SimCard } from "./sim-card"
import type { SentMessage } from "./submission"
import type { Subscription } from "./subscription"
import type { ShortMessage } from "./tpdu"
import type { DceSide } from "./uart"

/**
 * Subject of a transition. `ip 1` is the second PDP context, `mode` is command or data
 * mode.
 */
export type TransitionSubject =
    | "power"
    | "sim"
    | "registration"
    | "gprs"
    | "ip"
    | "ip 1"
    | "server"
    | `link ${number}`
    | "mode"
    | "call"
    | "sleep"

/** The hardware that the firmware runs on, which outlives it. */
export interface Hardware {
    readonly options: ResolvedOptions
    readonly clock: Clock
    readonly network: Network
    readonly uart: DceSide
    readonly nvram: Nvram
    readonly card: SimCard
    readonly rtc: RealTimeClock
    /** The time as the network has it. */
    readonly networkClock: RealTimeClock
    readonly hooks: Hooks
    /** The network's data of the subscriber. */
    readonly subscription: Subscription
    /** Short messages that the module has not fetched yet. */
    readonly serviceCentre: ShortMessage[]
    readonly signal: Signal
    readonly battery: Battery
    /** At the pin of the analog converter, AT+CADC. */
    readonly analogMillivolts: number
    /** Reports to observers of the modem. */
    report(subject: TransitionSubject, from: string, to: string): void
    /** The network has taken a short message of the module. */
    messageSent(message: SentMessage): void
    /** The module calls someone. */
    callMade(number: string, isHidden: boolean): void
    /** The module sends a tone to the other side, AT+VTS. */
    toneSent(key: string, ms: number): void
    log(line: string): void
    activityChanged(): void
    /** Removes the power. */
    powerOff(): void
    /**
     * Starts the firmware anew.
     * @param announce runs when the UART works again
     */
    restart(announce?: (output: Output) => void): void
}
