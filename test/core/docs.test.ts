import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { generated, regenerate } from "../../docs/generate"

test.each(generated)("%s is what the tables say (npm run docs)", file => {
    const text = readFileSync(file, "utf8")
    expect(regenerate(text)).toBe(text)
})
