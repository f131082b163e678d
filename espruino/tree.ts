/** Common base of all rewriting of JavaScript here: the tree, and edits of the text. */
import { parse, type AnyNode, type Function, type Program } from "acorn"

/** As Espruino's modules are read: one file, no imports left in it. */
export function parsed(code: string): Program {
    return parse(code, { ecmaVersion: 2022, sourceType: "module" })
}

type Visit = (node: AnyNode, up: AnyNode[]) => boolean | void

/**
 * Walks a tree; a visitor that returns false skips the children. It may keep the list
 * of a node's ancestors.
 */
export function walk(node: AnyNode, visit: Visit, up: AnyNode[] = []): void {
    if (visit(node, up) === false) return
    // the same for all that is inside; most have nothing
    let inside: AnyNode[] | undefined
    for (const key in node) {
        const value: unknown = node[key as keyof AnyNode]
        if (typeof value !== "object" || value === null) continue
        if (Array.isArray(value)) {
            for (const child of value)
                if (isNode(child))
                    walk(child, visit, (inside ??= [...up, node]))
        } else if (isNode(value)) walk(value, visit, (inside ??= [...up, node]))
    }
}

const isNode = (value: unknown): value is AnyNode =>
    typeof value === "object" &&
    value !== null &&
    typeof (value as { type?: unknown }).type === "string"

export const isFunction = (node: AnyNode): node is AnyNode & Function =>
    /Function/.test(node.type)

/** Whether an identifier is a variable, not the name of a property. */
export function isVariable(node: AnyNode, up: AnyNode[]): boolean {
    const parent = up.at(-1)
    if (node.type !== "Identifier" || !parent) return false
    if (parent.type === "MemberExpression")
        return parent.object === node || parent.computed
    if (parent.type === "MethodDefinition") return parent.computed
    if (parent.type === "Property")
        return parent.value === node || parent.computed
    return true
}

/** A variable, `this`, or a field of these. */
export function isPath(node: AnyNode): boolean {
    return (
        node.type === "Identifier" ||
        node.type === "ThisExpression" ||
        (node.type === "MemberExpression" &&
            !node.computed &&
            isPath(node.object))
    )
}

/** The class of a declaration, or of a variable that it is the value of. */
export function className(node: AnyNode, up: AnyNode[]): string {
    const parent = up.at(-1)
    let id: AnyNode | null | undefined
    if (node.type === "ClassDeclaration") id = node.id
    else if (node.type === "ClassExpression")
        id = parent?.type === "VariableDeclarator" ? parent.id : undefined
    return id?.type === "Identifier" ? id.name : ""
}

export interface Edit {
    readonly from: number
    readonly to: number
    readonly text: string
}

/** An edit within another one is dropped. */
export function apply(code: string, edits: Edit[]): string {
    let result = ""
    let at = 0
    /** insertions come first, then the longest edit */
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
