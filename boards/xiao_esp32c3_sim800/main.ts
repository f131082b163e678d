/** The example on a XIAO ESP32C3, wired as README.md says. */
import { example } from "../../src/example"
import { bridge750 } from "./uart"

await example(bridge750())
