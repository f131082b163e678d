/** A self-signed certificate for `tls.example`, valid until 2126, for tests only. */
import { readFileSync } from "node:fs"
import path from "node:path"

const read = (name: string): string =>
    readFileSync(path.join(import.meta.dirname, name), "utf8")

export const key = read("key.pem")
export const certificate = read("certificate.pem")
