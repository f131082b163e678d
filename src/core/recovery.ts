/**
 * What follows a failure (application note 12): first the same again after a pause,
 * then the context anew, then a reset of the modem; each time more is needed, for a
 * server that is down looks the same as a modem that hangs.
 */

/** pauses between attempts, ms */
const REST_MIN = 1000
export const REST_MAX = 60000
/** failed attempts in a row until the modem is reset, more each time */
const RESET_MIN = 4
const RESET_MAX = 64
/** connections that fail in a row until the context is brought up anew … */
const PATIENCE_MIN = 3
const PATIENCE_MAX = 48
/** … and how often that is tried before the modem is reset */
const REBUILDS = 2

/** @devsWhenUsed */
export class Recovery {
    /** connections that have failed since the last success */
    failures = 0
    /** something has failed, and no data have come since */
    troubled = false
    /** how many may fail in a row */
    patience = PATIENCE_MIN
    /** attempts to get a context that have failed in a row */
    fails = 0
    private rest = REST_MIN
    private resetAfter = RESET_MIN
    /** contexts brought up anew without any data since */
    private fruitless = 0

    /** Begins all attempts anew. */
    start() {
        this.rest = REST_MIN
    }

    /** An attempt has failed. @returns how long to rest, ms */
    failed(): number {
        this.fails++
        const rest = this.rest
        this.rest = rest * 2 < REST_MAX ? rest * 2 : REST_MAX
        return rest
    }

    /** Nobody has answered at any rate. @returns how often before */
    unanswered(): number {
        return this.fails++
    }

    /** Whether so many attempts have failed that the modem is to be reset. */
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

    /** What has failed needs a context anew: no other connection is waited for. */
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

    /** As many connections have failed as may: they are counted anew … */
    forgetFailures() {
        this.failures = 0
    }

    /** … and more are needed next time. */
    losePatience() {
        if (this.patience < PATIENCE_MAX) this.patience *= 2
    }

    /** @returns whether the context is to be brought up anew; else the modem is to be reset */
    rebuilds(): boolean {
        this.troubled = true
        if (this.fruitless++ < REBUILDS) return true
        this.fruitless = 0
        return false
    }
}
