/**
 * All parts of the modem, as a plain state that its floors work on. `Modem` implements
 * it. A part takes only what lies below it (docs/architecture.md): `Below`, connections;
 * `BelowBearer`, the bearer.
 */
import type { Bearer, BelowBearer } from "./bearer/bearer"
import type { Gate, RawMode } from "./feature"
import type { Ring } from "./ring"

export interface Core extends BelowBearer {
    readonly ring: Ring
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
