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
    /**
     * what is said by itself and is nothing to the driver: time and name of the
     * network, how it is heard, warnings, alarms, what becomes of a call
     */
    Notice,
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

/** What lines have in common, beside whose they are: bits. */
export enum Trait {
    /** the number of a connection may stand in front */
    Numbered = 1,
    /** it comes by itself, never as the answer to a command */
    Unsolicited = 2,
    /** amid bare data it is a line whatever is going on */
    AmidData = 4,
    /** it says nothing of connections, and can come amid an answer with text */
    Foreign = 8,
    /** … nor is it ever one line of the answer to a command of the application */
    NoAnswer = 16,
    /** URC handlers are told, unless a feature takes it */
    Told = 32,
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
    // text                      what it is               how           which end       traits
    "+CIPRXGET:",                Line.RxGet,              Match.Prefix, Final.No,       0,
    "+RECEIVE,",                 Line.Receive,            Match.Prefix, Final.No,       0,
    "OK",                        Line.Ok,                 Match.Whole,  Final.Ok,       0,
    "ERROR",                     Line.Error,              Match.Whole,  Final.Error,    0,
    "DATA ACCEPT:",              Line.DataAccept,         Match.Prefix, Final.Sent,     Trait.Numbered,
    "SEND OK",                   Line.SendOk,             Match.Whole,  Final.Sent,     Trait.Numbered,
    "SEND FAIL",                 Line.SendFail,           Match.Whole,  Final.SendFail, Trait.Numbered,
    "CLOSED",                    Line.Closed,             Match.Whole,  Final.No,       Trait.Numbered | Trait.AmidData,
    "CLOSE OK",                  Line.CloseOk,            Match.Whole,  Final.CloseOk,  Trait.Numbered,
    "CONNECT OK",                Line.ConnectOk,          Match.Whole,  Final.No,       Trait.Numbered | Trait.AmidData,
    "CONNECT FAIL",              Line.ConnectFail,        Match.Whole,  Final.No,       Trait.Numbered | Trait.AmidData,
    "ALREADY CONNECT",           Line.AlreadyConnect,     Match.Whole,  Final.No,       Trait.Numbered | Trait.AmidData,
    "CONNECT",                   Line.Connect,            Match.Whole,  Final.Connect,  Trait.AmidData,
    "SHUT OK",                   Line.ShutOk,             Match.Whole,  Final.ShutOk,   0,
    "+IPD,",                     Line.Ipd,                Match.Prefix, Final.No,       0,
    "RECV FROM:",                Line.ReceivedFrom,       Match.Prefix, Final.No,       Trait.AmidData,
    "+RECV FROM:",               Line.ReceivedFrom,       Match.Prefix, Final.No,       Trait.AmidData,
    "REMOTE IP:",                Line.RemoteIp,           Match.Prefix, Final.No,       Trait.Numbered | Trait.AmidData,
    "SERVER OK",                 Line.ServerOk,           Match.Whole,  Final.No,       Trait.AmidData,
    "SERVER CLOSE",              Line.ServerClose,        Match.Whole,  Final.No,       Trait.AmidData,
    "RING",                      Line.Ring,               Match.Whole,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CLIP:",                    Line.Caller,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.Told,
    "NO CARRIER",                Line.NoCarrier,          Match.Whole,  Final.Connect,  Trait.AmidData,
    "NO ANSWER",                 Line.NoReply,            Match.Whole,  Final.Call,     0,
    "NO DIALTONE",               Line.NoDialtone,         Match.Whole,  Final.Call,     0,
    "BUSY",                      Line.Busy,               Match.Whole,  Final.Call,     0,
    "+CMTI:",                    Line.NewMessage,         Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CMT:",                     Line.Delivered,          Match.Prefix, Final.No,       Trait.Unsolicited,
    "+CBM:",                     Line.Delivered,          Match.Prefix, Final.No,       Trait.Unsolicited,
    "+CDS:",                     Line.StatusReport,       Match.Prefix, Final.No,       Trait.Unsolicited,
    "+CMGR:",                    Line.Message,            Match.Prefix, Final.No,       0,
    "+CMGL:",                    Line.Message,            Match.Prefix, Final.No,       0,
    "+CDNSGIP:",                 Line.Resolved,           Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.Told,
    "+CUSD:",                    Line.Ussd,               Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Told,
    "+SSLSETCERT:",              Line.Imported,           Match.Prefix, Final.No,       0,
    "+CIPSEND:",                 Line.SendRoom,           Match.Prefix, Final.No,       0,
    "+CME ERROR:",               Line.Error,              Match.Prefix, Final.Error,    0,
    "+CMS ERROR:",               Line.Error,              Match.Prefix, Final.Error,    0,
    "+PDP: DEACT",               Line.PdpDeact,           Match.Whole,  Final.No,       Trait.Unsolicited,
    "+PDP DEACT",                Line.PdpDeact,           Match.Whole,  Final.No,       Trait.Unsolicited,
    "+CREG:",                    Line.Registration,       Match.Prefix, Final.No,       Trait.AmidData | Trait.Foreign,
    "+CGREG:",                   Line.GprsRegistration,   Match.Prefix, Final.No,       Trait.AmidData | Trait.Foreign,
    "+CGATT:",                   Line.Attached,           Match.Prefix, Final.No,       0,
    "+CSQ:",                     Line.Signal,             Match.Prefix, Final.No,       0,
    "+CPIN:",                    Line.Pin,                Match.Prefix, Final.No,       0,
    "+SPIC:",                    Line.PinTries,           Match.Prefix, Final.No,       0,
    "+CCALR:",                   Line.CallReadyState,     Match.Prefix, Final.No,       0,
    "+IPR:",                     Line.Rate,               Match.Prefix, Final.No,       0,
    "STATE:",                    Line.State,              Match.Prefix, Final.Status,   0,
    "C:",                        Line.LinkStatus,         Match.Prefix, Final.Status,   0,
    "S:",                        Line.ServerStatus,       Match.Prefix, Final.No,       0,
    "RDY",                       Line.Started,            Match.Whole,  Final.No,       Trait.Unsolicited,
    "+CFUN:",                    Line.Functionality,      Match.Prefix, Final.No,       Trait.Unsolicited,
    "Call Ready",                Line.CallReady,          Match.Whole,  Final.No,       Trait.Unsolicited,
    "SMS Ready",                 Line.SmsReady,           Match.Whole,  Final.No,       Trait.Unsolicited,
    "AT",                        Line.Echo,               Match.Prefix, Final.No,       0,
    "NORMAL POWER DOWN",         Line.PowerDown,          Match.Whole,  Final.No,       Trait.Unsolicited,
    "NORMAL POWER OFF",          Line.PowerDown,          Match.Whole,  Final.No,       Trait.Unsolicited,
    "UNDER-VOLTAGE POWER DOWN",  Line.PowerDown,          Match.Whole,  Final.No,       Trait.Unsolicited,
    "OVER-VOLTAGE POWER DOWN",   Line.PowerDown,          Match.Whole,  Final.No,       Trait.Unsolicited,
    "UNDER-VOLTAGE WARN",        Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.Told,
    "OVER-VOLTAGE WARN",         Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.Told,
    "+CMTE:",                    Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.Told,
    "+CIEV:",                    Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CSQN:",                    Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "*PSUTTZ:",                  Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "*PSNWID:",                  Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CTZV:",                    Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "DST:",                      Line.Notice,             Match.Prefix, Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "ALARM RING",                Line.Notice,             Match.Whole,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "MO RING",                   Line.Notice,             Match.Whole,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "MO CONNECTED",              Line.Notice,             Match.Whole,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "CHARGE-ONLY MODE",          Line.Notice,             Match.Whole,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
], 5)
/** where the numbers of a row are, and how many bytes they take together */
const MATCH = 2
const FINAL = 4
const TRAITS = 6
const ROW = 8

/** Most numbers that are read off a line. */
export const MAX_ARGS = 7

const BLANK = 32
const QUOTE = 34
const COMMA = 44
const DOT = 46
const COLON = 58
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
    /** which end of a command it can be */
    final = Final.No
    /** its traits, bits */
    traits = 0
    /** how many numbers stand in front of the first quotation mark or the end */
    argc = 0
    /** the numbers */
    readonly args: number[]
    /** there is nothing but numbers and what stands between them */
    exact = false

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
        this.final = Final.No
        this.traits = 0
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
            const traits = numbers[entry + TRAITS]
            // only what happens to a connection has its number in front
            if (this.link >= 0 && (traits & Trait.Numbered) === 0) break
            this.final = numbers.getAt(entry + FINAL, "u16")
            this.traits = traits
            if (whole) return id

            at += n
            while (line[at] === BLANK) at++
            this.argAt = at
            let argc = 0
            let exact = true
            let value = 0
            /** where the number that is being read would begin */
            let begin = at
            while (at < len) {
                const d = line[at++]
                if (d <= NINE && d >= ZERO) value = value * 10 + d - ZERO
                else {
                    if (d > COLON || (d < COMMA && d !== BLANK)) exact = false
                    if (begin < at - 1) {
                        this.args[argc++] = value
                        value = 0
                        if (argc === MAX_ARGS) break
                    }
                    begin = at
                    if (d === QUOTE) break
                }
            }
            if (begin < at && argc < MAX_ARGS) this.args[argc++] = value
            this.argc = argc
            this.exact = exact && at === len
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
        if (dots !== 3 || len > 15) return Line.Unknown
        this.final = Final.Address
        return Line.Address
    }
}
