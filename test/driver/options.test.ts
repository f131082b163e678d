/** Every chapter again, with each thing that firmware may have the other way round. */
import { afterAll, beforeAll, describe } from "vitest"
import { chapters } from "./chapters"
import { peculiarities } from "./peculiarities"
import { Rig } from "./rig"

describe.each(peculiarities)("%s", (_, firmware, driver = {}) => {
    beforeAll(() => {
        Rig.firmware = firmware
        Rig.driver = driver
    })
    afterAll(() => {
        Rig.firmware = {}
        Rig.driver = {}
    })
    chapters()
})
