/** The FTP client in the module: [ATM12] 12. */
import {
    allowedIf,
    says,
    saysOk,
    takes,
    type Command,
    type CommandRun,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import {
    LARGEST_FILE,
    LARGEST_READ,
    pathOf,
    type Reading,
} from "../ftp-service"
import { ftpTags, type FtpTag } from "../ftp-settings"
import { isSaved } from "../nvram"
import {
    integer,
    optional,
    readParameters,
    text,
    type RawValue,
} from "../parameters"
import { SendEntry } from "../send-entry"

const NOT_ALLOWED = 3
const INVALID = 765
const MISSING = 791

const numberIn = (lowest: number, highest: number) => (value: string) =>
    /^\d{1,10}$/.test(value) && +value >= lowest && +value <= highest
const upTo = (longest: number) => (value: string) => value.length <= longest
const one =
    (...values: readonly string[]) =>
    (value: string) =>
        values.includes(value)

/** What each value has to be like; strings may come without quotation marks. */
const valid: Readonly<Record<FtpTag, (value: string) => boolean>> = {
    SERV: upTo(49),
    PORT: numberIn(1, 65535),
    UN: upTo(49),
    PW: upTo(49),
    CID: numberIn(1, 3),
    MODE: one("0", "1"),
    TYPE: one("A", "I"),
    PUTOPT: one("APPE", "STOU", "STOR"),
    REST: numberIn(0, 4_294_967_295),
    GETNAME: upTo(99),
    GETPATH: upTo(255),
    PUTNAME: upTo(99),
    PUTPATH: upTo(255),
    TIMEOUT: numberIn(1, 1000),
}

/** AT+FTPSERV and its like. */
function valueCommand(tag: FtpTag): Command {
    const name = `+FTP${tag}`
    return {
        name,
        test: saysOk,
        read: says(({ ftp }) => `${name}: ${ftp.settings[tag]}`),
        write: (run, values) => {
            const [value] = readParameters(values, [
                (raw: RawValue | undefined) => raw?.text,
            ])
            if (value === undefined) throw new CommandError(MISSING)
            if (!valid[tag](value)) throw new CommandError(INVALID)
            run.dce.ftp.settings[tag] = value
            run.ok()
        },
    }
}

/** AT+FTPGET and AT+FTPLIST: 1 begins, 2 reads. */
function reading(name: Reading): Command {
    const BEGIN = 1
    return {
        name,
        test: saysOk,
        write: takes(
            [integer(1, 2), optional(integer(1, LARGEST_READ), LARGEST_READ)],
            (run, mode, count) => {
                const { ftp, output } = run.dce
                if (mode === BEGIN) {
                    ftp.read(name)
                    run.ok()
                    return
                }
                const bytes = ftp.take(name, count)
                output.payload(`${name}: 2,${bytes.length}`, bytes)
                run.ok()
            }
        ),
    }
}

/** Takes `size` bytes from the DTE, then goes on. */
function enter(
    run: CommandRun,
    size: number,
    use: (bytes: Uint8Array) => void,
    timeoutMs?: number
): void {
    const { dce } = run
    const entry = new SendEntry(size, size, {
        complete: bytes => {
            timer?.cancel()
            dce.endEntry()
            run.ok()
            use(bytes)
        },
        cancelled: () => undefined,
        overflow: () => undefined,
        abandoned: () => undefined,
    })
    const timer =
        timeoutMs === undefined
            ? undefined
            : dce.clock.after(timeoutMs, () => {
                  dce.endEntry()
                  run.fail(NOT_ALLOWED)
              })
    dce.beginEntry(entry)
}

/** AT+FTPPUT: 1 begins, 2 gives data, and none of them ends it. */
const put = takes(
    [integer(1, 2), optional(integer(0, 0xffff))],
    (run, mode, count) => {
        const { ftp } = run.dce
        const BEGIN = 1
        if (mode === BEGIN) {
            ftp.put()
            run.ok()
            return
        }
        if (count === undefined) throw new CommandError(MISSING)
        const size = ftp.acceptable(count)
        if (size === 0) {
            ftp.finishPut()
            run.ok()
            return
        }
        run.information(`+FTPPUT: 2,${size}`)
        enter(run, size, bytes => ftp.give(bytes))
    }
)

/** AT+FTPEXTPUT: the data of AT+FTPPUT=1 are given before it. */
const extendedPut = takes(
    [
        integer(0, 2),
        optional(integer(0, LARGEST_FILE)),
        optional(integer(0, LARGEST_FILE)),
        optional(integer(1000, 1_000_000)),
    ],
    (run, mode, position, length, timeout) => {
        const { ftp } = run.dce
        const USUAL = 0
        const EXTENDED = 1
        if (mode === USUAL || mode === EXTENDED) {
            ftp.prepared = mode === USUAL ? undefined : new Uint8Array()
            run.ok()
            return
        }
        if (position === undefined || length === undefined)
            throw new CommandError(MISSING)
        const { prepared } = ftp
        allowedIf(prepared !== undefined && position + length <= LARGEST_FILE)
        run.information(`+FTPEXTPUT: ${position},${length}`)
        const use = (bytes: Uint8Array): void => {
            const end = position + bytes.length
            const all = new Uint8Array(Math.max(end, prepared?.length ?? 0))
            all.set(prepared ?? [])
            all.set(bytes, position)
            ftp.prepared = all
        }
        if (length === 0) run.ok()
        else enter(run, length, use, timeout)
    }
)

const FOLDER = "C:\\User\\"

/** Writes a file anew. @returns whether there was room */
function store(
    { hardware }: Firmware,
    name: string,
    bytes: Uint8Array
): boolean {
    const { files } = hardware.nvram
    const path = name.includes("\\") ? name : `${FOLDER}${name}`
    files.remove(path)
    return files.create(path) && files.write(path, bytes, false)
}

const FILE_ERROR = 85

/** AT+FTPEXTGET: 1 fetches a file whole, 2 stores it, 3 gives it out. */
const extendedGet = takes(
    [
        integer(0, 3),
        optional((raw: RawValue | undefined) => raw?.text ?? ""),
        optional(integer(1, LARGEST_FILE)),
    ],
    (run, mode, value = "", length) => {
        const { dce } = run
        const { ftp } = dce
        const FETCH = 1
        const STORE = 2
        const READ = 3
        if (mode === FETCH)
            ftp.download("+FTPEXTGET", (outcome, bytes) => {
                const fits = bytes.length <= LARGEST_FILE
                ftp.fetched = fits ? Uint8Array.from(bytes) : new Uint8Array()
                dce.output.urc(`+FTPEXTGET: 1,${fits ? outcome : FILE_ERROR}`)
            })
        else if (mode === STORE) {
            if (value === "") throw new CommandError(MISSING)
            allowedIf(store(dce, value, ftp.fetched))
            run.information(`+FTPEXTGET: 2,${ftp.fetched.length}`)
        } else if (mode === READ) {
            if (!/^\d+$/.test(value) || length === undefined)
                throw new CommandError(MISSING)
            const from = Number(value)
            const bytes = ftp.fetched.subarray(from, from + length)
            dce.output.payload(`+FTPEXTGET: 3,${bytes.length}`, bytes)
        } else ftp.fetched = new Uint8Array()
        run.ok()
    }
)

const longName = text(128)

export const ftpCommands: readonly Command[] = [
    ...ftpTags.map(valueCommand),
    reading("+FTPGET"),
    reading("+FTPLIST"),
    { name: "+FTPPUT", test: saysOk, write: put },
    {
        name: "+FTPSCONT",
        read: says(({ ftp, hardware }) => {
            const SAVED = 0
            const UNSAVED = 1
            const mode = isSaved(ftp.settings, hardware.nvram.ftpSettings)
                ? SAVED
                : UNSAVED
            return [
                `+FTPSCONT: ${mode}`,
                ...ftpTags.map(tag => `+FTP${tag}: ${ftp.settings[tag]}`),
            ]
        }),
        execute: run => {
            run.dce.ftp.save()
            run.ok()
        },
    },
    ...(["DELE", "MKD", "RMD"] as const).map((verb): Command => ({
        name: `+FTP${verb}`,
        test: saysOk,
        execute: run => {
            run.dce.ftp.ask(`+FTP${verb}`, verb)
            run.ok()
        },
    })),
    {
        name: "+FTPSIZE",
        test: saysOk,
        execute: run => {
            run.dce.ftp.ask("+FTPSIZE", "SIZE", size => `,${size.trim()}`)
            run.ok()
        },
    },
    {
        name: "+FTPSTATE",
        test: saysOk,
        execute: says(({ ftp }) => `+FTPSTATE: ${+ftp.isBusy}`),
    },
    { name: "+FTPEXTPUT", test: saysOk, write: extendedPut },
    {
        name: "+FTPEXTGET",
        test: saysOk,
        read: says(({ ftp }) => {
            const progress = ftp.runs("+FTPEXTGET")
            return progress === undefined
                ? "+FTPEXTGET: 0"
                : `+FTPEXTGET: 1,${progress}`
        }),
        write: extendedGet,
    },
    {
        // its own reconnecting is left out: it fails at once
        name: "+FTPGETTOFS",
        test: saysOk,
        read: says(({ ftp }) => {
            const progress = ftp.runs("+FTPGETTOFS")
            return progress === undefined
                ? "+FTPGETTOFS: 0"
                : `+FTPGETTOFS: 1,${progress},${progress}`
        }),
        write: takes(
            [
                integer(0, 1),
                text(64),
                optional(integer(0, 255)),
                optional(integer(0, 60)),
            ],
            (run, location, name) => {
                const { dce } = run
                const FLASH = 0
                allowedIf(location === FLASH)
                dce.ftp.download("+FTPGETTOFS", (outcome, bytes) => {
                    if (outcome !== 0) dce.output.urc(`+FTPGETTOFS: ${outcome}`)
                    else if (store(dce, name, bytes))
                        dce.output.urc(`+FTPGETTOFS: 0,${bytes.length}`)
                    else dce.output.urc(`+FTPGETTOFS: ${FILE_ERROR}`)
                })
                run.ok()
            }
        ),
    },
    {
        name: "+FTPPUTFRMFS",
        test: saysOk,
        read: says(({ ftp }) => {
            const progress = ftp.runs("+FTPPUTFRMFS")
            return progress === undefined
                ? "+FTPPUTFRMFS: 0"
                : `+FTPPUTFRMFS: 1,${progress}`
        }),
        write: takes(
            [longName, optional(integer(0, 255)), optional(integer(0, 60))],
            (run, path) => {
                const { ftp, hardware, output } = run.dce
                const bytes = hardware.nvram.files.read(path)
                if (bytes === undefined) throw new CommandError(NOT_ALLOWED)
                const { PUTOPT, PUTPATH, PUTNAME } = ftp.settings
                const command = `${PUTOPT} ${pathOf(PUTPATH, PUTNAME)}`
                ftp.upload("+FTPPUTFRMFS", command, bytes, outcome =>
                    output.urc(
                        outcome === 0
                            ? `+FTPPUTFRMFS: 0,${bytes.length}`
                            : `+FTPPUTFRMFS: ${outcome}`
                    )
                )
                run.ok()
            }
        ),
    },
    {
        name: "+FTPFILEPUT",
        test: saysOk,
        write: takes([integer(0, 1), optional(text(64))], (run, mode, path) => {
            const { ftp, hardware } = run.dce
            const USE = 1
            if (mode === USE) {
                if (path === undefined) throw new CommandError(MISSING)
                const bytes = hardware.nvram.files.read(path)
                if (bytes === undefined) throw new CommandError(NOT_ALLOWED)
                ftp.prepared = bytes
            } else ftp.prepared = undefined
            run.ok()
        }),
    },
    {
        name: "+FTPQUIT",
        test: saysOk,
        execute: run => {
            run.dce.ftp.quit()
            run.ok()
        },
    },
]
