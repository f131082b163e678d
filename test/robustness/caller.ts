/**
 * A program that uses the modem as a phone, beside the sockets of others: it asks for
 * this and that, reads and sends short messages, dials, and gives up whenever it likes.
 * What it is told has to be what the modem has said, or an error.
 */
import { AskCall, CallState, Dial } from "../../src/core/dialogues/calls"
import { GiveCommand } from "../../src/core/dialogues/command"
import { AskLocation } from "../../src/core/dialogues/location"
import {
    DeleteMessages,
    ReadMessage,
    SendMessage,
} from "../../src/core/dialogues/messages"
import { Resolve } from "../../src/core/dialogues/names"
import { CallCommand, type Phone } from "../../src/core/dialogues/phone"
import type { Dialogue, Talk } from "../../src/core/dialogues/talk"
import { AskUssd } from "../../src/core/dialogues/ussd"
import { Failure } from "../../src/core/errors"
import { Phase } from "../../src/core/phase"
import type { Modem } from "../../src/core/modem"
import type { Random } from "../../sim/modem/random"
import { addressOf, ussdAnswer, type PlainPhone } from "./plain-phone"

/** The life that it is part of. */
export interface World {
    readonly now: number
    /** nobody begins anything any more */
    readonly over: boolean
    readonly core: Modem
    readonly talk: Talk
    /** the driver's */
    readonly phone: Phone
    /** the modem's */
    readonly plainPhone: PlainPhone
}

/** Something that was asked for. */
interface Asked {
    readonly dialogue: Dialogue
    /** what is wrong with a good end, or "" */
    readonly lie: (phone: PlainPhone) => string
    /** failures that need no cause */
    readonly may: readonly Failure[]
    readonly message?: { readonly from: string; readonly text: string }
    readonly code?: string
    readonly since: number
    cancelled: boolean
}

/** ms: a dialogue may have to wait for the driver's own commands */
const TURN = 60_000

const TEXTS = [
    "hello",
    "0, CLOSED",
    "Are you at home? AT+CIPSHUT",
    "OK",
    "+PDP: DEACT",
    "RDY\n+CFUN: 1\nOK\n> ",
    "Grüße, 0, CLOSED",
    "one\n\ntwo",
    "ERROR\nOK",
]

/** What people write. */
export const textOf = (random: Random): string =>
    TEXTS[random.below(TEXTS.length)]

/** What the network says by itself is taken for its answer. */
const BY_ITSELF = "0, CLOSED"

const isByItself = (line: string): boolean => line.includes(`"${BY_ITSELF}"`)

const isGood = ({ dialogue, cancelled }: Asked): boolean =>
    !dialogue.problem && !cancelled

const never = (): string => ""

export class Caller {
    at: number
    readonly asked: Asked[] = []
    private current: Asked | null = null
    private steps = -1
    private end = 0
    private count = 0

    constructor(
        private readonly life: World,
        private readonly random: Random,
        private readonly name: number
    ) {
        this.at = life.now + random.below(500)
    }

    get isIdle(): boolean {
        return this.current === null
    }

    /** Does one thing. */
    step(): void {
        const { life, random, current } = this
        this.at = life.now + random.below(random.below(3) ? 300 : 3000)
        if (current !== null) {
            if (!current.dialogue.over) this.wait(current)
            if (current.dialogue.over) this.current = null
            return
        }
        if (life.over) this.at = Infinity
        else if (life.core.bearer.phase === Phase.Ready) this.begin()
    }

    /** As long as a runtime does. */
    private wait(current: Asked): void {
        const { life, random } = this
        const { talk } = life
        if (talk.steps !== this.steps) {
            this.steps = talk.steps
            this.end = life.now + 2 * talk.timeout + TURN
        }
        const late = this.end - life.now <= 0
        if (!late && random.below(life.over ? 10 : 100) > 0) return
        current.cancelled = true
        talk.cancel(current.dialogue)
    }

    private begin(): void {
        const { life } = this
        this.current = this.choose()
        this.asked.push(this.current)
        this.steps = -1
        life.talk.begin(this.current.dialogue)
    }

    private ask(
        dialogue: Dialogue,
        lie: (phone: PlainPhone) => string,
        may: readonly Failure[] = [],
        more: Partial<Asked> = {}
    ): Asked {
        const since = this.life.now
        return { dialogue, lie, may, since, cancelled: false, ...more }
    }

    private choose(): Asked {
        const { random, life } = this
        const unique = `${this.name}${++this.count}`
        switch (random.below(11)) {
            case 0:
                return this.command(["AT+CBC", "AT+GSN", "AT+CCLK?"])
            case 1:
                return this.command(["AT+CMGR=1", "AT+CMGR=2", "AT+CMGR=3"])
            case 2:
            case 3: {
                const from = `+49${unique}`
                const text = `${unique} ${textOf(random)}`
                return this.ask(new SendMessage(from, text), never, [], {
                    message: { from, text },
                })
            }
            case 4: {
                const place = life.phone.take()
                const read = new ReadMessage(
                    place > 0 ? place : 1 + random.below(4)
                )
                return this.ask(
                    read,
                    ({ arrived }) =>
                        arrived.some(
                            ({ from, text }) =>
                                from === read.from && text === read.text
                        )
                            ? ""
                            : `read the message ${JSON.stringify(read.text)}`,
                    [Failure.NoMessage]
                )
            }
            case 5:
                return this.ask(
                    new DeleteMessages(1 + random.below(4), 0),
                    never
                )
            case 6: {
                const code = `*${unique}#`
                const ussd = new AskUssd(code, 20_000)
                return this.ask(
                    ussd,
                    () =>
                        ussd.text === ussdAnswer(code) ||
                        ussd.text === BY_ITSELF
                            ? ""
                            : `USSD ${code}: ${ussd.text}`,
                    [],
                    { code }
                )
            }
            case 7: {
                const host = `${"h".repeat(1 + random.below(30))}${unique}.example`
                const resolve = new Resolve(host)
                return this.ask(resolve, () =>
                    resolve.first === addressOf(host, 0)
                        ? ""
                        : `${host} is ${resolve.first}`
                )
            }
            case 8: {
                const location = new AskLocation(false)
                return this.ask(location, ({ places }) =>
                    places.includes(
                        `${location.longitude} ${location.latitude}`
                    )
                        ? ""
                        : "a location that nobody has told"
                )
            }
            case 9:
                return this.ask(
                    random.below(2)
                        ? new Dial("+49301")
                        : new CallCommand(random.below(3) === 0),
                    never,
                    [Failure.CommandRefused]
                )
        }
        const call = new AskCall()
        return this.ask(call, ({ replies }) =>
            call.state === CallState.Idle ||
            (replies.get("AT+CLCC") ?? []).some(([line = ""]) =>
                line.startsWith(`+CLCC: 1,${line[9]},${call.state},`)
            )
                ? ""
                : "a call that there is not"
        )
    }

    private command(texts: string[]): Asked {
        const text = texts[this.random.below(texts.length)]
        const command = new GiveCommand(text, 5000, 1024)
        return this.ask(command, ({ replies }) => {
            // what the network says behind a text is text
            const lines = command.lines.filter(line => !isByItself(line))
            const got = JSON.stringify(lines)
            const said = replies.get(text) ?? []
            return said.some(lines => JSON.stringify(lines) === got)
                ? ""
                : `${text}: ${got}`
        })
    }

    /**
     * What is wrong with what it was told.
     * @param quiet nothing has happened: all goes well
     * @param astray what the network said to a code may be taken for another one's
     * @param damaged what the modem said may have changed on its way
     */
    verdicts(quiet: boolean, astray: boolean, damaged: boolean): string[] {
        const { plainPhone } = this.life
        const { sent } = plainPhone
        return this.asked.flatMap(asked => {
            const { dialogue, cancelled, message, code } = asked
            const failure = dialogue.problem?.failure ?? Failure.None
            const good = isGood(asked)
            const wrong: string[] = []
            if (good && !(code ? astray : damaged)) {
                const lie = asked.lie(plainPhone)
                if (lie) wrong.push(lie)
            }
            if (quiet && !good && !cancelled && !asked.may.includes(failure))
                wrong.push(
                    `${dialogue.constructor.name}: ${Failure[failure]} (${dialogue.problem?.subject}, ${dialogue.problem?.answer})`
                )
            if (message === undefined) return wrong
            const copies = sent.filter(
                ({ from, text }) =>
                    from === message.from && text === message.text
            ).length
            const least = good ? 1 : 0
            const most = failure === Failure.MessageRefused ? 0 : 1
            if (copies < least || copies > most)
                wrong.push(
                    `a message was sent ${copies} times (${Failure[failure]})`
                )
            return wrong
        })
    }

    /** Whether it has given up a code. */
    hasGivenUp(): boolean {
        return this.asked.some(
            asked =>
                asked.code &&
                (!isGood(asked) ||
                    (asked.dialogue as AskUssd).text === BY_ITSELF)
        )
    }

    /** Whether it has given this message to be sent. */
    has(from: string, text: string): boolean {
        return this.asked.some(
            ({ message }) => message?.from === from && message.text === text
        )
    }
}
