/**
 * Transformations that no minifier does, which make a module shorter and faster to
 * interpret: an interpreter of source text reads each character that it runs or skips.
 *
 * - `let` and `const` become `var`: a block with its own variables costs a scope.
 * - A method that says `this` often keeps it in a variable with a short name.
 * - Fields with the same value are set together: `this.a = this.b = 0`.
 * - Names of properties become short, those that are used most often first.
 */
import type { AnyNode, ClassExpression, ObjectExpression } from "acorn"
import { MISSING } from "./subset"
import {
    apply,
    isFunction,
    isPath,
    isVariable,
    parsed,
    walk,
    type Edit,
} from "./tree"
import { fieldsOf, ZEROS } from "./cold"
import type { Kin } from "./typed"

const isLoop = (node: AnyNode): boolean => /^(For|While|Do)/.test(node.type)
const isScope = (node: AnyNode): boolean =>
    isFunction(node) ||
    isLoop(node) ||
    node.type === "BlockStatement" ||
    node.type === "SwitchStatement" ||
    node.type === "CatchClause" ||
    node.type === "Program"

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
            // its own block, and the name is unique
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

/** a list of names needs at least this many fields that begin at 0 */
const ALIKE = 3

/**
 * Sets fields with the same initial value together. Names of those that begin at 0 form
 * a list, which `withCold` passes to the maker of the object.
 * @param own names of fields that only the driver knows
 */
export function withFields(code: string, own: ReadonlySet<string>): string {
    const edits: Edit[] = []
    walk(parsed(code), node => {
        if (node.type !== "MethodDefinition" || node.kind !== "constructor")
            return
        const { body } = node.value
        const alike = new Map<string, [name: string, AnyNode][]>()
        for (const statement of body.body) {
            if (
                statement.type !== "ExpressionStatement" ||
                statement.expression.type !== "AssignmentExpression"
            )
                continue
            const { left, right } = statement.expression
            if (
                left.type !== "MemberExpression" ||
                left.object.type !== "ThisExpression" ||
                left.property.type !== "Identifier"
            )
                continue
            const { name } = left.property
            let value = code.slice(right.start, right.end)
            if (!/^(-?\d+|!0|!1|null|"")$/.test(value)) continue
            if (value === "0" && own.has(name)) value = ZEROS
            const list = alike.get(value) ?? []
            list.push([name, statement])
            alike.set(value, list)
        }
        let text = ""
        for (const [value, list] of alike) {
            const names = list.map(([name]) => name)
            if (value === ZEROS && list.length >= ALIKE)
                text = `${ZEROS}("${names.join(" ")}");${text}`
            else if (list.length > 1)
                text += `${names.map(name => `this.${name}=`).join("")}${value === ZEROS ? "0" : value};`
            else continue
            for (const [, { start, end }] of list)
                edits.push({ from: start, to: end, text: "" })
        }
        const from = body.start + 1
        if (text !== "") edits.push({ from, to: from, text })
    })
    return apply(code, edits)
}

/** Joins consecutive assignments of the same value. */
export function withChains(code: string): string {
    const edits: Edit[] = []
    const text = ({ start, end }: AnyNode): string => code.slice(start, end)
    walk(parsed(code), node => {
        if (
            node.type !== "BlockStatement" &&
            node.type !== "SwitchCase" &&
            node.type !== "Program"
        )
            return
        const list = (
            node.type === "SwitchCase" ? node.consequent : node.body
        ) as AnyNode[]
        list.forEach((statement, i) => {
            const next = list[i + 1]
            if (
                statement.type !== "ExpressionStatement" ||
                next?.type !== "ExpressionStatement" ||
                statement.expression.type !== "AssignmentExpression" ||
                next.expression.type !== "AssignmentExpression" ||
                statement.expression.operator !== "=" ||
                next.expression.operator !== "="
            )
                return
            const { left, right } = statement.expression
            const { left: other, right: same } = next.expression
            if (
                !/^(-?\d+|!0|!1|null|"")$/.test(text(right)) ||
                text(right) !== text(same) ||
                !isPath(left) ||
                !isPath(other) ||
                `${text(other)}.`.startsWith(`${text(left)}.`)
            )
                return
            edits.push({
                from: right.start,
                to: next.expression.start,
                text: "",
            })
        })
    })
    return apply(code, edits)
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
        // `else` must be separated from the next word
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

/** Names of the members of a class, or of an object. */
function keysOf(node: ClassExpression | ObjectExpression): string[] {
    const members =
        node.type === "ClassExpression" ? node.body.body : node.properties
    return members.flatMap(member =>
        "key" in member && !member.computed && member.key.type === "Identifier"
            ? [member.key.name]
            : []
    )
}

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
            if (!taken.has(name) && !MISSING.test(name)) yield name
        }
    }
}

/** For each name the others that may be in one object with it. */
function neighbours(
    groups: Iterable<Iterable<string>>
): Map<string, Set<string>> {
    const all = new Map<string, Set<string>>()
    for (const group of groups) {
        const names = [...group]
        for (const name of names) {
            const others = all.get(name) ?? new Set()
            for (const other of names) others.add(other)
            all.set(name, others)
        }
    }
    return all
}

/**
 * @param own names of properties that only the driver knows
 * @param reserved names that must not be used
 * @param kin names that may be in one object: others can share a short one
 */
export function withShortNames(
    code: string,
    own: ReadonlySet<string>,
    reserved: readonly string[],
    kin: Kin
): string {
    const groups: Iterable<string>[] = [...kin.groups]
    const places: { from: number; to: number; name: string; also: string }[] =
        []
    const taken = new Set(reserved)
    const listed = new Set<string>()
    const lists: AnyNode[] = []
    const inList = (at: number): boolean =>
        lists.some(({ start, end }) => at > start && at < end)
    /** @param also the text after it */
    const found = (node: AnyNode, also = ""): void => {
        if (node.type !== "Identifier") return
        const { start, end, name } = node
        if (own.has(name)) places.push({ from: start, to: end, name, also })
        else taken.add(name)
    }
    walk(parsed(code), node => {
        if (node.type === "ClassExpression" || node.type === "ObjectExpression")
            groups.push(keysOf(node))
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
        const fields = fieldsOf(node)
        if (fields) {
            lists.push(fields)
            let at = fields.start + 1
            for (const name of code.slice(at, fields.end - 1).split(" ")) {
                if (name === "") continue
                places.push({ from: at, to: at + name.length, name, also: "" })
                listed.add(name)
                at += name.length + 1
            }
        }
    })
    const counts = new Map<string, number>()
    // names in lists have one letter
    for (const name of listed) counts.set(name, places.length)
    for (const { name } of places) counts.set(name, (counts.get(name) ?? 0) + 1)
    const near = neighbours(groups)
    const names = new Map<string, string>()
    const list: string[] = []
    const short = shortNames(taken)
    /** a name that is in no group, or may be missing, has its short one for itself */
    const alone = new Set<string>()
    for (const [name] of [...counts].sort((a, b) => b[1] - a[1])) {
        const others = near.get(name)
        const single = !others || kin.optional.has(name)
        const used = new Set<string | undefined>()
        if (others) for (const other of others) used.add(names.get(other))
        const all = single ? new Set(names.values()) : undefined
        let i = 0
        for (; ; i++) {
            if (i === list.length) list.push(short.next().value as string)
            const one = list[i]
            if (!used.has(one) && !alone.has(one) && !all?.has(one)) break
        }
        names.set(name, list[i])
        if (single) alone.add(list[i])
    }
    for (const name of listed)
        if ((names.get(name) ?? "").length > 1)
            throw new Error(`${name}: no letter is left`)
    return apply(
        code,
        places.map(({ from, to, name, also }) => ({
            from,
            // in a list of letters nothing stands between them
            to:
                listed.has(name) && code[to] === " " && inList(from)
                    ? to + 1
                    : to,
            text: `${names.get(name) as string}${also}`,
        }))
    )
}
