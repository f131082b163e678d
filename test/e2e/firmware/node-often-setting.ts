import { writeSetting } from "@devicescript/settings"

await writeSetting("BATCH", 1)
