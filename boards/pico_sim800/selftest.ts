/** The self-test on this board, wired as README.md says. */
import { boardTest } from "../selftest"
import { uart } from "./uart"

await boardTest(uart())
