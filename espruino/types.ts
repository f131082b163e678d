/** Makes the types of the module of `src/espruino/api.ts`: one file, for programs with `@types/espruino`. */
import fs from "node:fs"
import path from "node:path"
import ts from "typescript"

const source = path.resolve(import.meta.dirname, "../src")

/** What `api.ts` takes from elsewhere, by its name: the file. */
const TAKEN = {
    ModemOptions: "core/options.ts",
    ConnectionStatus: "core/dialogues/connections.ts",
    MqttSettings: "protocols/mqtt-settings.ts",
    PublishOptions: "protocols/mqtt-settings.ts",
}

const HEAD = `/**
 * Types of the module "SIM800": a SIM800 modem at a Serial of Espruino.
 * For programs in TypeScript, beside @types/espruino.
 */
`

function interfaceOf(file: string, name: string): string {
    const text = fs.readFileSync(path.join(source, file), "utf8")
    const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
    for (const node of parsed.statements)
        if (ts.isInterfaceDeclaration(node) && node.name.text === name)
            return text.slice(node.getFullStart(), node.getEnd()).trim()
    throw new Error(`${file} has no interface ${name}`)
}

/** Names and numbers of the failures, as the core counts them. */
export function failures(): [name: string, value: number][] {
    const text = fs.readFileSync(path.join(source, "core/errors.ts"), "utf8")
    const parsed = ts.createSourceFile(
        "x.ts",
        text,
        ts.ScriptTarget.ES2022,
        true
    )
    for (const node of parsed.statements)
        if (ts.isEnumDeclaration(node) && node.name.text === "Failure")
            return node.members.map((member, i) => [
                member.name.getText(parsed),
                i,
            ])
    throw new Error("core/errors.ts has no Failure")
}

/** @returns what `SIM800.d.ts` holds */
export function types(): string {
    const api = fs
        .readFileSync(path.join(source, "espruino/api.ts"), "utf8")
        .replace(/^\/\*\*[^]*?\*\/\n/, "")
        .replace(/^import .*\n/gm, "")
    const taken = Object.entries(TAKEN).map(([name, file]) =>
        interfaceOf(file, name)
    )
    const numbers = failures().map(([name, value]) => `    ${name} = ${value},`)
    return [
        HEAD,
        ...taken.map(text => `${text}\n`),
        api.trim(),
        `\n/** What an error's \`failure\` can be. */\nexport declare const enum Failure {\n${numbers.join("\n")}\n}\n`,
        "/** A modem at a Serial. It is not started yet: see `start()`. */",
        "export declare function connect(serial: Serial, options: Options): Sim800\n",
    ].join("\n")
}
