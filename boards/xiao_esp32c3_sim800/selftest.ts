/** The self-test on a XIAO ESP32C3, wired as README.md says. */
import { boardTest } from "../selftest"
import { uart } from "./uart"

await boardTest(uart())
