/** Store and forward: what waits, in order, within its limits. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { Store } from "../../src/protocols/store"

/** What is taken from a store until nothing is left. */
function taken(store: Store): string[] {
    const pages: string[] = []
    for (let page = store.first(); page; page = store.first()) {
        pages.push(page)
        store.drop()
    }
    return pages
}

test("lines go in pages, in order", () => {
    const store = new Store(6, 4)
    for (const line of ["ab", "cd", "ef", "too long", "gh"]) store.put(line)
    expect(taken(store)).toEqual(["ab\ncd\n", "ef\n", "too long\n", "gh\n"])
    expect(store.lost).toBe(0)
})

test("what is being sent takes no more lines, and comes again until it is dropped", () => {
    const store = new Store(100, 3)
    expect(store.first()).toBe("")
    store.put("a")
    expect(store.first()).toBe("a\n")
    store.put("b")
    store.put("c")
    expect(store.first()).toBe("a\n")
    store.drop()
    expect(store.first()).toBe("b\nc\n")
    store.put("d")
    store.drop()
    expect(taken(store)).toEqual(["d\n"])
    store.put("e")
    expect(taken(store)).toEqual(["e\n"])
})

test("without room the oldest page goes, but for the one that is being sent", () => {
    const store = new Store(4, 3)
    for (const line of "abcdefg") store.put(line)
    expect(taken(store)).toEqual(["a\nb\n", "e\nf\n", "g\n"])
    expect(store.lost).toBe(2)
})

test("a size or a number of pages that can not be", () => {
    expect(() => new Store(0, 2)).toThrow(RangeError)
    expect(() => new Store(100, 1)).toThrow(RangeError)
})

test("no line is out of order, and what is missing is counted", () => {
    fc.assert(
        fc.property(
            fc.array(fc.constantFrom("put", "first", "drop"), {
                maxLength: 200,
            }),
            fc.integer({ min: 1, max: 20 }),
            fc.integer({ min: 2, max: 5 }),
            (steps, size, most) => {
                const store = new Store(size, most)
                const arrived: string[] = []
                let put = 0
                for (const step of steps)
                    if (step === "put") store.put(`${put++}`)
                    else if (step === "first") store.first()
                    else if (store.first()) {
                        arrived.push(...store.first().trim().split("\n"))
                        store.drop()
                    }
                for (const page of taken(store))
                    arrived.push(...page.trim().split("\n"))
                const numbers = arrived.map(Number)
                expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
                expect(new Set(numbers).size).toBe(numbers.length)
                expect(numbers.length + store.lost).toBe(put)
            }
        )
    )
})
