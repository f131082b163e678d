/** The example on a ESP32-S3 DevKit, wired as README.md says. */
import { example } from "../../src/example"
import { bridge750 } from "./uart"

await example(bridge750())
