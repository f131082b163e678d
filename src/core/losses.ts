/**
 * Bytes that were lost between modem and driver, told by the port or guessed from what
 * is left of a line: what may have been in them, and how to find out.
 */
import {
    COLON,
    COMMA,
    NINE,
    PLUS,
    QUOTE,
    STAR,
    UPPER_C,
    UPPER_G,
    UPPER_I,
    UPPER_R,
    UPPER_T,
    ZERO,
} from "./ascii"
import { audit } from "./bearer/audit"
import { resynchronise } from "./bearer/find"
import { Phase } from "./phase"
import { Outcome } from "./channel"
import { Command } from "./commands"
import { finish, scripted } from "./completion"
import type { Core } from "./core"
import { isAsked, ReadState } from "./link/connection"
import { bytesLost, fetching, reading, torn } from "./link/receive"
import { Line } from "./results"
import { before } from "./time"

/** More bytes than can come in half a second. */
const DEAF = 1000000
/** Within a payload, or an answer, the modem makes no longer pause, ms. */
export const REST = 5000

/**
 * The rest of a torn payload may look like anything: nothing is heard until
 * a command has not been answered.
 */
function deafen(core: Core) {
    core.links.reset()
    core.digest.expectPayload(DEAF, null)
}

/**
 * A header was not understood: what comes behind it are data, which may
 * look like anything.
 */
export function headerLost(core: Core, now: number) {
    const links = core.links
    if (!links.asks) bytesLost(links)
    else if (fetching(links)) {
        torn(links, core.channel.link)
        finish(core, Outcome.Timeout, now)
    }
    deafen(core)
    links.recheck(now)
    resynchronise(core.bearer, now)
}

/** What stood before a gap has been dealt with; what else may be missing? */
export function mend(core: Core, now: number) {
    const channel = core.channel
    const links = core.links
    const digest = core.digest
    core.gap = false
    channel.tear()
    if (!links.asks) return
    links.recheck(now)
    digest.skipLine()
    if (fetching(links)) {
        // the modem has given these bytes away, and does so once
        const link = links.list[channel.link]
        const whole = !isAsked(link) && digest.payloadLeft === 0
        link.reading &= ReadState.Held
        finish(core, whole ? Outcome.Ok : Outcome.Timeout, now)
        if (!whole) deafen(core)
        resynchronise(core.bearer, now)
        return
    }
    if (digest.payloadLeft > 0) {
        torn(links, links.receiver)
        deafen(core)
    }
    audit(core.bearer, now)
}

/** Whether a line begins like an information response, or a URC. */
function isSigned(core: Core): boolean {
    const first = core.digest.line[0]
    return first === PLUS || first === STAR
}

/** Whether a line that is not known may be what is left of a header of data. */
function isHeader(core: Core): boolean {
    const line = core.digest.line
    const length = core.digest.lineLength
    const last = line[length - 1]
    const pushed = !core.links.asks
    if (pushed ? !core.links.inUse : !reading(core.links)) return false
    if (line[0] === PLUS) {
        if (!pushed && line[1] === UPPER_C && line[2] === UPPER_I) return true
        if (pushed && (line[1] === UPPER_R || line[1] === UPPER_I)) return true
    }
    let commas = 0
    for (let i = 0; i < length; i++) {
        if (line[i] === QUOTE) return false
        if (line[i] === COMMA) commas++
    }
    if (pushed) return commas > 0 && last === COLON
    return commas > 1 && last >= ZERO && last <= NINE
}

/** Whether one half of a line that is not known is that of `+CIPRXGET: 1`. */
function isNotice(core: Core): boolean {
    const line = core.digest.line
    if (line[1] === UPPER_C && line[2] === UPPER_I && line[4] === UPPER_R)
        return true
    // a byte in front of it may be lost
    const at = line[5] === UPPER_G ? 5 : 6
    return line[at] === UPPER_G && line[at + 2] === UPPER_T
}

/**
 * Whether a line that is not known, between the data of an answer and its OK, is
 * what is left of them: a digit of their length was lost.
 */
function isRest(core: Core): boolean {
    const links = core.links
    return !isSigned(core) && fetching(links) && !reading(links)
}

/** Shortens a wait of minutes: the result may have come, and was not understood. */
function doubtResult(core: Core, now: number) {
    if (scripted(core)) core.channel.hurry(REST, now)
    else if (core.links.connecting() || core.links.serving)
        audit(core.bearer, now)
}

/** A line that is not in the table: a header that was damaged, a result, or a URC. */
export function unknownLine(core: Core, now: number) {
    if (isHeader(core) || isRest(core)) {
        headerLost(core, now)
        return
    }
    // if a header was damaged, the data behind it may look like anything
    if (reading(core.links)) core.channel.distrust()
    if (!core.features.offer(Line.Unknown)) core.reporter.urc(core.digest)
    // data may wait that nobody will announce again
    if (core.links.asks && isNotice(core)) core.links.recheck(now)
    // what has no sign in front may be a result that was damaged
    if (!isSigned(core)) doubtResult(core, now)
}

/**
 * A line that is not known came where a header was due: it was a URC, or
 * what follows are data.
 * @returns whether the next line is taken for data
 */
export function isData(core: Core, line: Line, now: number): boolean {
    if (line === Line.RxGet || !reading(core.links)) return false
    if (line === Line.Ok || line === Line.Error) headerLost(core, now)
    else core.channel.distrust()
    return true
}

/**
 * A command that may take minutes, of the script or AT+CIPSTART, has got a line without
 * its end.
 * @param since when that has come
 */
export function halfAnswered(core: Core, since: number): boolean {
    const channel = core.channel
    const bearer = core.bearer
    if (channel.running !== Command.None)
        return scripted(core) && before(channel.sentAt, since)
    // in between, the way up says what comes next
    return (
        bearer.phase === Phase.Ready &&
        bearer.step === Command.None &&
        !core.config.transparent &&
        core.links.connecting()
    )
}
