/** The example on this board, wired as README.md says. */
import { example } from "../../src/example"
import { uart } from "./uart"

await example(uart())
