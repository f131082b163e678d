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
export type { Delays, DelayProfileName } from "./modem/delays"
