/** A session of MQTT 3.1.1 as bytes: what goes out, what comes in, cut at every byte. */
import "../../src/node/buffer"
import { describe, expect, test } from "vitest"
import {
    connectPacket,
    isFilter,
    matches,
    MqttFault,
    MqttSession,
    Subscription,
    type MqttMessage,
} from "../../src/protocols/mqtt"

const KEEP_ALIVE = 60_000
const HALF = KEEP_ALIVE / 2
const LIMIT = 64
const CONNECT = connectPacket("7", true, 60, null, "", "")
const ACCEPTED = "20 02 00 00"
const PRESENT = "20 02 01 00"
const PINGREQ = "c0 00"
const PINGRESP = "d0 00"

function hex(bytes: Buffer | null): string {
    return bytes ? (bytes.toString("hex").match(/../g) ?? []).join(" ") : ""
}

function text(text: string): string {
    return hex(Buffer.from(text))
}

/** A session, its clock, and what is said each way. */
class Talk {
    now = 1000
    readonly heard: MqttMessage[] = []
    readonly session: MqttSession

    constructor(
        /** bytes that a piece of what comes has at most */
        private readonly cut = 1000,
        room = 500
    ) {
        this.session = new MqttSession(CONNECT, KEEP_ALIVE, room, LIMIT)
    }

    /** What goes out, which the broker gets. */
    out(): string {
        const bytes = hex(this.session.next(this.now))
        if (bytes) this.session.sentAll(this.now)
        return bytes
    }

    /** What comes in; messages are taken as they come. */
    in(digits: string): void {
        const all = Buffer.from(digits.replaceAll(" ", ""), "hex")
        for (let from = 0; from < all.length; from += this.cut) {
            const piece = all.subarray(from, from + this.cut)
            for (let at = 0; at < piece.length;) {
                const before = at
                at = this.session.feed(piece, at, this.now)
                if (this.session.message) this.heard.push(this.session.message)
                this.session.taken(true)
                if (this.session.fault !== MqttFault.None || at === before)
                    break
            }
        }
    }

    /** There is a connection, and the broker takes it. */
    connect(answer = ACCEPTED): void {
        this.session.open(this.now)
        expect(this.out()).toBe(hex(CONNECT))
        expect(this.out()).toBe("")
        this.in(answer)
    }
}

const publish = (n: number, id: number, dup = false): string =>
    `${dup ? "3a" : "32"} 06 00 01 74 00 0${id} 3${n}`

describe("CONNECT", () => {
    test("of a client without anything", () => {
        expect(hex(CONNECT)).toBe(
            `10 0d 00 04 ${text("MQTT")} 04 02 00 3c 00 01 37`
        )
    })

    test("with a will, user and password, in a session that stays", () => {
        const will = { topic: "w", payload: "gone", qos: 1, retain: true }
        expect(hex(connectPacket("7", false, 600, will, "u", "p"))).toBe(
            `10 1c 00 04 ${text("MQTT")} 04 ec 02 58 00 01 37 00 01 77 00 04 ${text("gone")} 00 01 75 00 01 70`
        )
    })
})

describe("publishing", () => {
    test("waits for the connection, and for its acknowledgement", () => {
        const t = new Talk()
        t.session.publish("t", "0", 1, false)
        t.connect()
        expect(t.out()).toBe(publish(0, 1))
        expect(t.session.pending()).toBe(1)
        t.in("40 02 00 01")
        expect(t.session.pending()).toBe(0)
        expect(t.session.used).toBe(0)
        expect(t.out()).toBe("")
    })

    test("goes together with what waits, in order", () => {
        const t = new Talk()
        t.connect()
        t.session.publish("t", "0", 1, false)
        t.session.publish("t", "1", 0, true)
        t.session.publish("t", "2", 1, false)
        expect(t.out()).toBe(
            `${publish(0, 1)} 31 04 00 01 74 31 ${publish(2, 2)}`
        )
        expect(t.session.pending()).toBe(2)
    })

    test("comes again with a new connection, in order, marked", () => {
        const t = new Talk()
        t.connect()
        for (let i = 0; i < 3; i++) t.session.publish("t", `${i}`, 1, false)
        t.out()
        t.in("40 02 00 02")
        t.connect()
        t.session.publish("t", "3", 1, false)
        expect(t.out()).toBe(
            `${publish(0, 1, true)} ${publish(2, 3, true)} ${publish(3, 4)}`
        )
        t.in("40 02 00 01 40 02 00 03 40 02 00 04")
        expect(t.session.pending()).toBe(0)
    })

    test("when nobody knows what has got through: QoS 1 again, QoS 0 not", () => {
        const t = new Talk()
        t.connect()
        t.session.publish("t", "0", 0, false)
        t.session.publish("t", "1", 1, false)
        t.session.publish("t", "2", 1, false)
        // given, and the connection breaks
        t.session.next(t.now)
        t.connect()
        expect(t.out()).toBe(`${publish(1, 1, true)} ${publish(2, 2, true)}`)
    })

    test("without room is refused, and nothing has changed", () => {
        const t = new Talk(1000, 100)
        expect(t.session.publish("t", "0", 1, false)).toBe(true)
        expect(t.session.publish("t", "x".repeat(60), 1, false)).toBe(false)
        expect(t.session.publish("t", "1", 1, false)).toBe(true)
        expect(t.session.publish("t", "2", 1, false)).toBe(true)
        expect(t.session.publish("t", "3", 1, false)).toBe(false)
        expect(t.session.pending()).toBe(3)
        t.connect()
        t.out()
        t.in("40 02 00 01")
        expect(t.session.publish("t", "3", 1, false)).toBe(true)
    })

    test("has a length of up to four bytes", () => {
        const t = new Talk(1000, 100_000)
        t.connect()
        t.session.publish("t", "x".repeat(200), 0, false)
        expect(t.out()).toMatch(/^30 cb 01 00 01 74 78/)
        t.session.publish("t", "x".repeat(20_000), 0, false)
        expect(t.out()).toMatch(/^30 a3 9c 01 00 01 74 78/)
    })

    test("goes on with number 1 behind 65535", () => {
        const t = new Talk()
        t.connect()
        for (let i = 0; i < 65535; i++) {
            t.session.publish("t", "0", 1, false)
            t.session.sentAll(t.now)
            t.session.next(t.now)
            t.session.sentAll(t.now)
            const id = ((i + 1) & 0xffff).toString(16).padStart(4, "0")
            t.in(`4002${id}`)
        }
        expect(t.session.pending()).toBe(0)
        t.session.publish("t", "0", 1, false)
        expect(t.out()).toBe(publish(0, 1))
    })
})

describe.each([1, 2, 3, 1000])("what comes in pieces of %i bytes", cut => {
    test("messages are heard and acknowledged", () => {
        const t = new Talk(cut)
        t.connect()
        t.in(
            `30 05 00 03 ${text("a/b")} 33 06 00 01 74 00 09 31 3a 05 00 01 74 01 02 ${PINGRESP}`
        )
        const message = (
            topic: string,
            payload: string,
            qos: number,
            retain = false,
            again = false
        ): object => ({
            topic,
            payload: Buffer.from(payload),
            qos,
            retain,
            again,
        })
        expect(t.heard).toEqual([
            message("a/b", "", 0),
            message("t", "1", 1, true),
            message("t", "", 1, false, true),
        ])
        expect(t.out()).toBe("40 02 00 09 40 02 01 02")
    })

    test("a message beyond the limit is dropped, counted, acknowledged", () => {
        const t = new Talk(cut)
        t.connect()
        t.in(
            `32 80 01 00 01 74 00 05 ${text("x".repeat(123))} 30 04 00 01 74 31`
        )
        expect(t.session.dropped).toBe(1)
        expect(t.heard).toHaveLength(1)
        expect(t.out()).toBe("40 02 00 05")
    })

    test.each([
        ["a packet before CONNACK", PINGRESP, false],
        ["a second CONNACK", ACCEPTED, true],
        ["QoS 2", "34 05 00 01 74 00 01", true],
        ["a topic that is longer than its packet", "30 03 00 09 74", true],
        ["no topic", "30 02 00 00", true],
        ["a length without an end", "30 ff ff ff ff", true],
        ["what only a client says", "82 02 00 01", true],
        ["an answer of a web server", text("HTTP/1.1 400 Bad"), false],
    ])("%s is a fault", (_, digits, connected) => {
        const t = new Talk(cut)
        t.session.open(t.now)
        t.out()
        if (connected) t.in(ACCEPTED)
        t.in(digits)
        expect(t.session.fault).toBe(MqttFault.Protocol)
        expect(t.out()).toBe("")
    })

    test("a refusal has its reason", () => {
        const t = new Talk(cut)
        t.session.open(t.now)
        t.out()
        t.in("20 02 00 05")
        expect(t.session.fault).toBe(MqttFault.Refused)
        expect(t.session.refusal).toBe(5)
        expect(t.session.connected).toBe(false)
    })
})

describe("a message", () => {
    test("is acknowledged when it has been dealt with, not before", () => {
        const t = new Talk()
        t.connect()
        const piece = Buffer.from("3205000174000932050001740008", "hex")
        const at = t.session.feed(piece, 0, t.now)
        expect(at).toBe(7)
        expect(t.out()).toBe("")
        t.session.taken(true)
        expect(t.out()).toBe("40 02 00 09")
    })

    test("that could not be dealt with is not acknowledged: it comes again", () => {
        const t = new Talk()
        t.connect()
        t.session.feed(Buffer.from("32050001740009", "hex"), 0, t.now)
        t.session.taken(false)
        expect(t.session.message).toBe(null)
        expect(t.out()).toBe("")
    })
})

describe("subscriptions", () => {
    test("are made with each connection that knows nothing of them", () => {
        const t = new Talk()
        t.session.subscribe(new Subscription("a/+", 1))
        t.connect()
        expect(t.out()).toBe(`82 08 00 01 00 03 ${text("a/+")} 01`)
        t.in("90 03 00 01 01")
        t.connect()
        expect(t.out()).toBe(`82 08 00 02 00 03 ${text("a/+")} 01`)
    })

    test("are not made again if the broker knows them", () => {
        const t = new Talk()
        t.session.subscribe(new Subscription("a", 1))
        t.connect()
        t.out()
        t.in("90 03 00 01 01")
        t.session.subscribe(new Subscription("b", 0))
        t.out()
        t.connect(PRESENT)
        // that of "b" has not been acknowledged
        expect(t.out()).toBe(`82 06 00 03 00 01 62 00`)
    })

    test("that the broker does not allow are known", () => {
        const t = new Talk()
        const subscription = new Subscription("a", 1)
        t.session.subscribe(subscription)
        t.connect()
        t.out()
        expect(subscription.isRefused()).toBe(false)
        t.in("90 03 00 01 80")
        expect(subscription.isRefused()).toBe(true)
    })

    test("end, with the next connection if this one breaks", () => {
        const t = new Talk()
        t.session.subscribe(new Subscription("a", 1))
        t.session.subscribe(new Subscription("b", 1))
        t.connect()
        t.out()
        t.in("90 03 00 01 01 90 03 00 02 01")
        t.session.unsubscribe("a")
        expect(t.out()).toBe("a2 05 00 03 00 01 61")
        t.connect(PRESENT)
        expect(t.out()).toBe("a2 05 00 04 00 01 61")
        t.in("b0 02 00 04")
        expect(t.session.subscriptions.map(each => each.topics)).toEqual(["b"])
    })
})

describe("a broker", () => {
    test("is pinged when nothing has come for half the keep-alive time", () => {
        const t = new Talk()
        t.connect()
        t.now += HALF - 1
        expect(t.out()).toBe("")
        t.now += 1
        expect(t.session.due()).toBe(t.now)
        expect(t.out()).toBe(PINGREQ)
        t.now += HALF - 1
        t.in(PINGRESP)
        expect(t.out()).toBe("")
        expect(t.session.fault).toBe(MqttFault.None)
    })

    test("that takes what is sent and says nothing is noticed within the keep-alive time", () => {
        const t = new Talk()
        t.connect()
        const since = t.now
        while (t.session.fault === MqttFault.None) {
            t.session.publish("t", "0", 0, false)
            t.out()
            t.now += 1000
        }
        expect(t.session.fault).toBe(MqttFault.Mute)
        expect(t.now - since).toBeLessThanOrEqual(KEEP_ALIVE + 1000)
    })

    test("that does not answer CONNECT is noticed in half of it", () => {
        const t = new Talk()
        t.session.open(t.now)
        t.out()
        t.now += HALF
        t.out()
        expect(t.session.fault).toBe(MqttFault.Mute)
    })

    test("is pinged for its own sake when it hears nothing", () => {
        const t = new Talk()
        t.connect()
        const said: string[] = []
        for (let i = 0; i < 60; i++) {
            t.now += 1000
            t.in("30 03 00 01 74")
            said.push(t.out())
            if (said.at(-1) === PINGREQ) t.in(PINGRESP)
        }
        expect(said.filter(bytes => bytes === PINGREQ)).toHaveLength(2)
    })

    test("that answers pings and acknowledges nothing is noticed", () => {
        const t = new Talk()
        t.connect()
        t.session.publish("t", "0", 1, false)
        const since = t.now
        while (t.session.fault === MqttFault.None) {
            if (t.out() === PINGREQ) t.in(PINGRESP)
            t.now += 1000
        }
        expect(t.now - since).toBeLessThanOrEqual(KEEP_ALIVE + 1000)
    })
})

describe("a filter", () => {
    test.each([
        ["a/b", "a/b", true],
        ["a/b", "a/b/c", false],
        ["a/b", "a", false],
        ["a/+", "a/b", true],
        ["a/+", "a/", true],
        ["a/+", "a", false],
        ["a/+/c", "a/b/c", true],
        ["a/+/c", "a/b/d", false],
        ["+", "a", true],
        ["+", "/a", false],
        ["#", "a/b", true],
        ["a/#", "a", true],
        ["a/#", "a/b/c", true],
        ["a/#", "ab", false],
        ["#", "$SYS/x", false],
        ["+/x", "$SYS/x", false],
        ["$SYS/#", "$SYS/x", true],
    ])("%s means %s: %s", (filter, topic, means) => {
        expect(isFilter(filter)).toBe(true)
        expect(matches(filter, topic)).toBe(means)
    })

    test.each(["", "a#", "#/a", "a/#/b", "a+", "+a", "a/+b"])(
        "%j can not be",
        filter => {
            expect(isFilter(filter)).toBe(false)
        }
    )
})
