/**
 * Methods that are called once stand where they are called: each method takes six
 * variables of Espruino and more, for its name, code, scope and parameters.
 *
 *     this.late(now)       { const at = now; … }
 *
 * It is done where no more than the place changes: the call is a statement, and its
 * `return` is one there as well.
 */
import type { AnyNode, FunctionExpression } from "acorn"
import { apply, isFunction, parsed, walk, type Edit } from "./tree"

/**
 * What runs with each line of the modem, and all the time: what is there is read with
 * each of them, also where it is not run.
 */
const HOT = new Set(
    "poll next route classify pump take wake pollAt nextAt run exchange done payload finish begin deliver notify tell read flush write send piece rxGet give numbers".split(
        " "
    )
)
/** so much may be read in vain there */
const SMALL = 120

/** Methods within methods, most. */
const TURNS = 20

interface Method {
    readonly name: string
    readonly start: number
    readonly end: number
    readonly value: FunctionExpression
}

/** Whether nothing of the function comes behind a statement. */
function isLast(up: AnyNode[], statement: AnyNode): boolean {
    let node = statement
    for (const parent of [...up].reverse()) {
        if (parent.type === "BlockStatement") {
            if (parent.body.at(-1) !== node) return false
        } else if (isFunction(parent)) return true
        else if (parent.type !== "IfStatement") return false
        node = parent
    }
    return false
}

interface Found {
    readonly call: AnyNode
    /** the conditions in front of it, as statements, and what is done otherwise */
    readonly before: string
    readonly behind: string
}

/** Looks for a call that is done on a condition: `a && b()`, `a ? b() : c()`. */
function conditional(
    code: string,
    node: AnyNode,
    is: (node: AnyNode) => boolean
): Found | undefined {
    const text = ({ start, end }: AnyNode): string => code.slice(start, end)
    if (is(node)) return { call: node, before: "", behind: "" }
    if (node.type === "LogicalExpression" && node.operator !== "??") {
        const found = conditional(code, node.right, is)
        const not = node.operator === "||" ? "!" : ""
        return (
            found && {
                call: found.call,
                before: `if (${not}(${text(node.left)})) { ${found.before}`,
                behind: `${found.behind} }`,
            }
        )
    }
    if (node.type === "ConditionalExpression") {
        const yes = conditional(code, node.consequent, is)
        if (yes)
            return {
                call: yes.call,
                before: `if (${text(node.test)}) { ${yes.before}`,
                behind: `${yes.behind} } else { ${text(node.alternate)}; }`,
            }
        const no = conditional(code, node.alternate, is)
        return (
            no && {
                call: no.call,
                before: `if (!(${text(node.test)})) { ${no.before}`,
                behind: `${no.behind} } else { ${text(node.consequent)}; }`,
            }
        )
    }
    return undefined
}

/**
 * @param own names that nobody else knows
 */
export function withInlined(code: string, own: ReadonlySet<string>): string {
    let count = 0
    // what has been moved may hold another one
    for (let turn = 0; turn < TURNS; turn++) {
        const next = once(code, own, () => `$${++count}`)
        if (next === code) return code
        code = next
    }
    return code
}

function once(
    code: string,
    own: ReadonlySet<string>,
    suffix: () => string
): string {
    const methods = new Map<string, Method[]>()
    const uses = new Map<string, number>()
    const program = parsed(code)
    walk(program, node => {
        if (
            node.type === "MethodDefinition" &&
            node.kind === "method" &&
            node.key.type === "Identifier"
        ) {
            const { name } = node.key
            const list = methods.get(name) ?? []
            list.push({ ...node, name } as unknown as Method)
            methods.set(name, list)
        }
        if (
            node.type === "MemberExpression" &&
            !node.computed &&
            node.property.type === "Identifier"
        ) {
            const { name } = node.property
            uses.set(name, (uses.get(name) ?? 0) + 1)
        }
    })
    const all: Edit[] = []
    /** methods that are moved in this turn, and those that get them */
    const moved = new Set<number>()
    const hosts = new Set<number>()
    walk(program, (node, up) => {
        const returns = node.type === "ReturnStatement"
        if (node.type !== "ExpressionStatement" && !returns) return undefined
        const isOnce = (expression: AnyNode): boolean => {
            if (
                expression.type !== "CallExpression" ||
                expression.callee.type !== "MemberExpression" ||
                expression.callee.object.type !== "ThisExpression" ||
                expression.callee.property.type !== "Identifier"
            )
                return false
            const { name } = expression.callee.property
            return (
                methods.get(name)?.length === 1 &&
                uses.get(name) === 1 &&
                own.has(name)
            )
        }
        const found = returns
            ? node.argument && isOnce(node.argument)
                ? { call: node.argument, before: "", behind: "" }
                : undefined
            : conditional(code, node.expression, isOnce)
        if (!found || found.call.type !== "CallExpression") return undefined
        const { call } = found
        const name = (
            (call.callee as AnyNode & { property: AnyNode })
                .property as AnyNode & { name: string }
        ).name
        const [method] = methods.get(name) as [Method]
        const at = up.findLastIndex(isFunction)
        const host = up[at - 1]
        // not in a closure: `this` would be another one, or has to be kept
        if (host?.type !== "MethodDefinition") return undefined
        const { body, params } = method.value
        if (host.start === method.start) return undefined
        if (moved.has(host.start) || hosts.has(method.start)) return undefined
        let ends = 0
        let wrong = false
        walk(body, inner => {
            if (isFunction(inner)) {
                // a closure has the variables of the method
                if (inner.type !== "ArrowFunctionExpression") wrong = true
                return false
            }
            if (inner.type === "ReturnStatement") {
                ends++
                if (inner.argument && !returns) wrong = true
            }
            return undefined
        })
        if (wrong) return undefined
        if (!returns && ends > 0 && !isLast(up, node)) return undefined
        const hostName = host.key.type === "Identifier" ? host.key.name : ""
        if (
            HOT.has(hostName) &&
            body.end - body.start > SMALL &&
            !HOT.has(name)
        )
            return undefined
        if (call.arguments.length > params.length) return undefined
        // names of its own for all its variables
        const names = new Set<string>()
        for (const param of params)
            if (param.type === "Identifier") names.add(param.name)
        walk(body, inner => {
            if (
                inner.type === "VariableDeclarator" &&
                inner.id.type === "Identifier"
            )
                names.add(inner.id.name)
        })
        const end = suffix()
        const edits: Edit[] = []
        walk(body, (inner, above) => {
            const parent = above.at(-1)
            if (inner.type !== "Identifier" || !names.has(inner.name)) return
            if (
                parent?.type === "MemberExpression" &&
                parent.property === inner &&
                !parent.computed
            )
                return
            if (parent?.type === "Property" && !parent.computed) {
                if (parent.shorthand) {
                    if (parent.value === inner)
                        edits.push({
                            from: inner.start - body.start,
                            to: inner.end - body.start,
                            text: `${inner.name}: ${inner.name}${end}`,
                        })
                    return
                }
                if (parent.key === inner) return
            }
            edits.push({
                from: inner.end - body.start,
                to: inner.end - body.start,
                text: end,
            })
        })
        const text = apply(code.slice(body.start, body.end), edits)
        const given = params
            .map((param, i) => {
                const argument = call.arguments[i]
                const value = argument
                    ? code.slice(argument.start, argument.end)
                    : "void 0"
                return `let ${code.slice(param.start, param.end)}${end} = ${value};`
            })
            .join(" ")
        moved.add(method.start)
        hosts.add(host.start)
        all.push(
            {
                from: node.start,
                to: node.end,
                text: `{ ${found.before} { ${given} ${text.slice(1, -1)}${returns ? "; return" : ""} } ${found.behind} }`,
            },
            { from: method.start, to: method.end, text: "" }
        )
        return false
    })
    return apply(code, all)
}
