/**
 * Recovery from failures (application note 12): first another attempt after a pause,
 * then a new context, then a reset of the modem; each rung needs more failures than the
 * last, because a server that is down looks like a modem that hangs.
 */

/** pauses between attempts, ms */
const REST_MIN = 1000
export const REST_MAX = 60000
/** failed attempts in a row before a reset of the modem, more each time */
const RESET_MIN = 4
const RESET_MAX = 64
/** failed connections in a row before the context is brought up anew … */
const PATIENCE_MIN = 3
const PATIENCE_MAX = 48
/** … and how many new contexts are tried before a reset */
const REBUILDS = 2

/** @devsWhenUsed */
export class Recovery {
    /** connections that have failed since the last success */
    failures = 0
    /** there was a failure, and no data have come since */
    troubled = false
    /** failed connections in a row that are tolerated */
    patience = PATIENCE_MIN
    /** failed attempts to bring up a context, in a row */
    fails = 0
    private rest = REST_MIN
    private resetAfter = RESET_MIN
    /** new contexts without any data since */
    private fruitless = 0

    /** Resets all counts. */
    start() {
        this.rest = REST_MIN
    }

    /** An attempt has failed. @returns the pause before the next one, ms */
    failed(): number {
        this.fails++
        const rest = this.rest
        this.rest = rest * 2 < REST_MAX ? rest * 2 : REST_MAX
        return rest
    }

    /** No modem answered at any rate. @returns how often before */
    unanswered(): number {
        return this.fails++
    }

    /** Whether the failed attempts call for a reset of the modem. */
    resetDue(): boolean {
        return this.fails >= this.resetAfter
    }

    /** The modem is being reset. */
    reset() {
        this.fails = 0
        if (this.resetAfter < RESET_MAX) this.resetAfter *= 2
    }

    /** Connections can be made. */
    up() {
        this.fails = 0
        this.resetAfter = RESET_MIN
        this.rest = REST_MIN
    }

    /** A connection, or the server, has failed. */
    connectionFailed() {
        this.troubled = true
        this.failures++
    }

    /** One has been made. */
    connectionMade() {
        if (this.failures > 0) this.failures--
    }

    /** The failure needs a new context: no other connection is awaited. */
    exhaust() {
        this.troubled = true
        this.failures = this.patience
    }

    /** Data have come: recovery begins at its first rung again. */
    proved() {
        this.troubled = false
        this.failures = 0
        this.patience = PATIENCE_MIN
        this.fruitless = 0
    }

    /** The tolerated number of connections has failed: counts them anew … */
    forgetFailures() {
        this.failures = 0
    }

    /** … and tolerates more next time. */
    losePatience() {
        if (this.patience < PATIENCE_MAX) this.patience *= 2
    }

    /** @returns true for a new context, false for a reset of the modem */
    rebuilds(): boolean {
        this.troubled = true
        if (this.fruitless++ < REBUILDS) return true
        this.fruitless = 0
        return false
    }
}
