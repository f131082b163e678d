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

// 500 ms behind the start, amid bring-up; 1.5 s, when connections are made; 5 s
describe.each([500, 1500, 5000])("a clock that wraps after %i ms", ms => {
    beforeAll(() => {
        Rig.epoch = 2 ** 31 - ms
    })
    afterAll(() => {
        Rig.epoch = 0
    })
    chapters()
})
