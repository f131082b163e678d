/**
 * All parts of the modem, as plain state on which its layers work; `Modem` implements
 * it. A part sees only the layers below it (docs/architecture.md): connections see
 * `Below`, the bearer `BelowBearer`.
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
    /** when the last known line, or data, came */
    heardAt: number
    /** bytes were lost after those in the ring */
    gap: boolean
}
