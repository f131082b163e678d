/** Things that happen on the wire from the modem, at a byte or a frame of its choice. */
import { Line } from "../../src/core/results"
import { noise, Rig } from "../driver/rig"
import { bytes } from "../core/dialogue"
import { modes, play } from "./session"

/**
 * What may be asked of the driver when it happens. `truth`: what modems do; all
 * that an application gets is right. `loss`: bytes are lost; that is noticed.
 * `noise`: bytes come in addition, or change; what can be noticed is. `forgery`:
 * lines that are not true, and that no wire makes up; the driver goes on.
 */
export type Kind = "truth" | "loss" | "noise" | "forgery"

/** Has something happen behind byte (or frame) number `at` of all that the modem says. */
export type Disturbance = (rig: Rig, at: number) => void

const LF = 10

/** A line that no feature has. */
export const NOISE = "\\xff\\xfeI\\x00"

/**
 * Every line of the result table that can come unasked, as the modem says it. What
 * it says is not true here: the driver has to find out, or to bear it.
 */
const unasked: Record<keyof typeof Line, string[]> = {
    Unknown: ["+XYZ: 1", NOISE],
    Ussd: ['+CUSD: 0,"hello",15'],
    Imported: ["+SSLSETCERT: 0"],
    Notice: [
        '*PSUTTZ: 2020,12,16,18,3,45,"+4",0',
        "DST: 0",
        "UNDER-VOLTAGE WARNNING",
        "OVER-VOLTAGE WARNNING",
        "+CMTE: 1",
        "ALARM RING",
        "MO RING",
    ],
    Ok: [],
    Error: [],
    ShutOk: [],
    CloseOk: ["0, CLOSE OK"],
    SendOk: [],
    SendFail: ["0, SEND FAIL", "5, SEND FAIL"],
    DataAccept: [],
    ConnectOk: ["0, CONNECT OK", "5, CONNECT OK", "CONNECT OK"],
    ConnectFail: ["0, CONNECT FAIL", "5, CONNECT FAIL", "CONNECT FAIL"],
    AlreadyConnect: ["0, ALREADY CONNECT", "ALREADY CONNECT"],
    RemoteIp: [
        "0, REMOTE IP: 10.0.0.9",
        "5, REMOTE IP: 10.0.0.9",
        "REMOTE IP: 10.0.0.9",
    ],
    Closed: ["0, CLOSED", "1, CLOSED", "5, CLOSED", "9, CLOSED", "CLOSED"],
    Connect: ["CONNECT"],
    NoCarrier: ["NO CARRIER"],
    ServerOk: ["SERVER OK"],
    ServerClose: ["SERVER CLOSE"],
    ReceivedFrom: ["RECV FROM:10.0.0.9:80"],
    Ipd: [],
    Address: [],
    Echo: ["AT"],
    Receive: [],
    RxGet: ["+CIPRXGET: 1,0", "+CIPRXGET: 1,9", "+CIPRXGET: 1"],
    SendRoom: [],
    State: [],
    LinkStatus: [],
    ServerStatus: [],
    Pin: [
        "+CPIN: READY",
        "+CPIN: NOT READY",
        "+CPIN: SIM PIN",
        "+CPIN: NOT INSERTED",
    ],
    PinTries: [],
    Signal: ["+CSQ: 3,0"],
    Registration: ["+CREG: 1", "+CREG: 0", '+CREG: 2,"18D8","3CA5"'],
    GprsRegistration: ["+CGREG: 1", "+CGREG: 3"],
    Attached: [],
    CallReadyState: [],
    Rate: [],
    PdpDeact: ["+PDP: DEACT", "+PDP DEACT"],
    Started: ["RDY"],
    CallReady: ["Call Ready"],
    SmsReady: ["SMS Ready"],
    Busy: ["BUSY"],
    NoReply: ["NO ANSWER"],
    NoDialtone: ["NO DIALTONE"],
    Message: [],
    Functionality: ["+CFUN: 1", "+CFUN: 0"],
    Delivered: ['+CMT: "+123","","26/01/02,10:11:12+04"⏎0, CLOSED'],
    StatusReport: ["+CDS: 25⏎07911326040000F0"],
    Text: [],
    PowerDown: [
        "NORMAL POWER DOWN",
        "NORMAL POWER OFF",
        "UNDER-VOLTAGE POWER DOWN",
        "OVER-VOLTAGE POWER DOWN",
    ],
    Resolved: ['+CDNSGIP: 1,"h","10.0.0.9"', "+CDNSGIP: 0,8"],
    Ring: ["RING"],
    Caller: ['+CLIP: "+123",145,"",0,"",0'],
    NewMessage: ['+CMTI: "SM",3'],
}

/** What has nothing to do with the driver's own affairs. */
const foreign: (keyof typeof Line)[] = [
    "Registration",
    "GprsRegistration",
    "Notice",
    "Resolved",
    "Ring",
    "Caller",
    "NewMessage",
    "ServerOk",
    "ServerClose",
]

export const urcs = Object.values(unasked).flat()
/** Those after which all is as it was before. */
const harmless = [
    ...foreign.flatMap(kind => unasked[kind]),
    '+CUSD: 0,"hello",15',
    "9, CLOSED",
]
/** Those too, unless bare data are on the wire: then they are data. */
const harmlessFramed = ["+CIPRXGET: 1,5", "+CIPRXGET: 1,9", NOISE]

export const harmlessIn = (mode: string): string[] =>
    mode === "plain" ? harmless : [...harmless, ...harmlessFramed]

/** Answers that nobody has asked for, and what a broken wire makes of some. */
const answers = [
    "OK",
    "ERROR",
    "SHUT OK",
    "SEND OK",
    "0, SEND OK",
    "DATA ACCEPT:0,40",
    "DATA ACCEPT:40",
    "10.0.0.9",
    "+CME ERROR: 3",
    "+CIPRXGET: 2,0,5,0",
    "+CIPRXGET: 2,5,0",
    "+CIPRXGET: 4,0,100",
    "+CIPSEND: 0,1460",
    "+CIPSEND: 1460",
    "STATE: IP INITIAL",
    "STATE: PDP DEACT",
    "STATE: CONNECT OK",
    'C: 5,,"","","","INITIAL"',
    "+RECEIVE,0,5:",
    "+RECEIVE,1,5:",
    "+RECEIVE,9,5:",
    "+RECEIVE,0,900:",
    "+IPD,5:",
    "+CREG: 0,3",
    "+IPR: 9600",
    "+CPIN: SIM PUK",
]

const line = (text: string): Buffer => bytes(`⏎${text}⏎`)

/** Does something to the stream as soon as its byte number `at` comes. */
function behind(rig: Rig, at: number, what: (rest: Buffer) => Buffer): void {
    let seen = 0
    rig.onReceive = data => {
        const cut = at - seen
        seen += data.length
        if (cut > data.length) return data
        rig.onReceive = bytes => bytes
        return Buffer.concat([data.subarray(0, cut), what(data.subarray(cut))])
    }
}

export const insert =
    (extra: Buffer): Disturbance =>
    (rig, at) =>
        behind(rig, at, rest => Buffer.concat([extra, rest]))

/** Loses bytes until `enough` says so. */
function lose(rig: Rig, at: number, enough: (byte: number) => boolean): void {
    const filter = (data: Buffer): Buffer => {
        for (let i = 0; i < data.length; i++) {
            if (!enough(data[i])) continue
            rig.onReceive = bytes => bytes
            return data.subarray(i)
        }
        return Buffer.alloc(0)
    }
    behind(rig, at, rest => {
        rig.onReceive = filter
        return filter(rest)
    })
}

const drop =
    (count: number): Disturbance =>
    (rig, at) => {
        let left = count
        lose(rig, at, () => left-- === 0)
    }

/** The rest of a line is lost, its end included or not. */
const truncate =
    (keepEnd: boolean): Disturbance =>
    (rig, at) => {
        let ended = false
        lose(rig, at, byte => {
            if (ended) return true
            if (byte !== LF) return false
            ended = true
            return keepEnd
        })
    }

/** The line that ends next comes a second time. */
const repeat: Disturbance = (rig, at) => {
    let seen = 0
    let current: number[] = []
    rig.onReceive = data => {
        for (let i = 0; i < data.length; i++) {
            current.push(data[i])
            if (data[i] !== LF) continue
            if (seen + i >= at) {
                rig.onReceive = bytes => bytes
                return Buffer.concat([
                    data.subarray(0, i + 1),
                    Buffer.from([13, LF, ...current]),
                    data.subarray(i + 1),
                ])
            }
            current = []
        }
        seen += data.length
        return data
    }
}

const flip =
    (bit: number): Disturbance =>
    (rig, at) =>
        behind(rig, at, rest => {
            const bad = Buffer.from(rest)
            if (bad.length > 0) bad[0] ^= bit
            return bad
        })

/** Nothing is heard for so long; what was said is lost, or comes late. */
const silence =
    (ms: number, late: boolean): Disturbance =>
    (rig, at) =>
        behind(rig, at, rest => {
            const held = [rest]
            rig.onReceive = data => {
                held.push(data)
                return Buffer.alloc(0)
            }
            rig.clock.after(ms, () => {
                rig.onReceive = bytes => bytes
                if (late) for (const data of held) rig.receive(data)
            })
            return Buffer.alloc(0)
        })

const restart: Disturbance = (rig, at) =>
    behind(rig, at, () => {
        rig.clock.after(0, () => rig.sim.reset())
        return Buffer.alloc(0)
    })

const powerCut: Disturbance = (rig, at) =>
    behind(rig, at, () => {
        rig.clock.after(0, () => rig.sim.powerOff())
        rig.clock.after(2000, () => rig.sim.powerOn())
        return Buffer.alloc(0)
    })

/** A line in front of frame number `at`: where a modem may say it. */
export const between =
    (text: string): Disturbance =>
    (rig, at) => {
        let frame = 0
        const stop = rig.sim.addFilter((each, pass) => {
            if (frame++ === at) {
                stop()
                pass({ kind: "urc", bytes: line(text) })
            }
            pass(each)
        })
    }

const named = (
    texts: string[],
    name: (text: string) => string,
    make: (text: string) => Disturbance
): Record<string, Disturbance> =>
    Object.fromEntries(texts.map(text => [name(text), make(text)]))

/** What can happen behind any byte, by what may be asked of the driver then. */
export const anywhere: Record<Kind, Record<string, Disturbance>> = {
    truth: {
        restart,
        "power cut": powerCut,
        "0.3 s late": silence(300, true),
        "7 s late": silence(7_000, true),
        "30 s late": silence(30_000, true),
        "100 s late": silence(100_000, true),
    },
    loss: {
        "a line that is cut off": truncate(false),
        "a line that loses its tail": truncate(true),
        "1 byte lost": drop(1),
        "2 bytes lost": drop(2),
        "9 bytes lost": drop(9),
        "40 bytes lost": drop(40),
        "0.3 s of silence": silence(300, false),
        "7 s of silence": silence(7_000, false),
        "30 s of silence": silence(30_000, false),
        "100 s of silence": silence(100_000, false),
    },
    noise: {
        "bit 0 flips": flip(0x01),
        "bit 4 flips": flip(0x10),
        "a line twice": repeat,
        "random bytes inserted": (rig, at) =>
            insert(noise(at + 1, 1 + (at % 40)))(rig, at),
        ...named(
            [
                "\\x00",
                "\\xff",
                "7",
                ",",
                ":",
                ">",
                "> ",
                "0123456789",
                "␍",
                "␊",
                "⏎",
                "⏎> ",
                "\\x1b\\x9a9\\xff\\x00>␍A",
            ],
            text => `${text} inserted`,
            text => insert(bytes(text))
        ),
    },
    forgery: named(
        [...urcs, ...answers],
        text => `${text} amid`,
        text => insert(line(text))
    ),
}

/**
 * Whether an outcome is as good as it can be.
 * @param verdict see `Conversation.verdict()`
 */
export function bearable(
    mode: string,
    kind: Kind,
    name: string,
    verdict: string
): boolean {
    // behind a prompt that it has not seen the driver may have to fill what
    // the modem waits for; the sender is told that nobody knows
    if (verdict === "wrong data there, and a failure") return true
    if (/plain|push/.test(mode)) {
        // what is pushed is handed on before its end shows whether it is whole
        if (verdict === "wrong data, then a failure") return true
        // … and what the ROM says when it starts fills up what was cut off;
        // of bare data, half a line is some if the rest does not come soon
        if (kind === "truth")
            return (
                verdict === "wrong data" &&
                (mode === "plain" ? /restart|cut|late/ : /restart|cut/).test(
                    name
                )
            )
        // bare data: nobody knows what is lost or comes in addition. With a
        // header: if it is gone its data are lost, if it names another
        // connection they are that one's
        return true
    }
    // nobody counts nor checks but the length: a byte may become another, and
    // what has a line end where the data should stop passes for a whole answer
    if (kind === "noise")
        return (
            verdict === "wrong data" &&
            (name.includes("flips") || /␍|⏎|twice|random/.test(name))
        )
    return kind === "forgery"
}

/** Every disturbance: its kind and its name. */
export const all = (): [Kind, string][] =>
    Object.entries(anywhere).flatMap(([kind, list]) =>
        Object.keys(list).map((name): [Kind, string] => [kind as Kind, name])
    )

/**
 * How many bytes and frames the modem says in an undisturbed session; `ends` are
 * the frames that follow the data of an answer.
 */
export function length(mode: string): {
    bytes: number
    frames: number
    ends: Set<number>
} {
    const rig = new Rig(modes[mode])
    let bytes = 0
    let frames = 0
    const ends = new Set<number>()
    rig.onReceive = data => {
        bytes += data.length
        return data
    }
    rig.sim.addFilter((frame, pass) => {
        frames++
        const text = Buffer.from(frame.bytes).toString("latin1")
        if (/^\r\n\+CIPRXGET: [23],/.test(text)) ends.add(frames)
        pass(frame)
    })
    play(rig)
    return { bytes, frames, ends }
}

/**
 * A session with a disturbance behind byte number `at`.
 * @returns what is not bearable, with the failures that were reported
 */
export function tried(
    mode: string,
    kind: Kind,
    name: string,
    at: number,
    rig = new Rig(modes[mode])
): string[] {
    anywhere[kind][name](rig, at)
    let report
    try {
        report = play(rig)
    } catch (e) {
        const wire = process.env.WIRE ? `\n${rig.wire.slice(-6000)}` : ""
        return [(e as Error).message + wire]
    }
    const { failures, verdicts } = report
    return verdicts
        .filter(verdict => !bearable(mode, kind, name, verdict))
        .map(verdict => `${verdict} (${failures.join(", ") || "no failure"})`)
}
