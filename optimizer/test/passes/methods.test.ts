import { expectPass, expectUnchanged, objectsAndMethods } from "./run.ts"
import { test } from "vitest"

const CLASS = `
        function Motor params=2 slots=2 this ctor
            l0.speed = l1
            return(undefined)

        function run params=2 slots=2 this
            call(ds.sleep, mul(l0.speed, l1))
            return(l0.speed)`

test("a method that is one function wherever it is called becomes that function", () =>
    expectPass(
        objectsAndMethods,
        `
        function main params=0 slots=0
            &Motor.prototype.run = &run
        @1  call(new(&Motor), 3)
            call(ret.run, 100)
            jmp @1
        ${CLASS}`,
        `
        function main params=0 slots=0
        @1  call(new(&Motor), 3)
            call(&run, ret, 100)
            jmp @1

        function Motor params=2 slots=2 this ctor
            l0.speed = l1
            return(undefined)

        function run params=2 slots=2
            call(ds.sleep, mul(l0.speed, l1))
            return(l0.speed)`
    ))

test("what may be called on undefined goes on throwing", () =>
    expectUnchanged(
        objectsAndMethods,
        `
        function main params=0 slots=1
            &Motor.prototype.run = &run
        @1  call(ds.millis)
            jmp_z(ret) @2
            call(new(&Motor), 3)
            l0 = ret
        @2  call(l0.run, 100)
            jmp @1
        ${CLASS}`
    ))

test("a method that is bound stays a method", () =>
    expectUnchanged(
        objectsAndMethods,
        `
        function main params=0 slots=1
            &Motor.prototype.run = &run
        @1  call(new(&Motor), 3)
            l0 = ret.run
            call(l0, 100)
            call(l0, 200)
            jmp @1
        ${CLASS}`
    ))

test("a method of what a deleted field held goes on throwing", () =>
    expectUnchanged(
        objectsAndMethods,
        `
        function main params=0 slots=1
            &Motor.prototype.run = &run
        @1  alloc_map()
            l0 = ret
            call(new(&Motor), 3)
            l0.motor = ret
            index_delete(l0, "motor")
            call(l0.motor.run, 100)
            jmp @1
        ${CLASS}`
    ))

test("what is overridden stays a method", () =>
    expectUnchanged(
        objectsAndMethods,
        `
        function main params=1 slots=1
            &Motor.prototype.run = &run
            &Brake.prototype.run = &hold
            call(Object.setPrototypeOf, &Brake.prototype, &Motor.prototype)
        @1  jmp_z(g0) @2
            call(new(&Motor), 3)
            jmp @3
        @2  call(new(&Brake), 3)
        @3  call(ret.run, 100)
            jmp @1
        ${CLASS}

        function Brake params=2 slots=2 this ctor
            call(bind(&Motor, l0), l1)
            return(undefined)

        function hold params=2 slots=2 this
            return(0)`
    ))

test("a method that is only looked for stays where it is", () =>
    expectUnchanged(
        objectsAndMethods,
        `
        function main params=0 slots=1
            &Motor.prototype.run = &run
        @1  call(new(&Motor), 3)
            l0 = ret
            g0 = typeof_str(l0.run)
            jmp @1
        ${CLASS}`
    ))
