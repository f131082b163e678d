/**
 * Keys and certificates for tests only, all valid until 2126: a self-signed one
 * for `tls.example`; and by make.sh a root with a server and a client.
 */
import { readFileSync } from "node:fs"
import path from "node:path"

const file = (name: string): Buffer =>
    readFileSync(path.join(import.meta.dirname, name))
const text = (name: string): string => file(name).toString()

export const key = text("key.pem")
export const certificate = text("certificate.pem")

/** X.509 in DER, as AT+SSLSETROOT wants it. */
export const root = file("root.der")
/** What the root vouches for: `server.example`. */
export const server = { key: text("server.key"), cert: text("server.pem") }
/** Certificate and key of `client.example`, PKCS#12. */
export const client = { pkcs12: file("client.p12"), password: "sim800" }
