/** The example on a XIAO ESP32C3, wired as README.md says. */
import { example } from "../../src/example"
import { uart } from "./uart"

await example(uart())
