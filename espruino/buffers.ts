/**
 * DeviceScript's Buffer on Espruino. The core calls `line.blitAt(…)`, but Espruino's
 * bytes are a Uint8Array, whose prototype belongs to its user. So the build replaces
 * methods by functions, and the shortest ones by plain JavaScript: an interpreter of
 * source text pays for each call.
 *
 *     line.blitAt(0, buf, tail, n)     blit(line, 0, buf, tail, n)
 *     buf.indexOf(LF, from, to)        find(buf, LF, from, to)
 *     text.indexOf(": ")               place(text, ": ")
 *     line.fillAt(len, 4, 0)           line.set("\0\0\0\0", len)
 *     row.getAt(at, "u16")             (row[at]|row[at+1]<<8)
 *     Buffer.alloc(n)                  new Uint8Array(n)
 *     Math.floor(a / b)                (a / b | 0)
 *     table([…], 5), words([…])        new table([…], 5), […]
 *     rowText(TABLE, i)                TABLE.text(i)
 *     rowAt(INDEX, TABLE, line, at)    rowAt(INDEX, line, at)
 *
 * The functions are those of `src/espruino/bytes.ts`.
 */
import ts from "typescript"

/** Longest range that is filled without a call. */
const SHORT = 8

/** Methods of a table of `src/espruino/table.ts` that replace the core's functions. */
const TABLES: Record<string, ((...args: string[]) => string) | undefined> = {
    table: (cells, columns, width) =>
        `new table(${cells}, ${columns}, ${width})`,
    words: list => list,
    numbersOf: all => `${all}.numbers`,
    textsOf: all => `${all}.list()`,
    rowText: (all, row) => `${all}.text(${row})`,
    wordOf: (list, i) => `${list}[${i}]`,
    lookup: all => `new lookup(${all})`,
    rowAt: (all, _, line, at) => `rowAt(${all}, ${line}, ${at})`,
}

interface Edit {
    from: number
    to: number
    text: string
}

/** Whether an expression may be duplicated: it has no effect, and is cheap. */
function isPlain(node: ts.Expression): boolean {
    if (ts.isIdentifier(node) || ts.isNumericLiteral(node)) return true
    if (node.kind === ts.SyntaxKind.ThisKeyword) return true
    return ts.isPropertyAccessExpression(node) && isPlain(node.expression)
}

/** Whether it is a quotient: all dividends here have fewer than 32 bits. */
function isQuotient(node: ts.Expression): boolean {
    return (
        ts.isBinaryExpression(node) &&
        node.operatorToken.kind === ts.SyntaxKind.SlashToken
    )
}

/** Name of a function of `bytes.ts` where it is called: the file may have that name. */
const alias = (name: string): string => `bytes$${name}`

/**
 * @param source TypeScript of `src/core` or `src/espruino`
 * @param bytes module name of `bytes.ts`
 * @param within all copies here are of bytes, within both buffers: they need no
 * function
 */
export function withoutBuffer(
    source: string,
    bytes: string,
    within = false
): string {
    const file = ts.createSourceFile(
        "x.ts",
        source,
        ts.ScriptTarget.ES2022,
        true
    )
    const used = new Set<string>()

    /** The text of a node, rewritten inside. */
    const text = (node: ts.Node): string => {
        const edits: Edit[] = []
        const look = (child: ts.Node): void => {
            const other = rewritten(child)
            if (other === undefined) ts.forEachChild(child, look)
            else
                edits.push({
                    from: child.getStart(file),
                    to: child.getEnd(),
                    text: other,
                })
        }
        ts.forEachChild(node, look)
        let result = ""
        let at = node.getStart(file)
        for (const edit of edits) {
            result += source.slice(at, edit.from) + edit.text
            at = edit.to
        }
        return result + source.slice(at, node.getEnd())
    }
    const whole = (node: ts.Node): string => rewritten(node) ?? text(node)
    const call = (name: string, args: readonly ts.Node[]): string => {
        used.add(name)
        return `${alias(name)}(${args.map(whole).join(", ")})`
    }

    const rewritten = (node: ts.Node): string | undefined => {
        if (
            ts.isBinaryExpression(node) &&
            node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword &&
            node.right.getText(file) === "Buffer"
        )
            return `${whole(node.left)} instanceof Uint8Array`
        if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
            const write = TABLES[node.expression.text]
            if (write) return write(...node.arguments.map(whole))
        }
        if (
            !ts.isCallExpression(node) ||
            !ts.isPropertyAccessExpression(node.expression)
        )
            return undefined
        const bytes = node.expression.expression
        const name = node.expression.name.text
        const args = node.arguments
        if (
            bytes.getText(file) === "Math" &&
            name === "floor" &&
            isQuotient(args[0])
        )
            return `(${whole(args[0])} | 0)`
        if (bytes.getText(file) === "Buffer") {
            if (name === "alloc" || ts.isArrayLiteralExpression(args[0]))
                return `new Uint8Array(${whole(args[0])})`
            if (name === "from") return call("bytesOf", args)
        }
        const all = [bytes, ...args]
        // Espruino's own search finds false matches
        if (
            name === "indexOf" &&
            ts.isStringLiteral(args[0]) &&
            args[0].text.length > 1
        )
            return call("place", all)
        if (name === "blitAt") {
            if (!within) return call("blit", all)
            const [to, source, from, length] = args
            const [begin, at] = [whole(from), whole(to)]
            const end = `${begin === "0" ? "" : `${begin} + `}(${whole(length)})`
            const place = at === "0" ? "" : `, ${at}`
            return `${whole(bytes)}.set(${whole(source)}.subarray(${begin}, ${end})${place})`
        }
        if (name === "indexOf" && args.length === 3) return call("find", all)
        if (name === "fillAt") {
            const [at, length, value] = args
            const few = ts.isNumericLiteral(length) && +length.text <= SHORT
            if (!few || !isPlain(bytes) || !isPlain(at))
                return call("fill", all)
            // one native call is cheaper than expressions
            if (value.getText(file) === "0")
                return `${text(bytes)}.set("${"\\0".repeat(+length.text)}", ${text(at)})`
            let chain = ""
            for (let i = 0; i < +length.text; i++)
                chain += `${text(bytes)}[${text(at)} + ${i}] = `
            return chain + whole(value)
        }
        if (name === "getAt" || name === "setAt") {
            const format = args[1].getText(file).slice(1, -1)
            if (format !== "u16" && format !== "u32")
                throw new Error(`no such format here: ${node.getText(file)}`)
            if (name === "getAt" && format === "u16" && isPlain(bytes)) {
                const b = text(bytes)
                const [at] = args
                // numbers that are known are put together
                const next =
                    ts.isBinaryExpression(at) &&
                    at.operatorToken.kind === ts.SyntaxKind.PlusToken
                        ? `${whole(at.left)} + (${whole(at.right)} + 1)`
                        : `${whole(at)} + 1`
                return `(${b}[${whole(at)}] | (${b}[${next}] << 8))`
            }
            const kind = format === "u16" ? "16" : "32"
            return call(
                name.slice(0, 3) + kind,
                all.filter(arg => arg !== args[1])
            )
        }
        return undefined
    }

    const result = source.slice(0, file.getStart(file)) + text(file)
    if (used.size === 0) return result
    const imports = [...used].map(name => `${name} as ${alias(name)}`)
    return `import { ${imports.join(", ")} } from ${JSON.stringify(bytes)}\n${result}`
}
