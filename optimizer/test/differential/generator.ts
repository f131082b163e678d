/**
 * Random programs over the language that DeviceScript knows: expressions,
 * conditions, loops, exceptions, closures, classes, bound methods, fibers, buffers,
 * strings, JSON. A program prints what it computes, ends by itself, and is the same
 * again for the same seed. Much of it throws: that is printed too.
 */

/** xorshift32 */
export class Random {
    private state: number

    constructor(seed: number) {
        this.state = (Math.imul(seed, 2654435761) ^ 0x9e3779b9) | 0 || 1
        for (let i = 0; i < 4; i++) this.below(2)
    }

    below(limit: number): number {
        let x = this.state
        x ^= x << 13
        x ^= x >>> 17
        x ^= x << 5
        this.state = x
        return (x >>> 0) % limit
    }

    chance(percent: number): boolean {
        return this.below(100) < percent
    }

    pick<T>(all: readonly T[]): T {
        return all[this.below(all.length)]
    }
}

interface Class {
    name: string
    fields: string[]
    methods: { name: string; params: number; async: boolean }[]
    parent?: Class
    params: number
    /** whether its constructor never throws */
    safe: boolean
}

interface Func {
    name: string
    params: number
    async: boolean
}

/** What a place in the program can refer to. */
interface Scope {
    /** variables that can be assigned to */
    vars: string[]
    /** counters, which must not be */
    counters: string[]
    self?: Class
    /** functions before this one can be called: no recursion */
    callable: Func[]
    async: boolean
    /** whether break and continue are possible */
    loop: boolean
    depth: number
    inFunction: boolean
    /** a closure must not stand in a loop: DeviceScript does not compile it */
    closures: boolean
}

const NUMBERS = [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "7",
    "100",
    "255",
    "256",
    "65535",
    "-40000",
    "1000000",
    "2147483647",
    "-2147483648",
    "0.5",
    "1.25",
    "-3.75",
]
const STRINGS = ['""', '"a"', '"bc"', '"12"', '"ü€"', '"length"']
const BINARY = [
    "+",
    "-",
    "*",
    "/",
    "&",
    "|",
    "^",
    "<<",
    ">>",
    ">>>",
    "===",
    "!==",
    "<",
    "<=",
    ">",
    ">=",
]

/** One case: declarations, and an async function that runs it. */
export class Generator {
    private readonly random: Random
    private readonly prefix: string
    private readonly lines: string[] = []
    private readonly classes: Class[] = []
    private readonly functions: Func[] = []
    private readonly globals: string[] = []
    /** module-level variables with an object of a class */
    private readonly objects: { name: string; of: Class }[] = []
    /** module-level variables with an object literal, and its fields */
    private readonly records: { name: string; fields: string[] }[] = []
    private count = 0
    private indent = 0

    constructor(seed: number, prefix: string) {
        this.random = new Random(seed)
        this.prefix = prefix
    }

    private name(kind: string): string {
        return `${this.prefix}${kind}${this.count++}`
    }

    private line(text: string): void {
        this.lines.push("    ".repeat(this.indent) + text)
    }

    private block(head: string, body: () => void, tail = "}"): void {
        this.line(head)
        this.indent++
        body()
        this.indent--
        this.line(tail)
    }

    /** @returns the text, and what to call */
    generate(): { text: string; entry: string } {
        const { random } = this
        this.line(`let ${this.prefix}fuel = 400`)
        for (let i = random.below(3); i >= 0; i--) {
            const name = this.name("g")
            this.line(`let ${name}: any = ${this.simple()}`)
            this.globals.push(name)
        }
        for (let i = 1 + random.below(3); i > 0; i--)
            if (random.chance(55)) this.function()
            else this.class()
        if (random.chance(70)) this.class()
        for (const of of this.classes)
            for (let i = random.below(3); i > 0; i--) {
                const name = this.name("o")
                const args = Array.from({ length: of.params }, () =>
                    this.simple()
                )
                const made = `new ${of.name}(${args.join(", ")})`
                if (of.safe) this.line(`const ${name}: any = ${made}`)
                else {
                    this.line(`let ${name}: any`)
                    this.line(
                        `try { ${name} = ${made} } catch (e) { console.log("not made", (e as any).message) }`
                    )
                }
                this.objects.push({ name, of })
            }
        for (let i = random.below(3); i > 0; i--) this.record()
        const machine = random.chance(60) ? this.machine() : undefined
        const tables = random.chance(60) ? this.tables() : undefined
        const packed = random.chance(50) ? this.packed() : undefined
        const spare = random.chance(50) ? this.lazy() : undefined
        this.function()
        const entry = this.name("case")
        this.block(`async function ${entry}() {`, () => {
            const scope = this.scope([])
            scope.async = true
            this.block(
                "try {",
                () => {
                    machine?.()
                    tables?.()
                    packed?.()
                    spare?.()
                    for (let i = 4 + random.below(5); i > 0; i--)
                        this.statement(scope)
                },
                "} catch (e) {"
            )
            this.line(`    console.log("thrown", (e as any).message, typeof e)`)
            this.line("}")
            for (const name of this.globals) this.print(name)
            for (const { name, of } of this.objects) {
                if (random.chance(20))
                    this.computed(scope, { name, fields: of.fields })
                this.print(name)
            }
            for (const record of this.records) {
                if (random.chance(80)) this.computed(scope, record)
                for (const field of record.fields)
                    if (random.chance(50)) this.print(`${record.name}.${field}`)
                if (random.chance(20))
                    this.print(`JSON.stringify(${record.name})`)
            }
        })
        return { text: this.lines.join("\n"), entry }
    }

    /** An object literal that is made once, with methods of its values to call. */
    private record(): void {
        const { random } = this
        const name = this.name("r")
        const fields = Array.from({ length: 1 + random.below(4) }, () =>
            this.name("y")
        )
        const made = (): string => {
            const of = random.chance(30) ? this.classes[0] : undefined
            if (!of?.safe) return this.simple()
            const args = Array.from({ length: of.params }, () => "1")
            return `new ${of.name}(${args.join(", ")})`
        }
        const values = fields.map(field => `${field}: ${made()}`)
        this.line(`const ${name}: any = { ${values.join(", ")} }`)
        this.records.push({ name, fields })
    }

    /** Text, some of the time. */
    private maybe(percent: number, text: string): void {
        if (this.random.chance(percent)) this.line(text)
    }

    /**
     * What a driver is made of: objects that hold each other, options of which few
     * are given, flags and states that hardly anybody sets, variables that are
     * looked at before they hold anything.
     * @returns what uses them
     */
    private machine(): () => void {
        const { random } = this
        const [g, n, probe, part, whole, options, made, late] = [
            "g",
            "g",
            "f",
            "C",
            "C",
            "r",
            "o",
            "f",
        ].map(kind => this.name(kind))
        const constant = (): string =>
            random.pick(["true", "false", "0", "1", "2", '""', '"b"', "null"])
        this.line(`let ${g}: any${random.chance(30) ? ` = ${constant()}` : ""}`)
        this.line(`let ${n}: any = null`)
        this.block(`function ${probe}(): any {`, () => {
            this.print(`${g} === undefined`, `${g} ? "set" : "not set"`)
            this.maybe(50, `if (${n} !== null) console.log("n", ${n}.state)`)
            this.line(`return ${g} && ${g}.flag`)
        })
        this.block(`class ${part} {`, () => {
            this.line(`flag: any = ${constant()}`)
            this.line(`state: any${random.chance(60) ? " = 0" : ""}`)
            this.line("owner: any")
            this.block("constructor(owner: any, o: any) {", () => {
                this.maybe(30, `${probe}()`)
                this.maybe(30, `if (o.early) return`)
                this.maybe(30, `if (o.bad) throw new Error("bad")`)
                this.maybe(30, `${g} = this`)
                this.line("this.owner = owner")
                this.line(
                    `this.flag = ${random.pick([
                        `o.mode === "b"`,
                        `o.mode === "b" ? 1 : 2`,
                        `o.flag || ${constant()}`,
                        `o.flag ?? ${constant()}`,
                        `!!o.flag`,
                        `o.flag !== false`,
                    ])}`
                )
                this.maybe(50, `this.state = ${constant()}`)
            })
            this.block("step(x: any): any {", () => {
                this.line(`if (this.flag) console.log("on", this.state)`)
                this.line(`else console.log("off", x)`)
                this.maybe(30, `this.flag = ${constant()}`)
                this.maybe(
                    40,
                    `this.state = this.state === 0 ? 2 : ${constant()}`
                )
                this.maybe(
                    30,
                    `if (x === undefined || x === null) return "none"`
                )
                this.maybe(40, `if (x.state > 0) console.log("state", x.state)`)
                this.maybe(40, `if (this.owner && this.owner.part) ${probe}()`)
                this.line(
                    `return ${random.pick(["x && x.flag", "x.flag", "this.owner.part", "typeof x", "x?.state", "!x"])}`
                )
            })
        })
        this.block(`class ${whole} {`, () => {
            this.line("parts: any = null")
            this.line("part: any")
            this.block("constructor(o: any) {", () => {
                this.maybe(30, `${probe}()`)
                this.line(`const p = new ${part}(this, o)`)
                this.maybe(40, `${g} = p`)
                this.line("this.part = p")
                this.maybe(
                    40,
                    `for (let i = 0; i < 2; i++) ${n} = ${random.pick(["p", "null", "this.parts"])}`
                )
                this.maybe(70, "this.parts = [p]")
                this.maybe(40, `${probe}()`)
            })
        })
        const given = [
            'mode: "b"',
            'mode: "a"',
            "flag: true",
            "flag: null",
            "bad: false",
            "early: false",
            "early: true",
        ].filter(() => random.chance(25))
        this.line(
            `const ${options}: any = { ${[...new Map(given.map(each => [each.split(":")[0], each])).values()].join(", ")} }`
        )
        this.maybe(15, `for (const k of ["mode", "flag"]) ${options}[k] = "b"`)
        this.line(`let ${made}: any`)
        const make = `${made} = new ${whole}(${options})`
        if (random.chance(50)) this.line(make)
        else
            this.line(`try { ${make} } catch (e) { console.log("no machine") }`)
        const over = this.name("v")
        this.line(`let ${over} = false`)
        this.block(`async function ${late}() {`, () => {
            this.line("await ds.sleep(2)")
            this.line(`${over} = true`)
            this.line(
                random.pick([
                    `${g} = undefined`,
                    `${g} = ${made}.part`,
                    `${made}.part.flag = 5`,
                    `${n} = ${made}.part`,
                    `${made}.parts = undefined`,
                ])
            )
        })
        return () => {
            const started = random.chance(40)
            if (started) this.line(`${late}.start()`)
            this.line(`const p = ${made}.part`)
            this.print(
                `p.step(${random.pick(["p", "undefined", "null", "1", "p.owner"])})`
            )
            // on a busy machine both may be due at once: who is first then is chance
            if (started) this.line(`while (!${over}) await ds.sleep(1)`)
            this.maybe(20, `p.flag = ${constant()}`)
            this.maybe(
                20,
                `${made}.part = ${random.pick(["undefined", "null", "{}"])}`
            )
            this.block(`for (let i = 0; i < 2; i++) {`, () => {
                this.line(
                    `const l = ${made}.parts ? ${made}.parts[i] : undefined`
                )
                this.maybe(60, `if (!l) continue`)
                this.print("l.flag", "l.state", "l === p", "l.step(p)")
            })
            this.print(`${probe}()`)
            this.maybe(
                20,
                `console.log(JSON.stringify(p.state), ${made}.part.flag)`
            )
        }
    }

    /**
     * An object that is made when it is needed for the first time, most of the time only
     * then, and that others may know while it is being made.
     * @returns what uses it
     */
    private lazy(): () => void {
        const { random } = this
        const [kept, known, from, parent, of, get] = [
            "g",
            "g",
            "g",
            "C",
            "C",
            "f",
        ].map(kind => this.name(kind))
        this.line(
            `let ${kept}: any${random.chance(50) ? random.pick([" = null", " = undefined", " = 0"]) : ""}`
        )
        this.line(`let ${known}: any`)
        this.line(`let ${from}: any = 3`)
        const leak = (): string =>
            random.pick([
                `${known} = this`,
                `${known} = { it: this }`,
                `${from} = ${known} && ${known}.size`,
                `if (${from} > 1) ${get}(1)`,
                `if (${from} > 2) throw new Error("not this time")`,
                `console.log("made", ${from})`,
            ])
        this.block(`class ${parent} {`, () => {
            this.line("list: any[]")
            this.line("size: any")
            this.line("next: any")
            this.block("constructor(size: any) {", () => {
                this.maybe(20, leak())
                this.line("this.list = []")
                this.maybe(70, "this.list.push(this)")
                this.line("this.size = size")
                this.maybe(15, leak())
                this.line("this.next = this.list[0]")
            })
            this.block("grow(by: any): any {", () => {
                this.line("this.size += by")
                this.maybe(30, `if (this.size > 6) ${kept} = undefined`)
                this.line("return this")
            })
        })
        this.block(`class ${of} extends ${parent} {`, () => {
            this.line("memory: any")
            this.block("constructor(size: any) {", () => {
                this.line("super(size)")
                this.maybe(20, leak())
                this.line("this.memory = Buffer.alloc(4)")
            })
        })
        this.block(`function ${get}(size: any): any {`, () => {
            this.line(`if (${this.prefix}fuel-- < 0) return null`)
            this.line(`${from}--`)
            const used = random.pick([parent, of])
            if (random.chance(80))
                this.line(`if (!${kept}) ${kept} = new ${used}(size)`)
            else this.line(`${kept} = ${kept} || new ${used}(size)`)
            this.maybe(20, `${kept}.memory = undefined`)
            this.line(`return ${kept}`)
        })
        return () => {
            this.block("for (let i = 0; i < 3; i++) {", () => {
                this.block(
                    "try {",
                    () => {
                        this.line(`const o = ${get}(i)`)
                        this.print(
                            "o.size",
                            "o.list.length",
                            "o.grow(2).size",
                            "o.next === o"
                        )
                        this.maybe(40, `console.log(o.memory.length)`)
                    },
                    "} catch (e) {"
                )
                this.line(`    console.log("no spare", (e as any).message)`)
                this.line("}")
                this.maybe(15, `${kept} = null`)
                this.maybe(15, `${known} = new ${parent}(9)`)
            })
            this.print(`${known} && ${known}.size`, `${from}`)
            this.maybe(50, `if (${kept}) console.log(${kept}.size)`)
        }
    }

    /**
     * Buffers that functions compute of constants, most of which are only read.
     * @returns what uses them
     */
    private packed(): () => void {
        const { random } = this
        const [pack, index, put] = ["f", "f", "f"].map(kind => this.name(kind))
        const texts = random.chance(50)
        const columns = 1 + random.below(3)
        this.block(`function ${put}(b: any, at: any, x: any) {`, () => {
            this.line(`b[at] = x${random.pick([" & 0xff", " & 0xff", ""])}`)
            this.line(`b[at + 1] = x ${random.pick([">> 8", "/ 256", "& 7"])}`)
        })
        this.block(
            `function ${pack}(list: any, k: any, more?: any): any {`,
            () => {
                const first = texts ? "list[0].length" : "list[0]"
                const size = random.pick([
                    "2 * list.length",
                    "64",
                    `${first} + 40`,
                ])
                this.line(`const b: any = Buffer.alloc(${size})`)
                this.line("let at = 0")
                this.block("for (let i = 0; i < list.length; i += k) {", () => {
                    this.line("const x = list[i]")
                    if (texts)
                        this.line(
                            random.pick([
                                "for (let j = 0; j < x.length; j++) b[at++] = x.charCodeAt(j)",
                                "b.blitAt(at, x, 0, x.length); at += x.length",
                                "b[at++] = x.charCodeAt(0)",
                            ])
                        )
                    else this.line(`${put}(b, at, x); at += 2`)
                    this.block("for (let j = 1; j < k; j++) {", () =>
                        this.line(
                            random.pick([
                                `${put}(b, at, list[i + j]); at += 2`,
                                "if (list[i + j] > 2) b[at++] = list[i + j]",
                                "b[at++] = (list[i + j] * 3) % 200",
                                "b[at++] = (list[i + j] ^ i) | 1",
                            ])
                        )
                    )
                })
                this.maybe(30, "if (more !== undefined) b[0] = more")
                this.maybe(15, 'console.log("packed", at)')
                this.line("return b")
            }
        )
        this.block(`function ${index}(b: any): any {`, () => {
            this.line(
                `const c: any = Buffer.alloc(${random.pick(["4", "b.length"])})`
            )
            this.line(
                `for (let i = c.length - 1; i >= 0; i--) c[i] = ${random.pick(["b[i] - i", "b[i] & 15", "b.length - b[i]", 'b.getAt(i >> 1, "u16") & 0x7f'])}`
            )
            this.line("return c")
        })
        const cell = (i: number): string =>
            i % columns === 0 && texts
                ? random.pick(['"OK"', '"ERROR"', '"+C:"', '""', '"x"', '"ü"'])
                : random.pick([
                      "0",
                      "1",
                      "5",
                      "127",
                      "255",
                      "300",
                      "70000",
                      "-1",
                      "0.5",
                  ])
        const made = Array.from({ length: 1 + random.below(3) }, () => {
            const name = this.name("p")
            const cells = Array.from(
                { length: columns * (1 + random.below(5)) },
                (_, i) => cell(i)
            )
            const more = random.chance(20) ? ", 9" : ""
            this.line(`let ${name}: any`)
            this.line(
                `try { ${name} = ${pack}([${cells.join(", ")}], ${columns}${more}) } catch (e) { console.log("not packed", (e as any).message) }`
            )
            // texts that are not there, numbers that are no list
            const sound = !texts && !more
            if (sound && random.chance(40)) {
                const plain = this.name("p")
                this.line(
                    `const ${plain}: any = ${pack}([${cells.join(", ")}], ${columns})`
                )
                return plain
            }
            return name
        })
        const indices = made.map(name => {
            const of = this.name("p")
            this.line(
                `let ${of}: any; try { ${of} = ${index}(${name}) } catch {}`
            )
            return of
        })
        return () => {
            for (const name of [...made, ...indices]) {
                this.print(
                    `${name}[0]`,
                    `${name}[3]`,
                    `${name}.length`,
                    `${name}[${name}.length]`
                )
                this.maybe(15, `${name}[1] = 7`)
                this.maybe(15, `console.log(${name} === ${made[0]})`)
                this.maybe(15, `console.log(${name}.toString("hex"))`)
                this.maybe(15, `console.log(${name}.indexOf(1))`)
                this.print(`${name}[1]`)
            }
        }
    }

    /**
     * What else a driver has: tables of bytes, checks of arguments, fields and objects
     * that nobody looks at, short functions that are called here and there, comparisons
     * with nothing, a long switch, variables that closures share.
     * @returns what uses them
     */
    private tables(): () => void {
        const { random } = this
        const [bytes, own, flag, text, state] = ["t", "t", "g", "g", "g"].map(
            kind => this.name(kind)
        )
        const [check, set, long, of, made] = ["f", "f", "f", "C", "o"].map(
            kind => this.name(kind)
        )
        const list = (): string =>
            Array.from({ length: 2 + random.below(5) }, () =>
                random.below(256)
            ).join(", ")
        const other = random.chance(30) ? list() : undefined
        const common = list()
        this.line(`const ${bytes} = Buffer.from([${common}])`)
        this.line(`const ${own} = Buffer.from([${other ?? common}])`)
        this.line(`let ${flag}: any = ${random.pick(["false", "true", "1"])}`)
        this.line(`let ${text}: any = ${random.pick(['""', '"x"', "null"])}`)
        this.line(
            `let ${state}: any = ${random.pick(["0", "0", "1", "0.5", "null"])}`
        )
        this.block(
            `function ${check}(name: any, kind: any, value: any, most: any = 9): any {`,
            () => {
                this.maybe(50, `if (value === undefined) return ""`)
                this.line(
                    `if (kind === 1 && typeof value !== "number") throw new Error(name + kind)`
                )
                this.maybe(
                    50,
                    `if (kind === 2) { ${text} = name; return most }`
                )
                this.line(`if (value > most) return name + " is too large"`)
                this.maybe(40, `while (kind > 3) kind--`)
                this.line(`return ""`)
            }
        )
        this.block(`function ${set}(s: any, x?: any) {`, () => {
            this.line(`${state} = s`)
            this.maybe(60, `if (x) ${flag} = x`)
            this.maybe(30, `if (s === 3) return x`)
            this.maybe(30, `return ${text}`)
        })
        this.block(`class ${of} {`, () => {
            this.line(`n: any = ${random.pick(["0", "0", "null", '""'])}`)
            this.line(`unread: any = 0`)
            this.maybe(50, `twice: any = 1`)
            this.line(`owner: any = null`)
            this.block("constructor(n: any) {", () => {
                this.line(
                    `this.n = ${random.pick(["n", "n | 0", `${bytes}[n]`, "n * 0.5", "n ? this : null", '"" + n', "n === 1", "undefined"])}`
                )
                this.maybe(40, `this.unread = ${bytes}[n]`)
                this.maybe(20, `this.unread = n.length`)
            })
            this.block("looks(x: any): any {", () => {
                this.line(
                    `if (this.n ${random.pick(["===", "!=="])} ${random.pick(["0", "null", '""', "true", "false", "undefined"])}) return "a"`
                )
                this.line(`this.unread = x`)
                this.maybe(30, `x.unread = 1`)
                this.line(
                    `return ${random.pick(["!(this.n !== 0)", "this.n === null", "this.n == null", "this.n !== false", `this.n ? 1 : ${state} !== 0`])}`
                )
            })
            this.block("never(): any {", () => this.line("return this.n"))
            this.maybe(30, `n2: any = 5`)
        })
        this.line(`const ${made}: any = new ${of}(${random.below(4)})`)
        const cases = random.chance(50) ? 3 : 30
        this.block(`function ${long}(c: any, b?: any): any {`, () => {
            this.fuel()
            this.line("let r: any = 0")
            this.maybe(50, `for (let i = 0; i < 3; i++) { r += i; c += 0 }`)
            this.block("switch (c) {", () => {
                for (let i = 0; i < cases; i++) {
                    this.line(`case ${i}:`)
                    if (random.chance(30)) continue
                    this.indent++
                    this.line(
                        random.pick([
                            `${set}(${i}, b)`,
                            `r = ${bytes}[${i}]`,
                            `if (b) return ${i}; r = b`,
                            `console.log(${i}, r)`,
                            `${set}(${i}); ${set}(r)`,
                            `r = b && b.length`,
                        ])
                    )
                    if (random.chance(80)) this.line("break")
                    this.indent--
                }
            })
            this.maybe(60, `if (r !== 0) ${flag} = r`)
            this.line("return r")
        })
        return () => {
            const value = (): string =>
                random.pick(["undefined", "5", "20", '"s"', "true", flag])
            for (let i = random.below(4); i > 0; i--)
                this.maybe(
                    80,
                    `${check}("n${i}", ${random.below(5)}, ${value()})`
                )
            this.print(`${check}("x", 1, ${value()})`)
            this.maybe(40, `const unused${this.count} = [1, ${flag}, "x"]`)
            this.maybe(30, `const unused${this.count} = [${text}.length, 2]`)
            this.maybe(40, `const unused${this.count} = { a: 1, b: ${text} }`)
            this.maybe(30, `Buffer.alloc(8)`)
            this.maybe(30, `${own}[1] = 77`)
            this.maybe(20, `${own}.fillAt(0, 2, 1)`)
            this.maybe(20, `${own}.setAt(0, "u8", 3)`)
            this.maybe(20, `${own}.blitAt(0, ${bytes}, 0, 2)`)
            this.print(`${bytes}[1]`, `${own}[1]`, `${bytes}[99]`)
            this.maybe(30, `console.log(${own} === ${bytes}, ${bytes})`)
            this.maybe(
                30,
                `console.log(${bytes}.indexOf(${random.below(256)}))`
            )
            this.print(
                `${long}(${random.below(cases + 2)}, ${value()})`,
                `${long}(${random.below(cases + 2)})`
            )
            this.maybe(50, `${set}(4, 1)`)
            this.maybe(50, `${set}(0)`)
            this.print(
                `${state} === 0 ? "zero" : "not"`,
                `${state} !== null && ${state}`,
                `${text} !== "" ? 1 : 2`,
                `!(${flag} === true)`
            )
            this.print(
                `${made}.looks(${random.pick([made, "undefined", "{}"])})`
            )
            this.maybe(40, `console.log(typeof ${made}.looks)`)
            this.maybe(40, `console.log(typeof ${made}.never)`)
            this.maybe(15, `console.log(${made}.unread)`)
            this.maybe(
                15,
                `for (const k of ["n", "unread"]) console.log(${made}[k])`
            )
            this.maybe(15, `console.log(JSON.stringify({ m: ${made}.n }))`)
            if (random.chance(50)) {
                const k = this.name("k")
                const v = this.name("v")
                const early = random.chance(30)
                this.line(`let ${v}: any${early ? ` = ${made}` : ""}`)
                const closure = `const ${k} = (x?: any): any => { ${random.chance(40) ? `if (x) ${v} = x; ` : ""}return ${v} && ${v}.n }`
                const later = `${v} = ${made}`
                for (const line of random.chance(50)
                    ? [later, closure]
                    : [closure, `console.log(${k}())`, later])
                    this.line(line)
                this.print(
                    `${k}()`,
                    `${k}(${random.pick(["null", made, "{ n: 3 }"])})`,
                    `${v}.n`
                )
            }
        }
    }

    /** A variable that a closure changes between a read of it and the use of what was read. */
    private changedMeanwhile(scope: Scope): void {
        const { random } = this
        const [shared, read, change] = ["v", "r", "k"].map(kind =>
            this.name(kind)
        )
        this.line(`let ${shared}: any = ${this.expr(scope, 1)}`)
        this.line(
            `const ${change} = (): any => { ${shared} = ${random.pick(NUMBERS)}; return ${random.pick([shared, "1", "undefined"])} }`
        )
        this.line(`const ${read} = ${shared}`)
        this.maybe(70, `${change}()`)
        this.print(read, shared)
        this.print(`[${shared}, ${change}(), ${shared}].length`)
        this.maybe(50, `${shared} = ${this.expr(scope, 1)}`)
        this.print(`"" + ${shared} + ${change}() + ${shared}`)
        this.maybe(50, `if (${read} === ${shared}) console.log("unchanged")`)
    }

    /** Reads, writes and deletes fields by names that are computed. */
    private computed(
        scope: Scope,
        { name, fields }: { name: string; fields: string[] }
    ): void {
        const { random } = this
        const names = fields.filter(() => random.chance(60))
        const list = [...names, "none"].map(f => JSON.stringify(f)).join(", ")
        const key = this.name("n")
        this.block(`for (const ${key} of [${list}]) {`, () => {
            if (random.chance(25))
                this.line(`${name}[${key}] = ${this.expr(scope, 1)}`)
            if (random.chance(10)) this.line(`delete ${name}[${key}]`)
            if (random.chance(80)) this.print(key, `${name}[${key}]`)
        })
        const field = random.pick(fields)
        if (random.chance(15)) this.line(`delete ${name}.${field}`)
        const method = this.classes[0]?.methods.find(m => !m.async)
        if (method && random.chance(40))
            this.block(
                "try {",
                () => this.print(`${name}.${field}.${method.name}()`),
                `} catch (e) { console.log("no method", (e as any).message) }`
            )
    }

    private scope(params: string[], self?: Class): Scope {
        return {
            vars: [...params],
            counters: [],
            self,
            callable: [...this.functions],
            async: false,
            loop: false,
            depth: 0,
            inFunction: true,
            closures: true,
        }
    }

    private print(...what: string[]): void {
        this.line(
            `console.log(${JSON.stringify(`${this.count++}`)}, ${what.join(", ")})`
        )
    }

    private fuel(): void {
        this.line(
            `if (${this.prefix}fuel-- < 0) throw new Error("out of fuel")`
        )
    }

    private function(): void {
        const { random } = this
        const name = this.name("f")
        const params = Array.from(
            { length: random.below(4) },
            (_, i) => `p${i}`
        )
        const async = random.chance(25)
        const list = params.map((p, i) =>
            i === params.length - 1 && random.chance(20)
                ? `${p}: any = ${this.simple()}`
                : `${p}?: any`
        )
        this.block(
            `${async ? "async " : ""}function ${name}(${list.join(", ")}): ${async ? "Promise<any>" : "any"} {`,
            () => {
                const scope = this.scope(params)
                scope.async = async
                this.body(scope)
            }
        )
        this.functions.push({ name, params: params.length, async })
    }

    private body(scope: Scope): void {
        this.fuel()
        for (let i = 1 + this.random.below(5); i > 0; i--) this.statement(scope)
        if (this.random.chance(70)) this.line(`return ${this.expr(scope, 2)}`)
    }

    private class(): void {
        const { random } = this
        const parent =
            this.classes.length > 0 && random.chance(30)
                ? random.pick(this.classes)
                : undefined
        const of: Class = {
            name: this.name("C"),
            fields: [...(parent?.fields ?? [])],
            methods: [...(parent?.methods ?? [])],
            parent,
            params: parent ? parent.params : random.below(3),
            safe: parent ? parent.safe : random.chance(60),
        }
        const plain = this.random.chance(50)
        const own = Array.from({ length: 1 + random.below(3) }, () =>
            plain ? this.name("x") : `x${random.below(4)}`
        ).filter((f, i, all) => all.indexOf(f) === i && !of.fields.includes(f))
        this.block(
            `class ${of.name}${parent ? ` extends ${parent.name}` : ""} {`,
            () => {
                for (const field of own)
                    this.line(
                        `${field}: any${random.chance(60) ? ` = ${this.simple()}` : ""}`
                    )
                of.fields.push(...own)
                if (!parent) {
                    const params = Array.from(
                        { length: of.params },
                        (_, i) => `p${i}`
                    )
                    this.block(
                        `constructor(${params.map(p => `${p}: any`).join(", ")}) {`,
                        () => {
                            if (!of.safe) this.fuel()
                            const scope = this.scope(params, of)
                            for (const field of own)
                                if (random.chance(70))
                                    this.line(
                                        `this.${field} = ${of.safe ? this.safe(params) : this.expr(scope, 1)}`
                                    )
                            if (!of.safe && random.chance(30))
                                this.statement(scope)
                        }
                    )
                }
                for (let i = 1 + random.below(3); i > 0; i--) {
                    const inherited =
                        of.parent && random.chance(40)
                            ? random.pick(of.methods)
                            : undefined
                    const overridden =
                        inherited &&
                        !of.methods.some(
                            m =>
                                m !== inherited &&
                                m.name === inherited.name &&
                                of.methods.indexOf(m) >
                                    of.methods.indexOf(inherited)
                        )
                            ? inherited
                            : undefined
                    if (overridden && this.written(overridden.name, of))
                        continue
                    const async = overridden
                        ? overridden.async
                        : random.chance(20)
                    const params = Array.from(
                        {
                            length: overridden
                                ? overridden.params
                                : random.below(3),
                        },
                        (_, i) => `p${i}`
                    )
                    const name = overridden ? overridden.name : this.name("m")
                    this.block(
                        `${overridden ? "override " : ""}${async ? "async " : ""}${name}(${params.map(p => `${p}?: any`).join(", ")}): ${async ? "Promise<any>" : "any"} {`,
                        () => {
                            const scope = this.scope(params, {
                                ...of,
                                methods: of.methods.filter(
                                    m => m !== overridden && m.name !== name
                                ),
                            })
                            scope.async = async
                            this.body(scope)
                        }
                    )
                    this.overridden.add(`${of.name}.${name}`)
                    if (!overridden)
                        of.methods.push({ name, params: params.length, async })
                }
            }
        )
        this.classes.push(of)
    }

    private readonly overridden = new Set<string>()

    private written(name: string, of: Class): boolean {
        return this.overridden.has(`${of.name}.${name}`)
    }

    /** An expression that does not throw. */
    private safe(params: string[]): string {
        return params.length > 0 && this.random.chance(60)
            ? this.random.pick(params)
            : this.simple()
    }

    private simple(): string {
        const { random } = this
        const kind = random.below(10)
        if (kind < 5) return random.pick(NUMBERS)
        if (kind < 7) return random.pick(STRINGS)
        return random.pick([
            "true",
            "false",
            "undefined",
            "null",
            "[]",
            "{}",
            "[1, 2, 3]",
            "{ a: 1 }",
        ])
    }

    private variable(scope: Scope): string {
        const all = [
            ...scope.vars,
            ...scope.vars,
            ...scope.counters,
            ...this.globals,
            ...(scope.self?.fields.map(f => `this.${f}`) ?? []),
            ...(scope.self?.fields.map(f => `this.${f}`) ?? []),
        ]
        return all.length > 0 ? this.random.pick(all) : this.simple()
    }

    private target(scope: Scope): string {
        const { random } = this
        const all = [
            ...scope.vars,
            ...scope.vars,
            ...this.globals,
            ...(scope.self?.fields.map(f => `this.${f}`) ?? []),
        ]
        if (all.length === 0 || random.chance(8)) {
            const object = this.object(scope)
            if (object) return `${object.name}.${random.pick(object.of.fields)}`
        }
        if (all.length === 0) return this.globals[0]
        return random.pick(all)
    }

    private object(_scope: Scope): { name: string; of: Class } | undefined {
        return this.objects.length > 0
            ? this.random.pick(this.objects)
            : undefined
    }

    /** An expression of type any. */
    private expr(scope: Scope, depth: number): string {
        const { random } = this
        if (depth <= 0 || random.chance(15))
            return random.chance(70) ? this.variable(scope) : this.simple()
        const sub = (): string => this.expr(scope, depth - 1)
        switch (random.below(22)) {
            case 0:
            case 1:
            case 2:
            case 3:
            case 4:
            case 5: {
                const o = random.pick(BINARY)
                return `((${sub()} as any) ${o} (${sub()} as any))`
            }
            case 6:
            case 7:
                return `(${sub()} && ${sub()})`
            case 8:
            case 9:
                return `(${sub()} || ${sub()})`
            case 10:
                if (random.chance(40))
                    return `(${sub()} ${random.pick(["==", "!="])} ${random.pick(["null", "undefined"])})`
                return `((${sub()} as any) ?? (${sub()} as any))`
            case 11:
            case 12:
                return `(${this.condition(scope, depth - 1)} ? ${sub()} : ${sub()})`
            case 13:
                return `${random.pick(["!", "-", "~", "+", "typeof "])}(${sub()} as any)`
            case 14:
                return `\`\${${sub()}}-\${${sub()}}\``
            case 15: {
                const f = random.pick(["a", "b", "length"])
                return `(${sub()} as any)${random.chance(40) ? "?" : ""}.${f}`
            }
            case 16:
                return random.pick([
                    `JSON.stringify({ q: ${sub()} })`,
                    `[${sub()}, ${sub()}]`,
                    `({ a: ${sub()}, b: ${sub()} } as any)`,
                    `JSON.parse('{"a":3,"x1":[1]}')`,
                    `hex\`010203ff\``,
                    `Buffer.from([1, 2, 200])`,
                ])
            case 17:
                return `(${sub()} as any)[${random.pick(["0", "1", "-1", '"a"', '"x1"'])}]`
            default:
                return this.call(scope, depth - 1) ?? sub()
        }
    }

    private call(scope: Scope, depth: number): string | undefined {
        const { random } = this
        const args = (n: number): string =>
            Array.from(
                { length: random.chance(85) ? n : random.below(n + 1) },
                () => this.expr(scope, depth - 1)
            ).join(", ")
        const wrap = (async: boolean, text: string): string | undefined =>
            !async ? text : scope.async ? `(await ${text})` : undefined
        if (scope.self && scope.self.methods.length > 0 && random.chance(40)) {
            const m = random.pick(scope.self.methods)
            return wrap(m.async, `this.${m.name}(${args(m.params)})`)
        }
        const object = this.object(scope)
        // functions and methods made before the objects cannot name them
        if (
            object &&
            scope.inFunction &&
            random.chance(50) &&
            object.of.methods.length > 0
        ) {
            const m = random.pick(object.of.methods)
            return wrap(m.async, `${object.name}.${m.name}(${args(m.params)})`)
        }
        if (scope.callable.length > 0) {
            const f = random.pick(scope.callable)
            return wrap(f.async, `${f.name}(${args(f.params)})`)
        }
        if (this.classes.length > 0 && random.chance(60)) {
            const of = random.pick(this.classes)
            return `(new ${of.name}(${args(of.params) || Array.from({ length: of.params }, () => "1").join(", ")}) as any)`
        }
        return undefined
    }

    private condition(scope: Scope, depth: number): string {
        const { random } = this
        const sub = (): string => this.expr(scope, depth - 1)
        switch (random.below(7)) {
            case 0:
                return `(${this.condition(scope, depth - 1)} && ${depth > 0 ? this.condition(scope, depth - 1) : sub()})`
            case 1:
                return `(${sub()} || ${sub()})`
            case 2:
                return `!(${depth > 0 ? this.condition(scope, depth - 1) : sub()} as any)`
            default:
                return `((${sub()} as any) ${random.pick(["===", "!==", "<", ">="])} (${sub()} as any))`
        }
    }

    private statement(outer: Scope): void {
        const { random } = this
        const scope = outer
        const deeper = (change: Partial<Scope> = {}): Scope => ({
            ...scope,
            vars: [...scope.vars],
            counters: [...scope.counters],
            depth: scope.depth + 1,
            ...change,
        })
        const few = (inner: Scope): void => {
            for (let i = 1 + random.below(3); i > 0; i--) this.statement(inner)
        }
        const kind = random.below(scope.depth > 2 ? 12 : 26)
        switch (kind) {
            case 0:
            case 1:
                this.print(this.expr(scope, 2))
                return
            case 2:
            case 3: {
                const name = this.name("v")
                this.line(
                    `let ${name}: any${random.chance(85) ? ` = ${this.expr(scope, 3)}` : ""}`
                )
                scope.vars.push(name)
                return
            }
            case 4:
            case 5:
            case 6:
                this.line(`${this.target(scope)} = ${this.expr(scope, 3)}`)
                return
            case 7:
                this.line(
                    `${this.target(scope)} ${random.pick(["+=", "-=", "|=", "*="])} ${this.expr(scope, 1)}`
                )
                return
            case 8: {
                const call = this.call(scope, 2)
                if (call) this.line(`${call}`)
                return
            }
            case 9: {
                if (scope.vars.length === 0) return
                const v = random.pick(scope.vars)
                this.line(
                    `if (${v} && typeof ${v} === "object") ${v}.${random.pick(["a", "x1", "b"])} = ${this.expr(scope, 1)}`
                )
                return
            }
            case 10:
                if (scope.loop && random.chance(60))
                    this.line(
                        `if (${this.condition(scope, 1)}) ${random.pick(["break", "continue"])}`
                    )
                else if (random.chance(30))
                    this.line(
                        `if (${this.condition(scope, 1)}) return ${this.expr(scope, 1)}`
                    )
                else this.print(this.variable(scope))
                return
            case 11:
                if (random.chance(50))
                    this.line(
                        `if (${this.condition(scope, 1)}) throw new Error("e${this.count++}")`
                    )
                else if (scope.vars.length > 0) {
                    const v = random.pick(scope.vars)
                    this.line(
                        `if (${v} && typeof ${v} === "object") delete ${v}.a`
                    )
                }
                return
            case 12:
            case 13:
            case 14:
            case 15:
                this.line(`if (${this.condition(scope, 2)}) {`)
                this.indent++
                few(deeper())
                this.indent--
                if (random.chance(50)) {
                    this.line("} else {")
                    this.indent++
                    few(deeper())
                    this.indent--
                }
                this.line("}")
                return
            case 16:
            case 17: {
                const i = this.name("i")
                this.block(
                    `for (let ${i} = 0; ${i} < ${1 + random.below(4)}; ${i}++) {`,
                    () =>
                        few(
                            deeper({
                                loop: true,
                                counters: [...scope.counters, i],
                                closures: false,
                            })
                        )
                )
                return
            }
            case 18: {
                const i = this.name("w")
                this.line(`let ${i} = ${1 + random.below(4)}`)
                this.block(
                    `while (${i} > 0 && ${this.condition(scope, 1)}) {`,
                    () => {
                        this.line(`${i}--`)
                        few(
                            deeper({
                                loop: true,
                                counters: [...scope.counters, i],
                                closures: false,
                            })
                        )
                    }
                )
                return
            }
            case 19:
            case 20: {
                const catches = random.chance(75)
                const e = this.name("e")
                this.line("try {")
                this.indent++
                few(deeper())
                if (random.chance(40))
                    this.line(`throw new Error("t${this.count++}")`)
                this.indent--
                if (catches) {
                    this.line(`} catch (${e}) {`)
                    this.indent++
                    this.print(`(${e} as any).message`)
                    few(deeper())
                    this.indent--
                }
                if (!catches || random.chance(35)) {
                    this.line("} finally {")
                    this.indent++
                    few(deeper({ loop: false, inFunction: scope.inFunction }))
                    this.indent--
                }
                this.line("}")
                return
            }
            case 21: {
                if (!scope.closures) return
                if (random.chance(40)) this.changedMeanwhile(scope)
                const name = this.name("k")
                const inner = deeper({
                    vars: [...scope.vars, "a"],
                    async: false,
                    loop: false,
                    self: undefined,
                })
                this.line(`const ${name} = (a?: any): any => {`)
                this.indent++
                this.fuel()
                if (random.chance(50)) this.statement({ ...inner, depth: 3 })
                this.line(`return ${this.expr(inner, 2)}`)
                this.indent--
                this.line("}")
                scope.callable = [
                    ...scope.callable,
                    { name, params: 1, async: false },
                ]
                this.print(`${name}(${this.expr(scope, 1)})`)
                return
            }
            case 22: {
                this.block(`switch (${this.expr(scope, 1)} as any) {`, () => {
                    for (const value of ["1", "3", '"a"', "undefined"].slice(
                        random.below(3)
                    )) {
                        this.line(`case ${value}:`)
                        this.indent++
                        this.statement(deeper({ depth: 3, loop: false }))
                        if (random.chance(70)) this.line("break")
                        this.indent--
                    }
                    if (random.chance(60)) {
                        this.line("default:")
                        this.indent++
                        this.statement(deeper({ depth: 3, loop: false }))
                        this.indent--
                    }
                })
                return
            }
            case 23: {
                const b = this.name("b")
                this.line(`const ${b} = Buffer.alloc(8)`)
                this.line(`${b}[${random.below(9)}] = ${this.expr(scope, 1)}`)
                this.line(`${b}.setAt(2, "u16", ${random.pick(NUMBERS)})`)
                this.print(
                    b,
                    `${b}[${random.below(9)}]`,
                    `${b}.getAt(2, "i16")`,
                    `${b}.length`
                )
                return
            }
            case 24: {
                const object = this.object(scope)
                if (object && object.of.methods.length > 0 && scope.closures) {
                    const m = random.pick(object.of.methods)
                    if (m.async) return
                    const name = this.name("h")
                    this.line(`const ${name}: any = ${object.name}.${m.name}`)
                    this.print(`${name}(${this.expr(scope, 1)})`)
                    return
                }
                this.line(
                    `const ${this.name("d")}: any = { ...({ a: ${this.expr(scope, 1)} }), b: 2 }`
                )
                return
            }
            default: {
                const list = scope.callable.filter(f => /f\d+$/.test(f.name))
                if (!scope.async || list.length === 0) {
                    this.print(`JSON.stringify({ a: ${this.variable(scope)} })`)
                    return
                }
                const f = random.pick(list)
                const name = this.name("s")
                this.block(`const ${name} = async () => {`, () => {
                    this.block(
                        "try {",
                        () => {
                            this.line(
                                `console.log("fiber", ${f.async ? "await " : ""}${f.name}(1, 2))`
                            )
                        },
                        "} catch (e) {"
                    )
                    this.line(
                        `    console.log("fiber thrown", (e as any).message)`
                    )
                    this.line("}")
                })
                if (!scope.closures) return
                this.line(`${name}.start()`)
                this.line("await ds.sleep(5)")
                return
            }
        }
    }
}

/** A whole program of some cases. */
export function generate(seeds: readonly number[]): string {
    const cases = seeds.map(seed => new Generator(seed, `s${seed}_`).generate())
    return [
        // what is random has no types
        "// @ts-nocheck",
        `import * as ds from "@devicescript/core"`,
        ...cases.map(({ text }) => text),
        ...cases.map(
            ({ entry }, i) =>
                `console.log("case", ${seeds[i]})\nawait ds.sleep(1)\nawait ${entry}()`
        ),
        `await ds.sleep(30)`,
        `console.log("END")`,
        "",
    ].join("\n")
}
