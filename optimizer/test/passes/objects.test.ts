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
