import "./names"
export { Sim800 } from "./devicescript/sim800"
export type {
    ConnectOptions,
    Sim800Options,
    StartOptions,
} from "./devicescript/sim800"
export type { ModemStatus as Sim800Status } from "./core/status"
export { Socket } from "./devicescript/socket"
export { UdpSocket, openUdp } from "./devicescript/udp"
export type { Datagram, UdpOptions } from "./devicescript/udp"
export { TcpServer, listen } from "./devicescript/server"
export type { ListenOptions } from "./devicescript/server"
export { Context } from "./devicescript/context"
export type { ContextOptions } from "./devicescript/context"
export { Transparent } from "./devicescript/transparent"
export type { TransferOptions } from "./devicescript/transparent"
export { Phone } from "./devicescript/phone"
export type { MessageStorage, Place, ShortMessage } from "./devicescript/phone"
export { sendMessage } from "./devicescript/message"
export { Inbox, sendLongMessage } from "./devicescript/long-message"
export type {
    LongMessage,
    LongMessageOptions,
} from "./devicescript/long-message"
export {
    callEnded,
    CallState,
    callState,
    dial,
    hearTones,
    sendTones,
} from "./devicescript/calls"
export { hearReports } from "./devicescript/reports"
export type { StatusReport } from "./devicescript/reports"
export { enterPuk, setPin } from "./devicescript/sim"
export { ping } from "./devicescript/ping"
export type { PingOptions } from "./devicescript/ping"
export { cancelUssd, ussd } from "./devicescript/ussd"
export type { UssdAnswer } from "./devicescript/ussd"
export {
    battery,
    identity,
    networkTime,
    signal,
} from "./devicescript/telemetry"
export type {
    Battery,
    Identity,
    NetworkTime,
    Signal,
} from "./devicescript/telemetry"
export { isoTime } from "./devicescript/date"
export { cellLocation } from "./devicescript/location"
export type { CellLocation, LocationOptions } from "./devicescript/location"
export { Certificates } from "./devicescript/certificates"
export type { CertificateFiles } from "./devicescript/certificates"
export { HttpClient, HttpResponse } from "./devicescript/http"
export type {
    HttpHeaders,
    HttpOptions,
    HttpRequest,
    PartOfBody,
} from "./devicescript/http"
export { MqttClient } from "./devicescript/mqtt"
export type { MqttOptions } from "./devicescript/mqtt"
export type { PublishOptions } from "./protocols/mqtt-settings"
export { Store } from "./protocols/store"
export type { Page } from "./protocols/store"
export { StoreKeeper } from "./devicescript/store-keeper"
export type { MqttMessage, Will } from "./protocols/mqtt"
export { bodyOf, useAsNetwork } from "./devicescript/network"
export type { BodyPart, Network, NetworkOptions } from "./devicescript/network"
export { allowSleep } from "./devicescript/sleep"
export type { SleepCounts, SleepOptions } from "./devicescript/sleep"
export {
    acknowledged,
    acknowledgement,
    command,
    connectionStatus,
    resolve,
    setNameServers,
} from "./devicescript/commands"
export type {
    Acknowledgement,
    ConnectionStatus,
    ModemConnections,
} from "./devicescript/commands"
export { Sim800Error } from "./devicescript/errors"
export { Failure } from "./core/errors"
export { Phase } from "./core/phase"
export type { UartBytes, UartLines, UartPort } from "./ports/uart"
export { Wired } from "./core/options"
export type { PortAbilities } from "./core/options"
export type { Output } from "./core/encoder"
export type { Ring } from "./core/ring"
export { Waiter } from "./ports/naps"
export { TracingUart } from "./ports/tracing"
export { JacdacUart } from "./ports/jacdac"
export type { JacdacUartOptions } from "./ports/jacdac"
export { BridgeUart, i2cBus, spiBus } from "./ports/bridge"
export type { BridgeUartOptions, I2cOptions, SpiOptions } from "./ports/bridge"
export type { RegisterBus } from "./ports/sc16is7xx"
export { selfTest } from "./selftest"
export type {
    SelfTestOptions,
    SelfTestResult,
    SelfTestState,
    SelfTestStep,
} from "./selftest"
export type { Verdict } from "./selftest/bench"
