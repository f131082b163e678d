import { expect, test } from "vitest"
import { setByLiteral } from "../../src/analysis/initialised.ts"
import { records } from "../../src/passes/records.ts"
import { parseProgram } from "../../src/text.ts"
import { expectPass, expectUnchanged } from "./run.ts"

const POINT = `
        function Point params=3 slots=3 this ctor
            l0.x = l1
            l0.y = l2
            return(undefined)`

test("an object of a class without methods is made without one", () =>
    expectPass(
        records,
        `
        function main params=0 slots=1
            call(new(&Point), 1, 2)
            g0 = ret
            g1 = add(g0.x, g0.y)
            return(undefined)
        ${POINT}`,
        `
        function main params=0 slots=2
            alloc_map
            l1 = ret
            call(&Point, l1, 1, 2)
            g0 = l1
            g1 = add(g0.x, g0.y)
            return(undefined)

        function Point params=3 slots=3
            l0.x = l1
            l0.y = l2
            return(undefined)`
    ))

test("arguments that ask for the last result get it", () =>
    expectPass(
        records,
        `
        function main params=0 slots=1
            call(ds.millis)
            call(new(&Point), ret, add(ret, 1))
            l0 = ret
            g0 = l0.x
            g1 = l0.y
            return(undefined)
        ${POINT}`,
        `
        function main params=0 slots=3
            call(ds.millis)
            l1 = ret
            alloc_map
            l2 = ret
            call(&Point, l2, l1, add(l1, 1))
            l0 = l2
            g0 = l0.x
            g1 = l0.y
            return(undefined)

        function Point params=3 slots=3
            l0.x = l1
            l0.y = l2
            return(undefined)`
    ))

const stays = (name: string, main: string, more = POINT): void =>
    test(name, () =>
        expectUnchanged(
            records,
            `
        function main params=0 slots=1
            call(new(&Point), 1, 2)
            g0 = ret
            g1 = g0.x
${main}
            return(undefined)
        ${more}`
        )
    )

stays("asked what it is", "            g2 = instance_of(g0, &Point)")
stays("handed out", "            call(ds.print, g0)")
stays("thrown", "            throw(g0)")
stays("asked for its constructor", "            g2 = g0.constructor")
stays(
    "with a method",
    `            &Point.prototype.length2 = &length2
            call(g0.length2)`,
    `${POINT}

        function length2 params=1 slots=1 this
            return(l0.x)`
)
stays(
    "whose constructor gives something else",
    "            g2 = g0.y",
    `
        function Point params=3 slots=3 this ctor
            l0.x = l1
            return(l0)`
)

const setIn = (text: string, at: number): string[] => {
    const [fn] = parseProgram(text).fns
    return [...setByLiteral(fn, at, 0n)].sort()
}

test("what a function sets of an object that it is given first is set", () =>
    expect(
        setIn(
            `
function main params=0 slots=1
    alloc_map
    l0 = ret
    l0.a = 1
    call(&fill, l0, 2)
    l0.never = 3
    return(undefined)

function fill params=2 slots=2
    jmp_z(l1) @1
    l0.b = l1
    l0.c = 1
@1  l0.b = 0
    call(&seen, l0)
    l0.late = 1
    return(undefined)

function seen params=1 slots=1
    return(l0.b)`,
            0
        )
    ).toEqual(["a", "b"]))

test("not what it reads before", () =>
    expect(
        setIn(
            `
function main params=0 slots=1
    alloc_map
    l0 = ret
    call(&fill, l0, 2)
    return(undefined)

function fill params=2 slots=2
    l1 = l0.b
    l0.b = l1
    l0.c = 1
    return(undefined)`,
            0
        )
    ).toEqual(["c"]))

test("not what it gets by another way as well", () =>
    expect(
        setIn(
            `
function main params=0 slots=1
    alloc_map
    l0 = ret
    call(&fill, l0, l0.b)
    return(undefined)

function fill params=2 slots=2
    l0.b = 1
    return(undefined)`,
            0
        )
    ).toEqual([]))
