/**
 * Certificates for TLS, in files of the modem: AT+FSCREATE, AT+FSWRITE, AT+FSDEL
 * (manual 14), AT+SSLSETROOT, AT+SSLSETCERT of the SSL application note.
 */
import type { Certificates } from "../certificates"
import { Outcome } from "../channel"
import { Failure, refusal } from "../errors"
import { Line } from "../results"
import { LOCAL, OK, type Dialogue, type Problem, type Talk } from "./talk"

export const ROOT = "C:\\USER\\ROOT.CRT"
export const CLIENT = "C:\\USER\\CLIENT.P12"
/** Flash is erased and written, which may take long, ms */
const WRITE_TIMEOUT = 30000
/** Bytes of one AT+FSWRITE; it takes 10,240, but they are copied, and memory is short. */
const PIECE = 1024
/** How long the modem waits for these bytes, in seconds. */
const INPUT_TIME = 10
/** Largest file for TLS: a chain of certificates and a key. */
export const LARGEST_FILE = 16384

const NO_ROOT =
    "the modem does not take it, which wants X.509 in DER (not PEM), and firmware that knows this command, of 2020 or later"
const NO_CLIENT =
    "the modem does not take it, which wants PKCS#12 with its key, and the right password"

const ROOT_COMMAND = "AT+SSLSETROOT"
const CLIENT_COMMAND = "AT+SSLSETCERT"
const LARGEST_NUMBER = 0x7fffffff

/** Asks for the size of a file: AT+FSFLSIZE, refused if there is none. */
function askSize(talk: Talk, path: string): boolean {
    return talk.attempt(`AT+FSFLSIZE=${path}`)
}

/** @returns that size; -1 if there is no such file */
function sizeSaid(talk: Talk): number {
    const fields = talk.fields
    if (talk.request.outcome !== Outcome.Ok || !talk.seek("+FSFLSIZE:"))
        return -1
    const size = fields.whole(0, LARGEST_NUMBER)
    return fields.wrong ? -1 : size
}

/** Makes the modem use a file. */
function use(talk: Talk, path: string, size: number, password: string) {
    if (path === ROOT)
        return talk.say(`${ROOT_COMMAND}="${ROOT}",${size}`, WRITE_TIMEOUT)
    let line = `${CLIENT_COMMAND}="${CLIENT}"`
    if (password) line += `,"${password}"`
    // after OK the modem reports whether it accepted the file
    talk.give(line, WRITE_TIMEOUT, OK, Line.Imported, false)
    // no error may show the password
    talk.command = CLIENT_COMMAND
    return true
}

/** Checks that the modem uses the file, and keeps the command for later. */
function used(
    talk: Talk,
    settings: Certificates,
    path: string,
    size: number,
    password: string
) {
    const request = talk.request
    const isRoot = path === ROOT
    const subject = isRoot ? "root certificate" : "client certificate"
    const sentence = isRoot ? NO_ROOT : NO_CLIENT
    const command = isRoot ? ROOT_COMMAND : CLIENT_COMMAND
    const dialogue = talk.current()
    if (!talk.obeyed()) {
        if (request.outcome !== Outcome.Refused) return
        dialogue.problem = null
        talk.fail(
            Failure.CommandRefused,
            subject,
            refusal(command, request.cme),
            sentence
        )
        return
    }
    if (isRoot) {
        settings.root = `${ROOT_COMMAND}="${ROOT}",${size}`
        return
    }
    if (!talk.seek("+SSLSETCERT:") || talk.fields.whole(0, 0) !== 0) {
        talk.fail(Failure.CommandRefused, subject, talk.said(), sentence)
        return
    }
    settings.client = `${CLIENT_COMMAND}="${CLIENT}"`
    if (password) settings.client += `,"${password}"`
}

enum Store {
    Size,
    Create,
    Write,
    Check,
    Use,
    Used,
}

/**
 * Replaces a file, and makes the modem use it.
 * @devsWhenUsed
 */
export class StoreCertificate implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private readonly settings: Certificates
    private readonly path: string
    private readonly data: Buffer
    private readonly password: string
    private step = Store.Size
    private asked = false
    private at = 0

    /** @param path `ROOT` or `CLIENT` */
    constructor(
        settings: Certificates,
        path: string,
        data: Buffer,
        password: string
    ) {
        this.settings = settings
        this.path = path
        this.data = data
        this.password = password
    }

    next(talk: Talk): boolean {
        const path = this.path
        const length = this.data.length
        if (this.step === Store.Used) {
            used(talk, this.settings, path, length, this.password)
            return false
        }
        if (!talk.obeyed()) return false
        switch (this.step) {
            case Store.Size:
                if (!this.asked) {
                    this.asked = true
                    if (path === ROOT) this.settings.root = ""
                    else this.settings.client = ""
                    return askSize(talk, path)
                }
                this.step = Store.Create
                if (sizeSaid(talk) >= 0)
                    return talk.say(`AT+FSDEL=${path}`, LOCAL)
                return this.next(talk)
            case Store.Create:
                this.step = Store.Write
                return talk.say(`AT+FSCREATE=${path}`, LOCAL)
            case Store.Write:
                return this.write(talk)
            case Store.Check:
                this.step = Store.Use
                return askSize(talk, path)
        }
        const size = sizeSaid(talk)
        if (size !== length)
            return talk.fail(
                Failure.ReceiveTorn,
                `write ${path}`,
                "",
                `${size} of ${length} bytes have arrived`
            )
        this.step = Store.Used
        return use(talk, path, size, this.password)
    }

    private write(talk: Talk): boolean {
        const left = this.data.length - this.at
        const length = left < PIECE ? left : PIECE
        const piece = Buffer.alloc(length)
        piece.blitAt(0, this.data, this.at, length)
        const mode = this.at > 0 ? 1 : 0
        talk.say(
            `AT+FSWRITE=${this.path},${mode},${length},${INPUT_TIME}`,
            WRITE_TIMEOUT
        )
        talk.request.data = piece
        this.at += length
        if (length === left) this.step = Store.Check
        return true
    }
}

enum Use {
    Client,
    Root,
    UseClient,
    UseRoot,
    Done,
}

/**
 * Makes the modem use the existing files.
 * @devsWhenUsed
 */
export class UseCertificates implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    /** there is at least one file */
    found = false
    private readonly settings: Certificates
    private readonly password: string
    private step = Use.Client
    private client = 0
    private root = 0

    constructor(settings: Certificates, password: string) {
        this.settings = settings
        this.password = password
    }

    next(talk: Talk): boolean {
        const settings = this.settings
        switch (this.step) {
            case Use.Client:
                this.step = Use.Root
                return askSize(talk, CLIENT)
            case Use.Root:
                this.client = sizeSaid(talk)
                this.step = Use.UseClient
                return askSize(talk, ROOT)
            case Use.UseClient:
                this.root = sizeSaid(talk)
                this.found = this.client > 0 || this.root > 0
                this.step = Use.UseRoot
                if (this.client > 0) return use(talk, CLIENT, 0, this.password)
                break
            case Use.Done:
                used(talk, settings, ROOT, this.root, "")
                return false
        }
        if (this.client > 0) used(talk, settings, CLIENT, 0, this.password)
        this.step = Use.Done
        return talk.obeyed() && this.root > 0 && use(talk, ROOT, this.root, "")
    }
}

/**
 * Deletes the existing files.
 * @devsWhenUsed
 */
export class RemoveCertificates implements Dialogue {
    over!: boolean
    problem!: Problem | null
    behind!: Dialogue | null
    private path = CLIENT
    private asked = false

    next(talk: Talk): boolean {
        if (!talk.obeyed()) return false
        if (this.asked) {
            this.asked = false
            const path = this.path
            const exists = sizeSaid(talk) >= 0
            this.path = path === CLIENT ? ROOT : ""
            if (exists) return talk.say(`AT+FSDEL=${path}`, LOCAL)
        }
        this.asked = true
        return this.path !== "" && askSize(talk, this.path)
    }
}
