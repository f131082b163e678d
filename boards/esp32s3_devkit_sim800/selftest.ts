/** The self-test on a ESP32-S3 DevKit, wired as README.md says. */
import { boardTest } from "../selftest"
import { bridge750 } from "./uart"

await boardTest(bridge750())
