/**
 * The module with all features but those of `SIM800-phone.ts`. A program that needs
 * fewer uses another entry.
 */
import "./certificates"
import "./commands"
import "./context"
import "./control"
import "./dgram"
import "./network"
import "./phone"
import "./sentences"
import "./server"
import "./sleep"
import "./telemetry"
import "./transparent"
export { connect } from "./connect"
