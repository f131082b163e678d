/** Imported before all else: an old Node would fail anywhere, with a stack trace. */
import { nodeTrouble } from "./trouble"

const trouble = nodeTrouble(process.version)
if (trouble !== undefined) {
    console.error(`error: ${trouble}`)
    process.exit(1)
}
