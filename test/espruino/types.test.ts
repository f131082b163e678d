/** What goes with the module: its types, its examples, its page. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { parse } from "acorn"
import ts from "typescript"
import { expect, test } from "vitest"
import { complaints } from "../../espruino/subset"
import { failures, types } from "../../espruino/types"
import { Failure } from "../../src/core/errors"

const root = path.resolve(import.meta.dirname, "../..")
const examples = path.join(root, "espruino/examples")

/** What a compiler has to say of a program beside `@types/espruino`. */
function compile(program: string): string[] {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "types-"))
    try {
        fs.writeFileSync(path.join(folder, "SIM800.d.ts"), types())
        const file = path.join(folder, "program.ts")
        fs.writeFileSync(file, program)
        const made = ts.createProgram([file], {
            target: ts.ScriptTarget.ES2015,
            module: ts.ModuleKind.ESNext,
            moduleResolution: ts.ModuleResolutionKind.Bundler,
            lib: ["lib.es2015.d.ts"],
            types: ["espruino"],
            typeRoots: [path.join(root, "node_modules/@types")],
            strict: true,
            noEmit: true,
            skipLibCheck: true,
        })
        return ts
            .getPreEmitDiagnostics(made)
            .map(d => ts.flattenDiagnosticMessageText(d.messageText, " "))
    } finally {
        fs.rmSync(folder, { recursive: true, force: true })
    }
}

const PROGRAM = `
    import { connect, Failure, type Socket } from "./SIM800"
    const modem = connect(Serial2, { apn: "internet", rx: D26, tx: D27, reset: D5 })
    modem.on("pulse", ms => ms.toFixed(0))
    modem.start({ timeout: 60000 }).then(() => {
        modem.network()
        const socket: Socket = modem.connect({ host: "x", port: 1 }, s => s.write("x"))
        socket.on("data", data => data.charCodeAt(0))
        socket.on("error", e => print(e.failure === Failure.ConnectFailed && e.message))
        return modem.sms().send("+491701234567", "x")
    }).then(reference => print(reference + 1))
`

test("the types are those of a program beside @types/espruino", () => {
    expect(compile(PROGRAM)).toEqual([])
    expect(compile(PROGRAM.replace("port: 1", 'port: "1"'))).not.toEqual([])
    expect(
        compile(PROGRAM.replace("modem.network()", "modem.netwerk()"))
    ).not.toEqual([])
})

test("the failures have the numbers of the core", () => {
    for (const [name, value] of failures()) expect(Failure[value]).toBe(name)
})

/** Names that a program has and the module does not. */
const PROGRAMS_HAVE = /(console|JSON|setInterval|Serial\d|D\d+): missing$/

test.each(fs.readdirSync(examples))(
    "example %s is in Espruino's language",
    name => {
        const code = fs.readFileSync(path.join(examples, name), "utf8")
        expect(
            complaints(code).filter(line => !PROGRAMS_HAVE.test(line))
        ).toEqual([])
    }
)

test("the page names all that the modem can", () => {
    const page = fs.readFileSync(
        path.join(root, "src/espruino/SIM800.md"),
        "utf8"
    )
    const api = types()
    const modem = api.slice(api.indexOf("export interface Sim800 extends"))
    const methods = [
        ...modem.slice(0, modem.indexOf("\n}")).matchAll(/^ {4}(\w+)\(/gm),
    ]
    expect(methods.length).toBeGreaterThan(20)
    for (const [, name] of methods)
        if (
            name !== "dgram" &&
            name !== "cancelUssd" &&
            name !== "setNameServers"
        )
            expect(page, name).toMatch(new RegExp(`\\.${name}\\(`))
    // its programs parse
    for (const [, code] of page.matchAll(/```js\n([^]*?)```/g))
        parse(code.replaceAll("…", ""), { ecmaVersion: 2022 })
})
