/**
 * The module with everything but what `SIM800-phone.ts` adds. A program that can do
 * without some of it has an entry of its own.
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
