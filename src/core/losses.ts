/**
 * Bytes that were lost between modem and driver, reported by the port or inferred from
 * a damaged line: what they may have said, and how to find out.
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
/** Longest pause of a modem within a payload or a response, ms. */
export const REST = 5000

/**
 * The rest of a torn payload may look like anything: all input is dropped until a
 * command times out.
 */
function deafen(core: Core) {
    core.links.reset()
    core.digest.expectPayload(DEAF, null)
}

/** A header was not understood: data follow it, which may look like anything. */
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

/** The bytes before a gap are handled: finds out what the lost ones may have said. */
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
        // the modem has handed over these bytes, and does so only once
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

/** Whether an unknown line may be the rest of a damaged data header. */
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

/** Whether an unknown line is a damaged `+CIPRXGET: 1`. */
function isNotice(core: Core): boolean {
    const line = core.digest.line
    if (line[1] === UPPER_C && line[2] === UPPER_I && line[4] === UPPER_R)
        return true
    // a byte before it may be lost
    const at = line[5] === UPPER_G ? 5 : 6
    return line[at] === UPPER_G && line[at + 2] === UPPER_T
}

/**
 * Whether an unknown line, between the data of a response and its OK, is the rest of
 * the data: a digit of their length was lost.
 */
function isRest(core: Core): boolean {
    const links = core.links
    return !isSigned(core) && fetching(links) && !reading(links)
}

/** Shortens a wait of minutes: the final result code may have come damaged. */
function doubtResult(core: Core, now: number) {
    if (scripted(core)) core.channel.hurry(REST, now)
    else if (core.links.connecting() || core.links.serving)
        audit(core.bearer, now)
}

/** A line that is not in the table: a damaged header, a damaged result, or a URC. */
export function unknownLine(core: Core, now: number) {
    if (isHeader(core) || isRest(core)) {
        headerLost(core, now)
        return
    }
    // if a header was damaged, the data after it may look like anything
    if (reading(core.links)) core.channel.distrust()
    if (!core.features.offer(Line.Unknown)) core.reporter.urc(core.digest)
    // the modem may hold data that it will not announce again
    if (core.links.asks && isNotice(core)) core.links.recheck(now)
    // a line without `+` or `*` may be a damaged result
    if (!isSigned(core)) doubtResult(core, now)
}

/**
 * An unknown line came where a header was due: it was a URC, or data follow.
 * @returns whether the next line is taken for data
 */
export function isData(core: Core, line: Line, now: number): boolean {
    if (line === Line.RxGet || !reading(core.links)) return false
    if (line === Line.Ok || line === Line.Error) headerLost(core, now)
    else core.channel.distrust()
    return true
}

/**
 * A command that may take minutes, of the script or AT+CIPSTART, has received the
 * beginning of a line but not its end.
 * @param since when its last byte came
 */
export function halfAnswered(core: Core, since: number): boolean {
    const channel = core.channel
    const bearer = core.bearer
    if (channel.running !== Command.None)
        return scripted(core) && before(channel.sentAt, since)
    // no command in flight: on the way up, the script gives the next one anyway
    return (
        bearer.phase === Phase.Ready &&
        bearer.step === Command.None &&
        !core.config.transparent &&
        core.links.connecting()
    )
}
