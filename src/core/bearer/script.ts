/**
 * The way from an unknown modem to an address, as a table: which command follows which,
 * what it is given with, and when it is passed over.
 */
import { Command } from "../channel"
import { Framing, isPushed, Reception } from "../config"
import type { ModemConfig } from "../options"
import type { Encoder } from "../encoder"
import { Failure } from "../errors"
import { wordOf, words } from "../table"

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
const PHASES = words([
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
])

export function phaseText(phase: Phase): string {
    return wordOf(PHASES, phase)
}

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

/** AT+CIPTKA behind the idle time: four probes, 30 s apart */
const KEEP_ALIVE_PROBES = "30,4"

/** The parameters of a step. */
export enum Given {
    None,
    Zero,
    One,
    Rate,
    FlowControl,
    Pin,
    Multi,
    Transparent,
    Transfer,
    SendTimer,
    KeepAlive,
    QuickSend,
    Manual,
    PushedHeader,
    AccessPoint,
}

/*
 * patience: how long a step is repeated, counted from its first try;
 * then it fails, or is passed over if the table names no failure.
 * It is a buffer because a number in an array takes 8 bytes of heap.
 */
// prettier-ignore
export const SCRIPT = Buffer.from([
    // step                 command             phase                repeated after  patience  failure                      passed over unless       given with
    //                                                               (0.1 s)         (s)
    Step.None,              Command.None,       Phase.Off,           0,              0,        Failure.None,                Unless.Never,            Given.None,
    Step.Synchronise,       Command.At,         Phase.Synchronising, 1,              0,        Failure.NoAnswer,            Unless.Never,            Given.None,
    Step.EchoOff,           Command.Ate0,       Phase.Configuring,   5,              5,        Failure.SetupRefused,        Unless.Never,            Given.None,
    Step.ErrorNumbers,      Command.Cmee,       Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,            Given.None,
    Step.RateRead,          Command.IprRead,    Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,            Given.None,
    Step.RateSet,           Command.Ipr,        Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,            Given.Rate,
    Step.Save,              Command.Save,       Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,            Given.None,
    Step.FlowControl,       Command.Ifc,        Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,            Given.FlowControl,
    Step.Dcd,               Command.Dcd,        Phase.Configuring,   5,              2,        Failure.SetupRefused,        Unless.Transparent,      Given.None,
    Step.Dtr,               Command.Dtr,        Phase.Configuring,   5,              2,        Failure.SetupRefused,        Unless.TransparentByDtr, Given.None,
    Step.FunctionalityRead, Command.CfunRead,   Phase.Configuring,   5,              2,        Failure.None,                Unless.Never,            Given.None,
    Step.Functionality,     Command.CfunFull,   Phase.Configuring,   10,             10,       Failure.SetupRefused,        Unless.SwitchedOff,      Given.None,
    Step.PinRead,           Command.CpinRead,   Phase.Sim,           10,             20,       Failure.SimNotReady,         Unless.Never,            Given.None,
    Step.PinTries,          Command.Spic,       Phase.Sim,           5,              10,       Failure.SimNotReady,         Unless.Never,            Given.None,
    Step.PinEnter,          Command.Cpin,       Phase.Sim,           10,             0,        Failure.PinRefused,          Unless.Never,            Given.Pin,
    Step.CallReady,         Command.Ccalr,      Phase.Sim,           10,             30,       Failure.None,                Unless.Never,            Given.None,
    Step.Signal,            Command.Csq,        Phase.Registering,   20,             10,       Failure.None,                Unless.Never,            Given.None,
    Step.Registration,      Command.Creg,       Phase.Registering,   20,             120,      Failure.NotRegistered,       Unless.Never,            Given.None,
    Step.GprsRegistration,  Command.Cgreg,      Phase.Registering,   20,             30,       Failure.None,                Unless.Never,            Given.None,
    Step.AttachRead,        Command.CgattRead,  Phase.Attaching,     20,             10,       Failure.None,                Unless.Never,            Given.None,
    Step.Attach,            Command.Cgatt,      Phase.Attaching,     20,             0,        Failure.NotAttached,         Unless.Never,            Given.None,
    Step.Messages,          Command.Cnmi,       Phase.Attaching,     5,              5,        Failure.None,                Unless.Untold,           Given.None,
    Step.SelectSecond,      Command.Cipsgtxt,   Phase.Activating,    5,              0,        Failure.None,                Unless.SecondContext,    Given.One,
    Step.ShutSecond,        Command.Cipshut,    Phase.Activating,    10,             2,        Failure.None,                Unless.SecondContext,    Given.None,
    Step.SelectFirst,       Command.Cipsgtxt,   Phase.Activating,    5,              0,        Failure.None,                Unless.SecondContext,    Given.Zero,
    Step.Shut,              Command.Cipshut,    Phase.Activating,    10,             5,        Failure.SetupRefused,        Unless.Never,            Given.None,
    Step.MultiConnection,   Command.Cipmux,     Phase.Activating,    5,              5,        Failure.SetupRefused,        Unless.Never,            Given.Multi,
    Step.Tls,               Command.Cipssl,     Phase.Activating,    5,              0,        Failure.None,                Unless.Never,            Given.Zero,
    Step.Mode,              Command.Cipmode,    Phase.Activating,    5,              2,        Failure.SetupRefused,        Unless.SingleConnection, Given.Transparent,
    Step.Transfer,          Command.Cipccfg,    Phase.Activating,    5,              2,        Failure.SetupRefused,        Unless.Transfer,         Given.Transfer,
    Step.Prompt,            Command.Cipsprt,    Phase.Activating,    5,              1,        Failure.None,                Unless.Never,            Given.None,
    Step.SendTimer,         Command.Cipats,     Phase.Activating,    5,              2,        Failure.SetupRefused,        Unless.SendTimer,        Given.SendTimer,
    Step.KeepAlive,         Command.Ciptka,     Phase.Activating,    5,              2,        Failure.None,                Unless.KeepAlive,        Given.KeepAlive,
    Step.QuickSend,         Command.Cipqsend,   Phase.Activating,    5,              2,        Failure.None,                Unless.Never,            Given.QuickSend,
    Step.Reception,         Command.Ciprxget,   Phase.Activating,    5,              2,        Failure.SetupRefused,        Unless.Never,            Given.Manual,
    Step.Header,            Command.Ciphead,    Phase.Activating,    5,              2,        Failure.None,                Unless.PushedHeader,     Given.PushedHeader,
    Step.LazyAccessPoint,   Command.Cipcsgp,    Phase.Activating,    5,              2,        Failure.ApnRefused,          Unless.Lazy,             Given.AccessPoint,
    Step.AccessPoint,       Command.Cstt,       Phase.Activating,    5,              0,        Failure.ApnRefused,          Unless.Never,            Given.AccessPoint,
    Step.Activate,          Command.Ciicr,      Phase.Activating,    5,              0,        Failure.ActivationRefused,   Unless.Never,            Given.None,
    Step.Address,           Command.Cifsr,      Phase.Activating,    5,              2,        Failure.NoAddress,           Unless.Never,            Given.None,
    Step.Audit,             Command.Cipstatus,  Phase.Ready,         5,              2,        Failure.Desynchronised,      Unless.Never,            Given.None,
    Step.Reset,             Command.Cfun,       Phase.Synchronising, 5,              0,        Failure.Restarted,           Unless.Never,            Given.None,
])

/** Columns of the script. A row begins with its step, whose number is that of the row. */
export enum Column {
    Step,
    Command,
    Phase,
    /** tenths of a second after which a step is repeated */
    Again,
    /** … and seconds for which it is repeated */
    Patience,
    Failure,
    Unless,
    Given,
}
export const STRIDE = 8

/**
 * Whether a step is passed over.
 * @param switchedOff AT+CFUN? has said 0 or 4
 * @param told AT+CNMI has been obeyed since the modem has started
 */
export function isNeedless(
    step: Step,
    config: ModemConfig,
    switchedOff: boolean,
    told: boolean
): boolean {
    switch (SCRIPT[step * STRIDE + Column.Unless] as Unless) {
        case Unless.Transparent:
            return !config.transparent
        case Unless.TransparentByDtr:
            return !config.transparent || !config.dtr
        case Unless.SwitchedOff:
            return !switchedOff
        case Unless.Untold:
            return told
        case Unless.SecondContext:
            return !config.secondContext
        case Unless.SingleConnection:
            return config.multi
        case Unless.Transfer:
            return config.transfer === ""
        case Unless.SendTimer:
            return config.framing !== Framing.Timer
        case Unless.KeepAlive:
            return config.keepAlive === 0
        case Unless.PushedHeader:
            return config.transparent || !isPushed(config.reception)
        case Unless.Lazy:
            return !config.lazy
    }
    return false
}

/** Appends the parameters of a step to its command. */
export function writeParameters(
    step: Step,
    config: ModemConfig,
    encoder: Encoder
) {
    let value = -1
    switch (SCRIPT[step * STRIDE + Column.Given] as Given) {
        case Given.Zero:
            value = 0
            break
        case Given.One:
            value = 1
            break
        case Given.Rate:
            value = config.baud
            break
        case Given.FlowControl:
            encoder.text(config.flowControl ? "2,2" : "0,0")
            break
        case Given.Pin:
            encoder.quoted(config.pin)
            break
        case Given.Multi:
            value = +config.multi
            break
        case Given.Transparent:
            value = +config.transparent
            break
        case Given.Transfer:
            encoder.text(config.transfer)
            break
        case Given.SendTimer:
            encoder.numbers(1, config.sendTimer)
            break
        case Given.KeepAlive:
            encoder.numbers(config.keepAlive, -1)
            encoder.text(KEEP_ALIVE_PROBES)
            break
        case Given.QuickSend:
            value = +config.quickSend
            break
        case Given.Manual:
            value = +!isPushed(config.reception)
            break
        case Given.PushedHeader:
            value = +(config.reception === Reception.Push)
            break
        case Given.AccessPoint:
            encoder.quoted(config.apn)
            encoder.quoted(config.user)
            encoder.quoted(config.password)
    }
    if (value >= 0) encoder.numbers(value, -1)
}
