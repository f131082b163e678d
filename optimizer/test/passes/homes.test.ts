import { expect, test } from "vitest"
import { valuesOf } from "../../src/analysis/values.ts"
import { homes } from "../../src/passes/homes.ts"
import type { Pass } from "../../src/passes/pass.ts"
import { parseProgram, printProgram } from "../../src/text.ts"
import { expectPass } from "./run.ts"

const pass: Pass = {
    name: "homes",
    run(program): void {
        homes(program, valuesOf(program))
    },
}

const PLUGS = (constructor: string, more = ""): string => `
        function main params=0 slots=2
            call(new(&Board), 3)
            l0 = ret
        @1  call(new(&Plug), l0)
            l1 = ret
            call(ds.sleep, add(l1.board.rate, l1.number))
            call(&show, l0, l1.board)
            ${more}
            jmp @1

        function Plug params=2 slots=2 this ctor
            l0.board = l1
            l0.number = 5
            return(undefined)

        function show params=2 slots=2
            call(ds.sleep, add(l0.rate, l1.rate))
            return(undefined)

        function Board params=2 slots=2 this ctor
            l0.rate = l1
            ${constructor}
            return(undefined)`

test("what always gives the one object there is gives the variable that holds it", () =>
    expectPass(
        pass,
        PLUGS("g0 = l0"),
        `
        function main params=0 slots=2
            call(new(&Board), 3)
            g1 = ret
            l0 = ret
        @1  call(new(&Plug), l0)
            l1 = ret
            call(ds.sleep, add(g1.rate, l1.number))
            call(&show, l0, g1)
            jmp @1

        function Plug params=2 slots=2 this ctor
            l0.board = l1
            l0.number = 5
            return(undefined)

        function show params=2 slots=2
            call(ds.sleep, add(g1.rate, g1.rate))
            return(undefined)

        function Board params=2 slots=2 this ctor
            l0.rate = l1
            g0 = l0
            return(undefined)`
    ))

const isLeft = (text: string): boolean => {
    const program = parseProgram(text)
    pass.run(program)
    return printProgram(program).includes("l1.board.rate")
}

test("it may have been put into a list while it was made", () =>
    expect(isLeft(PLUGS("alloc_array(1)\n l1 = ret\n call(l1.push, l0)"))).toBe(
        false
    ))

test.each([
    [
        "somebody is called who may have it already",
        "g0 = l0\n call(&show, g0, g0)",
    ],
    ["it may throw where others have it", "g0 = l0\n l0.size = g1.length"],
    ["it waits where others have it", "g0 = l0\n call(ds.sleep, 1)"],
    ["it is handed over", "call(&show, l0, l0)"],
])("not if %s before it is there", (_, constructor) =>
    expect(isLeft(PLUGS(constructor))).toBe(true)
)

test("nor if there is more than one", () =>
    expect(isLeft(PLUGS("g0 = l0", "call(new(&Board), 4)\n l0 = ret"))).toBe(
        true
    ))
