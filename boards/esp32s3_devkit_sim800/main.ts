/** The example on a ESP32-S3 DevKit, wired as README.md says. */
import { example } from "../../src/example"
import { uart } from "./uart"

await example(uart())
