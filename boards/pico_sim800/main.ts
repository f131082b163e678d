/** The example on a Raspberry Pi Pico, wired as README.md says. */
import { example } from "../../src/example"
import { bridge750 } from "./uart"

await example(bridge750())
