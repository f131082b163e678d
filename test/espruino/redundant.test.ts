/** What the build of Espruino's module leaves out or writes otherwise, and what it leaves alone. */
import { minify } from "terser"
import { describe, expect, test } from "vitest"
import { withExpressions } from "../../espruino/inlined"
import {
    withOf,
    withoutCopies,
    withoutNothing,
    withoutSwitches,
} from "../../espruino/redundant"
import { withChains } from "../../espruino/shorter"

type Change = (code: string) => string

/** As it is printed, without what nobody uses any more. */
async function shown(code: string): Promise<string> {
    const { code: text } = await minify(code, {
        mangle: false,
        compress: { defaults: false, unused: true, dead_code: true },
    })
    return text as string
}

const seldom: Change = code => withoutSwitches(code, () => true)
const inlined: Change = code => withExpressions(code, new Set(["isUp", "add"]))

const CASES: [string, Change, string, string][] = [
    [
        "a copy",
        withoutCopies,
        "f=function(a){const b=a;return b.x+b.y}",
        "f=function(a){return a.x+a.y}",
    ],
    [
        "a variable that is given its own value again",
        withoutCopies,
        "f=function(a){let b=0;if(a.x)b=0;return b?1:a.y}",
        "f=function(a){if(a.x)0;return 0?1:a.y}",
    ],
    [
        "a loop that needs what is at the count alone",
        withOf,
        "f=function(a){for(let i=0;i<a.list.length;i++)a.list[i].x=1}",
        "f=function(a){for(const i$of1 of a.list)i$of1.x=1}",
    ],
    [
        "what is brought and not called",
        withoutNothing,
        "f=function(a){a.x>1&&$cold();return a.y==1||!1}",
        "f=function(a){return a.y==1}",
    ],
    [
        "a choice",
        seldom,
        "f=function(a){switch(a){case 1:case 2:case 3:return 7;case 9:a=4;break;default:g()}}",
        "f=function(a){if(a>=1&&a<=3)return 7;else if(a==9)a=4;else g()}",
    ],
    [
        "a method that only gives a value",
        inlined,
        "class A{isUp(){return this.state==2}}f=function(a){return a.link.isUp()}",
        "class A{}f=function(a){return a.link.state==2}",
    ],
    [
        "a function that computes, of what may do anything",
        inlined,
        "f=function(a){return late(a.now(),a.at())};function late(a,b){return(a-b|0)<0}",
        "f=function(a){return(a.now()-a.at()|0)<0}",
    ],
    [
        "fields that are given the same",
        withChains,
        "f=function(a){a.x=0;a.y=0;a.z=1}",
        "f=function(a){a.x=a.y=0;a.z=1}",
    ],
]

describe("becomes shorter:", () => {
    test.each(CASES)("%s", async (_, change, code, wanted) => {
        expect((await shown(change(code))).replace(/;$/, "")).toBe(wanted)
    })
})

const LEFT: [string, Change, string][] = [
    [
        "a copy of what changes",
        withoutCopies,
        "f=function(a){const b=a;a=2;return b}",
    ],
    [
        "a copy that changes",
        withoutCopies,
        "f=function(a){let b=a;b++;return a+b}",
    ],
    [
        "a variable with two values",
        withoutCopies,
        "f=function(a){let b=0;if(a)b=1;return b}",
    ],
    [
        "a count that is wanted",
        withOf,
        "f=function(a){for(let i=0;i<a.length;i++)g(a[i],i)}",
    ],
    [
        "a list that is written to",
        withOf,
        "f=function(a){for(let i=0;i<a.length;i++)a[i]=0}",
    ],
    [
        "a list that is replaced amid the loop",
        withOf,
        "f=function(a){for(let i=0;i<a.length;i++){g(a[i]);a=h(a)}}",
    ],
    [
        "a list that becomes shorter amid the loop",
        withOf,
        "f=function(a){for(let i=0;i<a.length;i++)if(a[i])a.shift()}",
    ],
    [
        "a condition that does something",
        withoutNothing,
        "f=function(a){a.next()&&$cold()}",
    ],
    [
        "a case that goes on in the next one",
        seldom,
        "f=function(a){switch(a){case 1:g();case 2:h()}}",
    ],
    [
        "a method of two classes",
        inlined,
        "class A{isUp(){return this.a}}class B{isUp(){return this.b}}f=function(a){return a.isUp()}",
    ],
    [
        "an argument that does something",
        inlined,
        "class A{add(n){return this.sum+n}}f=function(a){return a.add(a.next())}",
    ],
    [
        "arguments that would be computed in another order",
        inlined,
        "f=function(a){return late(a.now(),a.at())};function late(a,b){return(b-a|0)<0}",
    ],
    [
        "a value that is used by the next field",
        withChains,
        "f=function(a){a.x=null;a.x.y=null}",
    ],
]

describe("stays as it is:", () => {
    test.each(LEFT)("%s", async (_, change, code) => {
        expect(await shown(change(code))).toBe(await shown(code))
    })
})
