/** The package virtual-sim800: what `npm pack` makes of it works outside of this repository. */
import { execFileSync, spawn } from "node:child_process"
import fs from "node:fs"
import net from "node:net"
import os from "node:os"
import path from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"

const root = path.resolve(import.meta.dirname, "../..")
let project: string
let modules: string

function run(command: string, args: readonly string[]): string {
    return execFileSync(command, args, { cwd: project, encoding: "utf8" })
}

/** What `npm install` of the tarball does, without a network. */
beforeAll(() => {
    project = fs.mkdtempSync(path.join(os.tmpdir(), "virtual-sim800-"))
    modules = path.join(project, "node_modules")
    fs.mkdirSync(path.join(modules, "virtual-sim800"), { recursive: true })
    const [tarball] = JSON.parse(
        run("npm", ["pack", path.join(root, "sim"), "--json", "--silent"])
    ) as [{ filename: string }]
    run("tar", [
        ...["-xzf", tarball.filename, "--strip-components=1"],
        ...["-C", path.join(modules, "virtual-sim800")],
    ])
    const { dependencies } = JSON.parse(
        fs.readFileSync(path.join(root, "sim/package.json"), "utf8")
    ) as { dependencies: Record<string, string> }
    for (const name of [...Object.keys(dependencies), "@types/node"]) {
        const link = path.join(modules, name)
        fs.mkdirSync(path.dirname(link), { recursive: true })
        fs.symlinkSync(path.join(root, "node_modules", name), link)
    }
    fs.writeFileSync(path.join(project, "package.json"), '{"type":"module"}')
}, 120_000)

afterAll(() => fs.rmSync(project, { recursive: true, force: true }))

test("nothing of the repository is in it but the virtual modem", () => {
    const files = fs.readdirSync(path.join(modules, "virtual-sim800"), {
        recursive: true,
        encoding: "utf8",
    })
    expect(files).toContain("README.md")
    expect(files).toContain(path.join("dist", "index.d.ts"))
    expect(
        files.filter(file => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    ).toEqual([])
    const { dependencies, optionalDependencies } = JSON.parse(
        fs.readFileSync(path.join(root, "sim/package.json"), "utf8")
    ) as Record<"dependencies" | "optionalDependencies", object>
    const known = [dependencies, optionalDependencies].flatMap(Object.keys)
    const wanted = files
        .filter(name => /^dist.*\.js$/.test(name))
        .flatMap(file =>
            [
                ...fs
                    .readFileSync(
                        path.join(modules, "virtual-sim800", file),
                        "utf8"
                    )
                    .matchAll(/(?<=(?:from |import\()")[^.$"][^"]*/g),
            ].map(([name]) => name)
        )
        .filter(name => !name.startsWith("node:"))
    expect([...new Set(wanted)].sort()).toEqual(known.sort())
})

test("its example passes in Node's own test runner", () => {
    const output = run(process.execPath, [
        "--test",
        "node_modules/virtual-sim800/example/ping.test.mjs",
    ])
    expect(output).toContain("fail 0")
    expect(output).toMatch(/pass [3-9]/)
})

test("its types are found, and say what is wrong", () => {
    fs.writeFileSync(
        path.join(project, "user.ts"),
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
    expect(run(process.execPath, [tsc, "user.ts", ...options.split(" ")])).toBe(
        ""
    )
}, 60_000)

test("its command opens a modem that answers", async () => {
    const child = spawn(
        process.execPath,
        [
            "node_modules/virtual-sim800/bin/virtual-sim800.js",
            ...["--port", "0", "--profile", "instant"],
        ],
        { cwd: project }
    )
    try {
        let told = ""
        const port = await new Promise<number>((resolve, reject) => {
            child.stderr.on("data", bytes => reject(new Error(String(bytes))))
            child.stdout.on("data", bytes => {
                told += String(bytes)
                const found = /127\.0\.0\.1:(\d+)/.exec(told)
                if (found) resolve(Number(found[1]))
            })
        })
        const socket = net.connect(port, "127.0.0.1")
        const answer = await new Promise<string>(resolve => {
            let heard = ""
            socket.on("data", bytes => {
                heard += bytes.toString("latin1")
                if (/R14\.18[^]*OK\r\n/.test(heard)) resolve(heard)
            })
            socket.write("ATI\r")
        })
        expect(answer).toMatch(/\r\nOK\r\n$/)
        socket.destroy()
    } finally {
        child.kill()
    }
}, 30_000)
