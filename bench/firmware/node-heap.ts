/**
 * The telemetry node, with another fiber that takes the free heap after two minutes of
 * work.
 */
import "./node-gauge"
import "../../src/examples/node"
