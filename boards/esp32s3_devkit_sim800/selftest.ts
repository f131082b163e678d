/** The self-test on a ESP32-S3 DevKit, wired as README.md says. */
import { boardTest } from "../selftest"
import { uart } from "./uart"

await boardTest(uart())
