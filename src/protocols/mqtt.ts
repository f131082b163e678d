/**
 * MQTT 3.1.1 as bytes (OASIS standard): a session with a broker, over one
 * connection after the other. It keeps what is to be published until it is
 * acknowledged, knows what is subscribed to, and watches whether the broker
 * lives. It never waits: what has come goes in with the time, what is to go out
 * comes out.
 */
import { DOLLAR, HASH, PLUS, SLASH } from "../core/ascii"
import { SEGMENT } from "../core/link/connection"
import { textOf } from "../core/text"
import { before } from "../core/time"

/** Kinds of packets (2.2.1). */
enum Kind {
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
}

/** Flags of CONNECT (3.1.2.3). */
enum Flag {
    Clean = 2,
    Will = 4,
    /** times its QoS */
    WillQos = 8,
    WillRetain = 32,
    Password = 64,
    User = 128,
}

/** Flags of PUBLISH (3.3.1). */
const RETAIN = 1
const QOS1 = 2
const QOS = 6
const DUP = 8
/** flags that SUBSCRIBE and UNSUBSCRIBE have to have */
const RESERVED = 2
const LEVEL = 4
const REFUSED = 0x80
const LARGEST_ID = 65535
/** what a packet that waits takes beside its bytes, about */
const OVERHEAD = 24

/** The most bytes of a text: their number goes in front in two bytes. */
export const LONGEST_TEXT = 65535

export interface Will {
    topic: string
    payload: Buffer | string
    qos?: number
    retain?: boolean
}

/** A message of the broker. */
export interface MqttMessage {
    topic: string
    payload: Buffer
    /** 0 or 1 */
    qos: number
    /** it was kept, and is older than the subscription */
    retain: boolean
    /** it may have been here before */
    again: boolean
}

enum Wish {
    /** to be subscribed to */
    Subscribe,
    /** the same, the broker has been told */
    Subscribing,
    Subscribed,
    /** the broker does not allow it */
    Refused,
    Unsubscribe,
    Unsubscribing,
}

/** What somebody wants to hear of. */
export class Subscription {
    readonly topics: string
    readonly qos: number
    wish = Wish.Subscribe
    id = 0

    constructor(filter: string, qos: number) {
        this.topics = filter
        this.qos = qos
    }

    isRefused(): boolean {
        return this.wish === Wish.Refused
    }
}

/** Two bytes, the larger first. */
function pair(value: number): Buffer {
    const bytes = Buffer.alloc(2)
    bytes[0] = value >> 8
    bytes[1] = value & 0xff
    return bytes
}

/** The same, read. */
function pairAt(bytes: Buffer, at: number): number {
    return (bytes[at] << 8) | bytes[at + 1]
}

/** Buffers that have so many bytes in all, one behind the other. */
function joined(items: Buffer[], length: number): Buffer {
    const bytes = Buffer.alloc(length)
    let at = 0
    for (let i = 0; i < items.length; i++) {
        const item = items[i]
        bytes.blitAt(at, item, 0, item.length)
        at += item.length
    }
    return bytes
}

/**
 * A packet.
 * @param parts of it, each with its length in front but for those that `bare`
 * has a bit for
 */
function packet(
    kind: number,
    flags: number,
    parts: (Buffer | string)[],
    bare: number
): Buffer {
    // the first is the head, when its length is known
    const items: Buffer[] = [Buffer.alloc(0)]
    let length = 0
    for (let i = 0; i < parts.length; i++) {
        const part = parts[i]
        const item = typeof part === "string" ? Buffer.from(part) : part
        if ((bare & (1 << i)) === 0) {
            items.push(pair(item.length))
            length += 2
        }
        items.push(item)
        length += item.length
    }
    const head = Buffer.alloc(length < 128 ? 2 : length < 16384 ? 3 : 4)
    const size = head.length + length
    head[0] = (kind << 4) | flags
    for (let i = 1; i < head.length; i++) {
        head[i] = (length & 127) | (length > 127 ? 128 : 0)
        length >>= 7
    }
    items[0] = head
    return joined(items, size)
}

/** @param keepAlive in s */
export function connectPacket(
    clientId: string,
    clean: boolean,
    keepAlive: number,
    will: Will | null,
    user: string,
    password: Buffer | string
): Buffer {
    const head = Buffer.alloc(4)
    const parts: (Buffer | string)[] = ["MQTT", head, clientId]
    let flags = clean ? Flag.Clean : 0
    if (will !== null) {
        flags |= Flag.Will | ((will.qos || 0) * Flag.WillQos)
        if (will.retain) flags |= Flag.WillRetain
        parts.push(will.topic)
        parts.push(will.payload)
    }
    if (user !== "") {
        flags |= Flag.User
        parts.push(user)
        if (password !== "") {
            flags |= Flag.Password
            parts.push(password)
        }
    }
    head[0] = LEVEL
    head[1] = flags
    head[2] = keepAlive >> 8
    head[3] = keepAlive & 0xff
    return packet(Kind.Connect, 0, parts, 2)
}

export function disconnectPacket(): Buffer {
    return packet(Kind.Disconnect, 0, [], 0)
}

/** Whether a filter can be (4.7): "+" and "#" are levels by themselves, "#" the last. */
export function isFilter(filter: string): boolean {
    for (let i = 0; i < filter.length; i++) {
        const c = filter.charCodeAt(i)
        if (c === 0) return false
        if (c !== HASH && c !== PLUS) continue
        const isLast = i === filter.length - 1
        if (i > 0 && filter.charCodeAt(i - 1) !== SLASH) return false
        if (!isLast && (c === HASH || filter.charCodeAt(i + 1) !== SLASH))
            return false
    }
    return filter !== ""
}

/** Whether a topic is one that a filter means (4.7). */
export function matches(filter: string, topic: string): boolean {
    let at = 0
    const wild = filter.charCodeAt(0)
    // topics that begin with "$" are not for filters that begin with a wildcard
    if (topic.charCodeAt(0) === DOLLAR && (wild === HASH || wild === PLUS))
        return false
    for (let i = 0; i < filter.length; i++) {
        const c = filter.charCodeAt(i)
        if (c === HASH) return true
        if (c === PLUS)
            while (at < topic.length && topic.charCodeAt(at) !== SLASH) at++
        else if (at < topic.length && topic.charCodeAt(at) === c) at++
        // "a/#" means "a" too
        else return at === topic.length && filter.slice(i) === "/#"
    }
    return at === topic.length
}

/** What is wrong with a connection. */
export enum MqttFault {
    None,
    /** the broker does not answer, or does not acknowledge */
    Mute,
    /** what the broker says is not MQTT 3.1.1, or not what it may say */
    Protocol,
    /** CONNACK: `refusal` says why */
    Refused,
}

/** The number of a PUBLISH packet of QoS 1. */
function idOf(bytes: Buffer): number {
    let at = 1
    while (bytes[at] & 128) at++
    at += 3 + pairAt(bytes, at + 1)
    return pairAt(bytes, at)
}

/** @devsWhenUsed */
export class MqttSession {
    fault = MqttFault.None
    /** the broker has accepted the connection */
    connected = false
    /** CONNACK's return code (3.2.2.3) */
    refusal = 0
    /** messages that were longer than the limit, and are dropped */
    dropped = 0
    /** the message that `feed()` has stopped at, null: there is none */
    message: MqttMessage | null = null
    /** bytes that wait, with what they take beside */
    used = 0
    readonly subscriptions: Subscription[]

    private readonly connect: Buffer
    /** half the keep-alive time, ms */
    private readonly half: number
    private readonly room: number
    private readonly limit: number
    /** PUBLISH packets that have not been sent, or not been acknowledged */
    private readonly waiting: Buffer[]
    /** how many of them this connection has seen; those of QoS 1 only */
    private sent = 0
    /** how many behind them are in what `next()` has given */
    private flying = 0
    /** what goes out before them */
    private urgent: Buffer[]
    private id = 0
    // when what was heard last, sent last, pinged; the oldest PUBLISH was sent
    private heardAt = 0
    private sentAt = 0
    private pinged = false
    private pingedAt = 0
    private publishedAt = 0
    // the packet that is coming
    private header = 0
    private shift = -1
    private length = 0
    private got = 0
    private input: Buffer

    /**
     * @param connect see `connectPacket()`
     * @param keepAlive in ms
     * @param room for what waits, in bytes
     * @param limit bytes of a packet of the broker
     */
    constructor(
        connect: Buffer,
        keepAlive: number,
        room: number,
        limit: number
    ) {
        this.connect = connect
        this.half = keepAlive >> 1
        this.room = room
        this.limit = limit
        this.waiting = []
        this.urgent = []
        this.subscriptions = []
        this.input = connect
    }

    /**
     * Has a message published, behind those before it.
     * @returns false if there is no room for it
     */
    publish(
        topic: string,
        payload: Buffer | string,
        qos: number,
        retain: boolean
    ): boolean {
        let flags = retain ? RETAIN : 0
        const parts: (Buffer | string)[] = [topic, payload]
        if (qos > 0) {
            flags |= QOS1
            parts[1] = pair(this.nextId())
            parts.push(payload)
        }
        const bytes = packet(Kind.Publish, flags, parts, 6)
        const used = this.used + bytes.length + OVERHEAD
        if (used > this.room) return false
        this.used = used
        this.waiting.push(bytes)
        return true
    }

    /** How many messages have not been sent, or not been acknowledged. */
    pending(): number {
        return this.waiting.length
    }

    private nextId(): number {
        this.id = this.id === LARGEST_ID ? 1 : this.id + 1
        return this.id
    }

    subscribe(subscription: Subscription) {
        this.subscriptions.push(subscription)
    }

    unsubscribe(filter: string) {
        for (let i = 0; i < this.subscriptions.length; i++) {
            const each = this.subscriptions[i]
            if (each.topics === filter) each.wish = Wish.Unsubscribe
        }
    }

    /** There is a connection: it begins with CONNECT. */
    open(now: number) {
        this.connected = false
        this.fault = MqttFault.None
        this.urgent = [this.connect]
        // nobody knows what the broker has got: QoS 0 is at most once
        this.landed(now)
        this.sent = 0
        this.shift = -1
        this.pinged = false
        this.heardAt = now
        this.sentAt = now
        this.message = null
    }

    /** When `next()` has to be called again, unless something happens before. */
    due(): number {
        const since = this.pinged
            ? this.pingedAt
            : before(this.heardAt, this.sentAt)
              ? this.heardAt
              : this.sentAt
        return since + this.half
    }

    /**
     * What is to be sent: `sentAll()` says that it has been, and if it can not be
     * the connection has to end.
     * @returns null if there is nothing, or nothing any more: see `fault`
     */
    next(now: number): Buffer | null {
        if (!before(now, this.due())) {
            // CONNECT, too, has an answer
            if (this.pinged || !this.connected) this.fault = MqttFault.Mute
            else this.ping(now)
        }
        if (this.sent > 0 && !before(now, this.publishedAt + 2 * this.half))
            this.fault = MqttFault.Mute
        if (this.fault !== MqttFault.None) return null
        if (this.connected) this.wishes()
        const waiting = this.waiting
        const parts = this.urgent
        this.urgent = []
        let length = 0
        for (let i = 0; i < parts.length; i++) length += parts[i].length
        let end = this.sent
        if (this.connected)
            while (
                end < waiting.length &&
                (length === 0 || length + waiting[end].length <= SEGMENT)
            ) {
                parts.push(waiting[end])
                length += waiting[end++].length
            }
        this.flying = end - this.sent
        if (length === 0) return null
        return parts.length === 1 ? parts[0] : joined(parts, length)
    }

    /** What `next()` has given is on its way. */
    sentAll(now: number) {
        this.sentAt = now
        this.landed(now)
    }

    /** What was in `next()` has been sent, or may have been. */
    private landed(now: number) {
        while (this.flying > 0) {
            this.flying--
            const bytes = this.waiting[this.sent]
            if ((bytes[0] & QOS) === 0) this.remove(this.sent)
            else {
                if (this.sent === 0) this.publishedAt = now
                // from now on each time is a repetition
                bytes[0] |= DUP
                this.sent++
            }
        }
    }

    private ping(now: number) {
        this.pinged = true
        this.pingedAt = now
        this.urgent.push(packet(Kind.PingReq, 0, [], 0))
    }

    /** Tells the broker what it is to know of subscriptions. */
    private wishes() {
        for (let i = 0; i < this.subscriptions.length; i++) {
            const each = this.subscriptions[i]
            const asks = each.wish === Wish.Subscribe
            if (!asks && each.wish !== Wish.Unsubscribe) continue
            each.id = this.nextId()
            each.wish = asks ? Wish.Subscribing : Wish.Unsubscribing
            const parts: (Buffer | string)[] = [pair(each.id), each.topics]
            if (asks) {
                parts.push(Buffer.alloc(1))
                ;(parts[2] as Buffer)[0] = each.qos
            }
            this.urgent.push(
                packet(
                    asks ? Kind.Subscribe : Kind.Unsubscribe,
                    RESERVED,
                    parts,
                    5
                )
            )
        }
    }

    /** Takes a message from those that wait. */
    private remove(at: number) {
        const waiting = this.waiting
        this.used -= waiting[at].length + OVERHEAD
        for (let i = at + 1; i < waiting.length; i++)
            waiting[i - 1] = waiting[i]
        waiting.pop()
    }

    /**
     * Goes on through what has come, from `at` on, to the end of a message: it
     * is in `message` then, until it is acknowledged.
     * @returns where it stops
     */
    feed(bytes: Buffer, at: number, now: number): number {
        const end = bytes.length
        this.heardAt = now
        while (
            at < end &&
            this.message === null &&
            this.fault === MqttFault.None
        ) {
            if (this.shift < 0) {
                this.header = bytes[at++]
                // CONNACK has to come first: whoever this is, it is no broker
                if (!this.connected && this.header !== Kind.ConnAck << 4)
                    this.fault = MqttFault.Protocol
                this.length = 0
                this.got = 0
                this.shift = 0
                continue
            }
            if (this.shift < 28 && this.got === 0) {
                const c = bytes[at++]
                this.length += (c & 127) << this.shift
                this.shift += 7
                if (c & 128) {
                    if (this.shift > 21) this.fault = MqttFault.Protocol
                    continue
                }
                this.shift = 28
                this.input = Buffer.alloc(
                    this.length < this.limit ? this.length : this.limit
                )
                if (this.length > 0) continue
            }
            let n = end - at
            if (n > this.length - this.got) n = this.length - this.got
            // what is beyond the limit is not kept
            this.input.blitAt(this.got, bytes, at, n)
            this.got += n
            at += n
            if (this.got < this.length) break
            this.shift = -1
            this.packet(now)
        }
        return at
    }

    /** A packet is there. */
    private packet(now: number) {
        const input = this.input
        const kind = this.header >> 4
        const id = this.length < 2 ? 0 : pairAt(input, 0)
        let right = true
        if (kind === Kind.Publish) right = this.published()
        else if (kind === Kind.ConnAck) {
            right = !this.connected && this.length === 2
            this.refusal = input[1]
            if (this.refusal > 0) this.fault = MqttFault.Refused
            else if (right) this.accepted((input[0] & 1) === 1)
        } else if (kind === Kind.PubAck) {
            for (let i = 0; i < this.sent; i++)
                if (idOf(this.waiting[i]) === id) {
                    this.sent--
                    this.remove(i)
                    this.publishedAt = now
                    break
                }
        } else if (kind === Kind.PingResp) this.pinged = false
        else if (kind === Kind.SubAck || kind === Kind.UnsubAck) {
            const subscriptions = this.subscriptions
            for (let i = subscriptions.length - 1; i >= 0; i--) {
                const each = subscriptions[i]
                if (each.id !== id) continue
                if (each.wish === Wish.Subscribing)
                    each.wish =
                        input[2] >= REFUSED ? Wish.Refused : Wish.Subscribed
                else if (each.wish === Wish.Unsubscribing) {
                    const last = subscriptions.pop() as Subscription
                    if (last !== each) subscriptions[i] = last
                }
            }
        } else right = false
        // that a broker speaks says that it lives, but a ping has its own answer
        if (!right && this.fault === MqttFault.None)
            this.fault = MqttFault.Protocol
    }

    /** CONNACK. @param present the broker knows this session */
    private accepted(present: boolean) {
        this.connected = true
        for (let i = 0; i < this.subscriptions.length; i++) {
            const each = this.subscriptions[i]
            // what has no answer yet is asked for again
            if (each.wish === Wish.Unsubscribing) each.wish = Wish.Unsubscribe
            else if (
                each.wish !== Wish.Unsubscribe &&
                (!present || each.wish !== Wish.Subscribed)
            )
                each.wish = Wish.Subscribe
        }
    }

    /** PUBLISH. @returns whether it can be */
    private published(): boolean {
        const input = this.input
        const kept = input.length
        const qos = (this.header & QOS) >> 1
        const topicEnd = kept < 2 ? 0 : 2 + pairAt(input, 0)
        const from = topicEnd + 2 * qos
        if (qos > 1 || topicEnd < 3 || from > this.length) return false
        const id = qos > 0 && from <= kept ? pairAt(input, topicEnd) : 0
        if (this.length > kept) {
            this.dropped++
            if (id > 0) this.acknowledge(id)
            return true
        }
        const payload = Buffer.alloc(kept - from)
        payload.blitAt(0, input, from, kept - from)
        this.message = {
            topic: textOf(input, 2, topicEnd - 2),
            payload,
            qos,
            retain: (this.header & RETAIN) !== 0,
            again: (this.header & DUP) !== 0,
        }
        this.got = id
        return true
    }

    /**
     * The message of `feed()` has been dealt with.
     * @param done else it is to come again, with the next connection
     */
    taken(done: boolean) {
        const message = this.message
        this.message = null
        if (done && message !== null && message.qos > 0)
            this.acknowledge(this.got)
    }

    private acknowledge(id: number) {
        this.urgent.push(packet(Kind.PubAck, 0, [pair(id)], 1))
    }
}
