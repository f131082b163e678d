import { parseProgram, printProgram } from "../../src/text.ts"
import { expectPass, objectsAndMethods } from "./run.ts"
import { expect, test } from "vitest"

const CLASS = `
        function Motor params=2 slots=2 this ctor
            l0.speed = l1
            return(undefined)

        function run params=2 slots=2 this
            call(ds.sleep, mul(l0.speed, l1))
            return(l0.speed)`

test("fields of an object that exists once become global variables", () =>
    expectPass(
        objectsAndMethods,
        `
        function main params=0 slots=0
            &Motor.prototype.run = &run
            call(new(&Motor), 3)
            g0 = ret
            call(g0.run, 100)
            g0.speed = 5
            return(g0.speed)
        ${CLASS}`,
        `
        function main params=0 slots=0
            call(new(&Motor), 3)
            g0 = ret
            call(&run, g0, 100)
            g1 = 5
            return(g1)

        function Motor params=2 slots=2 this ctor
            g1 = l1
            return(undefined)

        function run params=2 slots=2
            call(ds.sleep, mul(g1, l1))
            return(g1)`
    ))

const unmoved = (name: string, main: string): void =>
    test(name, () => {
        const program = parseProgram(`${main}\n${CLASS}`)
        objectsAndMethods.run(program)
        expect(printProgram(program)).toContain("l0.speed = l1")
    })

unmoved(
    "two objects of a class keep their fields",
    `
        function main params=0 slots=2
            call(new(&Motor), 3)
            l0 = ret
            call(new(&Motor), 4)
            l1 = ret
            return(add(l0.speed, l1.speed))`
)

unmoved(
    "an object that is made in a loop keeps its fields",
    `
        function main params=0 slots=0
        @1  call(new(&Motor), 3)
            call(ds.sleep, ret.speed)
            jmp @1`
)

unmoved(
    "an object that is printed keeps its fields",
    `
        function main params=0 slots=0
            call(new(&Motor), 3)
            g0 = ret
            call(ds.format, "{0}", g0)
            call(ds.sleep, g0.speed)
            return(undefined)`
)

unmoved(
    "so does one whose fields are found by names that are computed",
    `
        function main params=0 slots=0
            call(new(&Motor), 3)
            g0 = ret
            call(ds.sleep, index(g0, add("sp", g1)))
            return(undefined)`
)

unmoved(
    "a field that is read by a name that is computed, but known, stays",
    `
        function main params=0 slots=0
            call(new(&Motor), 3)
            g0 = ret
            call(&pick, g0, "speed")
            call(&pick, g0, "none")
            return(undefined)

        function pick params=2 slots=2
            call(ds.sleep, index(l0, l1))
            return(undefined)`
)

unmoved(
    "so does one that is written by such a name",
    `
        function main params=0 slots=0
            call(new(&Motor), 3)
            g0 = ret
            call(&put, g0, "speed")
            call(&put, g0, "none")
            return(g0.speed)

        function put params=2 slots=2
            index_set(l0, l1, 7)
            return(undefined)`
)

unmoved(
    "and those of an object that is another one's prototype",
    `
        function main params=0 slots=0
            call(new(&Motor), 3)
            g0 = ret
            alloc_map()
            g1 = ret
            call(Object.setPrototypeOf, g1, g0)
            return(g1.speed)`
)

unmoved(
    "and one that somebody may want to know the JSON of",
    `
        function main params=0 slots=0
            call(new(&Motor), 3)
            g0 = ret
            call(%JSON.stringify, g0)
            call(ds.sleep, g0.speed)
            return(undefined)`
)

unmoved(
    "a field that may be read of undefined goes on throwing",
    `
        function main params=0 slots=0
            jmp_z(g1) @1
            call(new(&Motor), 3)
            g0 = ret
        @1  return(g0.speed)`
)

/** Whether a field of this name is left once the pass has run. */
function hasField(text: string, field: string): boolean {
    const program = parseProgram(text)
    objectsAndMethods.run(program)
    return printProgram(program).includes(`.${field} =`)
}

const HANDED_OUT = (other: string): string => `
        function main params=0 slots=0
            call(new(&Motor))
            g0 = ret
            call(ds.sleep, g0.gear.ratio)
            return(undefined)

        function Motor params=1 slots=1 this ctor
            call(new(&Gear), l0)
            l0.gear = ret
            return(undefined)

        function Gear params=2 slots=2 this ctor
            l0.motor = l1
            l0.ratio = 3
            ${other}
            return(undefined)`

test("a field that is set once `this` is known to others moves if none of them looks", () =>
    expectPass(
        objectsAndMethods,
        HANDED_OUT("g1 = l1"),
        `
        function main params=0 slots=0
            call(new(&Motor))
            g0 = ret
            call(ds.sleep, g3)
            return(undefined)

        function Motor params=1 slots=1 this ctor
            call(new(&Gear), l0)
            g4 = ret
            return(undefined)

        function Gear params=2 slots=2 this ctor
            g2 = l1
            g3 = 3
            g1 = l1
            return(undefined)`
    ))

test.each([
    ["the other constructor looks", "g1 = l1.gear.ratio"],
    ["it may, in what it calls", "call(&look, l0)\n return(undefined)"],
    ["a fiber does that it starts", "call(&look.start, l0)"],
])("%s: its fields stay", (_, other) => {
    const look = `
        function look params=1 slots=1
            return(l0.motor.gear.ratio)`
    expect(hasField(HANDED_OUT(other) + look, "ratio")).toBe(true)
})

test("one that is set by way of the last result moves", () => {
    const text = (first: string): string => `
        function main params=0 slots=1
            alloc_map()
            l0 = ret
            ret.ratio = 3
            call(ds.millis)
            jmp_z(ret) @1
            call(new(&Motor), l0)
            g0 = ret
        @1  jmp_z(g0) @2
            call(ds.sleep, g0.gear.ratio)
        @2  return(undefined)

        function Motor params=2 slots=2 this ctor
            store_ret_val(l0)
            ${first}
            ret.gear = l1
            return(undefined)`
    expect(hasField(text("ret.speed = 0"), "ratio")).toBe(false)
    // others have it before
    expect(hasField(text("g3 = ret"), "ratio")).toBe(true)
})

test("one that a parent's constructor sets moves", () => {
    const text = (parent: string): string => `
        function main params=0 slots=0
            call(Object.setPrototypeOf, &Motor.prototype, &Machine.prototype)
            call(ds.millis)
            jmp_z(ret) @1
            call(new(&Motor))
            g0 = ret
        @1  jmp_z(g0) @2
            call(ds.sleep, g0.part.ratio)
        @2  return(undefined)

        function Motor params=1 slots=1 this ctor
            call(bind(&Machine, l0))
            g1 = l0
            return(undefined)

        function Machine params=1 slots=1 this ctor
            ${parent}
            alloc_map()
            ret.ratio = 3
            l0.part = ret
            return(undefined)`
    expect(hasField(text("l0.size = 1"), "ratio")).toBe(false)
    expect(hasField(text("g3 = l0"), "ratio")).toBe(true)
})

const LAZY = (constructor: string, more = ""): string => `
        function main params=0 slots=0
        @1  call(&motor)
            call(ds.sleep, ret.speed)
            ${more}
            jmp @1

        function motor params=0 slots=0
            jmp_z(not(g0)) @1
            call(new(&Motor))
            g0 = ret
        @1  return(g0)

        function Motor params=1 slots=1 this ctor
            alloc_array(2)
            g1 = ret
            call(g1.push, l0)
            call(%Buffer.alloc, 8)
            l0.memory = ret
            l0.speed = 3
            ${constructor}
            return(undefined)`

test("what is made when it is needed for the first time exists once", () =>
    expectPass(
        objectsAndMethods,
        LAZY("l0.rest = l0.speed"),
        `
        function main params=0 slots=0
        @1  call(&motor)
            call(ds.sleep, g3)
            jmp @1

        function motor params=0 slots=0
            jmp_z(not(g0)) @1
            call(new(&Motor))
            g0 = ret
        @1  return(g0)

        function Motor params=1 slots=1 this ctor
            alloc_array(2)
            g1 = ret
            call(g1.push, l0)
            call(%Buffer.alloc, 8)
            g2 = ret
            g3 = 3
            g4 = g3
            return(undefined)`
    ))

test.each([
    ["its constructor waits", "call(ds.sleep, 1)", ""],
    ["it calls what nobody knows", "call(g2)", ""],
    ["it may throw", "l0.rest = g2.length", ""],
    ["it throws", "throw(l0)", ""],
    ["it comes back here", "call(&motor)", ""],
    ["it asks for memory that there may not be", "call(%Buffer.alloc, g2)", ""],
    ["it is forgotten again", "l0.rest = 1", "g0 = undefined"],
    ["others make one too", "l0.rest = 1", "call(new(&Motor))"],
])("not if %s", (_, constructor, more) => {
    expect(hasField(LAZY(constructor, more), "speed")).toBe(true)
})
