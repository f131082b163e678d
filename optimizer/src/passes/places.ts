/**
 * Code that a pass has made without a place in the source counts as part of the code
 * before it, as in the VM; places of statements that may throw are told apart by that.
 */
import { walk, type Place } from "../ir.ts"
import { eachFunction } from "./pass.ts"

export const places = eachFunction("places", ({ body }) => {
    let last: Place | undefined
    const fill = (it: { place?: Place }): void => {
        if (it.place) last = it.place
        else if (last) it.place = last
    }
    for (const s of body) {
        for (const arg of s.args) walk(arg, fill)
        fill(s)
    }
})
