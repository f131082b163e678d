import { describe, explain, Failure } from "../core/errors"

/**
 * A failure of the modem or of a connection.
 * @devsWhenUsed
 */
export class Sim800Error extends Error {
    /**
     * @param message the failure, the modem's words, and the remedy
     * @param failure the same as a number, for comparisons
     * @param sent of a failed `send()`: bytes that the modem had accepted
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
 * @param what the attempted action
 * @param answer the modem's words, if any
 * @param sentence meaning of the failure, if only the caller knows it
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
