/**
 * One measurement of bench/board.ts in its own process, as JSON: the library is metered
 * here.
 */
import "./metered.mjs"

// loaded after the meter
const { measure } = await import("./board-traffic")
console.log(JSON.stringify(await measure(process.argv[2])))
