/**
 * Finds the modem, whatever state its last program left it in: gives AT until OK comes
 * and nothing after it, frees a modem that waits for data, and tries other baud rates.
 */
import { CR, ESC, PLUS } from "../ascii"
import { ESCAPE_GUARD, rateAt } from "../config"
import type { ModemConfig } from "../options"
import type { Encoder } from "../encoder"
import { before } from "../time"

/** What to send before the next AT. */
enum Before {
    Nothing,
    /** it may be in data mode: `+++` between two silences, then an edge of DTR */
    Escape,
    /** a prompt may be open: ESC */
    Cancel,
    /** it may wait for a payload: as many CR as the longest one has bytes */
    Fill,
    /** no modem answers: pull a pin, or try another rate */
    Otherwise,
}

/** By the number of ATs that timed out; the last row stays. */
// prettier-ignore
const SCRIPT = Buffer.from([
    Before.Nothing,
    Before.Nothing,
    Before.Escape,
    Before.Cancel,
    Before.Nothing,
    Before.Fill,
    Before.Nothing,
    Before.Nothing,
    Before.Otherwise,
])
const LAST = 8
const TRIES_PER_RATE = 2

/** Stage of the search. */
export enum SearchState {
    /** AT is next */
    Asking,
    /** OK came: it counts if no other final result code follows */
    Answered,
    /** silence before `+++` */
    Silence,
    /** `+++` is out and the silence after it passes: then DTR goes high … */
    RaiseDtr,
    /** … then low again */
    LowerDtr,
    Filling,
}

/** What the bearer has to do. */
export enum Turn {
    /** come back at `dueAt` */
    Wait,
    /** give AT */
    Ask,
    /** the modem answers, and nothing else follows */
    Found,
    /** no modem answers at this rate: a pin may help, else `otherRate()` */
    Nobody,
}

/** ms */
const PAUSE = 100
const QUIET = 150
/** … after an AT that timed out: its OK may still come, after that of the last AT */
const LATE_QUIET = 700
/** time that DTR is high, and then low before the next AT */
const DTR_PULSE = 100
const RATE_PAUSE = 200
/** as many bytes as end any AT+CIPSEND=n,length */
const FILL = 1500
/** bytes sent at a time */
const FILL_PART = 250
/** poll interval meanwhile */
const FILL_PAUSE = 20
/** timeout of them, beside twice their time on the wire */
const FILL_GRACE = 500

/** @devsWhenUsed */
export class Search {
    /** when there is something to do */
    dueAt = 0
    /** the baud rate of AT */
    rate = 0
    /** DTR is to be low */
    dtr = true

    private readonly config: ModemConfig
    private readonly encoder: Encoder
    state = SearchState.Asking
    /** ATs that timed out */
    private tries = 0
    private rateIndex = 0
    /** CRs still to be sent */
    private filling = 0
    /** deadline for the bytes being sent */
    private fillBy = 0
    private strays = 0

    constructor(config: ModemConfig, encoder: Encoder) {
        this.config = config
        this.encoder = encoder
    }

    /** @param rate the modem's last one */
    begin(rate: number, now: number) {
        this.rate = rate
        this.enter(SearchState.Asking)
        this.tries = 0
        this.filling = 0
        this.fillBy = now
        this.dueAt = now
        this.dtr = true
    }

    /**
     * The next action, once `dueAt` has come.
     * @param strays count of final result codes that belonged to no command
     */
    next(strays: number, now: number): Turn {
        const encoder = this.encoder
        if (this.state === SearchState.Answered) {
            if (strays === this.strays) return Turn.Found
            this.answered(strays, now)
            return Turn.Wait
        }
        if (encoder.left > 0) {
            if (before(now, this.fillBy)) return this.wait(FILL_PAUSE, now)
            // CTS is off, as it may be on a modem without power
            encoder.drop()
            this.filling = 0
        }
        switch (this.state) {
            case SearchState.Silence:
                this.send(PLUS, 3, now)
                this.enter(
                    this.config.dtr ? SearchState.RaiseDtr : SearchState.Asking
                )
                return this.wait(ESCAPE_GUARD, now)
            case SearchState.RaiseDtr:
                this.dtr = false
                this.enter(SearchState.LowerDtr)
                return this.wait(DTR_PULSE, now)
            case SearchState.LowerDtr:
                this.dtr = true
                this.enter(SearchState.Asking)
                return this.wait(DTR_PULSE, now)
            case SearchState.Filling:
                if (this.filling > 0) {
                    this.filling -= FILL_PART
                    this.send(CR, FILL_PART, now)
                    return Turn.Wait
                }
                this.enter(SearchState.Asking)
        }
        return Turn.Ask
    }

    private wait(ms: number, now: number): Turn {
        this.dueAt = now + ms
        return Turn.Wait
    }

    /**
     * Sends bytes that are no command, until a timeout if the UART does not take them.
     */
    private send(byte: number, count: number, now: number) {
        this.encoder.fill(byte, count)
        this.fillBy = now + FILL_GRACE + Math.floor((count * 20000) / this.rate)
    }

    /** OK to AT. */
    answered(strays: number, now: number) {
        this.enter(SearchState.Answered)
        this.strays = strays
        this.dueAt = now + (this.tries > 0 ? LATE_QUIET : QUIET)
    }

    /** ERROR to AT: a modem is there, and may be busy. */
    refused(now: number) {
        this.dueAt = now + PAUSE
    }

    /**
     * AT timed out.
     * @param sentAt when it was sent
     * @param escapes the modem can be in data mode, though this program has just used
     * it
     */
    unanswered(sentAt: number, escapes: boolean, now: number): Turn {
        const tries = ++this.tries
        this.dueAt = now + PAUSE
        switch (SCRIPT[tries < LAST ? tries : LAST]) {
            case Before.Escape:
                if (!escapes) break
                // DTR has been low
                this.enter(SearchState.Silence)
                this.dueAt = sentAt + ESCAPE_GUARD
                break
            case Before.Cancel:
                this.send(ESC, 1, now)
                break
            case Before.Fill:
                this.enter(SearchState.Filling)
                this.filling = FILL
                break
            case Before.Otherwise:
                if (tries === LAST) return Turn.Nobody
                if ((tries - LAST) % TRIES_PER_RATE === 0) this.otherRate(now)
        }
        return Turn.Wait
    }

    /** A pin has been pulled: the search begins anew. @param pause ms */
    again(pause: number, now: number) {
        this.tries = 0
        this.dueAt = now + pause
    }

    /** Tries the next rate; after the last one, begins again. */
    otherRate(now: number) {
        if (this.tries === LAST) this.rateIndex = -1
        this.rateIndex++
        const baud = this.config.baud
        if (rateAt(this.rateIndex) === baud) this.rateIndex++
        this.rate = rateAt(this.rateIndex)
        if (this.rate === 0) {
            this.rate = baud
            this.tries = 0
        }
        this.dueAt = now + RATE_PAUSE
    }

    private enter(state: SearchState) {
        this.state = state
    }
}
