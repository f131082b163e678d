/**
 * Prints a part of src/core for `npm run mutants -- --mutate`: of its functions
 * and tables each n-th, so that n runs see all of them.
 *
 *     npx tsx test/mutation/part.ts 1 5     the first of five parts
 */
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import ts from "typescript"

const root = path.resolve(import.meta.dirname, "../..")
const [which, parts] = process.argv.slice(2).map(Number)
if (!(which >= 1 && which <= parts)) {
    console.error("which part of how many? For example: 1 5")
    process.exit(1)
}

/** Methods, functions, tables: what holds a mutant whole. */
function pieces(source: ts.SourceFile): ts.Node[] {
    return source.statements.flatMap<ts.Node>(statement =>
        ts.isClassDeclaration(statement) ? [...statement.members] : [statement]
    )
}

const chosen: string[] = []
let count = 0
for (const name of readdirSync(path.join(root, "src/core")).sort()) {
    const file = `src/core/${name}`
    const text = readFileSync(path.join(root, file), "utf8")
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
    const line = (at: number): number =>
        source.getLineAndCharacterOfPosition(at).line + 1
    for (const piece of pieces(source))
        if (++count % parts === which % parts)
            chosen.push(
                `${file}:${line(piece.getStart(source))}-${line(piece.end)}`
            )
}
console.log(chosen.join(","))
