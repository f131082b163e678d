/**
 * The commands that the driver gives by itself, each declared once: its text, its final
 * result codes, its information response and its timeout; for a step of the way up,
 * also when it is skipped, its parameters, how often it is repeated, and what follows.
 * AT+CIPSERVER stands in `server.ts`: only programs with a server have it.
 */
import { Framing, isPushed, Reception } from "./config"
import type { Encoder } from "./encoder"
import { Failure } from "./errors"
import type { ModemConfig } from "./options"
import { Phase } from "./phase"
import { Final, Line } from "./results"
import { numbersOf, rowText, table } from "./table"

/**
 * The commands, named as the manual names them. Those up to Cfun are the steps of the
 * way up, in this order.
 */
export enum Command {
    None,
    At,
    Ate0,
    /** ends sleep as well */
    Cmee,
    IprRead,
    Ipr,
    Save,
    Ifc,
    Dcd,
    Dtr,
    CfunRead,
    CfunFull,
    CpinRead,
    Spic,
    Cpin,
    Ccalr,
    Csq,
    Creg,
    Cgreg,
    CgattRead,
    Cgatt,
    Cnmi,
    /** selects the second context; the next step shuts it */
    CipsgtxtSecond,
    CipshutSecond,
    CipsgtxtFirst,
    Cipshut,
    Cipmux,
    CipsslOff,
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
    Cfun,
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
    Ato,
    Csclk,
    /** a command of the application */
    Custom,
}

/**
 * The setting that decides whether a step is skipped (`isNeedless()`) and which
 * parameters it has (`writeParameters()`).
 */
export enum Setting {
    /** the step is always given, without parameters */
    None,
    Rate,
    FlowControl,
    Transparent,
    TransparentByDtr,
    /** AT+CFUN? answered 0 or 4 */
    SwitchedOff,
    Pin,
    /** AT+CNMI has not succeeded since the modem started */
    Untold,
    SecondContext,
    Multi,
    Mode,
    Transfer,
    SendTimer,
    KeepAlive,
    QuickSend,
    Reception,
    Header,
    LazyAccessPoint,
    AccessPoint,
}

/** AT+CIPTKA after the idle time: four probes, 30 s apart */
const KEEP_ALIVE_PROBES = "30,4"

/** Times in the table are half seconds: small numbers take less memory. */
const S = 2
/** … in ms */
export const HALF_SECOND = 500
/**
 * This bit says that a payload follows the information response: its time on the wire
 * extends the timeout.
 */
export const PAYLOAD = 0x80

/*
 * ends:     the final result codes of success; an error ends every command.
 * timeout:  the maximum of the AT command manual V1.09 plus a margin; if it states none,
 *           the longest time seen on a busy module.
 * patience: seconds, from its first try, for which a step is repeated; then it fails, or
 *           is skipped if the table names no failure.
 */
// prettier-ignore
export const TABLE = table([
    // text               command                 ends            information           timeout  phase                repeated  patience failure                    depends on
    "",                   Command.None,           Final.No,       Line.Unknown,         0,       Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT",                 Command.At,             Final.Ok,       Line.Unknown,         S / 2,   Phase.Synchronising, 0,        0,       Failure.NoAnswer,          Setting.None,
    "ATE0",               Command.Ate0,           Final.Ok,       Line.Unknown,         2 * S,   Phase.Configuring,   S / 2,    5,       Failure.SetupRefused,      Setting.None,
    "AT+CMEE=1;+CSCLK=0", Command.Cmee,           Final.Ok,       Line.Unknown,         5 * S,   Phase.Configuring,   S / 2,    2,       Failure.None,              Setting.None,
    "AT+IPR?",            Command.IprRead,        Final.Ok,       Line.Rate,            5 * S,   Phase.Configuring,   S / 2,    2,       Failure.None,              Setting.None,
    "AT+IPR=",            Command.Ipr,            Final.Ok,       Line.Unknown,         5 * S,   Phase.Configuring,   S / 2,    2,       Failure.None,              Setting.Rate,
    "AT&W",               Command.Save,           Final.Ok,       Line.Unknown,         5 * S,   Phase.Configuring,   S / 2,    2,       Failure.None,              Setting.None,
    "AT+IFC=",            Command.Ifc,            Final.Ok,       Line.Unknown,         5 * S,   Phase.Configuring,   S / 2,    2,       Failure.None,              Setting.FlowControl,
    "AT&C1",              Command.Dcd,            Final.Ok,       Line.Unknown,         5 * S,   Phase.Configuring,   S / 2,    2,       Failure.SetupRefused,      Setting.Transparent,
    "AT&D1",              Command.Dtr,            Final.Ok,       Line.Unknown,         5 * S,   Phase.Configuring,   S / 2,    2,       Failure.SetupRefused,      Setting.TransparentByDtr,
    "AT+CFUN?",           Command.CfunRead,       Final.Ok,       Line.Functionality,   5 * S,   Phase.Configuring,   S / 2,    2,       Failure.None,              Setting.None,
    "AT+CFUN=1",          Command.CfunFull,       Final.Ok,       Line.Unknown,         12 * S,  Phase.Configuring,   S,        10,      Failure.SetupRefused,      Setting.SwitchedOff,
    "AT+CPIN?",           Command.CpinRead,       Final.Ok,       Line.Pin,             7 * S,   Phase.Sim,           S,        20,      Failure.SimNotReady,       Setting.None,
    "AT+SPIC",            Command.Spic,           Final.Ok,       Line.PinTries,        5 * S,   Phase.Sim,           S / 2,    10,      Failure.SimNotReady,       Setting.None,
    "AT+CPIN=",           Command.Cpin,           Final.Ok,       Line.Unknown,         7 * S,   Phase.Sim,           S,        0,       Failure.PinRefused,        Setting.Pin,
    "AT+CCALR?",          Command.Ccalr,          Final.Ok,       Line.CallReadyState,  5 * S,   Phase.Sim,           S,        30,      Failure.None,              Setting.None,
    "AT+CSQ",             Command.Csq,            Final.Ok,       Line.Signal,          5 * S,   Phase.Registering,   2 * S,    10,      Failure.None,              Setting.None,
    "AT+CREG?",           Command.Creg,           Final.Ok,       Line.Registration,    5 * S,   Phase.Registering,   2 * S,    120,     Failure.NotRegistered,     Setting.None,
    "AT+CGREG?",          Command.Cgreg,          Final.Ok,       Line.GprsRegistration, 5 * S,  Phase.Registering,   2 * S,    30,      Failure.None,              Setting.None,
    "AT+CGATT?",          Command.CgattRead,      Final.Ok,       Line.Attached,        10 * S,  Phase.Attaching,     2 * S,    10,      Failure.None,              Setting.None,
    "AT+CGATT=1",         Command.Cgatt,          Final.Ok,       Line.Unknown,         80 * S,  Phase.Attaching,     2 * S,    0,       Failure.NotAttached,       Setting.None,
    "AT+CNMI=2,1,0,0,0",  Command.Cnmi,           Final.Ok,       Line.Unknown,         5 * S,   Phase.Attaching,     S / 2,    5,       Failure.None,              Setting.Untold,
    "AT+CIPSGTXT=1",      Command.CipsgtxtSecond, Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    0,       Failure.None,              Setting.SecondContext,
    "AT+CIPSHUT",         Command.CipshutSecond,  Final.ShutOk,   Line.Unknown,         70 * S,  Phase.Activating,    S,        2,       Failure.None,              Setting.SecondContext,
    "AT+CIPSGTXT=0",      Command.CipsgtxtFirst,  Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.None,              Setting.SecondContext,
    "AT+CIPSHUT",         Command.Cipshut,        Final.ShutOk,   Line.Unknown,         70 * S,  Phase.Activating,    S,        5,       Failure.SetupRefused,      Setting.None,
    "AT+CIPMUX=",         Command.Cipmux,         Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    5,       Failure.SetupRefused,      Setting.Multi,
    "AT+CIPSSL=0",        Command.CipsslOff,      Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    0,       Failure.None,              Setting.None,
    "AT+CIPMODE=",        Command.Cipmode,        Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.SetupRefused,      Setting.Mode,
    "AT+CIPCCFG=",        Command.Cipccfg,        Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.SetupRefused,      Setting.Transfer,
    "AT+CIPSPRT=1",       Command.Cipsprt,        Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    1,       Failure.None,              Setting.None,
    "AT+CIPATS=",         Command.Cipats,         Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.SetupRefused,      Setting.SendTimer,
    "AT+CIPTKA=1",        Command.Ciptka,         Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.None,              Setting.KeepAlive,
    "AT+CIPQSEND=",       Command.Cipqsend,       Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.None,              Setting.QuickSend,
    "AT+CIPRXGET=",       Command.Ciprxget,       Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.SetupRefused,      Setting.Reception,
    "AT+CIPHEAD=",        Command.Ciphead,        Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.None,              Setting.Header,
    "AT+CIPCSGP=1",       Command.Cipcsgp,        Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.ApnRefused,        Setting.LazyAccessPoint,
    "AT+CSTT=",           Command.Cstt,           Final.Ok,       Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    0,       Failure.ApnRefused,        Setting.AccessPoint,
    "AT+CIICR",           Command.Ciicr,          Final.Ok,       Line.Unknown,         90 * S,  Phase.Activating,    S / 2,    0,       Failure.ActivationRefused, Setting.None,
    "AT+CIFSR",           Command.Cifsr,          Final.Sole,     Line.Unknown,         5 * S,   Phase.Activating,    S / 2,    2,       Failure.NoAddress,         Setting.None,
    "AT+CIPSTATUS",       Command.Cipstatus,      Final.Status,   Line.State,           5 * S,   Phase.Ready,         S / 2,    2,       Failure.Desynchronised,    Setting.None,
    "AT+CFUN=1,1",        Command.Cfun,           Final.Ok,       Line.Unknown,         10 * S,  Phase.Synchronising, S / 2,    0,       Failure.Restarted,         Setting.None,
    "AT+CLPORT=",         Command.Clport,         Final.Ok,       Line.Unknown,         5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPSRIP=1",       Command.Cipsrip,        Final.Ok,       Line.Unknown,         5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPUDPMODE=",     Command.Cipudpmode,     Final.Ok,       Line.Unknown,         5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPSSL=",         Command.Cipssl,         Final.Ok,       Line.Unknown,         5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+SSLOPT=",         Command.Sslopt,         Final.Ok,       Line.Unknown,         5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPSTART=",       Command.Cipstart,       Final.Ok,       Line.Unknown,         10 * S,  Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPSEND?",        Command.CipsendRead,    Final.Ok,       Line.SendRoom,        5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPSEND=",        Command.Cipsend,        Final.Sent | Final.SendFail, Line.Unknown, 10 * S, Phase.Off,       0,        0,       Failure.None,              Setting.None,
    "AT+CIPRXGET=2",      Command.CiprxgetRead,   Final.Ok,       Line.RxGet | PAYLOAD, 5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPRXGET=3",      Command.CiprxgetHex,    Final.Ok,       Line.RxGet | PAYLOAD, 5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPRXGET=4",      Command.CiprxgetCount,  Final.Ok,       Line.RxGet,           5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CIPCLOSE=",       Command.Cipclose,       Final.CloseOk,  Line.Unknown,         20 * S,  Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "ATO",                Command.Ato,            Final.Connect,  Line.Unknown,         10 * S,  Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "AT+CSCLK=",          Command.Csclk,          Final.Ok,       Line.Unknown,         5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
    "",                   Command.Custom,         Final.Ok,       Line.Unknown,         5 * S,   Phase.Off,           0,        0,       Failure.None,              Setting.None,
], 10, 1)

/** The numbers of all rows; the row of a command begins at `STRIDE` times its number. */
export const COMMANDS = numbersOf(TABLE)
export const STRIDE = 9

/** Columns of a row after its text. */
export enum Column {
    Command,
    Ends,
    Information,
    /** half seconds after which a command is given up */
    Timeout,
    Phase,
    /** half seconds after which a step is repeated */
    Again,
    /** … and seconds for which it is repeated */
    Patience,
    Failure,
    Setting,
}

/** The text of a command, for messages. */
export function commandText(command: Command): string {
    return rowText(TABLE, command)
}

/**
 * Whether a step is skipped.
 * @param switchedOff AT+CFUN? answered 0 or 4
 * @param told AT+CNMI has succeeded since the modem started
 */
export function isNeedless(
    step: Command,
    config: ModemConfig,
    switchedOff: boolean,
    told: boolean
): boolean {
    switch (COMMANDS[step * STRIDE + Column.Setting] as Setting) {
        case Setting.Transparent:
            return !config.transparent
        case Setting.TransparentByDtr:
            return !config.transparent || !config.dtr
        case Setting.SwitchedOff:
            return !switchedOff
        case Setting.Untold:
            return told
        case Setting.SecondContext:
            return !config.secondContext
        case Setting.Mode:
            return config.multi
        case Setting.Transfer:
            return config.transfer === ""
        case Setting.SendTimer:
            return config.framing !== Framing.Timer
        case Setting.KeepAlive:
            return config.keepAlive === 0
        case Setting.Header:
            return config.transparent || !isPushed(config.reception)
        case Setting.LazyAccessPoint:
            return !config.lazy
    }
    return false
}

/** Appends the parameters of a step to its command. */
export function writeParameters(
    step: Command,
    config: ModemConfig,
    encoder: Encoder
) {
    let value = -1
    switch (COMMANDS[step * STRIDE + Column.Setting] as Setting) {
        case Setting.Rate:
            value = config.baud
            break
        case Setting.FlowControl:
            encoder.text(config.flowControl ? "2,2" : "0,0")
            break
        case Setting.Pin:
            encoder.quoted(config.pin)
            break
        case Setting.Multi:
            value = +config.multi
            break
        case Setting.Mode:
            value = +config.transparent
            break
        case Setting.Transfer:
            encoder.text(config.transfer)
            break
        case Setting.SendTimer:
            encoder.numbers(1, config.sendTimer)
            break
        case Setting.KeepAlive:
            encoder.numbers(config.keepAlive, -1)
            encoder.text(KEEP_ALIVE_PROBES)
            break
        case Setting.QuickSend:
            value = +config.quickSend
            break
        case Setting.Reception:
            value = +!isPushed(config.reception)
            break
        case Setting.Header:
            value = +(config.reception === Reception.Push)
            break
        case Setting.LazyAccessPoint:
        case Setting.AccessPoint:
            encoder.quoted(config.apn)
            encoder.quoted(config.user)
            encoder.quoted(config.password)
    }
    if (value >= 0) encoder.numbers(value, -1)
}
