/** Runs dialogues of the core for a fiber that waits for their end. */
import * as ds from "@devicescript/core"
import { wait } from "../ports/naps"
import { Failure } from "../core/errors"
import { type Dialogue, Talk } from "../core/dialogues/talk"
import { checkModem } from "./arguments"
import { failed } from "./errors"
import type { Sim800 } from "./sim800"

/** A dialogue may have to wait this long for the driver's own commands, ms. */
const TURN = 60000

/** @internal */
export function talkOf(modem: Sim800): Talk {
    checkModem(modem)
    if (!modem.talk) {
        modem.talk = new Talk(modem.core)
        modem.talk.changed = modem.tell
    }
    return modem.talk
}

/**
 * @internal Runs a dialogue. Throws a `Sim800Error` if it fails.
 * @param what the action, for an error
 */
export async function converse(
    modem: Sim800,
    dialogue: Dialogue,
    what: string
): Promise<void> {
    const talk = talkOf(modem)
    modem.check(what)
    talk.begin(dialogue)
    await outcome(modem, dialogue, what)
}

/** @internal Waits for the end of a dialogue that has begun. */
export async function outcome(modem: Sim800, dialogue: Dialogue, what: string) {
    const talk = talkOf(modem)
    let steps = -1
    let end = 0
    modem.wake()
    while (!dialogue.over) {
        if (talk.steps !== steps) {
            steps = talk.steps
            end = ds.millis() + 2 * talk.timeout + TURN
        }
        const left = end - ds.millis()
        if (left <= 0 || !modem.tries()) {
            talk.cancel(dialogue)
            modem.check(what)
            throw failed(Failure.Timeout, what)
        }
        await wait(modem.onchange, left)
    }
    const problem = dialogue.problem
    if (problem)
        throw failed(
            problem.failure,
            problem.subject,
            problem.answer,
            problem.sentence
        )
}

/** @internal Calls a handler for each URC. @returns a function that ends this */
export function hearUrcs(
    modem: Sim800,
    hear: (line: string) => void
): () => void {
    const { urcHandlers } = modem
    urcHandlers.push(hear)
    return () => {
        const place = urcHandlers.indexOf(hear)
        if (place >= 0) urcHandlers.insert(place, -1)
    }
}
