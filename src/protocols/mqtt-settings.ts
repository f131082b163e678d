/** Options of an MQTT client, on either runtime. */

export interface MqttSettings {
    host: string
    /** default 1883, with TLS 8883 */
    port?: number
    proto?: "tcp" | "tls"
    /** TLS: see `ConnectOptions`; default true */
    verify?: boolean
    clientCertificate?: boolean
    /** identifies this device to the broker: it has to be unique */
    clientId: string
    user?: string
    /**
     * in s, 10–3600, default 60: within this time the loss of the broker, the
     * connection or the modem is noticed. The modem is woken twice in it
     */
    keepAlive?: number
    /**
     * the broker drops this client's session after each connection (default); with
     * false it keeps subscriptions, and messages of QoS 1 for the next connection
     */
    clean?: boolean
    /** bytes of messages that wait for their acknowledgement, 256–32768, default 2048 */
    outbox?: number
    /** bytes of a message of the broker, 64–32768, default 1024; longer ones are dropped */
    limit?: number
}

export interface PublishOptions {
    /** 0, or 1 (default): repeated until the broker acknowledges it */
    qos?: number
    /** the broker keeps it for later subscribers */
    retain?: boolean
}
