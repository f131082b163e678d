/** The self-test on a board whose firmware and VM take their time, as JSON: the library is metered here. */
import "./metered.mjs"

// loaded after the meter
const { selfTestOnBoard } = await import("../test/chip/selftest-board")
const flowControl = process.argv[2] !== "three wires"
const { lines } = await selfTestOnBoard({}, {}, { flowControl })
console.log(JSON.stringify(lines))
