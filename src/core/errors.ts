/**
 * What can go wrong, and what is to be said about it. The core stores numbers;
 * the sentence is made only when somebody wants to read it.
 */

export enum Failure {
    None,
    // the modem and its SIM
    NoAnswer,
    Restarted,
    PoweredDown,
    SimMissing,
    SimNotReady,
    SimFailure,
    PinRequired,
    PinRefused,
    PinLastTry,
    PukRequired,
    // the network
    NotRegistered,
    RegistrationDenied,
    NotAttached,
    // the PDP context
    SetupRefused,
    ApnRefused,
    ActivationRefused,
    NoAddress,
    PdpDeactivated,
    // a connection
    NoFreeConnection,
    NumberTaken,
    ServerRefused,
    ConnectRefused,
    ConnectFailed,
    ConnectTimeout,
    TlsRefused,
    ClosedByPeer,
    ClosedHere,
    SendRefused,
    NoCarrier,
    NotEscaped,
    NotResumed,
    CommandRefused,
    NotResolved,
    NoMessage,
    MessageRefused,
    UssdRefused,
    NoLocation,
    SendFailed,
    SendUnknown,
    ReceiveOverrun,
    ReceiveTorn,
    Desynchronised,
    /** an answer of the modem that makes no sense */
    Unreadable,
    /** more came than the limit of the caller allows */
    TooLong,
    /** there is no room for another message */
    MemoryFull,
    /** a call that nobody has answered */
    CallEnded,
    // the caller
    BadArgument,
    Busy,
    NotStarted,
    Stopped,
    Timeout,
}

/**
 * Name and remedy: what failed, and what to do about it. What only one feature
 * can fail with, it explains itself: programs without it need not.
 */
export function sentence(failure: Failure): string {
    switch (failure) {
        case Failure.NoAnswer:
            return "the modem does not answer: check its supply (2 A bursts), TX/RX, ground and the baud rate"
        case Failure.Restarted:
            return "the modem has restarted: check its supply, which sags when it transmits"
        case Failure.PoweredDown:
            return "the modem has switched itself off: check supply voltage and temperature"
        case Failure.SimMissing:
            return "no SIM card: check that it is in its holder the right way round"
        case Failure.SimNotReady:
            return "the SIM card did not become ready: check its contacts"
        case Failure.SimFailure:
            return "the SIM card does not work: try it in a phone"
        case Failure.PinRequired:
            return 'the SIM card wants its PIN: give it with the option "pin", or switch the PIN off in a phone'
        case Failure.PinRefused:
            return 'the PIN was refused, and is not tried again: correct the option "pin" before the card locks'
        case Failure.PinLastTry:
            return 'one try is left for the PIN, and it is left to a person: enter the PIN in a phone, then correct the option "pin"'
        case Failure.PukRequired:
            return "the SIM card is locked: unlock it with its PUK, by enterPuk() or in a phone"
        case Failure.NotRegistered:
            return "no network lets the modem in yet: check antenna and coverage"
        case Failure.RegistrationDenied:
            return "the network refuses this SIM card: check that it is activated and may roam here"
        case Failure.NotAttached:
            return "no GPRS: check that the SIM card has a data plan and the operator still runs 2G"
        case Failure.SetupRefused:
            return "the modem refused a setting: its firmware may be too old, or it is still busy"
        case Failure.ApnRefused:
            return "the access point was refused: check APN, user and password"
        case Failure.ActivationRefused:
            return "the PDP context was refused: check APN, user and password with the operator"
        case Failure.NoAddress:
            return "the PDP context has no address: check the APN"
        case Failure.PdpDeactivated:
            return "the network has taken the PDP context away: the driver brings it up again, connect again"
        case Failure.NoFreeConnection:
            return 'all connections are in use (six, five beside a server, or what the option "sockets" allows): close one'
        case Failure.NumberTaken:
            return "a peer of the server came in on the same number: connect again"
        case Failure.ConnectRefused:
            return "the modem refused to connect: check host and port"
        case Failure.ConnectFailed:
            return "no connection: check that host and port are right and reachable from the operator's network"
        case Failure.ConnectTimeout:
            return "no connection within the time that the modem may take: check host and port, try again"
        case Failure.TlsRefused:
            return "there is a peer, but no TLS with it: check its certificate (or verify: false), and that it takes the TLS version of this module: 1.0, since the firmware of 2020 also 1.2"
        case Failure.ClosedByPeer:
            return "the peer has closed the connection"
        case Failure.ClosedHere:
            return "the socket has been closed"
        case Failure.SendRefused:
            return "the modem took no data for this connection: connect again"
        case Failure.NotResolved:
            return "the name is not known: check it, and the name servers (AT+CDNSCFG)"
        case Failure.NoCarrier:
            return "DCD does not go low with the connection: check its wire"
        case Failure.SendFailed:
            return "the data did not get through: the connection is lost, connect again"
        case Failure.SendUnknown:
            return "nobody can tell whether the last data got through, or commands of the driver in their place: let the application find out before it repeats them"
        case Failure.ReceiveOverrun:
            return "received data were not fetched in time: read faster, or use manual reception"
        case Failure.ReceiveTorn:
            return "bytes were lost between modem and microcontroller: use RTS/CTS or a lower baud rate"
        case Failure.Desynchronised:
            return "the modem's state was not what it should be: connect again"
        case Failure.TooLong:
            return "more has come than the limit allows: give a larger limit, or ask for less at a time"
        case Failure.BadArgument:
            return "an argument is out of its range"
        case Failure.Busy:
            return "another fiber is doing the same on this socket"
        case Failure.NotStarted:
            return "the modem has not been started: await start() first"
        case Failure.Stopped:
            return "the modem has been stopped"
        case Failure.Timeout:
            return "it took longer than the caller was willing to wait"
    }
    return "no failure"
}

/** Meaning of +CME ERROR numbers (AT command manual V1.09, chapter 19). */
function cmeText(cme: number): string {
    switch (cme) {
        case 3:
            return "operation not allowed"
        case 4:
            return "operation not supported"
        case 10:
            return "SIM not inserted"
        case 11:
            return "SIM PIN required"
        case 12:
            return "SIM PUK required"
        case 13:
            return "SIM failure"
        case 14:
            return "SIM busy"
        case 16:
            return "incorrect password"
        case 30:
            return "no network service"
        case 31:
            return "network timeout"
        case 100:
            return "unknown"
        case 107:
            return "GPRS services not allowed"
        case 148:
            return "unspecified GPRS error"
        case 149:
            return "PDP authentication failure"
        case 160:
            return "DNS resolve failed"
        case 161:
            return "socket open failed"
        case 180:
            return "GPRS is not attached"
        case 181:
            return "TCPIP stack is busy"
    }
    return ""
}

/**
 * An error's message.
 * @param message what it means
 * @param subject what was to be done, e.g. `connect example.com:80`
 * @param answer what the modem said, in its own words; empty if nothing
 */
export function explain(
    message: string,
    subject: string,
    answer: string
): string {
    if (subject !== "") message = subject + ": " + message
    if (answer !== "") message = message + " (modem: " + answer + ")"
    return message
}

/** The message of a failure that is the driver's own. */
export function describe(
    failure: Failure,
    subject: string,
    answer: string
): string {
    return explain(sentence(failure), subject, answer)
}

/** Numbers of +CME ERROR that make a difference, and what stands for none. */
export enum Cme {
    // what has become of a call
    NoDialtone = -6,
    NoReply = -5,
    Busy = -4,
    NoCarrier = -3,
    /** no answer at all */
    NoAnswer = -2,
    /** ERROR, without a number */
    Plain = -1,
    SimMissing = 10,
    PinRequired = 11,
    PukRequired = 12,
    SimFailure = 13,
    WrongPassword = 16,
    StackBusy = 181,
}

/** A +CMS ERROR is kept as its number and this. */
export const CMS = 1000

/** The modem's words for the end of a call (manual 2.2.2). */
function callText(cme: Cme): string {
    switch (cme) {
        case Cme.Busy:
            return "BUSY"
        case Cme.NoReply:
            return "NO ANSWER"
        case Cme.NoDialtone:
            return "NO DIALTONE"
    }
    return "NO CARRIER"
}

/**
 * What the modem said to a command that it did not obey.
 * @param cme number of the +CME ERROR, of a +CMS ERROR (`CMS`), or one of `Cme`
 */
export function refusal(command: string, cme: number): string {
    const end = command.length - 1
    if (command[end] === "=") command = command.slice(0, end)
    if (cme === Cme.NoAnswer) return command + ": no answer"
    if (cme === Cme.Plain) return command + ": ERROR"
    if (cme < 0) return command + ": " + callText(cme)
    if (cme >= CMS) return command + ": +CMS ERROR: " + (cme - CMS)
    const text = cmeText(cme)
    return command + ": +CME ERROR: " + cme + (text ? ", " + text : "")
}
