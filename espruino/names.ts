/**
 * The driver's own names of properties: those that its sources declare, without those
 * that its users, Espruino or the language know. Among the latter, `typed.ts` finds
 * more by their types.
 */
import fs from "node:fs"
import path from "node:path"
import ts from "typescript"

const source = path.resolve(import.meta.dirname, "../src")
/** what users see, and what Espruino has */
const PUBLIC = ["espruino/api.ts", "protocols/mqtt-settings.ts"]
const FOREIGN = [...PUBLIC, "espruino/runtime.d.ts"]
const LANGUAGE = [
    "lib.es5.d.ts",
    "lib.es2015.core.d.ts",
    "lib.es2015.promise.d.ts",
]

function namesOf(text: string): Set<string> {
    const names = new Set<string>()
    const look = (node: ts.Node): void => {
        const named =
            ts.isPropertyDeclaration(node) ||
            ts.isPropertySignature(node) ||
            ts.isMethodDeclaration(node) ||
            ts.isMethodSignature(node) ||
            ts.isPropertyAssignment(node) ||
            ts.isShorthandPropertyAssignment(node) ||
            (ts.isParameter(node) &&
                ts.isParameterPropertyDeclaration(node, node.parent))
        if (named && ts.isIdentifier(node.name)) names.add(node.name.text)
        ts.forEachChild(node, look)
    }
    look(ts.createSourceFile("x.ts", text, ts.ScriptTarget.ES2022, true))
    return names
}

export function* sourcesOf(folder: string): Generator<string> {
    for (const entry of fs.readdirSync(folder, {
        recursive: true,
        encoding: "utf8",
    }))
        if (entry.endsWith(".ts")) yield path.join(folder, entry)
}

/** The options of a modem, which the core reads by their names. */
function optionNames(): Set<string> {
    const text = fs.readFileSync(path.join(source, "core/options.ts"), "utf8")
    const [from] = /^export interface ModemOptions \{[^]*?^\}/m.exec(text) ?? []
    if (!from) throw new Error("core/options.ts declares no ModemOptions")
    return namesOf(from)
}

/** Names that users of the module see. */
export function publicNames(): Set<string> {
    const names = new Set<string>()
    for (const file of PUBLIC)
        for (const name of namesOf(
            fs.readFileSync(path.join(source, file), "utf8")
        ))
            names.add(name)
    for (const name of optionNames()) names.add(name)
    return names
}

/** All names that the sources declare. */
export function declaredNames(): Set<string> {
    const declared = new Set<string>()
    for (const folder of ["core", "espruino", "selftest"])
        for (const file of sourcesOf(path.join(source, folder)))
            for (const name of namesOf(fs.readFileSync(file, "utf8")))
                declared.add(name)
    return declared
}

/** Names that are the driver's own on any object. */
export function ownNames(): Set<string> {
    const own = declaredNames()
    const library = path.dirname(ts.getDefaultLibFilePath({}))
    const foreign = [
        ...FOREIGN.map(file => path.join(source, file)),
        ...LANGUAGE.map(file => path.join(library, file)),
    ]
    for (const file of foreign)
        for (const name of namesOf(fs.readFileSync(file, "utf8")))
            own.delete(name)
    for (const name of optionNames()) own.delete(name)
    return own
}
