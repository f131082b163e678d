/** Types the chapters into a modem, and into virtual ones, and keeps the responses. */
import {
    firmwareBuildNames,
    firmwareBuilds,
    type FirmwareBuildName,
} from "../modem/firmware-builds"
import { unspell } from "../modem/trace"
import {
    answerOf,
    difference,
    masked,
    type Answer,
    type Difference,
} from "./answers"
import { chapters, type Chapter, type Place, type Step } from "./chapters"
import { Typist, virtualModem, type TypedModem } from "./typist"

/** Silence that shows that an answer is over: a modem pauses within one, ms. */
const SILENCE = 250
const RECOVERY_TRIES = 20
/** Rates at which a modem is looked for. */
const RATES = [9600, 57600, 38400, 19200, 460800, 230400, 115200]
const REGISTRATION = 90_000
const POLL = 1000

/** A line and its response. */
export interface Said extends Answer {
    /** without names of network and server */
    readonly line: string
    readonly ms: number
    readonly ended: boolean
}

/** A chapter as one modem has played it; it may have ended early. */
export interface Played {
    readonly name: string
    readonly said: readonly Said[]
    /** why it was left out, or where it ended; "" if it is whole */
    readonly reason: string
}

/** Settings of a modem before the chapters, the same for all modems. */
const BEGIN = [
    ["ATE1", 2000],
    ["AT+CMEE=0", 2000],
    ["AT+CIPSHUT", 70_000],
    ["AT+CIPMUX=0", 2000],
    ["AT+CIPMODE=0", 2000],
    ["AT+CIPRXGET=0", 2000],
    ["AT+CIPHEAD=0", 2000],
    ["AT+CIPSHOWTP=0", 2000],
    ["AT+CIPSRIP=0", 2000],
    ["AT+CIPQSEND=0", 2000],
] as const
const RESULT = /(OK|ERROR.*)\r\n$/

/** The modem does not answer. */
export class SilentModemError extends Error {
    override readonly name = "SilentModemError"
}

export class Player {
    private readonly typist: Typist
    private echo = true
    private errors = "0"
    private network = ""

    constructor(
        private readonly modem: TypedModem,
        private readonly place: Place,
        private readonly pin?: string
    ) {
        this.typist = new Typist(modem)
    }

    /**
     * Finds the modem, remembers how it was, and waits for its network.
     * @returns why there is no network, "" if there is
     * @throws SilentModemError
     */
    async begin(): Promise<string> {
        await this.find()
        const { typist } = this
        const first = await typist.type("AT\r", RESULT, 1000, 100)
        this.echo = first.text.startsWith("AT\r")
        const errors = await typist.type("AT+CMEE?\r", RESULT, 2000, 100)
        this.errors = /\+CMEE: (\d)/.exec(errors.text)?.[1] ?? "0"
        await this.reset()
        this.network = await this.register()
        return this.network
    }

    /** At the rate that it begins with, else at any other. */
    private async find(): Promise<void> {
        if (await this.answers(RECOVERY_TRIES)) return
        for (const rate of this.modem.setBaud ? RATES : []) {
            this.modem.setBaud?.(rate)
            if (await this.answers(3)) return
        }
        throw new SilentModemError(
            "the modem does not answer at any rate: check its supply, that TX goes to RX, and ground"
        )
    }

    /** Restores the modem's settings. */
    async end(): Promise<void> {
        await this.reset()
        await this.typist.type(`AT+CMEE=${this.errors}\r`, RESULT, 2000, 100)
        if (!this.echo) await this.typist.type("ATE0\r", RESULT, 2000, 100)
    }

    private async answers(tries: number): Promise<boolean> {
        for (let i = 0; i < tries; i++) {
            const { text } = await this.typist.type("AT\r", RESULT, 500, 50)
            if (/OK\r\n$/.test(text)) return true
        }
        return false
    }

    private async reset(): Promise<void> {
        for (const [line, limit] of BEGIN)
            await this.typist.type(`${line}\r`, RESULT, limit, 50)
    }

    /** @returns why there is no network, "" if there is */
    private async register(): Promise<string> {
        const asked = async (line: string): Promise<string> =>
            (await this.typist.type(`${line}\r`, RESULT, 5000, 50)).text
        let tries = 0
        for (let waited = 0; waited < REGISTRATION; waited += POLL) {
            const card = /\+CPIN: (.*)\r/.exec(await asked("AT+CPIN?"))?.[1]
            if (card === "SIM PIN" && (this.pin === undefined || tries > 0))
                return "the SIM card wants a PIN (--pin)"
            if (card === "SIM PIN") {
                if (/\+SPIC: 1,/.test(await asked("AT+SPIC")))
                    return "the last try of the PIN is left: give it by hand"
                tries++
                await asked(`AT+CPIN="${this.pin}"`)
            } else if (card?.includes("PUK")) return `the SIM card says ${card}`
            else if (card === "READY") {
                const home = /\+CREG: \d,[15]/.test(await asked("AT+CREG?"))
                if (home && /\+CGATT: 1/.test(await asked("AT+CGATT?")))
                    return ""
            }
            await this.typist.pass(POLL)
        }
        return "not registered, or without GPRS"
    }

    /** @param hasServer there is a server that echoes */
    async play(chapter: Chapter, hasServer: boolean): Promise<Played> {
        const { name, needs } = chapter
        const said: Said[] = []
        if (needs === "server" && !hasServer)
            return { name, said, reason: "no server that echoes (--echo)" }
        if (needs !== "module" && this.network !== "")
            return { name, said, reason: this.network }
        let before = ""
        let reason = ""
        for (const step of chapter.steps) {
            if (step.after && !step.after.test(before)) {
                reason = `it ended here: ${step.line} has no place`
                break
            }
            const { text, one } = await this.step(step)
            said.push(one)
            before = text
            if (one.restarted) reason = "the module has restarted"
            else if (!one.ended)
                reason = `no answer within ${step.limit / 1000} s`
            if (reason) break
        }
        if (reason) await this.recover()
        return { name, said, reason }
    }

    private async step(step: Step): Promise<{ text: string; one: Said }> {
        const { line, end, limit, pause } = step
        const { place } = this
        if (pause) await this.typist.pass(pause)
        const bytes = Buffer.from(unspell(line)).toString("latin1")
        const { text, ...took } = await this.typist.type(
            bytes,
            end,
            limit,
            pause ?? SILENCE
        )
        return {
            text,
            one: {
                line: masked(line, place),
                ...took,
                ...answerOf(line, text, place),
            },
        }
    }

    /** Out of a prompt and out of data mode, and everything as at the beginning. */
    private async recover(): Promise<void> {
        await this.typist.pass(1200)
        await this.typist.type("+++", /OK\r\n$/, 1500, 200)
        await this.typist.type("\x1b\r", RESULT, 1500, 200)
        if (!(await this.answers(RECOVERY_TRIES)))
            throw new SilentModemError("the modem does not answer any more")
        await this.reset()
        this.network = await this.register()
    }
}

/** A chapter of two modems, step by step. */
export interface Compared {
    readonly name: string
    readonly reason: string
    readonly steps: readonly {
        readonly real: Said
        /** undefined: the virtual modem did not come so far */
        readonly virtual: Said | undefined
        readonly difference: Difference
    }[]
}

export function compare(real: Played, virtual: Played): Compared {
    return {
        name: real.name,
        reason: real.reason,
        steps: real.said.map((said, i) => {
            const other = virtual.said.at(i)
            return {
                real: said,
                virtual: other,
                difference: other ? difference(said.text, other.text) : "words",
            }
        }),
    }
}

/** All chapters as the virtual modem with a firmware build plays them. */
export async function playVirtual(
    name: FirmwareBuildName,
    place: Place
): Promise<readonly Played[]> {
    const { identity, firmware } = firmwareBuilds[name]
    const modem = virtualModem({ identity, firmware }, place)
    try {
        const player = new Player(modem, place)
        await player.begin()
        const played: Played[] = []
        for (const chapter of chapters(place))
            played.push(await player.play(chapter, true))
        return played
    } finally {
        modem.dispose()
    }
}

/** The result of a chapter, in words. */
export function chapterState({ steps, reason }: Compared): string {
    const count = steps.filter(({ difference }) => difference !== "same").length
    const found =
        steps.length === 0
            ? "left out"
            : count === 0
              ? "the same"
              : `${count} of ${steps.length} answers differ`
    return reason ? `${found}; ${reason}` : found
}

/** How many answers differ, more than in order. */
export function differences(compared: readonly Compared[]): number {
    return compared
        .flatMap(({ steps }) => steps)
        .filter(
            ({ difference }) =>
                difference === "blanks" || difference === "words"
        ).length
}

export interface Comparison {
    readonly build: FirmwareBuildName
    readonly chapters: readonly Compared[]
    /** how many answers differ from each build */
    readonly builds: Readonly<Record<FirmwareBuildName, number>>
}

/**
 * Compares a modem's responses with each firmware build.
 * @param wanted the build to show; by default the nearest one
 */
export async function compareWithBuilds(
    real: readonly Played[],
    place: Place,
    wanted?: FirmwareBuildName
): Promise<Comparison> {
    const all = await Promise.all(
        firmwareBuildNames.map(async build => {
            const virtual = await playVirtual(build, place)
            const compared = real.map((played, i) =>
                compare(played, virtual[i])
            )
            return { build, compared, count: differences(compared) }
        })
    )
    const nearest = all.reduce((best, one) =>
        one.count < best.count ? one : best
    )
    const shown = all.find(({ build }) => build === wanted) ?? nearest
    return {
        build: shown.build,
        chapters: shown.compared,
        builds: Object.fromEntries(
            all.map(({ build, count }) => [build, count])
        ) as Record<FirmwareBuildName, number>,
    }
}
