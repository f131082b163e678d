/**
 * Code that waits, in Espruino's language: TypeScript turns each `async` function into
 * one with a switch, which two functions of `src/espruino/async.ts` run. The self-test
 * is written this way, for both runtimes.
 */
import ts from "typescript"

/**
 * @param source TypeScript
 * @param helpers module from which the two are imported
 * @returns JavaScript with unchanged imports
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
