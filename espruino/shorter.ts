/**
 * What makes a module shorter, and faster to interpret, and no minifier does: an
 * interpreter of source text reads each character of what it runs, and of what it skips.
 *
 * - `let` and `const` become `var`: a block with variables of its own costs a scope.
 * - A method that says `this` often keeps it in a variable with a short name.
 * - Fields that begin alike are set together: `fields(this, "a b c", 0)`.
 * - Names of properties become short, those that are used most often first.
 */
import { parse, type AnyNode, type Program } from "acorn"

type Visit = (node: AnyNode, up: AnyNode[]) => boolean | void

/** Goes through a tree; a visitor that returns false does not want what is inside. */
export function walk(node: AnyNode, visit: Visit, up: AnyNode[] = []): void {
    if (visit(node, up) === false) return
    const inside = [...up, node]
    for (const value of Object.values(node))
        for (const child of Array.isArray(value) ? value : [value])
            if (
                child &&
                typeof child === "object" &&
                typeof child.type === "string"
            )
                walk(child as AnyNode, visit, inside)
}

export interface Edit {
    readonly from: number
    readonly to: number
    readonly text: string
}

/** What of two edits is within the other one is left out. */
export function apply(code: string, edits: Edit[]): string {
    let result = ""
    let at = 0
    /** what is put in front of something comes first, then what is longest */
    const length = ({ from, to }: Edit): number =>
        from === to ? code.length + 1 : to - from
    const sorted = edits.sort(
        (a, b) => a.from - b.from || length(b) - length(a)
    )
    for (const edit of sorted) {
        if (edit.from < at) continue
        result += code.slice(at, edit.from) + edit.text
        at = edit.to
    }
    return result + code.slice(at)
}

function parsed(code: string): Program {
    return parse(code, { ecmaVersion: 2022, sourceType: "module" })
}

const isFunction = (node: AnyNode): boolean => /Function/.test(node.type)
const isLoop = (node: AnyNode): boolean => /^(For|While|Do)/.test(node.type)
const isScope = (node: AnyNode): boolean =>
    isFunction(node) ||
    isLoop(node) ||
    node.type === "BlockStatement" ||
    node.type === "SwitchStatement" ||
    node.type === "CatchClause" ||
    node.type === "Program"

/** Whether an identifier is a variable, not the name of a property. */
function isVariable(node: AnyNode, up: AnyNode[]): boolean {
    const parent = up.at(-1)
    if (node.type !== "Identifier" || !parent) return false
    if (parent.type === "MemberExpression")
        return parent.object === node || parent.computed
    if (parent.type === "MethodDefinition") return parent.computed
    if (parent.type === "Property")
        return parent.value === node || parent.computed
    return true
}

/** `let` and `const` as `var`, whose scope is the function. */
export function withVar(code: string): string {
    const edits: Edit[] = []
    let count = 0
    walk(parsed(code), (node, up) => {
        if (
            node.type !== "VariableDeclaration" ||
            (node.kind !== "let" && node.kind !== "const")
        )
            return
        const at = up.findLastIndex(isFunction)
        if (at < 0) return
        const owner = up[at]
        const scope = up.findLast(isScope) as AnyNode
        const loop = up.slice(at).some(isLoop)
        const parent = up.at(-1) as AnyNode
        edits.push({
            from: node.start,
            to: node.start + node.kind.length,
            text: "var",
        })
        for (const declarator of node.declarations) {
            const { id } = declarator
            if (id.type !== "Identifier")
                throw new Error(`destructuring: ${code.slice(node.start)}`)
            // each turn of a loop has a new one
            const isHead =
                parent.type === "ForInStatement" ||
                parent.type === "ForOfStatement"
            if (loop && !declarator.init && !isHead)
                edits.push({
                    from: id.end,
                    to: id.end,
                    text: " = void 0",
                })
            const inside: AnyNode[] = []
            let elsewhere = false
            walk(owner, (other, above) => {
                if (
                    !isVariable(other, above) ||
                    other.type !== "Identifier" ||
                    other.name !== id.name
                )
                    return
                if (other.start >= scope.start && other.end <= scope.end)
                    inside.push(other)
                else elsewhere = true
            })
            // a block of its own, and nobody else has the name
            const shadowed = inside.some(other => {
                let found = false
                walk(scope, (child, above) => {
                    if (
                        child.type === "VariableDeclarator" &&
                        child.id === other &&
                        child !== declarator &&
                        above.findLast(isScope) !== scope
                    )
                        found = true
                })
                return found
            })
            if (shadowed) throw new Error(`${id.name} stands within ${id.name}`)
            if (!elsewhere) continue
            const name = `${id.name}$${++count}`
            for (const other of inside)
                edits.push({
                    from: other.start,
                    to: other.end,
                    text: name,
                })
        }
    })
    return apply(code, edits)
}

/** So often `this` has to be said. */
const OFTEN = 4

/** A variable for `this` where it is said often. */
export function withSelf(code: string): string {
    const edits: Edit[] = []
    walk(parsed(code), (node, up) => {
        if (
            node.type !== "FunctionExpression" &&
            node.type !== "FunctionDeclaration"
        )
            return
        const { body } = node
        const said: AnyNode[] = []
        walk(body, inner => {
            if (
                inner.type === "FunctionExpression" ||
                inner.type === "FunctionDeclaration" ||
                inner.type === "ClassExpression"
            )
                return false
            if (inner.type === "ThisExpression") said.push(inner)
            return undefined
        })
        if (said.length < OFTEN) return
        if (up.length === 0) return
        edits.push({
            from: body.start + 1,
            to: body.start + 1,
            text: "var $self=this;",
        })
        for (const { start, end } of said)
            edits.push({ from: start, to: end, text: "$self" })
    })
    return apply(code, edits)
}

/** How the function is called that sets fields together. */
const FIELDS = "$fields"
/** so many have to begin alike */
const ALIKE = 3

/** Fields of constructors that begin alike are set by one call. */
export function withFields(code: string): string {
    const edits: Edit[] = []
    walk(parsed(code), node => {
        if (node.type !== "MethodDefinition" || node.kind !== "constructor")
            return
        const { body } = node.value
        const alike = new Map<string, AnyNode[]>()
        for (const statement of body.body) {
            if (
                statement.type !== "ExpressionStatement" ||
                statement.expression.type !== "AssignmentExpression"
            )
                continue
            const { left, right } = statement.expression
            if (
                left.type !== "MemberExpression" ||
                left.object.type !== "ThisExpression"
            )
                continue
            const value = code.slice(right.start, right.end)
            if (!/^(-?\d+|!0|!1|null|"")$/.test(value)) continue
            const list = alike.get(value) ?? []
            list.push(statement)
            alike.set(value, list)
        }
        for (const [value, list] of alike) {
            if (list.length < ALIKE) continue
            const names = list.map(({ start, end }) =>
                code.slice(start, end).replace(/^this\.(\w+)\s*=[^]*$/, "$1")
            )
            edits.push({
                from: body.start + 1,
                to: body.start + 1,
                text: `${FIELDS}(this,"${names.join(" ")}",${value});`,
            })
            for (const { start, end } of list)
                edits.push({ from: start, to: end, text: "" })
        }
    })
    if (edits.length === 0) return code
    return (
        `function ${FIELDS}(o,n,v){for(var i of n.split(" "))o[i]=v}\n` +
        apply(code, edits)
    )
}

/** Blocks of expressions become one expression: a block takes its brackets, and time. */
export function withoutBlocks(code: string): string {
    const edits: Edit[] = []
    walk(parsed(code), (node, up) => {
        const parent = up.at(-1)
        if (
            node.type !== "BlockStatement" ||
            node.body.length === 0 ||
            !parent ||
            !/^(If|For|While)/.test(parent.type) ||
            !node.body.every(inner => inner.type === "ExpressionStatement")
        )
            return
        // what stands behind `else` has to stand apart
        const before = /\w/.test(code[node.start - 1]) ? " " : ""
        node.body.forEach(({ start, end }, i) => {
            const last = i === node.body.length - 1
            edits.push({
                from: i === 0 ? node.start : node.body[i - 1].end,
                to: start,
                text: i === 0 ? before : "",
            })
            const closed = code[end - 1] === ";"
            edits.push({
                from: closed ? end - 1 : end,
                to: last ? node.end : end,
                text: last ? ";" : ",",
            })
        })
    })
    return apply(code, edits)
}

const LETTERS = "tsiehrnocaufldwbkpTmCAPSIEgRvNyODULMGFxWKVBXqjzHYQ_ZJ$"
const DIGITS = "0123456789"

/** Short names, one after the other. */
function* shortNames(taken: Set<string>): Generator<string> {
    const all = LETTERS + DIGITS
    for (let length = 1; ; length++) {
        const size = LETTERS.length * all.length ** (length - 1)
        for (let i = 0; i < size; i++) {
            let rest = i
            let name = LETTERS[rest % LETTERS.length]
            rest = Math.floor(rest / LETTERS.length)
            for (let k = 1; k < length; k++) {
                name += all[rest % all.length]
                rest = Math.floor(rest / all.length)
            }
            if (!taken.has(name)) yield name
        }
    }
}

/**
 * @param own names of properties that nobody else knows
 * @param reserved names that can not be
 */
export function withShortNames(
    code: string,
    own: ReadonlySet<string>,
    reserved: readonly string[]
): string {
    const places: { from: number; to: number; name: string; also: string }[] =
        []
    const taken = new Set(reserved)
    /** @param also what stands behind it */
    const found = (node: AnyNode, also = ""): void => {
        if (node.type !== "Identifier") return
        const { start, end, name } = node
        if (own.has(name)) places.push({ from: start, to: end, name, also })
        else taken.add(name)
    }
    walk(parsed(code), node => {
        if (node.type === "MemberExpression" && !node.computed)
            found(node.property as AnyNode)
        if (
            (node.type === "MethodDefinition" || node.type === "Property") &&
            !node.computed
        ) {
            const { start, end } = node.key
            const short = node.type === "Property" && node.shorthand
            found(
                node.key as AnyNode,
                short ? `:${code.slice(start, end)}` : ""
            )
        }
        if (
            node.type === "CallExpression" &&
            node.callee.type === "Identifier" &&
            node.callee.name === FIELDS
        ) {
            const list = node.arguments[1] as AnyNode
            let at = list.start + 1
            for (const name of code.slice(at, list.end - 1).split(" ")) {
                if (own.has(name))
                    places.push({
                        from: at,
                        to: at + name.length,
                        name,
                        also: "",
                    })
                at += name.length + 1
            }
        }
    })
    const counts = new Map<string, number>()
    for (const { name } of places) counts.set(name, (counts.get(name) ?? 0) + 1)
    const short = shortNames(taken)
    const names = new Map<string, string>()
    for (const [name] of [...counts].sort((a, b) => b[1] - a[1]))
        names.set(name, short.next().value as string)
    return apply(
        code,
        places.map(({ from, to, name, also }) => ({
            from,
            to,
            text: `${names.get(name) as string}${also}`,
        }))
    )
}
