/**
 * Bundles a module for Espruino and all its imports into one file: readable, and small.
 *
 * esbuild joins the files, removes unused code and writes enumerations as numbers;
 * terser minifies. Names of the driver's own properties become short: variables of
 * Espruino have 14 bytes, names included.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { build, type BuildOptions, type Plugin } from "esbuild"
import { minify, type CompressOptions, type MinifyOptions } from "terser"
import { withoutAsync } from "./async"
import { withoutBuffer } from "./buffers"
import { coldNames, INIT, isAmidCold, MAKE, withCold, withLists } from "./cold"
import { withExpressions, withInlined } from "./inlined"
import { withoutUnread, withoutUnused } from "./methods"
import { declaredNames, ownNames, publicNames, sourcesOf } from "./names"
import { neverIn } from "./never"
import {
    withChains,
    withFields,
    withoutBlocks,
    withSelf,
    withShortNames,
    withVar,
} from "./shorter"
import { withPacked } from "./packed"
import {
    withOf,
    withoutCopies,
    withoutNothing,
    withoutSwitches,
} from "./redundant"
import { RESERVED } from "./subset"
import { kinOf, NOW, typed, type Kin } from "./typed"

const source = path.resolve(import.meta.dirname, "../src")
const cache = path.resolve(
    import.meta.dirname,
    "../node_modules/.cache/espruino"
)
const bytes = path.join(source, "espruino/bytes.ts")
const waits = path.join(source, "espruino/async.ts")

/** Sources with `async`, and in more of the language than the core. */
const isSelfTest = /[\\/]src[\\/]selftest([\\/]|\.ts$)/
/** What copies no more than there is, with each line and each piece of data. */
const isWithin = /[\\/]src[\\/]core[\\/]digest\.ts$/
/** Sources that Espruino's own files replace. */
const REPLACED: [RegExp, string][] = [
    [/^\.\.?\/(.*\/)?text$/, "text.ts"],
    [/^\.\.?\/(.*\/)?table$/, "table.ts"],
    [/^\.\.?\/(.*\/)?lookup$/, "lookup.ts"],
    [/^\.\.?\/(.*\/)?words$/, "words.ts"],
    [/^\.\/selftest\/heap$/, "heap.ts"],
    [/^\.\/devicescript\/arguments$/, "errors.ts"],
    [/^@devicescript\/core$/, "clock.ts"],
    [/^selftest$/, "../selftest.ts"],
]

function read(file: string): string {
    return fs.readFileSync(file, "utf8")
}

export interface Bundle {
    /** the code before minification, with the names of the source */
    readable: string
    small: string
}

/** How the sources are put together. */
function settings(entry: string, lean: boolean): BuildOptions {
    return {
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
    }
}

/** @param change transforms a source before it is compiled */
function sources(change: (file: string) => string): Plugin {
    return {
        name: "for Espruino",
        setup(plugin) {
            for (const [filter, file] of REPLACED)
                plugin.onResolve({ filter }, () => ({
                    path: path.join(source, "espruino", file),
                }))
            plugin.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
                const text = change(file)
                return isSelfTest.test(file)
                    ? { contents: withoutAsync(text, waits), loader: "js" }
                    : { contents: text, loader: "ts" }
            })
        },
    }
}

/**
 * Makes a bundle, or takes an earlier one of the same sources, since it takes seconds.
 * @param entry path of the file with the module's exports
 */
export async function bundle(entry: string): Promise<Bundle> {
    const hash = createHash("sha256").update(path.basename(entry))
    for (const folder of [source, import.meta.dirname])
        for (const file of sourcesOf(folder)) hash.update(read(file))
    if (!entry.startsWith(source)) hash.update(read(entry))
    const made = path.join(cache, `${hash.digest("hex")}.json`)
    if (fs.existsSync(made)) return JSON.parse(read(made)) as Bundle
    const bundled = await fresh(entry)
    fs.mkdirSync(cache, { recursive: true })
    // others may be at the same
    fs.writeFileSync(`${made}.${process.pid}`, JSON.stringify(bundled))
    fs.renameSync(`${made}.${process.pid}`, made)
    return bundled
}

async function fresh(entry: string): Promise<Bundle> {
    const lean = read(entry).includes("@lean")
    // the files of the bundle show what can never happen
    const first = await build({
        ...settings(entry, lean),
        metafile: true,
        plugins: [sources(file => withoutBuffer(read(file), bytes))],
    })
    const [output] = Object.values(first.metafile.outputs)
    // a file of which only numbers are taken is none
    const files = Object.keys(output.inputs).filter(
        file => output.inputs[file].bytesInOutput > 0
    )
    const never = neverIn(files, lean)
    const own = ownNames()
    // the self-test knows the core by its names
    const plain = files.some(file => isSelfTest.test(`/${file}`))
    const foreign = new Set<string>()
    if (!plain)
        for (const name of declaredNames())
            if (!own.has(name)) foreign.add(name)
    const result = await build({
        ...settings(entry, lean),
        plugins: [
            sources(file => {
                const within = isWithin.test(file)
                if (plain) return withoutBuffer(read(file), bytes, within)
                const { text, names } = typed(file, never, foreign)
                for (const name of names) own.add(name)
                return withoutBuffer(text, bytes, within)
            }),
        ],
    })
    const [bundled] = result.outputFiles ?? []
    const code = commonJs(withPacked(bundled.text)).replace(
        /\brequireModule\(/g,
        "require("
    )
    own.add(INIT)
    // of files that TypeScript does not know by their types, all names are one group
    const kin = plain
        ? { groups: [own], optional: new Set<string>() }
        : kinOf(
              files.map(file => path.resolve(file)),
              foreign
          )
    // every class has it
    kin.optional.add(INIT)
    const names = [...own].filter(name => /^\w+$/.test(name))
    const now = plain ? "" : `var ${NOW} = 0;\n`
    return {
        readable: now + withCold(code),
        small: await smaller(now + code, names, kin),
    }
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
    inline: 2,
    reduce_funcs: false,
    computed_props: false,
    negate_iife: false,
    typeofs: false,
    pure_getters: true,
}

/** Most rounds of removal, since each may make more code unused. */
const TURNS = 6

async function smaller(
    readable: string,
    names: string[],
    kin: Kin
): Promise<string> {
    const options: MinifyOptions = {
        ecma: 2015,
        toplevel: true,
        compress: COMPRESS,
        mangle: false,
        format: { ascii_only: true, comments: false, ecma: 2015 },
    }
    const own = new Set(names)
    const known = publicNames()
    // first remove what can never happen, then methods no longer called, and so on
    let plain = readable
    for (let turn = 0; turn < TURNS; turn++) {
        const before = plain
        const { code } = await minify(plain, options)
        plain = withoutUnread(withoutUnused(code as string, known), own)
        if (plain === before) break
    }
    for (let turn = 0; turn < TURNS; turn++) {
        const before = plain
        const inlined = withoutCopies(
            withExpressions(withInlined(plain, own), own)
        )
        const chosen = withoutSwitches(inlined, isAmidCold)
        const { code } = await minify(withOf(withoutNothing(chosen)), options)
        plain = withoutUnread(withoutUnused(code as string, known), own)
        if (plain === before) break
    }
    plain = withLists(plain)
    for (const name of coldNames(plain)) own.add(name)
    own.add(MAKE)
    const shorter = withShortNames(
        withSelf(withVar(withChains(withCold(withFields(plain, own))))),
        own,
        RESERVED,
        kin
    )
    const { code } = await minify(shorter, {
        ...options,
        compress: {
            ...COMPRESS,
            sequences: true,
            inline: 0,
            collapse_vars: false,
            reduce_vars: false,
        },
        mangle: { toplevel: true },
    })
    return withoutBlocks(code as string)
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
