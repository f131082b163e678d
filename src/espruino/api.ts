/**
 * What programs see of the module: names that the build keeps, and the types of
 * `SIM800.d.ts`.
 */
import type { ConnectionStatus } from "../core/dialogues/connections"
import type { ModemOptions } from "../core/options"
import type { MqttSettings, PublishOptions } from "../protocols/mqtt-settings"

/** How modem and board are wired: pins of Espruino, by the names that they have at the module. */
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
     * bytes that may come while JavaScript runs, and none is lost: default ¾ of
     * the queue of the interpreter. Espruino 2v29 on an ESP32 loses what comes
     * behind 64: give 64 there
     */
    burst?: number
}

export interface Options extends ModemOptions, Wires {}

export interface StartOptions {
    /** ms, default 180000 */
    timeout?: number
}

/** What went wrong. */
export interface Sim800Error extends Error {
    /** the number of a `Failure` */
    failure: number
    /** of a write that failed: how many bytes the modem had taken of it */
    sent: number
}

export interface ConnectOptions {
    /** name or dotted address */
    host: string
    /** 1–65535 */
    port: number
    /** `tcp` by default; `tls` is made by the module */
    proto?: "tcp" | "tls" | "udp"
    /** TLS: whether the certificate of the peer has to be valid, default true */
    verify?: boolean
    /** TLS: the module shows its own certificate */
    clientCertificate?: boolean
    /** 0–65535, 0, the default, is any */
    localPort?: number
    /** PDP context: 0, or 1 for the second one */
    context?: number
    /** ms, default 120000; a context that is not up is waited for */
    timeout?: number
}

/** Who has sent a datagram. */
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
     * Sends. Takes everything, up to 8 kB that wait.
     * @returns false if it is time to wait for `drain`
     */
    write(data: string | Uint8Array | ArrayBuffer): boolean
    /** Sends what waits and this, then closes. */
    end(data?: string | Uint8Array | ArrayBuffer): void
    /** Closes at once; what waits is not sent. */
    destroy(): void
    /** @returns what has come, at most `max` bytes, "" if nothing has; `undefined` at the end */
    read(max?: number): string | undefined
    /** `E.pipe()` from here */
    pipe(destination: object, options?: object): void
    /** UDP with `dgram()`: a datagram to somebody */
    send(data: string | Uint8Array, port: number, address: string): void
}

export interface DgramOptions {
    /** 1–65535 */
    localPort: number
    /** to whom `write()` sends */
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
    /** dBm, `undefined` if not known */
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
    /** a line that the driver has no use for */
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
    /** a TCP server that sends back what it gets; without it that step is left out */
    echo?: { host: string; port: number }
    /** a name to be resolved */
    name?: string
    /** names of steps that are left out, with those that need them */
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
    /** 0–100; of any supply that is not a lithium cell it means nothing */
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
    /** id, context, proto, address, port, state of those that have been used */
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
    /** the network tells what becomes of each part: see `reports()`; default false */
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
    /** where its parts are: `remove()` each */
    places: number[]
}

/** What is at a place of the SIM card. */
export interface Place {
    index: number
    isRead: boolean
    /** ms since 1970, local time; -1: not known */
    time: number
}

/** What has become of a message that was sent with `report: true`. */
export interface StatusReport {
    /** as `sendLong()` has told it */
    reference: number
    number: string
    /** 0–31: it has arrived; 32–63: not yet; more: it has not, and will not */
    status: number
    at: string
}

/** Short messages. */
export interface Sms {
    /** has the modem tell of calls (`ring`) and messages (`message`) from now on */
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
    /** `dtr` (default) or `serial`, which needs no further wire */
    wakeBy?: "dtr" | "serial"
    /** `dtr`: ms without work before it may sleep, default 2000 */
    idle?: number
}

export interface SleepCounts {
    readonly sleeps: number
    readonly wakes: number
}

/** What the broker publishes when this client is gone without a word. */
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
    /** it was kept, and is older than the subscription */
    retain: boolean
    /** it may have been here before */
    again: boolean
}

export interface Mqtt {
    /** why the last connection has ended, or could not be made */
    readonly error: Error | undefined
    /** connects, again and again, until `stop()` */
    start(): void
    stop(): void
    connected(): boolean
    /** how many messages wait to be sent, or to be acknowledged */
    pending(): number
    /** at QoS 1 until it is acknowledged; throws if there is no room */
    publish(topic: string, payload: string, options?: PublishOptions): void
    /** a message at QoS 1 is acknowledged behind `take`; if that throws, it comes again */
    subscribe(
        filter: string,
        take: (message: MqttMessage) => void,
        qos?: number
    ): void
    unsubscribe(filter: string): void
    /** it is connected, or no longer; or something has come */
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
    /** @returns whether there are any */
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
    /** `undefined` if the clock has not been set by the network */
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
    /**
     * the next message whose parts are all there, in the place of `next()` and `read()` of
     * `sms()`
     */
    nextLong(): Promise<LongMessage | undefined>
    /** what is on the SIM card */
    listMessages(): Promise<Place[]>
    /** deletes the oldest message that has been read; `undefined` if there is none */
    removeOldest(): Promise<number | undefined>
    /** has the modem tell what becomes of messages: event `report` */
    reports(): void
    /** calls a number; fulfilled when somebody answers, rejected when nobody does */
    dial(number: string, timeout?: number): Promise<void>
    /** `active`, `held`, `dialing`, `alerting`, `incoming`, `waiting`; "" without a call */
    callState(): Promise<string>
    /** 1–20 of 0–9, *, #, A–D */
    sendTones(keys: string): Promise<void>
    /** keys of the other side come as `urc`, `+DTMF: 5`; ask in each call */
    hearTones(): Promise<void>
    /** changes the PIN; the same again: the card asks for it; "": it does not */
    setPin(pin: string, next: string): Promise<void>
    /** behind a `start()` that wants the PUK, once, by a person's wish */
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
