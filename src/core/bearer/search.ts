/**
 * Finds the modem in whatever state its last program has left it: gives AT until a
 * quiet OK comes, frees a modem that waits for data, and tries other baud rates.
 */
import { CR, ESC, PLUS } from "../ascii"
import { ESCAPE_GUARD, rateAt } from "../config"
import type { ModemConfig } from "../options"
import type { Encoder } from "../encoder"
import { before } from "../time"

/** What goes out before the next AT. */
enum Before {
    Nothing,
    /** it may be in data mode: `+++` between two silences, then an edge of DTR */
    Escape,
    /** a prompt may be open: ESC */
    Cancel,
    /** it may wait for a payload: as many CR as the longest one has bytes */
    Fill,
    /** nobody is there: a pin, or another rate */
    Otherwise,
}

/** By the number of ATs that had no answer; the last row stays. */
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

/** How far it has come. */
export enum SearchState {
    /** the next thing is AT */
    Asking,
    /** OK has come: it counts if no other final result code follows */
    Answered,
    /** silence in front of `+++` */
    Silence,
    /** `+++` is out, and the silence behind it passes: DTR goes high … */
    RaiseDtr,
    /** … and low again */
    LowerDtr,
    Filling,
}

/** What the bearer has to do. */
export enum Turn {
    /** come back at `dueAt` */
    Wait,
    /** give AT */
    Ask,
    /** the modem is there, and quiet */
    Found,
    /** nobody answers at this rate: a pin may help, else `otherRate()` */
    Nobody,
}

/** ms */
const PAUSE = 100
const QUIET = 150
/** … when an AT had no answer: its answer may come as late as that of the last AT */
const LATE_QUIET = 700
/** how long DTR is high, and then low before the next AT */
const DTR_PULSE = 100
const RATE_PAUSE = 200
/** bytes that end any AT+CIPSEND=n,length */
const FILL = 1500
/** how many of them go out at a time */
const FILL_PART = 250
/** poll interval while they go out */
const FILL_PAUSE = 20
/** how much longer they may take than twice their time on the wire */
const FILL_GRACE = 500

/** @devsWhenUsed */
export class Search {
    /** when there is something to do */
    dueAt = 0
    /** the rate at which the modem is asked */
    rate = 0
    /** DTR is to be low */
    dtr = true

    private readonly config: ModemConfig
    private readonly encoder: Encoder
    state = SearchState.Asking
    /** ATs without an answer */
    private tries = 0
    private rateIndex = 0
    /** CRs that are still to go out */
    private filling = 0
    /** when what is being sent has to be out */
    private fillBy = 0
    private strays = 0

    constructor(config: ModemConfig, encoder: Encoder) {
        this.config = config
        this.encoder = encoder
    }

    /** @param rate the one that the modem had last */
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
     * What is due, once `dueAt` has come.
     * @param strays final result codes so far that belonged to no command
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
            // CTS is off, as that of a modem without power may be
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

    /** Sends bytes that are no command, and gives up if the UART does not take them. */
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
     * No answer to AT.
     * @param sentAt when it went out
     * @param escapes it can be in data mode, though this program has just used it
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

    /** A pin has been pulled: the modem is looked for anew. @param pause ms */
    again(pause: number, now: number) {
        this.tries = 0
        this.dueAt = now + pause
    }

    /** Goes on at the next rate; behind the last one, from the beginning. */
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
