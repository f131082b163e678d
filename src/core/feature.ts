/**
 * A feature is an ability of the modem beside connections. It takes program memory only
 * if the application makes it. This file has the interface of features, and their list.
 */
import type { Outcome } from "./channel"
import type { Command } from "./commands"
import type { Failure } from "./errors"
import type { Line } from "./results"
import { before } from "./time"

export interface Feature {
    /** there may be work */
    work: boolean
    /** when to look for work even if nothing happens */
    dueAt: number
    /** its commands need no context: they can be given while there is none */
    offline: boolean
    /**
     * Handles a line that neither bearer nor connections use; the digest holds it.
     * @returns whether it is for this feature only
     */
    line(line: Line): boolean
    /**
     * Gives a command if one is due: the channel is free, the context up unless
     * it is `offline`.
     * @returns whether it did
     */
    run(now: number): boolean
    /** Its command has ended. */
    done(command: Command, outcome: Outcome, now: number): void
    /** The context is lost, with everything that needs it. */
    down(now: number): void
}

/** The public state of data mode. */
export interface RawState {
    /** why it could not be left, or not be entered again; the application clears it */
    failure: Failure
    /** DCD is on, and CONNECT is due: no command is given, no line is believed */
    readonly watching: boolean
    /** Whether the bytes of the UART are data. */
    active(): boolean
}

/** Transparent mode, as `Modem` sees it: the UART carries data or commands. */
export interface RawMode {
    readonly mode: RawState
    /** In command mode: checks whether data mode begins. */
    watch(now: number): void
    /** Does the due work of data mode. */
    poll(now: number): void
    pollAt(now: number): number
    /** CONNECT has come unsolicited. */
    connect(now: number): void
    /** The connection has changed its state. */
    moved(): void
    /**
     * Call it for all data, in their order, before they are sent.
     * @returns why they cannot be sent, "" if they can
     */
    forbids(source: Buffer, at: number, length: number): string
}

/** Holds up each command until a sleeping modem is awake. */
export interface Gate {
    /**
     * Call it before each command.
     * @param needed there is a command to give
     * @returns whether it can be given now
     */
    ready(needed: boolean, now: number): boolean
    /** When to call `ready()` again. @param at when there is a command to give */
    pollAt(at: number): number
}

/** @devsWhenUsed */
export class Features {
    readonly list: Feature[]
    /** the feature that is amid a sequence of commands, null if none */
    exclusive: Feature | null = null
    /** the feature that gave the command in flight, null if none */
    giver: Feature | null = null

    constructor() {
        this.list = []
    }

    /** A sequence of commands begins, or (null) has ended. */
    claim(feature: Feature | null) {
        this.exclusive = feature
    }

    /** Lets a feature give a command. @returns whether it did */
    give(feature: Feature, now: number): boolean {
        const gives = feature.run(now)
        if (gives) this.giver = feature
        return gives
    }

    /**
     * Lets the first feature that has work give a command.
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

    /** Offers a line to each feature. @returns whether one has taken it */
    offer(line: Line): boolean {
        for (let i = 0; i < this.list.length; i++)
            if (this.list[i].line(line)) return true
        return false
    }

    /** Tells every feature that the context or the modem is lost. */
    down(now: number) {
        this.giver = null
        this.exclusive = null
        for (let i = 0; i < this.list.length; i++) this.list[i].down(now)
    }
}
