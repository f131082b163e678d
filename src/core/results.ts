/**
 * The result table: every final result code, intermediate line and URC that the driver
 * understands, matched on bytes. A line is classified once, as a whole, before it is
 * given to an owner: so `+CIPRXGET: 1,0` is never taken for the response to a read, nor
 * `CONNECT FAIL` for `CONNECT`.
 */
import { COLON, COMMA, DOT, NINE, QUOTE, SPACE, ZERO } from "./ascii"
import { FOUND_LENGTH, FOUND_ROW, lookup, rowAt } from "./lookup"
import { numbersOf, table } from "./table"

/** Kind of a line. The names follow the text of the line. */
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
    /** a peer has connected to the server; the numbers are its address */
    RemoteIp,
    Closed,
    /** the connection is in data mode (transparent mode) */
    Connect,
    NoCarrier,
    ServerOk,
    ServerClose,
    /** sender of the following +IPD: address and port */
    ReceivedFrom,
    /** the header of pushed data of a single connection */
    Ipd,
    /** a bare dotted address: the whole response to AT+CIFSR */
    Address,
    /** the modem repeats the command: echo is on */
    Echo,
    Receive,
    RxGet,
    SendRoom,
    State,
    LinkStatus,
    /** the server in the response to AT+CIPSTATUS */
    ServerStatus,
    Pin,
    PinTries,
    Signal,
    Registration,
    GprsRegistration,
    Attached,
    CallReadyState,
    Rate,
    // ends of a call
    Busy,
    NoReply,
    NoDialtone,
    /**
     * header of a short message in the response to AT+CMGR or AT+CMGL; its text follows
     */
    Message,
    PdpDeact,
    /** RDY: the modem has just started */
    Started,
    /** AT+CFUN?; an unsolicited 1: the modem has just started */
    Functionality,
    CallReady,
    SmsReady,
    /** a POWER DOWN of any cause */
    PowerDown,
    /** a short message or cell broadcast; its text follows */
    Delivered,
    /** a status report; a PDU follows unless it is in text mode */
    StatusReport,
    /** a line of text after such a header; has no row, is never classified */
    Text,
    /** the response to AT+CDNSGIP */
    Resolved,
    /** the network's response to AT+CUSD */
    Ussd,
    /** result of AT+SSLSETCERT */
    Imported,
    /** somebody is calling */
    Ring,
    /** +CLIP: who is calling */
    Caller,
    /** a short message has been stored */
    NewMessage,
    /**
     * URCs that the driver does not use: time and name of the network, its signal,
     * warnings, alarms, progress of a call
     */
    Notice,
}

/** Final result codes: bits, so that a command can list its own. */
export enum Final {
    No = 0,
    Ok = 1,
    /** CONNECT, or NO CARRIER instead (before manual V1.01) */
    Connect = 2,
    ShutOk = 4,
    CloseOk = 8,
    /** what alone ends a command: the address of AT+CIFSR, SERVER OK behind OK */
    Sole = 16,
    /** SEND OK or DATA ACCEPT */
    Sent = 32,
    SendFail = 64,
    /** the line of the last connection in the response to AT+CIPSTATUS */
    Status = 128,
    /** ends every command, so the table of commands, of bytes, need not hold it */
    Error = 256,
    /** BUSY, NO ANSWER, NO DIALTONE: the result of ATD */
    Call = 512,
}

/** Traits of lines, beside their owner: bits. */
export enum Trait {
    /** the number of a connection may precede it */
    Numbered = 1,
    /** it is unsolicited, never the response to a command */
    Unsolicited = 2,
    /** amid bare data it is always a line */
    AmidData = 4,
    /** it does not concern connections, and can come amid a response with text */
    Foreign = 8,
    /**
     * … and it is no part of the response to a command of the application that does not
     * wait for it
     */
    NoAnswer = 16,
    /** URC handlers get it, unless a feature takes it */
    Told = 32,
    /** the line begins with the text of its row; parameters follow */
    Prefix = 64,
}

/** The owner of a line, whatever command is in flight. */
export enum Owner {
    /** nobody: the line is not in the table */
    Nobody,
    /** the command in flight: information response or final result code */
    Command,
    /** the receiver: data follow, or wait in the modem */
    Payload,
    /** a connection: its state has changed */
    Link,
    /** transparent mode */
    Mode,
    /** the driver's queries about connections */
    Status,
    /** the bearer: modem, SIM card, network, context */
    Bearer,
    /** the bearer if it asked, otherwise URC handlers */
    Network,
    /** a feature, then URC handlers */
    Feature,
    /** foreign text, which follows */
    Text,
}

/*
 * Frequent lines come first among the rows with the same first character. A prefix ends
 * before its blank: some firmware leaves it out.
 */
// prettier-ignore
const TABLE = table([
    // text                      what it is              whose           which end       traits
    "+CIPRXGET:",                Line.RxGet,             Owner.Payload,  Final.No,       Trait.Prefix,
    "+RECEIVE,",                 Line.Receive,           Owner.Payload,  Final.No,       Trait.Prefix,
    "OK",                        Line.Ok,                Owner.Command,  Final.Ok,       0,
    "ERROR",                     Line.Error,             Owner.Command,  Final.Error,    0,
    "DATA ACCEPT:",              Line.DataAccept,        Owner.Command,  Final.Sent,     Trait.Prefix | Trait.Numbered,
    "SEND OK",                   Line.SendOk,            Owner.Command,  Final.Sent,     Trait.Numbered,
    "SEND FAIL",                 Line.SendFail,          Owner.Command,  Final.SendFail, Trait.Numbered,
    "CLOSED",                    Line.Closed,            Owner.Link,     Final.No,       Trait.Numbered | Trait.AmidData,
    "CLOSE OK",                  Line.CloseOk,           Owner.Command,  Final.CloseOk,  Trait.Numbered,
    "CONNECT OK",                Line.ConnectOk,         Owner.Link,     Final.No,       Trait.Numbered | Trait.AmidData,
    "CONNECT FAIL",              Line.ConnectFail,       Owner.Link,     Final.No,       Trait.Numbered | Trait.AmidData,
    "ALREADY CONNECT",           Line.AlreadyConnect,    Owner.Link,     Final.No,       Trait.Numbered | Trait.AmidData,
    "CONNECT",                   Line.Connect,           Owner.Mode,     Final.Connect,  Trait.AmidData,
    "SHUT OK",                   Line.ShutOk,            Owner.Command,  Final.ShutOk,   0,
    "+IPD,",                     Line.Ipd,               Owner.Payload,  Final.No,       Trait.Prefix,
    "RECV FROM:",                Line.ReceivedFrom,      Owner.Payload,  Final.No,       Trait.Prefix | Trait.AmidData,
    "+RECV FROM:",               Line.ReceivedFrom,      Owner.Payload,  Final.No,       Trait.Prefix | Trait.AmidData,
    "REMOTE IP:",                Line.RemoteIp,          Owner.Link,     Final.No,       Trait.Prefix | Trait.Numbered | Trait.AmidData,
    "SERVER OK",                 Line.ServerOk,          Owner.Command,  Final.Sole,     Trait.AmidData,
    "SERVER CLOSE",              Line.ServerClose,       Owner.Feature,  Final.No,       Trait.AmidData,
    "RING",                      Line.Ring,              Owner.Feature,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CLIP:",                    Line.Caller,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.Told,
    "NO CARRIER",                Line.NoCarrier,         Owner.Command,  Final.Connect,  Trait.AmidData,
    "NO ANSWER",                 Line.NoReply,           Owner.Command,  Final.Call,     0,
    "NO DIALTONE",               Line.NoDialtone,        Owner.Command,  Final.Call,     0,
    "BUSY",                      Line.Busy,              Owner.Command,  Final.Call,     0,
    "+CMTI:",                    Line.NewMessage,        Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CMT:",                     Line.Delivered,         Owner.Text,     Final.No,       Trait.Prefix | Trait.Unsolicited,
    "+CBM:",                     Line.Delivered,         Owner.Text,     Final.No,       Trait.Prefix | Trait.Unsolicited,
    "+CDS:",                     Line.StatusReport,      Owner.Text,     Final.No,       Trait.Prefix | Trait.Unsolicited,
    "+CMGR:",                    Line.Message,           Owner.Text,     Final.No,       Trait.Prefix,
    "+CMGL:",                    Line.Message,           Owner.Text,     Final.No,       Trait.Prefix,
    "+CDNSGIP:",                 Line.Resolved,          Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CUSD:",                    Line.Ussd,              Owner.Text,     Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.NoAnswer | Trait.Told,
    "+SSLSETCERT:",              Line.Imported,          Owner.Feature,  Final.No,       Trait.Prefix,
    "+CIPSEND:",                 Line.SendRoom,          Owner.Status,   Final.No,       Trait.Prefix,
    "+CME ERROR:",               Line.Error,             Owner.Command,  Final.Error,    Trait.Prefix,
    "+CMS ERROR:",               Line.Error,             Owner.Command,  Final.Error,    Trait.Prefix,
    "+PDP: DEACT",               Line.PdpDeact,          Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "+PDP DEACT",                Line.PdpDeact,          Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "+CREG:",                    Line.Registration,      Owner.Network,  Final.No,       Trait.Prefix | Trait.AmidData | Trait.Foreign,
    "+CGREG:",                   Line.GprsRegistration,  Owner.Network,  Final.No,       Trait.Prefix | Trait.AmidData | Trait.Foreign,
    "+CGATT:",                   Line.Attached,          Owner.Command,  Final.No,       Trait.Prefix,
    "+CSQ:",                     Line.Signal,            Owner.Command,  Final.No,       Trait.Prefix,
    "+CPIN:",                    Line.Pin,               Owner.Bearer,   Final.No,       Trait.Prefix,
    "+SPIC:",                    Line.PinTries,          Owner.Command,  Final.No,       Trait.Prefix,
    "+CCALR:",                   Line.CallReadyState,    Owner.Command,  Final.No,       Trait.Prefix,
    "+IPR:",                     Line.Rate,              Owner.Command,  Final.No,       Trait.Prefix,
    "STATE:",                    Line.State,             Owner.Status,   Final.Status,   Trait.Prefix,
    "C:",                        Line.LinkStatus,        Owner.Status,   Final.Status,   Trait.Prefix,
    "S:",                        Line.ServerStatus,      Owner.Feature,  Final.No,       Trait.Prefix,
    "RDY",                       Line.Started,           Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "+CFUN:",                    Line.Functionality,     Owner.Bearer,   Final.No,       Trait.Prefix | Trait.Unsolicited,
    "Call Ready",                Line.CallReady,         Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "SMS Ready",                 Line.SmsReady,          Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "AT",                        Line.Echo,              Owner.Bearer,   Final.No,       Trait.Prefix,
    "NORMAL POWER DOWN",         Line.PowerDown,         Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "NORMAL POWER OFF",          Line.PowerDown,         Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "UNDER-VOLTAGE POWER DOWN",  Line.PowerDown,         Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "OVER-VOLTAGE POWER DOWN",   Line.PowerDown,         Owner.Bearer,   Final.No,       Trait.Unsolicited,
    "UNDER-VOLTAGE WARN",        Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "OVER-VOLTAGE WARN",         Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CMTE:",                    Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.Told,
    "+CIEV:",                    Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CSQN:",                    Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "*PSUTTZ:",                  Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "*PSNWID:",                  Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "+CTZV:",                    Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "DST:",                      Line.Notice,            Owner.Feature,  Final.No,       Trait.Prefix | Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "ALARM RING",                Line.Notice,            Owner.Feature,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "MO RING",                   Line.Notice,            Owner.Feature,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "MO CONNECTED",              Line.Notice,            Owner.Feature,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
    "CHARGE-ONLY MODE",          Line.Notice,            Owner.Feature,  Final.No,       Trait.Unsolicited | Trait.Foreign | Trait.NoAnswer | Trait.Told,
], 5, 2)
const NUMBERS = numbersOf(TABLE)
const INDEX = lookup(TABLE)
/** byte offsets of the numbers of a row, and bytes of a row */
const OWNER = 2
const FINAL = 4
const TRAITS = 6
const ROW = 8

/** Most numbers that are read off a line. */
export const MAX_ARGS = 7

/**
 * Classifies lines; made once, holds the result of the last `classify()`.
 * @devsWhenUsed
 */
export class Results {
    /** connection number of an `n, WORDS` line, else -1 */
    link = -1
    /** where the parameters begin, blanks skipped */
    argAt = 0
    /** its owner */
    owner = Owner.Nobody
    /** the final result code that it can be */
    final = Final.No
    /** its traits, bits */
    traits = 0
    /** count of numbers before the first quotation mark or the end */
    argc = 0
    /** the numbers */
    readonly args: number[]
    /** the parameters are nothing but numbers and separators */
    exact = false

    constructor() {
        this.args = []
        for (let i = 0; i < MAX_ARGS; i++) this.args.push(0)
    }

    /**
     * Classifies the first `len` bytes of `line`, which four bytes of zero
     * follow, and reads the numbers of its parameters.
     */
    // eslint-disable-next-line complexity -- it runs for each line: a call takes as long as 2.5 bytes
    classify(line: Buffer, len: number): Line {
        let at = 0
        const c = line[0]
        this.link = -1
        this.argc = 0
        this.owner = Owner.Nobody
        this.final = Final.No
        this.traits = 0
        if (c >= ZERO && c <= NINE) {
            if (line[1] !== COMMA) return this.dotted(line, len)
            this.link = c - ZERO
            at = line[2] === SPACE ? 3 : 2
        }
        const found = rowAt(INDEX, TABLE, line, at)
        if (found === 0) return Line.Unknown
        const entry = ((found & FOUND_ROW) - 1) * ROW
        const traits = NUMBERS[entry + TRAITS]
        const whole = (traits & Trait.Prefix) === 0
        at += found >> FOUND_LENGTH
        if (whole && at !== len) return Line.Unknown
        // only events of a connection begin with its number
        if (this.link >= 0 && (traits & Trait.Numbered) === 0)
            return Line.Unknown
        const id = NUMBERS[entry] as Line
        this.owner = NUMBERS[entry + OWNER] as Owner
        this.final = NUMBERS.getAt(entry + FINAL, "u16")
        this.traits = traits
        if (whole) return id

        while (line[at] === SPACE) at++
        this.argAt = at
        let argc = 0
        let exact = true
        let value = 0
        /** where the next number would begin */
        let begin = at
        while (at < len) {
            const d = line[at++]
            if (d <= NINE && d >= ZERO) value = value * 10 + d - ZERO
            else {
                if (d > COLON || (d < COMMA && d !== SPACE)) exact = false
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

    /** Tells an address in dotted notation from any other line of digits. */
    private dotted(line: Buffer, len: number): Line {
        let dots = 0
        for (let i = 0; i < len; i++) {
            const c = line[i]
            if (c === DOT) dots++
            else if (c < ZERO || c > NINE) return Line.Unknown
        }
        if (dots !== 3 || len > 15) return Line.Unknown
        this.owner = Owner.Command
        this.final = Final.Sole
        return Line.Address
    }
}
