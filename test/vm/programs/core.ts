/** What leans on natives of the runtime. */
import "../core"
