/**
 * All parts of the modem, as a plain state that its floors work on. `Modem` implements
 * it. A part may use only what lies below it (docs/architecture.md).
 */
import type { Bearer } from "./bearer/bearer"
import type { Channel } from "./channel"
import type { ModemConfig } from "./options"
import type { Digest } from "./digest"
import type { Encoder } from "./encoder"
import type { Features, Gate, RawMode } from "./feature"
import type { ForeignText } from "./foreign-text"
import type { IpMachine } from "./ip-state"
import type { Connections } from "./link/connections"
import type { Reporter } from "./observer"
import type { Recovery } from "./recovery"
import type { Results } from "./results"
import type { Ring } from "./ring"
import type { UartState } from "./uart-state"
import type { Wishes } from "./wishes"

export interface Core {
    readonly config: ModemConfig
    readonly ring: Ring
    readonly digest: Digest
    readonly results: Results
    readonly encoder: Encoder
    readonly uart: UartState
    readonly wishes: Wishes
    readonly reporter: Reporter
    readonly channel: Channel
    /** text of somebody else that is coming */
    readonly foreign: ForeignText
    readonly recovery: Recovery
    readonly ip: IpMachine
    readonly links: Connections
    readonly features: Features
    readonly bearer: Bearer
    /** transparent mode */
    data: RawMode | null
    /** sleep */
    gate: Gate | null
    /** when the modem has said something that is known, or data have come */
    heardAt: number
    /** bytes are missing behind those in the ring */
    gap: boolean
}
