/** Outgoing calls, and tones of keys in calls. */
import * as ds from "@devicescript/core"
import { sleep } from "../ports/naps"
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
import { bad, check } from "./arguments"
import { converse, hearUrcs } from "./dialogue"
import { failed } from "./errors"
import { checkNumber } from "./message"
import type { Sim800 } from "./sim800"

/**
 * The state of a call: see `CallState`. `Phone.answer()` and `hangUp()` work for
 * incoming and outgoing calls.
 */
export async function callState(modem: Sim800): Promise<CallState> {
    const dialogue = new AskCall()
    await converse(modem, dialogue, "call state")
    return dialogue.state
}

/**
 * Calls a number, and waits for an answer. Throws a `Sim800Error`: `Failure.CallEnded`
 * if the call ended without one, with the modem's words, e.g. BUSY; `Failure.Timeout`
 * when the time is over: hang up then.
 * @param timeout in ms, default 60000
 */
export async function dial(
    modem: Sim800,
    number: string,
    timeout?: number
): Promise<void> {
    checkNumber(number)
    check("timeout", Kind.Time, timeout)
    const what = `call ${number}`
    const end = ds.millis() + (timeout || CALL_TIMEOUT)
    let said = ""
    const deaf = hearUrcs(modem, line => {
        if (CALL_ENDS.indexOf(line) >= 0) said = line
    })
    try {
        await converse(modem, new Dial(number), what)
        while (true) {
            const state = await callState(modem)
            if (state === CallState.Active) return
            if (state === CallState.Idle)
                throw failed(Failure.CallEnded, what, said, CALL_MISSED)
            if (ds.millis() >= end) throw failed(Failure.Timeout, what)
            await sleep(CALL_LOOK)
        }
    } finally {
        deaf()
    }
}

/** Waits until there is no call. @returns false if the time is over before */
export async function callEnded(
    modem: Sim800,
    timeout: number
): Promise<boolean> {
    check("timeout", Kind.Time, timeout)
    const end = ds.millis() + timeout
    while ((await callState(modem)) !== CallState.Idle) {
        if (ds.millis() >= end) return false
        await sleep(CALL_LOOK)
    }
    return true
}

/**
 * Sends tones of keys to the other side of a call (DTMF, AT+VTS).
 * @param keys 1–20 of 0–9, *, #, A–D
 */
export async function sendTones(modem: Sim800, keys: string): Promise<void> {
    check("keys", Kind.Text, keys, 1, MOST_KEYS)
    for (let i = 0; i < keys.length; i++)
        if (KEYS.indexOf(keys[i]) < 0)
            throw bad("keys", `"${keys[i]}" is no key: 0–9, *, #, A–D`)
    await converse(modem, new Tones(keys), "send tones")
}

/**
 * Makes the modem report the keys that the other side of a call presses (AT+DDET). A
 * restart of the modem ends that: call it in each call.
 * @param take gets each key; it must not wait
 * @returns a function that ends this; call it when the keys are no longer of interest
 */
export async function hearTones(
    modem: Sim800,
    take: (key: string) => void
): Promise<() => void> {
    await converse(modem, new Tones(""), "hear tones")
    return hearUrcs(modem, line => {
        if (line.startsWith("+DTMF:")) take(line.slice(6).trim())
    })
}

export { CallState }
