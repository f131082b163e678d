/** The self-test on a Raspberry Pi Pico W, wired as README.md says. */
import { boardTest } from "../selftest"
import { bridge750 } from "./uart"

await boardTest(bridge750())
