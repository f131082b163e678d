/** What a machine can have against a start is told in a sentence. */
import { expect, test } from "vitest"
import { nodeTrouble, sentenceOf } from "../../simulator/trouble"
import { BusPortError } from "../../simulator/jacdac/hub"

test.each([
    ["v18.20.4", /Node.js v18.20.4, and 20.19 or newer/],
    ["v20.18.3", /20.19 or newer/],
])("Node %s is too old", (version, sentence) => {
    expect(nodeTrouble(version)).toMatch(sentence)
})

test.each(["v20.19.0", "v22.1.0", "v24.0.0", process.version])(
    "Node %s will do",
    version => expect(nodeTrouble(version)).toBeUndefined()
)

test.each([
    [
        Object.assign(new Error("ENOSPC: no space left on device, write"), {
            code: "ENOSPC",
        }),
        /^the disk is full/,
    ],
    [
        new Error("src/a.ts does not compile:\nError: ENOSPC: no space left"),
        /^the disk is full.*\(src\/a.ts does not compile:\)$/,
    ],
    [
        new BusPortError(8082, "EADDRNOTAVAIL", "the bus cannot be there"),
        /^there is no loopback interface/,
    ],
    [new Error("what it says itself"), /^what it says itself$/],
])("%s", (error, sentence) => {
    expect(sentenceOf(error)).toMatch(sentence)
    expect(sentenceOf(error)).not.toContain("\n")
})
