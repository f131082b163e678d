/**
 * What the driver costs on the interpreter: variables, and instructions of this
 * machine as callgrind counts them.
 *
 *     ESPRUINO=path npx tsx test/espruino/cost.ts [entry [step…]]
 *
 * Counted is all JavaScript that runs: each call of a listener or timer, from when the
 * interpreter calls it until it is back, with the few lines of the program that give the
 * driver its line. The loop in which the interpreter waits is not: how often that goes round
 * depends on how fast the machine is, and what else it does.
 */
import { execFile } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { bundle } from "../../espruino/bundle"
import { tokenised } from "../../espruino/tokens"

const interpreter = process.env["ESPRUINO"] as string
const root = path.resolve(import.meta.dirname, "../..")

export interface Cost {
    readonly instructions: number
    readonly variables: number
    /** while what is seldom needed is there */
    readonly most: number
}

/** Runs a step so many times. @param storage the code is in Storage, as on a board, not in RAM */
export async function replay(
    code: string,
    step: string,
    times: number,
    storage: boolean,
    counted = true
): Promise<Cost> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "espruino-"))
    try {
        const program = fs
            .readFileSync(
                path.join(import.meta.dirname, "programs/replay.js"),
                "utf8"
            )
            .replaceAll("TIMES", `${times}`)
            .replaceAll('"STEP"', JSON.stringify(step))
        const load = storage
            ? `require("Storage").eraseAll(); require("Storage").write("SIM800", require("fs").readFileSync("SIM800.js"));`
            : `Modules.addCached("SIM800", require("fs").readFileSync("SIM800.js"));`
        fs.writeFileSync(path.join(folder, "SIM800.js"), code, "latin1")
        fs.writeFileSync(
            path.join(folder, "program.js"),
            `${load}
function usage() { return process.memory(true).usage; }
var LOADING = usage();
var SIM800 = require("SIM800");
function pass() { print("PASS"); quit(); }
${program}`
        )
        const counter = counted
            ? [
                  "valgrind",
                  "--tool=callgrind",
                  // neither the loop that waits nor the thread that looks for input
                  "--toggle-collect=jsiExecuteEventCallback",
                  // which the program calls when it begins with the steps
                  "--zero-before=jswrap_math_asin",
                  `--callgrind-out-file=${process.env["CALLGRIND_OUT"] ?? "/dev/null"}`,
              ]
            : []
        const command = [...counter, interpreter, "program.js"]
        const running = promisify(execFile)(command[0], command.slice(1), {
            cwd: folder,
            timeout: 120_000,
            maxBuffer: 1e8,
        })
        const { stdout, stderr } = await running
        if (!/PASS/.test(stdout)) throw new Error(stdout + stderr)
        if (/unexpected/.test(stdout)) console.error(stdout)
        return {
            instructions: +(/Collected : (\d+)/.exec(stderr)?.[1] ?? 0),
            variables: +(/variables: (\d+)/.exec(stdout)?.[1] ?? 0),
            most: +(/most: (\d+)/.exec(stdout)?.[1] ?? 0),
        }
    } finally {
        fs.rmSync(folder, { recursive: true, force: true })
    }
}

if (process.argv[1] === import.meta.filename) {
    if (!interpreter) throw new Error("ESPRUINO has to name an interpreter")
    const entry = process.argv[2] ?? "src/espruino/SIM800-tcp.ts"
    const steps = process.argv.slice(3)
    const { small } = await bundle(path.resolve(root, entry))
    const stored = tokenised(small)
    console.log(`${entry}: ${small.length} bytes, in Storage ${stored.length}`)
    const { variables, most } = await replay(stored, "none", 1, true, false)
    console.log(`variables with a socket: ${variables}, at most ${most}`)
    const instructions = async (step: string, times: number): Promise<number> =>
        (await replay(stored, step, times, false)).instructions
    const millions = (n: number): string => (n / 1e6).toFixed(2)
    const few = 2
    const many = 12
    for (const step of steps.length
        ? steps
        : ["none", "read", "send", "urc", "unknown"]) {
        const none = await instructions(step, 0)
        const one = await instructions(step, 1)
        const less = await instructions(step, few)
        const more = await instructions(step, many)
        const each = (more - less) / (many - few)
        console.log(
            `${step}: ${millions(each)} M instructions; once after a pause ${millions(one - none)} M`
        )
    }
}
