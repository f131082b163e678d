/** The example on a Raspberry Pi Pico, wired as README.md says. */
import { example } from "../../src/example"
import { uart } from "./uart"

await example(uart())
