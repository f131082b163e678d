/**
 * The smallest module: TCP and TLS sockets, and the network of Espruino's own http, net,
 * tls and MQTT, as clients.
 * @lean
 */
import "./network"
export { connect } from "./connect"
