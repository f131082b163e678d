import { Kind, wrong } from "../core/arguments"
import { Certificates as Settings } from "../core/certificates"
import {
    CLIENT,
    LARGEST_FILE,
    RemoveCertificates,
    ROOT,
    StoreCertificate,
    UseCertificates,
} from "../core/dialogues/certificates"
import { bad, check, checkModem } from "./arguments"
import { converse } from "./dialogue"
import type { Sim800 } from "./sim800"

const LONGEST_PASSWORD = 64

/** The modem's certificates for TLS; a field left out stays unchanged. */
export interface CertificateFiles {
    /**
     * a root certificate beside those of the firmware, X.509 in DER. It needs firmware
     * with AT+SSLSETROOT, which is in the note of 2020 (V1.05), but not in that of 2014
     * (V1.01).
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
 * Certificates for TLS, in files of the modem (AT+FSCREATE, AT+FSWRITE; AT+SSLSETROOT,
 * AT+SSLSETCERT of the SSL application note). The files survive restarts; the driver
 * selects them again whenever the modem may have lost the selection.
 *
 * ```ts
 * const certificates = new Certificates(modem)
 * if (!(await certificates.use({ password })))
 *     await certificates.install({ root, client, password })
 * ```
 *
 * Anyone who has the modem can read the files (AT+FSREAD): the key is only as safe as
 * the device.
 * @devsWhenUsed
 */
export class Certificates {
    private readonly modem: Sim800
    private readonly settings: Settings

    constructor(modem: Sim800) {
        checkModem(modem)
        this.modem = modem
        this.settings = new Settings(modem.core)
    }

    /**
     * Writes certificates into the modem, in place of the old ones, and makes it use
     * them from now on. Flash wears out: call it only for new certificates. Throws a
     * `Sim800Error`; then the modem may have none.
     */
    async install(files: CertificateFiles): Promise<void> {
        check("files", Kind.Object, files)
        const { root, client } = files
        if (!root && !client) throw bad("root", "nothing is to be installed")
        checkFile("root", root)
        checkFile("client", client)
        const password = checkPassword(files.password)
        if (client) await this.store(CLIENT, client, password)
        if (root) await this.store(ROOT, root, "")
    }

    private async store(path: string, data: Buffer, password: string) {
        await converse(
            this.modem,
            new StoreCertificate(this.settings, path, data, password),
            "install certificates"
        )
    }

    /**
     * Makes the modem use installed certificates. Throws a `Sim800Error` if it refuses
     * them.
     * @param options `password` of the client certificate
     * @returns whether any are installed
     */
    async use(options?: { password?: string }): Promise<boolean> {
        if (options !== undefined) check("options", Kind.Object, options)
        const password = checkPassword(options && options.password)
        const dialogue = new UseCertificates(this.settings, password)
        await converse(this.modem, dialogue, "use certificates")
        return dialogue.found
    }

    /**
     * Deletes the installed certificates. The modem goes on using them until it
     * restarts: see `modem.reset()`.
     */
    async remove(): Promise<void> {
        this.settings.client = ""
        this.settings.root = ""
        await converse(
            this.modem,
            new RemoveCertificates(),
            "remove certificates"
        )
    }
}

function checkFile(name: string, data: Buffer | undefined) {
    if (data === undefined) return
    if (!(data instanceof Buffer)) throw bad(name, "a Buffer is expected")
    if (data.length < 1 || data.length > LARGEST_FILE)
        throw bad(name, `${data.length} bytes, not 1–${LARGEST_FILE}`)
}

function checkPassword(password: string | undefined): string {
    const text = password === undefined ? "" : password
    // no error may show it
    if (wrong(Kind.Text, text, 0, LONGEST_PASSWORD))
        throw bad(
            "password",
            `at most ${LONGEST_PASSWORD} printable ASCII characters without " are expected`
        )
    return text
}
