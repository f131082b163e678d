/** The file system in the module's flash [FS]. */
import { textOf } from "../bytes"
import { allowedIf, saysOk, takes, type Call, type Command } from "../command"
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

function write(call: Call, text: string): void {
    const { dce } = call
    const { files } = dce.board.nvram
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
        call.fail(NOT_ALLOWED)
    }
    const entry = new SendEntry(size, size, {
        complete: bytes => {
            timer.cancel()
            dce.endEntry()
            if (files.write(path, bytes, mode === 1)) call.ok()
            else call.fail(NOT_ALLOWED)
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
        write: takes([oneOf(0)], call => {
            call.information("+FSDRIVE: C")
            call.ok()
        }),
    },
    {
        name: "+FSMEM",
        test: saysOk,
        execute: call => {
            const { free } = call.dce.board.nvram.files
            call.information(`+FSMEM: C:${free}bytes`)
            call.ok()
        },
    },
    {
        name: "+FSLS",
        test: saysOk,
        write: takes([filePath()], (call, directory) => {
            const names = call.dce.board.nvram.files.list(directory)
            if (names === undefined) throw new CommandError(NOT_ALLOWED)
            if (names.length > 0) call.information(...names)
            call.ok()
        }),
    },
    {
        name: "+FSCREATE",
        test: saysOk,
        write: takes([filePath()], (call, path) => {
            allowedIf(call.dce.board.nvram.files.create(path))
            call.ok()
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
            (call, path, mode, size, position) => {
                const bytes = call.dce.board.nvram.files.read(path)
                if (bytes === undefined) throw new CommandError(NOT_ALLOWED)
                const from = mode === 0 ? 0 : position
                allowedIf(from <= bytes.length)
                call.information(textOf(bytes.subarray(from, from + size)))
                call.ok()
            }
        ),
    },
    {
        name: "+FSFLSIZE",
        test: saysOk,
        write: takes([filePath()], (call, path) => {
            const bytes = call.dce.board.nvram.files.read(path)
            if (bytes === undefined) throw new CommandError(NOT_ALLOWED)
            call.information(`+FSFLSIZE: ${bytes.length}`)
            call.ok()
        }),
    },
    {
        name: "+FSDEL",
        test: saysOk,
        write: takes([filePath()], (call, path) => {
            allowedIf(call.dce.board.nvram.files.remove(path))
            call.ok()
        }),
    },
]
