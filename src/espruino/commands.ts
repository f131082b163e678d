/** Commands of the program, host names, USSD, and the modem's reports on connections. */
import { Kind } from "../core/arguments"
import {
    COMMAND_LIMIT,
    GiveCommand,
    wrongCommand,
} from "../core/dialogues/command"
import { AskConnections } from "../core/dialogues/connections"
import { Resolve, SetNameServers } from "../core/dialogues/names"
import { LOCAL } from "../core/dialogues/talk"
import { AskUssd, CancelUssd } from "../core/dialogues/ussd"
import type { ModemConnections, UssdAnswer } from "./api"
import { bad, check, checkAddress, checkTime } from "./errors"
import { Sim800 } from "./modem"
import { converse } from "./talk"

const LARGEST_LIMIT = 16384
/** ms */
const USSD_TIMEOUT = 60000
/** characters of a request (GSM 03.90) */
const LONGEST_USSD = 182

declare module "./modem" {
    interface Sim800 {
        command(
            line: string,
            timeout?: number,
            limit?: number
        ): Promise<string[]>
        resolve(host: string): Promise<string[]>
        setNameServers(primary: string, secondary?: string): Promise<void>
        connectionStatus(): Promise<ModemConnections>
        ussd(code: string, timeout?: number): Promise<UssdAnswer>
        cancelUssd(): Promise<void>
    }
}

Sim800.prototype.command = function (
    this: Sim800,
    line: string,
    timeout?: number,
    limit?: number
) {
    const wrong = wrongCommand(line)
    if (wrong) throw bad("line", wrong)
    checkTime("timeout", timeout)
    const most = limit === undefined ? COMMAND_LIMIT : limit
    check("limit", Kind.Whole, most, COMMAND_LIMIT, LARGEST_LIMIT)
    const dialogue = new GiveCommand(line, timeout || LOCAL, most)
    return converse(this, dialogue, line).then(() => dialogue.lines)
}

Sim800.prototype.resolve = function (this: Sim800, host: string) {
    check("host", Kind.Host, host, 1, 255)
    const dialogue = new Resolve(host)
    return converse(this, dialogue, "resolve " + host).then(() =>
        dialogue.second ? [dialogue.first, dialogue.second] : [dialogue.first]
    )
}

Sim800.prototype.setNameServers = function (
    this: Sim800,
    primary: string,
    secondary?: string
) {
    checkAddress("primary", primary)
    if (secondary !== undefined) checkAddress("secondary", secondary)
    return converse(
        this,
        new SetNameServers(primary, secondary || ""),
        "set name servers"
    )
}

Sim800.prototype.connectionStatus = function (this: Sim800) {
    const dialogue = new AskConnections()
    return converse(this, dialogue, "AT+CIPSTATUS").then(() => ({
        state: dialogue.state,
        server: dialogue.server || undefined,
        links: dialogue.connections,
    }))
}

Sim800.prototype.ussd = function (
    this: Sim800,
    code: string,
    timeout?: number
) {
    check("code", Kind.Text, code, 1, LONGEST_USSD)
    checkTime("timeout", timeout)
    const dialogue = new AskUssd(code, timeout || USSD_TIMEOUT)
    return converse(this, dialogue, "ussd " + code).then(() => ({
        text: dialogue.text,
        more: dialogue.more,
    }))
}

Sim800.prototype.cancelUssd = function (this: Sim800) {
    return converse(this, new CancelUssd(), "cancel ussd")
}
