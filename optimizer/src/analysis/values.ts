/**
 * Which values may reach which place of the whole program: possible targets of a call,
 * possible objects of a field access, and which of them escape.
 *
 * Flow of values is followed from `main` on (Andersen's analysis, a call graph found on
 * the way; slots by their definitions, objects by where they are made). A value that is
 * passed to the VM's own functions, thrown, or stored where the VM looks has escaped:
 * from then on any code that knows its name may do anything with it, and any unknown
 * value may be it (`TOP`).
 */
import {
    FIELD,
    someIn,
    STRING,
    walkStmt,
    type Expr,
    type Fn,
    type Program,
    type Stmt,
} from "../ir.ts"
import * as op from "../ops.ts"
import { tables } from "../toolchain.ts"
import { changesRet } from "./effects.ts"
import { givenPlaces, type GivenPlace } from "./given.ts"
import { Mentions } from "./named.ts"
import { keptGlobals, presentSlots, type Kept } from "./present.ts"
import { setByConstructor, setByLiteral } from "./initialised.ts"
import {
    flowOf,
    has,
    NONE,
    pinnedSlots,
    united,
    usesClosures,
    Worklist,
    writtenByOthers,
    type Flow,
    type Indices,
    type Slots,
} from "./flow.ts"

const { objects: BUILTIN_OBJECTS, strings: BUILTIN_STRINGS } = tables()

/* Values that are no objects of the program. */
export const UNDEF = 0
export const NULL = 1
export const NUMBER = 2
export const TEXT = 3
export const BOOL = 4
export const BYTES = 5
/** anything that has escaped, or is the VM's */
export const TOP = 6
/** only between a lookup and its use: a function of the VM */
const NATIVE = 7
const PLAIN = 8

/** A value that the program makes. */
export type Value =
    | { kind: "function"; fn: Fn; closure: boolean }
    /** a function with the object that it was read of */
    | { kind: "bound"; fn: Fn; closure: boolean }
    /** made by NEW, ALLOC_MAP, ALLOC_ARRAY, or the rest of arguments */
    | { kind: "object"; of: Fn | "map" | "array"; site: Stmt | Fn; within: Fn }
    /** of a class */
    | { kind: "prototype"; of: Fn }
    | { kind: "builtin"; index: number }
    /** a string that stands in the program: it may be the name of a field */
    | { kind: "string"; text: string }
    /** any integer of 32 bits */
    | { kind: "integer" }
    /** a buffer in flash, or one that a call has made of it */
    | { kind: "bytes"; n: number; copy: Stmt | undefined }
    /** one number or truth value: `of` is NUMBER or BOOL */
    | { kind: "constant"; of: number; is: number | boolean }
    /** a function of the VM with the object from which it was read */
    | { kind: "native"; receiver: number; name: string }

export type ObjectValue = Extract<Value, { kind: "object" }>

/** Values, in the order in which they came. */
export interface ValueSet extends Iterable<number> {
    readonly size: number
    has(value: number): boolean
}

/** Up to this many, a linear search is used. */
const FEW = 8

const NO_VALUES: number[] = []

/** There is one for each expression, and most hold one value or two. */
class SmallSet implements ValueSet {
    private list = NO_VALUES
    private index: Set<number> | undefined

    get size(): number {
        return this.list.length
    }

    /** The `i`th one added: later ones follow it. */
    at(i: number): number {
        return this.list[i]
    }

    has(value: number): boolean {
        return this.index ? this.index.has(value) : this.list.includes(value)
    }

    /** @param value which is not in it */
    add(value: number): void {
        const { list } = this
        // an array that begins empty keeps room for many
        if (list.length === 0) this.list = [value]
        else list.push(value)
        if (this.index) this.index.add(value)
        else if (list.length > FEW) this.index = new Set(list)
    }

    [Symbol.iterator](): IterableIterator<number> {
        return this.list[Symbol.iterator]()
    }
}

type Listener = (value: number) => void

/** A place that values reach. */
class Node extends SmallSet {
    strings = 0
    numbers = 0
    listeners: Listener[] | undefined = undefined
    /** places that get all values of this one */
    copies: Node[] | undefined = undefined

    /** It is the set of its values itself: there are many. */
    get values(): SmallSet {
        return this
    }
}

const builtinIndex = (name: string): number => BUILTIN_OBJECTS.indexOf(name)

const DS = builtinIndex("DeviceScript")
const MATH = builtinIndex("Math")
const OBJECT = builtinIndex("Object")
const ARRAY_PROTOTYPE = builtinIndex("Array_prototype")
const BUFFER_PROTOTYPE = builtinIndex("Buffer_prototype")
const STRING_PROTOTYPE = builtinIndex("String_prototype")
const NUMBER_PROTOTYPE = builtinIndex("Number_prototype")
const BOOLEAN_PROTOTYPE = builtinIndex("Boolean_prototype")
const FUNCTION_PROTOTYPE = builtinIndex("Function_prototype")
const OBJECT_PROTOTYPE = builtinIndex("Object_prototype")
const BUFFER = builtinIndex("Buffer")
const ARRAY = builtinIndex("Array")
const JSON_OBJECT = builtinIndex("JSON")

/** Prototypes in which fields of non-objects are looked up. */
const PROTOTYPE_OF = new Map([
    [NUMBER, NUMBER_PROTOTYPE],
    [TEXT, STRING_PROTOTYPE],
    [BOOL, BOOLEAN_PROTOTYPE],
    [BYTES, BUFFER_PROTOTYPE],
])

/** Types that always have a length. */
const SIZED = new Set([ARRAY_PROTOTYPE, BUFFER_PROTOTYPE, STRING_PROTOTYPE])

/** Methods of buffers that do not change them. */
const LEAVE_BUFFERS = new Set(["indexOf", "toString", "length", "getAt"])

/** Functions of `ds` that depend only on numbers and buffers, and their results. */
const DS_PLAIN = new Map([
    ["millis", NUMBER],
    ["sleep", UNDEF],
    ["_i2cTransaction", NUMBER],
    ["assert", UNDEF],
])

/** What functions of strings and buffers give. */
const RESULTS = new Map([
    ["charCodeAt", [NUMBER]],
    ["getAt", [NUMBER, BOOL, UNDEF]],
    ["setAt", [UNDEF]],
    ["fillAt", [UNDEF]],
    ["blitAt", [UNDEF, NUMBER]],
    ["indexOf", [NUMBER, UNDEF]],
    ["charAt", [TEXT, UNDEF]],
    ["toLowerCase", [TEXT, UNDEF]],
    ["toUpperCase", [TEXT, UNDEF]],
    ["slice", [TEXT, BYTES, UNDEF]],
])

/** Fields that give a number wherever they are. */
const SIZES = new Set(["length", "byteLength"])

/** Methods that the VM itself has for arrays. */
const ARRAY_NATIVES = new Set([
    "insert",
    "constructor",
    "push",
    "pushRange",
    "slice",
    "join",
])

const KNOWN_NAMES = new Set(BUILTIN_STRINGS)

/** The field of an object's changed prototype. */
const PROTO = "__proto__"

/** Fields that the VM itself sets: of errors, prototypes, pins. */
const WRITTEN_BY_VM = new Set([
    "message",
    "__stack__",
    "constructor",
    "gpio",
    "label",
])

/** Names of keys that are neither number nor string. */
const KEY_NAMES = new Map([
    [UNDEF, ["undefined"]],
    [NULL, ["null"]],
    [BOOL, ["true", "false"]],
])

/** Results of `typeof` for non-objects. */
const TYPE_NAMES = new Map([
    [UNDEF, "undefined"],
    [NUMBER, "number"],
    [TEXT, "string"],
    [BOOL, "boolean"],
])

/** Reads of a field, or calls of one. */
export interface Access {
    fn: Fn
    stmt: Stmt
    /** the field itself; of a store, the statement's first operand is the object */
    expr?: Expr
    /** undefined if the name is not known */
    name: string | undefined
    kind: "read" | "call" | "write" | "delete"
    object: Node
}

export interface CallSite {
    fn: Fn
    stmt: Stmt
    callee: Node | undefined
    /** functions of the program that it may call; undefined: others too */
    targets: Set<Fn>
    unknown: boolean
    /** whether it may start a fiber */
    starts: boolean
    /** where the method was stored, if it is called a little later */
    spilled?: Stmt
}

/** Strings and numbers that are told apart in one place, at most. */
const STRINGS = 40
const NUMBERS = 12

/** Possible truth of a condition, as bits. */
export const Truth = { True: 1, False: 2, Both: 3 } as const

/** Numeric operators: they always give numbers. */
const NUMERIC = new op.OpSet([
    op.LITERAL_F64,
    op.NAN,
    op.INF,
    op.ABS,
    op.NEG,
    op.UPLUS,
    op.SUB,
    op.MUL,
    op.DIV,
    op.SHIFT_RIGHT_UNSIGNED,
    op.TYPEOF,
])
/** Operators that always give integers of 32 bits. */
const INTEGRAL = new op.OpSet([
    op.BIT_NOT,
    op.TO_INT,
    op.BIT_AND,
    op.BIT_OR,
    op.BIT_XOR,
    op.SHIFT_LEFT,
    op.SHIFT_RIGHT,
])
const LOGICAL = new op.OpSet([
    op.TO_BOOL,
    op.NOT,
    op.IS_UNDEFINED,
    op.IS_NULLISH,
    op.IS_NAN,
    op.INSTANCE_OF,
    op.EQ,
    op.NE,
    op.LT,
    op.LE,
    op.APPROX_EQ,
    op.APPROX_NE,
])

/** They tell two buffers from each other. */
const IDENTITY = new op.OpSet([
    op.EQ,
    op.NE,
    op.APPROX_EQ,
    op.APPROX_NE,
    op.INSTANCE_OF,
])
const NO_BUFFERS = new op.OpSet([
    op.LITERAL,
    op.UNDEFINED,
    op.NULL,
    op.TRUE,
    op.FALSE,
    STRING,
])
const mayBeBuffer = (e: Expr): boolean => !NO_BUFFERS.has(e.op)

/** Of a function: where each use of a slot and of the last result gets its value. */
interface Definitions {
    flow: Flow
    /** of each statement: definitions that reach it, by slot; -1 is the entry */
    slots: Indices[][]
    /** of each statement: statements whose result RET_VAL is; -1 is the entry */
    ret: Indices[]
    /** of each statement: slots that hold neither undefined nor null */
    present: readonly Slots[]
}

export class Values {
    readonly values: Value[] = []
    readonly accesses: Access[] = []
    readonly calls: CallSite[] = []
    /** functions that run at all */
    readonly reached = new Set<Fn>()
    /** functions that others than the calls found may call */
    readonly escapedFns = new Set<Fn>()
    /** functions that are read of an object without being called at once */
    readonly boundFns = new Set<Fn>()
    /** functions whose value goes elsewhere than into a call or a prototype */
    readonly usedFns = new Set<Fn>()
    readonly escaped = new Set<number>()
    /** objects whose fields are reached by names that are computed */
    readonly indexed = new Set<number>()
    /** fields that are reached by a computed name that is known: by object */
    private readonly computed = new Map<number, Set<string>>()
    /** methods of classes: class, name, function, where they are put there */
    readonly methods: {
        of: Fn
        name: string
        fn: Fn
        stmt: Stmt
        within: Fn
    }[] = []
    /** parents of classes */
    readonly parents = new Map<Fn, Fn | "builtin">()
    /** names that are read from escaped values */
    readonly topNames = new Set<string>()
    topIndexed = false
    /** reason why the program cannot be analysed, if any */
    confused: string | undefined

    /* numbers of values, by value */
    private readonly functions = new Map<Fn, number>()
    private readonly closures = new Map<Fn, number>()
    private readonly bounds = new Map<Fn, number>()
    private readonly boundClosures = new Map<Fn, number>()
    private readonly prototypes = new Map<Fn, number>()
    private readonly builtins = new Map<number, number>()
    private readonly texts = new Map<string, number>()
    private readonly knowns = new Map<number | boolean, number>()
    /** others, by a text that says which */
    private readonly ids = new Map<string, number>()
    private readonly objectIds = new Map<object, number>()
    /** places with new values, and these values */
    private readonly work: Node[] = []
    private readonly coming: number[] = []
    private readonly globals: Node[]
    private readonly slotNodes = new Map<Fn, Map<number, Node>>()
    private readonly paramNodes = new Map<Fn, Node[]>()
    private readonly retNodes = new Map<Fn, Node>()
    private readonly boundThis = new Map<Fn, Node>()
    /** by object and name */
    private readonly cells = new Map<number, Map<string, Node>>()
    private readonly pinned: Map<Fn, Slots>
    private readonly kept: Kept
    /** slots that closures write: their values do not follow from the function */
    private readonly shared: Map<Fn, Slots>
    private readonly makers = new Map<Fn, Set<Fn>>()
    /** by number of value */
    private readonly constants: (Node | undefined)[] = []
    private readonly definitions = new Map<Fn, Definitions>()

    constructor(program: Program) {
        const among = program.fns.filter(usesClosures)
        this.pinned = pinnedSlots(program, among)
        this.kept = keptGlobals(program)
        this.shared = writtenByOthers(program, among)
        this.globals = program.globals.map(() => new Node())
        for (const fn of among)
            for (const s of fn.body)
                walkStmt(s, e => {
                    if (e.op !== op.MAKE_CLOSURE || !e.fn) return
                    const known = this.makers.get(e.fn)
                    if (known) known.add(fn)
                    else this.makers.set(e.fn, new Set([fn]))
                })
        const [main] = program.fns
        this.reach(main)
        this.solve()
        // which variables and fields may be read before they are set depends on the
        // order of calls, and that on their values: iterate from the best case until it
        // is stable
        const mentions = new Mentions()
        for (let known = -1; known !== 0;) {
            known = 0
            const given = givenPlaces(program, this, mentions)
            program.globals.forEach((global, n) => {
                if (global.given) given.add(n)
            })
            const unset = (node: Node, place: GivenPlace): void => {
                if (given.has(place) || node.values.has(UNDEF)) return
                known++
                this.add(node, UNDEF)
            }
            this.globals.forEach(unset)
            for (const node of this.unset) unset(node, node)
            this.solve()
            // a condition of which nothing is known may be anything
            for (const node of known === 0 ? this.conditions : []) {
                if (node.values.size > 0) continue
                known++
                this.add(node, TOP)
            }
            this.solve()
        }
    }

    /* Queries. */

    objectOf(value: number): ObjectValue | undefined {
        const v = this.valueOf(value)
        return v?.kind === "object" ? v : undefined
    }

    /** The number of a value, by its index in `values`. */
    numberOf(index: number): number {
        return index + PLAIN
    }

    valueOf(value: number): Value | undefined {
        // a search for a missing element of an array takes long
        return value < PLAIN ? undefined : this.values[value - PLAIN]
    }

    /** One that is made by the program, for sure. */
    private made(value: number): Value {
        return this.values[value - PLAIN]
    }

    /** Possible values of a field of an object; undefined if it was never set. */
    field(object: number, name: string): ValueSet | undefined {
        return this.cells.get(object)?.get(name)?.values
    }

    fieldsOf(object: number): Iterable<string> {
        return this.cells.get(object)?.keys() ?? []
    }

    /** Possible values of a global variable. */
    globalOf(n: number): ValueSet {
        return this.globals[n].values
    }

    /** Whether a global variable may hold nothing. */
    mayBeUnset(n: number): boolean {
        return this.globals[n].values.has(UNDEF)
    }

    /** Whether a field of an object that exists once is set before it is read. */
    isGiven(object: number, name: string): boolean {
        return !this.unsetFields.get(object)?.get(name)?.values.has(UNDEF)
    }

    /**
     * The key of a field of an object that may be read before it is set; undefined if
     * it is not, or is known to be set.
     */
    doubtful(object: number, name: string): object | undefined {
        const node = this.unsetFields.get(object)?.get(name)
        return node?.values.has(UNDEF) ? undefined : node
    }

    /** Whether a field of an object is reached by a name that is computed. */
    isComputed(object: number, name: string): boolean {
        return (
            this.indexed.has(object) ||
            (this.computed.get(object)?.has(name) ?? false)
        )
    }

    /** Whether an object's classes, or all objects, have something of a name. */
    hasMethod(value: number, name: string): boolean {
        const common = this.cell(this.builtinValue(OBJECT_PROTOTYPE), name)
        return (
            name === "constructor" ||
            [...this.inherited(value, name), common].some(
                node => node.values.size > 0
            )
        )
    }

    /** Whether a field of a built-in object is still the VM's own. */
    isOriginal(object: string, name: string): boolean {
        const value = this.builtins.get(builtinIndex(object))
        const put = value === undefined ? undefined : this.field(value, name)
        return !put || put.size === 0
    }

    parameter(fn: Fn, i: number): ValueSet {
        return this.params(fn)[i]?.values ?? new Set()
    }

    result(fn: Fn): ValueSet {
        return this.ret(fn).values
    }

    isNumber(value: number): boolean {
        return this.plain(value) === NUMBER
    }

    /** Possible outcome of a JMP_Z on a value: `Truth` */
    truth(value: number): number {
        if (value === UNDEF || value === NULL) return Truth.False
        if (value === BYTES) return Truth.True
        const v = this.valueOf(value)
        switch (v?.kind) {
            case "bytes":
            case "function":
            case "bound":
            case "object":
                return Truth.True
            case "string":
                return v.text === "" ? Truth.False : Truth.True
            case "constant":
                return v.is ? Truth.True : Truth.False
        }
        return Truth.Both
    }

    /** What `a === b` may be. */
    private same(a: number, b: number): number {
        const x = this.valueOf(a)
        const y = this.valueOf(b)
        const unknown = (value: number, v: Value | undefined): boolean =>
            value === TOP || value === NATIVE || v?.kind === "native"
        if (unknown(a, x) || unknown(b, y)) return Truth.Both
        if (a === b && (a === UNDEF || a === NULL)) return Truth.True
        const p = this.plain(a)
        const q = this.plain(b)
        if (p < PLAIN && q < PLAIN) {
            if (p !== q) return Truth.False
            if (x?.kind === "constant" && y?.kind === "constant")
                return x.is === y.is ? Truth.True : Truth.False
            if (x?.kind === "string" && y?.kind === "string")
                return x.text === y.text ? Truth.True : Truth.False
            return Truth.Both
        }
        return p < PLAIN || q < PLAIN ? Truth.False : Truth.Both
    }

    /** Possible results of a boolean operator for possible operands. */
    private logic(operator: number, a: number, b = UNDEF): number {
        const not = (truth: number): number => ((truth & 1) << 1) | (truth >> 1)
        switch (operator) {
            case op.TO_BOOL:
                return this.truth(a)
            case op.NOT:
                return not(this.truth(a))
            case op.EQ:
                return this.same(a, b)
            case op.NE:
                return not(this.same(a, b))
            case op.IS_UNDEFINED:
                return this.same(a, UNDEF)
            case op.IS_NULLISH:
                return a === NULL ? Truth.True : this.same(a, UNDEF)
            case op.LT:
            case op.LE: {
                const x = this.valueOf(a)
                const y = this.valueOf(b)
                if (
                    x?.kind !== "constant" ||
                    y?.kind !== "constant" ||
                    x.of !== NUMBER ||
                    y.of !== NUMBER
                )
                    return Truth.Both
                const yes = operator === op.LT ? x.is < y.is : x.is <= y.is
                return yes ? Truth.True : Truth.False
            }
        }
        return Truth.Both
    }

    /** The values of an expression that has been followed. */
    valuesOf(e: Expr): ValueSet | undefined {
        return this.nodes.get(e)?.values
    }

    private readonly nodes = new Map<Expr, Node>()
    /** statements that may run */
    readonly visited = new Set<Stmt>()
    private readonly conditions: Node[] = []

    /* Nodes. */

    private constant(value: number): Node {
        let node = this.constants[value]
        if (!node) {
            this.constants[value] = node = new Node()
            this.add(node, value)
        }
        return node
    }

    /** The number of a new value. */
    private added(value: Value): number {
        return this.values.push(value) - 1 + PLAIN
    }

    private intern<K>(ids: Map<K, number>, key: K, value: () => Value): number {
        let id = ids.get(key)
        if (id === undefined) ids.set(key, (id = this.added(value())))
        return id
    }

    private readonly fnNumbers = new Map<Fn, number>()

    private number(fn: Fn): number {
        let n = this.fnNumbers.get(fn)
        if (n === undefined) this.fnNumbers.set(fn, (n = this.fnNumbers.size))
        return n
    }

    private fnValue(fn: Fn, closure: boolean): number {
        return this.intern(
            closure ? this.closures : this.functions,
            fn,
            () => ({
                kind: "function",
                fn,
                closure,
            })
        )
    }

    private boundValue(fn: Fn, closure: boolean): number {
        return this.intern(
            closure ? this.boundClosures : this.bounds,
            fn,
            () => ({ kind: "bound", fn, closure })
        )
    }

    private prototypeValue(of: Fn): number {
        return this.intern(this.prototypes, of, () => ({
            kind: "prototype",
            of,
        }))
    }

    private builtinValue(index: number): number {
        return this.intern(this.builtins, index, () => ({
            kind: "builtin",
            index,
        }))
    }

    private nativeValue(receiver: number, name: string): number {
        return this.intern(this.ids, `n${receiver}.${name}`, () => ({
            kind: "native",
            receiver,
            name,
        }))
    }

    private objectValue(
        of: Fn | "map" | "array",
        site: Stmt | Fn,
        within: Fn
    ): number {
        let id = this.objectIds.get(site)
        if (
            id === undefined ||
            (this.values[id - PLAIN] as ObjectValue).of !== of
        ) {
            const key =
                typeof of === "string"
                    ? site
                    : `n${this.siteNumber(site)}:${this.number(of)}`
            id =
                typeof key === "string"
                    ? this.intern(this.ids, key, () => ({
                          kind: "object",
                          of,
                          site,
                          within,
                      }))
                    : this.values.push({ kind: "object", of, site, within }) -
                      1 +
                      PLAIN
            if (typeof of === "string") this.objectIds.set(site, id)
        }
        return id
    }

    private readonly sites = new Map<object, number>()

    private siteNumber(site: object): number {
        let n = this.sites.get(site)
        if (n === undefined) this.sites.set(site, (n = this.sites.size))
        return n
    }

    /** The class of a string, number or boolean, enough for most queries. */
    private plain(value: number): number {
        const v = this.valueOf(value)
        if (v?.kind === "string") return TEXT
        if (v?.kind === "integer") return NUMBER
        if (v?.kind === "bytes") return BYTES
        return v?.kind === "constant" ? v.of : value
    }

    /** @param copy the call that makes it of the one in flash */
    private bytesValue(n: number, copy?: Stmt): number {
        const of = copy ? `c${this.siteNumber(copy)}` : ""
        return this.intern(this.ids, `y${n}${of}`, () => ({
            kind: "bytes",
            n,
            copy,
        }))
    }

    private anyInteger: number | undefined

    private integer(): number {
        return (this.anyInteger ??= this.added({ kind: "integer" }))
    }

    private stringValue(text: string): number {
        return this.intern(this.texts, text, () => ({ kind: "string", text }))
    }

    private constantValue(is: number | boolean): number {
        return this.intern(this.knowns, is, () => ({
            kind: "constant",
            of: typeof is === "number" ? NUMBER : BOOL,
            is,
        }))
    }

    private add(node: Node, value: number): void {
        if (node.values.has(value)) return
        const v = this.valueOf(value)
        if (v?.kind === "string" || v?.kind === "constant") {
            const all = v.kind === "string" ? TEXT : v.of
            if (node.values.has(all)) return
            // too many to tell them apart
            if (all === TEXT && ++node.strings > STRINGS) value = TEXT
            if (all === NUMBER && ++node.numbers > NUMBERS)
                value = this.integer()
            if (node.values.has(value)) return
        }
        node.values.add(value)
        this.work.push(node)
        this.coming.push(value)
    }

    private on(node: Node, listener: (value: number) => void): void {
        if (node.listeners) node.listeners.push(listener)
        else node.listeners = [listener]
        const { values } = node
        for (let i = 0, { size } = values; i < size; i++) listener(values.at(i))
    }

    /** Copies of large sets, for faster search. */
    private readonly copied = new Map<Node, Set<Node>>()

    private copy(from: Node, to: Node): void {
        if (from === to) return
        const { copies } = from
        if (!copies) from.copies = [to]
        else if (copies.length <= FEW) {
            if (copies.includes(to)) return
            copies.push(to)
        } else {
            let known = this.copied.get(from)
            if (!known) this.copied.set(from, (known = new Set(copies)))
            if (known.has(to)) return
            known.add(to)
            copies.push(to)
        }
        const { values } = from
        for (let i = 0, { size } = values; i < size; i++)
            this.add(to, values.at(i))
    }

    private solve(): void {
        for (
            let node = this.work.pop();
            node !== undefined;
            node = this.work.pop()
        ) {
            const value = this.coming.pop() as number
            const { copies } = node
            if (copies) for (const to of copies) this.add(to, value)
            // a listener may add others
            const { listeners } = node
            if (listeners) for (const listener of listeners) listener(value)
        }
    }

    private cell(object: number, name: string): Node {
        let cells = this.cells.get(object)
        if (!cells) this.cells.set(object, (cells = new Map()))
        let node = cells.get(name)
        if (!node) {
            node = new Node()
            cells.set(name, node)
            if (this.escaped.has(object) || this.openFns.has(object))
                this.escapeCell(name, node)
            if (this.isRemoved(object, name)) this.add(node, UNDEF)
            const any = this.anyField.get(object)
            if (any) this.readAny(object, node, any)
            if (this.isBuiltin(object))
                for (const [value, all] of this.anyField)
                    this.readAny(value, node, all)
        }
        return node
    }

    private params(fn: Fn): Node[] {
        let nodes = this.paramNodes.get(fn)
        if (!nodes) {
            nodes = Array.from({ length: fn.params }, () => new Node())
            this.paramNodes.set(fn, nodes)
        }
        return nodes
    }

    private ret(fn: Fn): Node {
        let node = this.retNodes.get(fn)
        if (!node) this.retNodes.set(fn, (node = new Node()))
        return node
    }

    private thisOfBound(fn: Fn): Node {
        let node = this.boundThis.get(fn)
        if (!node) this.boundThis.set(fn, (node = new Node()))
        return node
    }

    /** All that a slot ever holds: what closures see. */
    private slot(fn: Fn, slot: number): Node {
        let nodes = this.slotNodes.get(fn)
        if (!nodes) this.slotNodes.set(fn, (nodes = new Map()))
        let node = nodes.get(slot)
        if (!node) {
            nodes.set(slot, (node = new Node()))
            if (slot < fn.params) this.copy(this.params(fn)[slot], node)
            else if (this.isUnsetFor(fn, slot)) this.add(node, UNDEF)
        }
        return node
    }

    /** Whether a slot may still hold nothing when a closure that sees it is made. */
    private isUnsetFor(fn: Fn, slot: number): boolean {
        const definitions = this.definitions.get(fn)
        return (
            !definitions ||
            fn.body.some(
                (s, i) =>
                    someIn(s, e => e.op === op.MAKE_CLOSURE) &&
                    definitions.slots[i][slot].has(-1)
            )
        )
    }

    /* Escape. */

    /** Names that are written to escaped values; all, if one is computed. */
    private readonly topWritten = new Set<string>()
    private topWrittenAny = false
    /** fields that are deleted, by object or `TOP`; undefined: any of them */
    private readonly removed = new Map<number, Set<string | undefined>>()

    /**
     * A field of an escaped value holds all that the program writes to such values
     * under its name, and what the VM writes under a few names of its own.
     */
    private escapeCell(name: string, node: Node): void {
        const written =
            name === "[]" ||
            this.topWrittenAny ||
            this.topWritten.has(name) ||
            WRITTEN_BY_VM.has(name)
        if (written) this.add(node, TOP)
        if (this.isRemoved(TOP, name)) this.add(node, UNDEF)
        this.on(node, value => this.escape(value))
    }

    private writeTop(name: string): void {
        if (this.topWritten.has(name)) return
        this.topWritten.add(name)
        for (const value of [...this.escaped, ...this.openFns])
            if (this.cells.get(value)?.has(name))
                this.add(this.cell(value, name), TOP)
    }

    private writeTopAny(): void {
        if (this.topWrittenAny) return
        this.topWrittenAny = true
        for (const value of [...this.escaped, ...this.openFns])
            for (const name of [...this.fieldsOf(value)])
                this.add(this.cell(value, name), TOP)
    }

    private escapeNode(node: Node): void {
        this.on(node, value => this.escape(value))
    }

    private readonly openFns = new Set<number>()

    /** Access to a function gives access to its fields. */
    private escapeAttributes(fn: Fn): void {
        const value = this.fnValue(fn, false)
        if (this.openFns.has(value)) return
        this.openFns.add(value)
        for (const name of [...this.fieldsOf(value)])
            this.escapeCell(name, this.cell(value, name))
    }

    private escapeFn(fn: Fn, thisValue: Node | undefined): void {
        this.usedFns.add(fn)
        const params = this.params(fn)
        const first = fn.flags & op.FunctionFlag.NEEDS_THIS ? 1 : 0
        if (first && thisValue) this.copy(thisValue, params[0])
        if (this.escapedFns.has(fn)) return
        this.escapedFns.add(fn)
        this.reach(fn)
        for (let i = first; i < params.length; i++) this.add(params[i], TOP)
        this.escapeNode(this.ret(fn))
    }

    /** buffers that may be written, or distinguished from others */
    private readonly touched = new Set<number>()

    private touch(value: number): void {
        if (this.valueOf(value)?.kind === "bytes")
            this.touched.add(value - PLAIN)
    }

    /** @param index in `values` */
    isTouched(index: number): boolean {
        return this.touched.has(index)
    }

    /** From here on, anything may be done with a value. */
    private escape(value: number): void {
        this.touch(value)
        value = this.plain(value)
        if (value < PLAIN || this.escaped.has(value)) return
        this.escaped.add(value)
        const v = this.made(value)
        switch (v.kind) {
            case "function":
                this.escapeAttributes(v.fn)
                this.escapeFn(v.fn, undefined)
                if (v.fn.flags & op.FunctionFlag.NEEDS_THIS) {
                    this.add(this.params(v.fn)[0], TOP)
                    this.add(this.params(v.fn)[0], UNDEF)
                }
                return
            case "bound":
                this.escapeAttributes(v.fn)
                this.escapeFn(v.fn, this.thisOfBound(v.fn))
                return
            case "object":
                for (const name of [...this.fieldsOf(value)])
                    this.escapeCell(name, this.cell(value, name))
                if (typeof v.of !== "string") this.escapeMethods(value, v.of)
                return
            case "prototype":
                this.confused ??= "a prototype is handed out"
                return
            case "native":
                if (!this.isBuiltin(v.receiver)) this.escape(v.receiver)
                return
            case "builtin":
                // then any write may go to it
                this.confused ??= "a built-in object is handed out"
                return
        }
    }

    /** Methods whose names the holders of an escaped object know. */
    private escapeMethods(value: number, of: Fn): void {
        for (const name of this.methodNames(of))
            if (
                this.topIndexed ||
                this.topNames.has(name) ||
                KNOWN_NAMES.has(name)
            )
                this.escapeMethod(value, name)
    }

    private methodNames(of: Fn): Set<string> {
        const names = new Set<string>()
        for (const c of this.chain(of))
            for (const name of this.fieldsOf(this.prototypeValue(c)))
                names.add(name)
        return names
    }

    /** objects whose method has escaped with them, by where it is */
    private readonly escapedMethods = new Map<Node, Set<number>>()

    private escapeMethod(value: number, name: string): void {
        for (const method of this.inherited(value, name)) {
            let known = this.escapedMethods.get(method)
            if (!known) this.escapedMethods.set(method, (known = new Set()))
            if (known.has(value)) continue
            known.add(value)
            this.on(method, m => {
                const v = this.valueOf(m)
                if (v?.kind === "function") {
                    this.copy(this.constant(value), this.thisOfBound(v.fn))
                    this.boundFns.add(v.fn)
                    this.escape(this.boundValue(v.fn, v.closure))
                } else this.escape(m)
            })
        }
    }

    /** what `chain()` has found, with the parents that are known */
    private readonly chains = new Map<Fn, readonly Fn[]>()

    /** A class and its ancestors. */
    chain(of: Fn): readonly Fn[] {
        const known = this.chains.get(of)
        if (known) return known
        const all: Fn[] = []
        let next: Fn | "builtin" | undefined = of
        while (next && next !== "builtin" && !all.includes(next)) {
            all.push(next)
            next = this.parents.get(next)
        }
        this.chains.set(of, all)
        return all
    }

    /** Where a method of an object's classes would be. */
    private inherited(value: number, name: string): Node[] {
        const v = this.made(value)
        const of =
            v.kind === "object"
                ? v.of
                : v.kind === "prototype"
                  ? v.of
                  : undefined
        if (of === undefined || typeof of === "string") return []
        return this.chain(of).map(c => this.cell(this.prototypeValue(c), name))
    }

    private readTop(name: string): void {
        if (this.topNames.has(name)) return
        this.topNames.add(name)
        this.topChanged()
    }

    private indexTop(): void {
        if (this.topIndexed) return
        this.topIndexed = true
        this.topChanged()
    }

    private topChanged(): void {
        for (const value of [...this.escaped]) {
            const v = this.made(value)
            if (v.kind === "object" && typeof v.of !== "string")
                this.escapeMethods(value, v.of)
        }
    }

    /* Fields. */

    /** Calls `found` with each place that `value.name` may come from. */
    private lookup(
        value: number,
        name: string,
        found: (node: Node) => void
    ): void {
        value = this.plain(value)
        if (value === UNDEF || value === NULL) return
        if (value === TOP) {
            this.readTop(name)
            found(this.constant(TOP))
            return
        }
        const own = PROTOTYPE_OF.get(value)
        if (own !== undefined) {
            this.lookupBuiltin(own, name, found)
            return
        }
        const v = this.made(value)
        switch (v.kind) {
            case "function":
            case "bound":
                if (name === "prototype") {
                    found(this.constant(this.prototypeValue(v.fn)))
                    return
                }
                // attributes of functions are kept by the VM
                found(this.cell(this.fnValue(v.fn, false), name))
                this.lookupBuiltin(FUNCTION_PROTOTYPE, name, found)
                return
            case "builtin":
                this.lookupBuiltin(v.index, name, found)
                return
            case "native":
                // a property that is computed, or something of a function
                if (!this.isBuiltin(v.receiver)) this.escape(value)
                this.readTop(name)
                found(this.constant(TOP))
                return
            case "prototype":
                found(this.cell(value, name))
                for (const node of this.inherited(value, name)) found(node)
                if (name === "constructor") found(this.constant(TOP))
                return
            case "object":
                found(this.cell(value, name))
                found(this.cell(value, PROTO))
                if (v.of === "array") {
                    this.lookupBuiltin(ARRAY_PROTOTYPE, name, found)
                    return
                }
                for (const node of this.inherited(value, name)) found(node)
                if (name === "constructor") {
                    found(this.constant(TOP))
                    this.escape(value)
                }
                if (v.of !== "map" && this.parentOf(v.of) === "builtin") {
                    this.escape(value)
                    found(this.constant(TOP))
                }
                found(this.cell(this.builtinValue(OBJECT_PROTOTYPE), name))
                if (!this.isSet(v, name)) found(this.unsetField(value, name))
        }
    }

    /** by object and field: `undefined`, if the field may be read before it is set */
    private readonly unsetFields = new Map<number, Map<string, Node>>()
    /** the same, in the order in which they came */
    private readonly unset: Node[] = []

    private unsetField(object: number, name: string): Node {
        let fields = this.unsetFields.get(object)
        if (!fields) this.unsetFields.set(object, (fields = new Map()))
        let node = fields.get(name)
        if (!node) {
            fields.set(name, (node = new Node()))
            this.unset.push(node)
        }
        return node
    }

    private readonly set = new Map<object, Set<string>>()

    /** Whether a field is set before it can be read. */
    private isSet(v: ObjectValue, name: string): boolean {
        if (v.of === "array") return false
        const key = v.of === "map" ? v.site : v.of
        let set = this.set.get(key)
        if (!set) {
            set =
                v.of === "map"
                    ? setByLiteral(
                          v.within,
                          v.within.body.indexOf(v.site as Stmt),
                          this.pinned.get(v.within) as Slots
                      )
                    : setByConstructor(v.of)
            this.set.set(key, set)
        }
        return set.has(name)
    }

    private parentOf(of: Fn): "builtin" | undefined {
        return this.chain(of).some(c => this.parents.get(c) === "builtin")
            ? "builtin"
            : undefined
    }

    private lookupBuiltin(
        index: number,
        name: string,
        found: (node: Node) => void
    ): void {
        const value = this.builtinValue(index)
        if (name === "prototype") {
            const prototype = builtinIndex(
                `${BUILTIN_OBJECTS[index]}_prototype`
            )
            if (prototype >= 0) {
                found(this.constant(this.builtinValue(prototype)))
                return
            }
        }
        found(this.cell(value, name))
        if (name === "length" && SIZED.has(index)) {
            found(this.constant(this.integer()))
            return
        }
        if (SIZES.has(name)) found(this.constant(NUMBER))
        else if (
            index === ARRAY_PROTOTYPE
                ? ARRAY_NATIVES.has(name)
                : KNOWN_NAMES.has(name)
        )
            found(this.constant(NATIVE))
        found(this.constant(UNDEF))
    }

    /** What `object.name` gives: a function is bound to its object. */
    private read(object: Node, name: string, to: Node): void {
        this.on(object, value =>
            this.lookup(value, name, node =>
                this.on(node, found => {
                    if (found === NATIVE) {
                        this.add(to, this.nativeValue(value, name))
                        return
                    }
                    const v = this.valueOf(found)
                    if (v?.kind !== "function" || value === TOP) {
                        this.add(to, found)
                        return
                    }
                    this.boundFns.add(v.fn)
                    this.usedFns.add(v.fn)
                    this.add(this.thisOfBound(v.fn), value)
                    this.add(to, this.boundValue(v.fn, v.closure))
                })
            )
        )
    }

    private write(object: Node, name: string, from: Node): void {
        this.on(object, each => {
            const value = this.plain(each)
            if (value < PLAIN) {
                this.touch(each)
                // a field of a number or a buffer, or of an escaped value
                if (value !== UNDEF && value !== NULL) {
                    if (value === TOP) this.writeTop(name)
                    this.escapeNode(from)
                    const own = PROTOTYPE_OF.get(value)
                    if (own !== undefined)
                        this.copy(from, this.cell(this.builtinValue(own), name))
                }
                return
            }
            const v = this.made(value)
            if (v.kind === "builtin") {
                // the VM looks there
                this.copy(from, this.cell(value, name))
                this.escapeBuiltinField(name, from)
                return
            }
            if (v.kind === "function" || v.kind === "bound") {
                this.copy(from, this.cell(this.fnValue(v.fn, false), name))
                return
            }
            if (v.kind === "prototype" && name === "constructor")
                this.confused ??= "the constructor of a prototype is set"
            if (v.kind === "native") {
                this.escape(value)
                this.escapeNode(from)
                return
            }
            this.copy(from, this.cell(value, name))
        })
    }

    /**
     * A function in a built-in object is called as a method of any object with that
     * prototype: of escaped ones, and of the VM's own.
     */
    private escapeBuiltinField(_name: string, from: Node): void {
        this.escapeNode(from)
    }

    /** `object[index]` with an index that is not a constant string. */
    private readIndex(object: Node, index: Node, to: Node): void {
        this.on(index, key => {
            const names = this.keyNames(key)
            if (names) {
                for (const name of names) {
                    this.compute(object, name)
                    this.read(object, name, to)
                }
                return
            }
            this.on(object, each => {
                const value = this.plain(each)
                if (value === UNDEF || value === NULL) return
                this.add(to, UNDEF)
                const v = this.valueOf(value)
                if (this.plain(key) === NUMBER) {
                    if (value === BYTES) this.add(to, this.integer())
                    else if (value === TEXT) this.add(to, TEXT)
                    else if (v?.kind === "object" && v.of === "array")
                        this.copy(this.cell(value, "[]"), to)
                    else if (value === TOP) this.add(to, TOP)
                    else this.indexAny(value, to)
                } else if (v?.kind === "object" && v.of === "map")
                    this.copy(this.fieldsNode(value), to)
                else this.indexAny(value, to)
            })
        })
    }

    private writeIndex(object: Node, index: Node, from: Node): void {
        this.on(index, key => {
            const names = this.keyNames(key)
            if (names) {
                for (const name of names) {
                    this.compute(object, name)
                    this.write(object, name, from)
                }
                return
            }
            this.on(object, each => {
                const value = this.plain(each)
                if (value === UNDEF || value === NULL) return
                const v = this.valueOf(value)
                const isNumber = this.plain(key) === NUMBER
                this.touch(each)
                if (isNumber && value === BYTES) return
                if (isNumber && v?.kind === "object" && v.of === "array") {
                    this.copy(from, this.cell(value, "[]"))
                    return
                }
                this.escapeNode(from)
                // fields, if it is no number; else elements, which may be anything
                if (!isNumber && !PROTOTYPE_OF.has(value)) this.writeTopAny()
                this.indexAny(value)
            })
        })
    }

    /** `delete object[index]`: nothing is in the field any more. */
    private remove(object: Node, index: Node): void {
        this.on(index, key => {
            const names = this.keyNames(key)
            for (const name of names ?? []) this.compute(object, name)
            this.on(object, each => {
                const value = this.plain(each)
                if (value < PLAIN && value !== TOP) return
                if (names)
                    for (const name of names) this.removeFrom(value, name)
                else this.removeFrom(value)
            })
        })
    }

    /** @param name undefined: any field */
    private removeFrom(value: number, name?: string): void {
        let removed = this.removed.get(value)
        if (!removed) this.removed.set(value, (removed = new Set()))
        if (removed.has(name)) return
        removed.add(name)
        const owners =
            value === TOP ? [...this.escaped, ...this.openFns] : [value]
        for (const owner of owners)
            for (const field of [...this.fieldsOf(owner)])
                if (name === undefined || field === name)
                    this.add(this.cell(owner, field), UNDEF)
    }

    private isRemoved(value: number, name: string): boolean {
        const removed = this.removed.get(value)
        return !!removed && (removed.has(undefined) || removed.has(name))
    }

    /** The access has no fixed name: the field has to stay. */
    private compute(object: Node, name: string): void {
        this.on(object, value => {
            const names = this.computed.get(value)
            if (names) names.add(name)
            else this.computed.set(value, new Set([name]))
        })
    }

    /** Names that a key may stand for, if known. */
    private keyNames(key: number): readonly string[] | undefined {
        const v = this.valueOf(key)
        if (v?.kind === "string") return [v.text]
        return KEY_NAMES.get(this.plain(key))
    }

    private readonly anyField = new Map<number, Node>()

    /** Values of all fields of an object literal. */
    private fieldsNode(value: number): Node {
        let node = this.anyField.get(value)
        if (!node) {
            node = new Node()
            this.anyField.set(value, node)
            this.indexed.add(value)
            for (const name of [...this.fieldsOf(value)])
                this.readAny(value, this.cell(value, name), node)
            const common = this.builtinValue(OBJECT_PROTOTYPE)
            for (const name of [...this.fieldsOf(common)])
                this.readAny(value, this.cell(common, name), node)
            this.add(node, UNDEF)
            this.add(node, this.nativeValue(value, "constructor"))
        }
        return node
    }

    private readAny(value: number, cell: Node, to: Node): void {
        this.on(cell, found => {
            const v = this.valueOf(found)
            if (v?.kind !== "function") {
                this.add(to, found)
                return
            }
            this.boundFns.add(v.fn)
            this.usedFns.add(v.fn)
            this.add(this.thisOfBound(v.fn), value)
            this.add(to, this.boundValue(v.fn, v.closure))
        })
    }

    /** A computed name may name any field. */
    private indexAny(value: number, to?: Node): void {
        if (to) this.add(to, TOP)
        if (value < PLAIN) {
            this.indexTop()
            return
        }
        this.indexed.add(value)
        const v = this.made(value)
        if (v.kind !== "object") {
            this.confused ??= "names of a class's methods are computed"
            return
        }
        this.escape(value)
        if (typeof v.of !== "string")
            for (const name of this.methodNames(v.of))
                this.escapeMethod(value, name)
    }

    /* Calls. */

    private call(
        site: CallSite,
        fn: Fn,
        thisValue: Node | undefined,
        args: Node[],
        to: Node
    ): void {
        site.targets.add(fn)
        // a constructor makes its own object: only after NEW
        if (fn.flags & op.FunctionFlag.IS_CTOR && !thisValue)
            this.confused ??= "a constructor is called without new"
        const params = this.params(fn)
        let formal = 0
        if (fn.flags & op.FunctionFlag.NEEDS_THIS) {
            if (thisValue) this.copy(thisValue, params[0])
            else this.add(params[0], UNDEF)
            formal = 1
        }
        const rest = fn.flags & op.FunctionFlag.HAS_REST_ARG ? 1 : 0
        const last = params.length - rest
        let actual = 0
        for (; formal < last; formal++, actual++)
            if (args[actual]) this.copy(args[actual], params[formal])
            else this.add(params[formal], UNDEF)
        if (rest) {
            const array = this.objectValue("array", fn, fn)
            this.add(params[last], array)
            for (; actual < args.length; actual++)
                this.copy(args[actual], this.cell(array, "[]"))
        }
        this.copy(this.ret(fn), to)
        this.reach(fn)
    }

    private callUnknown(site: CallSite, args: Node[], to: Node): void {
        site.unknown = true
        for (const arg of args) this.escapeNode(arg)
        this.add(to, TOP)
    }

    /** Calls a value, with `this` if it is not bound. */
    private callValue(
        site: CallSite,
        value: number,
        thisValue: Node | undefined,
        args: Node[],
        to: Node
    ): void {
        if (value === TOP) {
            this.callUnknown(site, thisValue ? [...args, thisValue] : args, to)
            return
        }
        const v = this.valueOf(value)
        switch (v?.kind) {
            case "function":
                this.call(site, v.fn, thisValue, args, to)
                return
            case "bound":
                this.call(site, v.fn, this.thisOfBound(v.fn), args, to)
                return
            case "builtin":
                this.callUnknown(
                    site,
                    thisValue ? [...args, thisValue] : args,
                    to
                )
                return
            case "native":
                if (!this.native(site, v.receiver, v.name, args, to))
                    this.callUnknown(
                        site,
                        this.isBuiltin(v.receiver)
                            ? args
                            : [...args, this.constant(v.receiver)],
                        to
                    )
                return
            case "object":
            case "prototype":
                // an object with a function named __func__ in it
                this.escape(value)
                this.callUnknown(site, args, to)
        }
    }

    /** A function of the VM by its name, if its effect is known. */
    private native(
        site: CallSite,
        receiver: number,
        name: string,
        args: Node[],
        to: Node
    ): boolean {
        if (!LEAVE_BUFFERS.has(name)) this.touch(receiver)
        receiver = this.plain(receiver)
        const v = this.valueOf(receiver)
        if (v?.kind === "function" || v?.kind === "bound") {
            if (name !== "start") return false
            site.starts = true
            const fiber = new Node()
            this.callValue(site, receiver, undefined, args, fiber)
            this.add(to, TOP)
            return true
        }
        if (v?.kind === "object" && v.of === "array") {
            const elements = this.cell(receiver, "[]")
            switch (name) {
                case "push":
                    for (const arg of args) this.copy(arg, elements)
                    this.add(to, NUMBER)
                    return true
                case "pushRange":
                    for (const arg of args)
                        this.on(arg, each => {
                            const other = this.plain(each)
                            if (this.objectOf(other)?.of === "array")
                                this.copy(this.cell(other, "[]"), elements)
                            else if (other >= PLAIN || other === TOP) {
                                this.add(elements, TOP)
                                this.escape(other)
                            }
                        })
                    this.add(to, NUMBER)
                    return true
                case "insert":
                    this.add(elements, UNDEF)
                    this.add(to, UNDEF)
                    return true
                case "slice":
                    // a copy: taken for the array itself
                    this.add(to, receiver)
                    return true
                case "join":
                    this.escapeNode(elements)
                    this.add(to, TEXT)
                    return true
            }
            return false
        }
        if (PROTOTYPE_OF.has(receiver)) {
            // of numbers, strings, buffers: they look at such things only
            const known = RESULTS.get(name)
            if (known) {
                for (const result of known) this.add(to, result)
                for (const arg of args)
                    this.on(arg, each => {
                        // bytes are copied
                        const copied =
                            name === "blitAt" && this.plain(each) === BYTES
                        if (!copied) this.escape(each)
                    })
                site.unknown = true
                return true
            }
            this.add(to, NUMBER)
            this.add(to, TEXT)
            this.add(to, BOOL)
            this.add(to, BYTES)
            this.add(to, UNDEF)
            for (const arg of args) this.escapeNode(arg)
            site.unknown = true
            return true
        }
        if (v?.kind === "builtin") {
            if (v.index === MATH) {
                this.add(to, NUMBER)
                return true
            }
            if (v.index === DS) {
                const result = DS_PLAIN.get(name)
                if (result !== undefined) {
                    // data from a bus are written to a buffer
                    for (const arg of args) this.on(arg, v => this.touch(v))
                    this.add(to, result)
                    return true
                }
                if (name === "format") {
                    for (const arg of args) this.escapeNode(arg)
                    this.add(to, TEXT)
                    return true
                }
            }
            if (
                v.index === BUFFER &&
                (name === "alloc" || name === "concat" || name === "from")
            ) {
                const [source] = site.stmt.args.slice(1)
                if (name === "from" && source?.op === op.STATIC_BUFFER) {
                    this.add(to, this.bytesValue(source.n, site.stmt))
                    return true
                }
                for (const arg of args) this.escapeNode(arg)
                this.add(to, BYTES)
                return true
            }
            if (v.index === ARRAY && name === "isArray") {
                this.add(to, BOOL)
                return true
            }
            if (v.index === JSON_OBJECT && name === "stringify") {
                for (const arg of args) this.escapeNode(arg)
                this.add(to, TEXT)
                return true
            }
            // writes all names of the source
            if (v.index === OBJECT && name === "assign") this.writeTopAny()
            if (v.index === OBJECT && name === "keys") {
                const names = this.objectValue("array", site.stmt, site.fn)
                this.add(this.cell(names, "[]"), TEXT)
                this.add(to, names)
                for (const arg of args)
                    this.on(arg, value => {
                        if (this.plain(value) >= PLAIN) this.indexed.add(value)
                    })
                return true
            }
            if (v.index === OBJECT && name === "setPrototypeOf")
                return this.derive(args, to)
        }
        return false
    }

    /** `Object.setPrototypeOf(&B.prototype, &A.prototype)`, as the compiler has it. */
    private derive(args: Node[], to: Node): boolean {
        this.add(to, UNDEF)
        const [of, from] = args
        this.on(of, child =>
            this.on(from, parent => {
                const c = this.valueOf(child)
                const p = this.valueOf(parent)
                if (c?.kind === "object") {
                    // from then on its contents are unknown
                    this.escape(child)
                    this.add(this.cell(child, PROTO), TOP)
                    // its fields may be read from the prototype; the contents of a
                    // built-in one have escaped already
                    if (p?.kind === "builtin") return
                    if (p?.kind !== "prototype") this.escape(parent)
                    else if (
                        typeof c.of === "string" ||
                        !this.chain(c.of).includes(p.of)
                    )
                        this.confused ??= "an object's prototype is changed"
                    return
                }
                if (c?.kind !== "prototype") {
                    this.confused ??= "an object's prototype is changed"
                    return
                }
                const known = this.parents.get(c.of)
                const next =
                    p?.kind === "prototype"
                        ? p.of
                        : p?.kind === "builtin"
                          ? "builtin"
                          : undefined
                if (
                    next === undefined ||
                    (known !== undefined && known !== next)
                ) {
                    this.confused ??= "a class has two parents"
                    return
                }
                this.parents.set(c.of, next)
                this.chains.clear()
            })
        )
        return true
    }

    private callMethod(
        site: CallSite,
        object: Node,
        name: string,
        args: Node[],
        to: Node
    ): void {
        this.on(object, value => {
            const self = this.constant(value)
            this.lookup(value, name, node =>
                this.on(node, found => {
                    if (found !== NATIVE) {
                        const known = found !== TOP || !this.isBuiltin(value)
                        this.callValue(
                            site,
                            found,
                            known ? self : undefined,
                            args,
                            to
                        )
                        return
                    }
                    if (this.native(site, value, name, args, to)) return
                    // a built-in object stays what it is
                    const more = this.isBuiltin(value) ? args : [...args, self]
                    this.callUnknown(site, more, to)
                })
            )
        })
    }

    private isBuiltin(value: number): boolean {
        return this.valueOf(value)?.kind === "builtin"
    }

    private construct(
        site: CallSite,
        cls: number,
        args: Node[],
        to: Node
    ): void {
        const v = this.valueOf(cls)
        if (v?.kind !== "function") {
            this.callUnknown(site, args, to)
            if (!this.isBuiltin(cls)) this.escape(cls)
            return
        }
        const object = this.objectValue(v.fn, site.stmt, site.fn)
        this.add(to, object)
        // a value that it returns would replace the object
        const result = new Node()
        this.call(site, v.fn, this.constant(object), args, result)
        this.on(result, value => {
            if (value !== UNDEF) this.add(to, value)
        })
    }

    /* Functions. */

    private reach(fn: Fn): void {
        if (this.reached.has(fn)) return
        this.reached.add(fn)
        const definitions = definitionsOf(
            fn,
            this.pinned.get(fn) as Slots,
            this.kept
        )
        if (!definitions) {
            this.confused ??= "handlers of a function are not nested"
            return
        }
        this.definitions.set(fn, definitions)
        new Body(fn, definitions, this.context).follow()
    }

    private readonly context = {
        on: (node: Node, f: (value: number) => void): void => this.on(node, f),
        add: (node: Node, value: number): void => this.add(node, value),
        copy: (from: Node, to: Node): void => this.copy(from, to),
        constant: (value: number): Node => this.constant(value),
        params: (fn: Fn): Node[] => this.params(fn),
        ret: (fn: Fn): Node => this.ret(fn),
        slot: (fn: Fn, slot: number): Node => this.slot(fn, slot),
        kept: (n: number): number | undefined => this.kept.get(n),
        global: (n: number): Node => this.globals[n],
        pinned: (fn: Fn): Slots => this.pinned.get(fn) as Slots,
        shared: (fn: Fn): Slots => this.shared.get(fn) as Slots,
        ancestors: (fn: Fn, levels: number): Fn[] => {
            let frames = new Set([fn])
            for (let i = 0; i < levels; i++)
                frames = new Set(
                    [...frames].flatMap(f => [...(this.makers.get(f) ?? [])])
                )
            return [...frames]
        },
        fnValue: (fn: Fn, closure: boolean): number =>
            this.fnValue(fn, closure),
        bind: (fn: Node, self: Node, to: Node): void =>
            this.on(fn, value => {
                const v = this.valueOf(value)
                if (v?.kind === "function") {
                    this.boundFns.add(v.fn)
                    this.copy(self, this.thisOfBound(v.fn))
                    this.add(to, this.boundValue(v.fn, v.closure))
                } else {
                    if (this.plain(value) >= PLAIN || value === TOP)
                        this.escapeNode(self)
                    this.add(to, value === UNDEF ? UNDEF : TOP)
                }
            }),
        string: (text: string): number => this.stringValue(text),
        is: (value: number | boolean): number => this.constantValue(value),
        integer: (): number => this.integer(),
        bytes: (n: number): number => this.bytesValue(n),
        touch: (node: Node): void => this.on(node, value => this.touch(value)),
        truth: (value: number): number => this.truth(value),
        type: (value: number): number => {
            const name = TYPE_NAMES.get(this.plain(value))
            return name === undefined ? TEXT : this.stringValue(name)
        },
        logic: (
            operator: number,
            a: Node,
            b: Node | undefined,
            to: Node
        ): void => {
            const give = (x: number, y?: number): void => {
                const truth = this.logic(operator, x, y)
                if (truth & Truth.True) this.add(to, this.constantValue(true))
                if (truth & Truth.False) this.add(to, this.constantValue(false))
            }
            if (!b) {
                this.on(a, x => give(x))
                return
            }
            this.on(a, x => {
                for (const y of b.values) give(x, y)
            })
            this.on(b, y => {
                for (const x of a.values) give(x, y)
            })
        },
        followed: (e: Expr, node: Node): void => {
            this.nodes.set(e, node)
        },
        visited: (s: Stmt): void => {
            this.visited.add(s)
        },
        condition: (node: Node): void => {
            this.conditions.push(node)
        },
        isText: (value: number): boolean => this.plain(value) === TEXT,
        builtin: (index: number): Node =>
            this.constant(this.builtinValue(index)),
        read: (object: Node, name: string, to: Node): void =>
            this.read(object, name, to),
        readIndex: (object: Node, index: Node, to: Node): void =>
            this.readIndex(object, index, to),
        write: (object: Node, name: string, from: Node): void =>
            this.write(object, name, from),
        writeIndex: (object: Node, index: Node, from: Node): void =>
            this.writeIndex(object, index, from),
        remove: (object: Node, index: Node): void => this.remove(object, index),
        escape: (node: Node): void => this.escapeNode(node),
        callMethod: (
            site: CallSite,
            object: Node,
            name: string,
            args: Node[],
            to: Node
        ): void => this.callMethod(site, object, name, args, to),
        callNode: (
            site: CallSite,
            callee: Node,
            args: Node[],
            to: Node
        ): void =>
            this.on(callee, value =>
                this.callValue(site, value, undefined, args, to)
            ),
        callBound: (
            site: CallSite,
            fn: Node,
            self: Node,
            args: Node[],
            to: Node
        ): void =>
            this.on(fn, value => this.callValue(site, value, self, args, to)),
        construct: (site: CallSite, cls: Node, args: Node[], to: Node): void =>
            this.on(cls, value => this.construct(site, value, args, to)),
        array: (site: Stmt, within: Fn): number =>
            this.objectValue("array", site, within),
        map: (site: Stmt, within: Fn): number =>
            this.objectValue("map", site, within),
        access: (access: Access): void => {
            this.accesses.push(access)
        },
        site: (site: CallSite): void => {
            this.calls.push(site)
        },
        method: (of: Fn, name: string, fn: Fn, s: Stmt, within: Fn): void => {
            this.methods.push({ of, name, fn, stmt: s, within })
        },
        used: (fn: Fn): void => {
            this.usedFns.add(fn)
        },
        unknownCall: (site: CallSite, args: Node[], to: Node): void =>
            this.callUnknown(site, args, to),
    }
}

type Context = Values["context"]

/** Follows the statements of a function, once. */
class Body {
    private readonly fn: Fn
    private readonly definitions: Definitions
    private readonly c: Context
    private readonly pinned: Slots
    private readonly shared: Slots
    private readonly stores: (Node | undefined)[]
    private readonly results: (Node | undefined)[]
    private index = 0
    private current!: Stmt

    constructor(fn: Fn, definitions: Definitions, context: Context) {
        this.fn = fn
        this.definitions = definitions
        this.c = context
        this.pinned = context.pinned(fn)
        this.shared = context.shared(fn)
        this.stores = new Array<undefined>(fn.body.length).fill(undefined)
        this.results = new Array<undefined>(fn.body.length).fill(undefined)
    }

    /** statements that store a method, by what calls it */
    private readonly calledLater = new Map<number, number>()
    private readonly callee = new Map<number, number>()

    private findSpilled(): void {
        const { fn, definitions } = this
        const { body } = fn
        body.forEach((s, k) => {
            if (!op.isCall(s.op) || s.args[0].op !== op.LOAD_LOCAL) return
            const slot = s.args[0].n
            if (has(this.pinned, slot)) return
            const defs = definitions.slots[k].at(slot)
            if (defs?.size !== 1) return
            const [i] = defs
            const store = body[i]
            if (i < 0 || store.args[0].op !== FIELD) return
            let uses = 0
            body.forEach((t, at) => {
                if (!definitions.slots[at].at(slot)?.has(i)) return
                walkStmt(t, e => {
                    if (e.op === op.LOAD_LOCAL && e.n === slot) uses++
                })
            })
            if (uses !== 1) return
            this.calledLater.set(i, k)
            this.callee.set(k, i)
        })
    }

    follow(): void {
        this.findSpilled()
        this.visit([0])
    }

    private readonly seen = new Set<number>()
    private readonly pending: number[] = []
    private visiting = false

    /** Follows statements that may run, and their successors. */
    private visit(from: readonly number[]): void {
        for (const i of from) this.pending.push(i)
        // values may come to a condition while another statement is followed
        if (this.visiting) return
        this.visiting = true
        const { body } = this.fn
        const { flow } = this.definitions
        for (
            let i = this.pending.pop();
            i !== undefined;
            i = this.pending.pop()
        ) {
            if (this.seen.has(i)) continue
            this.seen.add(i)
            const s = body[i]
            this.index = i
            this.current = s
            this.c.visited(s)
            this.statement(s, i)
            for (const k of flow.thrown[i]) this.pending.push(k)
            if (s.op === op.JMP_Z) this.branch(s, i)
            else for (const k of flow.next[i]) this.pending.push(k)
        }
        this.visiting = false
    }

    /** Goes where the values of a condition lead. */
    private branch(s: Stmt, i: number): void {
        const { c } = this
        const node = this.value(s.args[0])
        c.condition(node)
        const [target] = this.definitions.flow.next[i]
        c.on(node, value => {
            const truth = c.truth(value)
            if (truth & Truth.True) this.visit([i + 1])
            if (truth & Truth.False) this.visit([target])
        })
    }

    /** Value that a statement stores into its slot. */
    private stored(i: number): Node {
        return (this.stores[i] ??= new Node())
    }

    /** Value of RET_VAL after a statement. */
    private result(i: number): Node {
        return (this.results[i] ??= new Node())
    }

    private loadLocal(slot: number): Node {
        const { fn, c } = this
        if (has(this.shared, slot)) return c.slot(fn, slot)
        const node = new Node()
        for (const d of this.definitions.slots[this.index].at(slot) ?? [-1])
            if (d >= 0) c.copy(this.stored(d), node)
            else if (slot < fn.params) c.copy(c.params(fn)[slot], node)
            else c.add(node, UNDEF)
        return this.present(node, slot)
    }

    private loadGlobal(n: number): Node {
        const { fn, c } = this
        const kept = c.kept(n)
        return kept === undefined
            ? c.global(n)
            : this.present(c.global(n), fn.slots + kept)
    }

    /** Values of a place, without undefined and null if it must be set. */
    private present(node: Node, place: number): Node {
        const { c } = this
        if (!has(this.definitions.present[this.index], place)) return node
        const present = new Node()
        c.on(node, value => {
            if (value !== UNDEF && value !== NULL) c.add(present, value)
        })
        return present
    }

    /** The node of an expression's value. */
    private value(e: Expr): Node {
        const node = this.valueOf(e)
        this.c.followed(e, node)
        return node
    }

    private valueOf(e: Expr): Node {
        const { c, fn } = this
        if (NUMERIC.has(e.op)) {
            e.args.forEach(arg => this.value(arg))
            return c.constant(NUMBER)
        }
        if (INTEGRAL.has(e.op)) {
            e.args.forEach(arg => this.value(arg))
            return c.constant(c.integer())
        }
        if (LOGICAL.has(e.op)) {
            const [a, b] = e.args.map(arg => this.value(arg))
            if (IDENTITY.has(e.op) && e.args.every(mayBeBuffer)) {
                c.touch(a)
                c.touch(b)
            }
            const node = new Node()
            c.logic(e.op, a, b, node)
            return node
        }
        switch (e.op) {
            case op.LITERAL:
                return c.constant((e.n | 0) === e.n ? c.is(e.n) : NUMBER)
            case op.TRUE:
                return c.constant(c.is(true))
            case op.FALSE:
                return c.constant(c.is(false))
            case op.UNDEFINED:
                return c.constant(UNDEF)
            case op.NULL:
                return c.constant(NULL)
            case STRING:
                return c.constant(c.string(e.text as string))
            case op.TYPEOF_STR: {
                const node = new Node()
                c.on(this.value(e.args[0]), value => c.add(node, c.type(value)))
                return node
            }
            case op.STATIC_BUFFER:
                return c.constant(c.bytes(e.n))
            case op.LOAD_BUFFER: {
                e.args.forEach(arg => this.value(arg))
                const node = new Node()
                for (const value of [NUMBER, BOOL, UNDEF]) c.add(node, value)
                return node
            }
            case op.LOAD_LOCAL:
                return this.loadLocal(e.n)
            case op.LOAD_GLOBAL:
                return this.loadGlobal(e.n)
            case op.LOAD_CLOSURE: {
                const node = new Node()
                const [levels] = e.args
                for (const frame of c.ancestors(fn, levels.n))
                    c.copy(c.slot(frame, e.n), node)
                return node
            }
            case op.STATIC_FUNCTION:
                c.used(e.fn as Fn)
                return c.constant(c.fnValue(e.fn as Fn, false))
            case op.MAKE_CLOSURE:
                c.used(e.fn as Fn)
                return c.constant(c.fnValue(e.fn as Fn, true))
            case op.BUILTIN_OBJECT:
                return c.builtin(e.n)
            case op.DS_FIELD:
                return this.field(e, c.builtin(DS))
            case op.MATH_FIELD:
                return this.field(e, c.builtin(MATH))
            case op.OBJECT_FIELD:
                return this.field(e, c.builtin(OBJECT))
            case FIELD:
                // `&C.prototype` is no use of the function
                if (
                    e.text === "prototype" &&
                    e.args[0].op === op.STATIC_FUNCTION
                ) {
                    const node = new Node()
                    c.read(
                        c.constant(c.fnValue(e.args[0].fn as Fn, false)),
                        "prototype",
                        node
                    )
                    return node
                }
                return this.field(e, this.value(e.args[0]))
            case op.INDEX: {
                const object = this.value(e.args[0])
                const index = this.value(e.args[1])
                const node = new Node()
                c.readIndex(object, index, node)
                this.access(undefined, "read", object, e)
                return node
            }
            case op.BIND: {
                const node = new Node()
                c.bind(this.value(e.args[0]), this.value(e.args[1]), node)
                return node
            }
            case op.ADD: {
                const node = new Node()
                c.add(node, NUMBER)
                for (const arg of e.args) {
                    // an object as a string is always "map"
                    const operand = this.value(arg)
                    c.on(operand, value => {
                        if (c.isText(value) || value === TOP) c.add(node, TEXT)
                    })
                }
                return node
            }
            case op.RET_VAL: {
                const node = new Node()
                for (const d of this.definitions.ret[this.index])
                    if (d >= 0) c.copy(this.result(d), node)
                    else c.add(node, TOP)
                return node
            }
        }
        for (const arg of e.args) c.escape(this.value(arg))
        return c.constant(TOP)
    }

    private field(e: Expr, object: Node): Node {
        const node = new Node()
        this.c.read(object, e.text as string, node)
        this.access(e.text, "read", object, e)
        return node
    }

    private access(
        name: string | undefined,
        kind: Access["kind"],
        object: Node,
        e?: Expr
    ): void {
        this.c.access({
            fn: this.fn,
            stmt: this.current,
            expr: e,
            name,
            kind,
            object,
        })
    }

    private statement(s: Stmt, i: number): void {
        const { c, fn } = this
        if (op.isCall(s.op)) {
            this.call(s, i)
            return
        }
        switch (s.op) {
            case op.STORE_LOCAL: {
                // a method that is called a little later, and nothing else
                if (this.calledLater.has(i)) return
                const value = this.value(s.args[0])
                c.copy(value, this.stored(i))
                if (has(this.pinned, s.n)) c.copy(value, c.slot(fn, s.n))
                return
            }
            case op.STORE_GLOBAL:
                c.copy(this.value(s.args[0]), c.global(s.n))
                return
            case op.STORE_CLOSURE: {
                const value = this.value(s.args[1])
                for (const frame of c.ancestors(fn, s.args[0].n))
                    c.copy(value, c.slot(frame, s.n))
                return
            }
            case op.STORE_RET_VAL:
                c.copy(this.value(s.args[0]), this.result(i))
                return
            case op.JMP_RET_VAL_Z:
                for (const d of this.definitions.ret[i])
                    if (d >= 0) c.copy(this.result(d), this.result(i))
                    else c.add(this.result(i), TOP)
                c.add(this.result(i), UNDEF)
                return
            case op.RETURN:
                c.copy(this.value(s.args[0]), c.ret(fn))
                return
            case op.ALLOC_MAP:
                c.add(this.result(i), c.map(s, fn))
                return
            case op.ALLOC_ARRAY:
                this.value(s.args[0])
                c.add(this.result(i), c.array(s, fn))
                return
            case op.ALLOC_BUFFER:
                this.value(s.args[0])
                c.add(this.result(i), BYTES)
                return
            case op.INDEX_SET:
                this.indexSet(s)
                return
            case op.INDEX_DELETE: {
                const object = this.value(s.args[0])
                const [, key] = s.args
                // the field is gone, or comes from a prototype afterwards
                c.escape(object)
                c.remove(object, this.value(key))
                this.access(undefined, "delete", object)
                c.add(this.result(i), BOOL)
                return
            }
            case op.CATCH:
            case op.FINALLY:
                c.add(this.result(i), TOP)
                return
            case op.JMP_Z:
                // see `branch()`
                return
            case op.STORE_BUFFER:
                s.args.forEach(arg => c.touch(this.value(arg)))
                return
        }
        // thrown values, and calls with an array of arguments
        for (const arg of s.args) c.escape(this.value(arg))
        c.add(this.result(i), TOP)
        if (s.op === op.CALL_ARRAY) {
            const site: CallSite = {
                fn,
                stmt: s,
                callee: undefined,
                targets: new Set(),
                unknown: true,
                starts: true,
            }
            c.site(site)
        }
    }

    private indexSet(s: Stmt): void {
        const { c, fn } = this
        const [target, key, from] = s.args
        const object = this.value(target)
        if (key.op !== STRING) {
            c.writeIndex(object, this.value(key), this.value(from))
            this.access(undefined, "write", object)
            return
        }
        const name = key.text as string
        const cls = target.args[0]
        if (
            target.op === FIELD &&
            target.text === "prototype" &&
            cls.op === op.STATIC_FUNCTION &&
            from.op === op.STATIC_FUNCTION
        ) {
            c.method(cls.fn as Fn, name, from.fn as Fn, s, fn)
            c.write(object, name, c.constant(c.fnValue(from.fn as Fn, false)))
            return
        }
        c.write(object, name, this.value(from))
        this.access(name, "write", object)
    }

    private call(s: Stmt, i: number): void {
        const { c, fn } = this
        const [callee, ...rest] = s.args
        const to = this.result(i)
        const site: CallSite = {
            fn,
            stmt: s,
            callee: undefined,
            targets: new Set(),
            unknown: false,
            starts: false,
        }
        c.site(site)
        const space =
            callee.op === op.DS_FIELD
                ? DS
                : callee.op === op.MATH_FIELD
                  ? MATH
                  : callee.op === op.OBJECT_FIELD
                    ? OBJECT
                    : undefined
        if (callee.op === FIELD || space !== undefined) {
            const object =
                space !== undefined
                    ? c.builtin(space)
                    : this.value(callee.args[0])
            const args = rest.map(arg => this.value(arg))
            this.access(callee.text, "call", object, callee)
            c.callMethod(site, object, callee.text as string, args, to)
            return
        }
        if (callee.op === op.STATIC_FUNCTION) {
            // a call is no other use of the function
            site.callee = c.constant(c.fnValue(callee.fn as Fn, false))
            const args = rest.map(arg => this.value(arg))
            c.callNode(site, site.callee, args, to)
            return
        }
        if (callee.op === op.NEW) {
            const [cls] = callee.args
            const node =
                cls.op === op.STATIC_FUNCTION
                    ? c.constant(c.fnValue(cls.fn as Fn, false))
                    : this.value(cls)
            const args = rest.map(arg => this.value(arg))
            c.construct(site, node, args, to)
            return
        }
        if (callee.op === op.BIND && callee.args[0].op === op.STATIC_FUNCTION) {
            // super(…), super.method(…)
            const node = c.constant(c.fnValue(callee.args[0].fn as Fn, false))
            const self = this.value(callee.args[1])
            const args = rest.map(arg => this.value(arg))
            c.callBound(site, node, self, args, to)
            return
        }
        const spilled = this.callee.get(i)
        if (spilled !== undefined) {
            const store = fn.body[spilled]
            const [method] = store.args
            const args = rest.map(arg => this.value(arg))
            this.index = spilled
            const object = this.value(method.args[0])
            this.index = i
            site.spilled = store
            this.access(method.text, "call", object, method)
            c.callMethod(site, object, method.text as string, args, to)
            return
        }
        site.callee = this.value(callee)
        const args = rest.map(arg => this.value(arg))
        c.callNode(site, site.callee, args, to)
    }
}

export const valuesOf = (program: Program): Values => new Values(program)

/** Which definitions reach which statements. */
function definitionsOf(
    fn: Fn,
    pinned: Slots,
    kept: Kept
): Definitions | undefined {
    const { body } = fn
    const flow = flowOf(body)
    if (!flow) return undefined
    // statements share equal sets, which are never changed
    const nothing: Indices[] = []
    const slots: Indices[][] = body.map(() => nothing)
    const ret: Indices[] = body.map(() => NONE)
    const work = new Worklist(body.length)
    const merge = (k: number, from: Indices[], results: Indices): void => {
        let all = slots[k]
        if (all === nothing) all = from
        else if (all !== from)
            for (let slot = 0; slot < from.length; slot++) {
                if (all[slot] === from[slot]) continue
                const both = united(all[slot], from[slot])
                if (both === all[slot]) continue
                if (all === slots[k]) all = [...all]
                all[slot] = both
            }
        const known = united(ret[k], results)
        if (all === slots[k] && known === ret[k]) return
        slots[k] = all
        ret[k] = known
        work.add(k)
    }
    const outside: Indices = new Set([-1])
    /** by index of statement: itself */
    const own: (Indices | undefined)[] = []
    const only = (i: number): Indices => (own[i] ??= new Set([i]))
    merge(
        0,
        Array.from({ length: fn.slots }, () => outside),
        outside
    )
    for (let i = work.next(); i !== undefined; i = work.next()) {
        const s = body[i]
        let after = slots[i]
        let results = ret[i]
        if (s.op === op.STORE_LOCAL) {
            after = [...after]
            after[s.n] = only(i)
        }
        if (changesRet(s)) results = only(i)
        for (const k of flow.next[i]) merge(k, after, results)
        // what throws has not stored; the handler sets the result itself
        for (const k of flow.thrown[i]) merge(k, slots[i], results)
    }
    return { flow, slots, ret, present: presentSlots(fn, flow, pinned, kept) }
}
