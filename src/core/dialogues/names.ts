/** Name servers and host names (application note, chapter 5). */
import { wrongAddress } from "../arguments"
import { Failure } from "../errors"
import { Line } from "../results"
import { LOCAL, OK, type Dialogue, type Problem, type Talk } from "./talk"

/** the manual gives no maximum for AT+CDNSGIP, ms */
const RESOLVE_TIMEOUT = 30000
/** the late answer to an earlier question may come first */
const TURNS = 3

/**
 * AT+CDNSGIP.
 * @devsWhenUsed
 */
export class Resolve implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** dotted addresses; the second is "" if there is only one */
    first = ""
    second = ""
    private readonly host: string
    private readonly command: string
    private turn = 0
    /** the name in an answer to another question */
    private stranger = ""

    constructor(host: string) {
        this.host = host.toUpperCase()
        this.command = `AT+CDNSGIP="${host}"`
    }

    next(talk: Talk): boolean {
        if (!talk.obeyed()) return false
        if (this.turn > 0) {
            const fields = talk.fields
            if (!talk.seek("+CDNSGIP:")) return talk.again()
            const found = fields.whole(0, 1)
            if (found !== 1 && !fields.wrong)
                return talk.fail(
                    Failure.NotResolved,
                    `resolve ${this.host.toLowerCase()}`,
                    talk.said(),
                    ""
                )
            const name = fields.word()
            this.first = fields.word()
            this.second = fields.more() ? fields.word() : ""
            const second = this.second || this.first
            if (
                fields.wrong ||
                wrongAddress(this.first) ||
                wrongAddress(second)
            )
                return talk.again()
            // a modem may change the spelling of names, but always in the same way
            const its = name.toUpperCase()
            if (its === this.host || its === this.stranger) return false
            this.stranger = its
        }
        if (this.turn++ === TURNS)
            return talk.fail(Failure.Timeout, this.command, talk.said(), "")
        return talk.give(
            this.command,
            RESOLVE_TIMEOUT,
            OK,
            Line.Resolved,
            false
        )
    }
}

/**
 * AT+CDNSCFG.
 * @devsWhenUsed
 */
export class SetNameServers implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private command: string

    /** @param secondary "" for none */
    constructor(primary: string, secondary: string) {
        this.command = `AT+CDNSCFG="${primary}"`
        if (secondary) this.command += `,"${secondary}"`
    }

    next(talk: Talk): boolean {
        const command = this.command
        this.command = ""
        return command !== "" && talk.say(command, LOCAL)
    }
}
