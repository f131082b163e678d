/** The way from an unknown modem to an address, as a table: which command follows which. */
import { Command } from "../channel"
import { Failure } from "../errors"

/** What the driver is busy with. */
export enum Phase {
    /** not started */
    Off,
    /** looking for the modem: baud rate, garbage, echo */
    Synchronising,
    /** setting the modem up */
    Configuring,
    /** waiting for the SIM card */
    Sim,
    /** waiting for the network */
    Registering,
    /** waiting for GPRS */
    Attaching,
    /** bringing up the PDP context */
    Activating,
    /** connections can be made */
    Ready,
    /** an attempt has failed, the next one follows after a pause */
    Resting,
    /** only the user can help; nothing is tried until the next start */
    Failed,
}

/** The phases in words, by number. */
export const PHASES = [
    "off",
    "synchronising",
    "configuring",
    "waiting for the SIM card",
    "registering",
    "attaching",
    "activating",
    "ready",
    "resting",
    "failed",
]

export enum Step {
    None,
    Synchronise,
    EchoOff,
    ErrorNumbers,
    RateRead,
    RateSet,
    Save,
    FlowControl,
    Dcd,
    Dtr,
    FunctionalityRead,
    Functionality,
    PinRead,
    PinTries,
    PinEnter,
    CallReady,
    Signal,
    Registration,
    GprsRegistration,
    AttachRead,
    Attach,
    Messages,
    SelectSecond,
    ShutSecond,
    SelectFirst,
    Shut,
    MultiConnection,
    Tls,
    Mode,
    Transfer,
    Prompt,
    SendTimer,
    KeepAlive,
    QuickSend,
    Reception,
    Header,
    LazyAccessPoint,
    AccessPoint,
    Activate,
    Address,
    Audit,
    Reset,
}

/** When a step is passed over. */
export enum Unless {
    /** it never is */
    Never,
    Transparent,
    TransparentByDtr,
    /** AT+CFUN? has said 0 or 4 */
    SwitchedOff,
    /** AT+CNMI has not been obeyed since the modem has started */
    Untold,
    SecondContext,
    SingleConnection,
    Transfer,
    SendTimer,
    KeepAlive,
    PushedHeader,
    Lazy,
}

/*
 * patience: how long a step is repeated, counted from its first try;
 * then it fails, or is passed over if the table names no failure.
 * It is a buffer because a number in an array takes 8 bytes of heap.
 */
// prettier-ignore
export const SCRIPT = Buffer.from([
    // step                 command             phase                repeated after  patience  failure                      passed over unless
    //                                                               (0.1 s)         (s)
    Step.None,              Command.None,       Phase.Off,           0,              0,        Failure.None,                Unless.Never,
    Step.Synchronise,       Command.At,         Phase.Synchronising, 1,              0,        Failure.NoAnswer,            Unless.Never,
    Step.EchoOff,           Command.Ate0,       Phase.Configuring,   5,              5,        Failure.SetupRefused,        Unless.Never,
    Step.ErrorNumbers,      Command.Cmee,       Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,
    Step.RateRead,          Command.IprRead,    Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,
    Step.RateSet,           Command.Ipr,        Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,
    Step.Save,              Command.Save,       Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,
    Step.FlowControl,       Command.Ifc,        Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,
    Step.Dcd,               Command.Dcd,        Phase.Configuring,   5,              2,        Failure.SetupRefused,        Unless.Transparent,
    Step.Dtr,               Command.Dtr,        Phase.Configuring,   5,              2,        Failure.SetupRefused,        Unless.TransparentByDtr,
    Step.FunctionalityRead, Command.CfunRead,   Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,
    Step.Functionality,     Command.CfunFull,   Phase.Configuring,   10,             10,       Failure.SetupRefused,        Unless.SwitchedOff,
    Step.PinRead,           Command.CpinRead,   Phase.Sim,           10,             20,       Failure.SimNotReady,         Unless.Never,
    Step.PinTries,          Command.Spic,       Phase.Sim,           5,              10,       Failure.SimNotReady,         Unless.Never,
    Step.PinEnter,          Command.Cpin,       Phase.Sim,           10,             0,        Failure.PinRefused,          Unless.Never,
    Step.CallReady,         Command.Ccalr,      Phase.Sim,           10,             30,       Failure.None,                Unless.Never,
    Step.Signal,            Command.Csq,        Phase.Registering,   20,             10,       Failure.None,                Unless.Never,
    Step.Registration,      Command.Creg,       Phase.Registering,   20,             120,      Failure.NotRegistered,       Unless.Never,
    Step.GprsRegistration,  Command.Cgreg,      Phase.Registering,   20,             30,       Failure.None,                Unless.Never,
    Step.AttachRead,        Command.CgattRead,  Phase.Attaching,     20,             10,       Failure.None,                Unless.Never,
    Step.Attach,            Command.Cgatt,      Phase.Attaching,     20,             0,        Failure.NotAttached,         Unless.Never,
    Step.Messages,          Command.Cnmi,       Phase.Attaching,     5,              5,        Failure.None,                Unless.Untold,
    Step.SelectSecond,      Command.Cipsgtxt,   Phase.Activating,    5,              0,        Failure.None,                Unless.SecondContext,
    Step.ShutSecond,        Command.Cipshut,    Phase.Activating,    10,             2,        Failure.None,                Unless.SecondContext,
    Step.SelectFirst,       Command.Cipsgtxt,   Phase.Activating,    5,              0,        Failure.None,                Unless.SecondContext,
    Step.Shut,              Command.Cipshut,    Phase.Activating,    10,             5,        Failure.SetupRefused,        Unless.Never,
    Step.MultiConnection,   Command.Cipmux,     Phase.Activating,    5,              5,        Failure.SetupRefused,        Unless.Never,
    Step.Tls,               Command.Cipssl,     Phase.Activating,    5,              0,        Failure.None,                Unless.Never,
    Step.Mode,              Command.Cipmode,    Phase.Activating,    5,              2,        Failure.SetupRefused,        Unless.SingleConnection,
    Step.Transfer,          Command.Cipccfg,    Phase.Activating,    5,              2,        Failure.SetupRefused,        Unless.Transfer,
    Step.Prompt,            Command.Cipsprt,    Phase.Activating,    5,              1,        Failure.None,                Unless.Never,
    Step.SendTimer,         Command.Cipats,     Phase.Activating,    5,              2,        Failure.SetupRefused,        Unless.SendTimer,
    Step.KeepAlive,         Command.Ciptka,     Phase.Activating,    5,              2,        Failure.None,                Unless.KeepAlive,
    Step.QuickSend,         Command.Cipqsend,   Phase.Activating,    5,              2,        Failure.None,                Unless.Never,
    Step.Reception,         Command.Ciprxget,   Phase.Activating,    5,              2,        Failure.SetupRefused,        Unless.Never,
    Step.Header,            Command.Ciphead,    Phase.Activating,    5,              2,        Failure.None,                Unless.PushedHeader,
    Step.LazyAccessPoint,   Command.Cipcsgp,    Phase.Activating,    5,              2,        Failure.ApnRefused,          Unless.Lazy,
    Step.AccessPoint,       Command.Cstt,       Phase.Activating,    5,              0,        Failure.ApnRefused,          Unless.Never,
    Step.Activate,          Command.Ciicr,      Phase.Activating,    5,              0,        Failure.ActivationRefused,   Unless.Never,
    Step.Address,           Command.Cifsr,      Phase.Activating,    5,              2,        Failure.NoAddress,           Unless.Never,
    Step.Audit,             Command.Cipstatus,  Phase.Ready,         5,              2,        Failure.Desynchronised,      Unless.Never,
    Step.Reset,             Command.Cfun,       Phase.Synchronising, 5,              0,        Failure.Restarted,           Unless.Never,
])

/** Columns of the script; a row begins with its step, and is the one of that number. */
export enum Column {
    Step,
    Command,
    Phase,
    /** a step is repeated after so many tenths of a second */
    Again,
    /** … for so many seconds */
    Patience,
    Failure,
    Unless,
}
export const STRIDE = 7
