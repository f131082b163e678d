/** The telemetry node, which posts each reading by itself. */
import "./node-often-setting"
import "../../../src/examples/node"
