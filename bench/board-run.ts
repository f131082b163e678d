/** One measurement of bench/board.ts in a process of its own, as JSON: the library is metered here. */
import "./metered.mjs"

// loaded behind the meter
const { measure } = await import("./board-traffic")
console.log(JSON.stringify(await measure(process.argv[2])))
