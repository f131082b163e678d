/** Commands of the module that the virtual one lacks: refused; the docs say why. */
import { refuses, type Command } from "../command"

const MAIL =
    "the e-mail application is left out: AT+CIPSTART reaches mail servers"
const MMS = "multimedia messages are left out: there is no MMS centre"

const mail = [
    ...["+EMAILCID", "+EMAILTO"],
    ...["SRV", "AUTH", "FROM", "RCPT", "SUB", "BODY"].map(x => `+SMTP${x}`),
    ...["FILE", "SEND", "FT", "CS"].map(x => `+SMTP${x}`),
    ...["SRV", "IN", "NUM", "LIST", "UIDL", "CMD"].map(x => `+POP3${x}`),
    ...["READ", "DEL", "RSET", "OUT"].map(x => `+POP3${x}`),
]

const mms = [
    ...["SCURL", "SPROTO", "SCID", "SSENDCFG", "SEDIT", "SDOWN"],
    ...["SDELFILE", "SSEND", "SRECP", "SCC", "SBCC", "SDELRECP"],
    ...["SDELCC", "SDELBCC", "SRECV", "SVIEW", "SREAD", "SRDPUSH"],
    ...["SUA", "SPROFILE", "STIMEOUT", "SSTATUS", "SINIT", "STERM"],
    "SSCONT",
].map(name => `+CMM${name}`)

export const leftOutCommands: readonly Command[] = [
    refuses(
        "+CMUX",
        "the multiplexer of 27.010 is left out: the UART is one channel"
    ),
    ...mail.map(name => refuses(name, MAIL)),
    ...mms.map(name => refuses(name, MMS)),
]
