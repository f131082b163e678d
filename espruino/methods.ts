/**
 * Leaves out of a bundle the methods that nobody calls, as DeviceScript's compiler
 * does with `@devsWhenUsed`: a bundler keeps a class with all it has.
 */
import { parse, type AnyNode, type MethodDefinition } from "acorn"

/** @param kept names that users of the module call */
export function withoutUnused(code: string, kept: Set<string>): string {
    while (true) {
        const program = parse(code, { ecmaVersion: 2022, sourceType: "module" })
        const used = new Set(kept)
        const methods: MethodDefinition[] = []
        const look = (node: AnyNode, up?: AnyNode): void => {
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
            else if (node.type === "Property" && up?.type === "ObjectPattern")
                used.add(code.slice(node.key.start, node.key.end))
            for (const value of Object.values(node))
                for (const child of Array.isArray(value) ? value : [value])
                    if (
                        child &&
                        typeof child === "object" &&
                        typeof child.type === "string"
                    )
                        look(child as AnyNode, node)
        }
        look(program)
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

/** `let` for `const`: two bytes less for each, and more of them can be put together. */
export function withoutConst(code: string): string {
    const program = parse(code, { ecmaVersion: 2022, sourceType: "module" })
    const at: number[] = []
    const look = (node: AnyNode): void => {
        if (node.type === "VariableDeclaration" && node.kind === "const")
            at.push(node.start)
        for (const value of Object.values(node))
            for (const child of Array.isArray(value) ? value : [value])
                if (
                    child &&
                    typeof child === "object" &&
                    typeof child.type === "string"
                )
                    look(child as AnyNode)
    }
    look(program)
    for (const start of at.sort((a, b) => b - a))
        code = `${code.slice(0, start)}let${code.slice(start + "const".length)}`
    return code
}
