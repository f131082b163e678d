/**
 * The command channel: one command in flight, with its own final result codes and its
 * own timeout. Any line that is neither a final result code nor an information response
 * of this command is a URC, or the late response to a command that timed out.
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

/** Final result codes of AT+CIPSEND. */
const SENT = Final.Sent | Final.SendFail

/** How a command ended. */
export enum Outcome {
    Ok,
    /** ERROR, or +CME ERROR with its number in `cme` */
    Refused,
    /** SEND FAIL */
    SendFail,
    Timeout,
    /** an event made the command pointless: PDP DEACT, restart */
    Aborted,
}

/** The giver of a command that concerns no connection. */
export enum Giver {
    Bearer = -1,
    Feature = -2,
}

/** Stage of the command in flight. */
export enum Stage {
    /** no command is in flight */
    Free,
    /** given; if it has data, the prompt is due */
    Given,
    /** the prompt came: data go out */
    Data,
    /** the data are out, the result is due */
    Result,
    /** no prompt came: ESC was sent, in case the modem waits for data */
    Cancelled,
}

/** Longest time for which a busy UART may hold up the data of one command, ms. */
const UART_GRACE = 10000
/** Timeout of AT+CIPSEND once its connection is gone, ms. */
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
    /** number of the command's connection, else a `Giver` */
    link = Giver.Bearer as number
    /** its final result codes */
    ends = Final.No
    /** the information response that it asks for */
    information = Line.Unknown
    /** when the command times out */
    deadline = 0
    /** its response may hold foreign text: a short message */
    holdsText = false
    /** number of the last +CME ERROR or +CMS ERROR (plus `CMS`), or a `Cme` */
    cme: Cme = Cme.Plain
    /** when the last command, or its data, went out */
    sentAt = 0
    /** final result codes without a command in flight: late responses, mostly */
    strays = 0
    /** commands that timed out */
    timeouts = 0
    /** bytes were lost during the command in flight */
    torn = false
    /** an unknown line came while the header of data was due … */
    doubt = false
    /** … and after it another line was not believed */
    doubtful = false

    private readonly digest: Digest
    private readonly uart: UartState
    /** data to send after the prompt: `length` bytes of `source` from `at` on */
    private source: Buffer | null = null
    private at = 0
    length = 0
    /** how the modem learns the end of the data; CtrlZ: Ctrl-Z is still to be sent */
    private framing = Framing.Length
    /** timeout of the result after the data, ms */
    private resultTime = 0
    /**
     * meaningless bytes to send in their place: they were announced to the modem, but
     * their connection is gone
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
     * @param link number of its connection, else a `Giver`
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
     * @param ends its final result codes
     * @param timeout for its final result code, ms
     * @param holdsText its response may hold foreign text
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

    /** A byte was sent that wakes the modem and is no command. */
    wakes(now: number) {
        this.sentAt = now
    }

    /** Extends the timeout by `ms`. */
    extend(ms: number) {
        this.deadline += ms
    }

    /**
     * Shortens the timeout to `ms`: a line that was not understood may have been the
     * response.
     */
    hurry(ms: number, now: number) {
        if (before(now + ms, this.deadline)) this.deadline = now + ms
    }

    /** Records why the command failed: the number of its +CME ERROR, or a `Cme`. */
    refused(cme: Cme) {
        this.cme = cme
    }

    /** Counts a final result code that belongs to no command in flight. */
    stray() {
        this.strays++
    }

    /**
     * Doubts the response: an unknown line may have been the header that is due. The
     * second time: another line was not believed.
     */
    distrust() {
        this.doubtful = this.doubt
        this.doubt = true
    }

    /** Bytes were lost: the response may be incomplete. */
    tear() {
        this.torn = this.running !== Command.None
    }

    /**
     * Whether a final result code of the command in flight ends it now.
     * @param final the final result code
     * @param index number of the connection before it, -1: none
     */
    endedBy(final: Final, index: number): boolean {
        const stage = this.stage
        if (stage === Stage.Cancelled) return false
        if (index >= 0 && index !== this.link && final !== Final.Status)
            return false
        if ((final & SENT) === 0 || stage === Stage.Result) return true
        // before the prompt, it is the result of another command
        if (stage !== Stage.Data) return false
        // the modem cannot have taken the data before all of them are out
        return (
            final === Final.SendFail ||
            (this.encoder.left === 0 && this.filler === 0)
        )
    }

    /**
     * Data of the command in flight: they are sent after the prompt, without a copy.
     * @param framing Length: their length was announced; CtrlZ: Ctrl-Z is sent after
     * them; Timer: nothing is
     * @param resultTime timeout of the result after the data, ms
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
        // Ctrl-Z has to follow them
        encoder.tell = this.framing === Framing.CtrlZ
    }

    /** The encoder is empty: gives it the rest, if there is one. */
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

    /** Whether the modem may wait for data: it would take a command for data. */
    promised(): boolean {
        return this.source !== null || this.filler > 0
    }

    /** Whether the data of a connection still lie in its owner's buffer. */
    reads(link: number): boolean {
        return this.source !== null && this.link === link
    }

    /**
     * The connection of the data being sent is gone. Its owner is told at once, and may
     * reuse its buffer. The modem still gets the announced number of bytes; otherwise
     * it would take commands for data.
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
     * The command has timed out. If a prompt was due, the modem may still wait for
     * data, and would send a command to the peer. So free text is cancelled, and data
     * of a known length are sent as if the prompt had come, unless a modem that does
     * not wait could take them for a command.
     * @returns whether the command may still succeed
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

    /** Counts the command in flight as timed out. */
    expire() {
        this.timeouts++
    }

    /** Frees the channel, and drops the bytes that are not sent yet. */
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
