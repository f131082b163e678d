/**
 * MQTT 3.1.1 over its own socket: a client that reconnects by itself, and repeats
 * messages of QoS 1 over new connections until they are acknowledged.
 */
import * as ds from "@devicescript/core"
import { wait, Waiter } from "../ports/naps"
import { Kind } from "../core/arguments"
import { Failure } from "../core/errors"
import { lineOf } from "../core/lines"
import {
    connectPacket,
    disconnectPacket,
    isFilter,
    LONGEST_TEXT,
    matches,
    MqttFault,
    MqttSession,
    Subscription,
    type MqttMessage,
    type Will,
} from "../protocols/mqtt"
import { bad, check, checkModem, checkWord } from "./arguments"
import { failed, Sim800Error } from "./errors"
import type { Sim800 } from "./sim800"
import type { MqttSettings, PublishOptions } from "../protocols/mqtt-settings"
import type { Socket } from "./socket"

/** s */
const KEEP_ALIVE = 60
/** bytes of waiting messages, and bytes of a message of the broker */
const OUTBOX = 2048
const MESSAGE = 1024
const LARGEST = 32768
/** bytes taken from the connection at a time */
const PIECE = 256
/** pause between two tries to connect, ms: it doubles */
const PAUSE_MIN = 1000
const PAUSE_MAX = 60000
/** of a connection, and of sending, ms */
const TIMEOUT = 60000

/** Meaning of the return codes of CONNACK (3.2.2.3). */
const REFUSALS = `=1=:it does not speak MQTT 3.1.1
=2=:it does not take this clientId
=3=:it is not available now
=4=:user or password are wrong
=5=:it does not let this client in
`

export interface MqttOptions extends MqttSettings {
    password?: Buffer | string
    /** the broker publishes it when this client disappears without DISCONNECT */
    will?: Will
}

interface Listener {
    topics: string
    take: (message: MqttMessage) => ds.AsyncVoid
}

/**
 * A client of a broker.
 *
 * ```ts
 * const mqtt = new MqttClient(modem, { host: "broker.example", clientId: "7" })
 * mqtt.subscribe("device/7/period", m => setPeriod(m.payload.toString()))
 * await mqtt.start()
 * mqtt.publish("device/7/temperature", "21.5")
 * ```
 * @devsWhenUsed
 */
export class MqttClient {
    /** the client is connected, or no longer; or a message was acknowledged */
    readonly onchange = ds.emitter<void>()
    /** why the last connection ended, or could not be made */
    error: Error
    private readonly modem: Sim800
    private readonly options: MqttOptions
    private readonly session: MqttSession
    private readonly name: string
    private listeners: Listener[] = []
    private readonly waiter = new Waiter()
    private running = false
    /** the fiber of `run()` is alive */
    private alive = false

    /** Throws a `Sim800Error` for a wrong option. */
    constructor(modem: Sim800, options: MqttOptions) {
        checkModem(modem)
        check("options", Kind.Object, options)
        const { clientId, user, password, will } = options
        const keepAlive = options.keepAlive || KEEP_ALIVE
        const outbox = options.outbox || OUTBOX
        const limit = options.limit || MESSAGE
        check("clientId", Kind.Text, clientId, 1, LONGEST_TEXT)
        check("keepAlive", Kind.Whole, keepAlive, 10, 3600)
        check("outbox", Kind.Whole, outbox, 256, LARGEST)
        check("limit", Kind.Whole, limit, 64, LARGEST)
        check("clean", Kind.Flag, options.clean)
        if (password && !user) throw bad("user", "a password needs a user")
        if (will) checkMessage(will.topic, will.payload, will.qos)
        if (options.proto) checkWord("proto", options.proto, ["tcp", "tls"])
        this.modem = modem
        this.options = options
        this.name = `mqtt ${options.host}`
        this.session = new MqttSession(
            connectPacket(
                clientId,
                options.clean !== false,
                keepAlive,
                will || null,
                user || "",
                password || ""
            ),
            keepAlive * 1000,
            outbox,
            limit
        )
    }

    /**
     * Connects, and stays connected until `stop()`. Throws a `Sim800Error` if
     * connecting takes longer than `timeout`, or the broker refuses the client; the
     * client goes on trying all the same.
     * @param timeout in ms; without it, this returns at once
     */
    async start(timeout?: number): Promise<void> {
        check("timeout", Kind.Time, timeout)
        const end = ds.millis() + timeout
        this.running = true
        if (!this.alive) {
            this.alive = true
            this.run.start()
        }
        if (timeout === undefined) return
        this.error = undefined
        while (!this.connected()) {
            const left = end - ds.millis()
            const { fault } = this.session
            if (left <= 0 || (this.error && fault === MqttFault.Refused))
                throw this.error || failed(Failure.Timeout, this.name)
            await wait(this.onchange, left)
        }
    }

    /** Ends the connection with DISCONNECT, so the will is not published. */
    async stop(): Promise<void> {
        this.running = false
        this.waiter.wake()
        while (this.alive) await wait(this.onchange, TIMEOUT)
    }

    connected(): boolean {
        return this.session.connected
    }

    /** Number of messages that wait to be sent or acknowledged. */
    pending(): number {
        return this.session.pending()
    }

    /** Number of the broker's messages that were longer than `limit`, and dropped. */
    dropped(): number {
        return this.session.dropped
    }

    /**
     * Publishes a message, after all earlier ones: at once if connected, else after the
     * next connection. At QoS 1 it is repeated with every new connection until the
     * broker acknowledges it. Throws a `Sim800Error`, `Failure.MemoryFull`, if there is
     * no room for it.
     */
    publish(topic: string, payload: Buffer | string, options?: PublishOptions) {
        const qos = options && options.qos !== undefined ? options.qos : 1
        checkMessage(topic, payload, qos)
        const retain = !!options && !!options.retain
        if (!this.session.publish(topic, payload, qos, retain))
            throw failed(
                Failure.MemoryFull,
                `publish ${topic}`,
                "",
                `${this.session.pending()} messages wait to be acknowledged, and there is no room for another one: publish less, or give a larger outbox`
            )
        this.waiter.wake()
    }

    /**
     * Waits until all published messages are acknowledged.
     * @returns false if the time is over before
     */
    async flush(timeout: number): Promise<boolean> {
        check("timeout", Kind.Time, timeout)
        const end = ds.millis() + timeout
        while (this.pending() > 0) {
            const left = end - ds.millis()
            if (left <= 0) return false
            await wait(this.onchange, left)
        }
        return true
    }

    /**
     * Subscribes to topics, again with each connection unless the broker has kept the
     * session.
     * @param filter a topic, in which "+" stands for a level and "#" for the rest
     * @param take gets the messages, one after the other; while it waits, nothing else
     * is received or sent. A message of QoS 1 is acknowledged after it returns. If it
     * throws, or the connection breaks before, the message comes again with the next
     * connection: number messages that must not be handled twice
     * @param qos 0, or 1 (default)
     */
    subscribe(
        filter: string,
        take: (message: MqttMessage) => ds.AsyncVoid,
        qos?: number
    ) {
        if (qos === undefined) qos = 1
        checkMessage(filter, "", qos)
        if (!isFilter(filter) || typeof take !== "function")
            throw bad("filter", "a filter of MQTT and a function are expected")
        this.listeners.push({ topics: filter, take })
        this.session.subscribe(new Subscription(filter, qos))
        this.waiter.wake()
    }

    /** Ends all subscriptions to a filter. */
    unsubscribe(filter: string) {
        this.session.unsubscribe(filter)
        this.listeners = this.listeners.filter(each => each.topics !== filter)
        this.waiter.wake()
    }

    /** The fiber of the client. */
    private async run() {
        const { host, port, verify, clientCertificate } = this.options
        const proto = this.options.proto || "tcp"
        const { session, waiter } = this
        let pause = PAUSE_MIN
        while (this.running) {
            let socket: Socket
            try {
                socket = await this.modem.connect({
                    host,
                    port: port || (proto === "tls" ? 8883 : 1883),
                    proto,
                    verify,
                    clientCertificate,
                    timeout: TIMEOUT,
                })
                const stop = [
                    socket.onmessage.subscribe(this.wake),
                    socket.onclose.subscribe(this.wake),
                ]
                try {
                    await this.converse(socket)
                } finally {
                    for (const each of stop) each()
                }
            } catch (e) {
                this.error = e as Error
            }
            if (session.connected) pause = PAUSE_MIN
            session.connected = false
            if (socket) await socket.close(true)
            this.onchange.emit(undefined)
            const end = ds.millis() + pause
            if (pause < PAUSE_MAX) pause *= 2
            while (this.running && ds.millis() < end) {
                waiter.awake = false
                await waiter.wait(end - ds.millis())
            }
        }
        this.alive = false
        this.onchange.emit(undefined)
    }

    private wake() {
        this.waiter.wake()
    }

    /** One connection, until it ends. */
    private async converse(socket: Socket) {
        const { session, waiter } = this
        session.open(ds.millis())
        while (this.running) {
            waiter.awake = false
            let heard = await socket.readable(0)
            if (heard) {
                const piece = socket.take(PIECE)
                if (!piece) throw failed(Failure.ClosedByPeer, this.name)
                await this.hear(piece)
            }
            const out = session.next(ds.millis())
            if (session.fault !== MqttFault.None) throw this.reason()
            if (out) {
                await socket.send(out, TIMEOUT)
                session.sentAll(ds.millis())
                this.onchange.emit(undefined)
                heard = true
            }
            if (!heard) await waiter.wait(session.due() - ds.millis())
        }
        await socket.send(disconnectPacket(), TIMEOUT)
    }

    /** Handles bytes from the broker. */
    private async hear(piece: Buffer) {
        const { session } = this
        let at = 0
        while (at < piece.length && session.fault === MqttFault.None) {
            at = session.feed(piece, at, ds.millis())
            const { message } = session
            if (!message) continue
            let done = true
            for (const each of this.listeners) {
                if (!matches(each.topics, message.topic)) continue
                try {
                    await each.take(message)
                } catch (e) {
                    done = false
                    ;(e as Error).print()
                }
            }
            session.taken(done)
        }
        this.onchange.emit(undefined)
    }

    /** Why the session ends its connection. */
    private reason(): Sim800Error {
        const { fault, refusal } = this.session
        if (fault === MqttFault.Mute)
            return failed(
                Failure.Timeout,
                this.name,
                "",
                "the broker does not answer within the keep-alive time"
            )
        return failed(
            Failure.ConnectRefused,
            this.name,
            "",
            fault === MqttFault.Protocol
                ? "what answers does not speak MQTT 3.1.1 as it should"
                : `the broker refuses the client, ${refusal}: ${lineOf(REFUSALS, refusal)}`
        )
    }
}

function checkMessage(topic: string, payload: unknown, qos: number) {
    const isTopic =
        typeof topic === "string" &&
        topic.length > 0 &&
        topic.indexOf("\u0000") < 0
    if (!isTopic)
        throw bad("topic", "a text of one character or more is expected")
    check("payload", Kind.Bytes, payload, 0, LARGEST)
    check("qos", Kind.Whole, qos || 0, 0, 1)
}
