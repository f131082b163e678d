/** The lint rules of the core do say so when someone forgets. */
import { ESLint } from "eslint"
import { describe, expect, test } from "vitest"

const eslint = new ESLint()

async function complaints(code: string, file = "core/x.ts"): Promise<string[]> {
    const [result] = await eslint.lintText(code, {
        filePath: `src/${file}`,
    })
    return result.messages.map(m => m.message)
}

const inMethod = (code: string) => `export class C { m(x: any) { ${code} } }`

describe("in the core there is no", () => {
    test.each([
        ["getter", "export class C { get x() { return 1 } }"],
        ["setter", "export class C { set x(v: number) { void v } }"],
        ["generator", "export function* f() { yield 1 }"],
        ["async", "export async function f() {}"],
        ["destructuring", inMethod("const { y } = x; return y")],
        ["spread", inMethod("return x(...x)")],
        ["rest parameter", "export function f(...a: number[]) { return a }"],
        ["default parameter", "export function f(a = 1) { return a }"],
        ["label", inMethod("a: for (;;) break a")],
        ["#private", "export class C { #x = 1; m() { return this.#x } }"],
        ["Map", "export const m = new Map()"],
        ["Set", "export const m = new Set()"],
        ["typed array", "export const m = new Uint8Array(1)"],
        ["regular expression", "export const r = /x/"],
        ["do while", inMethod("do { x() } while (x)")],
        ["for in", inMethod("for (const k in x) x(k)")],
        ["value!", inMethod("return x!.y")],
        ["closure", "export const f = (a: number) => a"],
        ["inheritance", "class A {}\nexport class B extends A {}"],
        ["use before definition", "f()\nexport function f() {}"],
        [
            "platform import",
            'import * as ds from "@devicescript/core"\nds.sleep(1)',
        ],
        ["Node import", 'import { x } from "node:fs"\nx()'],
        ["import from outside", 'import { x } from "../ports/uart"\nx()'],
        ["clock", "export const t = Date.now()"],
        ["timer", "setTimeout(f, 1)\nfunction f() {}"],
        ["console", 'console.log("x")'],
        ["array in a method", inMethod("return [x]")],
        ["array in a function", "export function f() { return [1] }"],
        ["object in a method", inMethod("return { x }")],
        ["template in a method", inMethod("return `${x}`")],
        ["object made in a method", inMethod("return new C()")],
        ["buffer made in a method", inMethod("return Buffer.alloc(x)")],
        ["slice in a method", inMethod("return x.slice(1)")],
        ["string from a buffer", inMethod("return x.toString()")],
        ["growing array", inMethod("x.push(1)")],
        ["field of another machine", inMethod("x.channel.deadline = 1")],
        ["counter of another machine", inMethod("x.links.active++")],
        ["function with many ways", inMethod("if (x) x()\n".repeat(23))],
        ["character of its own", "const CR = 0x0d\nexport const x = [CR]"],
    ])("%s", async (_, code) => {
        const without = (await complaints(code)).filter(
            m => !m.startsWith("Unexpected any")
        )
        expect(without.length).toBeGreaterThan(0)
    })
})

test("what the core may do passes", async () => {
    expect(
        await complaints(`
            import { Ring } from "./ring"
            const TABLE = ["a", 1]
            export enum E { A, B }
            export class C {
                readonly ring: Ring
                private readonly list: number[] = []
                n = TABLE.length
                constructor(size: number) {
                    this.ring = new Ring(size)
                    for (let i = 0; i < size; i++) this.list.push(0)
                }
                next(at: number): E {
                    while (at < this.n) at++
                    return this.list[at] === 1 ? E.A : E.B
                }
            }
        `)
    ).toEqual([])
})

test("other device code may wait, but not use what does not compile", async () => {
    const file = "devicescript/x.ts"
    const fine = "export async function f(a = 1) { await f(); return [a] }"
    expect(await complaints(fine, file)).toEqual([])
    expect(
        await complaints("export class C { get x() { return 1 } }", file)
    ).toEqual(["no getters and setters"])
})
