/**
 * TLS as the module makes it for TCP clients: AT+CIPSSL, AT+SSLOPT, and the
 * certificates that it was given ([SSL] 3.4–3.9).
 */

/** Versions that some firmware speaks; SSL 2.0 and 3.0, which all do, are left out. */
export type TlsVersion = "TLSv1" | "TLSv1.2"

export interface TlsSettings {
    /** AT+CIPSSL: connections made from now on are encrypted. */
    enabled: boolean
    /** AT+SSLOPT=0: certificates that are not valid are taken all the same. */
    ignoreInvalid: boolean
    /** AT+SSLOPT=1: the module shows its certificate. */
    authenticate: boolean
}

/** How a connection is to be encrypted. The name in a certificate is not looked at. */
export interface TlsRequest {
    /** The latest version that the module speaks. */
    readonly version: TlsVersion
    readonly ignoreInvalid: boolean
}

/**
 * Payload of the handshake, each way in turn: ClientHello; ServerHello with the
 * certificates; ClientKeyExchange, Finished; Finished. Sizes are those of a
 * chain of two RSA certificates.
 */
export const HANDSHAKE: readonly {
    readonly up: number
    readonly down: number
}[] = [
    { up: 120, down: 2800 },
    { up: 330, down: 60 },
]
