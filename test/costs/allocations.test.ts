/**
 * The core allocates nothing while data flow, as V8's heap profiler sees it; the
 * bytecode is looked at in test/e2e/allocations.test.ts.
 */
import { inCore } from "../../bench/allocations"
import path from "node:path"
import vm from "node:vm"
import { expect, test } from "vitest"
import { Reception } from "../../src/core/config"
import { Ring } from "../../src/core/ring"

const MANY = 300_000

test.each([
    ["push", Reception.Push],
    ["manual", Reception.Manual],
] as const)("nothing in 300 kB each way, %s", (_, reception) => {
    expect(inCore(reception, MANY)).toEqual([])
})

/** A function that V8 takes for one of the core. */
function ofCore(code: string): () => void {
    const filename = path.resolve(
        import.meta.dirname,
        "../../src/core/forgetful.ts"
    )
    return vm.runInThisContext(`(function forgetful() { ${code} })`, {
        filename,
    }) as () => void
}

test.each([
    ["an object", "({ a: 1 })"],
    ["an array", "[1]"],
    ["a closure", "(() => this)"],
    ["a text", "('a' + Math.random())"],
])("%s is noticed, even if it is gone at once", (_, code) => {
    const forgetful = ofCore(`return ${code}`)
    const found = inCore(Reception.Push, 1, forgetful)
    expect(found.map(({ file, name }) => [file, name])).toEqual([
        ["src/core/forgetful.ts", "forgetful"],
    ])
})

test("an allocation on the way of each segment is noticed", () => {
    const pull = Ring.prototype.pull
    const forgetful = ofCore("return { used: 0 }")
    Ring.prototype.pull = function (dst, at, len) {
        forgetful()
        return pull.call(this, dst, at, len)
    }
    const found = inCore(Reception.Push, MANY)
    Ring.prototype.pull = pull
    expect(found.map(({ name }) => name)).toEqual(["forgetful"])
})
