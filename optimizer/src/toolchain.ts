/**
 * DeviceScript's installed command line: its text, and the bytecode's format in it. No
 * table is copied: opcodes, their operands and the VM's built-in names are read from
 * the very file that makes the images.
 */
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import vm from "node:vm"

/** What this optimiser was tested with: another version may mean other things. */
export const TESTED = "2.16.4"

const PACKAGE = "node_modules/@devicescript/cli"
const BUNDLE = "built/devicescript-cli.cjs"

/** The CLI is not there, or is not the one that the optimiser knows. */
export class ToolchainError extends Error {
    override name = "ToolchainError"
}

export interface Toolchain {
    /** of the CLI, e.g. "2.16.4" */
    readonly version: string
    /** the CLI's only file */
    readonly file: string
    readonly text: string
}

/**
 * Finds the CLI as `devs` does: in the node_modules of a folder or of those above it.
 * @throws ToolchainError if there is none, or another version than TESTED
 */
export function findToolchain(from = process.cwd()): Toolchain {
    for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
        const home = path.join(folder, PACKAGE)
        const file = path.join(home, BUNDLE)
        if (existsSync(file)) {
            const { version } = JSON.parse(
                readFileSync(path.join(home, "package.json"), "utf8")
            ) as { version: string }
            if (version !== TESTED)
                throw new ToolchainError(
                    `@devicescript/cli is ${version}, and devicescript-optimizer knows ${TESTED}: ` +
                        `install @devicescript/cli@${TESTED}, or a version of the optimiser that knows yours`
                )
            return { version, file, text: readFileSync(file, "utf8") }
        }
        if (path.dirname(folder) === folder)
            throw new ToolchainError(
                `there is no ${PACKAGE} in ${path.resolve(from)} or above: npm install @devicescript/cli@${TESTED}`
            )
    }
}

export interface Tables {
    /** opcode by its name in the CLI, e.g. STMTx1_JMP_Z */
    readonly Op: Readonly<Record<string, number>>
    /** flags of each opcode, see BytecodeFlag */
    readonly properties: string
    /** numbers of the format: MAGIC0, FIRST_MULTIBYTE_INT, … */
    readonly BinFmt: Readonly<Record<string, number>>
    readonly BytecodeFlag: Readonly<Record<string, number>>
    readonly FunctionFlag: Readonly<Record<string, number>>
    readonly StrIdx: Readonly<Record<string, number>>
    /** how numbers lie in buffers: U8, U16, … */
    readonly NumFmt: Readonly<Record<string, number>>
    /** built-in objects, by their numbers, e.g. Array_prototype */
    readonly objects: readonly string[]
    /** strings that are built into the VM, by their numbers */
    readonly strings: readonly string[]
}

const FIRST = "var Op = /* @__PURE__ */ ((Op"
const LAST = "var BUILTIN_OBJECT__VAL = ["

function readTables({ text, version }: Toolchain): Tables {
    const start = text.indexOf(FIRST)
    const end = text.indexOf("];", text.indexOf(LAST, start))
    if (start < 0 || end < start)
        throw new ToolchainError(
            `the tables of bytecode are not where they were in @devicescript/cli ${version}`
        )
    const found = vm.runInNewContext(
        `${text.slice(start, end)}];({ Op, properties: OP_PROPS, BinFmt, BytecodeFlag, FunctionFlag, StrIdx, NumFmt,
            objects: BUILTIN_OBJECT__VAL, strings: BUILTIN_STRING__VAL })`
    ) as Tables
    return {
        ...found,
        objects: [...found.objects],
        strings: [...found.strings],
    }
}

let known: Tables | undefined

/** The format's tables, of the CLI that is installed. */
export function tables(): Tables {
    known ??= readTables(findToolchain())
    return known
}
