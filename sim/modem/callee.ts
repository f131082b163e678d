/** Behaviour of a called party. */
export type Callee =
    /** The phone rings, and is picked up after `delays.pickUp`. */
    | "answers"
    /** The phone rings until it is picked up by hand, or for a minute. */
    | "rings"
    | "busy"
    /** The phone rings, and the call is turned away. */
    | "rejects"
    /** There is no such number. */
    | "unknown"
