/** Certificates for TLS, in files of the modem. */
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
import type { CertificateFiles, Certificates } from "./api"
import { bad, checkObject } from "./errors"
import { Sim800 } from "./modem"
import { converse } from "./talk"

const LONGEST_PASSWORD = 64

function fileOf(name: string, data: unknown): Buffer | undefined {
    if (data === undefined) return undefined
    const bytes = E.toUint8Array(data)
    if (bytes.length < 1 || bytes.length > LARGEST_FILE)
        throw bad(name, bytes.length + " bytes, not 1–" + LARGEST_FILE)
    return bytes
}

function passwordOf(password: string | undefined): string {
    const text = password === undefined ? "" : password
    // no error may show it
    if (wrong(Kind.Text, text, 0, LONGEST_PASSWORD))
        throw bad(
            "password",
            "at most " +
                LONGEST_PASSWORD +
                ' printable ASCII characters without " are expected'
        )
    return text
}

class ModemCertificates implements Certificates {
    private readonly modem: Sim800
    private readonly settings: Settings

    constructor(modem: Sim800) {
        this.modem = modem
        this.settings = new Settings(modem.core)
    }

    install(files: CertificateFiles): Promise<void> {
        checkObject("files", files)
        const root = fileOf("root", files.root)
        const client = fileOf("client", files.client)
        if (!root && !client) throw bad("root", "nothing is to be installed")
        const password = passwordOf(files.password)
        let stored: Promise<void> = Promise.resolve()
        if (client) stored = this.store(CLIENT, client, password)
        return stored.then(() =>
            root ? this.store(ROOT, root, "") : undefined
        )
    }

    private store(path: string, data: Buffer, password: string) {
        return converse(
            this.modem,
            new StoreCertificate(this.settings, path, data, password),
            "install certificates"
        )
    }

    use(options?: { password?: string }): Promise<boolean> {
        if (options !== undefined) checkObject("options", options)
        const password = passwordOf(options && options.password)
        const dialogue = new UseCertificates(this.settings, password)
        return converse(this.modem, dialogue, "use certificates").then(
            () => dialogue.found
        )
    }

    remove(): Promise<void> {
        this.settings.client = ""
        this.settings.root = ""
        return converse(
            this.modem,
            new RemoveCertificates(),
            "remove certificates"
        )
    }
}

declare module "./modem" {
    interface Sim800 {
        certificates(): Certificates
    }
}

Sim800.prototype.certificates = function (this: Sim800) {
    return new ModemCertificates(this)
}
