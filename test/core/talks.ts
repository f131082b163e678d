/** Plays dialogues of the core against transcripts, with every cut of what the modem says. */
import { Failure } from "../../src/core/errors"
import { Talk, type Dialogue } from "../../src/core/dialogues/talk"
import type { ModemConfig } from "../../src/core/options"
import { bringUp, Driver, spoken, type Cut } from "./dialogue"

export interface Talker {
    driver: Driver
    talk: Talk
}

/** A modem that is up, and somebody to talk to it. */
export function talker(
    options: Partial<ModemConfig> = {},
    cut: Cut = { whole: true }
): Talker {
    const driver = new Driver(options, cut)
    const talk = new Talk(driver.modem)
    driver.play(bringUp)
    return { driver, talk }
}

/** Has a dialogue by a transcript. @returns why it failed, "" if it did not */
export function had(
    { driver, talk }: Talker,
    dialogue: Dialogue,
    transcript: string
): string {
    talk.begin(dialogue)
    driver.play(transcript)
    if (!dialogue.over) throw new Error("the dialogue is not over")
    return dialogue.problem === null ? "" : Failure[dialogue.problem.failure]
}

/**
 * Has a dialogue of its own kind, and once for each place at which what the
 * modem says can be cut.
 * @returns the outcome as `show` tells it; each cut has the same
 */
export function hadWithAllCuts<D extends Dialogue>(
    make: () => D,
    transcript: string,
    show: (dialogue: D) => unknown,
    options: Partial<ModemConfig> = {}
): unknown {
    const start = spoken(bringUp)
    const outcome = (cut: Cut): string => {
        const dialogue = make()
        const failure = had(talker(options, cut), dialogue, transcript)
        return JSON.stringify(failure || show(dialogue))
    }
    const whole = outcome({ whole: true })
    for (let at = 1; at < spoken(transcript); at++) {
        const other = outcome({ at: start + at })
        if (other !== whole)
            throw new Error(`cut at ${at}: ${other}, and not ${whole}`)
    }
    return JSON.parse(whole)
}
