/**
 * Code that waits, in what Espruino understands: TypeScript makes a function with
 * a switch of each `async` one, which two functions of `src/espruino/async.ts` run.
 * It is what the self-test is written in, for both runtimes.
 */
import ts from "typescript"

/**
 * @param source TypeScript
 * @param helpers from where the two are to be imported
 * @returns JavaScript, its imports as they were
 */
export function withoutAsync(source: string, helpers: string): string {
    const plain = source
        // classes of errors are broken there
        .replace(/ extends Error\b/g, "")
        .replace(/\bsuper\((\w+)\)/g, "this.message = $1")
        // bytes, not a list of their numbers
        .replace(/\bcopy\.toString\(\)/g, "E.toString(copy)")
    const { outputText } = ts.transpileModule(plain, {
        compilerOptions: {
            target: ts.ScriptTarget.ES5,
            module: ts.ModuleKind.ESNext,
            noEmitHelpers: true,
        },
    })
    // a place in a list that is left out is not parsed
    const code = outputText.replace(
        /\.trys\.push\(\[([^\]]*)\]\)/g,
        (_, labels: string) =>
            `.trys.push([${labels
                .split(",")
                .map(label => label.trim() || "0")
                .join(", ")}])`
    )
    return `import { __awaiter, __generator } from ${JSON.stringify(helpers)}\n${code}`
}
