import type { Output } from "../core/encoder"
import type { PortAbilities } from "../core/options"
import type { Ring } from "../core/ring"

/** The bytes of a port: only the driver's fiber moves them. */
export interface UartBytes {
    /** bytes that were lost because they were not fetched in time */
    overruns: number

    /**
     * Opens the UART, 8N1, or opens it again at another rate.
     * @param ring for received bytes from now on
     * @param output bytes to send from now on
     * @param baud one of the rates of AT+IPR
     */
    open(ring: Ring, output: Output, baud: number): Promise<void>

    /**
     * Suspends the calling fiber, and meanwhile moves bytes both ways as far as there
     * is room, until enough bytes are received (`ring.enough`), all output is taken (if
     * `output.tell`), the UART is idle (if `output.drain`), DCD or RI has changed,
     * `wake()` is called, or the time is over. Always yields.
     * @param ms longest wait
     */
    wait(ms: number): Promise<void>

    /** Ends the present or the next `wait()`. */
    wake(): void

    /** Releases the UART. */
    close(): Promise<void>
}

/** The lines of a port. Lines that are not in `wired` are never used. */
export interface UartLines {
    /** DCD is low: there is a connection (application note 10) */
    dcd: boolean
    /** length of the last pulse on RI, in ms; the driver resets it to 0 */
    riPulse: number

    /** Drives DTR: low is "on", its state at rest. */
    setDtr(low: boolean): void

    /** Resets the modem; returns when the pulse is over. */
    reset(): Promise<void>

    /** Switches on a modem that is off; returns when the pulse is over. */
    pressPowerKey(): Promise<void>
}

/**
 * A way to reach the modem's UART and its lines. The driver owns the port: one fiber
 * handles the bytes that `wait()` has received, and sets the output for the next
 * `wait()`.
 */
export interface UartPort extends PortAbilities, UartBytes, UartLines {
    /** the driver that has the port open; only one may */
    owner?: object
}
