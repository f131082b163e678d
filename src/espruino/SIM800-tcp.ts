/**
 * The smallest module: TCP, TLS and UDP sockets, the server, and the network of
 * Espruino's own http, net and MQTT.
 */
import "./network"
import "./server"
import type { Options } from "./api"
import { Sim800 } from "./modem"

/** A modem at a Serial. It is not started yet: see `start()`. */
export function connect(serial: Serial, options: Options): Sim800 {
    return new Sim800(serial, options)
}
