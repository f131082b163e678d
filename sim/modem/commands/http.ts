/** The HTTP client in the module: [ATM12] 11, AT+HTTPSSL [SSL] 3.3. */
import {
    allowedIf,
    says,
    saysOk,
    sets,
    takes,
    type Command,
    type CommandRun,
} from "../command"
import { bytesOf } from "../bytes"
import { isSaved } from "../nvram"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import { LARGEST_BODY, methods } from "../http-service"
import { httpTags, type HttpTag } from "../http-settings"
import { integer, isIpAddress, readParameters, text } from "../parameters"
import { SendEntry } from "../send-entry"

const UNKNOWN = 100
const INVALID = 765
const OUT_OF_RANGE = 793
/** A line of a command is not longer. */
const LONGEST_VALUE = 512

const numberIn = (lowest: number, highest: number) => (value: string) =>
    /^\d{1,9}$/.test(value) && +value >= lowest && +value <= highest

/** Checks of the values of AT+HTTPPARA. */
const valid: Readonly<Record<HttpTag, (value: string) => boolean>> = {
    CID: numberIn(1, 3),
    URL: value => value !== "" && !/\s/.test(value),
    UA: () => true,
    PROIP: isIpAddress,
    PROPORT: numberIn(0, 65535),
    REDIR: numberIn(0, 1),
    BREAK: numberIn(0, 999_999_999),
    BREAKEND: numberIn(0, 999_999_999),
    TIMEOUT: numberIn(30, 1000),
    CONTENT: () => true,
    USERDATA: () => true,
}

/** Lines of AT+HTTPPARA? and AT+HTTPSCONT?. */
function settingLines({ http }: Firmware): string[] {
    return httpTags.map(tag => `${tag}: ${http.settings[tag]}`)
}

/** AT+HTTPDATA: DOWNLOAD, then a number of bytes or a timeout, then OK. */
const enterData = takes(
    [integer(0, LARGEST_BODY), integer(1000, 120_000)],
    (run, size, time) => {
        const { dce } = run
        allowedIf(dce.http.isOpen)
        if (size === 0) {
            dce.http.setInput(new Uint8Array())
            run.ok()
            return
        }
        const finish = (bytes: Uint8Array): void => {
            timer.cancel()
            dce.endEntry()
            dce.http.setInput(bytes)
            run.ok()
        }
        const entry = new SendEntry(size, size, {
            complete: finish,
            cancelled: () => undefined,
            overflow: () => undefined,
            abandoned: () => undefined,
        })
        // keep the bytes received by then
        const timer = dce.clock.after(time, () => entry.finish())
        run.information("DOWNLOAD")
        dce.beginEntry(entry)
    }
)

function giveOut(run: CommandRun, name: string, bytes: Uint8Array): void {
    run.dce.output.payload(`${name}: ${bytes.length}`, bytes)
    run.ok()
}

function secure({ hardware }: Firmware): void {
    if (hardware.options.firmware.tlsVersion === "none")
        throw new CommandError(UNKNOWN)
}

export const httpCommands: readonly Command[] = [
    {
        name: "+HTTPINIT",
        test: saysOk,
        execute: run => {
            run.dce.http.open()
            run.ok()
        },
    },
    {
        name: "+HTTPTERM",
        test: saysOk,
        execute: run => {
            run.dce.http.close()
            run.ok()
        },
    },
    {
        name: "+HTTPPARA",
        test: says(() => '+HTTPPARA: "HTTPParamTag","HTTPParmValue"'),
        read: says(dce => ["+HTTPPARA:", ...settingLines(dce)]),
        write: (run, values) => {
            const { http } = run.dce
            const [name, value] = readParameters(values, [
                text(Infinity),
                raw => raw?.text ?? "",
            ])
            const tag = httpTags.find(tag => tag === name.toUpperCase())
            if (tag === undefined) throw new CommandError(INVALID)
            if (value.length > LONGEST_VALUE)
                throw new CommandError(OUT_OF_RANGE)
            if (!valid[tag](value)) throw new CommandError(INVALID)
            http.settings[tag] = value
            run.ok()
        },
    },
    {
        name: "+HTTPDATA",
        test: says(() => `+HTTPDATA: (0-${LARGEST_BODY}),(1000-120000)`),
        write: enterData,
    },
    {
        name: "+HTTPACTION",
        test: says(() => `+HTTPACTION: (0-${methods.length - 1})`),
        write: takes([integer(0, methods.length - 1)], (run, method) => {
            run.dce.http.start(method)
            run.ok()
        }),
    },
    {
        name: "+HTTPREAD",
        test: says(() => `+HTTPREAD: (0-${LARGEST_BODY}),(1-${LARGEST_BODY})`),
        write: takes(
            [integer(0, LARGEST_BODY), integer(1, LARGEST_BODY)],
            (run, start, size) => {
                const { http } = run.dce
                allowedIf(http.isOpen)
                giveOut(
                    run,
                    "+HTTPREAD",
                    http.readable.subarray(start, start + size)
                )
            }
        ),
        execute: run => {
            const { http } = run.dce
            allowedIf(http.isOpen)
            giveOut(run, "+HTTPREAD", http.readable)
        },
    },
    {
        name: "+HTTPSCONT",
        test: saysOk,
        read: says(dce => {
            const SAVED = 0
            const UNSAVED = 1
            const { http, hardware } = dce
            const mode = isSaved(http.settings, hardware.nvram.httpSettings)
                ? SAVED
                : UNSAVED
            return [`+HTTPSCONT: ${mode}`, ...settingLines(dce)]
        }),
        execute: run => {
            run.dce.http.save()
            run.ok()
        },
    },
    {
        // real modules say the name of the method where [ATM12] 11.2.8 has a number
        name: "+HTTPSTATUS",
        test: saysOk,
        read: says(({ http }) => {
            allowedIf(http.isOpen)
            return `+HTTPSTATUS: ${http.describe()}`
        }),
    },
    {
        name: "+HTTPHEAD",
        test: saysOk,
        execute: run => {
            const { http } = run.dce
            allowedIf(http.isOpen)
            giveOut(run, "+HTTPHEAD", bytesOf(http.header))
        },
    },
    {
        name: "+HTTPGETHEAD",
        test: says(() => "+HTTPGETHEAD: (0-1)"),
        read: says(({ http }) => `+HTTPGETHEAD: ${+http.showsHeader}`),
        write: sets([integer(0, 1)], ({ http }, option) => {
            allowedIf(http.isOpen)
            http.showsHeader = option === 1
        }),
    },
    {
        name: "+HTTPSSL",
        test: says(dce => {
            secure(dce)
            return "+HTTPSSL: (0-1)"
        }),
        read: says(dce => {
            secure(dce)
            return `+HTTPSSL: ${+dce.http.isSecure}`
        }),
        write: sets([integer(0, 1)], (dce, n) => {
            secure(dce)
            dce.http.isSecure = n === 1
        }),
    },
]
