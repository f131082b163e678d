/** Outgoing calls, and tones of keys in calls. */
import { Kind } from "../core/arguments"
import {
    AskCall,
    CALL_ENDS,
    CALL_LOOK,
    CALL_MISSED,
    CALL_TIMEOUT,
    CallState,
    Dial,
    KEYS,
    MOST_KEYS,
    Tones,
} from "../core/dialogues/calls"
import { Failure } from "../core/errors"
import { bad, check, checkTime, failed } from "./errors"
import { Sim800 } from "./modem"
import { checkNumber } from "./phone"
import { converse } from "./talk"

const STATES = ["active", "held", "dialing", "alerting", "incoming", "waiting"]

declare module "./modem" {
    interface Sim800 {
        dial(number: string, timeout?: number): Promise<void>
        callState(): Promise<string>
        sendTones(keys: string): Promise<void>
        hearTones(): Promise<void>
    }
}

Sim800.prototype.callState = function (this: Sim800) {
    const dialogue = new AskCall()
    return converse(this, dialogue, "call state").then(
        () => STATES[dialogue.state] || ""
    )
}

Sim800.prototype.dial = function (
    this: Sim800,
    number: string,
    timeout?: number
) {
    checkNumber(number)
    if (timeout !== undefined) checkTime("timeout", timeout)
    const what = "call " + number
    const emitter = this as unknown as Emitter
    let left = timeout || CALL_TIMEOUT
    let said = ""
    function hear(line: string) {
        if (CALL_ENDS.indexOf(line) >= 0) said = line
    }
    const look = (): Promise<void> => {
        const dialogue = new AskCall()
        return converse(this, dialogue, what).then(() => {
            if (dialogue.state === CallState.Active) return
            if (dialogue.state === CallState.Idle)
                throw failed(Failure.CallEnded, what, said, CALL_MISSED)
            left -= CALL_LOOK
            if (left <= 0) throw failed(Failure.Timeout, what, "", "")
            return new Promise<void>(resolve => {
                setTimeout(resolve, CALL_LOOK)
            }).then(look)
        })
    }
    emitter.on("urc", hear)
    return converse(this, new Dial(number), what)
        .then(look)
        .then(
            () => emitter.removeListener("urc", hear),
            e => {
                emitter.removeListener("urc", hear)
                throw e
            }
        )
}

Sim800.prototype.sendTones = function (this: Sim800, keys: string) {
    check("keys", Kind.Text, keys, 1, MOST_KEYS)
    for (let i = 0; i < keys.length; i++)
        if (KEYS.indexOf(keys[i]) < 0)
            throw bad("keys", '"' + keys[i] + '" is no key: 0–9, *, #, A–D')
    return converse(this, new Tones(keys), "send tones")
}

Sim800.prototype.hearTones = function (this: Sim800) {
    return converse(this, new Tones(""), "hear tones")
}
