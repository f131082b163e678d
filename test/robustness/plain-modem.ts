/**
 * A SIM800 written from the manual and the application note alone. It shares
 * nothing with `sim/`: a mistake that driver and virtual modem have in common
 * shows here. It knows what a driver of sockets needs, and no more.
 *
 * Bytes from the DTE go in with `write()`, what it says lies in `said` with the
 * time at which it is on the wire; whoever owns it leads the clock with `tick()`.
 */
import type { Random } from "../../sim/modem/random"
import { PlainPhone } from "./plain-phone"

/** What AT+CIPSTART takes as it finds it. */
export interface Settings {
    /** AT+CLPORT */
    readonly localPort: number
    /** AT+CIPUDPMODE=1 */
    readonly extended: boolean
    /** AT+CIPSGTXT */
    readonly context: number
}

/** Whom one can connect to: what he sends, and what he has got. */
export interface Peer {
    readonly speech: Buffer
    /** how much of it is on its way */
    spoken: number
    readonly heard: number[]
    /** he closes behind it */
    readonly closes: boolean
    /** the modem has said CLOSED: what has been spoken by then is all */
    gone: boolean
    /** UDP: what he sends, and has got, datagram by datagram; `spoken` counts those */
    readonly datagrams?: readonly Buffer[]
    readonly heardDatagrams?: Buffer[]
    /** he speaks TLS, and what the one who connects wants of it */
    readonly tls?: { readonly verify: boolean; readonly authenticate: boolean }
    /** a connection that is not what was wanted: in the clear, or with another one's settings */
    exposed?: string
    /** the same of settings that came behind AT+CIPSTART: it matters if something is said */
    exposedLater?: string
    /** the settings of a connection with him */
    readonly wanted?: Settings
    /** a connection was made with other ones */
    misled?: string
}

/**
 * What a modem may do and few do: for each, how often, 0 to 1. All of it has been
 * seen, or is left open by the manual.
 */
export interface Manners {
    /** a line of some other feature in front of what it says */
    readonly chatter: number
    /** empty lines, and zeros, in front of a line */
    readonly blanks: number
    /** ERROR to a command that it could obey as well: it is busy */
    readonly refusals: number
    /** SEND FAIL, and nothing passes any more */
    readonly sendFails: number
    /** less room than usual, or none, says AT+CIPSEND? */
    readonly fullness: number
    /** ERROR to AT+CIPSTART, and it connects all the same */
    readonly falseStarts: number
    /**
     * +CIPRXGET: 1 of a connection that is over; CLOSED behind CLOSE OK, and of each in
     * front of +PDP: DEACT
     */
    readonly echoes: number
    /** the prompt though the peer has just closed; SEND FAIL follows */
    readonly latePrompts: number
    /** a restart leaves echo off, as AT&W has saved it */
    readonly savedEchoes: number
    /** AT+CIPSTART brings no context up, or TLS no connection */
    readonly failedStarts: number
    /** REMOTE IP: in front of the CONNECT of a peer of the server */
    readonly shownPeers: number
    /** SEND OK, or DATA ACCEPT, is said twice */
    readonly doubles: number
    /** a handshake takes the settings of AT+SSLOPT as they are when it ends */
    readonly lateOptions: number
    /** a context that AT+CIPSTART brings up takes up to 150 s */
    readonly slowStarts: number
    /** ERROR to a setting that is made all the same: another command's */
    readonly falseRefusals: number
    /** it starts with AT+CSCLK as its last program has left it */
    readonly savedSleeps: number
}

export const plainManners: Manners = {
    chatter: 0,
    blanks: 0,
    refusals: 0,
    sendFails: 0,
    fullness: 0,
    falseStarts: 0,
    echoes: 0,
    latePrompts: 0,
    savedEchoes: 0,
    failedStarts: 0,
    shownPeers: 0,
    doubles: 0,
    lateOptions: 0,
    slowStarts: 0,
    falseRefusals: 0,
    savedSleeps: 0,
}

/**
 * Manners of a modem of its own; half of them have none at all.
 * @param more of those that concern settings, sleep and phone
 */
export function mannersOf(random: Random, more?: Random): Manners {
    const share = (random: Random, most: number): number =>
        random.below(2) ? most * random.next() : 0
    const some = (most: number): number => share(random, most)
    if (random.below(2)) return plainManners
    return {
        chatter: some(0.2),
        blanks: some(0.3),
        refusals: some(0.02),
        sendFails: some(0.02),
        fullness: some(0.3),
        falseStarts: some(0.1),
        echoes: some(0.3),
        latePrompts: some(1),
        savedEchoes: some(1),
        failedStarts: some(0.2),
        shownPeers: some(1),
        doubles: some(0.3),
        lateOptions: some(1),
        slowStarts: some(0.3),
        falseRefusals: more ? share(more, 0.3) : 0,
        savedSleeps: more ? share(more, 1) : 0,
    }
}

/** What other features say, whenever they like. */
const CHATTER = [
    "RING",
    "+CREG: 1",
    "+CGREG: 1",
    '+CREG: 1,"18D8","3CA5"',
    '+CIEV: 10,"26201","op","op", 0, 0',
    "+CSQN: 20,0",
    '*PSUTTZ: 2026,1,2,10,11,12,"+4",0',
    "DST: 0",
    '+CMTI: "SM",3',
    '+CLIP: "+491",145,"",0,"",0',
    "+CMTE: 1",
    "OVER-VOLTAGE WARNNING",
    '+CUSD: 0,"0, CLOSED",15',
]
const BLANKS = ["\r\n", "\0", "\0\0\0", "\r\n\r\n", "\n"]

/** How a modem starts again. */
export type Restart = "loud" | "silent" | "noisy" | "late" | "announced"

/** What the modem puts on the wire at once. */
export interface Said {
    at: number
    bytes: Buffer
}

export interface PlainModemOptions {
    readonly multi: boolean
    readonly push: boolean
    readonly transparent: boolean
    /** from a command to its answer, ms */
    readonly latency: number
    readonly random: Random
    readonly manners: Manners
    readonly peer: (host: string) => Peer | undefined
}

type State =
    "INITIAL" | "CONNECTING" | "CONNECTED" | "REMOTE CLOSING" | "CLOSED"

interface Link {
    state: State
    peer: Peer | undefined
    /** received and not handed out */
    held: Buffer
    /** +CIPRXGET: 1 has been said of it */
    announced: boolean
    /** the peer's */
    address: string
    udp: boolean
    /** UDP: datagrams that were received and not handed out */
    queue: Buffer[]
    /** its context */
    bearer: number
    /** AT+CIPUDPMODE=2: whom its datagrams go to */
    target: Peer | undefined
}

const unused = (): Link => ({
    state: "INITIAL",
    peer: undefined,
    held: Buffer.alloc(0),
    announced: false,
    address: "1.2.3.4",
    udp: false,
    queue: [],
    bearer: 0,
    target: undefined,
})

/** AT+SSLOPT=0 and 1 as they were at AT+CIPSTART; undefined: no TLS */
type TlsOptions = readonly number[] | undefined

/** What is wrong with the settings of a handshake. */
function exposure(
    wanted: NonNullable<Peer["tls"]>,
    [ignore, authenticate]: readonly number[]
): string | undefined {
    if (wanted.verify === (ignore === 1)) return "not verified"
    if (wanted.authenticate !== (authenticate === 1))
        return "the wrong certificate"
    return undefined
}

/** Most bytes of one segment. */
const SEGMENT = 1460
/** 10 bits a byte at 115200 */
const BYTES_PER_MS = 11.5
/** silence before and behind `+++`; DTR has to be low for so long; ms */
const GUARD = 1000
/** what a peer may have on its way to an application that does not read */
const WINDOW = 6000
/** from a reset until it listens, ms */
const BOOT = 2500
/** AT+CSCLK=1: from DTR low until it hears, ms */
const WAKE_BY_DTR = 50
/** AT+CSCLK=2: from the byte that wakes it until it hears, ms */
const WAKE_BY_BYTE = 100
/** … and from the last byte until it sleeps, ms */
const NAP = 5000

/** Settings that AT+CIPSTART takes as it finds them, and AT+CSCLK. */
const SETTING =
    /^AT\+(CLPORT|CIPUDPMODE|CIPSRIP|CIPSGTXT|CSCLK|CIPSSL|SSLOPT)=/i
/** Of those, the ones that a modem need not know: it says ERROR every time. */
const OPTIONAL = /^AT\+(CLPORT|CIPUDPMODE|CIPSGTXT)=/i
/** What a modem may be too busy for. */
const BUSY =
    /^AT\+(CIP(START|SEND|RXGET|CLOSE|STATUS|SSL|UDPMODE|SRIP|SGTXT)|SSLOPT|CLPORT|CSCLK|CMG|CUSD|CSCS)/i

/** The commands of a line, name and sign, and parameters. */
function commandsOf(text: string): { name: string; args: string[] }[] {
    const parts = text.slice(2).match(/(?:"[^"]*"|[^;"])+/g) ?? [""]
    return parts.map(part => {
        const [, name = "", sign = "", rest = ""] =
            /^([&+]?[A-Z0-9]*)([=?]?)(.*)$/i.exec(part) ?? []
        return { name: name + sign, args: rest.split(",") }
    })
}

/** In which settings a connection differs from what was wanted. */
function differs(wanted: Settings, made: Settings): string | undefined {
    for (const key of ["localPort", "extended", "context"] as const)
        if (wanted[key] !== made[key])
            return `${key} ${made[key]}, wanted ${wanted[key]}`
    return undefined
}

const CR = 13
const LF = 10
const CTRL_Z = 26
const ESC = 27
const PLUS = 43

const OPEN: State[] = ["CONNECTED", "REMOTE CLOSING"]

export class PlainModem {
    /** what is on the wire, in its order */
    said: Said[] = []
    /** DCD is low */
    dcd = false
    /** the bytes of the UART are data */
    raw = false
    on = true
    boots = 0
    /** commands, as they were given */
    readonly commands: string[] = []

    private now = 0
    private wireFreeAt = 0
    /** one command after the other: until then it is busy */
    private busyUntil = 0
    private timers: { at: number; run: () => void }[] = []
    private links = Array.from({ length: 6 }, unused)
    private contexts = ["IP INITIAL", "IP INITIAL"]
    /** AT+CIPSGTXT */
    private selected = 0
    /** AT+CLPORT, by number: TCP, UDP */
    private readonly ports = Array.from({ length: 6 }, () => [0, 0])
    /** AT+CIPUDPMODE, by number */
    private readonly extended: boolean[] = Array(6).fill(false)
    /** AT+CIPSRIP */
    private showsSender = false
    /** AT+CSCLK, and as AT&W has saved it */
    private slowClock = 0
    private savedSlowClock = 0
    /** the last byte came, or DTR went high */
    private stirredAt = 0
    /** it has just been woken, and hears nothing before */
    private hearsAt = 0
    /** bytes that have come to it while it slept, but for the one that wakes it */
    deaf = 0
    readonly phone: PlainPhone
    /** it knows these `OPTIONAL` settings, and has just said ERROR to them */
    private readonly refused = new Set<string>()
    private echo = true
    private quick = false
    private transparentMode = false
    /** AT+CIPSSL, and AT+SSLOPT=0 and 1 */
    private tls = false
    private readonly tlsOptions = [0, 0]
    /** the port on which it listens, 0 for none */
    private listens = 0
    private line: number[] = []
    /** what was said last are pushed data */
    private behindData = false
    /** data mode has just ended: a blank in front of the next line would be data */
    private bare = false
    /** AT+CIPSEND waits for its data; `left` is -1 if Ctrl-Z ends them */
    private prompt: {
        id: number
        left: number
        data: number[]
        /** a short message */
        done?: (text: string | undefined) => void
    } | null = null
    /** data mode: when the last byte came, plus signs behind a silence */
    private heardAt = -GUARD
    private plusses = 0
    private dtrLowSince = 0
    private dtrLow = true

    constructor(private readonly options: PlainModemOptions) {
        const { random, manners } = options
        this.phone = new PlainPhone({
            random,
            say: line => this.say(line),
            put: bytes => this.put(bytes),
            after: (ms, run) => this.after(ms, run),
            later: (run, ms) => this.later(run, ms),
            happens: share => this.happens(share),
            refusals: manners.refusals,
            context: () => (this.context === "IP STATUS" ? this.selected : -1),
            ask: done => {
                this.prompt = { id: -1, left: -1, data: [], done }
                this.interrupt()
                this.put("\r\n> ")
            },
        })
        if (this.happens(manners.savedSleeps))
            this.slowClock = this.savedSlowClock = 1 + random.below(2)
    }

    /** The state of the context that is selected. */
    private get context(): string {
        return this.contexts[this.selected]
    }

    private set context(state: string) {
        this.contexts[this.selected] = state
    }

    /** The next time at which something happens here. */
    get dueAt(): number {
        return Math.min(Infinity, ...this.timers.map(timer => timer.at))
    }

    tick(now: number): void {
        for (;;) {
            const due = this.timers
                .filter(timer => timer.at <= now)
                .sort((a, b) => a.at - b.at)[0]
            if (due === undefined) break
            this.timers.splice(this.timers.indexOf(due), 1)
            this.now = Math.max(this.now, due.at)
            due.run()
        }
        this.now = now
    }

    after(ms: number, run: () => void): void {
        this.timers.push({ at: this.now + ms, run })
    }

    /** Puts bytes on the wire, behind what is there. */
    put(bytes: Buffer | string): void {
        const data = typeof bytes === "string" ? Buffer.from(bytes) : bytes
        const at = Math.max(this.wireFreeAt, this.now)
        this.wireFreeAt = at + data.length / BYTES_PER_MS
        this.behindData = this.bare = false
        this.said.push({ at, bytes: data })
    }

    private happens(share: number): boolean {
        return share > 0 && this.options.random.next() < share
    }

    /** What nobody has asked for may stand in front of any line. */
    private interrupt(): void {
        if (this.raw || this.bare) return
        const { random, manners } = this.options
        // behind pushed data a line end tells that they are whole
        const blanks = this.behindData ? BLANKS.slice(0, 1) : BLANKS
        if (this.happens(manners.blanks))
            this.put(blanks[random.below(blanks.length)])
        if (this.happens(manners.chatter))
            this.put(`\r\n${CHATTER[random.below(CHATTER.length)]}\r\n`)
    }

    say(line: string): void {
        this.interrupt()
        this.put(`\r\n${line}\r\n`)
    }

    private inform(lines: string[]): void {
        for (const line of [...lines, "OK"]) this.say(line)
    }

    /** Does something when what it is busy with is done, and the latency over. */
    private later(run: () => void, ms = 0): void {
        this.busyUntil =
            Math.max(this.busyUntil, this.now) + this.options.latency + ms
        this.after(this.busyUntil - this.now, run)
    }

    /** The line of one connection: with its number if there are several. */
    private of(id: number, line: string): string {
        return this.options.multi ? `${id}, ${line}` : line
    }

    /** A brown-out, or RESET; loud: it says what it says at a fixed rate. */
    restart(how: Restart): void {
        this.boots++
        this.said = []
        this.timers = []
        this.line = []
        this.prompt = null
        this.links = this.links.map(unused)
        this.contexts.fill("IP INITIAL")
        this.selected = 0
        for (const ports of this.ports) ports.fill(0)
        this.extended.fill(false)
        this.showsSender = false
        this.slowClock = this.savedSlowClock
        this.stirredAt = this.hearsAt = this.now
        this.phone.restart()
        this.listens = 0
        this.echo = !this.happens(this.options.manners.savedEchoes)
        this.tls = false
        this.tlsOptions.fill(0)
        this.quick = this.raw = this.dcd = this.transparentMode = false
        this.on = false
        this.wireFreeAt = this.busyUntil = this.now
        if (how === "announced") this.put("\r\nNORMAL POWER DOWN\r\n")
        if (how === "noisy") this.put(Buffer.from([0, 0xff, 0xfe, 0xff, 0]))
        this.after(BOOT, () => {
            this.on = true
            if (how === "silent") return
            if (how !== "late")
                for (const line of ["RDY", "+CFUN: 1", "+CPIN: READY"])
                    this.say(line)
            this.after(1500, () => {
                // data mode knows no such lines
                if (this.raw) return
                this.say("Call Ready")
                this.say("SMS Ready")
            })
        })
    }

    /** The network takes the context away. */
    deactivate(): void {
        let lost = [0, 1].filter(context =>
            ["IP GPRSACT", "IP STATUS"].includes(this.contexts[context])
        )
        if (lost.length === 0) return
        if (lost.length > 1) {
            const n = this.options.random.below(3)
            if (n < 2) lost = [n]
        }
        this.bare = this.raw
        this.raw = this.dcd = false
        const tells = this.happens(this.options.manners.echoes)
        this.links.forEach(({ state, peer, bearer }, id) => {
            if (!tells || !OPEN.includes(state)) return
            if (!lost.includes(bearer)) return
            if (peer) peer.gone = true
            const { bare } = this
            this.say(this.of(id, "CLOSED"))
            // both belong to the end of the data
            this.bare = bare
        })
        this.links = this.links.map(link =>
            lost.includes(link.bearer) ? unused() : link
        )
        if (lost.includes(0)) this.listens = 0
        for (const context of lost) this.contexts[context] = "PDP DEACT"
        this.say("+PDP: DEACT")
    }

    setDtr(low: boolean): void {
        if (low === this.dtrLow) return
        const armed = this.now - this.dtrLowSince >= GUARD
        if (low && this.isAsleep()) this.hearsAt = this.now + WAKE_BY_DTR
        this.dtrLow = low
        if (low) this.dtrLowSince = this.now
        else if (this.raw && armed) this.escape()
    }

    /** Data mode ends, its connection does not. */
    private escape(): void {
        this.raw = false
        this.bare = true
        this.plusses = 0
        this.line = []
        this.later(() => this.say("OK"))
    }

    /** It is busy with something. */
    private get works(): boolean {
        return (
            this.busyUntil > this.now ||
            this.wireFreeAt > this.now ||
            this.stirredAt > this.now ||
            this.prompt !== null ||
            this.line.length > 0
        )
    }

    private isAsleep(): boolean {
        if (this.slowClock === 0 || this.raw || this.works) return false
        return this.slowClock === 1
            ? !this.dtrLow
            : this.now - this.stirredAt >= NAP
    }

    /** CTS is off until then: it is busy. */
    hold(until: number): void {
        this.stirredAt = until
    }

    /** Whether it is too sleepy for a byte, which may wake it. */
    private misses(byte: number): boolean {
        if (this.isAsleep()) {
            if (this.slowClock === 1) {
                this.deaf++
                return true
            }
            this.hearsAt = this.now + WAKE_BY_BYTE
            // the first one of a command is lost
            if (byte !== CR) this.deaf++
            this.stirredAt = this.now
            return true
        }
        this.stirredAt = this.now
        if (this.now >= this.hearsAt) return false
        this.deaf++
        return true
    }

    write(bytes: Buffer): void {
        if (!this.on) return
        for (const byte of bytes)
            if (this.misses(byte)) continue
            else if (this.raw) this.rawByte(byte)
            else if (this.prompt !== null) this.dataByte(byte)
            else this.commandByte(byte)
    }

    private rawByte(byte: number): void {
        const silence = this.now - this.heardAt
        this.heardAt = this.now
        if (byte === PLUS && (this.plusses > 0 || silence >= GUARD)) {
            this.plusses++
            const mark = this.now
            this.after(GUARD, () => {
                if (!this.raw || this.heardAt !== mark) return
                if (this.plusses === 3) this.escape()
                else this.passPlusses()
            })
            return
        }
        this.passPlusses()
        this.links[0].peer?.heard.push(byte)
    }

    /** They were data: too few, too many, or something stands behind them. */
    private passPlusses(): void {
        const heard = this.links[0].peer?.heard
        for (; this.plusses > 0; this.plusses--) heard?.push(PLUS)
    }

    private dataByte(byte: number): void {
        const prompt = this.prompt as NonNullable<typeof this.prompt>
        if (prompt.left < 0) {
            if (byte === ESC) {
                this.prompt = null
                if (prompt.done) prompt.done(undefined)
                else this.later(() => this.say("OK"))
                return
            }
            if (byte !== CTRL_Z) {
                prompt.data.push(byte)
                return
            }
        } else {
            prompt.data.push(byte)
            if (--prompt.left > 0) return
        }
        this.prompt = null
        const { id, data, done } = prompt
        if (done) {
            done(Buffer.from(data).toString("latin1"))
            return
        }
        const link = this.links[id]
        const { state, peer } = link
        const fails = this.happens(this.options.manners.sendFails)
        if (state !== "CONNECTED" || peer === undefined || fails) {
            this.later(() => this.say(this.of(id, "SEND FAIL")))
            if (fails) this.after(500, () => this.peerCloses(id, link))
            return
        }
        const to = link.target ?? peer
        if (link.udp) to.heardDatagrams?.push(Buffer.from(data))
        for (const each of data) to.heard.push(each)
        const number = this.options.multi ? `${id},` : ""
        // … and the peer may close in between
        const said = this.quick
            ? `DATA ACCEPT:${number}${data.length}`
            : this.of(id, "SEND OK")
        const twice = this.happens(this.options.manners.doubles)
        this.later(
            () => {
                this.say(said)
                if (twice) this.say(said)
            },
            this.quick ? 0 : 300
        )
    }

    private commandByte(byte: number): void {
        if (byte === LF) return
        if (byte !== CR) {
            if (this.line.length < 556) this.line.push(byte)
            return
        }
        const text = Buffer.from(this.line).toString("latin1")
        this.line = []
        const at = text.toUpperCase().indexOf("AT")
        if (at >= 0) this.command(text.slice(at))
    }

    private command(text: string): void {
        if (this.echo) this.put(`${text}\r`)
        this.commands.push(text)
        const slow = /^AT\+(CIPSHUT|CIICR|CIPCLOSE)/i.exec(text)
        const ms = slow ? this.options.random.below(400) : 0
        this.later(() => this.obey(text), ms)
    }

    private obey(text: string): void {
        const { manners } = this.options
        const key = OPTIONAL.test(text) ? text.replace(/[,=][^,=]*$/, "") : ""
        const again = this.refused.delete(key)
        const errs = (share: number): boolean => {
            const does = !again && this.happens(share)
            if (does && key) this.refused.add(key)
            return does
        }
        if (BUSY.test(text) && errs(manners.refusals)) return this.say("ERROR")
        const commands = commandsOf(text)
        const { name, args } = commands.pop() ?? { name: "", args: [] }
        for (const first of commands) this.phone.set(first.name, first.args)
        if (this.phone.obey(name, args, text)) return
        const wrongly = SETTING.test(text) && errs(manners.falseRefusals)
        if (this.set(name, args)) {
            this.say(wrongly ? "ERROR" : "OK")
            return
        }
        switch (name) {
            case "E0":
                this.echo = false
                break
            case "+IPR?":
                return this.inform(["+IPR: 115200"])
            case "+CFUN?":
                return this.inform(["+CFUN: 1"])
            case "+CPIN?":
                return this.inform(["+CPIN: READY"])
            case "+CCALR?":
                return this.inform(["+CCALR: 1"])
            case "+CSQ":
                return this.inform(["+CSQ: 20,0"])
            case "+CREG?":
                return this.inform(["+CREG: 0,1"])
            case "+CGREG?":
                return this.inform(["+CGREG: 0,1"])
            case "+CGATT?":
                return this.inform(["+CGATT: 1"])
            case "+CFUN=":
                this.say("OK")
                if (args.length > 1) this.after(100, () => this.restart("loud"))
                return
            case "+CIPSHUT":
                this.links = this.links.map(link =>
                    link.bearer === this.selected ? unused() : link
                )
                this.context = "IP INITIAL"
                if (this.selected === 0) this.listens = 0
                this.dcd = false
                return this.say("SHUT OK")
            case "+CIPMUX=":
                return this.say(this.context === "IP INITIAL" ? "OK" : "ERROR")
            case "+CIPSGTXT=":
                return this.say("ERROR")
            case "+CIPRXGET=":
                if (args.length > 1) return this.read(args.map(Number))
                break
            case "+CSTT=":
                return this.step("IP INITIAL", "IP START", "OK")
            case "+CIICR":
                return this.step("IP START", "IP GPRSACT", "OK")
            case "+CIFSR":
                if (this.context === "IP STATUS") return this.say("10.1.2.3")
                return this.step("IP GPRSACT", "IP STATUS", "10.1.2.3")
            case "+CIPSTATUS":
                return this.status()
            case "+CIPSTART=":
                return this.open(args.join(","))
            case "+CIPSEND?":
                return this.room()
            case "+CIPSEND":
            case "+CIPSEND=":
                return this.send(name === "+CIPSEND" ? [] : args.map(Number))
            case "+CIPCLOSE":
            case "+CIPCLOSE=":
                return this.close(this.options.multi ? Number(args[0]) : 0)
            case "+CIPSERVER=":
                return this.serve(args[0] === "1" ? Number(args[1]) : 0)
            case "O":
                if (this.links[0].state !== "CONNECTED")
                    return this.say("ERROR")
                this.enterData()
                return
        }
        this.say("OK")
    }

    /** A setting. @returns false for any other command */
    private set(name: string, args: string[]): boolean {
        const { multi } = this.options
        const first = multi ? 1 : 0
        const id = multi ? Number(args[0]) : 0
        switch (name) {
            case "+CIPMODE=":
                this.transparentMode = args[0] === "1"
                return true
            case "+CIPSSL=":
                this.tls = args[0] === "1"
                return true
            case "+SSLOPT=":
                this.tlsOptions[Number(args[0])] = Number(args[1])
                return true
            case "+CIPQSEND=":
                this.quick = args[0] === "1"
                return true
            case "+CSCLK=":
                this.slowClock = Number(args[0])
                this.stirredAt = this.now
                return true
            case "&W":
                this.savedSlowClock = this.slowClock
                return true
            case "+CIPSRIP=":
                this.showsSender = args[0] === "1"
                return true
            case "+CLPORT=":
                this.ports[id][args[first] === '"UDP"' ? 1 : 0] = Number(
                    args[first + 1]
                )
                return true
            case "+CIPUDPMODE=":
                if (args[first] !== "2") this.extended[id] = args[first] === "1"
                else
                    this.links[id].target = this.options.peer(
                        args[first + 1].replaceAll('"', "")
                    )
                return true
            case "+CIPSGTXT=":
                if (!multi) return false
                this.selected = Number(args[0])
                return true
        }
        return false
    }

    private serve(port: number): void {
        const idle = this.options.multi || this.links[0].state === "INITIAL"
        const right = this.context === "IP STATUS" && (port === 0 || idle)
        if (!right || port > 0 === this.listens > 0) return this.say("ERROR")
        this.say("OK")
        this.later(() => {
            this.listens = port
            this.say(port > 0 ? "SERVER OK" : "SERVER CLOSE")
        })
    }

    /** Somebody dials in. @returns whether he has got a connection */
    visit(peer: Peer, address: string): boolean {
        const id = this.links.findIndex(
            ({ state }) => state === "INITIAL" || state === "CLOSED"
        )
        const last = this.options.multi ? 4 : 0
        if (!this.on || this.listens === 0 || id < 0 || id > last) return false
        const link: Link = { ...unused(), state: "CONNECTED", peer, address }
        // not amid a command: data mode begins between two of them
        if (this.transparentMode) {
            const busy = this.line.length > 0 || this.busyUntil > this.now
            if (busy || this.prompt !== null) return false
        }
        this.links[id] = link
        const shows = this.happens(this.options.manners.shownPeers)
        if (!this.transparentMode || shows)
            this.say(this.of(id, `REMOTE IP: ${address}`))
        if (this.transparentMode) this.enterData()
        this.speak(id, link)
        return true
    }

    /** Who is connected with this number. */
    peerAt(id: number): Peer | undefined {
        return this.links[id].peer
    }

    /** One of the steps of chapter 8. */
    private step(from: string, to: string, line: string): void {
        if (this.context !== from) return this.say("ERROR")
        this.context = to
        this.say(line)
    }

    private status(): void {
        const { multi } = this.options
        const [single] = this.links
        const busy = this.links.some(
            ({ state, bearer }) =>
                bearer === this.selected &&
                (state === "CONNECTING" || OPEN.includes(state))
        )
        let state = this.context
        if (state === "IP STATUS" && multi && (busy || this.listens))
            state = "IP PROCESSING"
        else if (state === "IP STATUS" && !multi) {
            const protocol = single.udp ? "UDP" : "TCP"
            state = {
                INITIAL: this.listens ? "SERVER LISTENING" : state,
                CONNECTING: `${protocol} CONNECTING`,
                CONNECTED: "CONNECT OK",
                "REMOTE CLOSING": `${protocol} CLOSED`,
                CLOSED: this.listens
                    ? "SERVER LISTENING"
                    : `${protocol} CLOSED`,
            }[single.state]
        }
        this.say("OK")
        this.say(`STATE: ${state}`)
        if (!multi) return
        this.interrupt()
        const server = this.listens
            ? `S: 0,0,"${this.listens}","LISTENING"\r\n`
            : ""
        this.put(
            `\r\n${server}${this.links.map((link, id) => `C: ${id},${link.bearer},"TCP","${link.address}","80","${link.state}"\r\n`).join("")}`
        )
    }

    private room(): void {
        const up = [...this.links.keys()].filter(
            id => this.links[id].state === "CONNECTED"
        )
        const { multi } = this.options
        const room = (): number =>
            this.happens(this.options.manners.fullness)
                ? this.options.random.below(300)
                : SEGMENT
        this.inform(up.map(id => `+CIPSEND: ${multi ? `${id},` : ""}${room()}`))
    }

    private send(args: number[]): void {
        const id = this.options.multi ? (args.shift() ?? 0) : 0
        const link = this.links[id] as Link | undefined
        const prompts =
            link?.state === "CONNECTED" ||
            (link?.peer !== undefined &&
                link.state !== "CONNECTING" &&
                this.happens(this.options.manners.latePrompts))
        if (!prompts) return this.say("ERROR")
        if (args.length > 0 && !(args[0] > 0 && args[0] <= SEGMENT))
            return this.say("ERROR")
        this.prompt = { id, left: args[0] ?? -1, data: [] }
        this.interrupt()
        this.put("\r\n> ")
    }

    private close(id: number): void {
        const link = this.links[id] as Link | undefined
        if (link === undefined) return this.say("ERROR")
        // a context that is coming up for a connection comes up
        if (this.context === "IP CONFIG") return this.say("ERROR")
        if (link.state === "INITIAL" || link.state === "CLOSED") {
            link.state = "INITIAL"
            return this.say("ERROR")
        }
        this.links[id] = { ...unused(), state: "CLOSED" }
        this.dcd = false
        this.say(this.of(id, "CLOSE OK"))
        if (!this.happens(this.options.manners.echoes)) return
        const { multi, random } = this.options
        this.after(random.below(random.below(2) ? 60 : 2000), () => {
            if (!this.raw) this.say(this.of(id, "CLOSED"))
        })
        const notice = multi ? `+CIPRXGET: 1,${id}` : "+CIPRXGET: 1"
        this.after(random.below(60), () => {
            if (!this.raw) this.say(notice)
        })
    }

    private open(rest: string): void {
        const parts =
            /^(?:(\d),)?"(TCP|UDP)","([^"]*)",(\d+)$/.exec(rest) ?? undefined
        if (parts === undefined) return this.say("ERROR")
        // a single connection brings the context up by itself
        const lazy = !this.options.multi && this.context === "IP INITIAL"
        if (this.context !== "IP STATUS" && !lazy)
            return this.say("+CME ERROR: 3")
        if (!this.options.multi && this.listens) return this.say("ERROR")
        const id = this.options.multi ? Number(parts[1]) : 0
        const { state } = this.links[id]
        if (state === "CONNECTING" || OPEN.includes(state))
            return this.say(this.of(id, "ALREADY CONNECT"))
        const peer = this.options.peer(parts[3])
        const udp = parts[2] === "UDP"
        const bearer = this.selected
        const link: Link = {
            ...unused(),
            state: "CONNECTING",
            peer,
            udp,
            bearer,
        }
        this.links[id] = link
        const { manners } = this.options
        const made: Settings = {
            localPort: this.ports[id][udp ? 1 : 0],
            extended: udp && this.extended[id],
            context: bearer,
        }
        if (peer?.wanted) peer.misled = differs(peer.wanted, made)
        this.say(this.happens(manners.falseStarts) ? "ERROR" : "OK")
        const tls = udp || !this.tls ? undefined : [...this.tlsOptions]
        if (lazy) this.activate(id, link, tls)
        else this.establish(id, link, tls)
    }

    /** The context comes up for a connection, as AT+CSTT, AT+CIICR and AT+CIFSR have it. */
    private activate(id: number, link: Link, tls: TlsOptions): void {
        const { manners, random } = this.options
        this.context = "IP CONFIG"
        const most = this.happens(manners.slowStarts) ? 150_000 : 2500
        this.after(300 + random.below(most), () => {
            if (this.links[id] !== link) return
            if (this.happens(manners.failedStarts)) {
                this.links[id] = unused()
                this.context = "PDP DEACT"
                this.say("STATE: PDP DEACT")
                this.say("CONNECT FAIL")
                return
            }
            this.context = "IP STATUS"
            this.establish(id, link, tls)
        })
    }

    private establish(id: number, link: Link, tls: TlsOptions): void {
        const { manners, random } = this.options
        const { peer } = link
        const delay = random.below(random.below(4) ? 700 : 30)
        this.after(delay, () => {
            if (this.links[id] !== link) return
            if (peer === undefined) return this.fail(id, link, "CONNECT FAIL")
            if (peer.tls && !tls) peer.exposed = "in the clear"
            if (peer.tls && tls) {
                peer.exposed = exposure(peer.tls, tls)
                if (this.happens(manners.lateOptions))
                    peer.exposedLater = exposure(peer.tls, this.tlsOptions)
            }
            const fails = tls && this.happens(manners.failedStarts)
            if (!peer.tls !== !tls || fails) {
                // a handshake that fails
                const how = random.below(2) ? "CLOSE OK" : "CONNECT FAIL"
                return this.fail(id, link, how)
            }
            link.state = "CONNECTED"
            if (this.transparentMode) this.enterData()
            else this.say(this.of(id, "CONNECT OK"))
            this.speak(id, link)
        })
    }

    private fail(id: number, link: Link, how: string): void {
        link.state = "CLOSED"
        if (!this.options.multi && how === "CONNECT FAIL")
            this.say(`STATE: ${link.udp ? "UDP" : "TCP"} CLOSED`)
        this.say(this.of(id, how))
    }

    private enterData(): void {
        const [link] = this.links
        this.say("CONNECT")
        this.raw = true
        this.dcd = true
        this.heardAt = this.now
        this.plusses = 0
        // what came in command mode
        if (link.held.length > 0) this.put(link.held)
        link.held = Buffer.alloc(0)
    }

    /** The peer speaks, piece by piece, and closes if he is one who does. */
    private speak(id: number, link: Link): void {
        const { random } = this.options
        const peer = link.peer as Peer
        this.after(20 + random.below(300), () => {
            if (this.links[id] !== link || link.state !== "CONNECTED") return
            if (link.udp && peer.datagrams) {
                const datagram = peer.datagrams[peer.spoken] as
                    Buffer | undefined
                if (datagram === undefined) return
                peer.spoken++
                this.arriveWhole(id, datagram)
                this.speak(id, link)
            } else if (peer.spoken < peer.speech.length) {
                if (link.held.length < WINDOW)
                    this.arrive(
                        id,
                        1 + random.below(random.below(2) ? 99 : 2000)
                    )
                this.speak(id, link)
            } else if (peer.closes)
                this.after(random.below(500), () => this.peerCloses(id, link))
        })
    }

    private peerCloses(id: number, link: Link): void {
        if (this.links[id] !== link || link.state !== "CONNECTED") return
        // in command mode, data wait for ATO: only then it is over
        if (this.transparentMode && link.held.length > 0) {
            this.after(500, () => this.peerCloses(id, link))
            return
        }
        // three of them are the driver's
        if (this.raw && this.plusses !== 3) this.passPlusses()
        link.state = link.held.length > 0 ? "REMOTE CLOSING" : "CLOSED"
        if (link.peer) link.peer.gone = true
        this.bare = this.raw
        this.raw = this.dcd = false
        this.line = []
        this.say(this.of(id, "CLOSED"))
    }

    private arrive(id: number, count: number): void {
        const { push } = this.options
        const link = this.links[id]
        const peer = link.peer as Peer
        const part = peer.speech.subarray(peer.spoken, peer.spoken + count)
        peer.spoken += part.length
        if (this.raw) this.put(part)
        else if (push && !this.transparentMode)
            for (let at = 0; at < part.length; at += SEGMENT)
                this.push(id, part.subarray(at, at + SEGMENT))
        else {
            link.held = Buffer.concat([link.held, part])
            this.announce(id)
        }
    }

    /** A datagram comes in one piece. */
    private arriveWhole(id: number, datagram: Buffer): void {
        const link = this.links[id]
        if (this.options.push) {
            this.push(id, datagram)
            return
        }
        // there is no room for more
        if (link.queue.length > 4) return
        link.queue.push(datagram)
        this.announce(id)
    }

    private push(id: number, piece: Buffer): void {
        const { multi } = this.options
        const sender = this.senderOf(id)
        const from = sender && multi ? `,${sender}` : ""
        if (sender && !multi) this.put(`\r\nRECV FROM:${sender}\r\n`)
        const header = multi
            ? `\r\n+RECEIVE,${id},${piece.length}${from}:\r\n`
            : `\r\n+IPD,${piece.length}:`
        this.put(Buffer.concat([Buffer.from(header), piece]))
        this.behindData = true
    }

    /** AT+CIPSRIP: whom the data that come last are from, "" if it is not said. */
    private senderOf(id: number): string {
        if (!this.showsSender) return ""
        const { peer, udp } = this.links[id]
        return udp ? `5.6.7.${peer?.spoken ?? 0}:99` : "1.2.3.4:80"
    }

    private announce(id: number): void {
        const link = this.links[id]
        if (link.announced || this.transparentMode) return
        link.announced = true
        this.say(this.options.multi ? `+CIPRXGET: 1,${id}` : "+CIPRXGET: 1")
    }

    private read(args: number[]): void {
        const mode = args.shift() as number
        const id = this.options.multi ? (args.shift() as number) : 0
        const link = this.links[id]
        if (link === undefined || !OPEN.includes(link.state))
            return this.say("ERROR")
        const number = this.options.multi ? `${id},` : ""
        if (link.udp) link.held = Buffer.concat(link.queue)
        if (mode === 4)
            return this.inform([`+CIPRXGET: 4,${number}${link.held.length}`])
        // of datagrams one at most
        const most = link.udp ? link.queue.shift()?.length : args[0]
        const part = link.held.subarray(0, Math.min(args[0], most ?? 0))
        link.held = link.held.subarray(most ?? 0)
        if (link.held.length === 0) {
            link.announced = false
            if (link.state === "REMOTE CLOSING") link.state = "CLOSED"
        }
        const header = `\r\n+CIPRXGET: ${mode},${number}${part.length},${link.held.length}\r\n`
        const body =
            mode === 3 ? Buffer.from(part.toString("hex").toUpperCase()) : part
        this.interrupt()
        this.put(Buffer.concat([Buffer.from(header), body]))
        // a line of another feature may come in between, but the end is there
        if (this.happens(this.options.manners.chatter))
            this.put(
                `\r\n${CHATTER[this.options.random.below(CHATTER.length)]}\r\n`
            )
        this.put("\r\nOK\r\n")
    }
}
