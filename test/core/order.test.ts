/**
 * No meaning lies in the order in which the members of an enumeration stand: nobody
 * compares them with < and >.
 */
import path from "node:path"
import ts from "typescript"
import { expect, test } from "vitest"

const top = path.resolve(import.meta.dirname, "../..")

const ORDERS = new Set([
    ts.SyntaxKind.LessThanToken,
    ts.SyntaxKind.LessThanEqualsToken,
    ts.SyntaxKind.GreaterThanToken,
    ts.SyntaxKind.GreaterThanEqualsToken,
])

function isMember(type: ts.Type): boolean {
    return (
        (type.flags & ts.TypeFlags.EnumLike) !== 0 ||
        (type.isUnion() && type.types.every(isMember))
    )
}

/** The comparisons in the files of a program, as `file:line text`. */
function comparisons(program: ts.Program): string[] {
    const checker = program.getTypeChecker()
    const found: string[] = []
    for (const file of program.getSourceFiles()) {
        if (file.isDeclarationFile || file.fileName.includes("node_modules"))
            continue
        const walk = (node: ts.Node): void => {
            if (
                ts.isBinaryExpression(node) &&
                ORDERS.has(node.operatorToken.kind) &&
                [node.left, node.right].some(side =>
                    isMember(checker.getTypeAtLocation(side))
                )
            ) {
                const { line } = file.getLineAndCharacterOfPosition(
                    node.getStart()
                )
                const name = path.relative(top, file.fileName)
                found.push(`${name}:${line + 1} ${node.getText()}`)
            }
            ts.forEachChild(node, walk)
        }
        walk(file)
    }
    return found
}

function programOf(config: string): ts.Program {
    const parsed = ts.getParsedCommandLineOfConfigFile(
        path.join(top, config),
        {},
        {
            ...ts.sys,
            onUnRecoverableConfigFileDiagnostic: fault => {
                throw new Error(ts.formatDiagnostic(fault, HOST))
            },
        }
    ) as ts.ParsedCommandLine
    expect(parsed.fileNames.length).toBeGreaterThan(30)
    return ts.createProgram(parsed.fileNames, parsed.options)
}

const HOST: ts.FormatDiagnosticsHost = {
    getCanonicalFileName: name => name,
    getCurrentDirectory: () => top,
    getNewLine: () => "\n",
}

test.each(["tsconfig.json", "src/espruino/tsconfig.json", "sim/tsconfig.json"])(
    "no order of members: %s",
    { timeout: 120_000 },
    config => {
        expect(comparisons(programOf(config))).toEqual([])
    }
)

test("a comparison is found", () => {
    const code = `enum Kind { A, B }
        declare const kind: Kind, number: number
        export const first = kind < Kind.B, second = number < 3
        export const third = (kind === Kind.A ? Kind.B : kind) >= number
    `
    const name = path.join(top, "x.ts")
    const host = ts.createCompilerHost({})
    const read = host.getSourceFile.bind(host)
    host.getSourceFile = (file, target) =>
        file === name
            ? ts.createSourceFile(file, code, target)
            : read(file, target)
    const found = comparisons(ts.createProgram([name], { noLib: true }, host))
    expect(found).toEqual([
        "x.ts:3 kind < Kind.B",
        "x.ts:4 (kind === Kind.A ? Kind.B : kind) >= number",
    ])
})
