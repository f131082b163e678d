/**
 * The telemetry node, with a fiber beside it that takes what is left of the heap
 * when all else has worked for two minutes.
 */
import "./node-gauge"
import "../../src/examples/node"
