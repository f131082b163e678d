/**
 * Removes uncalled methods from a bundle, as DeviceScript's compiler does with
 * `@devsWhenUsed`: a bundler keeps whole classes.
 */
import type { AnyNode, MethodDefinition, ObjectExpression } from "acorn"
import { apply, parsed, walk, type Edit } from "./tree"

/**
 * Removes assignments to fields that are never read.
 * @param own names of fields that only the driver knows
 */
export function withoutUnread(code: string, own: ReadonlySet<string>): string {
    while (true) {
        const read = new Set<string>()
        const written: { name: string; edit: Edit }[] = []
        /** Fields of an object literal, with their commas. */
        const fields = ({ properties }: ObjectExpression): void => {
            properties.forEach((property, i) => {
                if (
                    property.type !== "Property" ||
                    property.computed ||
                    property.key.type !== "Identifier"
                )
                    return
                const { name } = property.key
                if (!own.has(name) || !isIdle(property.value)) {
                    read.add(name)
                    return
                }
                const next = properties[i + 1]
                written.push({
                    name,
                    edit: {
                        from: property.start,
                        to: next ? next.start : property.end,
                        text: "",
                    },
                })
            })
        }
        walk(parsed(code), (node, up) => {
            if (node.type === "ObjectExpression") fields(node)
            if (
                node.type !== "MemberExpression" ||
                node.computed ||
                node.property.type !== "Identifier"
            )
                return
            const { name } = node.property
            const parent = up.at(-1) as AnyNode
            const above = up.at(-2) as AnyNode
            const idle =
                above.type === "ExpressionStatement" &&
                ((parent.type === "AssignmentExpression" &&
                    parent.left === node &&
                    isIdle(parent.right)) ||
                    parent.type === "UpdateExpression") &&
                isIdle(node.object)
            if (idle && own.has(name))
                written.push({
                    name,
                    edit: { from: above.start, to: above.end, text: ";" },
                })
            else read.add(name)
        })
        const edits = written
            .filter(({ name }) => !read.has(name))
            .map(({ edit }) => edit)
        if (edits.length === 0) return code
        code = apply(code, edits)
    }
}

/** Whether nothing happens when it is left out. */
export function isIdle(node: AnyNode): boolean {
    switch (node.type) {
        case "Identifier":
        case "Literal":
        case "ThisExpression":
            return true
        case "MemberExpression":
            return isIdle(node.object) && isIdle(node.property)
        case "UnaryExpression":
            return isIdle(node.argument)
        case "BinaryExpression":
        case "LogicalExpression":
            return isIdle(node.left) && isIdle(node.right)
        case "ConditionalExpression":
            return (
                isIdle(node.test) &&
                isIdle(node.consequent) &&
                isIdle(node.alternate)
            )
        case "NewExpression":
            // a list or a buffer of one's own
            return (
                node.callee.type === "Identifier" &&
                node.callee.name === "Uint8Array" &&
                node.arguments.every(isIdle)
            )
    }
    return (
        node.type === "ArrayExpression" &&
        node.elements.every(element => element && isIdle(element))
    )
}

/** @param kept names that users of the module call */
export function withoutUnused(code: string, kept: Set<string>): string {
    while (true) {
        const program = parsed(code)
        const used = new Set(kept)
        const methods: MethodDefinition[] = []
        walk(program, (node, up) => {
            if (node.type === "MethodDefinition" && node.kind === "method")
                methods.push(node)
            else if (node.type === "MemberExpression" && !node.computed) {
                if (node.property.type === "Identifier")
                    used.add(node.property.name)
            } else if (
                node.type === "Literal" &&
                typeof node.value === "string"
            )
                used.add(node.value)
            else if (
                node.type === "Property" &&
                up.at(-1)?.type === "ObjectPattern"
            )
                used.add(code.slice(node.key.start, node.key.end))
        })
        const unused = methods
            .filter(
                method =>
                    method.key.type === "Identifier" &&
                    !used.has(method.key.name)
            )
            .sort((a, b) => b.start - a.start)
        if (unused.length === 0) return code
        for (const { start, end } of unused)
            code = code.slice(0, start) + code.slice(end)
    }
}
