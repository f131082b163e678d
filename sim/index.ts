/** The virtual SIM800 for programs and tests: README.md tells how. */
export { VirtualSim800, type Activity } from "./modem/modem"
export { RealClock, VirtualClock, type Clock, type Timer } from "./modem/clock"
export {
    firmwareBuildNames,
    firmwareBuilds,
    type FirmwareBuild,
    type FirmwareBuildName,
} from "./modem/firmware-builds"
export { MemoryNetwork } from "./modem/memory-network"
export { HostNetwork, whereIs } from "./host/network"
export { TcpDoor } from "./doors/tcp-door"
export { Rfc2217Door } from "./doors/rfc2217-door"
export { Junction } from "./doors/junction"
export {
    rfc2217Binding,
    type Rfc2217OpenOptions,
    type Rfc2217Port,
    type Rfc2217Status,
} from "./adapter/rfc2217-binding"
export { Probe } from "./control/probe"
export { TestTerminal, type TerminalOptions } from "./testing/test-terminal"
export { spell, unspell } from "./modem/trace"
export { faultNames, faults, type FaultName } from "./modem/faults"
export type {
    Battery,
    FirmwareOptions,
    Identity,
    ModemOptions,
    OperatorOptions,
    RegistrationStatus,
    RegistrationStep,
    Signal,
} from "./modem/options"
export type { TransitionSubject } from "./modem/hardware"
export type { IncomingMessage } from "./modem/message"
export type { SentMessage } from "./modem/submission"
export type { DteSide, BytePipe } from "./modem/uart"
export type { Network, Endpoint } from "./modem/network"
export type { OutputBlock, OutputFilter, OutputKind } from "./modem/output"
export { delayProfiles } from "./modem/delays"
export type { Delays, DelayProfileName } from "./modem/delays"
export type { BaudRange, FlowControl } from "./modem/uart"
export type {
    DtrMode,
    MessageReports,
    Profile,
    SleepMode,
} from "./modem/profile"
export type { SettingRecord, Value as SettingValue } from "./modem/setting"
export type { PhoneBookEntry } from "./modem/phone-book"
export type { ClientCertificate, TlsRequest, TlsVersion } from "./modem/tls"
export type { ChunkOptions } from "./modem/serial-line"
export type { RadioLinkOptions } from "./modem/radio-link"
export type { SimCardOptions } from "./modem/sim-card"
export type {
    CellLocation,
    LocationFailure,
    NeighbourCell,
    OtherOperator,
    UssdAnswer,
} from "./modem/options"
export type { Alphabet } from "./modem/tpdu"
export type {
    IncomingTcp,
    TcpConnection,
    TcpEvents,
    TcpListener,
    TcpListenerEvents,
    UdpEvents,
    UdpSocket,
} from "./modem/network"
export type {
    MemoryPeer,
    MemoryServer,
    MemoryTls,
    MemoryUdpPort,
} from "./modem/memory-network"
export type { HostNetworkOptions, OpenedPort } from "./host/network"
export type { Plug, RatedModem } from "./doors/junction"
export type { Session, SocketDoorOptions } from "./doors/socket-door"
export type { PacedModem } from "./doors/line-feeder"
export { PINS, type Pin, type PinEvent } from "./control/probe"
export type { ConnectionStatus } from "./modem/modem"
export type { Protocol } from "./modem/ip-state"
export type { LinkState } from "./modem/link"
export type { Direction, TraceEvent, TraceListener } from "./modem/trace"
export type { BroadcastMessage } from "./modem/message"
export type { Callee } from "./modem/callee"
