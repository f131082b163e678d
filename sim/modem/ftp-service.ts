import type { ApplicationBearer } from "./application-bearers"
import type { ClientModule } from "./application-client"
import { ByteQueue, concatenate } from "./bytes"
import type { Timer } from "./clock"
import { allowedIf } from "./errors"
import type { FileSystem } from "./file-system"
import { FtpSession, type FtpOutcome, type FtpTask } from "./ftp-session"
import { factoryFtpSettings, type FtpSettings } from "./ftp-settings"
import type { Output } from "./output"

/** Most bytes of one AT+FTPGET=2, and of one AT+FTPPUT=2. */
export const LARGEST_READ = 1460
const LARGEST_WRITE = 1360
/** Most bytes that the extended methods hold ([ATM12] 12.2.20). */
export const LARGEST_FILE = 307_200
/** Unread data are told of again after this, ms; "in a certain time" ([ATM12] 12.2.14). */
const REMINDER = 10_000

export interface FtpModule extends ClientModule {
    readonly output: Pick<Output, "urc">
    readonly bearers: readonly ApplicationBearer[]
    readonly hardware: {
        readonly nvram: {
            ftpSettings: FtpSettings | undefined
            readonly files: FileSystem
        }
    }
}

/** Commands whose data the DTE reads bit by bit. */
export type Reading = "+FTPGET" | "+FTPLIST"

/** A session, and its reports to the DTE. */
interface Job {
    readonly name: string
    readonly session: FtpSession
}

/** The FTP client in the module ([ATM12] 12). */
export class FtpService {
    readonly settings: FtpSettings
    /** AT+FTPEXTPUT=1, AT+FTPFILEPUT=1: data that AT+FTPPUT=1 sends by itself. */
    prepared: Uint8Array | undefined
    /** AT+FTPEXTGET: the fetched data. */
    fetched = new Uint8Array()
    private job: Job | undefined
    private readonly unread = new ByteQueue()
    private reminder: Timer | undefined
    /** All data have come; the end is reported once they are read. */
    private isComplete = false
    /** The DTE may give data, or end them. */
    private isInvited = false
    private progress = 0

    constructor(private readonly module: FtpModule) {
        this.settings = {
            ...(module.hardware.nvram.ftpSettings ?? factoryFtpSettings),
        }
    }

    /** AT+FTPSTATE. */
    get isBusy(): boolean {
        return this.job !== undefined
    }

    /** Nothing is under way that will report by itself: what waits for the DTE is not. */
    get isSettled(): boolean {
        return !this.isBusy || this.isInvited || this.unread.length > 0
    }

    /** The command that is under way, and the bytes that it has moved. */
    runs(name: string): number | undefined {
        return this.job?.name === name ? this.progress : undefined
    }

    /** AT+FTPSCONT. */
    save(): void {
        this.module.hardware.nvram.ftpSettings = { ...this.settings }
    }

    /** AT+FTPGET=1, AT+FTPLIST=1: the DTE will read the data. */
    read(name: Reading): void {
        const task = name === "+FTPLIST" ? this.listTask() : this.getTask()
        this.unread.clear()
        this.isComplete = false
        this.start(name, task, {
            received: bytes => {
                this.unread.push(bytes)
                if (this.unread.length === bytes.length) this.announce()
            },
            fetched: () => {
                this.isComplete = true
                if (this.unread.length === 0) this.tell(name, 0)
            },
        })
    }

    /** AT+FTPGET=2, AT+FTPLIST=2. @throws CommandError 3 unless that is under way */
    take(name: Reading, count: number): Uint8Array {
        allowedIf(this.job?.name === name)
        const bytes = this.unread.take(count)
        this.reminder?.cancel()
        this.job?.session.consumed(bytes.length)
        if (this.unread.length > 0) this.remind()
        else if (this.isComplete)
            this.module.clock.after(0, () => this.tell(name, 0))
        return bytes
    }

    private announce(): void {
        const { job } = this
        if (job === undefined) return
        this.module.output.urc(`${job.name}: 1,1`)
        this.remind()
    }

    private remind(): void {
        this.reminder?.cancel()
        this.reminder = this.module.clock.after(REMINDER, () => this.announce())
    }

    /** AT+FTPPUT=1: sends data that the DTE will give, or prepared ones. */
    put(): void {
        const { prepared } = this
        const { PUTPATH, PUTNAME, PUTOPT } = this.settings
        const command = `${PUTOPT} ${pathOf(PUTPATH, PUTNAME)}`
        if (prepared !== undefined) {
            this.upload("+FTPPUT", command, prepared, outcome =>
                this.tell("+FTPPUT", outcome)
            )
            return
        }
        this.start(
            "+FTPPUT",
            { kind: "store", command, failure: 78 },
            { ready: () => this.invite() }
        )
    }

    private invite(): void {
        this.isInvited = true
        this.module.output.urc(`+FTPPUT: 1,1,${LARGEST_WRITE}`)
    }

    /** AT+FTPPUT=2: how many bytes it takes now. @throws CommandError 3 unless a put is under way */
    acceptable(count: number): number {
        allowedIf(this.job?.name === "+FTPPUT" && this.prepared === undefined)
        return Math.min(count, LARGEST_WRITE)
    }

    /** The data of AT+FTPPUT=2. */
    give(bytes: Uint8Array): void {
        this.isInvited = false
        this.job?.session.send(this.typed(bytes))
        this.inviteWhenSent()
    }

    private inviteWhenSent(): void {
        const POLL = 20
        const { job, module } = this
        if (job === undefined) return
        if (job.session.room >= LARGEST_WRITE) this.invite()
        else module.clock.after(POLL, () => this.inviteWhenSent())
    }

    /** AT+FTPPUT=2,0: that was all. */
    finishPut(): void {
        this.isInvited = false
        this.job?.session.finish()
    }

    /** With type A only seven bits of each byte arrive ([ATM12] 12.2.3). */
    private typed(bytes: Uint8Array): Uint8Array {
        return this.settings.TYPE === "A"
            ? bytes.map(byte => byte & 0x7f)
            : bytes
    }

    /** Sends all of something. */
    upload(
        name: string,
        command: string,
        bytes: Uint8Array,
        done: (outcome: FtpOutcome) => void
    ): void {
        this.start(
            name,
            { kind: "store", command, failure: 78 },
            {
                ready: () => {
                    this.progress = bytes.length
                    this.job?.session.send(this.typed(bytes))
                    this.job?.session.finish()
                },
                ended: done,
            }
        )
    }

    /** Fetches all of AT+FTPGETNAME. */
    download(
        name: string,
        done: (outcome: FtpOutcome, bytes: Uint8Array) => void
    ): void {
        const parts: Uint8Array[] = []
        this.start(name, this.getTask(), {
            received: bytes => {
                parts.push(bytes)
                this.progress += bytes.length
                this.job?.session.consumed(bytes.length)
            },
            fetched: () => {
                this.job = undefined
                done(0, concatenate(...parts))
            },
            ended: outcome => done(outcome, new Uint8Array()),
        })
    }

    /**
     * AT+FTPDELE, AT+FTPSIZE, AT+FTPMKD, AT+FTPRMD. @param answer reads the value
     * reported after 0
     */
    ask(
        name: string,
        verb: "DELE" | "SIZE" | "MKD" | "RMD",
        answer: (text: string) => string = () => ""
    ): void {
        const { GETPATH, GETNAME } = this.settings
        const isFolder = verb === "MKD" || verb === "RMD"
        const path = isFolder ? GETPATH : pathOf(GETPATH, GETNAME)
        this.start(
            name,
            { kind: "ask", command: `${verb} ${path}`, failure: 77 },
            {
                ended: (outcome, text) => {
                    const more = outcome === 0 ? answer(text) : ""
                    this.module.output.urc(`${name}: 1,${outcome}${more}`)
                },
            }
        )
    }

    /** AT+FTPQUIT. @throws CommandError 3 if nothing is under way */
    quit(): void {
        const { job } = this
        allowedIf(job !== undefined)
        if (job === undefined) return
        job.session.abort()
        this.tell(job.name, 86)
    }

    private getTask(): FtpTask {
        const { GETPATH, GETNAME, REST } = this.settings
        const command = `RETR ${pathOf(GETPATH, GETNAME)}`
        return { kind: "fetch", command, restart: Number(REST), failure: 79 }
    }

    private listTask(): FtpTask {
        const { GETPATH } = this.settings
        const command = `LIST ${GETPATH}`.trim()
        return { kind: "fetch", command, restart: 0, failure: 79 }
    }

    /** @throws CommandError 3 if another session runs, or no server is given */
    private start(
        name: string,
        task: FtpTask,
        events: {
            received?: (bytes: Uint8Array) => void
            fetched?: () => void
            ready?: () => void
            ended?: (outcome: FtpOutcome, text: string) => void
        }
    ): void {
        allowedIf(!this.isBusy && this.settings.SERV !== "")
        const ignore = (): void => undefined
        this.progress = 0
        this.isInvited = false
        const session = new FtpSession(
            this.module,
            this.module.bearers[Number(this.settings.CID) - 1],
            this.settings,
            task,
            {
                received: events.received ?? ignore,
                fetched: events.fetched ?? ignore,
                ready: events.ready ?? ignore,
                ended: (outcome, text) => {
                    if (events.ended === undefined) this.tell(name, outcome)
                    else {
                        this.job = undefined
                        events.ended(outcome, text)
                    }
                },
            }
        )
        this.job = { name, session }
    }

    /** How it went, in the result code of the command. */
    private tell(name: string, outcome: FtpOutcome): void {
        this.job = undefined
        this.reminder?.cancel()
        this.module.output.urc(`${name}: 1,${outcome}`)
    }
}

export function pathOf(folder: string, name: string): string {
    const separator = folder === "" || folder.endsWith("/") ? "" : "/"
    return `${folder}${separator}${name}`
}
