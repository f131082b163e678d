/**
 * The plain modem's phone, from the manual alone: short messages, USSD, calls, the bearer
 * of AT+SAPBR with the location of the cell, battery and clock. It remembers what it has
 * answered and sent, so that a test can compare.
 */
import type { Random } from "../../sim/modem/random"

/** What it needs of the modem around it. */
export interface Surroundings {
    readonly random: Random
    say(line: string): void
    put(bytes: Buffer | string): void
    after(ms: number, run: () => void): void
    /** does something behind what the modem is busy with, and as much later */
    later(run: () => void, ms?: number): void
    /** the prompt; the text that ends with Ctrl-Z, undefined if ESC cancels it */
    ask(done: (text: string | undefined) => void): void
    /** the context that AT+CIPSGTXT has selected is up: its number, else -1 */
    context(): number
    /** something that few modems do, of that share */
    happens(share: number): boolean
    /** how often the network refuses what it is asked for */
    readonly refusals: number
}

/** Digits of bytes, or of UCS-2. */
const digits = (text: string, charset: string): string => {
    if (charset === "IRA") return text
    const bytes = Buffer.from(text, charset === "HEX" ? "latin1" : "utf16le")
    if (charset === "UCS2") bytes.swap16()
    return bytes.toString("hex").toUpperCase()
}

const undigits = (text: string, charset: string): string =>
    charset === "UCS2"
        ? Buffer.from(text, "hex").swap16().toString("utf16le")
        : text

/** A short message: lines that look like the modem's are what people write. */
export interface Message {
    readonly from: string
    readonly text: string
}

/** What the network says to a code. */
export const ussdAnswer = (code: string): string =>
    `Code ${code}: your credit is 0,12. OK`

/** The address that a name server of a context knows. */
export const addressOf = (host: string, context: number): string =>
    `10.${context}.8.${host.length}`

const PLACES = 10
const OK = "OK"

export class PlainPhone {
    /** information responses by command, as they were said */
    readonly replies = new Map<string, string[][]>()
    /** what has gone to the network: number and text */
    readonly sent: Message[] = []
    /** on the card, by place */
    readonly card = new Map<number, Message>()
    /** all that ever were there */
    readonly arrived: Message[] = []
    /** locations that were told */
    readonly places: string[] = []
    private charset = "IRA"
    private bearer = 3
    private call: "none" | "dialing" | "active" | "incoming" = "none"
    private calls = 0

    constructor(private readonly modem: Surroundings) {}

    restart(): void {
        this.charset = "IRA"
        this.bearer = 3
        this.call = "none"
    }

    /** Information, and OK behind it. */
    private inform(command: string, lines: string[]): void {
        const { replies } = this
        replies.set(command, [...(replies.get(command) ?? []), lines])
        for (const line of [...lines, OK]) this.modem.say(line)
    }

    /** A command that stands in front of another one in its line. */
    set(name: string, args: string[]): void {
        if (name === "+CSCS=") this.charset = args[0].replaceAll('"', "")
        if (name === "+CPMS=") this.storage(args.length)
    }

    private storage(memories: number): void {
        const { size } = this.card
        const one = `${size},${PLACES}`
        this.modem.say(`+CPMS: ${Array(memories).fill(one).join(",")}`)
    }

    /** @returns whether the command is one of these */
    obey(name: string, args: string[], line: string): boolean {
        const { modem } = this
        const { random } = modem
        switch (name) {
            case "+CSCS=":
            case "+CPMS=":
                this.set(name, args)
                modem.say(OK)
                return true
            case "+CBC":
                this.inform("AT+CBC", [
                    `+CBC: 0,62,${3500 + random.below(700)}`,
                ])
                return true
            case "+CCLK?": {
                const s = String(10 + random.below(50))
                this.inform("AT+CCLK?", [`+CCLK: "26/01/02,10:11:${s}+04"`])
                return true
            }
            case "+GSN":
                this.inform("AT+GSN", ["867010032343809"])
                return true
            case "+CMGR=":
                this.read(Number(args[0]), line)
                return true
            case "+CMGD=":
                this.card.delete(Number(args[0]))
                modem.later(() => modem.say(OK), random.below(500))
                return true
            case "+CMGS=":
                this.send(args[0].replaceAll('"', ""))
                return true
            case "+CUSD=":
                this.code(args)
                return true
            case "+SAPBR=":
                this.carry(args)
                return true
            case "+CLBS=":
                this.locate()
                return true
            case "+CDNSGIP=":
                this.resolve(args[0].replaceAll('"', ""))
                return true
            case "+CLCC":
                this.inform(
                    "AT+CLCC",
                    this.call === "none"
                        ? []
                        : [`+CLCC: 1,${this.stat},0,0,"+49301",145,""`]
                )
                return true
            case "A":
                if (this.call !== "incoming") modem.say("NO CARRIER")
                else {
                    this.call = "active"
                    modem.say(OK)
                }
                return true
            case "H":
                this.call = "none"
                modem.later(() => modem.say(OK), random.below(800))
                return true
        }
        if (name[0] !== "D") return false
        this.dial()
        return true
    }

    private get stat(): string {
        const { call } = this
        if (call === "incoming") return "1,4"
        return call === "active" ? "0,0" : "0,2"
    }

    private read(place: number, line: string): void {
        const message = this.card.get(place)
        if (message === undefined) {
            this.inform(line, [])
            return
        }
        const { charset } = this
        const from = digits(message.from, charset)
        const header = `+CMGR: "REC READ","${from}","","26/01/02,10:11:12+04"`
        const text = digits(message.text, charset)
        const { replies } = this
        const lines = [header, ...text.split("\n").filter(Boolean)]
        replies.set(line, [...(replies.get(line) ?? []), lines])
        // nothing stands between header and text
        this.modem.say(`${header}\r\n${text}`)
        this.modem.say(OK)
    }

    private send(number: string): void {
        const { modem, charset } = this
        const { random } = modem
        modem.ask(text => {
            if (text === undefined) {
                modem.later(() => modem.say(OK))
                return
            }
            // the network has 60 s
            const ms = random.below(random.below(12) ? 4000 : 60_000)
            const refused = modem.happens(modem.refusals)
            if (!refused)
                this.sent.push({
                    from: undigits(number, charset),
                    text: undigits(text, charset),
                })
            const n = this.sent.length & 255
            modem.later(() => {
                if (refused) {
                    modem.say("+CMS ERROR: 38")
                    return
                }
                modem.say(`+CMGS: ${n}`)
                modem.say(OK)
            }, ms)
        })
    }

    private code(args: string[]): void {
        const { modem } = this
        const { random } = modem
        modem.say(OK)
        if (args[0] !== "1") return
        const code = undigits(args[1].replaceAll('"', ""), this.charset)
        const text = digits(ussdAnswer(code), this.charset)
        const number = this.charset === "UCS2" ? 72 : 15
        modem.after(200 + random.below(6000), () =>
            modem.say(`+CUSD: 0,"${text}",${number}`)
        )
    }

    private carry(args: string[]): void {
        const { modem } = this
        const { random } = modem
        switch (args[0]) {
            case "2":
                this.inform("AT+SAPBR=2,1", [
                    `+SAPBR: 1,${this.bearer},"10.3.3.${this.bearer}"`,
                ])
                return
            case "3":
                modem.say(OK)
                return
        }
        const up = args[0] === "1" ? 1 : 3
        if (this.bearer === up || modem.happens(modem.refusals)) {
            modem.say("ERROR")
            return
        }
        modem.later(() => {
            this.bearer = up
            modem.say(OK)
        }, random.below(2500))
    }

    /** The network takes the bearer away. */
    deactivate(): void {
        if (this.bearer !== 1) return
        this.bearer = 3
        this.modem.say("+SAPBR 1: DEACT")
    }

    private locate(): void {
        const { modem } = this
        const { random } = modem
        modem.later(
            () => {
                if (this.bearer !== 1) {
                    modem.say("+CME ERROR: 3")
                    return
                }
                const longitude = (100 + random.below(7000)) / 100
                const latitude = (100 + random.below(7000)) / 100
                this.places.push(`${longitude} ${latitude}`)
                modem.say(`+CLBS: 0,${longitude},${latitude},550`)
                modem.say(OK)
            },
            500 + random.below(5000)
        )
    }

    private resolve(host: string): void {
        const { modem } = this
        const context = modem.context()
        if (context < 0) {
            modem.say("ERROR")
            return
        }
        modem.say(OK)
        modem.after(100 + modem.random.below(3000), () =>
            modem.say(`+CDNSGIP: 1,"${host}","${addressOf(host, context)}"`)
        )
    }

    private dial(): void {
        const { modem } = this
        const { random } = modem
        if (this.call !== "none") {
            modem.say("NO CARRIER")
            return
        }
        this.call = "dialing"
        const call = ++this.calls
        modem.say(OK)
        const ends = ["NO CARRIER", "BUSY", "NO ANSWER"]
        modem.after(1000 + random.below(4000), () => {
            if (this.call !== "dialing" || this.calls !== call) return
            if (random.below(3) > 0) {
                this.call = "active"
                this.hangUpAfter(random.below(9000), call, "NO CARRIER")
            } else this.hangUpAfter(0, call, ends[random.below(3)])
        })
    }

    private hangUpAfter(ms: number, call: number, how: string): void {
        const { modem } = this
        modem.after(ms, () => {
            if (this.call === "none" || this.calls !== call) return
            this.call = "none"
            modem.say(how)
        })
    }

    /** Somebody calls: it rings until he gives up. */
    ring(): void {
        const { modem } = this
        if (this.call !== "none") return
        this.call = "incoming"
        const call = ++this.calls
        const again = (): void => {
            if (this.call !== "incoming" || this.calls !== call) return
            modem.say("RING")
            modem.say('+CLIP: "+49301234",145,"",0,"",0')
            modem.after(5000, again)
        }
        again()
        this.hangUpAfter(3000 + modem.random.below(15_000), call, "NO CARRIER")
    }

    /** A short message comes, and is announced. */
    arrive(message: Message): void {
        for (let place = 1; place <= PLACES; place++)
            if (!this.card.has(place)) {
                this.card.set(place, message)
                this.arrived.push(message)
                this.modem.say(`+CMTI: "SM",${place}`)
                return
            }
    }
}
