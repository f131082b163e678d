/**
 * The public interface of the module: names that the build keeps, and the types of
 * `SIM800.d.ts`.
 */
import type { ConnectionStatus } from "../core/dialogues/connections"
import type { ModemOptions } from "../core/options"
import type { MqttSettings, PublishOptions } from "../protocols/mqtt-settings"

/** Wiring of modem and board: pins of Espruino, by the modem's names. */
export interface Wires {
    /** TXD of the module */
    rx?: Pin
    /** RXD of the module */
    tx?: Pin
    /** RTS of the module: Espruino holds it up while its queue is full */
    rts?: Pin
    /** CTS of the module: while it is high, nothing is sent */
    cts?: Pin
    dtr?: Pin
    dcd?: Pin
    ri?: Pin
    /** low for 150 ms resets the module */
    reset?: Pin
    /** PWRKEY: low for 1.3 s switches the module on */
    powerKey?: Pin
    /** RESET and PWRKEY are behind transistors: high on the pin pulls them low */
    inverted?: boolean
    /** switches the supply of the module on; high */
    power?: Pin
    /** further options of `Serial.setup()` */
    serial?: object
    /**
     * bytes that may come without a loss while JavaScript runs: default ¾ of the
     * interpreter's queue. Espruino 2v29 on an ESP32 loses all after 64: use 64 there
     */
    burst?: number
}

export interface Options extends ModemOptions, Wires {}

export interface StartOptions {
    /** ms, default 180000 */
    timeout?: number
}

/** A failure of the modem or of a connection. */
export interface Sim800Error extends Error {
    /** the number of a `Failure` */
    failure: number
    /** of a write that failed: bytes that the modem had accepted */
    sent: number
}

export interface ConnectOptions {
    /** name or dotted address */
    host: string
    /** 1–65535 */
    port: number
    /** `tcp` by default; `tls` is made by the module */
    proto?: "tcp" | "tls" | "udp"
    /** TLS: the peer's certificate has to be valid, default true */
    verify?: boolean
    /** TLS: the module shows its own certificate */
    clientCertificate?: boolean
    /** 0–65535, 0, the default, is any */
    localPort?: number
    /** PDP context: 0, or 1 for the second one */
    context?: number
    /** ms, default 120000; includes the wait for the context */
    timeout?: number
}

/** The sender of a datagram. */
export interface Sender {
    /** dotted */
    address: string
    port: number
    size: number
}

export interface SocketEvents {
    on(event: "connect", heard: (socket: Socket) => void): void
    on(event: "data", heard: (data: string) => void): void
    on(event: "message", heard: (data: string, from?: Sender) => void): void
    on(event: "drain", heard: () => void): void
    on(event: "error", heard: (error: Sim800Error) => void): void
    on(event: "close", heard: (hadError: boolean) => void): void
}

/** A connection. TCP and TLS have `data` events, UDP has `message`, one a datagram. */
export interface Socket extends SocketEvents {
    /** e.g. `tcp://example.com:80` */
    readonly name: string
    /** bytes that wait to be sent */
    readonly bufferSize: number
    /**
     * Sends all of it. Up to 8 kB may wait.
     * @returns false if it is time to wait for `drain`
     */
    write(data: string | Uint8Array | ArrayBuffer): boolean
    /** Sends the waiting bytes and these, then closes. */
    end(data?: string | Uint8Array | ArrayBuffer): void
    /** Closes at once; waiting bytes are not sent. */
    destroy(): void
    /**
     * @returns received bytes, at most `max`, "" if there are none; `undefined` at the
     * end
     */
    read(max?: number): string | undefined
    /** `E.pipe()` from here */
    pipe(destination: object, options?: object): void
    /** UDP with `dgram()`: sends a datagram to an address */
    send(data: string | Uint8Array, port: number, address: string): void
}

export interface DgramOptions {
    /** 1–65535 */
    localPort: number
    /** destination of `write()` */
    host: string
    port: number
    /** ms, default 120000 */
    timeout?: number
}

export interface Server {
    on(event: "connection", heard: (socket: Socket) => void): void
    on(event: "listening" | "close", heard: () => void): void
    on(event: "error", heard: (error: Sim800Error) => void): void
    listening(): boolean
    close(): void
}

export interface Status {
    phase: string
    /** one of the states of chapter 8 of the application note, or "" */
    ipState: string
    failure: number
    /** dBm, `undefined` if unknown */
    signal?: number
    address: string
    restarts: number
    deactivations: number
    rebuilds: number
    resets: number
    timeouts: number
    overruns: number
}

export interface Sim800Events {
    on(
        event: "state",
        heard: (phase: string, ipState: string, failure: number) => void
    ): void
    /** a URC that the driver does not use */
    on(event: "urc", heard: (line: string) => void): void
    /** a pulse on RI is over, ms: about 50 for a call, 120 for a message */
    on(event: "pulse", heard: (ms: number) => void): void
    /** `listen` for calls: `sms.start()` */
    on(event: "ring", heard: (number: string) => void): void
    on(event: "message", heard: () => void): void
    /** `reports()` */
    on(event: "report", heard: (report: StatusReport) => void): void
}

/** `require("SIM800test").selfTest(serial, options)`. */
export interface SelfTestOptions extends Wires {
    apn: string
    user?: string
    password?: string
    pin?: string | number
    baud?: number
    /** a TCP server that echoes its data; without it that step is skipped */
    echo?: { host: string; port: number }
    /** a name to be resolved */
    name?: string
    /** names of steps to skip, with those that need them */
    skip?: string[]
    /** s, default 300 */
    limit?: number
    /** the report is TAP version 14 */
    tap?: boolean
    /** gets each line of the report; `console.log` by default */
    print?: (line: string) => void
    light?: (state: "running" | "passed" | "failed") => void
}

export interface SelfTestStep {
    number: number
    name: string
    verdict: "PASS" | "FAIL" | "SKIP"
    seen: string
    hint: string
    ms: number
}

export interface SelfTestResult {
    passed: boolean
    steps: SelfTestStep[]
    ms: number
}

/** NetworkJS. */
export interface NetworkJs {
    create(
        host: string | undefined,
        port: number,
        type: number,
        options?: ConnectOptions
    ): number
    close(id: number): void
    accept(id: number): number
    recv(id: number, max: number, type: number): string | number
    send(id: number, data: string, type: number): number
}

export interface Battery {
    /** supply voltage of the modem */
    volts: number
    /** 0–100; meaningless unless the supply is a lithium cell */
    percent: number
    charge: string
}

export interface Signal {
    /** -113 (or less) to -51 (or more) */
    dbm?: number
    /** class of the bit error rate, 0–7 (GSM 05.08) */
    errors?: number
}

export interface Identity {
    imei: string
    iccid: string
    /** name of the network, "" without one */
    operator: string
}

export interface NetworkTime {
    /** ms since 1970, UTC */
    utc: number
    /** local time less UTC, in quarter hours */
    zone: number
}

export interface LocationOptions {
    /** which of the two the firmware tells first, default longitude */
    first?: "longitude" | "latitude"
}

export interface CellLocation {
    /** degrees, south and west negative */
    latitude: number
    longitude: number
    /** metres */
    accuracy: number
    /** ms since 1970, UTC */
    utc?: number
}

export interface UssdAnswer {
    text: string
    /** it is a menu: `ussd()` with a choice goes on with it */
    more: boolean
}

/** AT+CIPSTATUS. */
export interface ModemConnections {
    /** one of the states of chapter 8 */
    state: string
    server?: string
    /** id, context, proto, address, port, state of the connections used so far */
    links: ConnectionStatus[]
}

export interface ShortMessage {
    from: string
    /** time of the service centre, `yy/MM/dd,hh:mm:ss±zz`, zz in quarter hours; "" if not known */
    at: string
    text: string
}

export interface MessageStorage {
    used: number
    total: number
}

export interface LongMessageOptions {
    /** it is shown, and not kept (class 0); default false */
    atOnce?: boolean
    /** the network reports the delivery of each part: see `reports()`; default false */
    report?: boolean
}

/** A message in one piece. */
export interface LongMessage {
    from: string
    /** as in `ShortMessage`, of its first part */
    at: string
    text: string
    /** 0: to be shown at once, 1–3; -1: none */
    messageClass: number
    /** places of its parts: `remove()` each */
    places: number[]
}

/** A message at a place of the SIM card. */
export interface Place {
    index: number
    isRead: boolean
    /** ms since 1970, local time; -1: unknown */
    time: number
}

/** Delivery of a message that was sent with `report: true`. */
export interface StatusReport {
    /** as returned by `sendLong()` */
    reference: number
    number: string
    /** 0–31: delivered; 32–63: not yet; higher: not delivered, for good */
    status: number
    at: string
}

/** Short messages. */
export interface Sms {
    /** makes the modem report calls (`ring`) and messages (`message`) from now on */
    start(): Promise<void>
    /** @returns its reference, 0–255 */
    send(number: string, text: string): Promise<number>
    /** @returns the place of the next message, `undefined` if there is none */
    next(): number | undefined
    read(index: number): Promise<ShortMessage>
    remove(index: number): Promise<void>
    removeAll(which: "read" | "all"): Promise<void>
    storage(): Promise<MessageStorage>
}

export interface SleepOptions {
    /** `dtr` (default), or `serial` without a further wire */
    wakeBy?: "dtr" | "serial"
    /** `dtr`: ms without work before it may sleep, default 2000 */
    idle?: number
}

export interface SleepCounts {
    readonly sleeps: number
    readonly wakes: number
}

/** The broker publishes it when this client disappears without DISCONNECT. */
export interface MqttWill {
    topic: string
    payload: string
    /** 0 or 1 */
    qos?: number
    retain?: boolean
}

export interface MqttOptions extends MqttSettings {
    password?: string
    will?: MqttWill
}

/** A message of the broker, a character for each byte. */
export interface MqttMessage {
    topic: string
    payload: string
    qos: number
    /** the broker had kept it: it is older than the subscription */
    retain: boolean
    /** it may have been delivered before */
    again: boolean
}

export interface Mqtt {
    /** why the last connection ended, or could not be made */
    readonly error: Error | undefined
    /** connects, again and again, until `stop()` */
    start(): void
    stop(): void
    connected(): boolean
    /** number of messages that wait to be sent or acknowledged */
    pending(): number
    /** at QoS 1 repeated until it is acknowledged; throws if there is no room */
    publish(topic: string, payload: string, options?: PublishOptions): void
    /**
     * a message at QoS 1 is acknowledged after `take`; if `take` throws, it comes again
     */
    subscribe(
        filter: string,
        take: (message: MqttMessage) => void,
        qos?: number
    ): void
    unsubscribe(filter: string): void
    /** it is connected, or no longer; or a packet has come */
    on(event: "change", listener: () => void): void
}

export interface ContextOptions {
    apn: string
    user?: string
    password?: string
    /** ms, default 180000 */
    timeout?: number
}

export interface Context {
    open(options: ContextOptions): Promise<void>
    address(): string
    close(): Promise<void>
}

export interface CertificateFiles {
    /** X.509 in DER */
    root?: string | Uint8Array
    /** PKCS#12, with its private key */
    client?: string | Uint8Array
    password?: string
}

export interface Certificates {
    install(files: CertificateFiles): Promise<void>
    /** @returns whether any are installed */
    use(options?: { password?: string }): Promise<boolean>
    remove(): Promise<void>
}

/** The parameters of AT+CIPCCFG (application note 2.2.2). */
export interface TransferOptions {
    retries?: number
    wait?: number
    sendSize?: number
    escape?: boolean
    paced?: boolean
    receiveSize?: number
    receivePause?: number
    printed?: boolean
}

export interface Transparent {
    inDataMode(): boolean
    carrier(): boolean
    commandMode(): Promise<void>
    dataMode(): Promise<void>
}

export interface Sim800 extends Sim800Events {
    start(options?: StartOptions): Promise<void>
    stop(): void
    connect(
        options: ConnectOptions,
        connected?: (socket: Socket) => void
    ): Socket
    shut(): Promise<void>
    reset(): Promise<void>
    status(): Status
    network(): NetworkJs
    listen(port: number, connected?: (socket: Socket) => void): Server
    dgram(options: DgramOptions): Socket
    battery(): Promise<Battery>
    signal(): Promise<Signal>
    identity(): Promise<Identity>
    /** `undefined` if the network has not set the clock */
    time(): Promise<NetworkTime | undefined>
    location(options?: LocationOptions): Promise<CellLocation>
    /** @returns information responses; `limit` bytes of them, default 1024 */
    command(line: string, timeout?: number, limit?: number): Promise<string[]>
    resolve(host: string): Promise<string[]>
    setNameServers(primary: string, secondary?: string): Promise<void>
    connectionStatus(): Promise<ModemConnections>
    ussd(code: string, timeout?: number): Promise<UssdAnswer>
    cancelUssd(): Promise<void>
    /** calls and short messages */
    sms(): Sms
    answer(): Promise<void>
    hangUp(): Promise<void>
    /** a message of up to ten parts; @returns their references */
    sendLong(
        number: string,
        text: string,
        options?: LongMessageOptions
    ): Promise<number[]>
    /** the next complete message; use it instead of `next()` and `read()` of `sms()` */
    nextLong(): Promise<LongMessage | undefined>
    /** messages on the SIM card */
    listMessages(): Promise<Place[]>
    /** deletes the oldest read message; `undefined` if there is none */
    removeOldest(): Promise<number | undefined>
    /** makes the modem report the delivery of messages: event `report` */
    reports(): void
    /** calls a number; fulfilled when the call is answered, rejected when it is not */
    dial(number: string, timeout?: number): Promise<void>
    /** `active`, `held`, `dialing`, `alerting`, `incoming`, `waiting`; "" without a call */
    callState(): Promise<string>
    /** 1–20 of 0–9, *, #, A–D */
    sendTones(keys: string): Promise<void>
    /** keys of the other side come as `urc`, `+DTMF: 5`; ask in each call */
    hearTones(): Promise<void>
    /** changes the PIN; the same PIN again: the card asks for it; "": it does not */
    setPin(pin: string, next: string): Promise<void>
    /** after a `start()` that failed for the PUK, once, on a person's request */
    enterPuk(puk: string, pin: string): Promise<void>
    /** @returns ms, -1: no answer */
    ping(host: string, count?: number, timeout?: number): Promise<number[]>
    mqtt(options: MqttOptions): Mqtt
    /** before `start()` */
    allowSleep(options?: SleepOptions): SleepCounts
    /** before `start()`; the second PDP context */
    context(): Context
    certificates(): Certificates
    /** before `start()`; with `connections: "single"`, `receive: "push"`, DCD wired */
    transparent(options?: TransferOptions): Transparent
}
