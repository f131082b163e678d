/** The self-test on a Raspberry Pi Pico W, wired as README.md says. */
import { boardTest } from "../selftest"
import { uart } from "./uart"

await boardTest(uart())
