/**
 * AT+CIPSTATUS (manual 8.2.10) after every doubt: compares the modem's connections with
 * the driver's.
 */
import { QUOTE } from "../ascii"
import { wordsAt } from "../bearer/words"
import { Failure } from "../errors"
import { Audited, CONNECTIONS, isAsked, LinkState } from "./connection"
import { connectOk, gone, surprise } from "./events"
import { torn } from "./receive"
import { words } from "../table"
import type { Connections } from "./connections"

/** The states of a connection in a line `C:`. */
// prettier-ignore
const STATES = words(["CONNECTED", "CONNECTING", "INITIAL", "CLOSED", "REMOTE CLOSING", "CLOSING"])

/** Reads the last word of a line `C:`, in quotation marks. */
export function statusWord(line: Buffer, length: number): Audited {
    const end = length - 1
    let at = end
    while (at > 0 && line[at - 1] !== QUOTE) at--
    if (at === 0 || line[end] !== QUOTE) return Audited.Unread
    const i = wordsAt(STATES, line, at, end)
    if (i < 0) return Audited.Unread
    if (i > 1) return Audited.None
    return i === 0 ? Audited.Connected : Audited.Connecting
}

/** AT+CIPSTATUS is given: earlier responses do not count. */
export function beginAudit(links: Connections) {
    links.audits.fillAt(0, CONNECTIONS, Audited.Unread)
}

/** One connection's line of AT+CIPSTATUS. */
export function statusLine(links: Connections, id: number, state: Audited) {
    // a connection that the driver did not open has to be closed
    const there = state === Audited.Connecting || state === Audited.Connected
    if (id < links.size && there) links.make(id)
    // of a number that is not used, it is enough that there is a line
    else if (id >= links.list.length) state = Audited.None
    if (id < CONNECTIONS) links.audits[id] = state
}

/**
 * AT+CIPSTATUS is complete: corrects the connections that differ.
 * @returns false if it could not be read
 */
export function audited(links: Connections, now: number): boolean {
    const list = links.list
    // a line that is missing may have been torn, and its end be another one's
    const count = links.config.multi ? CONNECTIONS : 1
    if (links.audits.indexOf(Audited.Unread, 0, count) >= 0) return false
    for (let id = 0; id < list.length; id++) {
        const link = list[id]
        // its response would have come by now
        if (isAsked(link)) torn(links, id)
        const state = links.audits[id] as Audited
        const up = state === Audited.Connected
        const there = up || state === Audited.Connecting
        switch (link.state) {
            case LinkState.Connecting:
                if (up) {
                    connectOk(links, link, now)
                    // CONNECT OK was lost; the lines after it may be lost too
                    links.doubt(link, now)
                } else if (!there) gone(links, link)
                break
            case LinkState.Connected:
            case LinkState.Closing:
                if (!there) gone(links, link)
                break
            case LinkState.RemoteClosing:
                // CLOSED belonged to an earlier use
                if (up && link.failure === Failure.None)
                    links.enter(link, LinkState.Connected)
                // a datagram was lost on the UART: nothing is left to read
                else if (link.waiting === 0)
                    links.finish(link, Failure.ClosedByPeer)
                break
            case LinkState.Quarantine:
                // a peer has come, or CONNECT OK was lost
                if (up) connectOk(links, link, now)
                break
            case LinkState.Doubtful:
                if (there) surprise(links, link, up, now)
                else links.free(link)
                break
            case LinkState.Initial:
            case LinkState.Closed:
                if (there) surprise(links, link, up, now)
                break
        }
    }
    links.owed = -1
    links.work = true
    return true
}
