import { jumps } from "../../src/passes/jumps.ts"
import { expectPass, expectUnchanged } from "./run.ts"
import { test } from "vitest"

test("a && b as a condition is two jumps", () =>
    expectPass(
        jumps,
        `
        function main params=2 slots=3
            l2 = l0.busy
            jmp_z(l2) @1
            l2 = lt(l1, 5)
        @1  jmp_z(l2) @2
            call(ds.restart)
        @2  return(undefined)`,
        `
        function main params=2 slots=3
            l2 = l0.busy
            jmp_z(l2) @1
            l2 = lt(l1, 5)
            jmp_z(l2) @1
            call(ds.restart)
        @1  return(undefined)`
    ))

test("a || b too, and a condition over a jump is turned round", () =>
    expectPass(
        jumps,
        `
        function main params=2 slots=3
            l2 = l0.busy
            jmp_z(not(l2)) @1
            l2 = lt(l1, 5)
        @1  jmp_z(l2) @2
            jmp @3
        @2  call(ds.restart)
        @3  return(l1)`,
        `
        function main params=2 slots=3
            l2 = l0.busy
            jmp_z(not(l2)) @1
            l2 = lt(l1, 5)
            jmp_z(not(l2)) @1
            call(ds.restart)
        @1  return(l1)`
    ))

test("what cannot be reached goes, and a return is as short as a jump to it", () =>
    expectPass(
        jumps,
        `
        function main params=1 slots=1
            jmp_z(true) @1
            jmp @2
            call(ds.restart)
        @1  call(ds.millis)
        @2  return(undefined)`,
        `
        function main params=1 slots=1
            return(undefined)`
    ))

test("a condition that leads to the same place either way is not asked", () =>
    expectPass(
        jumps,
        `
        function main params=1 slots=1
            jmp_z(l0) @1
            jmp_z(g0) @2
            jmp @2
        @1  call(ds.restart)
        @2  call(ds.millis)
            return(undefined)`,
        `
        function main params=1 slots=1
            jmp_z(not(l0)) @1
            call(ds.restart)
        @1  call(ds.millis)
            return(undefined)`
    ))

test("a condition that may throw is asked although both ways are the same", () =>
    expectUnchanged(
        jumps,
        `
        function main params=1 slots=1
            jmp_z(l0.x) @1
        @1  return(l0)`
    ))

test("a jump that others jump to does not know what was stored before it", () =>
    expectPass(
        jumps,
        `
        function main params=1 slots=2
            jmp_z(l0.x) @2
            l1 = true
        @2  jmp @3
            call(ds.restart)
        @3  jmp_z(l1) @4
            call(ds.restart)
        @4  return(l0.y)`,
        `
        function main params=1 slots=2
            jmp_z(l0.x) @1
            l1 = true
        @1  jmp_z(l1) @2
            call(ds.restart)
        @2  return(l0.y)`
    ))
