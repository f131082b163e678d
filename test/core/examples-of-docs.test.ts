/** What the pages tell a reader to type can be typed: programs compile, commands exist, links lead somewhere. */
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import vm from "node:vm"
import ts from "typescript"
import { describe, expect, test } from "vitest"
import { pages, root, source } from "./pages"

interface Block {
    readonly language: string
    readonly text: string
    /** page and line, e.g. README.md:40 */
    readonly place: string
}

/** The fenced blocks of a page. */
function blocksOf(page: string): Block[] {
    const blocks: Block[] = []
    let language: string | undefined
    let lines: string[] = []
    source(page)
        .split("\n")
        .forEach((line, i) => {
            const fence = /^\s*```(\w*)/.exec(line)
            if (fence === null) lines.push(line)
            else if (language === undefined) {
                language = fence[1]
                lines = []
            } else {
                const text = lines.join("\n")
                const place = `${page}:${i + 1 - lines.length}`
                blocks.push({ language, text, place })
                language = undefined
            }
        })
    return blocks
}

const blocks = pages.flatMap(blocksOf)
const programs = blocks.filter(({ language }) => language === "ts")

/** What fragments of a page find there already: its name, and where it comes from. */
const AROUND: Record<string, [name: string, declaration: string]> = {
    "docs/virtual-sim800.md": [
        "modem",
        'declare const modem: import("virtual-sim800").VirtualSim800',
    ],
    "sim/README.md": [
        "driver",
        "declare const driver: { receive(bytes: Uint8Array): void }",
    ],
}

/** A program of a board, which DeviceScript compiles; all others run in Node. */
const isFirmware = (text: string): boolean =>
    /from "(@devicescript\/\w+|devicescript-sim800|\.\/index)"/.test(text)

/** Type-checks blocks, as files beside those that they import from. */
function complaints(
    chosen: readonly Block[],
    config: string,
    beside: string,
    paths: Record<string, string[]>
): string[] {
    const parsed = ts.getParsedCommandLineOfConfigFile(
        path.join(root, config),
        { paths, noUnusedLocals: false, noUnusedParameters: false },
        { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined }
    )
    if (parsed === undefined) throw new Error(`there is no ${config}`)
    const texts = new Map<string, string>()
    const places = new Map<string, Block>()
    chosen.forEach((block, i) => {
        const file = path.join(root, beside, `block-of-docs-${i}.ts`)
        const [name, declaration] = AROUND[block.place.split(":")[0]] ?? []
        const own = name && block.text.includes(`const ${name} =`)
        const around = own ? "" : (declaration ?? "")
        // on the first line, so that lines are those of the page
        texts.set(file, `${around};${block.text}\nexport {}`)
        places.set(file, block)
    })
    const host = ts.createCompilerHost(parsed.options)
    const { readFile, fileExists, getSourceFile } = host
    host.readFile = file => texts.get(path.resolve(file)) ?? readFile(file)
    host.fileExists = file => texts.has(path.resolve(file)) || fileExists(file)
    host.getSourceFile = (file, options) => {
        const text = texts.get(path.resolve(file))
        return text === undefined
            ? getSourceFile(file, options)
            : ts.createSourceFile(file, text, options)
    }
    const globals = parsed.fileNames.filter(file =>
        file.includes("node_modules")
    )
    const program = ts.createProgram(
        [...texts.keys(), ...globals],
        parsed.options,
        host
    )
    return [...texts.keys()].flatMap(file => {
        const sourceFile = program.getSourceFile(file)
        return [
            ...program.getSyntacticDiagnostics(sourceFile),
            ...program.getSemanticDiagnostics(sourceFile),
        ].map(({ messageText, start = 0 }) => {
            const line = sourceFile?.getLineAndCharacterOfPosition(start).line
            const block = places.get(file)
            return `${block?.place} + ${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`
        })
    })
}

test("programs for DeviceScript compile", () => {
    const firmware = programs.filter(({ text }) => isFirmware(text))
    expect(firmware.length).toBeGreaterThan(8)
    expect(
        complaints(firmware, "tsconfig.json", "src", {
            "devicescript-sim800": [path.join(root, "src/index.ts")],
        })
    ).toEqual([])
}, 120_000)

/** Entries of a module of one's own. */
const isEspruino = (text: string): boolean => text.includes("/src/espruino/")

test("entries for Espruino compile", () => {
    const entries = programs.filter(({ text }) => isEspruino(text))
    expect(entries.length).toBeGreaterThan(0)
    expect(
        complaints(entries, "src/espruino/tsconfig.json", "docs", {})
    ).toEqual([])
}, 120_000)

test("programs for Node compile", () => {
    const others = programs.filter(
        ({ text }) => !isFirmware(text) && !isEspruino(text)
    )
    expect(others.length).toBeGreaterThan(4)
    expect(
        complaints(others, "tsconfig.node.json", ".", {
            "virtual-sim800": [path.join(root, "sim/index.ts")],
        })
    ).toEqual([])
}, 120_000)

describe("other blocks can be read", () => {
    const of = (language: string): Block[] =>
        blocks.filter(block => block.language === language)

    test.each(of("json"))("$place is JSON", ({ text }) => {
        expect(
            () => void JSON.parse(/^\s*[{[]/.test(text) ? text : `{${text}}`)
        ).not.toThrow()
    })

    // a script of Espruino's is no module
    const scripts = [...of("js"), ...of("javascript")]
    for (const { place, text } of scripts)
        test(`${place} is JavaScript`, () => {
            const asked = /^\s*import /m.test(text)
                ? ts.transpile(text, { module: ts.ModuleKind.CommonJS })
                : text
            expect(
                () => new vm.Script(`(async function () { ${asked}\n})`)
            ).not.toThrow()
        })
})

interface Manifest {
    readonly name: string
    readonly version: string
    readonly scripts?: Record<string, string>
    readonly bin?: Record<string, string>
}
const manifest = (folder: string): Manifest =>
    JSON.parse(
        readFileSync(path.join(root, folder, "package.json"), "utf8")
    ) as Manifest
const packages = [".", "sim", "optimizer"].map(manifest)
const scripts = packages[0].scripts ?? {}
/** What a command of ours is made of: its options stand there. */
const SOURCES: Record<string, string[]> = {
    start: [
        "simulator/start.ts",
        "sim/adapter/address-flags.ts",
        "sim/flags.ts",
        "sim/control/console.ts",
    ],
    modem: ["sim/modem-cli.ts", "sim/flags.ts", "sim/control/console.ts"],
    selftest: [
        "simulator/selftest.ts",
        "simulator/selftest-run.ts",
        "sim/adapter/address-flags.ts",
        "sim/flags.ts",
    ],
    soak: ["test/robustness/soak.ts"],
    bench: ["bench/main.ts"],
}
SOURCES["virtual-sim800"] = SOURCES.modem
SOURCES["devs-sim800"] = SOURCES.start

/** What comes from the registry, by the page that says so. */
const FETCHED = ["espruino"]

/** Programs that the reader writes. */
const YOURS = ["src/hello.ts", "src/other.ts"]

/** The commands of a page's blocks and of its sentences. */
function commandsOf(page: string): string[] {
    const typed = blocksOf(page)
        .filter(({ language }) => ["sh", "bash", ""].includes(language))
        .flatMap(({ text }) => text.replaceAll("\\\n", " ").split("\n"))
    const said = [...source(page).matchAll(/`([^`\n]+)`/g)].map(
        ([, text]) => text
    )
    return [...typed, ...said]
        .map(line => line.replace(/\s+#.*$/, "").trim())
        .filter(line => /^((\w+=\S+ )*)(npm|npx|node) /.test(line))
}

const asked = [...new Set(pages.flatMap(commandsOf))]

test("pages have commands", () => expect(asked.length).toBeGreaterThan(40))

test.each(asked)("%s", command => {
    const words = command.replace(/^(\w+=\S+ )+/, "").split(/\s+/)
    const [program, ...rest] = words
    let ours: string | undefined
    if (program === "npm") {
        const named = rest[0] === "run" ? rest[1] : rest[0]
        if (rest[0] === "run" || rest[0] === "start" || rest[0] === "test") {
            if (named !== undefined)
                expect(Object.keys(scripts)).toContain(named)
            ours = named
        } else
            expect([
                "ci",
                "init",
                "install",
                "pack",
                "publish",
                "version",
            ]).toContain(rest[0])
    } else if (program === "npx") {
        const name = rest.find(word => !word.startsWith("-")) ?? ""
        const bins = packages.flatMap(({ bin }) => Object.keys(bin ?? {}))
        const installed = existsSync(path.join(root, "node_modules/.bin", name))
        const whole = existsSync(path.join(root, "node_modules", name))
        expect(
            [...bins, ...FETCHED].includes(name) || installed || whole,
            `there is no ${name}`
        ).toBe(true)
        ours = name
    }
    // files of this repository
    for (const word of rest)
        if (
            /^(src|boards|test|bench|simulator|sim|optimizer|docs)\/[\w./-]+\.(ts|mjs|js|json)$/.test(
                word
            )
        )
            if (!YOURS.includes(word))
                expect(existsSync(path.join(root, word)), word).toBe(true)
    const sources = SOURCES[ours ?? ""]
    if (sources === undefined) return
    const text = sources
        .map(file => readFileSync(path.join(root, file), "utf8"))
        .join("\n")
    for (const [option] of command.matchAll(/(?<= )--[a-z][\w-]+/g))
        expect(
            text.includes(`${option} `) ||
                text.includes(`${option}"`) ||
                option === "--help",
            option
        ).toBe(true)
})

/** The anchor that a heading has, as GitHub and TypeDoc make it. */
function anchorOf(heading: string): string {
    return heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-")
}

function anchorsOf(page: string): Set<string> {
    const text = source(page).replace(/^```[^]*?^```/gm, "")
    return new Set([
        ...[...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
            anchorOf(heading)
        ),
        ...[...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id),
    ])
}

test.each(pages)("the links of %s lead somewhere", page => {
    for (const [, file, anchor] of source(page).matchAll(
        /\]\(([^)#:\s]*)(?:#([^)\s]*))?\)/g
    )) {
        const target = path.join(path.dirname(page), file)
        if (file !== "")
            expect(existsSync(path.join(root, target)), file).toBe(true)
        const there = file === "" ? page : target
        if (anchor !== undefined && there.endsWith(".md"))
            expect([...anchorsOf(there)], `${file}#${anchor}`).toContain(anchor)
    }
})
