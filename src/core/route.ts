/** `route()` gives each line to its owner, which the table of results.ts names. */
import { PLUS, UPPER_C, UPPER_S } from "./ascii"
import { deactivated } from "./bearer/loss"
import { startLine, stateLine } from "./bearer/unasked"
import { information } from "./bearer/way"
import { Outcome } from "./channel"
import { Command } from "./commands"
import { finish } from "./completion"
import type { Core } from "./core"
import { Cme, CMS } from "./errors"
import { Taken, Text } from "./foreign-text"
import { IpState } from "./ip-state"
import { statusLine, statusWord } from "./link/audit"
import { CONNECTIONS } from "./link/connection"
import { accept, event } from "./link/events"
import { bytesLost, header, reading } from "./link/receive"
import { roomLine, sentUnasked } from "./link/send"
import { headerLost, isData, unknownLine } from "./losses"
import { Final, Line, Owner, Trait } from "./results"

/** Final result codes that end a call. */
const CALL_ENDS = Final.Call | Final.Connect
/** Final result codes that are, or may be, failures. */
const FAILURES = Final.Error | Final.SendFail | CALL_ENDS

/**
 * Why a command failed: the number of +CME ERROR or +CMS ERROR, or the end of a call.
 */
function refusal(core: Core, line: Line): Cme {
    const results = core.results
    switch (line) {
        case Line.Error:
            if (results.argc === 0) return Cme.Plain
            // a number of +CMS ERROR means something else
            return results.args[0] + (core.digest.line[3] === UPPER_S ? CMS : 0)
        case Line.Busy:
            return Cme.Busy
        case Line.NoReply:
            return Cme.NoReply
        case Line.NoDialtone:
            return Cme.NoDialtone
    }
    return Cme.NoCarrier
}

/** The outcome of a command whose final result code is not plain success. */
function failed(core: Core, line: Line): Outcome {
    if (line === Line.Connect) return Outcome.Ok
    if (line === Line.SendFail) return Outcome.SendFail
    core.channel.refused(refusal(core, line))
    return Outcome.Refused
}

/**
 * Gives a line of foreign text to the feature that waits for it; URC handlers get it
 * with a LF in front.
 */
function tellText(core: Core) {
    if (core.features.offer(Line.Text)) return
    core.digest.markLine()
    core.reporter.urc(core.digest)
}

/** Handles a line of foreign text. @returns whether it was one */
function isText(core: Core, line: Line, now: number): boolean {
    const text = core.foreign
    switch (text.take(line, core.channel.ends, now)) {
        case Taken.No:
            return false
        case Taken.Text:
            tellText(core)
            break
        case Taken.Stranger:
            core.reporter.urc(core.digest)
            break
        case Taken.End:
            finish(
                core,
                line === Line.Ok ? Outcome.Ok : failed(core, line),
                now
            )
            text.ended(now)
    }
    if (text.dataDoubted()) bytesLost(core.links)
    return true
}

/** A line about the state of a connection. */
function linkEvent(core: Core, line: Line, link: number, now: number) {
    const links = core.links
    const results = core.results
    const channel = core.channel
    if (line === Line.RemoteIp) {
        if (link >= 0 && results.argc === 4)
            accept(links, link, results.args, now)
        return
    }
    const believed = link >= 0 && event(links, line, link, now)
    if (!believed || link !== channel.link) return
    if (line === Line.Closed) channel.orphan(now)
    // no OK or ERROR follows ALREADY CONNECT
    else if (
        line === Line.AlreadyConnect &&
        channel.running === Command.Cipstart
    )
        finish(core, Outcome.Ok, now)
}

/** A response about connections. @returns whether the line is used up */
function linkStatus(core: Core, line: Line, now: number): boolean {
    const channel = core.channel
    const args = core.results.args
    if (line === Line.SendRoom) {
        if (channel.information !== line) return false
        if (core.config.multi) roomLine(core.links, args[0], args[1])
        else roomLine(core.links, 0, args[0])
        return true
    }
    const asked = (channel.ends & Final.Status) !== 0
    if (line === Line.State) {
        if (!asked) {
            // a modem says its state before CONNECT FAIL
            if (!core.config.multi) stateLine(core.bearer, now)
            return true
        }
        information(core.bearer, line)
        core.features.offer(line)
        // after a restart AT+CIPMUX=1 is lost: no C: follows
        return (
            core.config.multi &&
            (channel.running !== Command.Cipstatus ||
                core.bearer.said.audited !== IpState.IpInitial)
        )
    }
    if (!asked) return true
    const digest = core.digest
    const state = statusWord(digest.line, digest.lineLength)
    statusLine(core.links, args[0], state)
    core.features.offer(line)
    return args[0] !== CONNECTIONS - 1
}

/** A line for the bearer. @returns whether the line is used up */
function bearerLine(core: Core, line: Line, now: number): boolean {
    const channel = core.channel
    const results = core.results
    const asked = channel.information === line
    switch (line) {
        case Line.PdpDeact:
            // the ERROR that follows ends AT+CIICR anyway
            if (channel.running === Command.Ciicr) return true
            channel.orphan(now)
            deactivated(core.bearer, now)
            return true
        case Line.Pin:
            if (!asked && channel.running !== Command.Custom)
                startLine(core.bearer, line, now)
            return false
        case Line.Functionality:
            if (asked && results.argc > 0) return false
            if (results.argc === 0 || results.args[0] !== 1) return true
            break
        case Line.Echo:
            // a response to the application may have such a line
            if (core.features.offer(line)) return true
    }
    startLine(core.bearer, line, now)
    return true
}

/** Foreign text begins. @returns whether the line is used up */
function textBegins(core: Core, line: Line, now: number): boolean {
    const text = core.foreign
    const wire = core.uart.segmentTime
    if (line === Line.Ussd) {
        if (!text.closes(true)) text.begin(Text.Ussd, wire, now)
        return false
    }
    if (line === Line.Message) {
        const channel = core.channel
        if (channel.holdsText) text.begin(Text.Answer, wire, now)
        // otherwise its command timed out, or the text is in digits
        else if (channel.running !== Command.Custom)
            text.begin(Text.Message, wire, now)
        if (core.features.offer(line)) return true
    }
    // a report in text mode is complete
    else if (line === Line.Delivered || core.results.argc === 1)
        text.begin(Text.Message, wire, now)
    core.reporter.urc(core.digest)
    return true
}

/** A line that no command in flight expects. */
function leftOver(core: Core, line: Line, link: number, now: number) {
    const results = core.results
    const final = results.final
    // AT+CIPSTATUS says OK first; its last line comes later
    if (line === Line.Ok && (core.channel.ends & Final.Status) !== 0) return
    if (final !== Final.No && final !== Final.Status) core.channel.stray()
    if (final === Final.Sent)
        sentUnasked(core.links, results.argc === 2 ? results.args[0] : link)
    // late, but still true
    if (line === Line.CloseOk && link >= 0) event(core.links, line, link, now)
    // the end of a call
    else if ((final & CALL_ENDS) !== 0) core.reporter.urc(core.digest)
    else if (
        final === Final.No &&
        !core.features.offer(line) &&
        (results.traits & Trait.Told) !== 0
    )
        core.reporter.urc(core.digest)
}

/**
 * Gives a line to the first that takes it: foreign text; the owner, as an event; the
 * command in flight, as its information response or final result code; the features;
 * the handlers of URCs.
 */
// eslint-disable-next-line complexity -- one line, one way through
export function route(core: Core, line: Line, now: number) {
    const results = core.results
    const channel = core.channel
    if (core.foreign.kind !== Text.None && isText(core, line, now)) return
    if (channel.doubt && isData(core, line, now)) return
    if (line !== Line.Unknown) core.heardAt = now
    /** the number in front of the line; a single connection has none */
    let link = results.link
    if (link < 0 && !core.config.multi) link = 0

    let taken = false
    switch (results.owner) {
        case Owner.Nobody:
            unknownLine(core, now)
            return
        case Owner.Payload:
            // the header was not understood; one that no command asked for is only late
            if (
                !header(core.links, line, now) &&
                (line !== Line.RxGet || reading(core.links))
            )
                headerLost(core, now)
            return
        case Owner.Link:
            linkEvent(core, line, link, now)
            return
        case Owner.Status:
            taken = linkStatus(core, line, now)
            break
        case Owner.Network:
            // the information response begins with <n>, the URC does not
            if (results.argc >= 2) break
            core.reporter.urc(core.digest)
            return
        case Owner.Bearer:
            taken = bearerLine(core, line, now)
            break
        case Owner.Text:
            taken = textBegins(core, line, now)
            break
        case Owner.Mode:
            taken = (channel.ends & Final.Connect) === 0
            if (taken && core.data !== null) core.data.connect(now)
    }
    if (taken) return

    if (channel.information === line && line !== Line.State) {
        information(core.bearer, line)
        return
    }
    const final = results.final
    // DATA ACCEPT has the connection's number after it
    const behind = line === Line.DataAccept && results.argc === 2
    const index = behind ? results.args[0] : results.link
    if ((final & channel.ends) === 0 || !channel.endedBy(final, index))
        leftOver(core, line, link, now)
    else
        finish(
            core,
            (final & FAILURES) === 0 ? Outcome.Ok : failed(core, line),
            now
        )
}

/**
 * Amid bare data, accepts a possible line if it can be expected.
 * @returns whether it was
 */
export function frame(core: Core, now: number): boolean {
    const digest = core.digest
    const results = core.results
    const command = core.channel.running
    const line = results.classify(digest.line, digest.lineLength)
    const traits = results.traits
    let ours = command !== Command.None
    if (line === Line.Unknown)
        // most URCs begin so, +CLIP for example
        ours =
            command === Command.Custom ||
            (digest.line[0] === PLUS && digest.line[1] === UPPER_C)
    else if ((traits & (Trait.AmidData | Trait.Unsolicited)) !== 0) ours = true
    if (!ours) return false
    digest.takeFrame(
        command !== Command.None &&
            (traits & Trait.Unsolicited) === 0 &&
            results.final === Final.No
    )
    route(core, line, now)
    return true
}
