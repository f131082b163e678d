/**
 * A feature is a thing that a modem can do beside connections. It exists, and takes
 * program memory, only if the application has made it. This file has what all features
 * have in common, and their list.
 */
import type { Outcome } from "./channel"
import type { Command } from "./commands"
import type { Failure } from "./errors"
import type { Line } from "./results"
import { before } from "./time"

export interface Feature {
    /** there may be something to do */
    work: boolean
    /** when to look even if nothing happens */
    dueAt: number
    /** its commands need no context: they can be given while there is none */
    offline: boolean
    /**
     * A line that bearer and connections have no use for; the digest holds it.
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

/** What data mode shows of itself. */
export interface RawState {
    /** why it could not be left, or not be entered again; the application clears it */
    failure: Failure
    /** DCD is on, and CONNECT has not come: no command is given, no line is believed */
    readonly watching: boolean
    /** Whether the bytes of the UART are data. */
    active(): boolean
}

/** Transparent mode, as the modem knows it: the UART has data, or takes commands. */
export interface RawMode {
    readonly mode: RawState
    /** The UART takes commands: looks whether it will have data. */
    watch(now: number): void
    /** Does what is due in data mode. */
    poll(now: number): void
    pollAt(now: number): number
    /** CONNECT has come unasked. */
    connect(now: number): void
    /** The connection has changed its state. */
    moved(): void
    /**
     * To be asked before data are sent, in their order.
     * @returns why they can not be, "" if they can
     */
    forbids(source: Buffer, at: number, length: number): string
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
    /** the one in the middle of commands that belong together, null for none */
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

    /** Has a feature give a command. @returns whether it did */
    give(feature: Feature, now: number): boolean {
        const gives = feature.run(now)
        if (gives) this.giver = feature
        return gives
    }

    /**
     * Has the first feature that has something to do give a command.
     * @param offline there is no context
     * @returns whether one did
     */
    run(now: number, offline: boolean): boolean {
        for (let i = 0; i < this.list.length; i++) {
            const feature = this.list[i]
            if (offline && !feature.offline) continue
            if (!feature.work && before(now, feature.dueAt)) continue
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

    /** The context or the modem is gone: every feature learns it. */
    down(now: number) {
        this.giver = null
        this.exclusive = null
        for (let i = 0; i < this.list.length; i++) this.list[i].down(now)
    }
}
