/**
 * `route()` gives each line to whom it belongs, in the order in which that is decided.
 * The table of results.ts has the owner of each line.
 */
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

/** The ends that say how a call has ended. */
const CALL_ENDS = Final.Call | Final.Connect
/** Ends that are, or may be, failures. */
const FAILURES = Final.Error | Final.SendFail | CALL_ENDS

/**
 * Why a command was not obeyed: the number of +CME ERROR or +CMS ERROR, or what became
 * of a call.
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

/** What a line that is no success makes of the command that it ends. */
function failed(core: Core, line: Line): Outcome {
    if (line === Line.Connect) return Outcome.Ok
    if (line === Line.SendFail) return Outcome.SendFail
    core.channel.refused(refusal(core, line))
    return Outcome.Refused
}

/** Gives a line of text to whoever has asked for it; others see a LF in front of it. */
function tellText(core: Core) {
    if (core.features.offer(Line.Text)) return
    core.digest.markLine()
    core.reporter.urc(core.digest)
}

/** Whether a line is text of somebody else; if so, it is dealt with here. */
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

/** A line that says what has become of a connection. */
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
    // neither OK nor ERROR comes with ALREADY CONNECT
    else if (
        line === Line.AlreadyConnect &&
        channel.running === Command.Cipstart
    )
        finish(core, Outcome.Ok, now)
}

/** An answer about connections. @returns whether that is all that the line means */
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
            // what is said in front of CONNECT FAIL
            if (!core.config.multi) stateLine(core.bearer, now)
            return true
        }
        information(core.bearer, line)
        core.features.offer(line)
        // one that has restarted has forgotten AT+CIPMUX=1: no C: follows
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

/** A line that the bearer has to know. @returns whether that is all that the line means */
function bearerLine(core: Core, line: Line, now: number): boolean {
    const channel = core.channel
    const results = core.results
    const asked = channel.information === line
    switch (line) {
        case Line.PdpDeact:
            // AT+CIICR says so itself with the ERROR that follows
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
            // an answer of the application's may have such a line
            if (core.features.offer(line)) return true
    }
    startLine(core.bearer, line, now)
    return true
}

/** Text of somebody else begins. @returns whether that is all that the line means */
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
        // its command was given up, or the text is in digits
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

/** A line that nobody has waited for. */
function leftOver(core: Core, line: Line, link: number, now: number) {
    const results = core.results
    const final = results.final
    // AT+CIPSTATUS says OK first; its last line comes later
    if (line === Line.Ok && (core.channel.ends & Final.Status) !== 0) return
    if (final !== Final.No && final !== Final.Status) core.channel.stray()
    if (final === Final.Sent)
        sentUnasked(core.links, results.argc === 2 ? results.args[0] : link)
    // late, but good to know
    if (line === Line.CloseOk && link >= 0) event(core.links, line, link, now)
    // what has become of a call
    else if ((final & CALL_ENDS) !== 0) core.reporter.urc(core.digest)
    else if (
        final === Final.No &&
        !core.features.offer(line) &&
        (results.traits & Trait.Told) !== 0
    )
        core.reporter.urc(core.digest)
}

/**
 * Gives a line to whom it belongs: text of somebody else first; then to its owner, who
 * may take it as an event; then to the command in flight, as its information or its
 * end; what is left goes to the features, and to those who listen for URCs.
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
            // a header was not understood; an answer that nobody waits for is only late
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
            // the answer has <n> in front, the URC has not
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
    // DATA ACCEPT has its number behind it
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
 * What may be a line amid bare data is one if it can be expected.
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
        // most URCs look so, +CLIP for example
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
