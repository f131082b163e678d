/** The module keeps to what Espruino understands, and the check of that sees each fault. */
import path from "node:path"
import { beforeAll, describe, expect, test } from "vitest"
import { bundle, type Bundle } from "../../espruino/bundle"
import { complaints } from "../../espruino/subset"
import { tokenised } from "../../espruino/tokens"

const root = path.resolve(import.meta.dirname, "../..")
const ENTRIES = ["SIM800", "SIM800-mqtt", "SIM800-phone", "SIM800-tcp"]

describe.each(ENTRIES)("%s", name => {
    let made: Bundle
    beforeAll(async () => {
        made = await bundle(path.join(root, `src/espruino/${name}.ts`))
    }, 240_000)

    test("is in Espruino's language, readable and small", () => {
        // what only calls of what can not happen would need is not in there
        const left = complaints(made.readable).filter(
            line => !/ \w+: missing$/.test(line)
        )
        expect(left).toEqual([])
        expect(complaints(made.small)).toEqual([])
    })

    test("leaves the prototypes of its users alone", () => {
        const patched = /\b(\w+)\.prototype(\.\w+|\[[^\]]*\]) = /g
        const whose = [...made.readable.matchAll(patched)].map(
            match => match[1]
        )
        expect(new Set(whose)).toEqual(new Set(["Sim800"]))
    })

    test("names all that users see", () => {
        for (const word of ["connect", "start", "bufferSize", "failure"])
            expect(made.small).toMatch(new RegExp(`\\b${word}\\b`))
    })
})

/** Bytes that a module may have, minified, and in Storage. */
test.each([
    ["SIM800-tcp", 42_000, 36_100],
    ["SIM800", 99_000, 84_900],
    ["SIM800-mqtt", 78_800, 68_100],
    ["SIM800-phone", 90_400, 77_900],
])("%s is no larger than %i bytes, and %i", async (name, budget, stored) => {
    const { small } = await bundle(path.join(root, `src/espruino/${name}.ts`))
    expect(small.length).toBeLessThanOrEqual(budget)
    expect(tokenised(small).length).toBeLessThanOrEqual(stored)
})

describe("what Espruino does not take is seen:", () => {
    test.each([
        ["import", 'import { x } from "y"\nx()'],
        ["export", "export const x = 1"],
        ["await", "const f = 1; await f"],
        ["async", "const f = async () => 1"],
        ["generator", "function* f() {}"],
        ["destructuring", "const { a } = E"],
        ["array destructuring", "const [a] = E"],
        ["spread", "E(...[1])"],
        ["rest parameter", "function f(...a) {}"],
        ["default parameter", "function f(a = 1) {}"],
        ["?.", "E?.x"],
        ["**", "E.x = 2 ** 3"],
        ["??=", "E.x ??= 1"],
        ["label", "a: for (;;) break a"],
        ["#private", "class A { #a = 1 }"],
        ["static block", "class A { static {} }"],
        ["BigInt", "E.x = 1n"],
        ["computed key", "E.x = { [1 + 1]: 1 }"],
        ["method with a reserved name", "class A { in() {} }"],
        ["getter", "class A { get x() { return 1 } }"],
        ["look-around", "E.x = /(?=a)/"],
        ["sticky flag", "E.x = /a/y"],
        ["Map", "E.x = new Map()"],
        ["Symbol", "E.x = Symbol.iterator"],
        ["Math.imul", "E.x = Math.imul(1, 2)"],
        ["Number.isInteger", "E.x = Number.isInteger(1)"],
        ["TextEncoder", "E.x = new TextEncoder()"],
        ["Buffer", "E.x = Buffer.alloc(1)"],
        ["hoisting", "f()\nfunction f() {}"],
        ["function in a block", "if (E) { function f() {} }"],
        ["closure in a loop", "for (let i = 0; i < 2; i++) E(() => i)"],
        ["new line behind return", "function f() { return\nE() }"],
        ["extends Error", "class A extends Error {}"],
        [
            "three levels",
            "class A {}\nclass B extends A {}\nclass C extends B {}",
        ],
        ["indexOf with an end", "E.x.indexOf(1, 2, 3)"],
        ["fill of a range", "E.x.fill(0, 1, 2)"],
        ["search for several characters", 'E.x.indexOf("ab")'],
        ["replace of several characters", 'E.x.replace("ab", "c")'],
        ["bytes of a string", 'E.x = new Uint8Array("abc")'],
    ])("%s", (_, code) => {
        expect(complaints(code)).not.toEqual([])
    })
})
