/** What all commands have in common: what is misspelt, and files that cannot be written. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { Option } from "commander"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { checkWritable } from "../../sim/file-trouble"
import { didYouMean, Program } from "../../sim/program"

const FAULTS = ["no-sim", "no-antenna", "brown-out"]

/** What is printed for these arguments. */
function said(...args: string[]): string {
    let text = ""
    const program = new Program("some")
        .exitOverride()
        .configureOutput({ writeErr: more => (text += more) })
        .option("--listen <port>", "")
        .addOption(new Option("--fault <name>", "").choices(FAULTS))
    try {
        program.parse(args, { from: "user" })
    } catch {
        return text
    }
    throw new Error("it is not refused")
}

test("an option that is misspelt: which is meant, and where all are", () => {
    expect(said("--lissten", "1")).toBe(
        "error: unknown option '--lissten'\n(Did you mean --listen?)\n--help lists the options\n"
    )
    expect(said("--xyz")).toBe(
        "error: unknown option '--xyz'\n--help lists the options\n"
    )
})

test("a value that is misspelt: which is meant", () => {
    expect(said("--fault", "nosim")).toContain(
        "Allowed choices are no-sim, no-antenna, brown-out. (Did you mean no-sim?)\n"
    )
    expect(said("--fault", "thunder")).toMatch(/brown-out\.\n/)
    expect(didYouMean("no-antena", FAULTS)).toBe("(Did you mean no-antenna?)")
    expect(didYouMean("", FAULTS)).toBe("")
})

describe("a file that cannot be written: option, file, what to do", () => {
    let folder: string
    beforeAll(() => {
        folder = mkdtempSync(path.join(tmpdir(), "files-"))
        writeFileSync(path.join(folder, "file"), "")
    })
    afterAll(() => rmSync(folder, { recursive: true }))

    test.each([
        ["no/x", /^--record: \S+: there is no folder \S+no; make it, or give/],
        [".", /^--record: \S+ is a folder; give a file in it$/],
        ["file/x", /^--record: \S+: (\S+ is no folder|there is no folder)/],
    ])("%s", (name, sentence) => {
        expect(() =>
            checkWritable("--record", path.join(folder, name))
        ).toThrow(sentence)
    })

    test("one that can be is left as it is", () => {
        checkWritable("--record", path.join(folder, "file"))
    })
})
