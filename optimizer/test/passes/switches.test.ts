import { test } from "vitest"
import { wholeProgram } from "../../src/passes/program.ts"
import { expectPass, expectUnchanged } from "./run.ts"

const program = (value: string, cases: string): string => `
        function main params=0 slots=2
            call(ds.millis)
            l0 = ${value}
${cases}
            g0 = 0
            jmp @3
        @1  g0 = 1
            jmp @3
        @2  g0 = 2
        @3  call(ds.sleep, g0)
            jmp_z(false) @4
        @4  return(0)`

test("neighbours with one target are a range, and what is no case is not asked", () =>
    expectPass(
        wholeProgram,
        program(
            'index(hex"0102", to_int(ret))',
            `
            jmp_z(ne(l0, 5)) @1
            jmp_z(ne(l0, 2)) @2
            jmp_z(ne(l0, 7)) @1
            jmp_z(ne(l0, 6)) @1
            jmp_z(ne(l0, 9)) @1`
        ),
        `
        function main params=0 slots=2
            call(ds.millis)
            l0 = index(hex"0102", to_int(ret))
            jmp_z(le(5, l0)) @1
            jmp_z(lt(7, l0)) @2
        @1  jmp_z(ne(l0, 9)) @2
            jmp_z(ne(l0, 2)) @3
            g0 = 0
            jmp @4
        @2  g0 = 1
            jmp @4
        @3  g0 = 2
        @4  call(ds.sleep, g0)
            jmp_z(false) @5
        @5  return(0)`
    ))

test("a fraction may lie within the range: not of what is not known to be an integer", () =>
    expectUnchanged(
        wholeProgram,
        program(
            "div(ret, 2)",
            `
            jmp_z(ne(l0, 5)) @1
            jmp_z(ne(l0, 6)) @1
            jmp_z(ne(l0, 7)) @1`
        )
    ))
