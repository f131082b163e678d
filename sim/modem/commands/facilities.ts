/**
 * Locks, barrings and passwords, and files of the SIM card: [ATM12] 3.2.17, 3.2.29,
 * 3.2.34, 6.2.15, 6.2.16, 6.2.28, 6.2.53.
 */
import {
    refuses,
    says,
    saysOk,
    setting,
    takes,
    type Command,
    type CommandRun,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import { integer, oneOf, optional, text, word } from "../parameters"
import { isNumber } from "../phone-number"
import { range } from "../setting"
import { cardReports } from "../card-reports"
import { barrings, type Barring } from "../subscription"

const NOT_ALLOWED = 3
const INCORRECT_PASSWORD = 16
const NEEDS_PIN2 = 17
const INVALID_NUMBER = 27
const NO_NETWORK = 30
const INVALID = 765
const TOO_FEW = 791

/** `<fac>`: barrings in the network, fixed dialling, the PIN, locks of the module. */
const facilities = [...barrings, "FD", "SC", "PN", "PU", "PP"] as const

const isBarring = (name: string): name is Barring =>
    (barrings as readonly string[]).includes(name)

const UNLOCK = 0
const QUERY = 2
const VOICE = 1
const ALL_CLASSES = 7

/** @throws CommandError unless the card is unlocked */
function requireCard({ sim }: Firmware): void {
    if (sim.error !== undefined) throw new CommandError(sim.error)
}

/** Asks the network, which takes its time. */
function ask(run: CommandRun, answer: () => void): void {
    const { dce } = run
    if (!dce.registration.isRegistered) throw new CommandError(NO_NETWORK)
    dce.clock.after(dce.options.delays.supplementary, answer)
}

/** A barring of calls. */
function bar(
    run: CommandRun,
    name: Barring,
    mode: number,
    password: string | undefined
): void {
    if (mode !== QUERY && password === undefined)
        throw new CommandError(TOO_FEW)
    ask(run, () => {
        const { subscription } = run.dce.hardware
        if (mode === QUERY) {
            const isActive = subscription.barred.has(name)
            run.information(
                isActive ? `+CLCK: 1,${VOICE}` : `+CLCK: 0,${ALL_CLASSES}`
            )
        } else if (password !== subscription.password) {
            run.fail(INCORRECT_PASSWORD)
            return
        } else if (mode === UNLOCK) subscription.barred.delete(name)
        else subscription.barred.add(name)
        run.ok()
    })
}

/** AT+CLCK ([ATM12] 3.2.17). */
const lock = takes(
    [
        word(...facilities),
        oneOf(UNLOCK, 1, QUERY),
        optional(text(8)),
        optional(integer(1, 255)),
    ],
    (run, name, mode, password) => {
        const { dce } = run
        requireCard(dce)
        if (isBarring(name)) {
            bar(run, name, mode, password)
            return
        }
        if (mode === QUERY) {
            const isLocked = name === "SC" && dce.hardware.card.isLocked
            run.information(`+CLCK: ${+isLocked}`)
        } else if (name === "SC") {
            if (password === undefined) throw new CommandError(TOO_FEW)
            checkPin(password)
            const error = dce.sim.withPin(card =>
                card.setLock(mode !== UNLOCK, password)
            )
            if (error !== undefined) throw new CommandError(error)
        } else throw new CommandError(name === "FD" ? NEEDS_PIN2 : NOT_ALLOWED)
        run.ok()
    }
)

function checkPin(pin: string): void {
    if (!/^\d{4,8}$/.test(pin)) throw new CommandError(INVALID)
}

/** AT+CPWD ([ATM12] 3.2.29): the PIN, which the card must ask for, or the password of the barrings. */
const change = takes(
    [
        word(...barrings, "AB", "P2", "SC"),
        optional(text(8), ""),
        text(8),
    ] as const,
    (run, name, old, next) => {
        const { dce } = run
        requireCard(dce)
        if (name === "P2") throw new CommandError(NEEDS_PIN2)
        if (name === "SC") {
            checkPin(next)
            const { card } = dce.hardware
            if (!card.isLocked) throw new CommandError(NOT_ALLOWED)
            const error = dce.sim.withPin(() => card.changePin(old, next))
            if (error !== undefined) throw new CommandError(error)
            run.ok()
            return
        }
        if (!/^\d{4}$/.test(next)) throw new CommandError(INVALID)
        ask(run, () => {
            const { subscription } = dce.hardware
            if (old !== subscription.password) run.fail(INCORRECT_PASSWORD)
            else {
                subscription.password = next
                run.ok()
            }
        })
    }
)

/** Contents of the card's files by number, in hexadecimal (GSM 11.11, 10). */
function fileOf({ hardware }: Firmware, file: number): string | undefined {
    const { iccid, imsi, providerName } = hardware.card
    const swapped = (digits: string): string =>
        digits.replace(/(.)(.)/g, "$2$1").toUpperCase()
    const even = (digits: string): string =>
        digits.length % 2 === 0 ? digits : `${digits}F`
    const ICCID = 0x2fe2
    const IMSI = 0x6f07
    const SPN = 0x6f46
    if (file === ICCID) return swapped(even(iccid))
    // a digit that means "odd" precedes the number
    if (file === IMSI) return `08${swapped(`9${imsi}`)}`
    if (file === SPN)
        return `00${Buffer.from(providerName, "latin1").toString("hex").toUpperCase().padEnd(32, "F")}`
    return undefined
}

/** AT+CRSM ([ATM12] 3.2.34): the card's response, success or error. */
const accessCard = takes(
    [
        oneOf(176, 178, 192, 214, 220, 242),
        optional(integer(0, 0xffff), 0),
        optional(integer(0, 255), 0),
        optional(integer(0, 255), 0),
        optional(integer(0, 255), 0),
        optional(text(510)),
    ],
    (run, instruction, file, high, low, length) => {
        const READ_BINARY = 176
        const STATUS = 242
        requireCard(run.dce)
        const content = fileOf(run.dce, file)
        const answer = (): string => {
            if (instruction === STATUS) return "144,0"
            if (content === undefined) return "148,4"
            // nothing of it may be written, and it has no records
            if (instruction !== READ_BINARY) return "152,4"
            const from = 2 * (high * 256 + low)
            const wanted = content.slice(from, from + 2 * (length || 255))
            return `144,0,"${wanted}"`
        }
        run.information(`+CRSM: ${answer()}`)
        run.ok()
    }
)

const VOICE_MAIL_NAME = 14
const VOICE_MAIL_NUMBER = 20

export const facilityCommands: readonly Command[] = [
    {
        name: "+CLCK",
        delay: "simCard",
        test: says(
            () => `+CLCK: (${facilities.map(name => `"${name}"`).join(",")})`
        ),
        write: lock,
    },
    {
        name: "+CPWD",
        delay: "simCard",
        test: says(() => {
            const barred = [...barrings, "AB"].map(name => `("${name}",4)`)
            return `+CPWD: ${barred.join(",")},("P2",8),("SC",8)`
        }),
        write: change,
    },
    {
        ...setting(cardReports, {
            read: ([n], { hardware }) =>
                `+CSMINS: ${n},${+hardware.card.inserted}`,
        }),
        acts: true,
    },
    setting({ name: "+CSDT", values: [range(0, 1, 0)], saved: "AT&W" }),
    setting({
        name: "+SIMTIMER",
        values: [range(1, 26, 26)],
        saved: "AT&W",
    }),
    {
        name: "+CSPN",
        delay: "simCard",
        read: says(dce => {
            requireCard(dce)
            const NOT_SHOWN = 0
            return `+CSPN: "${dce.hardware.card.providerName}",${NOT_SHOWN}`
        }),
    },
    {
        name: "+CCVM",
        delay: "simCard",
        test: says(() => `+CCVM: ${VOICE_MAIL_NUMBER},${VOICE_MAIL_NAME}`),
        read: run => {
            requireCard(run.dce)
            const { voiceMail } = run.dce.hardware.card
            if (voiceMail !== undefined)
                run.information(
                    `+CCVM: "${voiceMail.number}","${voiceMail.name}"`
                )
            run.ok()
        },
        write: takes(
            [text(VOICE_MAIL_NUMBER), optional(text(VOICE_MAIL_NAME), "")],
            (run, number, name) => {
                requireCard(run.dce)
                if (!isNumber(number)) throw new CommandError(INVALID_NUMBER)
                run.dce.hardware.card.voiceMail = { number, name }
                run.ok()
            }
        ),
    },
    {
        // a card without the files ([ATM12] 6.2.28)
        name: "+CGID",
        delay: "simCard",
        execute: says(dce => {
            requireCard(dce)
            return "+GID: 0xff,0xff"
        }),
    },
    { name: "+CRSM", delay: "simCard", test: saysOk, write: accessCard },
    refuses("+CSIM", "the virtual card is no chip that takes any command"),
    refuses("+CPSPWD", "the manual says that it is not supported"),
]
