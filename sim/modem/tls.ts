/**
 * TLS as the module makes it for TCP clients: AT+CIPSSL, AT+SSLOPT, and the
 * certificates that it was given ([SSL] 3.4–3.9).
 */

import { X509Certificate } from "node:crypto"
import { createSecureContext } from "node:tls"

/** Versions that some firmware speaks; SSL 2.0 and 3.0, which all do, are left out. */
export type TlsVersion = "TLSv1" | "TLSv1.2"

export interface TlsSettings {
    /** AT+CIPSSL: connections made from now on are encrypted. */
    enabled: boolean
    /** AT+SSLOPT=0: certificates that are not valid are taken all the same. */
    ignoreInvalid: boolean
    /** AT+SSLOPT=1: the module shows its certificate. */
    authenticate: boolean
    /** AT+SSLSETROOT: a root beside those of the firmware, X.509 in DER. */
    root: Uint8Array | undefined
    /** AT+SSLSETCERT: the module's own certificate. */
    client: ClientCertificate | undefined
}

/** Certificate and private key in PKCS#12, with the password that opens it. */
export interface ClientCertificate {
    readonly pkcs12: Uint8Array
    readonly password: string
}

/** Encryption of a connection. The name in a certificate is not checked. */
export interface TlsRequest {
    /** The latest version that the module speaks. */
    readonly version: TlsVersion
    readonly ignoreInvalid: boolean
    readonly root: Uint8Array | undefined
    /** Its certificate, shown on request. */
    readonly client: ClientCertificate | undefined
}

/** Encryption of a new connection: the present settings count. */
export function tlsRequest(
    { ignoreInvalid, authenticate, root, client }: TlsSettings,
    version: TlsVersion
): TlsRequest {
    return {
        version,
        ignoreInvalid,
        root,
        client: authenticate ? client : undefined,
    }
}

/** Whether a file is a certificate that AT+SSLSETROOT takes: binary, not PEM ([SSL] V1.05). */
export function isRoot(file: Uint8Array): boolean {
    const SEQUENCE = 0x30
    if (file[0] !== SEQUENCE) return false
    try {
        return new X509Certificate(file).raw.length === file.length
    } catch {
        return false
    }
}

/**
 * Reads a file for AT+SSLSETCERT.
 * @returns undefined if it is unusable; a certificate without a key is accepted, but
 * cannot be shown
 */
export function importCertificate(
    file: Uint8Array,
    password: string
): { readonly client: ClientCertificate | undefined } | undefined {
    const client = { pkcs12: file, password }
    try {
        createSecureContext({
            pfx: Buffer.from(file),
            passphrase: password,
            ciphers: LEGACY_CIPHERS,
        })
        return { client }
    } catch {
        // not PKCS#12, or another password
    }
    try {
        new X509Certificate(file)
        return { client: undefined }
    } catch {
        return undefined
    }
}

/** OpenSSL considers the ciphers of a module of 2013 unsafe. */
export const LEGACY_CIPHERS = "DEFAULT:@SECLEVEL=0"

/**
 * Payload of the handshake, each way in turn: ClientHello; ServerHello with the
 * certificates; ClientKeyExchange, Finished; Finished. Sizes of a chain of two RSA
 * certificates.
 */
export const HANDSHAKE: readonly {
    readonly up: number
    readonly down: number
}[] = [
    { up: 120, down: 2800 },
    { up: 330, down: 60 },
]
