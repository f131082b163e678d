/**
 * MQTT 3.1.1 as bytes (OASIS standard): a session with a broker, over one connection
 * after the other. It keeps messages until they are acknowledged, holds the
 * subscriptions, and checks that the broker lives. It never waits: received bytes and
 * the time go in, bytes to send come out.
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
    /** multiplied by its QoS */
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
/** required flags of SUBSCRIBE and UNSUBSCRIBE */
const RESERVED = 2
const LEVEL = 4
const REFUSED = 0x80
const LARGEST_ID = 65535
/** overhead of a waiting packet, about */
const OVERHEAD = 24

/** Most bytes of a text: its length has two bytes. */
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
    /** the broker had kept it: it is older than the subscription */
    retain: boolean
    /** it may have been delivered before */
    again: boolean
}

enum Wish {
    /** SUBSCRIBE is due */
    Subscribe,
    /** SUBSCRIBE was sent */
    Subscribing,
    Subscribed,
    /** the broker does not allow it */
    Refused,
    Unsubscribe,
    Unsubscribing,
}

/** A subscription of the program. */
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

/** A number as two bytes, big-endian. */
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

/** Joins buffers; `length` is their total. */
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
 * @param parts of it, each preceded by its length unless `bare` has its bit
 */
function packet(
    kind: number,
    flags: number,
    parts: (Buffer | string)[],
    bare: number
): Buffer {
    // the first item is the head, made once the length is known
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

/** Whether a filter is valid (4.7): "+" and "#" are whole levels, "#" the last. */
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

/** Whether a topic matches a filter (4.7). */
export function matches(filter: string, topic: string): boolean {
    let at = 0
    const wild = filter.charCodeAt(0)
    // a filter that begins with a wildcard does not match topics that begin with "$"
    if (topic.charCodeAt(0) === DOLLAR && (wild === HASH || wild === PLUS))
        return false
    for (let i = 0; i < filter.length; i++) {
        const c = filter.charCodeAt(i)
        if (c === HASH) return true
        if (c === PLUS)
            while (at < topic.length && topic.charCodeAt(at) !== SLASH) at++
        else if (at < topic.length && topic.charCodeAt(at) === c) at++
        // "a/#" matches "a" too
        else return at === topic.length && filter.slice(i) === "/#"
    }
    return at === topic.length
}

/** The fault of a connection. */
export enum MqttFault {
    None,
    /** the broker does not answer, or does not acknowledge */
    Mute,
    /** the broker violates MQTT 3.1.1 */
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
    /** messages dropped because they exceeded the limit */
    dropped = 0
    /** the message at which `feed()` has stopped, null if none */
    message: MqttMessage | null = null
    /** waiting bytes, with overhead */
    used = 0
    readonly subscriptions: Subscription[]

    private readonly connect: Buffer
    /** half the keep-alive time, ms */
    private readonly half: number
    private readonly room: number
    private readonly limit: number
    /** PUBLISH packets not yet sent or not yet acknowledged */
    private readonly waiting: Buffer[]
    /** number of them sent on this connection, of QoS 1 only */
    private sent = 0
    /** number of the following ones that the last `next()` returned */
    private flying = 0
    /** packets to send before them */
    private urgent: Buffer[]
    private id = 0
    // times of the last packet received, of the last one sent, and of the oldest
    // unacknowledged PUBLISH
    private heardAt = 0
    private sentAt = 0
    private pinged = false
    private pingedAt = 0
    private publishedAt = 0
    // the packet being received
    private header = 0
    private shift = -1
    private length = 0
    private got = 0
    private input: Buffer

    /**
     * @param connect see `connectPacket()`
     * @param keepAlive in ms
     * @param room bytes for waiting packets
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
     * Publishes a message, after all earlier ones.
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

    /** Number of messages not yet sent or not yet acknowledged. */
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

    /** A connection is up: begins with CONNECT. */
    open(now: number) {
        this.connected = false
        this.fault = MqttFault.None
        this.urgent = [this.connect]
        // it is unknown what the broker received: QoS 0 is at most once
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
     * The next bytes to send. Call `sentAll()` once they are sent; if they cannot be
     * sent, the connection has to end.
     * @returns null if there are none, or if the connection has to end: see `fault`
     */
    next(now: number): Buffer | null {
        if (!before(now, this.due())) {
            // CONNECT, too, must be answered
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

    /** The bytes of `next()` were sent. */
    sentAll(now: number) {
        this.sentAt = now
        this.landed(now)
    }

    /** The packets of the last `next()` were sent, or may have been. */
    private landed(now: number) {
        while (this.flying > 0) {
            this.flying--
            const bytes = this.waiting[this.sent]
            if ((bytes[0] & QOS) === 0) this.remove(this.sent)
            else {
                if (this.sent === 0) this.publishedAt = now
                // from now on it is a repetition
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

    /** Queues SUBSCRIBE and UNSUBSCRIBE for changed subscriptions. */
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

    /** Removes a waiting message. */
    private remove(at: number) {
        const waiting = this.waiting
        this.used -= waiting[at].length + OVERHEAD
        for (let i = at + 1; i < waiting.length; i++)
            waiting[i - 1] = waiting[i]
        waiting.pop()
    }

    /**
     * Parses received bytes from `at` on, up to the end of a message: it is then in
     * `message` until `taken()`.
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
                // CONNACK has to come first: this is no broker
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
            // bytes beyond the limit are dropped
            this.input.blitAt(this.got, bytes, at, n)
            this.got += n
            at += n
            if (this.got < this.length) break
            this.shift = -1
            this.packet(now)
        }
        return at
    }

    /** A packet is complete. */
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
        // any packet shows that the broker lives, but a ping must have its own answer
        if (!right && this.fault === MqttFault.None)
            this.fault = MqttFault.Protocol
    }

    /** CONNACK. @param present the broker has kept the session */
    private accepted(present: boolean) {
        this.connected = true
        for (let i = 0; i < this.subscriptions.length; i++) {
            const each = this.subscriptions[i]
            // requests without an answer are repeated
            if (each.wish === Wish.Unsubscribing) each.wish = Wish.Unsubscribe
            else if (
                each.wish !== Wish.Unsubscribe &&
                (!present || each.wish !== Wish.Subscribed)
            )
                each.wish = Wish.Subscribe
        }
    }

    /** PUBLISH. @returns whether it is valid */
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
     * The message of `feed()` is handled.
     * @param done false: it is to come again with the next connection
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
