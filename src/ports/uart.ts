import type { Output } from "../core/encoder"
import { Ring } from "../core/ring"

/**
 * A way to reach the modem's UART and its lines. The driver owns the port: one
 * fiber looks at what `wait()` has received, and says what is to be sent during
 * the next one.
 */
export interface UartPort {
    /**
     * RTS and CTS are wired and work without the driver: the modem is held up
     * while there is no room for what it says
     */
    readonly flowControl: boolean
    /**
     * how many bytes may come while nobody looks without a loss; 0: any number. The
     * driver asks the modem for no more received data at a time.
     */
    readonly largestBurst: number
    /** DTR is wired: `setDtr()` works */
    readonly hasDtr: boolean
    /** DCD is wired: `dcd` follows it */
    readonly hasDcd: boolean
    /** RI is wired: `riPulse` tells of its pulses */
    readonly hasRi: boolean
    /** RESET or PWRKEY is wired: `reset()` works */
    readonly hasReset: boolean
    /** PWRKEY is wired: `pressPowerKey()` works */
    readonly hasPowerKey: boolean
    /** DCD is low: there is a connection (application note 10) */
    dcd: boolean
    /**
     * how long the last pulse on RI was, in ms; the driver sets it back to 0.
     * Always 0 if RI is not wired
     */
    riPulse: number
    /** bytes that were lost because nobody fetched them in time */
    overruns: number
    /** who has the port open: only one may; the driver sees to it */
    owner?: object

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

    /** Drives DTR: low is "on", its state at rest. */
    setDtr(low: boolean): void

    /** Resets the modem; returns when the pulse is over. */
    reset(): Promise<void>

    /** Switches a modem on that is off; returns when the pulse is over. */
    pressPowerKey(): Promise<void>

    /** Lets go of the UART. */
    close(): Promise<void>
}
