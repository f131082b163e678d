/** Any command, and its response. */
import { LF } from "../ascii"
import { ANSWER_SIZE } from "../request"
import { textOf } from "../text"
import { type Dialogue, type Problem, type Talk } from "./talk"

/** Commands that only the driver gives. */
const OWN =
    "+CIP +CSTT +CIICR +CIFSR +CDNS +CLPORT +SSLOPT +CFUN +CPOWD +CSCLK +CMEE +IPR +IFC +ICF E V Q Z O & "

/** Most characters of a command. */
export const LONGEST_COMMAND = 290
/** Bytes of its response, unless the caller gives another limit. */
export const COMMAND_LIMIT = ANSWER_SIZE

/** @returns why a command of the application is wrong, "" if it is right */
export function wrongCommand(line: unknown): string {
    if (typeof line !== "string" || line.length > LONGEST_COMMAND)
        return `a string of at most ${LONGEST_COMMAND} characters is expected`
    for (let i = 0; i < line.length; i++) {
        const c = line.charCodeAt(i)
        if (c < 32 || c > 126) return "printable ASCII characters only"
    }
    if (!line.startsWith("AT")) return "a command begins with AT"
    const parts = line.slice(2).toUpperCase().split(";")
    for (let i = 0; i < parts.length; i++) {
        const part = parts[i].trim()
        for (let from = 0; from < OWN.length;) {
            const to = OWN.indexOf(" ", from)
            const own = OWN.slice(from, to)
            if (part.startsWith(own))
                return `AT${own}… is the driver's own business`
            from = to + 1
        }
    }
    return ""
}

/** @devsWhenUsed */
export class GiveCommand implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** its information responses */
    readonly lines: string[]
    private readonly command: string
    private readonly timeout: number
    private readonly limit: number
    private given = false

    /** @param limit bytes of the response */
    constructor(command: string, timeout: number, limit: number) {
        this.lines = []
        this.command = command
        this.timeout = timeout
        this.limit = limit
    }

    next(talk: Talk): boolean {
        const request = talk.request
        if (!this.given) {
            this.given = true
            if (this.limit > ANSWER_SIZE)
                request.answer = Buffer.alloc(this.limit)
            return talk.say(this.command, this.timeout)
        }
        const bytes = request.answer
        let from = 0
        while (from < request.answerLength && talk.obeyed()) {
            const end = bytes.indexOf(LF, from, request.answerLength)
            this.lines.push(textOf(bytes, from, end - from))
            from = end + 1
        }
        return false
    }
}
