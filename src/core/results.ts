/**
 * The result table: every final result code, intermediate line and URC that
 * the driver understands, matched on bytes. A line is classified once, as a
 * whole, before anybody asks whose answer it is: so `+CIPRXGET: 1,0` can not
 * be taken for the answer to a read, nor `CONNECT FAIL` for `CONNECT`.
 */
import { Table } from "./table"

/** What a line is. The names follow the text of the line. */
export enum Line {
    /** not in the table */
    Unknown,
    Ok,
    /** ERROR; the table gives `+CME ERROR` and `+CMS ERROR` as well */
    Error,
    ShutOk,
    // from here to Closed: what happens to one connection
    CloseOk,
    SendOk,
    SendFail,
    DataAccept,
    ConnectOk,
    ConnectFail,
    AlreadyConnect,
    /** somebody has connected to the server; the numbers are his address */
    RemoteIp,
    Closed,
    /** the connection is in data mode (transparent mode) */
    Connect,
    NoCarrier,
    ServerOk,
    ServerClose,
    /** whom the following +IPD is from: address and port */
    ReceivedFrom,
    /** the header of pushed data of a single connection */
    Ipd,
    /** a bare dotted address: the whole answer of AT+CIFSR */
    Address,
    /** the modem repeats what it was sent: echo is on */
    Echo,
    Receive,
    RxGet,
    SendRoom,
    State,
    LinkStatus,
    /** the server in the answer of AT+CIPSTATUS */
    ServerStatus,
    Pin,
    PinTries,
    Signal,
    Registration,
    GprsRegistration,
    Attached,
    CallReadyState,
    Rate,
    // what has become of a call
    Busy,
    NoReply,
    NoDialtone,
    /** a short message, whose text follows, in the answer of AT+CMGR or AT+CMGL */
    Message,
    PdpDeact,
    /** RDY: the modem has just started */
    Started,
    /** AT+CFUN?; 1 by itself: the modem has just started */
    Functionality,
    CallReady,
    SmsReady,
    /** a POWER DOWN of any cause */
    PowerDown,
    /** a warning about supply voltage or temperature */
    Warning,
    /** a short message or cell broadcast; its text follows */
    Delivered,
    /** a status report; a PDU follows unless it is in text mode */
    StatusReport,
    /** a line of text that such a header announces; no row, never classified */
    Text,
    /** the answer to AT+CDNSGIP */
    Resolved,
    /** the answer of the network to AT+CUSD */
    Ussd,
    /** what AT+SSLSETCERT has made of a certificate */
    Imported,
    /** somebody is calling */
    Ring,
    /** +CLIP: who is calling */
    Caller,
    /** a short message has been stored */
    NewMessage,
    /** the network tells time, zone, its name (AT+CLTS=1) and how it is heard */
    NetworkTime,
}

/** How final a line is: bits, so that a command can list the ends it has. */
export enum Final {
    No = 0,
    Ok = 1,
    Error = 2,
    ShutOk = 4,
    CloseOk = 8,
    Address = 16,
    /** SEND OK or DATA ACCEPT */
    Sent = 32,
    SendFail = 64,
    /** the line of the last connection in the answer of AT+CIPSTATUS */
    Status = 128,
    /** CONNECT, or NO CARRIER in its place (before manual V1.01) */
    Connect = 256,
    /** BUSY, NO ANSWER, NO DIALTONE: the result of ATD */
    Call = 512,
}

const enum Match {
    /** the line is this text */
    Whole,
    /** the line begins with this text; parameters follow */
    Prefix,
}

/*
 * What comes often stands first among the rows with the same first character.
 * A prefix ends before its blank: some firmware leaves it out.
 */
// prettier-ignore
const TABLE = new Table([
    "+CIPRXGET:",           Line.RxGet,             Match.Prefix,
    "+RECEIVE,",            Line.Receive,           Match.Prefix,
    "OK",                   Line.Ok,                Match.Whole,
    "ERROR",                Line.Error,             Match.Whole,
    "DATA ACCEPT:",         Line.DataAccept,        Match.Prefix,
    "SEND OK",              Line.SendOk,            Match.Whole,
    "SEND FAIL",            Line.SendFail,          Match.Whole,
    "CLOSED",               Line.Closed,            Match.Whole,
    "CLOSE OK",             Line.CloseOk,           Match.Whole,
    "CONNECT OK",           Line.ConnectOk,         Match.Whole,
    "CONNECT FAIL",         Line.ConnectFail,       Match.Whole,
    "ALREADY CONNECT",      Line.AlreadyConnect,    Match.Whole,
    "CONNECT",              Line.Connect,           Match.Whole,
    "SHUT OK",              Line.ShutOk,            Match.Whole,
    "+IPD,",                Line.Ipd,               Match.Prefix,
    "RECV FROM:",           Line.ReceivedFrom,      Match.Prefix,
    "+RECV FROM:",          Line.ReceivedFrom,      Match.Prefix,
    "REMOTE IP:",           Line.RemoteIp,          Match.Prefix,
    "SERVER OK",            Line.ServerOk,          Match.Whole,
    "SERVER CLOSE",         Line.ServerClose,       Match.Whole,
    "RING",                 Line.Ring,              Match.Whole,
    "+CLIP:",               Line.Caller,            Match.Prefix,
    "NO CARRIER",           Line.NoCarrier,         Match.Whole,
    "NO ANSWER",            Line.NoReply,           Match.Whole,
    "NO DIALTONE",          Line.NoDialtone,        Match.Whole,
    "BUSY",                 Line.Busy,              Match.Whole,
    "+CMTI:",               Line.NewMessage,        Match.Prefix,
    "+CMT:",                Line.Delivered,         Match.Prefix,
    "+CBM:",                Line.Delivered,         Match.Prefix,
    "+CDS:",                Line.StatusReport,      Match.Prefix,
    "+CMGR:",               Line.Message,           Match.Prefix,
    "+CMGL:",               Line.Message,           Match.Prefix,
    "+CDNSGIP:",            Line.Resolved,          Match.Prefix,
    "+CUSD:",               Line.Ussd,              Match.Prefix,
    "+SSLSETCERT:",         Line.Imported,          Match.Prefix,
    "+CIPSEND:",            Line.SendRoom,          Match.Prefix,
    "+CME ERROR:",          Line.Error,             Match.Prefix,
    "+CMS ERROR:",          Line.Error,             Match.Prefix,
    "+PDP: DEACT",          Line.PdpDeact,          Match.Whole,
    "+PDP DEACT",           Line.PdpDeact,          Match.Whole,
    "+CREG:",               Line.Registration,      Match.Prefix,
    "+CGREG:",              Line.GprsRegistration,  Match.Prefix,
    "+CGATT:",              Line.Attached,          Match.Prefix,
    "+CSQ:",                Line.Signal,            Match.Prefix,
    "+CPIN:",               Line.Pin,               Match.Prefix,
    "+SPIC:",               Line.PinTries,          Match.Prefix,
    "+CCALR:",              Line.CallReadyState,    Match.Prefix,
    "+IPR:",                Line.Rate,              Match.Prefix,
    "STATE:",               Line.State,             Match.Prefix,
    "C:",                   Line.LinkStatus,        Match.Prefix,
    "S:",                   Line.ServerStatus,      Match.Prefix,
    "RDY",                  Line.Started,           Match.Whole,
    "+CFUN:",               Line.Functionality,     Match.Prefix,
    "Call Ready",           Line.CallReady,         Match.Whole,
    "SMS Ready",            Line.SmsReady,          Match.Whole,
    "AT",                   Line.Echo,              Match.Prefix,
    "NORMAL POWER DOWN",    Line.PowerDown,         Match.Whole,
    "NORMAL POWER OFF",     Line.PowerDown,         Match.Whole,
    "UNDER-VOLTAGE POWER DOWN", Line.PowerDown,     Match.Whole,
    "OVER-VOLTAGE POWER DOWN",  Line.PowerDown,     Match.Whole,
    "UNDER-VOLTAGE WARN",   Line.Warning,           Match.Prefix,
    "OVER-VOLTAGE WARN",    Line.Warning,           Match.Prefix,
    "+CMTE:",               Line.Warning,           Match.Prefix,
    "+CIEV:",               Line.NetworkTime,       Match.Prefix,
    "+CSQN:",               Line.NetworkTime,       Match.Prefix,
    "*PSUTTZ:",             Line.NetworkTime,       Match.Prefix,
    "*PSNWID:",             Line.NetworkTime,       Match.Prefix,
    "+CTZV:",               Line.NetworkTime,       Match.Prefix,
    "DST:",                 Line.NetworkTime,       Match.Prefix,
], 3)
/** where the second number of a row is, and how many bytes it takes */
const MATCH = 2
const ROW = 4

/** Most numbers that are read off a line. */
export const MAX_ARGS = 7

const BLANK = 32
const QUOTE = 34
const COMMA = 44
const DOT = 46
const ZERO = 48
const NINE = 57

/**
 * Classifies lines; made once, holds the result of the last `classify()`.
 * @devsWhenUsed
 */
export class Results {
    /** connection number of an `n, WORDS` line, else -1 */
    link = -1
    /** where the parameters begin, blanks skipped */
    argAt = 0
    /** how many numbers stand in front of the first quotation mark or the end */
    argc = 0
    /** the numbers */
    readonly args: number[]

    /** first four bytes of each row's text, 0 for a shorter text */
    private readonly keys: Buffer
    /** first row (+ 1) by first character */
    private readonly first: Buffer
    /** next row (+ 1) with the same first character */
    private readonly next: Buffer

    constructor() {
        this.args = []
        for (let i = 0; i < MAX_ARGS; i++) this.args.push(0)
        const texts = TABLE.texts
        const rows = texts.length
        this.keys = Buffer.alloc(4 * rows)
        this.first = Buffer.alloc(128)
        this.next = Buffer.alloc(rows)
        for (let row = 0; row < rows; row++)
            if (texts[row].length >= 4)
                this.keys.blitAt(4 * row, texts[row], 0, 4)
        for (let row = rows - 1; row >= 0; row--) {
            const c = texts[row].charCodeAt(0)
            this.next[row] = this.first[c]
            this.first[c] = row + 1
        }
    }

    /**
     * Classifies the first `len` bytes of `line`, which four bytes of zero
     * follow, and reads the numbers of its parameters.
     */
    classify(line: Buffer, len: number): Line {
        let at = 0
        let c = line[0]
        this.link = -1
        this.argc = 0
        if (c >= ZERO && c <= NINE) {
            if (line[1] !== COMMA) return this.dotted(line, len)
            this.link = c - ZERO
            at = line[2] === BLANK ? 3 : 2
            c = line[at]
        }
        const keys = this.keys
        const numbers = TABLE.numbers
        const key = line.getAt(at, "u32")
        let row = c < 128 ? this.first[c] : 0
        for (; row !== 0; row = this.next[row - 1]) {
            const k = keys.getAt(4 * (row - 1), "u32")
            if (k !== key && k !== 0) continue
            const text = TABLE.texts[row - 1]
            const n = text.length
            const entry = (row - 1) * ROW
            const whole = numbers[entry + MATCH] === Match.Whole
            if (whole && at + n !== len) continue
            // a line that is too short ends in zeros
            let i = k === 0 ? 1 : 4
            while (i < n && text.charCodeAt(i) === line[at + i]) i++
            if (i < n) continue
            const id = numbers[entry] as Line
            // only what happens to a connection has its number in front
            if (this.link >= 0 && (id < Line.CloseOk || id > Line.Closed)) break
            if (whole) return id

            at += n
            while (line[at] === BLANK) at++
            this.argAt = at
            let argc = 0
            let value = -1
            for (; at < len && argc < MAX_ARGS; at++) {
                const d = line[at]
                if (d >= ZERO && d <= NINE)
                    value = value < 0 ? d - ZERO : value * 10 + d - ZERO
                else if (value >= 0) {
                    this.args[argc++] = value
                    value = -1
                }
                if (d === QUOTE) break
            }
            if (value >= 0) this.args[argc++] = value
            this.argc = argc
            return id
        }
        return Line.Unknown
    }

    /** Tells an address in dotted notation from any other line of digits. */
    private dotted(line: Buffer, len: number): Line {
        let dots = 0
        for (let i = 0; i < len; i++) {
            const c = line[i]
            if (c === DOT) dots++
            else if (c < ZERO || c > NINE) return Line.Unknown
        }
        return dots === 3 && len <= 15 ? Line.Address : Line.Unknown
    }
}

/** Which end of a command a line can be. */
export function finalOf(line: Line): Final {
    switch (line) {
        case Line.Ok:
            return Final.Ok
        case Line.Error:
            return Final.Error
        case Line.ShutOk:
            return Final.ShutOk
        case Line.CloseOk:
            return Final.CloseOk
        case Line.SendOk:
        case Line.DataAccept:
            return Final.Sent
        case Line.SendFail:
            return Final.SendFail
        case Line.Address:
            return Final.Address
        case Line.LinkStatus:
        case Line.State:
            return Final.Status
        case Line.Connect:
        case Line.NoCarrier:
            return Final.Connect
        case Line.Busy:
        case Line.NoReply:
        case Line.NoDialtone:
            return Final.Call
    }
    return Final.No
}
