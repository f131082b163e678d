/** Dialogues of the core, as promises. */
import { type Dialogue, Talk } from "../core/dialogues/talk"
import { Failure } from "../core/errors"
import { failed } from "./errors"
import type { Sim800 } from "./modem"

/** A dialogue may have to wait this long for the driver's own commands, ms. */
const TURN = 60000

export function talkOf(modem: Sim800): Talk {
    if (modem.talk === null) {
        const talk = new Talk(modem.core)
        talk.changed = () => modem.tell()
        modem.talk = talk
    }
    return modem.talk
}

/**
 * Runs a dialogue; the promise is fulfilled when it is over, and rejected if it fails.
 * @param what the action, for an error
 */
export function converse(
    modem: Sim800,
    dialogue: Dialogue,
    what: string
): Promise<void> {
    const talk = talkOf(modem)
    modem.check(what)
    talk.begin(dialogue)
    return outcome(modem, dialogue, what)
}

/** Waits for the end of a dialogue that has begun. */
export function outcome(
    modem: Sim800,
    dialogue: Dialogue,
    what: string
): Promise<void> {
    const talk = talkOf(modem)
    const steps = talk.steps
    return modem
        .until(
            () => dialogue.over || !modem.tries() || talk.steps !== steps,
            2 * talk.timeout + TURN
        )
        .then(inTime => {
            if (!dialogue.over) {
                // each of its commands has its own timeout
                if (inTime && modem.tries())
                    return outcome(modem, dialogue, what)
                talk.cancel(dialogue)
                modem.check(what)
                throw failed(Failure.Timeout, what, "", "")
            }
            const problem = dialogue.problem
            if (problem !== null)
                throw failed(
                    problem.failure,
                    problem.subject,
                    problem.answer,
                    problem.sentence
                )
        })
}
