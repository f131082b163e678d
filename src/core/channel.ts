/**
 * The command channel: one command in flight, with its own ends and its own
 * timeout. Whatever line is not an end or an information line of that very
 * command is a URC or the late answer to a command that was given up.
 */
import { Encoder } from "./encoder"
import { Cme } from "./errors"
import { Final, Line } from "./results"
import { Table } from "./table"

/** The commands that the driver gives, named as the manual names them. */
export enum Command {
    None,
    At,
    Ate0,
    Cmee,
    IprRead,
    Ipr,
    Save,
    Ifc,
    CpinRead,
    Spic,
    Cpin,
    Ccalr,
    Csq,
    Creg,
    Cgreg,
    CgattRead,
    Cgatt,
    Cipsgtxt,
    Cipshut,
    Cipmux,
    Cipmode,
    Cipccfg,
    Cipsprt,
    Cipats,
    Ciptka,
    Cipqsend,
    Ciprxget,
    Ciphead,
    Cipcsgp,
    Cstt,
    Ciicr,
    Cifsr,
    Cipstatus,
    Clport,
    Cipsrip,
    Cipudpmode,
    Cipssl,
    Sslopt,
    Cipstart,
    CipsendRead,
    Cipsend,
    CiprxgetRead,
    CiprxgetHex,
    CiprxgetCount,
    Cipclose,
    Cipserver,
    Cfun,
    Dcd,
    Dtr,
    CfunRead,
    CfunFull,
    Cnmi,
    Ato,
    Csclk,
    /** a command of the application */
    Custom,
}

const OK = Final.Ok | Final.Error
/** Times in tables are tenths of a second: small numbers take less memory. */
export const TENTH = 100
const S = 10

/*
 * Timeouts: the maximum of the AT command manual V1.09 and a margin;
 * where the manual has none, what a busy module was seen to need.
 */
// prettier-ignore
const TABLE = new Table([
    // text             ends                             information           timeout
    "",                 0,                               Line.Unknown,         0,
    "AT",               OK,                              Line.Unknown,         S / 2,
    "ATE0",             OK,                              Line.Unknown,         2 * S,
    "AT+CMEE=1;+CSCLK=0", OK,                             Line.Unknown,         5 * S,
    "AT+IPR?",          OK,                              Line.Rate,            5 * S,
    "AT+IPR=",          OK,                              Line.Unknown,         5 * S,
    "AT&W",             OK,                              Line.Unknown,         5 * S,
    "AT+IFC=",          OK,                              Line.Unknown,         5 * S,
    "AT+CPIN?",         OK,                              Line.Pin,             7 * S,
    "AT+SPIC",          OK,                              Line.PinTries,        5 * S,
    "AT+CPIN=",         OK,                              Line.Unknown,         7 * S,
    "AT+CCALR?",        OK,                              Line.CallReadyState,  5 * S,
    "AT+CSQ",           OK,                              Line.Signal,          5 * S,
    "AT+CREG?",         OK,                              Line.Registration,    5 * S,
    "AT+CGREG?",        OK,                              Line.GprsRegistration, 5 * S,
    "AT+CGATT?",        OK,                              Line.Attached,        10 * S,
    "AT+CGATT=1",       OK,                              Line.Unknown,         80 * S,
    "AT+CIPSGTXT=",     OK,                              Line.Unknown,         5 * S,
    "AT+CIPSHUT",       Final.ShutOk | Final.Error,      Line.Unknown,         70 * S,
    "AT+CIPMUX=",       OK,                              Line.Unknown,         5 * S,
    "AT+CIPMODE=",      OK,                              Line.Unknown,         5 * S,
    "AT+CIPCCFG=",      OK,                              Line.Unknown,         5 * S,
    "AT+CIPSPRT=1",     OK,                              Line.Unknown,         5 * S,
    "AT+CIPATS=",       OK,                              Line.Unknown,         5 * S,
    "AT+CIPTKA=1",      OK,                              Line.Unknown,         5 * S,
    "AT+CIPQSEND=",     OK,                              Line.Unknown,         5 * S,
    "AT+CIPRXGET=",     OK,                              Line.Unknown,         5 * S,
    "AT+CIPHEAD=",      OK,                              Line.Unknown,         5 * S,
    "AT+CIPCSGP=1",     OK,                              Line.Unknown,         5 * S,
    "AT+CSTT=",         OK,                              Line.Unknown,         5 * S,
    "AT+CIICR",         OK,                              Line.Unknown,         90 * S,
    "AT+CIFSR",         Final.Address | Final.Error,     Line.Unknown,         5 * S,
    "AT+CIPSTATUS",     Final.Status | Final.Error,      Line.State,           5 * S,
    "AT+CLPORT=",       OK,                              Line.Unknown,         5 * S,
    "AT+CIPSRIP=1",     OK,                              Line.Unknown,         5 * S,
    "AT+CIPUDPMODE=",   OK,                              Line.Unknown,         5 * S,
    "AT+CIPSSL=",       OK,                              Line.Unknown,         5 * S,
    "AT+SSLOPT=",       OK,                              Line.Unknown,         5 * S,
    "AT+CIPSTART=",     OK,                              Line.Unknown,         10 * S,
    "AT+CIPSEND?",      OK,                              Line.SendRoom,        5 * S,
    "AT+CIPSEND=",      Final.Sent | Final.SendFail | Final.Error, Line.Unknown, 10 * S,
    "AT+CIPRXGET=2",    OK,                              Line.RxGet,           5 * S,
    "AT+CIPRXGET=3",    OK,                              Line.RxGet,           5 * S,
    "AT+CIPRXGET=4",    OK,                              Line.RxGet,           5 * S,
    "AT+CIPCLOSE=",     Final.CloseOk | Final.Error,     Line.Unknown,         20 * S,
    "AT+CIPSERVER=",    OK,                              Line.Unknown,         5 * S,
    "AT+CFUN=1,1",      OK,                              Line.Unknown,         10 * S,
    "AT&C1",            OK,                              Line.Unknown,         5 * S,
    "AT&D1",            OK,                              Line.Unknown,         5 * S,
    "AT+CFUN?",         OK,                              Line.Functionality,   5 * S,
    "AT+CFUN=1",        OK,                              Line.Unknown,         12 * S,
    "AT+CNMI=2,1,0,0,0", OK,                              Line.Unknown,         5 * S,
    "ATO",              Final.Connect | Final.Error,     Line.Unknown,         10 * S,
    "AT+CSCLK=",        OK,                              Line.Unknown,         5 * S,
    "",                 OK,                              Line.Unknown,         5 * S,
], 4)
/** where numbers of a row are, and how many bytes they take together */
const INFORMATION = 2
const TIMEOUT = 4
const ROW = 6

/** How a command ended. */
export enum Outcome {
    Ok,
    /** ERROR or +CME ERROR, whose number `cme` then holds */
    Refused,
    /** SEND FAIL */
    SendFail,
    Timeout,
    /** an event has made the command pointless: PDP DEACT, restart */
    Aborted,
}

/** The text of a command, for messages. */
export function commandText(command: Command): string {
    return TABLE.texts[command]
}

/** @devsWhenUsed */
export class Channel {
    readonly encoder: Encoder
    /** the command in flight, None when the channel is free */
    command = Command.None
    /** the connection that the command is about, -1 for none */
    link = -1
    /** which lines end it */
    ends = Final.No
    /** which information it asks for */
    information = Line.Unknown
    /** when the command is given up */
    deadline = 0
    /** the prompt has come: data are on their way */
    sending = false
    /** its answer may hold text of somebody else: a short message */
    holdsText = false
    /** what goes out behind the prompt; null: the data of a connection */
    data: Buffer | null = null
    /** number of the last +CME ERROR, of a +CMS ERROR (`CMS`), or a `Cme` */
    cme: Cme = Cme.Plain
    /** when the last command, or its data, went out */
    sentAt = 0
    /** ends that belong to no command in flight: late answers, mostly */
    strays = 0
    /** commands that were given up */
    timeouts = 0

    constructor(encoder: Encoder) {
        this.encoder = encoder
    }

    /**
     * Gives a command; its parameters go to the encoder.
     * @param link the connection that it is about, -1 for none
     */
    begin(command: Command, link: number, now: number) {
        const numbers = TABLE.numbers
        const row = command * ROW
        this.command = command
        this.link = link
        this.sending = false
        this.sentAt = now
        this.cme = Cme.Plain
        this.data = null
        this.holdsText = false
        this.ends = numbers.getAt(row, "u16")
        this.information = numbers[row + INFORMATION]
        this.deadline = now + numbers.getAt(row + TIMEOUT, "u16") * TENTH
        this.encoder.begin(TABLE.texts[command])
    }

    /** Frees the channel; what has not been sent is forgotten. */
    finish() {
        this.command = Command.None
        this.ends = Final.No
        this.information = Line.Unknown
        this.sending = false
        this.data = null
        this.encoder.left = 0
    }
}
