/** Why each failure happens, and what becomes of it: docs/errors.md is made from this. */
import { describe, Failure } from "../src/core/errors"

type FailureName = Exclude<keyof typeof Failure, "None">

interface Advice {
    /** what the program gets to read, if a feature says it and not the core */
    readonly says?: string
    /** the usual cause */
    readonly cause: string
    /** what the driver does by itself, and what is left to the program or a person */
    readonly then: string
}

const AGAIN = "The driver goes on trying; `start()` can be awaited again."
const CONTEXT = "The driver tries again, then resets the modem."
const CONNECT = "Connect again, with a pause that grows."

/** In the order of `Failure`. */
export const advice: Record<FailureName, Advice> = {
    NoAnswer: {
        cause: "No supply or one that sags, TX and RX not crossed, no common ground, PWRKEY not pressed",
        then: `${AGAIN} It tries every rate, PWRKEY and RESET, if they are wired. Run the self-test.`,
    },
    Restarted: {
        cause: "The supply falls below 3.4 V in a burst of 2 A",
        then: "All sockets end; the driver brings the modem up again. Put 1000 µF at the module, shorten its wires.",
    },
    PoweredDown: {
        cause: "UNDER-VOLTAGE or OVER-VOLTAGE POWER DOWN, too hot, or PWRKEY was pressed",
        then: "The driver switches it on by PWRKEY, if that is wired.",
    },
    SimMissing: {
        cause: "No card, the wrong way round, a dirty contact",
        then: AGAIN,
    },
    SimNotReady: {
        cause: "A worn card or a loose contact; a card that is still starting",
        then: AGAIN,
    },
    SimFailure: {
        cause: "A broken card, or one that the modem does not understand",
        then: AGAIN,
    },
    PinRequired: {
        cause: "The card has a PIN and the program gives none",
        then: "`start()` throws at once, and the driver waits for the next `start()`.",
    },
    PinRefused: {
        cause: "The PIN of another card, a typing mistake",
        then: "`start()` throws at once. The same PIN is not given again: each wrong one costs a try.",
    },
    PinLastTry: {
        cause: "Wrong PINs, by this program or by somebody before it",
        then: "`start()` throws at once. A right PIN in a phone gives the card its three tries back.",
    },
    PukRequired: {
        cause: "Three wrong PINs",
        then: "`start()` throws at once. The PUK is on the letter that came with the card; `enterPuk()` gives it.",
    },
    NotRegistered: {
        cause: "No antenna, no coverage, a 2G network that has been switched off",
        then: `${AGAIN} \`signal()\` says what the antenna hears.`,
    },
    RegistrationDenied: {
        cause: "A card that is not activated, blocked, or may not roam",
        then: AGAIN,
    },
    NotAttached: {
        cause: "No data plan, no credit, a network whose GPRS is full or off",
        then: AGAIN,
    },
    SetupRefused: {
        cause: "Firmware that lacks the command; TLS with a module that has none",
        then: "The message names the command. Leave away the option that needs it.",
    },
    ApnRefused: { cause: "A typing mistake in the APN", then: CONTEXT },
    ActivationRefused: {
        cause: "An APN that is not this card's, a wrong user or password, no credit",
        then: CONTEXT,
    },
    NoAddress: {
        cause: "The network has taken the context away in between",
        then: CONTEXT,
    },
    PdpDeactivated: {
        cause: "Operators end contexts that are idle, or after a day; a cell that was lost",
        then: `All sockets end; the driver brings the context up. ${CONNECT}`,
    },
    NoFreeConnection: {
        cause: "Sockets that nobody closes",
        then: "Close one, or raise `sockets`.",
    },
    NumberTaken: {
        cause: "A client of the server and `connect()` at the same moment",
        then: "Connect again at once.",
    },
    ServerRefused: {
        says: "the modem refuses: listen before you connect, else on another port",
        cause: "`listen()` while a connection exists, or a port that is taken: under `npm start` one of your machine, as `--listen` has it",
        then: "Listen right behind `start()`, or on another port.",
    },
    ConnectRefused: {
        cause: "A name or an address that the modem does not take",
        then: "Mend host or port.",
    },
    ConnectFailed: {
        cause: "Nobody listens there, a firewall, a private address, a name that does not exist",
        then: `${CONNECT} After three in a row the driver brings up a new context.`,
    },
    ConnectTimeout: {
        cause: "A host that answers nothing, a bad radio link",
        then: CONNECT,
    },
    TlsRefused: {
        cause: "A server that wants TLS 1.2 of a module that has 1.0; a root that the module does not know",
        then: "Put the root into the module ([TLS](tls.md)), or let the server take what it speaks.",
    },
    ClosedByPeer: {
        cause: "The server has had enough: an idle timeout, a restart",
        then: "`recv()` gives `null` for it when nothing is missing; else connect again.",
    },
    ClosedHere: {
        cause: "Another fiber has called `close()`, or a send has taken too long",
        then: "Nothing, if it was meant.",
    },
    SendRefused: {
        cause: "The connection was lost and the modem has not said so yet",
        then: `${CONNECT} \`sent\` says how many bytes it took.`,
    },
    NoCarrier: {
        cause: "DCD is not wired, or AT&C1 was undone",
        then: "Wire DCD: transparent mode needs it.",
    },
    NotEscaped: {
        says: "the modem stays in data mode: check DTR, or that +++ is switched on (AT+CIPCCFG); if it takes no more data (CTS), try again when the peer has read them",
        cause: "DTR is not wired, `escape: false`, a peer that does not read",
        then: "Data mode goes on; try again, or `close()`.",
    },
    NotResumed: {
        says: "the modem does not return to data mode: the connection may be gone",
        cause: "The peer has closed while commands were given",
        then: CONNECT,
    },
    CommandRefused: {
        says: "the modem did not obey the command: look it up in the AT command manual",
        cause: "A parameter that it does not take, firmware that lacks the command; +CME ERROR says more",
        then: "Mend the command.",
    },
    NotResolved: {
        cause: "A typing mistake, name servers that cannot be reached",
        then: "Try again; `setNameServers()` sets others.",
    },
    NoMessage: {
        says: "there is no short message at this place",
        cause: "It has been deleted already",
        then: "Go on with the next one.",
    },
    MessageRefused: {
        says: "the short message was not taken",
        cause: "No credit, a wrong number, no service centre in the card",
        then: "+CMS ERROR in the message says why.",
    },
    UssdRefused: {
        says: "the network knows no such code, or does not answer it now: ask the operator",
        cause: "A code of another operator",
        then: "Try again later, once.",
    },
    NoLocation: {
        says: "the location server does not say where this is: try again later",
        cause: "A cell that the server does not know; a service that SIMCom has switched off",
        then: "Go on without a place.",
    },
    SendFailed: {
        cause: "A link that breaks while data are under way",
        then: `${CONNECT} \`sent\` says how many bytes the modem took; how many arrived only the peer knows.`,
    },
    SendUnknown: {
        cause: "The modem's answer to a send was lost, or no prompt was heard",
        then: "Ask the peer what it has before you send again.",
    },
    ReceiveOverrun: {
        cause: "With push, a fiber that does not read for 20 s",
        then: 'Read in a fiber of its own, or use `receive: "manual"`.',
    },
    ReceiveTorn: {
        cause: "RTS is not wired, the rate is too high, a program that blocks the VM",
        then: `${CONNECT} Wire RTS and CTS.`,
    },
    Desynchronised: {
        cause: "An answer was lost, or something else speaks to the modem",
        then: "The driver asks the modem what is true. Connect again.",
    },
    Unreadable: {
        says: "the answer of the modem makes no sense, twice: check the wires, or look the command up in the AT command manual of its firmware",
        cause: "Bytes that are lost, firmware with a form of its own",
        then: "Try again; a log of it helps others.",
    },
    TooLong: {
        cause: "A line without an end, an answer that is longer than `limit`",
        then: "Give a larger limit.",
    },
    MemoryFull: {
        says: "all places of the SIM card are taken, so that no message can come: delete some",
        cause: "Messages that nobody deletes; with MQTT, more published than the broker acknowledges",
        then: '`deleteMessages("read")`; publish less, or give a larger `outbox`.',
    },
    CallEnded: {
        says: "nobody has answered: it is busy, was rejected, or cannot be reached",
        cause: "A call of `dial()` that has ended before anybody answered",
        then: "Try again later.",
    },
    BadArgument: {
        cause: "A number in quotation marks, a value out of its range; the message names it",
        then: "Mend the program. Nothing has been changed.",
    },
    Busy: {
        cause: "Two fibers read, or two fibers send, on one socket",
        then: "One fiber reads, one sends.",
    },
    NotStarted: {
        cause: "`start()` was not awaited, or its error was swallowed",
        then: "Call `start()`; it returns at once when the modem is up.",
    },
    Stopped: {
        cause: "Another fiber has called `stop()`",
        then: "Call `start()`.",
    },
    Timeout: {
        cause: "A slow network, a modem that says nothing, a `timeout` that is too short",
        then: "What was asked for may still have happened.",
    },
}

/** A section for each failure. */
export function failureSections(): string {
    return Object.entries(advice)
        .map(([name, { says, cause, then }]) => {
            const failure = Failure[name as FailureName]
            return [
                `### ${name}`,
                "",
                `\`${failure}\`: ${says ?? describe(failure, "", "")}.`,
                "",
                `- Usual cause: ${lower(cause)}.`,
                `- Then: ${then}`,
            ].join("\n")
        })
        .join("\n\n")
}

/** For the middle of a sentence; names in capitals stay. */
function lower(text: string): string {
    return /^[A-Z]{2}|^SIM/.test(text)
        ? text
        : text[0].toLowerCase() + text.slice(1)
}
