/**
 * The command channel: one command in flight, with its own ends and its own timeout. A
 * line that is neither an end nor an information response of that very command is a
 * URC, or the late answer to a command that was given up.
 */
import { CR, CTRL_Z, ESC, LOWER_A, LOWER_T, SLASH, UPPER_A } from "./ascii"
import {
    Column,
    Command,
    COMMANDS,
    HALF_SECOND,
    PAYLOAD,
    STRIDE,
    TABLE,
} from "./commands"
import { Framing } from "./config"
import type { Digest } from "./digest"
import { COMMAND_SIZE, Encoder } from "./encoder"
import { Cme } from "./errors"
import { Final, Line } from "./results"
import { copyRow } from "./table"
import { before } from "./time"
import type { UartState } from "./uart-state"

/** The ends that say how a send has ended. */
const SENT = Final.Sent | Final.SendFail

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

/** Who has given a command that is about no connection. */
export enum Giver {
    Bearer = -1,
    Feature = -2,
}

/** How far the command in flight has come. */
export enum Stage {
    /** there is none */
    Free,
    /** given; if it has data, the prompt has not come */
    Given,
    /** the prompt has come: data go out */
    Data,
    /** they have gone out, the result has not come */
    Result,
    /** no prompt has come: ESC has gone out, in case the modem waits for data */
    Cancelled,
}

/** How long a busy UART may hold up the data of one command, ms. */
const UART_GRACE = 10000
/** How long the answer to AT+CIPSEND may take once its connection is gone, ms. */
const GRACE = 3000
/** From ESC until the modem takes commands, ms. */
const CANCEL_TIME = 500

/** makes a capital letter a small one */
const LOWER = 0x20

/** Whether bytes hold this letter and then T or a slash: `AT`, `A/`. */
function attention(
    bytes: Buffer,
    from: number,
    end: number,
    letter: number
): boolean {
    let at = bytes.indexOf(letter, from, end)
    while (at >= 0 && at + 1 < end) {
        const next = bytes[at + 1] | LOWER
        if (next === LOWER_T || next === SLASH) return true
        at = bytes.indexOf(letter, at + 1, end)
    }
    return false
}

/** @devsWhenUsed */
export class Channel {
    readonly encoder: Encoder
    /** the command in flight, None when the channel is free */
    running = Command.None
    stage = Stage.Free
    /** the connection that the command is about, else a `Giver` */
    link = Giver.Bearer as number
    /** which lines end it */
    ends = Final.No
    /** which information it asks for */
    information = Line.Unknown
    /** when the command is given up */
    deadline = 0
    /** its answer may hold text of somebody else: a short message */
    holdsText = false
    /** number of the last +CME ERROR, of a +CMS ERROR (`CMS`), or a `Cme` */
    cme: Cme = Cme.Plain
    /** when the last command, or its data, went out */
    sentAt = 0
    /** ends that belong to no command in flight: late answers, mostly */
    strays = 0
    /** commands that were given up */
    timeouts = 0
    /** bytes were lost while the command in flight was */
    torn = false
    /** a line that is not known came while the header of data was due … */
    doubt = false
    /** … and another one that was not believed */
    doubtful = false

    private readonly digest: Digest
    private readonly uart: UartState
    /** what goes out behind the prompt: `length` bytes of `source` from `at` on */
    private source: Buffer | null = null
    private at = 0
    length = 0
    /** how the modem learns where they end; CtrlZ: that is still to be sent */
    private framing = Framing.Length
    /** how long their result may take behind them; ms */
    private resultTime = 0
    /**
     * bytes of no meaning that go out in their place: the modem was promised
     * them, and their connection is gone
     */
    filler = 0
    private orphaned = false

    constructor(encoder: Encoder, digest: Digest, uart: UartState) {
        this.encoder = encoder
        this.uart = uart
        this.digest = digest
    }

    /**
     * Gives a command; its parameters go to the encoder.
     * @param link the connection that it is about, else a `Giver`
     */
    begin(command: Command, link: number, now: number) {
        const row = command * STRIDE
        this.running = command
        this.stage = Stage.Given
        this.link = link
        this.sentAt = now
        this.cme = Cme.Plain
        this.torn = false
        this.holdsText = false
        this.ends = COMMANDS[row + Column.Ends] | Final.Error
        const information = COMMANDS[row + Column.Information]
        this.information = information & ~PAYLOAD
        this.deadline = now + COMMANDS[row + Column.Timeout] * HALF_SECOND
        if ((information & PAYLOAD) !== 0)
            this.deadline += this.uart.segmentTime
        const encoder = this.encoder
        encoder.begin(copyRow(TABLE, command, encoder.command))
    }

    /**
     * Gives a command of the application.
     * @param ends which lines end it
     * @param timeout how long they may take, ms
     * @param holdsText its answer may hold text of somebody else
     */
    beginCustom(
        text: string,
        ends: Final,
        timeout: number,
        holdsText: boolean,
        now: number
    ) {
        this.begin(Command.Custom, Giver.Feature, now)
        this.encoder.beginText(text)
        this.ends = ends
        this.holdsText = holdsText
        this.deadline = now + timeout
    }

    /** A byte has gone out that wakes the modem, and is no command. */
    wakes(now: number) {
        this.sentAt = now
    }

    /** The answer may take `ms` longer. */
    extend(ms: number) {
        this.deadline += ms
    }

    /** A line that was not understood may have been the answer: its rest may take `ms`. */
    hurry(ms: number, now: number) {
        if (before(now + ms, this.deadline)) this.deadline = now + ms
    }

    /** Why the command was not obeyed: the number of its +CME ERROR, or a `Cme`. */
    refused(cme: Cme) {
        this.cme = cme
    }

    /** A final result code belongs to no command in flight. */
    stray() {
        this.strays++
    }

    /**
     * A line that is not known may have been the header that is due; then another one
     * was not believed.
     */
    distrust() {
        this.doubtful = this.doubt
        this.doubt = true
    }

    /** Bytes were lost: the answer may not be whole. */
    tear() {
        this.torn = this.running !== Command.None
    }

    /**
     * Whether a line that is an end of the command in flight does end it.
     * @param final which end it is
     * @param index the number of a connection in front of it, -1: none
     */
    endedBy(final: Final, index: number): boolean {
        const stage = this.stage
        if (stage === Stage.Cancelled) return false
        if (index >= 0 && index !== this.link && final !== Final.Status)
            return false
        if ((final & SENT) === 0 || stage === Stage.Result) return true
        // before the prompt, it is the result of another command
        if (stage !== Stage.Data) return false
        // nor can the modem have taken the data before all of them are out
        return (
            final === Final.SendFail ||
            (this.encoder.left === 0 && this.filler === 0)
        )
    }

    /**
     * The command that was given wants data: they go out behind the prompt,
     * from where they lie.
     * @param framing Length: their length was announced, anything ends them;
     * CtrlZ: that is sent behind them; Timer: nothing is
     * @param resultTime how long the result may take behind them, ms
     */
    send(
        source: Buffer,
        at: number,
        length: number,
        framing: Framing,
        resultTime: number
    ) {
        this.source = source
        this.at = at
        this.length = length
        this.framing = framing
        this.resultTime = resultTime
        this.digest.awaitPrompt = true
    }

    /** The modem takes the data now. */
    prompted(now: number) {
        const encoder = this.encoder
        this.stage = Stage.Data
        this.sentAt = now
        this.deadline = now + UART_GRACE + this.uart.segmentTime
        if (this.source === null) return
        encoder.source = this.source
        encoder.at = this.at
        encoder.left = this.length
        // then Ctrl-Z has to follow them
        encoder.tell = this.framing === Framing.CtrlZ
    }

    /** The encoder has sent what it had: gives it the rest, if there is one. */
    proceed(now: number) {
        let n = this.filler
        if (n > 0) {
            if (n > COMMAND_SIZE) n = COMMAND_SIZE
            this.filler -= n
            this.encoder.fill(CR, n)
        } else if (this.framing === Framing.CtrlZ) {
            this.framing = Framing.Length
            this.encoder.fill(CTRL_Z, 1)
        } else {
            this.stage = Stage.Result
            this.source = null
            this.deadline = now + (this.orphaned ? GRACE : this.resultTime)
        }
    }

    /** Whether the modem may wait for data: a command would be taken for them. */
    promised(): boolean {
        return this.source !== null || this.filler > 0
    }

    /** Whether the buffer of a connection is still to be read. */
    reads(link: number): boolean {
        return this.source !== null && this.link === link
    }

    /**
     * The connection that data are being sent on is gone. Its owner is told at once,
     * and may use its buffer for something else. The modem still gets as many bytes as
     * it was promised, else it would take commands for data.
     */
    orphan(now: number) {
        if (this.running !== Command.Cipsend) return
        this.orphaned = true
        const encoder = this.encoder
        if (this.stage === Stage.Given) this.filler = this.length
        else if (this.stage === Stage.Data && this.source !== null) {
            this.filler = encoder.left
            encoder.left = 0
        }
        this.source = null
        if (this.framing === Framing.CtrlZ) this.filler = 0
        if (this.stage === Stage.Data) return
        if (before(now + GRACE, this.deadline)) this.deadline = now + GRACE
    }

    /**
     * The command's time is over. If a prompt was due, the modem may wait for
     * data all the same: then a command would be data for the peer. So free
     * text is cancelled, and data of a known length go out as if the prompt had
     * been heard, unless the modem, if it is not waiting, could take them for a
     * command.
     * @returns whether something can still come of it
     */
    persist(now: number): boolean {
        const source = this.source
        if (this.stage !== Stage.Given || source === null) return false
        // not even the command is out
        if (this.encoder.left > 0) return false
        const end = this.at + this.length
        if (this.framing !== Framing.Length) {
            this.stage = Stage.Cancelled
            this.source = null
            this.deadline = now + CANCEL_TIME
            this.encoder.fill(ESC, 1)
        } else if (
            attention(source, this.at, end, UPPER_A) ||
            attention(source, this.at, end, LOWER_A)
        )
            return false
        else this.prompted(now)
        this.digest.awaitPrompt = false
        return true
    }

    /** The command in flight is given up. */
    expire() {
        this.timeouts++
    }

    /** Frees the channel; what has not been sent is forgotten. */
    finish() {
        this.running = Command.None
        this.stage = Stage.Free
        this.ends = Final.No
        this.information = Line.Unknown
        this.source = null
        this.filler = 0
        this.orphaned = false
        this.doubt = false
        this.doubtful = false
        this.digest.awaitPrompt = false
        this.encoder.left = 0
    }
}
