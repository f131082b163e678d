import * as ds from "@devicescript/core"
import { sleep, wait } from "../ports/naps"
import { Kind } from "../core/arguments"
import { Phase } from "../core/bearer"
import { Failure } from "../core/errors"
import { Final, Line } from "../core/results"
import { check, checkModem } from "./arguments"
import { commandsOf } from "./commands"
import { failed } from "./errors"
import { isHexadecimal, ucs2Text } from "./hexadecimal"
import type { Sim800 } from "./sim800"

const OK = Final.Ok | Final.Error
/** ATA and ATH may take 20 s (manual), ms */
const CALL_TIMEOUT = 25000
const TIMEOUT = 10000
/** a pulse on RI that is longer is a short message: 50 ms and 120 ms (2.2.5) */
const PULSE_LIMIT = 85
/** no pulse is longer */
const PULSE_MAX = 200
/** pauses while a modem that has just started refuses, ms */
const RETRY_MIN = 1000
const RETRY_MAX = 60000

const NO_MESSAGE = "there is no short message at this place"

export interface ShortMessage {
    /** number or name of the sender */
    from: string
    /** time of the service centre, `yy/MM/dd,hh:mm:ss±zz`, zz in quarter hours */
    at: string
    text: string
}

/**
 * Calls and short messages (application note 2.2.5). In data mode the modem
 * tells of them only by pulses on RI; in command mode it says what there is.
 * @devsWhenUsed
 */
export class Phone {
    /** somebody is calling; the number, or "" if it is not known (yet) */
    readonly onring = ds.emitter<string>()
    /** short messages have come: see `nextMessage()` */
    readonly onmessage = ds.emitter<void>()
    /**
     * in data mode: a call or a short message, which `Transparent.commandMode()`
     * makes the modem tell of
     */
    readonly onpulse = ds.emitter<"call" | "message">()

    private readonly modem: Sim800
    /** `start()` has been called */
    private started = false
    /** when it was, as `Bearer.configured` counts */
    private configured = 0
    /** places of messages that nobody has asked for; the card holds some dozens */
    private readonly arrived: number[] = []

    constructor(modem: Sim800) {
        checkModem(modem)
        this.modem = modem
        const onpulse = this.onpulse
        modem.urcHandlers.push(this.urc)
        modem.onchange.subscribe(this.changed)
        modem.onpulse.subscribe(ms => {
            if (ms <= PULSE_MAX)
                onpulse.emit(ms < PULSE_LIMIT ? "call" : "message")
        })
    }

    /**
     * Has the modem tell who calls and which message has come (AT+CLIP,
     * AT+CMGF, AT+CNMI), and do so again after each restart. Throws a
     * `Sim800Error`.
     */
    async start(): Promise<void> {
        const configured = this.modem.core.bearer.configured
        await this.run("AT+CLIP=1;+CMGF=1;+CNMI=2,1,0,0,0", CALL_TIMEOUT)
        this.configured = configured
        this.started = true
    }

    /** A modem that was set up anew may not know whom it is to tell of. */
    private async changed() {
        const bearer = this.modem.core.bearer
        let pause = RETRY_MIN
        while (
            this.started &&
            bearer.phase === Phase.Ready &&
            bearer.configured !== this.configured
        )
            try {
                await this.start()
            } catch (e) {
                console.warn(`sim800: ${(e as Error).message}`)
                await sleep(pause)
                if (pause < RETRY_MAX) pause *= 2
            }
    }

    private async run(line: string, timeout: number): Promise<string[]> {
        return await commandsOf(this.modem).run(line, OK, timeout, Line.Unknown)
    }

    private urc(line: string) {
        if (line === "RING") this.onring.emit("")
        else if (line.startsWith("+CLIP:"))
            this.onring.emit(line.split('"')[1] || "")
        else if (line.startsWith("+CMTI:")) {
            const at = line.lastIndexOf(",")
            this.arrived.push(parseInt(line.slice(at + 1).trim()))
            this.onmessage.emit(undefined)
        }
    }

    /**
     * Waits for a short message.
     * @param timeout in ms; without it, as long as it takes
     * @returns its place on the card; `undefined` when the time is over
     */
    async nextMessage(timeout?: number): Promise<number> {
        check("timeout", Kind.Time, timeout)
        const end = ds.millis() + timeout
        while (this.arrived.length === 0) {
            const left = timeout === undefined ? undefined : end - ds.millis()
            if (left <= 0) return undefined
            await wait(this.onmessage, left)
        }
        return this.arrived.shift()
    }

    /** Answers the call that rings. Throws a `Sim800Error` if it has gone. */
    async answer(): Promise<void> {
        await commandsOf(this.modem).run(
            "ATA",
            OK | Final.Connect,
            CALL_TIMEOUT,
            Line.Unknown
        )
    }

    /** Rejects or ends the call. */
    async hangUp(): Promise<void> {
        await this.run("ATH", CALL_TIMEOUT)
    }

    /**
     * Reads a short message. It is asked for in hexadecimal digits, so that no
     * text can be taken for an answer of the modem. Throws a `Sim800Error`:
     * `Failure.NoMessage` if there is none.
     * @param index as `nextMessage()` has told it
     */
    async readMessage(index: number): Promise<ShortMessage> {
        check("index", Kind.Whole, index, 0, 255)
        let lines: string[]
        try {
            lines = await this.run(
                `AT+CMGF=1;+CSCS="UCS2";+CMGR=${index}`,
                TIMEOUT
            )
        } finally {
            await this.run('AT+CSCS="IRA"', TIMEOUT)
        }
        // the network may have said something in front of it
        while (lines.length > 0 && !lines[0].startsWith("+CMGR:")) lines.shift()
        if (lines.length === 0)
            throw failed(
                Failure.NoMessage,
                `read message ${index}`,
                "",
                NO_MESSAGE
            )
        const words = lines[0].split('"')
        const from = words[3] || ""
        const digits = lines[1] || ""
        return {
            from:
                isHexadecimal(from, 4) && from.startsWith("00")
                    ? ucs2Text(from)
                    : from,
            at: words[7] || "",
            text: isHexadecimal(digits, 4) ? ucs2Text(digits) : digits,
        }
    }

    /** Deletes a short message. Throws a `Sim800Error`. */
    async deleteMessage(index: number): Promise<void> {
        check("index", Kind.Whole, index, 0, 255)
        await this.run(`AT+CMGD=${index}`, TIMEOUT)
    }
}
