/** What a client of an MQTT broker is given, on either runtime. */

export interface MqttSettings {
    host: string
    /** default 1883, with TLS 8883 */
    port?: number
    proto?: "tcp" | "tls"
    /** TLS: see `ConnectOptions`; default true */
    verify?: boolean
    clientCertificate?: boolean
    /** what the broker knows this device by: no two may have the same */
    clientId: string
    user?: string
    /**
     * in s, 10–3600, default 60: a broker, a connection or a modem that is gone is
     * noticed in this time. The modem is woken twice in it
     */
    keepAlive?: number
    /**
     * the broker forgets this client with each connection (default); with false
     * it keeps subscriptions, and messages of QoS 1 that come meanwhile
     */
    clean?: boolean
    /** bytes of messages that wait to be acknowledged, 256–32768, default 2048 */
    outbox?: number
    /** bytes of a message of the broker, 64–32768, default 1024; longer ones are dropped */
    limit?: number
}

export interface PublishOptions {
    /** 0, or 1 (default): again until the broker has acknowledged it */
    qos?: number
    /** the broker keeps it for those who subscribe later */
    retain?: boolean
}
