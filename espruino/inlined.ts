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
import { COLD, isAmidCold, SUFFIX } from "./cold"
import { isIdle } from "./methods"
import {
    apply,
    isFunction,
    isPath,
    isVariable,
    parsed,
    walk,
    type Edit,
} from "./tree"

/**
 * Functions that run for each line of the modem, and all the time: the interpreter
 * reads their whole text each time, also parts that do not run.
 */
const HOT = new Set(
    "poll next route classify pump take wake pollAt nextAt run exchange done payload finish begin deliver notify tell read flush write send piece rxGet give numbers".split(
        " "
    )
)
/** so much may be read in vain there */
const SMALL = 120

/** Methods within methods, most. */
const TURNS = 100

interface Method {
    readonly name: string
    readonly start: number
    readonly end: number
    readonly value: FunctionExpression
}

/** Whether a statement is the last of its function. */
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

/** Names of all that a function declares. */
function variables(node: AnyNode & FunctionExpression): Set<string> {
    const names = new Set<string>()
    walk(node, inner => {
        const ids = isFunction(inner)
            ? inner.params
            : inner.type === "VariableDeclarator"
              ? [inner.id]
              : inner.type === "CatchClause" && inner.param
                ? [inner.param]
                : []
        for (const id of ids) if (id.type === "Identifier") names.add(id.name)
    })
    return names
}

interface Found {
    readonly call: AnyNode
    /** the conditions before it, as statements, with their alternatives */
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
 * @param own names that only the driver knows
 */
export function withInlined(code: string, own: ReadonlySet<string>): string {
    let count = 0
    // a moved one may contain another call to move
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
    // functions of the module as well
    const functions = new Map<string, Method>()
    for (const node of program.body)
        if (node.type === "FunctionDeclaration")
            functions.set(node.id.name, {
                name: node.id.name,
                start: node.start,
                end: node.end,
                value: node as unknown as FunctionExpression,
            })
    const calls = new Map<string, number>()
    walk(program, (node, up) => {
        if (
            node.type === "Identifier" &&
            functions.has(node.name) &&
            isVariable(node, up) &&
            up.at(-1)?.type !== "FunctionDeclaration"
        )
            calls.set(node.name, (calls.get(node.name) ?? 0) + 1)
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
    /** methods moved in this turn, and their hosts */
    const moved = new Set<number>()
    const hosts = new Set<number>()
    walk(program, (node, up) => {
        const returns = node.type === "ReturnStatement"
        if (node.type !== "ExpressionStatement" && !returns) return undefined
        const isOnce = (expression: AnyNode): boolean => {
            if (
                expression.type === "CallExpression" &&
                expression.callee.type === "Identifier"
            )
                return (
                    functions.has(expression.callee.name) &&
                    calls.get(expression.callee.name) === 1
                )
            if (
                expression.type !== "CallExpression" ||
                expression.callee.type !== "MemberExpression" ||
                !isPath(expression.callee.object) ||
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
        const isMethod = call.callee.type === "MemberExpression"
        const { name } = (
            isMethod
                ? (call.callee as AnyNode & { property: AnyNode }).property
                : call.callee
        ) as AnyNode & { name: string }
        const method = isMethod
            ? (methods.get(name) as [Method])[0]
            : (functions.get(name) as Method)
        const at = up.findLastIndex(isFunction)
        if (at < 0) return undefined
        const around = up[at] as AnyNode & FunctionExpression
        // not in a closure: `this` would be another one, or has to be kept
        const host =
            around.type === ("FunctionDeclaration" as string)
                ? (around as AnyNode & { id: AnyNode })
                : up[at - 1]
        if (
            host.type !== "MethodDefinition" &&
            host.type !== "FunctionDeclaration"
        )
            return undefined
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
        const id = host.type === "MethodDefinition" ? host.key : host.id
        const hostName = id?.type === "Identifier" ? id.name : ""
        if (
            HOT.has(hostName) &&
            body.end - body.start > SMALL &&
            !HOT.has(name)
        )
            return undefined
        if (call.arguments.length > params.length) return undefined
        // for a call on another object, a variable holds that object
        const receiver =
            call.callee.type === "MemberExpression" &&
            call.callee.object.type !== "ThisExpression"
                ? code.slice(call.callee.object.start, call.callee.object.end)
                : ""
        // unique names for all its variables
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
        // names of the module that the host has redefined
        const mine = variables(around)
        walk(body, (inner, above) => {
            if (
                inner.type === "Identifier" &&
                isVariable(inner, [around, ...above]) &&
                !names.has(inner.name) &&
                mine.has(inner.name)
            )
                wrong = true
        })
        if (wrong) return undefined
        const end = suffix()
        const edits: Edit[] = []
        walk(body, (inner, above) => {
            const parent = above.at(-1)
            if (inner.type === "ThisExpression" && receiver)
                edits.push({
                    from: inner.start - body.start,
                    to: inner.end - body.start,
                    text: `$this${end}`,
                })
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
                text: `{ ${found.before} { ${receiver && `const $this${end} = ${receiver};`} ${given} ${text.slice(1, -1)}${returns ? "; return" : ""} } ${found.behind} }`,
            },
            { from: method.start, to: method.end, text: "" }
        )
        return false
    })
    return apply(code, all)
}

/** Length of a text with names of one letter. */
const weight = (text: string): number =>
    text
        .replace(/\b(?!this\b|null\b|return\b|typeof\b)[A-Za-z_$][\w$]*/g, "x")
        .replace(/\s/g, "").length

/** Whether it sets nothing, and contains no function. */
function isPure(node: AnyNode): boolean {
    let is = true
    walk(node, inner => {
        if (
            isFunction(inner) ||
            /^(Assignment|Update|Yield|Await|Sequence)Expression$/.test(
                inner.type
            )
        )
            is = false
    })
    return is
}

/** Bytes that a call may take more where a function only computes. */
const SPEED = 3

/**
 * Whether a value is computed of numbers and of the parameters alone, each of which is
 * read once and in their order: then arguments may do anything.
 */
function inOrder(value: AnyNode, params: readonly string[]): boolean {
    const read: string[] = []
    let is = true
    walk(value, node => {
        if (node.type === "Identifier") read.push(node.name)
        else if (!/^(Literal|BinaryExpression)$/.test(node.type)) is = false
    })
    return is && read.join() === params.join()
}

/**
 * Inlines methods and functions that only return a value, if the whole becomes shorter,
 * or hardly longer and faster.
 *
 *     isUp() { return this.state === 2 }      if (link.isUp()) …      if (link.state === 2) …
 *
 * @param own names that only the driver knows
 */
export function withExpressions(
    code: string,
    own: ReadonlySet<string>
): string {
    for (let turn = 0; turn < TURNS; turn++) {
        const next = oneExpression(code, own)
        if (next === code) return code
        code = next
    }
    return code
}

function oneExpression(code: string, own: ReadonlySet<string>): string {
    const program = parsed(code)
    const text = ({ start, end }: AnyNode): string => code.slice(start, end)
    const found = new Map<string, Method[]>()
    const add = (method: Method): void => {
        found.set(method.name, [...(found.get(method.name) ?? []), method])
    }
    const calls = new Map<string, [call: AnyNode, up: AnyNode[]][]>()
    const spoilt = new Set<string>()
    walk(program, (node, up) => {
        const parent = up.at(-1)
        if (node.type === "FunctionDeclaration" && up.length === 1)
            add({
                name: node.id?.name ?? "",
                start: node.start,
                end: node.end,
                value: node as unknown as FunctionExpression,
            })
        if (
            node.type === "MethodDefinition" &&
            node.key.type === "Identifier"
        ) {
            if (node.kind !== "method") spoilt.add(node.key.name)
            else add({ ...node, name: node.key.name } as unknown as Method)
        }
        if (node.type !== "Identifier" || !parent) return
        const isMember =
            parent.type === "MemberExpression" && parent.property === node
        if (!isMember && !isVariable(node, up)) return
        if (parent.type === "FunctionDeclaration" && parent.id === node) return
        const callee = isMember ? parent : node
        const call = up.at(isMember ? -2 : -1)
        if (call?.type === "CallExpression" && call.callee === callee)
            calls.set(node.name, [
                ...(calls.get(node.name) ?? []),
                [call, up.slice(0, isMember ? -2 : -1)],
            ])
        else spoilt.add(node.name)
    })
    for (const [name, [method, other]] of found) {
        if (other || spoilt.has(name)) continue
        const isMethod = code[method.value.start] === "("
        if (isMethod && !own.has(name)) continue
        const { body, params } = method.value
        const [statement] = body.body
        const places = calls.get(name) ?? []
        if (
            places.length === 0 ||
            body.body.length !== 1 ||
            statement.type !== "ReturnStatement" ||
            !statement.argument ||
            !isPure(statement.argument)
        )
            continue
        const value = statement.argument
        const names = params.map(param => text(param))
        const isPlain = inOrder(value, names)
        const edits: Edit[] = []
        let cost = -weight(text(method as unknown as AnyNode))
        // the interpreter takes longer for the call than for the function
        if (isPlain) cost -= SPEED * places.length
        let wrong = false
        for (const [call, up] of places) {
            if (call.type !== "CallExpression") continue
            let object =
                call.callee.type === "MemberExpression"
                    ? (call.callee.object as AnyNode)
                    : undefined
            // a literal need not be evaluated first
            if (
                object?.type === "CallExpression" &&
                text(object.callee) === COLD &&
                object.arguments.length === 1
            )
                object = object.arguments[0]
            const at = up.findIndex(isFunction)
            const around = up[at] as (AnyNode & FunctionExpression) | undefined
            if (
                (object === undefined) === isMethod ||
                (object && !isPath(object)) ||
                !(isPlain || call.arguments.every(isIdle)) ||
                !around ||
                up.some(node => node.start === method.start) ||
                (text(value).includes(SUFFIX) && !isAmidCold(up))
            ) {
                wrong = true
                break
            }
            const mine = variables(around)
            const inner: Edit[] = []
            walk(value, (node, above) => {
                let other = ""
                if (node.type === "ThisExpression" && object)
                    other = text(object)
                else if (
                    node.type === "Identifier" &&
                    isVariable(node, [statement, ...above])
                ) {
                    const i = names.indexOf(node.name)
                    if (i < 0) {
                        if (mine.has(node.name)) wrong = true
                        return
                    }
                    const argument = call.arguments[i] as AnyNode | undefined
                    if (!argument) other = "void 0"
                    else if (isPath(argument) || argument.type === "Literal")
                        other = text(argument)
                    else other = `(${text(argument)})`
                } else return
                const parent = above.at(-1)
                if (parent?.type === "Property" && parent.shorthand)
                    wrong = true
                inner.push({
                    from: node.start - value.start,
                    to: node.end - value.start,
                    text: other,
                })
            })
            const made = apply(text(value), inner)
            cost += weight(made) - weight(text(call))
            edits.push({
                from: call.start,
                to: call.end,
                text: ` (${made})`,
            })
        }
        if (wrong || cost >= 0) continue
        edits.push({ from: method.start, to: method.end, text: "" })
        return apply(code, edits)
    }
    return code
}
