import { Kind, wrong } from "../core/arguments"
import { Certificates as Settings } from "../core/certificates"
import { Failure, refusal } from "../core/errors"
import { Final, Line } from "../core/results"
import { bad, check, checkModem } from "./arguments"
import { type Commands, commandsOf, information } from "./commands"
import { failed, Sim800Error } from "./errors"
import type { Sim800 } from "./sim800"

const OK = Final.Ok | Final.Error
const ROOT = "C:\\USER\\ROOT.CRT"
const CLIENT = "C:\\USER\\CLIENT.P12"
const TIMEOUT = 5000
/** Flash is erased and written, which may take long; ms */
const WRITE_TIMEOUT = 30000
/** AT+SSLSETCERT says what it has made of the file after its OK; ms */
const IMPORT_TIMEOUT = 15000
/** Bytes of one AT+FSWRITE, which takes 10,240: they are copied, and memory is short. */
const PIECE = 1024
/** How long the modem waits for them, in seconds. */
const INPUT_TIME = 10
const LONGEST_PASSWORD = 64
/** The most of a file that TLS may want: a chain of certificates and a key. */
const LARGEST = 16384

/** What the modem is to know for TLS; what is left out stays as it is. */
export interface CertificateFiles {
    /**
     * a root certificate beside those of the firmware, X.509 in DER. It wants
     * firmware that knows AT+SSLSETROOT: the note of 2020 (V1.05) has it, that of
     * 2014 (V1.01) has not.
     */
    root?: Buffer
    /**
     * the certificate that the modem shows (`clientCertificate: true`), with its
     * private key, as PKCS#12
     */
    client?: Buffer
    /** of `client`: at most 64 printable ASCII characters without `"` */
    password?: string
}

/**
 * Certificates for TLS, in files of the modem (AT+FSCREATE, AT+FSWRITE;
 * AT+SSLSETROOT, AT+SSLSETCERT of the SSL application note). The files outlive
 * everything; which of them are used the modem is told again whenever it may
 * have forgotten.
 *
 * ```ts
 * const certificates = new Certificates(modem)
 * if (!(await certificates.use({ password })))
 *     await certificates.install({ root, client, password })
 * ```
 *
 * Whoever has the modem can read the files (AT+FSREAD): the key is as safe as the
 * device.
 * @devsWhenUsed
 */
export class Certificates {
    private readonly modem: Sim800
    private readonly settings: Settings
    /** behind `+SSLSETCERT:`; empty until the modem has said it */
    private imported = ""

    constructor(modem: Sim800) {
        checkModem(modem)
        this.modem = modem
        this.settings = new Settings(modem.core)
        modem.urcHandlers.push(this.urc)
    }

    private urc(line: string) {
        if (!line.startsWith("+SSLSETCERT:")) return
        this.imported = line.slice(12).trim()
        this.modem.onchange.emit(undefined)
    }

    /**
     * Writes certificates into the modem, in place of those that it has, and has
     * them used from now on. Flash wears out: do it when they are new. Throws a
     * `Sim800Error`; the modem may have none then.
     */
    async install(files: CertificateFiles): Promise<void> {
        check("files", Kind.Object, files)
        const { root, client } = files
        if (!root && !client) throw bad("root", "nothing is to be installed")
        checkFile("root", root)
        checkFile("client", client)
        const password = checkPassword(files.password)
        const commands = commandsOf(this.modem)
        await commands.claim("install certificates")
        try {
            if (client) {
                this.settings.client = ""
                await store(commands, CLIENT, client)
                await this.setClient(commands, password)
            }
            if (root) {
                this.settings.root = ""
                await store(commands, ROOT, root)
                await this.setRoot(commands, root.length)
            }
        } finally {
            commands.release()
        }
    }

    /**
     * Has certificates used that have been installed before. Throws a
     * `Sim800Error` if the modem does not take them.
     * @param options `password` of the client certificate
     * @returns whether there are any
     */
    async use(options?: { password?: string }): Promise<boolean> {
        const password = checkPassword(options && options.password)
        const commands = commandsOf(this.modem)
        await commands.claim("use certificates")
        try {
            const client = await sizeOf(commands, CLIENT)
            const root = await sizeOf(commands, ROOT)
            if (client > 0) await this.setClient(commands, password)
            if (root > 0) await this.setRoot(commands, root)
            return client > 0 || root > 0
        } finally {
            commands.release()
        }
    }

    /**
     * Deletes what has been installed. The modem goes on using it until it
     * restarts: see `modem.reset()`.
     */
    async remove(): Promise<void> {
        const commands = commandsOf(this.modem)
        this.settings.client = ""
        this.settings.root = ""
        await commands.claim("remove certificates")
        try {
            for (const path of [CLIENT, ROOT])
                if ((await sizeOf(commands, path)) >= 0)
                    await give(commands, `AT+FSDEL=${path}`)
        } finally {
            commands.release()
        }
    }

    private async setRoot(commands: Commands, size: number): Promise<void> {
        const line = `AT+SSLSETROOT="${ROOT}",${size}`
        if (!(await obeyed(commands, line)))
            throw refused(
                "root certificate",
                "X.509 in DER (not PEM), and firmware that knows this command, of 2020 or later",
                refusal("AT+SSLSETROOT", commands.request.cme)
            )
        this.settings.root = line
    }

    private async setClient(
        commands: Commands,
        password: string
    ): Promise<void> {
        const self = this
        const what = "PKCS#12 with its key, and the right password"
        let line = `AT+SSLSETCERT="${CLIENT}"`
        if (password) line += `,"${password}"`
        this.imported = ""
        const lines = await obeyed(commands, line)
        if (!lines)
            throw refused(
                "client certificate",
                what,
                refusal("AT+SSLSETCERT", commands.request.cme)
            )
        // it may have come in front of OK
        for (const said of lines) this.urc(said)
        await this.modem.until(() => self.imported !== "", IMPORT_TIMEOUT)
        if (this.imported !== "0")
            throw refused(
                "client certificate",
                what,
                `+SSLSETCERT: ${this.imported || "nothing"}`
            )
        this.settings.client = line
    }
}

function refused(subject: string, wants: string, answer: string): Sim800Error {
    return new Sim800Error(
        `${subject}: the modem does not take it, which wants ${wants} (modem: ${answer})`,
        Failure.CommandRefused
    )
}

function checkFile(name: string, data: Buffer | undefined) {
    if (data === undefined) return
    if (!(data instanceof Buffer)) throw bad(name, "a Buffer is expected")
    if (data.length < 1 || data.length > LARGEST)
        throw bad(name, `${data.length} bytes, not 1–${LARGEST}`)
}

function checkPassword(password: string | undefined): string {
    const text = password === undefined ? "" : password
    // no error is to show it
    if (wrong(Kind.Text, text, 0, LONGEST_PASSWORD))
        throw bad(
            "password",
            `at most ${LONGEST_PASSWORD} printable ASCII characters without " are expected`
        )
    return text
}

async function give(commands: Commands, line: string): Promise<string[]> {
    return await commands.give(line, OK, TIMEOUT, Line.Unknown)
}

/**
 * Gives a command that may hold a password, which no error is to show.
 * @returns its information lines; undefined if it has been refused
 */
async function obeyed(commands: Commands, line: string): Promise<string[]> {
    try {
        return await commands.give(line, OK, WRITE_TIMEOUT, Line.Unknown)
    } catch (e) {
        const failure = (e as Sim800Error).failure
        if (failure === Failure.CommandRefused) return undefined
        throw failed(failure, line.slice(0, line.indexOf("=")))
    }
}

/** @returns -1 if there is no such file */
async function sizeOf(commands: Commands, path: string): Promise<number> {
    try {
        const lines = await give(commands, `AT+FSFLSIZE=${path}`)
        return parseInt(information(lines, "+FSFLSIZE:"))
    } catch (e) {
        if ((e as Sim800Error).failure === Failure.CommandRefused) return -1
        throw e
    }
}

/** A file of its own, whatever there was. */
async function store(
    commands: Commands,
    path: string,
    data: Buffer
): Promise<void> {
    if ((await sizeOf(commands, path)) >= 0)
        await give(commands, `AT+FSDEL=${path}`)
    await give(commands, `AT+FSCREATE=${path}`)
    for (let at = 0; at < data.length; at += PIECE) {
        const length = Math.min(PIECE, data.length - at)
        const piece = Buffer.alloc(length)
        piece.blitAt(0, data, at, length)
        await commands.give(
            `AT+FSWRITE=${path},${at > 0 ? 1 : 0},${length},${INPUT_TIME}`,
            OK,
            WRITE_TIMEOUT,
            Line.Unknown,
            piece
        )
    }
    const size = await sizeOf(commands, path)
    if (size !== data.length)
        throw failed(
            Failure.ReceiveTorn,
            `write ${path}`,
            `${size} of ${data.length} bytes have arrived`
        )
}
