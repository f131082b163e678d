/** The module for a telemetry node: MQTT with QoS 1, sockets, messages, sleep. */
import "./control"
import "./mqtt"
import "./phone"
import "./sentences"
import "./sleep"
import "./telemetry"
export { connect } from "./connect"
