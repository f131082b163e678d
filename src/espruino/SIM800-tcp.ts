/**
 * The smallest module: sockets, the server, and the network of Espruino's own http, net
 * and MQTT.
 * @lean
 */
import "./network"
import "./server"
export { connect } from "./connect"
