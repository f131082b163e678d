export { Sim800 } from "./devicescript/sim800"
export type {
    ConnectOptions,
    Sim800Options,
    Sim800Status,
    StartOptions,
} from "./devicescript/sim800"
export { Socket } from "./devicescript/socket"
export { Sim800Error } from "./devicescript/errors"
export { Failure } from "./core/errors"
export { Phase } from "./core/bearer"
export type { UartPort } from "./ports/uart"
export { JacdacUart } from "./ports/jacdac"
export type { JacdacUartOptions } from "./ports/jacdac"
