/**
 * What a modem can do beside connections: each thing is a feature, which is there, and
 * takes program memory, only if the application has made it. Here is what all of them
 * have in common, and their list.
 */
import type { Command, Outcome } from "./channel"
import type { Failure } from "./errors"
import type { Line } from "./results"

export interface Feature {
    /** there may be something to do */
    work: boolean
    /** when to look even if nothing happens */
    dueAt: number
    /** its commands need no context: they can be given while there is none */
    offline: boolean
    /**
     * A line that is nothing to bearer and connections; the digest holds it.
     * @returns whether it is for this feature and nobody else
     */
    line(line: Line): boolean
    /**
     * Gives a command if one is due: the channel is free, the context up unless
     * it is `offline`.
     * @returns whether it did
     */
    run(now: number): boolean
    /** The command that it gave has ended. */
    done(command: Command, outcome: Outcome, now: number): void
    /** The context is gone, and what stands on it. */
    down(now: number): void
}

/** Transparent mode, as the modem knows it: the UART has data, or takes commands. */
export interface RawMode {
    /** why data mode could not be left, or not be entered again; the application clears it */
    failure: Failure
    /** DCD is on, and CONNECT has not come: nothing is given nor believed */
    watching: boolean
    /** Whether the bytes of the UART are data. */
    active(): boolean
    /** The UART takes commands: looks whether it will have data. */
    watch(now: number): void
    /** Does what is due in data mode. */
    poll(now: number): void
    pollAt(now: number): number
    /** CONNECT has come unasked. */
    connect(now: number): void
    /** The connection has changed its state. */
    moved(): void
}

/** What every command waits for: a modem that sleeps is woken first. */
export interface Gate {
    /**
     * To be asked before each command.
     * @param needed there is something to be done
     * @returns whether it can be done now
     */
    ready(needed: boolean, now: number): boolean
    /** When `ready()` is to be asked again. @param at when something is to be done */
    pollAt(at: number): number
}

/** @devsWhenUsed */
export class Features {
    readonly list: Feature[]
    /** one in the middle of commands that belong together, null for none */
    exclusive: Feature | null = null
    /** the one that has given the command in flight, null: none of them has */
    giver: Feature | null = null

    constructor() {
        this.list = []
    }

    /** Commands that belong together begin, or (null) have ended. */
    claim(feature: Feature | null) {
        this.exclusive = feature
    }

    /** Has one give a command. @returns whether it did */
    give(feature: Feature, now: number): boolean {
        const gives = feature.run(now)
        if (gives) this.giver = feature
        return gives
    }

    /**
     * Has the first give a command that has something to do.
     * @param offline there is no context
     * @returns whether one did
     */
    run(now: number, offline: boolean): boolean {
        for (let i = 0; i < this.list.length; i++) {
            const feature = this.list[i]
            if (offline && !feature.offline) continue
            if (!feature.work && ((now - feature.dueAt) | 0) < 0) continue
            if (this.give(feature, now)) return true
        }
        return false
    }

    /** Offers a line to all of them. @returns whether one has taken it */
    offer(line: Line): boolean {
        for (let i = 0; i < this.list.length; i++)
            if (this.list[i].line(line)) return true
        return false
    }

    /** Context or modem are gone: every one that had something there learns it. */
    down(now: number) {
        this.giver = null
        this.exclusive = null
        for (let i = 0; i < this.list.length; i++) this.list[i].down(now)
    }
}
