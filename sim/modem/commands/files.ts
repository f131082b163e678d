/** The file system in the module's flash [FS]. */
import { textOf } from "../bytes"
import {
    allowedIf,
    saysOk,
    takes,
    type CommandRun,
    type Command,
} from "../command"
import { CommandError } from "../errors"
import {
    integer,
    oneOf,
    readParameters,
    type Parameter,
    type RawValue,
} from "../parameters"
import { SendEntry } from "../send-entry"

/** Most bytes of one AT+FSWRITE or AT+FSREAD. */
const LARGEST = 10_240
/** Longest `<inputtime>`, s. */
const LONGEST = 1000
const NOT_ALLOWED = 3
const MISSING = 791

/** A path with its drive; quotation marks around it are optional. */
export function filePath(): Parameter<string> {
    return (raw: RawValue | undefined) => {
        if (raw === undefined || raw.text === "")
            throw new CommandError(MISSING)
        return raw.text
    }
}

function write(run: CommandRun, text: string): void {
    const { dce } = run
    const { files } = dce.hardware.nvram
    const [path, mode, size, seconds] = readParameters(text, [
        filePath(),
        oneOf(0, 1),
        integer(1, LARGEST),
        integer(1, LONGEST),
    ])
    allowedIf(files.read(path) !== undefined)
    const fail = (): void => {
        timer.cancel()
        dce.endEntry()
        run.fail(NOT_ALLOWED)
    }
    const entry = new SendEntry(size, size, {
        complete: bytes => {
            timer.cancel()
            dce.endEntry()
            if (files.write(path, bytes, mode === 1)) run.ok()
            else run.fail(NOT_ALLOWED)
        },
        cancelled: fail,
        overflow: fail,
        abandoned: fail,
    })
    const timer = dce.clock.after(seconds * 1000, fail)
    dce.output.prompt()
    dce.beginEntry(entry)
}

export const fileCommands: readonly Command[] = [
    {
        name: "+FSDRIVE",
        test: saysOk,
        write: takes([oneOf(0)], run => {
            run.information("+FSDRIVE: C")
            run.ok()
        }),
    },
    {
        name: "+FSMEM",
        test: saysOk,
        execute: run => {
            const { free } = run.dce.hardware.nvram.files
            run.information(`+FSMEM: C:${free}bytes`)
            run.ok()
        },
    },
    {
        name: "+FSLS",
        test: saysOk,
        write: takes([filePath()], (run, directory) => {
            const names = run.dce.hardware.nvram.files.list(directory)
            if (names === undefined) throw new CommandError(NOT_ALLOWED)
            if (names.length > 0) run.information(...names)
            run.ok()
        }),
    },
    {
        name: "+FSCREATE",
        test: saysOk,
        write: takes([filePath()], (run, path) => {
            allowedIf(run.dce.hardware.nvram.files.create(path))
            run.ok()
        }),
    },
    { name: "+FSWRITE", delay: "prompt", test: saysOk, write },
    {
        name: "+FSREAD",
        test: saysOk,
        write: takes(
            [
                filePath(),
                oneOf(0, 1),
                integer(1, LARGEST),
                integer(0, 0xffff_ffff),
            ],
            (run, path, mode, size, position) => {
                const bytes = run.dce.hardware.nvram.files.read(path)
                if (bytes === undefined) throw new CommandError(NOT_ALLOWED)
                const from = mode === 0 ? 0 : position
                allowedIf(from <= bytes.length)
                run.information(textOf(bytes.subarray(from, from + size)))
                run.ok()
            }
        ),
    },
    {
        name: "+FSFLSIZE",
        test: saysOk,
        write: takes([filePath()], (run, path) => {
            const bytes = run.dce.hardware.nvram.files.read(path)
            if (bytes === undefined) throw new CommandError(NOT_ALLOWED)
            run.information(`+FSFLSIZE: ${bytes.length}`)
            run.ok()
        }),
    },
    {
        name: "+FSDEL",
        test: saysOk,
        write: takes([filePath()], (run, path) => {
            allowedIf(run.dce.hardware.nvram.files.remove(path))
            run.ok()
        }),
    },
]
