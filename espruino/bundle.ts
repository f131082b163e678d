/**
 * Makes one file of a module for Espruino and all it imports: readable, and
 * small.
 *
 * esbuild puts the files together, leaves out what nobody uses and writes
 * enumerations as numbers; terser makes it small. Names of properties that only
 * the driver uses become short: variables of Espruino have 14 bytes, names
 * included.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { build } from "esbuild"
import { minify, type CompressOptions } from "terser"
import { withoutAsync } from "./async"
import { withoutBuffer } from "./buffers"
import { withFixed } from "./fixed"
import { withoutConst, withoutUnused } from "./methods"
import { ownNames, publicNames } from "./names"
import { RESERVED } from "./subset"

const source = path.resolve(import.meta.dirname, "../src")
const cache = path.resolve(
    import.meta.dirname,
    "../node_modules/.cache/espruino"
)
const bytes = path.join(source, "espruino/bytes.ts")
const waits = path.join(source, "espruino/async.ts")

/** What is written with `async`, and in more of the language than the core. */
const isSelfTest = /[\\/]src[\\/]selftest([\\/]|\.ts$)/
/** What Espruino has files of its own for. */
const REPLACED: [RegExp, string][] = [
    [/^\.\.?\/(.*\/)?text$/, "text.ts"],
    [/^\.\/selftest\/heap$/, "heap.ts"],
    [/^\.\/devicescript\/arguments$/, "errors.ts"],
    [/^@devicescript\/core$/, "clock.ts"],
    [/^selftest$/, "../selftest.ts"],
]

export interface Bundle {
    /** what it is made of, with the names of the source */
    readable: string
    small: string
}

/** @param entry path of the file whose exports the module has */
export async function bundle(entry: string): Promise<Bundle> {
    const lean = fs.readFileSync(entry, "utf8").includes("@lean")
    const result = await build({
        entryPoints: [entry],
        bundle: true,
        write: false,
        format: "esm",
        target: "es2015",
        charset: "ascii",
        legalComments: "none",
        logLevel: "error",
        define: { LEAN: `${lean}` },
        treeShaking: true,
        tsconfigRaw: {
            compilerOptions: {
                useDefineForClassFields: false,
                target: "es2015",
            },
        },
        plugins: [
            {
                name: "no Buffer",
                setup(plugin) {
                    for (const [filter, file] of REPLACED)
                        plugin.onResolve({ filter }, () => ({
                            path: path.join(source, "espruino", file),
                        }))
                    plugin.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
                        const own = fs.readFileSync(file, "utf8")
                        const text = withoutBuffer(
                            lean ? withFixed(own, file) : own,
                            bytes
                        )
                        return isSelfTest.test(file)
                            ? {
                                  contents: withoutAsync(text, waits),
                                  loader: "js",
                              }
                            : { contents: text, loader: "ts" }
                    })
                },
            },
        ],
    })
    const readable = commonJs(result.outputFiles[0].text).replace(
        /\brequireModule\(/g,
        "require("
    )
    const names = [...ownNames()].filter(name => /^\w+$/.test(name))
    const small = await kept(readable + names.join(), () =>
        smaller(readable, names)
    )
    return { readable, small }
}

/** What has been made before of the same is taken from there: terser takes seconds. */
async function kept(
    from: string,
    make: () => Promise<string>
): Promise<string> {
    const own = fs.readFileSync(import.meta.filename, "utf8") + RESERVED
    const hash = createHash("sha256")
        .update(from + own)
        .digest("hex")
    const file = path.join(cache, `${hash}.js`)
    if (fs.existsSync(file)) return fs.readFileSync(file, "utf8")
    const made = await make()
    fs.mkdirSync(cache, { recursive: true })
    // others may be at the same
    fs.writeFileSync(`${file}.${process.pid}`, made)
    fs.renameSync(`${file}.${process.pid}`, file)
    return made
}

/** What terser may do: nothing that Espruino gets wrong, or is slower with. */
const COMPRESS: CompressOptions = {
    passes: 2,
    toplevel: true,
    // a function has to stand before it is used
    hoist_funs: false,
    hoist_vars: false,
    keep_infinity: true,
    arrows: false,
    sequences: false,
    inline: 1,
    reduce_funcs: false,
    computed_props: false,
    negate_iife: false,
    typeofs: false,
    pure_getters: true,
}

async function smaller(readable: string, names: string[]): Promise<string> {
    // what can not happen goes first, then methods that nobody calls any more
    const plain = await minify(readable, {
        ecma: 2015,
        toplevel: true,
        compress: COMPRESS,
        mangle: false,
        format: { ascii_only: true, comments: false, ecma: 2015 },
    })
    const { code } = await minify(
        withoutConst(withoutUnused(plain.code as string, publicNames())),
        {
            ecma: 2015,
            toplevel: true,
            compress: COMPRESS,
            mangle: {
                toplevel: true,
                properties: {
                    builtins: true,
                    reserved: RESERVED,
                    keep_quoted: true,
                    regex: new RegExp(`^(${names.join("|")})$`),
                },
            },
            format: { ascii_only: true, comments: false, ecma: 2015 },
        }
    )
    return code as string
}

/** `export { a as b }` at the end becomes `exports.b = a`. */
function commonJs(code: string): string {
    return code.replace(/export \{([^}]*)\};\s*$/, (_, list: string) =>
        list
            .split(",")
            .map(item => item.trim().split(" as "))
            .filter(([name]) => name)
            .map(([name, as]) => `exports.${as ?? name} = ${name};\n`)
            .join("")
    )
}
