/** The modem's own reports on its connections (application note 3.1, 6.5). */
import { CONNECTIONS } from "../link/connection"
import { Final, Line } from "../results"
import { LOCAL, type Dialogue, type Problem, type Talk } from "./talk"

/** AT+CIPACK counts in 32 bits. */
const MOST = 0xffffffff

/**
 * AT+CIPACK: bytes since the connection was opened (6.5).
 * @devsWhenUsed
 */
export class AskAcknowledgement implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    sent = 0
    acknowledged = 0
    outstanding = 0
    private readonly id: number
    private asked = false

    /** @param id number of the connection */
    constructor(id: number) {
        this.id = id
    }

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            const id = talk.modem.config.multi ? `=${this.id}` : ""
            return talk.say(`AT+CIPACK${id}`, LOCAL)
        }
        if (!talk.obeyed()) return false
        const fields = talk.fields
        if (!talk.seek("+CIPACK:")) return talk.again()
        this.sent = fields.whole(0, MOST)
        this.acknowledged = fields.whole(0, MOST)
        this.outstanding = fields.whole(0, MOST)
        // no more can be acknowledged than was sent
        if (this.acknowledged > this.sent) fields.wrong = true
        return fields.wrong && talk.again()
    }
}

/** A connection as reported by AT+CIPSTATUS (3.1). */
export interface ConnectionStatus {
    id: number
    /** PDP context, 0 or 1 */
    context: number
    proto: string
    address: string
    port: number
    /** INITIAL, CONNECTING, CONNECTED, REMOTE CLOSING, CLOSING or CLOSED */
    state: string
}

/**
 * AT+CIPSTATUS (3.1 and 10).
 * @devsWhenUsed
 */
export class AskConnections implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** one of the states of chapter 8 */
    state = ""
    /** state of the server, "" if there is none */
    server = ""
    /** the connections used so far; empty for a single connection */
    connections: ConnectionStatus[]
    private asked = false

    constructor() {
        this.connections = []
    }

    next(talk: Talk): boolean {
        if (!this.asked) {
            this.asked = true
            return talk.give(
                "AT+CIPSTATUS",
                LOCAL,
                Final.Status | Final.Error,
                Line.Unknown,
                false
            )
        }
        if (!talk.obeyed()) return false
        const fields = talk.fields
        if (!talk.seek("STATE:")) return talk.again()
        this.state = fields.word()
        let wrong = fields.wrong || this.state === ""
        this.server = ""
        if (talk.seek("S:")) {
            while (fields.more()) this.server = fields.word()
            wrong = wrong || fields.wrong
        }
        this.connections = []
        let at = talk.seekFrom("C:", 0)
        while (at >= 0) {
            const id = fields.whole(0, CONNECTIONS - 1)
            // an unused connection has no further fields
            const context = fields.word()
            const proto = fields.word()
            const address = fields.word()
            const port = fields.word()
            const state = fields.word()
            const used = state !== "INITIAL"
            if (fields.wrong) wrong = true
            if (used && !(parseInt(port) <= 65535)) wrong = true
            if (used)
                this.connections.push({
                    id,
                    context: context === "1" ? 1 : 0,
                    proto,
                    address,
                    port: parseInt(port),
                    state,
                })
            at = talk.seekFrom("C:", at)
        }
        return wrong && talk.again()
    }
}
