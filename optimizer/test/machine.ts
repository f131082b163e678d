/**
 * DeviceScript's compiler and VM in this process, so that hundreds of programs can be
 * compiled and run within a minute.
 */
import {
    existsSync,
    mkdirSync,
    readFileSync,
    symlinkSync,
    writeFileSync,
} from "node:fs"
import os from "node:os"
import path from "node:path"
import { faster, loadText } from "../src/devs.ts"
import { findToolchain } from "../src/toolchain.ts"
import type { DebugInfo } from "../src/image.ts"
import { checkedOnce } from "./checked.ts"

/** The VM, as the CLI has it. */
interface Instance {
    sendPacket: () => void
    panicHandler: (code: number) => void
    dmesg: (text: string) => void
    error: (reason: unknown) => void
    devsStop(): void
    devsStart(): void
    devsGcStress(on: boolean): void
    devsSetDeviceId(id: string): void
    devsDeploy(image: Uint8Array): number
    devsVerify(image: Uint8Array): number
}

interface Diagnostic {
    formatted: string
}

interface Tools {
    devsFactory(): Promise<Instance>
    compileWithHost(
        file: string,
        host: object
    ): {
        success: boolean
        binary: Uint8Array
        dbg: DebugInfo
        diagnostics: Diagnostic[]
    }
    buildConfigFromDir(folder: string): { buildConfig: object }
    parseStackFrame(debug: DebugInfo, line: string): { markedLine: string }
}

const EXPORTS = `
module.exports = {
    devsFactory,
    buildConfigFromDir,
    compileWithHost: import_compiler4.compileWithHost,
    parseStackFrame: import_compiler4.parseStackFrame,
}`

let loaded: Tools | undefined

function tools(): Tools {
    if (!loaded) {
        const toolchain = findToolchain()
        const text = checkedOnce(faster(toolchain))
        loaded = loadText(text + EXPORTS, toolchain.file) as Tools
    }
    return loaded
}

/** What a program may take, ms. */
const TIMEOUT = 20_000
const DEVICE = "12abdd2289421234"

/** The last line of a program at which the VM has failed an assertion. */
export const ABORTED = "ABORTED"

let instance: Promise<Instance> | undefined

const machine = (): Promise<Instance> => (instance ??= tools().devsFactory())

export interface Compiled {
    image: Uint8Array
    debug: DebugInfo
}

/** A folder that looks like a project; the compiler wants one. */
function project(): string {
    const folder = path.join(
        os.tmpdir(),
        `devicescript-optimizer-${process.pid}`
    )
    if (!existsSync(folder)) {
        mkdirSync(folder)
        writeFileSync(path.join(folder, "devsconfig.json"), "{}")
        symlinkSync(
            path.resolve("node_modules"),
            path.join(folder, "node_modules")
        )
        for (const name of ["package.json", "tsconfig.json"])
            writeFileSync(
                path.join(folder, name),
                name === "package.json"
                    ? "{}"
                    : JSON.stringify({
                          compilerOptions: {
                              moduleResolution: "node",
                              target: "es2022",
                              module: "es2015",
                              lib: [],
                              strict: true,
                              strictNullChecks: false,
                              strictPropertyInitialization: false,
                              types: [],
                          },
                          include: [
                              "*.ts",
                              "node_modules/@devicescript/core/src/*.ts",
                          ],
                      })
            )
    }
    return folder
}

/**
 * Compiles a program.
 * @param source its text
 * @throws with what the compiler says
 */
export function compile(source: string): Compiled {
    const folder = project()
    const file = path.join(folder, "main.ts")
    writeFileSync(file, source)
    const here = process.cwd()
    process.chdir(folder)
    // it prints a whole program in which one jump is too far for it, and then throws
    const { error } = console
    console.error = () => undefined
    try {
        const { buildConfig } = tools().buildConfigFromDir("")
        const result = tools().compileWithHost("main.ts", {
            write: () => undefined,
            read: (name: string) =>
                readFileSync(path.resolve(folder, name), "utf8"),
            resolvePath: (name: string) => path.resolve(folder, name),
            relativePath: (name: string) => path.relative(folder, name),
            log: () => undefined,
            isBasicOutput: () => true,
            error: () => undefined,
            getFlags: () => ({}),
            getConfig: () => buildConfig,
            verifyBytecode: () => undefined,
        })
        if (!result.success)
            throw new Error(
                [
                    "it does not compile:",
                    ...result.diagnostics.map(d => d.formatted),
                ].join("\n")
            )
        return { image: result.binary, debug: result.dbg }
    } finally {
        process.chdir(here)
        console.error = error
    }
}

/** What the VM's verification says of an image: 0 is well. */
export async function verify(image: Uint8Array): Promise<number> {
    return (await machine()).devsVerify(image)
}

/** What the program says, and what the VM says of its end; the rest is the VM's. */
const TOLD = /^(>|\* {1,2}(Exception|message|at )|!)/

/**
 * Runs an image until it says END, stops, or panics.
 * @param stress a collection of garbage at every allocation
 * @returns the lines that it has printed; a stack trace with its places
 */
export async function run(
    { image, debug }: Compiled,
    stress = false,
    timeout = TIMEOUT
): Promise<string[]> {
    const vm = await machine()
    const lines: string[] = []
    let broken = false
    const end = await new Promise<string>(resolve => {
        const timer = setTimeout(() => resolve("TIMEOUT"), timeout)
        const done = (how: string): void => {
            clearTimeout(timer)
            resolve(how)
        }
        vm.sendPacket = () => undefined
        vm.panicHandler = code => done(`PANIC ${code}`)
        vm.dmesg = text => {
            const line = text.replace(/\x1b\[\d*m/g, "").trimEnd()
            if (/^> ?END$/.test(line)) done("END")
            if (TOLD.test(line)) lines.push(line)
        }
        // the VM has stopped at an assertion of its own
        vm.error = () => {
            broken = true
            done(ABORTED)
        }
        try {
            vm.devsStop()
            vm.devsGcStress(stress)
            vm.devsSetDeviceId(DEVICE)
            vm.devsStart()
            const failed = vm.devsDeploy(image)
            if (failed) done(`DEPLOY ${failed}`)
        } catch (error) {
            vm.error(error)
        }
    })
    if (broken) {
        // it is of no more use
        loaded = undefined
        instance = undefined
    }
    if (!broken) vm.devsStop()
    vm.dmesg = () => undefined
    vm.panicHandler = () => undefined
    // numbers of functions and counters are other ones in another image
    const placed = (line: string): string =>
        tools()
            .parseStackFrame(debug, line)

            .markedLine.replace(/\x1b\[\d*m/g, "")
            .replace(/ \[as F[^\]]*\]/g, "")
            .replace(/(_F)\d+ \(pc:\d+\)/g, "$1")
            // an address in the heap
            .replace(/:0x[0-9A-F]+/g, ":0x")
    return [...lines.map(placed), end]
}
