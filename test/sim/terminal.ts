/** The terminal of the package for tests, which looks at the end of each whether all was expected. */
import { afterEach } from "vitest"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal as Terminal } from "../../sim/testing/test-terminal"

const open = new Set<TestTerminal>()

afterEach(() => {
    const terminals = [...open]
    open.clear()
    for (const terminal of terminals) terminal.end()
})

export class TestTerminal extends Terminal {
    constructor(options?: ModemOptions) {
        super(options)
        open.add(this)
    }
}
