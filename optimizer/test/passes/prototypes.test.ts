import { test } from "vitest"
import { prototypes } from "../../src/passes/prototypes.ts"
import { expectPass, expectUnchanged } from "./run.ts"

const METHODS = `
        function Motor params=1 slots=1 this ctor
            return(undefined)

        function Pump params=1 slots=1 this ctor
            return(undefined)

        function run params=1 slots=1 this
            return(1)`

test("methods of one class are put there one behind the other", () =>
    expectPass(
        prototypes,
        `
        function main params=0 slots=0
            &Motor.prototype.run = &run
            &Pump.prototype.run = &run
            &Motor.prototype.stop = &run
            %String_prototype.trim = &run
            call(&Motor)
            &Pump.prototype.halt = &run
            &Pump.prototype.stop = &run
            return(undefined)
        ${METHODS}`,
        `
        function main params=0 slots=0
            store_ret_val(&Motor.prototype)
            ret.run = &run
            ret.stop = &run
            &Pump.prototype.run = &run
            %String_prototype.trim = &run
            call(&Motor)
            store_ret_val(&Pump.prototype)
            ret.halt = &run
            ret.stop = &run
            return(undefined)
        ${METHODS}`
    ))

test("not where somebody asks for the last result", () =>
    expectUnchanged(
        prototypes,
        `
        function main params=0 slots=0
            call(&Motor)
            &Motor.prototype.run = &run
            &Motor.prototype.stop = &run
            return(ret)
        ${METHODS}`
    ))

test("nor across what others jump to", () =>
    expectUnchanged(
        prototypes,
        `
        function main params=0 slots=0
            jmp_z(g0) @1
            &Motor.prototype.run = &run
        @1  &Motor.prototype.stop = &run
            return(undefined)
        ${METHODS}`
    ))
