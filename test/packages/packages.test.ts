/**
 * The packages, as `npm run tarballs` makes them, in folders outside of this repository:
 * what is in them, and docs/your-own-project.md, literally: each of its commands is
 * typed, each of its programs is written.
 */
import { execFileSync, spawnSync } from "node:child_process"
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs"
import net, { type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { makeTarballs } from "../../packaging/tarballs"
import { root, source } from "../core/pages"
import { Registry } from "./registry"
import { Shell } from "./shell"

const blocks = [
    ...source("docs/your-own-project.md").matchAll(/```(\w+)\n([^]*?)```/g),
].map(([, language, text]) => ({ language, text }))
const program = blocks.find(({ language }) => language === "ts")?.text ?? ""
const commands = blocks
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.trim().split("\n"))

let folder: string
let project: string
let files: string[]
let registry: Registry
let env: NodeJS.ProcessEnv
/** stands for 8080, which somebody else may have */
let port: number
const running: Shell[] = []

const command = (begin: string): string => {
    const found = commands.find(line => line.startsWith(begin))
    if (found === undefined) throw new Error(`the page does not say ${begin}`)
    return found.replaceAll("8080", String(port))
}
const shell = (line: string, cwd = project): Shell => {
    const started = new Shell(line, cwd, env)
    running.push(started)
    return started
}
async function run(line: string, cwd = project): Promise<string> {
    const started = shell(line, cwd)
    expect(await started.ended, `${line}\n${started.output}`).toBe(0)
    return started.output
}

beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "own project ü "))
    project = path.join(folder, "my-project")
    registry = await Registry.open()
    env = {
        ...Object.fromEntries(
            Object.entries(process.env).filter(
                ([name]) => !name.startsWith("npm_")
            )
        ),
        npm_config_registry: registry.url,
        npm_config_cache: path.join(folder, "cache"),
        // npx asks a person
        npm_config_yes: "true",
        npm_config_update_notifier: "false",
    }
    const probe = net.createServer()
    await new Promise<void>(done => probe.listen(0, "127.0.0.1", done))
    port = (probe.address() as AddressInfo).port
    await new Promise(done => probe.close(done))
    files = makeTarballs(folder)
}, 240_000)

afterAll(async () => {
    for (const each of running) each.interrupt()
    await Promise.all(running.map(({ ended }) => ended))
    registry.close()
    rmSync(folder, { recursive: true, force: true })
})

test("from nothing to an answer, by what the page says", async () => {
    await run(command("npx @devicescript/cli init"), folder)
    await run(command("npm install"))
    expect(
        existsSync(
            path.join(project, "node_modules/devicescript-sim800/src/main.ts")
        )
    ).toBe(false)
    writeFileSync(path.join(project, "src/main.ts"), program)

    shell(command("node -e"))
    const started = shell(command("npx devs-sim800"))
    await started.until(/app +HTTP\/1\.1 200 OK/)
    expect(started.output).toMatch(/\d+ bytes of code, \d+ left/)
    expect(started.output).toContain("AT+CIICR␍")
    started.interrupt()
    await started.ended
    expect(started.output).toMatch(/interrupted\s*$/)

    // what is compiled already is up at once, and has a page
    const again = shell(`${command("npx devs-sim800")} --page`)
    await again.until(/http:\/\/127\.0\.0\.1:\d+/)
    await again.until(/app +HTTP\/1\.1 200 OK/)
    expect(again.output).not.toContain("compiling")
    again.interrupt()
    await again.ended

    // the service of the modem's lines, which the compiler has to know
    await run(command("cp -r"))
    const text = program.replace(
        "new ds.Serial()",
        "new ds.Serial(), lines: new ds.ModemLines()"
    )
    expect(text).not.toBe(program)
    writeFileSync(path.join(project, "src/main.ts"), text)
    expect(await run(command("npx devs-optimized build"))).toMatch(
        /optimi[sz]ed/i
    )
}, 600_000)

test("the page says all that was tried, and nothing else", () => {
    expect(commands.map(line => line.split(" ").slice(0, 2).join(" "))).toEqual(
        [
            "npx @devicescript/cli",
            "cd my-project",
            "npm install",
            "node -e",
            "npx devs-sim800",
            "npx devs-optimized",
            "cp -r",
        ]
    )
    const { version } = JSON.parse(
        readFileSync(path.join(root, "package.json"), "utf8")
    ) as { version: string }
    for (const [, named] of commands
        .join(" ")
        .matchAll(/-(\d+\.\d+\.\d+)\.tgz/g))
        expect(named).toBe(version)
})

test.skipIf(process.platform !== "linux")(
    "the checksums are those of the files",
    () => {
        const sums = readFileSync(path.join(folder, "SHA256SUMS"), "utf8")
        const listed = [...sums.matchAll(/^\S+ {2}(.+)$/gm)].map(([, it]) => it)
        expect([...listed, "SHA256SUMS"]).toEqual(files)
        for (const name of ["SIM800.min.js", "SIM800.d.ts"])
            expect(listed).toContain(name)
        execFileSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], {
            cwd: folder,
        })
    }
)

const NAMES = [
    "devicescript-optimizer",
    "devicescript-sim800",
    "virtual-sim800",
]

describe.each(NAMES)("%s", name => {
    const unpacked = (): string => path.join(folder, "unpacked", name)
    const inside = (): string[] =>
        readdirSync(unpacked(), { recursive: true, encoding: "utf8" }).map(
            file => file.replaceAll("\\", "/")
        )

    beforeAll(() => {
        mkdirSync(unpacked(), { recursive: true })
        const tarball = files.find(file => file.startsWith(`${name}-`)) ?? ""
        execFileSync("tar", [
            "-xzf",
            path.join(folder, tarball),
            "--strip-components=1",
            "-C",
            unpacked(),
        ])
    })

    test("has what a package needs, and no more than belongs into it", () => {
        const all = inside()
        for (const file of ["README.md", "LICENSE", "package.json"])
            expect(all).toContain(file)
        expect(
            all.filter(file =>
                /(^|\/)(tests?\/|examples?\/.*\.ts|node_modules|main\.ts|example\.ts)|\.test\.ts$|tsconfig/.test(
                    file
                )
            )
        ).toEqual([])
        const manifest = JSON.parse(
            readFileSync(path.join(unpacked(), "package.json"), "utf8")
        ) as Record<string, unknown>
        for (const field of [
            "version",
            "description",
            "keywords",
            "homepage",
            "bugs",
            "repository",
            "license",
            "author",
            "type",
            "exports",
            "engines",
            "files",
        ])
            expect(manifest, field).toHaveProperty(field)
        // npm 11 warns of a package that runs something when it is installed
        for (const script of [
            "preinstall",
            "install",
            "postinstall",
            "prepare",
        ])
            expect(manifest.scripts ?? {}).not.toHaveProperty(script)
        for (const file of Object.values(
            manifest.bin as Record<string, string>
        )) {
            expect(all).toContain(file)
            expect(readFileSync(path.join(unpacked(), file), "utf8")).toMatch(
                /^#!\/usr\/bin\/env node\n/
            )
        }
        const code = all.filter(file => file.endsWith(".js"))
        for (const file of code)
            expect(
                readFileSync(path.join(unpacked(), file), "utf8"),
                file
            ).not.toMatch(
                /(from|import\() ?"(\.\.\/)+(src|sim|simulator|optimizer)\//
            )
    })

    test("publint finds nothing", () => {
        const publint = path.join(root, "node_modules/publint/src/cli.js")
        const { stdout, stderr, status } = spawnSync(
            process.execPath,
            [publint, "--strict", "--pack", "false", unpacked()],
            { encoding: "utf8" }
        )
        expect(stdout + stderr).toContain("All good!")
        expect(status).toBe(0)
    })
})

describe("virtual-sim800 in a project of its own", () => {
    let own: string

    beforeAll(async () => {
        own = path.join(folder, "own")
        mkdirSync(own)
        writeFileSync(path.join(own, "package.json"), '{"type":"module"}')
        const tarball = files.find(file => file.startsWith("virtual-sim800-"))
        await run(`npm install ../${tarball} @types/node`, own)
    }, 120_000)

    test("its example passes in Node's own test runner", async () => {
        const output = await run(
            "node --test node_modules/virtual-sim800/example/ping.test.mjs",
            own
        )
        expect(output).toContain("fail 0")
        expect(output).toMatch(/pass [3-9]/)
    })

    test("its types are found, and say what is wrong", () => {
        writeFileSync(
            path.join(own, "user.ts"),
            `
            import { VirtualClock, VirtualSim800 } from "virtual-sim800"
            const modem = new VirtualSim800({ clock: new VirtualClock(), dteBaud: 9600 })
            modem.dte.onData = bytes => console.log(bytes.length)
            modem.inject("pdp-deact")
            // @ts-expect-error
            modem.inject("no such fault")
        `
        )
        const tsc = path.join(root, "node_modules/typescript/bin/tsc")
        const options =
            "--noEmit --strict --skipLibCheck --module nodenext --target es2022"
        const { stdout } = spawnSync(
            process.execPath,
            [tsc, "user.ts", ...options.split(" ")],
            {
                cwd: own,
                encoding: "utf8",
            }
        )
        expect(stdout).toBe("")
    }, 60_000)

    test("its command opens a modem that answers", async () => {
        const started = shell(
            "npx virtual-sim800 --port 0 --profile instant",
            own
        )
        await started.until(/127\.0\.0\.1:(\d+)/)
        const [, port] = /127\.0\.0\.1:(\d+)/.exec(started.output) ?? []
        const socket = net.connect(Number(port), "127.0.0.1")
        const answer = await new Promise<string>((resolve, reject) => {
            let heard = ""
            socket.on("error", reject)
            socket.on("data", bytes => {
                heard += bytes.toString("latin1")
                if (/R14\.18[^]*OK\r\n/.test(heard)) resolve(heard)
            })
            socket.write("ATI\r")
        })
        expect(answer).toMatch(/\r\nOK\r\n$/)
        socket.destroy()
        started.interrupt()
        await started.ended
    }, 30_000)
})
