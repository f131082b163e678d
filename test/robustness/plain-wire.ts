/**
 * The wire between the plain modem and the driver: it cuts what the modem says
 * wherever it likes, and something happens behind a byte of it.
 */
import { Random } from "../../sim/modem/random"
import { spell } from "../../sim/modem/trace"
import type { PlainModem, Restart } from "./plain-modem"

const S = 1000

/** What a peer, or a sender of messages, says in order to be taken for the modem. */
const MIMICRY = [
    "\r\nOK\r\n",
    "\r\nERROR\r\n",
    "\r\n> ",
    "\r\n+CIPRXGET: 2,0,10,0\r\n",
    "\r\n+CIPRXGET: 1,0\r\n",
    "\r\n0, CLOSED\r\n",
    "\r\nCLOSED\r\n",
    "\r\nRDY\r\n",
    "\r\nNO CARRIER\r\n",
    "\r\nCONNECT\r\n",
    "\r\n+PDP: DEACT\r\n",
    "\r\n+RECEIVE,1,5:\r\nabcde",
    "+IPD,3:abc",
    "\r\nSTATE: IP INITIAL\r\n",
    "SEND OK\r\n",
    "+++",
    "\x1a",
    "\x1b",
    "\r",
    "AT\r",
]

/** Lines of a short message. */
const TEXTS = ["0, CLOSED", "RDY", "OK", "+PDP: DEACT", "hello", "CLOSED"]

export const restarts = [
    "restart",
    "noisy restart",
    "late restart",
    "announced restart",
    "brown-out",
] as const

/** What happens behind a byte. */
export const mishaps = [
    "nothing",
    ...restarts,
    "1 byte lost",
    "2 bytes lost",
    "9 bytes lost",
    "40 bytes lost",
    "0xff",
    "bit 0 flips",
    "bit 4 flips",
    "a message",
    "PDP DEACT",
    "7 s late",
    "30 s late",
    "0.3 s lost",
    "7 s lost",
    "a glitch of DCD",
] as const
export type Mishap = (typeof mishaps)[number]

/** Those that spoil what comes: pushed data are not proof against them. */
export const spoils = /lost|0xff|flips|restart|brown/
/**
 * Whether a payload may stop half-way, or lack a part: pushed, the rest of it, or of
 * the next one, is taken for lines.
 */
export function stops(events: readonly Event[]): boolean {
    return events.some(({ what }) => /late|lost|flips|0xff/.test(what))
}

/** Something that happens, behind a byte of what the modem says. */
export interface Event {
    readonly what: Mishap
    readonly at: number
}

/**
 * Whether data can not be sent without having seen the prompt, as the modem could
 * take them for a command: commands of the driver may go out in their place.
 */
export function mayBeCommand(data: Buffer): boolean {
    return /a[t/]/i.test(data.toString("latin1"))
}

/** What a peer says, or is told. */
export function speech(random: Random, length: number): Buffer {
    const parts: Buffer[] = []
    for (let n = 0; n < length;) {
        const part =
            random.below(10) < 3
                ? Buffer.from(MIMICRY[random.below(MIMICRY.length)], "latin1")
                : Buffer.from(random.bytes(1 + random.below(60)))
        parts.push(part)
        n += part.length
    }
    return Buffer.concat(parts).subarray(0, length)
}

export class PlainWire {
    /** bytes that have come to its end */
    heard = 0
    /** both directions, spelt, if the environment has WIRE */
    readonly trace: string[] = []
    /** DCD seems to be off until then */
    private glitchUntil = -1
    /** what comes is late, or lost, until then */
    private heldUntil = -1
    private losing = false
    private dropping = 0
    private damage: Mishap = "nothing"
    private events: readonly Event[]

    constructor(
        private readonly modem: PlainModem,
        private readonly random: Random,
        events: readonly Event[]
    ) {
        this.events = [...events].sort((a, b) => a.at - b.at)
    }

    note(now: number, mark: string, bytes: Buffer): void {
        if (process.env.WIRE)
            this.trace.push(`${Math.floor(now)} ${mark} ${spell(bytes)}`)
    }

    /** The modem's DCD, as it arrives. */
    dcd(now: number): boolean {
        return this.modem.dcd && now >= this.glitchUntil
    }

    /** When there is something to look at; Infinity: when the modem does something. */
    dueAt(now: number): number {
        let at = Infinity
        if (now < this.glitchUntil) at = this.glitchUntil
        const { said } = this.modem
        if (said.length === 0) return at
        return Math.min(at, now < this.heldUntil ? this.heldUntil : said[0].at)
    }

    /**
     * What has come, up to the next thing that happens.
     * @param room most bytes
     * @returns the bytes, which may be none; undefined: nothing more at present
     */
    take(now: number, room: number): Buffer | undefined {
        const { said } = this.modem
        const { random } = this
        if (now < this.heldUntil) {
            if (this.losing)
                while (said.length > 0 && said[0].at <= now) said.shift()
            return undefined
        }
        if (said.length === 0 || said[0].at > now || room <= 0) return undefined
        const first = said[0]
        let n = Math.min(room, first.bytes.length)
        if (random.below(5) === 0) n = 1 + random.below(n)
        const event = this.events.at(0)
        if (event !== undefined)
            n = Math.min(n, Math.max(1, event.at - this.heard))
        let bytes = first.bytes.subarray(0, n)
        first.bytes = first.bytes.subarray(n)
        if (first.bytes.length === 0) said.shift()
        this.heard += n
        if (this.dropping > 0) bytes = this.spoil(bytes)
        this.note(now, "<", bytes)
        if (event !== undefined && this.heard >= event.at) {
            this.events = this.events.slice(1)
            this.happen(event.what, now)
        }
        return bytes
    }

    private spoil(bytes: Buffer): Buffer {
        if (/lost/.test(this.damage)) {
            const lost = Math.min(this.dropping, bytes.length)
            this.dropping -= lost
            return bytes.subarray(lost)
        }
        this.dropping = 0
        const spoilt = Buffer.from(bytes)
        if (this.damage === "0xff") spoilt[0] = 0xff
        else spoilt[0] ^= this.damage === "bit 0 flips" ? 1 : 16
        return spoilt
    }

    private happen(what: Mishap, now: number): void {
        const { modem, random } = this
        this.note(now, "!", Buffer.from(what))
        const late = (ms: number, lost: boolean): void => {
            this.heldUntil = now + ms
            this.losing = lost
        }
        switch (what) {
            case "nothing":
                break
            case "restart":
                modem.restart("loud")
                break
            case "noisy restart":
            case "late restart":
            case "announced restart":
                modem.restart(what.split(" ")[0] as Restart)
                break
            case "brown-out":
                modem.restart("silent")
                break
            case "a message": {
                // not amid a line: a modem says one thing behind the other
                const text = TEXTS[random.below(TEXTS.length)]
                const header = '+CMT: "+491","","26/01/02,10:11:12+04"'
                if (!modem.raw) modem.put(`\r\n${header}\r\n${text}\r\n`)
                break
            }
            case "PDP DEACT":
                modem.deactivate()
                break
            case "7 s late":
                late(7 * S, false)
                break
            case "30 s late":
                late(30 * S, false)
                break
            case "0.3 s lost":
                late(300, true)
                break
            case "7 s lost":
                late(7 * S, true)
                break
            case "a glitch of DCD":
                this.glitchUntil = now + Math.floor(10 ** (4 * random.next()))
                break
            default:
                this.dropping = parseInt(what, 10) || 1
        }
        this.damage = what
    }
}

/** Up to three events, mostly one. */
export function eventsOf(random: Random, span: number): Event[] {
    const count = 1 + (random.below(3) === 0 ? random.below(3) : 0)
    return Array.from({ length: count }, () => ({
        what: mishaps[random.below(mishaps.length)],
        at: 1 + random.below(random.below(3) ? span : 1200),
    }))
}
