import type { ApplicationBearer } from "./application-bearers"
import {
    ApplicationClient,
    type ClientEnd,
    type ClientModule,
} from "./application-client"
import { bytesOf, textOf } from "./bytes"
import type { Timer } from "./clock"
import type { FtpSettings } from "./ftp-settings"
import type { TcpListener } from "./network"

/** `<error>` of the FTP commands ([ATM12] 12.2.14); 0 is success. */
export type FtpOutcome =
    | 0
    | 61
    | 62
    | 63
    | 64
    | 65
    | 71
    | 72
    | 73
    | 74
    | 75
    | 76
    | 77
    | 78
    | 79
    | 85
    | 86

/** The task of a session. */
export type FtpTask =
    /** A command and its reply: DELE, SIZE, MKD, RMD. */
    | { readonly kind: "ask"; readonly command: string; readonly failure: 77 }
    /** RETR, LIST: data come. */
    | {
          readonly kind: "fetch"
          readonly command: string
          readonly restart: number
          readonly failure: 79
      }
    /** STOR and its like: data go. */
    | { readonly kind: "store"; readonly command: string; readonly failure: 78 }

export interface FtpEvents {
    /** Data have come; {@link FtpSession.consumed} makes room for more. */
    received(bytes: Uint8Array): void
    /** All data have come, and the server has confirmed it. */
    fetched(): void
    /** The server is ready for data. */
    ready(): void
    /** It is over. @param text of the server's reply */
    ended(outcome: FtpOutcome, text: string): void
}

const failures: Readonly<Record<ClientEnd, FtpOutcome>> = {
    "no bearer": 61,
    "no name": 62,
    "not reached": 63,
    "no handshake": 63,
    closed: 61,
}

/** First and last of the ports on which the module waits for data in active mode. */
const FIRST_PORT = 50_000
const PORTS = 10_000

/** One step on the way, which goes on, or fails. */
type Step = (next: () => void) => void

/** One FTP session (RFC 959): log in, do one thing, log out. */
export class FtpSession {
    private readonly control: ApplicationClient
    private data: ApplicationClient | undefined
    private listener: TcpListener | undefined
    private buffer = ""
    private onReply: (code: number, text: string) => void = () => undefined
    private over = false
    private timer: Timer | undefined
    private dataEnded = false
    private transferOk = false

    constructor(
        private readonly module: ClientModule,
        private readonly bearer: ApplicationBearer,
        private readonly settings: FtpSettings,
        private readonly task: FtpTask,
        private readonly events: FtpEvents
    ) {
        this.control = new ApplicationClient(module, bearer, {
            connected: () => this.run(this.steps()),
            received: bytes => {
                this.control.consumed(bytes.length)
                this.readReplies(textOf(bytes))
            },
            ended: reason => this.end(failures[reason]),
        }).dial(settings.SERV, Number(settings.PORT))
        this.watch()
    }

    /** Bytes that the server has room for. */
    get room(): number {
        return this.data?.room ?? 0
    }

    /** Sends data; `events.ready` says when there may be more. */
    send(bytes: Uint8Array): void {
        this.data?.send(bytes)
    }

    /** All data have been sent. */
    finish(): void {
        this.watch()
        this.data?.close(() => {
            this.dataEnded = true
            this.settle()
        })
    }

    consumed(bytes: number): void {
        this.data?.consumed(bytes)
    }

    /** AT+FTPQUIT: nothing is told. */
    abort(): void {
        this.close()
    }

    private steps(): Step[] {
        const { UN, PW, TYPE } = this.settings
        const { task } = this
        const login: Step[] = [
            this.expect(undefined, [2], 65),
            this.expect(`USER ${UN}`, [2, 3], 71),
            next => {
                // some let a user in without a password
                if (this.lastCode >= 300)
                    this.expect(`PASS ${PW}`, [2], 72)(next)
                else next()
            },
            this.expect(`TYPE ${TYPE}`, [2], 73),
        ]
        if (task.kind === "ask")
            return [
                ...login,
                this.expect(task.command, [2], task.failure),
                () => this.end(0, this.lastText),
            ]
        const restart: Step[] =
            task.kind === "fetch" && task.restart > 0
                ? [this.expect(`REST ${task.restart}`, [3], 74)]
                : []
        return [
            ...login,
            this.settings.MODE === "0"
                ? next => this.listen(next)
                : next => this.enterPassive(next),
            ...restart,
            this.expect(task.command, [1], task.failure),
            () => this.transfer(),
        ]
    }

    private lastCode = 0
    private lastText = ""

    /** Sends a line, and goes on if the reply's first digit is one of these. */
    private expect(
        line: string | undefined,
        digits: readonly number[],
        failure: FtpOutcome
    ): Step {
        return next => {
            this.onReply = (code, text) => {
                this.lastCode = code
                this.lastText = text
                if (digits.includes(Math.floor(code / 100))) next()
                else this.end(failure)
            }
            if (line !== undefined) this.control.send(bytesOf(`${line}\r\n`))
        }
    }

    private run([step, ...more]: readonly Step[]): void {
        if (!this.over) step(() => this.run(more))
    }

    private enterPassive(next: () => void): void {
        this.expect(
            "PASV",
            [2],
            75
        )(() => {
            const match = /(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)/.exec(
                this.lastText
            )
            if (match === null) {
                this.end(75)
                return
            }
            const [a, b, c, d, high, low] = match.slice(1).map(Number)
            this.data = this.dataClient(next).dial(
                `${a}.${b}.${c}.${d}`,
                high * 256 + low
            )
        })
    }

    private dataClient(connected: () => void): ApplicationClient {
        return new ApplicationClient(this.module, this.bearer, {
            connected,
            received: bytes => {
                this.watch()
                this.events.received(bytes)
            },
            ended: reason => {
                if (reason === "closed") {
                    this.dataEnded = true
                    this.settle()
                } else
                    this.end(reason === "not reached" ? 75 : failures[reason])
            },
        })
    }

    /** Active mode: the server comes to a port of the module. */
    private listen(next: () => void): void {
        const { network, clock } = this.module
        const port = FIRST_PORT + (Math.floor(clock.now()) % PORTS)
        const { address } = this.bearer
        const numbers = [...address.split("."), port >> 8, port & 0xff]
        this.listener = network.listenTcp(
            { address, port },
            {
                listening: () =>
                    this.expect(`PORT ${numbers.join(",")}`, [2], 76)(next),
                failed: () => this.end(76),
                incoming: peer => {
                    this.data = this.dataClient(() => this.begun()).accept(peer)
                },
            }
        )
    }

    private begun(): void {
        if (this.task.kind === "store") this.events.ready()
    }

    /** The server has begun: data flow, and another reply says how it went. */
    private transfer(): void {
        this.onReply = code => {
            if (code >= 300) this.end(this.task.kind === "store" ? 78 : 79)
            else {
                this.transferOk = true
                this.settle()
            }
        }
        if (this.settings.MODE !== "0") this.begun()
        // the DTE may take its time to store
        if (this.task.kind === "store") this.timer?.cancel()
    }

    /** Both the data and the reply have to be there. */
    private settle(): void {
        if (!this.dataEnded || !this.transferOk || this.over) return
        if (this.task.kind === "fetch") {
            this.timer?.cancel()
            this.leave()
            this.events.fetched()
        } else this.end(0)
    }

    private readReplies(text: string): void {
        this.watch()
        this.buffer += text
        // a reply may have several lines; in the last one a blank follows the code
        const reply = /^(?:(\d{3})-[^]*?\r?\n(?=\1 ))?(\d{3}) ([^\r\n]*)\r?\n/
        for (;;) {
            const match = reply.exec(this.buffer)
            if (match === null || this.over) return
            this.buffer = this.buffer.slice(match[0].length)
            this.onReply(Number(match[2]), match[3])
        }
    }

    /** Restarts the timeout without data. */
    private watch(): void {
        this.timer?.cancel()
        if (this.over) return
        const ms = Number(this.settings.TIMEOUT) * 1000
        this.timer = this.module.clock.after(ms, () => this.end(64))
    }

    private end(outcome: FtpOutcome, text = ""): void {
        if (this.over) return
        this.leave()
        this.events.ended(outcome, text)
    }

    /** Logs out; nothing more is told. */
    private leave(): void {
        if (!this.over) this.control.send(bytesOf("QUIT\r\n"))
        this.over = true
        this.timer?.cancel()
        this.listener?.close()
        this.data?.abort()
        this.control.close()
    }

    private close(): void {
        this.leave()
    }
}
