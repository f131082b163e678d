import { describe, explain, Failure } from "../core/errors"

/**
 * What went wrong with the modem or a connection.
 * @devsWhenUsed
 */
export class Sim800Error extends Error {
    /**
     * @param message what failed, what the modem said, and what to do
     * @param failure the same as a number, to be compared
     * @param sent of a failed `send()`: how many bytes the modem had accepted
     */
    constructor(
        message: string,
        public readonly failure: Failure,
        public readonly sent: number = 0
    ) {
        super(message)
        this.name = "Sim800Error"
    }
}

/**
 * @internal
 * @param what what was to be done
 * @param answer what the modem said, if it did
 * @param sentence what the failure means, if nobody but the caller knows
 */
export function failed(
    failure: Failure,
    what: string,
    answer?: string,
    sentence?: string
): Sim800Error {
    const said = answer || ""
    return new Sim800Error(
        sentence
            ? explain(sentence, what, said)
            : describe(failure, what, said),
        failure
    )
}
