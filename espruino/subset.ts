/**
 * What Espruino does not parse, does not have, or does wrong without a word, in
 * a file of JavaScript. Measured on its interpreter, 2v29.
 */
import type { AnyNode, CallExpression, Program } from "acorn"
import { isFunction, parsed, walk } from "./tree"

/** Names that the module may use and does not declare. */
const GLOBALS = new Set(
    [
        "Uint8Array Uint16Array Uint32Array ArrayBuffer Array Object String Number Math Promise Error",
        "isNaN parseInt parseFloat console JSON NaN Infinity undefined arguments E process require exports",
        "setTimeout clearTimeout getTime digitalWrite digitalRead pinMode setWatch clearWatch print",
    ]
        .join(" ")
        .split(" ")
)

/** Words that are no names of methods there, though JavaScript lets them be. */
export const RESERVED =
    "if else do while for break continue function return var let const this throw try catch finally true false null undefined new in instanceof switch case default delete typeof void debugger class extends super static of".split(
        " "
    )

const SEARCHES = /^(indexOf|includes|lastIndexOf|replace|split)$/
/** Names of methods that it does not have. */
export const MISSING =
    /^(imul|isInteger|fromEntries|entries|flat|flatMap|matchAll|copyWithin|findLast|at)$/

/** Syntax that Espruino does not know, by the type of its node. */
const SYNTAX: Record<string, string> = {
    ImportDeclaration: "import",
    ExportNamedDeclaration: "export",
    ExportDefaultDeclaration: "export",
    ExportAllDeclaration: "export",
    ImportExpression: "import()",
    AwaitExpression: "await",
    YieldExpression: "yield",
    ObjectPattern: "destructuring",
    ArrayPattern: "destructuring",
    SpreadElement: "spread",
    RestElement: "rest parameter",
    AssignmentPattern: "default parameter",
    ChainExpression: "?.",
    LabeledStatement: "label",
    PrivateIdentifier: "#private",
    StaticBlock: "static block",
}

/** @returns the faults, each with its line and column; empty if there are none */
export function complaints(source: string): string[] {
    const found: string[] = []
    const say = (node: AnyNode, what: string): void => {
        const before = source.slice(0, node.start).split("\n")
        found.push(
            `${before.length}:${(before.at(-1) as string).length + 1} ${what}`
        )
    }
    let program: Program
    try {
        program = parsed(source)
    } catch (error) {
        return [`not parsed: ${(error as Error).message}`]
    }

    const declared = new Set<string>()
    const hoisted = new Map<string, number>()
    const parents = new Map<string, string>()
    for (const node of program.body)
        if (node.type === "FunctionDeclaration")
            hoisted.set(node.id.name, node.start)
    walk(program, node => {
        if (node.type === "VariableDeclarator" && node.id.type === "Identifier")
            declared.add(node.id.name)
        if (isFunction(node)) {
            if (node.id) declared.add(node.id.name)
            for (const param of node.params)
                if (param.type === "Identifier") declared.add(param.name)
        }
        if (
            (node.type === "ClassDeclaration" ||
                node.type === "ClassExpression") &&
            node.id
        )
            declared.add(node.id.name)
        if (node.type === "CatchClause" && node.param?.type === "Identifier")
            declared.add(node.param.name)
    })

    const call = (node: CallExpression, up: AnyNode[]): void => {
        const { callee, arguments: args } = node
        if (callee.type === "Identifier") {
            const stands = hoisted.get(callee.name)
            if (
                stands !== undefined &&
                stands > node.start &&
                !up.some(isFunction)
            )
                say(
                    node,
                    `${callee.name}() is called before it stands: nothing is hoisted`
                )
        }
        if (
            callee.type !== "MemberExpression" ||
            callee.property.type !== "Identifier"
        )
            return
        const name = callee.property.name
        const [what] = args
        if (
            SEARCHES.test(name) &&
            what?.type === "Literal" &&
            typeof what.value === "string" &&
            what.value.length > 1
        )
            say(node, `${name} of several characters finds what is not there`)
        if (name === "indexOf" && args.length > 2)
            say(node, "indexOf: an end is not heeded")
        if (name === "fill" && args.length > 2)
            say(node, "fill walks the whole array")
        if (MISSING.test(name)) say(node, `${name}: missing`)
    }

    walk(program, (node, up) => {
        const parent = up.at(-1)
        const syntax = SYNTAX[node.type]
        if (syntax) say(node, `${syntax}: not parsed`)
        if (isFunction(node)) {
            if (node.async) say(node, "async: not parsed")
            if (node.generator) say(node, "generator: not parsed")
            const scope = up.findLastIndex(isFunction)
            const loop = up.findLastIndex(n =>
                /^(For|While|DoWhile)/.test(n.type)
            )
            if (loop > scope)
                say(node, "closure in a loop: all share one binding")
            if (
                node.type === "FunctionDeclaration" &&
                parent?.type === "BlockStatement"
            ) {
                // in the body of a function it may stand, before it is used
                const early =
                    !node.id ||
                    source
                        .slice(parent.start, node.start)
                        .includes(`${node.id.name}(`)
                const outer = up.at(-2)
                if (early || !outer || !isFunction(outer))
                    say(node, "function within a block: nothing is hoisted")
            }
        }
        if (node.type === "CallExpression") call(node, up)
        if (
            node.type === "NewExpression" &&
            node.callee.type === "Identifier"
        ) {
            const [what] = node.arguments
            if (
                /Array$/.test(node.callee.name) &&
                what?.type === "Literal" &&
                typeof what.value === "string"
            )
                say(node, "an array of bytes of a string: it throws")
        }
        if (
            (node.type === "BinaryExpression" && node.operator === "**") ||
            (node.type === "AssignmentExpression" &&
                /^(\*\*|\?\?|&&|\|\|)=$/.test(node.operator))
        )
            say(node, `${node.operator}: not parsed`)
        if (node.type === "Literal" && node.bigint)
            say(node, "BigInt: not parsed")
        if (
            node.type === "Literal" &&
            node.regex &&
            /\(\?|[^gi]/.test(
                `${node.regex.pattern.includes("(?") ? "(?" : ""}${node.regex.flags}`
            )
        )
            say(
                node,
                "regular expression: no look-around, no flags but g and i"
            )
        if (node.type === "Property" || node.type === "MethodDefinition") {
            if (node.computed) say(node, "computed key: not parsed")
            if (
                node.key.type === "Identifier" &&
                node.type === "MethodDefinition" &&
                RESERVED.includes(node.key.name)
            )
                say(
                    node,
                    `${node.key.name}: not parsed as the name of a method`
                )
            if (node.kind === "get" || node.kind === "set")
                say(node, "getter or setter")
        }
        if (
            node.type === "ClassDeclaration" ||
            node.type === "ClassExpression"
        ) {
            const base = node.superClass
            if (base?.type === "Identifier") {
                if (base.name === "Error") say(node, "extends Error: broken")
                if (node.id) parents.set(node.id.name, base.name)
                if (parents.has(base.name))
                    say(
                        node,
                        "three levels of classes: super recurses for ever"
                    )
            }
        }
        if (node.type === "ReturnStatement" && !node.argument) {
            const behind = source.slice(node.end).trimStart()[0]
            if (source[node.end - 1] !== ";" && behind !== "}")
                say(node, "return: what is on the next line is returned")
        }
        if (node.type === "Identifier" && parent) {
            const isName =
                (parent.type === "MemberExpression" &&
                    parent.property === node &&
                    !parent.computed) ||
                ((parent.type === "Property" ||
                    parent.type === "MethodDefinition" ||
                    parent.type === "PropertyDefinition") &&
                    parent.key === node &&
                    !parent.computed) ||
                parent.type === "ImportSpecifier" ||
                parent.type === "ExportSpecifier" ||
                parent.type === "LabeledStatement" ||
                parent.type === "BreakStatement"
            if (!isName && !declared.has(node.name) && !GLOBALS.has(node.name))
                say(node, `${node.name}: missing`)
        }
    })
    return found
}
