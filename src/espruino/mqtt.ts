/**
 * MQTT 3.1.1 over its own socket: reconnects by itself, and repeats messages of QoS 1
 * until the broker acknowledges them.
 */
import { Kind } from "../core/arguments"
import { Failure } from "../core/errors"
import { textOf } from "../core/text"
import {
    connectPacket,
    disconnectPacket,
    isFilter,
    LONGEST_TEXT,
    matches,
    MqttFault,
    MqttSession,
    Subscription,
} from "../protocols/mqtt"
import type { Mqtt, MqttMessage, MqttOptions, Socket } from "./api"
import type { PublishOptions } from "../protocols/mqtt-settings"
import { bytesOf } from "./bytes"
import { bad, check, checkFlag, checkObject, checkWord, failed } from "./errors"
import { Sim800 } from "./modem"

declare module "./modem" {
    interface Sim800 {
        mqtt(options: MqttOptions): Mqtt
    }
}

const LARGEST = 32768
/** timeout of a connection, ms */
const TIMEOUT = 60000
/** pause between two tries to connect, ms: it doubles */
const PAUSE_MIN = 1000
const PAUSE_MAX = 60000
/** a timer may be late by this, ms */
const LEAST = 10

interface Listener {
    topics: string
    take: (message: MqttMessage) => void
}

export class MqttClient {
    /** why the last connection ended, or could not be made */
    error: Error | undefined = undefined
    private readonly modem: Sim800
    private readonly options: MqttOptions
    private readonly session: MqttSession
    private readonly what: string
    private listeners: Listener[]
    private socket: Socket | null = null
    private running = false
    /** the socket is connected */
    private up = false
    /** it has enough to send */
    private full = false
    private timer = 0
    private pause = PAUSE_MIN
    /** every object of Espruino has it */
    declare private readonly emit: Emitter["emit"]

    constructor(modem: Sim800, options: MqttOptions) {
        checkObject("options", options)
        const keepAlive = options.keepAlive || 60
        const outbox = options.outbox || 2048
        const limit = options.limit || 1024
        const will = options.will || null
        check("host", Kind.Host, options.host, 1, 255)
        check("clientId", Kind.Text, options.clientId, 1, LONGEST_TEXT)
        check("keepAlive", Kind.Whole, keepAlive, 10, 3600)
        check("outbox", Kind.Whole, outbox, 256, LARGEST)
        check("limit", Kind.Whole, limit, 64, LARGEST)
        checkFlag("clean", options.clean)
        checkWord("proto", options.proto || "tcp", ["tcp", "tls"])
        if (options.password && !options.user)
            throw bad("user", "a password needs a user")
        if (will !== null) checkMessage(will.topic, will.payload, will.qos)
        this.modem = modem
        this.options = options
        this.what = "mqtt " + options.host
        this.listeners = []
        this.session = new MqttSession(
            connectPacket(
                options.clientId,
                options.clean !== false,
                keepAlive,
                will,
                options.user || "",
                options.password || ""
            ),
            keepAlive * 1000,
            outbox,
            limit
        )
    }

    start() {
        if (this.running) return
        this.running = true
        // a socket that is closing opens the next one at its end
        if (this.socket === null) this.open()
    }

    stop() {
        const socket = this.socket
        this.running = false
        this.later(0, 0)
        if (socket === null) return
        if (!this.up) socket.destroy()
        else {
            const bytes = disconnectPacket()
            socket.end(textOf(bytes, 0, bytes.length))
        }
    }

    connected(): boolean {
        return this.session.connected
    }

    pending(): number {
        return this.session.pending()
    }

    publish(topic: string, payload: string, options?: PublishOptions) {
        const given = options === undefined ? {} : options
        const qos = given.qos === undefined ? 1 : given.qos
        checkMessage(topic, payload, qos)
        if (!this.session.publish(topic, payload, qos, !!given.retain))
            throw failed(
                Failure.MemoryFull,
                "publish " + topic,
                "",
                "there is no room for another message: publish less, or give a larger outbox"
            )
        this.step()
    }

    subscribe(
        filter: string,
        take: (message: MqttMessage) => void,
        qos?: number
    ) {
        const most = qos === undefined ? 1 : qos
        checkMessage(filter, "", most)
        if (!isFilter(filter) || typeof take !== "function")
            throw bad("filter", "a filter of MQTT and a function are expected")
        this.listeners.push({ topics: filter, take })
        this.session.subscribe(new Subscription(filter, most))
        this.step()
    }

    unsubscribe(filter: string) {
        this.session.unsubscribe(filter)
        this.listeners = this.listeners.filter(each => each.topics !== filter)
        this.step()
    }

    /** Replaces the planned action by another: 0 nothing, 1 a step, 2 a connection. */
    private later(what: number, ms: number) {
        if (this.timer !== 0) clearTimeout(this.timer)
        this.timer = 0
        if (what > 0)
            this.timer = setTimeout(
                () => {
                    this.timer = 0
                    if (what === 1) this.step()
                    else this.open()
                },
                ms < LEAST ? LEAST : ms
            )
    }

    private open() {
        const options = this.options
        const tls = options.proto === "tls"
        const modem = this.modem
        try {
            const socket = modem.connect(
                {
                    host: options.host,
                    port: options.port || (tls ? 8883 : 1883),
                    proto: tls ? "tls" : "tcp",
                    verify: options.verify,
                    clientCertificate: options.clientCertificate,
                    timeout: TIMEOUT,
                },
                () => {
                    this.up = true
                    this.session.open(modem.elapsed())
                    this.step()
                }
            ) as unknown as Socket
            this.socket = socket
            socket.on("data", data => this.hear(bytesOf(data)))
            socket.on("drain", () => {
                this.full = false
                this.step()
            })
            socket.on("error", e => (this.error = e))
            socket.on("close", () => this.lost())
        } catch (e) {
            this.error = e as Error
            this.lost()
        }
    }

    /** The connection is lost. */
    private lost() {
        const session = this.session
        if (session.connected) this.pause = PAUSE_MIN
        session.connected = false
        this.socket = null
        this.up = false
        this.full = false
        this.later(0, 0)
        if (this.running) {
            this.later(2, this.pause)
            if (this.pause < PAUSE_MAX) this.pause *= 2
        }
        this.emit("change")
    }

    /** Sends due packets, and checks that the broker lives. */
    private step() {
        const session = this.session
        const socket = this.socket
        if (!this.up || !this.running || socket === null) return
        const now = this.modem.elapsed()
        while (!this.full && session.fault === MqttFault.None) {
            const out = session.next(now)
            if (out === null) break
            try {
                this.full = !socket.write(textOf(out, 0, out.length))
            } catch (e) {
                this.error = e as Error
                socket.destroy()
                return
            }
            session.sentAll(now)
        }
        if (session.fault !== MqttFault.None) {
            this.error = this.reason()
            socket.destroy()
        } else this.later(1, session.due() - now)
    }

    private hear(bytes: Buffer) {
        const session = this.session
        const length = bytes.length
        let at = 0
        while (at < length && session.fault === MqttFault.None) {
            at = session.feed(bytes, at, this.modem.elapsed())
            const message = session.message
            if (message !== null) session.taken(this.told(message))
        }
        this.step()
        this.emit("change")
    }

    /** @returns whether all subscribers have accepted a message */
    private told(message: {
        topic: string
        payload: Buffer
        qos: number
        retain: boolean
        again: boolean
    }): boolean {
        const payload = message.payload
        const given = {
            topic: message.topic,
            payload: textOf(payload, 0, payload.length),
            qos: message.qos,
            retain: message.retain,
            again: message.again,
        }
        let done = true
        for (let i = 0; i < this.listeners.length; i++) {
            const each = this.listeners[i]
            if (!matches(each.topics, message.topic)) continue
            try {
                each.take(given)
            } catch (e) {
                done = false
                this.error = e as Error
            }
        }
        return done
    }

    private reason(): Error {
        const session = this.session
        if (session.fault === MqttFault.Mute)
            return failed(
                Failure.Timeout,
                this.what,
                "",
                "the broker does not answer within the keep-alive time"
            )
        return failed(
            Failure.ConnectRefused,
            this.what,
            "",
            session.fault === MqttFault.Protocol
                ? "what answers does not speak MQTT 3.1.1 as it should"
                : "the broker refuses the client, code " + session.refusal
        )
    }
}

function checkMessage(topic: unknown, payload: unknown, qos?: number) {
    if (typeof topic !== "string" || topic === "" || topic.indexOf("\0") >= 0)
        throw bad("topic", "a text of one character or more is expected")
    check("payload", Kind.Bytes, payload, 0, LARGEST)
    check("qos", Kind.Whole, qos || 0, 0, 1)
}

Sim800.prototype.mqtt = function (this: Sim800, options: MqttOptions) {
    return new MqttClient(this, options) as unknown as Mqtt
}
