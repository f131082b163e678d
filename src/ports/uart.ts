import type { Output } from "../core/encoder"
import type { PortAbilities } from "../core/options"
import type { Ring } from "../core/ring"

/** The bytes of a port: one fiber moves them, the driver's. */
export interface UartBytes {
    /** bytes that were lost because nobody fetched them in time */
    overruns: number

    /**
     * Opens the UART, 8N1, or opens it again at another rate.
     * @param ring where received bytes go from now on
     * @param output what is to be sent from now on
     * @param baud one of the rates of AT+IPR
     */
    open(ring: Ring, output: Output, baud: number): Promise<void>

    /**
     * Suspends the calling fiber, and moves bytes both ways meanwhile, as far as there
     * is room, until enough has been received (`ring.enough`), all of the output has
     * been taken if that is waited for (`output.tell`), the UART is idle if that is
     * waited for (`output.drain`), DCD or RI have changed, `wake()` was called, or the
     * time is over. Always yields.
     * @param ms at most so many milliseconds
     */
    wait(ms: number): Promise<void>

    /** Ends the present or the next `wait()`. */
    wake(): void

    /** Lets go of the UART. */
    close(): Promise<void>
}

/** The lines of a port. What is not in `wired` is never asked for. */
export interface UartLines {
    /** DCD is low: there is a connection (application note 10) */
    dcd: boolean
    /** how long the last pulse on RI was, in ms; the driver sets it back to 0 */
    riPulse: number

    /** Drives DTR: low is "on", its state at rest. */
    setDtr(low: boolean): void

    /** Resets the modem; returns when the pulse is over. */
    reset(): Promise<void>

    /** Switches a modem on that is off; returns when the pulse is over. */
    pressPowerKey(): Promise<void>
}

/**
 * A way to reach the modem's UART and its lines. The driver owns the port: one
 * fiber looks at what `wait()` has received, and says what is to be sent during
 * the next one.
 */
export interface UartPort extends PortAbilities, UartBytes, UartLines {
    /** who has the port open: only one may; the driver sees to it */
    owner?: object
}
