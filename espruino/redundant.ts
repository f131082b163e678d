/**
 * Removes redundant code, which minifiers find only in part, and which results from
 * decided conditions and inlined functions:
 *
 *     const s = links; s.list          links.list
 *     for (let i = 0; i < a.length; i++) { const b = a[i]; … }
 *                                      for (const b of a) { … }
 *     a && $cold();                    nothing, as nothing that it loads is called
 *     return a === 1 || false          return a === 1
 */
import type { AnyNode, AssignmentExpression } from "acorn"
import { COLD } from "./cold"
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

/** A number as long as this may stand in place of each use of its variable. */
const SHORT = 3

/** Every use of a name in a function, and where it gets another value. */
interface Uses {
    declared: number
    /** by anything but a plain `=` */
    assigned: number
    /** by that */
    readonly set: (AnyNode & AssignmentExpression)[]
    readonly at: [node: AnyNode, up: AnyNode[]][]
}

/** The functions that are in no other one. */
function outermost(code: string, visit: (node: AnyNode) => void): void {
    walk(parsed(code), node => {
        if (!isFunction(node)) return undefined
        visit(node)
        return false
    })
}

/** Variables of a function and of all functions inside it. */
function usesIn(root: AnyNode): Map<string, Uses> {
    const all = new Map<string, Uses>()
    const of = (name: string): Uses => {
        let uses = all.get(name)
        if (!uses) {
            uses = { declared: 0, assigned: 0, set: [], at: [] }
            all.set(name, uses)
        }
        return uses
    }
    walk(root, (node, up) => {
        if (node.type !== "Identifier") return
        const parent = up.at(-1)
        if (!parent || !isVariable(node, up)) return
        const uses = of(node.name)
        if (isFunction(parent) && parent.body !== node) uses.declared++
        else if (parent.type === "CatchClause" && parent.param === node)
            uses.declared++
        else if (parent.type === "VariableDeclarator" && parent.id === node)
            uses.declared++
        else if (
            parent.type === "AssignmentExpression" &&
            parent.left === node
        ) {
            if (parent.operator === "=") uses.set.push(parent)
            else uses.assigned++
        } else if (parent.type === "UpdateExpression") uses.assigned++
        else uses.at.push([node, up])
    })
    return all
}

/** Replacement of a variable that has one value. */
function valueText(code: string, init: AnyNode, uses: number): string {
    const text = code.slice(init.start, init.end)
    const short = text.length <= SHORT || uses <= 1
    return /^(-?\d+|![01]|null)$/.test(text) && short
        ? text.startsWith("-")
            ? `(${text})`
            : text
        : ""
}

/** Variables that are another one, or a constant. */
export function withoutCopies(code: string): string {
    const edits: Edit[] = []
    outermost(code, root => {
        const all = usesIn(root)
        /** variables that are changed in this turn */
        const touched = new Set<string>()
        walk(root, (node, up) => {
            const parent = up.at(-1)
            if (
                node.type !== "VariableDeclarator" ||
                node.id.type !== "Identifier" ||
                !node.init ||
                parent?.type !== "VariableDeclaration" ||
                parent.kind === "var"
            )
                return
            const { name } = node.id
            const uses = all.get(name)
            if (
                !uses ||
                uses.declared !== 1 ||
                uses.assigned > 0 ||
                touched.has(name)
            )
                return
            const { init } = node
            let text = valueText(code, init, uses.at.length)
            if (init.type === "Identifier") {
                const other = all.get(init.name)
                if (
                    other?.declared !== 1 ||
                    other.assigned > 0 ||
                    other.set.length > 0 ||
                    uses.set.length > 0 ||
                    touched.has(init.name)
                )
                    return
                touched.add(init.name)
                text = init.name
            }
            if (text === "") return
            // it may be given the same again
            const value = code.slice(init.start, init.end)
            for (const { right } of uses.set)
                if (code.slice(right.start, right.end) !== value) return
            // a use before it has no value yet
            if (uses.at.some(([{ start }]) => start < node.start)) return
            for (const { start, end } of uses.set)
                edits.push({ from: start, to: end, text })
            touched.add(name)
            for (const [{ start, end }, above] of uses.at) {
                const around = above.at(-1) as AnyNode
                const short = around.type === "Property" && around.shorthand
                edits.push({
                    from: start,
                    to: end,
                    text: short ? `${name}: ${text}` : text,
                })
            }
            // the next turn of the minifier removes unused code
            edits.push({ from: init.start, to: init.end, text: "0" })
        })
    })
    return apply(code, edits)
}

/** Counting loops that only need the element at the count. */
export function withOf(code: string): string {
    let count = 0
    const edits: Edit[] = []
    const text = ({ start, end }: AnyNode): string => code.slice(start, end)
    walk(parsed(code), (node, above) => {
        if (
            node.type !== "ForStatement" ||
            node.init?.type !== "VariableDeclaration" ||
            node.test?.type !== "BinaryExpression" ||
            node.test.operator !== "<" ||
            node.test.left.type !== "Identifier" ||
            node.test.right.type !== "MemberExpression" ||
            node.test.right.computed ||
            text(node.test.right.property) !== "length" ||
            node.update?.type !== "UpdateExpression" ||
            node.update.operator !== "++"
        )
            return
        const { name } = node.test.left
        const list = node.test.right.object
        const declarators = node.init.declarations
        const own = declarators.find(({ id }) => text(id) === name)
        if (!own?.init || text(own.init) !== "0" || !isIdle(list)) return
        if (text(node.update.argument) !== name) return
        let wrong = false
        /** roots of the list, which have to stay as they are */
        const roots = new Set<string>()
        walk(list, (inner, up) => {
            if (inner.type === "Identifier" && isVariable(inner, up))
                roots.add(inner.name)
        })
        if (list.type === "Identifier") roots.add(list.name)
        const { kind } = node.init
        // a variable of the whole function may be wanted elsewhere
        if (kind === "var")
            walk(above.find(isFunction) ?? node, inner => {
                if (
                    inner.type === "Identifier" &&
                    inner.name === name &&
                    (inner.start < node.start || inner.end > node.end)
                )
                    wrong = true
            })
        const places: AnyNode[] = []
        walk(node.body, (inner, up) => {
            const parent = up.at(-1)
            // another list, or the same one with more or less in it
            const changed =
                inner.type === "AssignmentExpression"
                    ? inner.left
                    : inner.type === "UpdateExpression"
                      ? inner.argument
                      : inner.type === "CallExpression"
                        ? inner.callee
                        : undefined
            if (
                changed &&
                (text(changed) === text(list) ||
                    roots.has(text(changed)) ||
                    (changed.type === "MemberExpression" &&
                        text(changed.object) === text(list)))
            )
                wrong = true
            if (
                inner.type !== "Identifier" ||
                inner.name !== name ||
                !isVariable(inner, up)
            )
                return
            const at = up.at(-1)
            const around = up.at(-2)
            if (
                parent?.type !== "MemberExpression" ||
                at?.type !== "MemberExpression" ||
                parent.property !== inner ||
                text(parent.object) !== text(list) ||
                (around?.type === "AssignmentExpression" &&
                    around.left === at) ||
                around?.type === "UpdateExpression" ||
                (around?.type === "CallExpression" && around.callee === at)
            ) {
                wrong = true
                return
            }
            places.push(parent)
        })
        if (wrong || places.length === 0) return
        const one = `${name}$of${++count}`
        const rest = declarators.filter(other => other !== own)
        const before =
            rest.length > 0 ? `${kind} ${rest.map(text).join(", ")}; ` : ""
        edits.push({
            from: node.start,
            to: node.body.start,
            text: `{ ${before}for (const ${one} of ${text(list)}) `,
        })
        for (const { start, end } of places)
            edits.push({ from: start, to: end, text: ` ${one} ` })
        edits.push({ from: node.end, to: node.end, text: " }" })
    })
    return apply(code, edits)
}

/** Whether an expression is true or false, and nothing else. */
function isBoolean(node: AnyNode): boolean {
    if (node.type === "UnaryExpression") return node.operator === "!"
    if (node.type === "LogicalExpression")
        return isBoolean(node.left) && isBoolean(node.right)
    return (
        node.type === "BinaryExpression" &&
        /^([<>]=?|[=!]==?)$/.test(node.operator)
    )
}

/** Removes code without effect. */
export function withoutNothing(code: string): string {
    const edits: Edit[] = []
    const text = ({ start, end }: AnyNode): string => code.slice(start, end)
    /** Whether a statement only loads the cold functions. */
    const loads = (node: AnyNode): boolean =>
        (node.type === "CallExpression" &&
            text(node.callee) === COLD &&
            node.arguments.every(isIdle)) ||
        (node.type === "LogicalExpression" &&
            isIdle(node.left) &&
            loads(node.right))
    walk(parsed(code), (node, up) => {
        const parent = up.at(-1)
        const idle =
            node.type === "ExpressionStatement"
                ? loads(node.expression)
                : node.type === "LogicalExpression" && isBoolean(node.left)
                  ? text(node.right) === (node.operator === "||" ? "!1" : "!0")
                  : false
        if (!idle) return
        if (node.type === "ExpressionStatement")
            edits.push({ from: node.start, to: node.end, text: ";" })
        else if (node.type === "LogicalExpression" && parent)
            edits.push({ from: node.left.end, to: node.right.end, text: "" })
    })
    return apply(code, edits)
}

/**
 * The body of a case, without the `break` at its end; `undefined` if it is left from
 * inside another statement.
 */
function bodyOf(code: string, statements: AnyNode[]): string | undefined {
    const text = ({ start, end }: AnyNode): string => code.slice(start, end)
    const isBreak = (node: AnyNode | null | undefined): boolean =>
        node?.type === "BreakStatement" ||
        (node?.type === "BlockStatement" &&
            node.body.length === 1 &&
            isBreak(node.body[0]))
    let result = ""
    for (const [i, statement] of statements.entries()) {
        if (isBreak(statement)) return result
        if (
            statement.type === "IfStatement" &&
            !statement.alternate &&
            isBreak(statement.consequent)
        ) {
            const rest = bodyOf(code, statements.slice(i + 1))
            return rest === undefined
                ? undefined
                : `${result} if (!(${text(statement.test)})) { ${rest} }`
        }
        let leaves = false
        walk(statement, node => {
            if (node.type === "BreakStatement") leaves = true
            return !(
                isFunction(node) ||
                /^(For|While|DoWhile|Switch)/.test(node.type)
            )
        })
        if (leaves) return undefined
        result += text(statement)
    }
    return result
}

/** Whether nothing follows a list of statements. */
function isLeft(statements: AnyNode[]): boolean {
    const last = statements.at(-1)
    if (last?.type === "BlockStatement") return isLeft(last.body)
    return /^(Break|Return|Throw|Continue)Statement$/.test(last?.type ?? "")
}

/** Tests of whole numbers; several that follow each other are a range. */
function ranges(name: string, numbers: number[]): string[] {
    const sorted = [...numbers].sort((a, b) => a - b)
    const tests: string[] = []
    for (let i = 0; i < sorted.length; i++) {
        let last = i
        while (sorted[last + 1] === sorted[last] + 1) last++
        if (last - i < 2) {
            tests.push(`${name}==${sorted[i]}`)
            continue
        }
        tests.push(`${name}>=${sorted[i]}&&${name}<=${sorted[last]}`)
        i = last
    }
    return tests
}

/** From this many cases on, the selector is worth a variable. */
const FEW = 4

/** Replaces switches in cold code by conditions, which are shorter. */
export function withoutSwitches(
    code: string,
    isSeldom: (up: AnyNode[]) => boolean
): string {
    let count = 0
    const edits: Edit[] = []
    const text = ({ start, end }: AnyNode): string => code.slice(start, end)
    walk(parsed(code), (node, up) => {
        if (node.type !== "SwitchStatement" || !isSeldom([...up, node]))
            return undefined
        const { discriminant, cases } = node
        const plain =
            discriminant.type === "Identifier" ||
            (cases.length < FEW && isPath(discriminant))
        const name = plain ? text(discriminant) : `$case${++count}`
        let chain = ""
        let tests: string[] = []
        let numbers: number[] = []
        let declares = false
        for (const [i, one] of cases.entries()) {
            const isLast = i === cases.length - 1
            if (one.test) {
                if (
                    one.test.type === "Literal" &&
                    typeof one.test.value === "number"
                )
                    numbers.push(one.test.value)
                else if (
                    one.test.type === "Literal" ||
                    one.test.type === "UnaryExpression"
                )
                    tests.push(`${name}==${text(one.test)}`)
                else return undefined
            } else if (!isLast || tests.length + numbers.length > 0)
                return undefined
            if (one.consequent.length === 0) {
                if (isLast) break
                if (!one.test) return undefined
                continue
            }
            if (!isLast && !isLeft(one.consequent)) return undefined
            for (const statement of one.consequent)
                if (
                    statement.type === "VariableDeclaration" &&
                    statement.kind === "var"
                )
                    declares = true
            const body = bodyOf(code, one.consequent)
            if (body === undefined) return undefined
            tests.push(...ranges(name, numbers))
            chain += one.test
                ? `if(${tests.join("||")}){${body}}else `
                : `{${body}}`
            tests = []
            numbers = []
        }
        if (declares || chain === "") return undefined
        edits.push({
            from: node.start,
            to: node.end,
            text: `{ ${plain ? "" : `const ${name} = ${text(discriminant)};`} ${chain};}`,
        })
        return false
    })
    return apply(code, edits)
}
