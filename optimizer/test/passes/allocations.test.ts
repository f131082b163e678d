import { test } from "vitest"
import { allocations } from "../../src/passes/allocations.ts"
import { expectPass, expectUnchanged } from "./run.ts"

test("arrays, objects and buffers that nobody looks at are not made", () =>
    expectPass(
        allocations,
        `
        function main params=0 slots=2
            alloc_array(2)
            l0 = ret
            call(l0.push, "a", 1)
            call(l0.push, g0)
            alloc_map
            l1 = ret
            l1.a = l0
            alloc_array(1)
            call(ret.push, 2)
            call(%Buffer.alloc, 8)
            alloc_buffer(8)
            return(undefined)`,
        `
        function main params=0 slots=2
            alloc_array(2)
            l0 = ret
            call(l0.push, "a", 1)
            call(l0.push, g0)
            return(undefined)`
    ))

const stays = (name: string, lines: string): void =>
    test(name, () =>
        expectUnchanged(
            allocations,
            `
        function main params=1 slots=2
${lines}
            return(undefined)`
        )
    )

stays(
    "one that is read stays",
    `            alloc_array(1)
            l1 = ret
            call(l1.push, 1)
            call(ds.sleep, l1)`
)
stays(
    "what throws while it is filled stays",
    `            alloc_array(1)
            l1 = ret
            call(l1.push, l0.length)`
)
stays(
    "push() of what is no array throws, and stays",
    `            alloc_map
            l1 = ret
            call(l1.push, 1)`
)
stays(
    "the number that push() gives is read",
    `            alloc_array(1)
            l1 = ret
            call(l1.push, 1)
            call(ds.sleep, ret)`
)
stays("a size that is not known may be wrong", "            alloc_buffer(l0)")
stays(
    "another push() may do anything",
    `            %Array_prototype.push = l0
            alloc_array(1)
            call(ret.push, 1)`
)
