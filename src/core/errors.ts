/**
 * Failures and their messages. The core stores numbers; the sentence is made only when
 * it is read.
 */
import { lineAt, lineOf } from "./lines"

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
    /** a response of the modem that makes no sense */
    Unreadable,
    /** more data came than the caller's limit allows */
    TooLong,
    /** there is no room for another message */
    MemoryFull,
    /** a call that was not answered */
    CallEnded,
    // the caller
    BadArgument,
    Busy,
    NotStarted,
    Stopped,
    Timeout,
}

/**
 * The sentence of a failure: its meaning and the remedy. A failure of a single feature
 * has its text in that feature, so that other programs do not hold it.
 */
export function sentence(failure: Failure): string {
    return (
        lineAt(
            // a line for each `Failure`, in its order
            `no failure
the modem does not answer: check its supply (2 A bursts), TX/RX, ground and the baud rate
the modem has restarted: check its supply, which sags when it transmits
the modem has switched itself off: check supply voltage and temperature
no SIM card: check that it is in its holder the right way round
the SIM card did not become ready: check its contacts
the SIM card does not work: try it in a phone
the SIM card wants its PIN: give it with the option "pin", or switch the PIN off in a phone
the PIN was refused, and is not tried again: correct the option "pin" before the card locks
one try is left for the PIN, and it is left to a person: enter the PIN in a phone, then correct the option "pin"
the SIM card is locked: unlock it with its PUK, by enterPuk() or in a phone
no network lets the modem in yet: check antenna and coverage
the network refuses this SIM card: check that it is activated and may roam here
no GPRS: check that the SIM card has a data plan and the operator still runs 2G
the modem refused a setting: its firmware may be too old, or it is still busy
the access point was refused: check APN, user and password
the PDP context was refused: check APN, user and password with the operator
the PDP context has no address: check the APN
the network has taken the PDP context away: the driver brings it up again, connect again
all connections are in use (six, five beside a server, or what the option "sockets" allows): close one
a peer of the server came in on the same number: connect again

the modem refused to connect: check host and port
no connection: check that host and port are right and reachable from the operator's network
no connection within the time that the modem may take: check host and port, try again
there is a peer, but no TLS with it: check its certificate (or verify: false), and that it takes the TLS version of this module: 1.0, since the firmware of 2020 also 1.2
the peer has closed the connection
the socket has been closed
the modem took no data for this connection: connect again
DCD does not go low with the connection: check its wire



the name is not known: check it, and the name servers (AT+CDNSCFG)




the data did not get through: the connection is lost, connect again
nobody can tell whether the last data got through, or commands of the driver in their place: let the application find out before it repeats them
received data were not fetched in time: read faster, or use manual reception
bytes were lost between modem and microcontroller: use RTS/CTS or a lower baud rate
the modem's state was not what it should be: connect again

more has come than the limit allows: give a larger limit, or ask for less at a time


an argument is out of its range
another fiber is doing the same on this socket
the modem has not been started: await start() first
the modem has been stopped
it took longer than the caller was willing to wait
`,
            failure
        ) || sentence(Failure.None)
    )
}

/** Meaning of +CME ERROR numbers (AT command manual V1.09, chapter 19). */
function cmeText(cme: number): string {
    return lineOf(
        `=3=:operation not allowed
=4=:operation not supported
=10=:SIM not inserted
=11=:SIM PIN required
=12=:SIM PUK required
=13=:SIM failure
=14=:SIM busy
=16=:incorrect password
=30=:no network service
=31=:network timeout
=100=:unknown
=107=:GPRS services not allowed
=148=:unspecified GPRS error
=149=:PDP authentication failure
=160=:DNS resolve failed
=161=:socket open failed
=180=:GPRS is not attached
=181=:TCPIP stack is busy
`,
        cme
    )
}

/**
 * An error's message.
 * @param message its meaning
 * @param subject the attempted action, e.g. `connect example.com:80`
 * @param answer the modem's own words; "" if none
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

/**
 * Numbers of +CME ERROR that the driver distinguishes, and values for ends without a
 * number.
 */
export enum Cme {
    // ends of a call
    NoDialtone = -6,
    NoReply = -5,
    Busy = -4,
    NoCarrier = -3,
    /** no response at all */
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

/** Added to the number of a +CMS ERROR. */
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
 * The modem's answer to a command that failed, as text.
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
