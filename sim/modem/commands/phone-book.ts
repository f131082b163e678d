/** Phone books of card and module: [ATM12] 3.2.24 to 3.2.27, AT+CNUM 3.2.39. */
import { shownText, typedText } from "../character-sets"
import {
    says,
    saysOk,
    sets,
    takes,
    type Command,
    type CommandRun,
} from "../command"
import { CommandError } from "../errors"
import type { Firmware } from "../firmware"
import {
    bookNames,
    NAME_LENGTH,
    NUMBER_LENGTH,
    type PhoneBook,
    type PhoneBookEntry,
} from "../phone-book"
import { numberType } from "../phone-number"
import { integer, optional, text, word } from "../parameters"

const NEEDS_PIN2 = 17
const FULL = 20
const INVALID_INDEX = 21
const TEXT_TOO_LONG = 24
const NUMBER_TOO_LONG = 26
const INVALID_NUMBER = 27
const INVALID = 765

/** @throws CommandError unless the card can be read */
function booksOf(dce: Firmware): Firmware["phoneBooks"] {
    if (dce.sim.error !== undefined) throw new CommandError(dce.sim.error)
    return dce.phoneBooks
}

function checkIndex(book: PhoneBook, index: number): void {
    if (!book.has(index)) throw new CommandError(INVALID_INDEX)
}

/** `index,"number",type,"name"` */
function shownEntry(
    { profile }: Firmware,
    index: number,
    { number, name }: PhoneBookEntry
): string {
    const shown = shownText(name, profile.characterSet)
    return `${index},"${number}",${numberType(number)},"${shown}"`
}

function list(
    run: CommandRun,
    command: string,
    wanted: (index: number, entry: PhoneBookEntry) => boolean
): void {
    const lines = booksOf(run.dce)
        .current.entries()
        .filter(({ index, entry }) => wanted(index, entry))
        .map(
            ({ index, entry }) =>
                `${command}: ${shownEntry(run.dce, index, entry)}`
        )
    run.information(...lines)
    run.ok()
}

/** A name that the DTE has typed; `\22` and the like are characters ([ATM12] 3.2.27). */
function typedName({ profile }: Firmware, typed: string): string {
    const plain = typed.replace(/\\([0-9A-F]{2})/gi, (_, code: string) =>
        String.fromCharCode(parseInt(code, 16))
    )
    const name = typedText(plain, profile.characterSet)
    if (name === undefined) throw new CommandError(INVALID)
    if (name.length > NAME_LENGTH) throw new CommandError(TEXT_TOO_LONG)
    return name
}

function checkedNumber(number: string, type: number | undefined): string {
    const INTERNATIONAL = 145
    const digits = number.replace(/^\+/, "")
    if (!/^[0-9*#pwPW]+$/.test(digits)) throw new CommandError(INVALID_NUMBER)
    if (digits.length > NUMBER_LENGTH) throw new CommandError(NUMBER_TOO_LONG)
    const isInternational =
        type === undefined ? number.startsWith("+") : type === INTERNATIONAL
    return isInternational ? `+${digits}` : digits
}

/** AT+CPBW: without a number it deletes, without an index it takes a free place. */
const write = takes(
    [
        optional(integer(0, 0xffff)),
        optional(text(Infinity)),
        optional(integer(0, 255)),
        optional(text(Infinity), ""),
    ],
    (run, index, number, type, name) => {
        const { dce } = run
        const books = booksOf(dce)
        const book = books.current
        if (books.selected === "FD") throw new CommandError(NEEDS_PIN2)
        const at = index ?? (number === undefined ? 0 : book.free)
        if (at === undefined) throw new CommandError(FULL)
        checkIndex(book, at)
        book.set(
            at,
            number === undefined
                ? undefined
                : {
                      number: checkedNumber(number, type),
                      name: typedName(dce, name),
                  }
        )
        run.ok()
    }
)

const lengths = `${NUMBER_LENGTH},${NAME_LENGTH}`

export const phoneBookCommands: readonly Command[] = [
    {
        name: "+CPBS",
        delay: "simCard",
        test: says(
            () => `+CPBS: (${bookNames.map(name => `"${name}"`).join(",")})`
        ),
        read: says(dce => {
            const { selected, current } = booksOf(dce)
            return `+CPBS: "${selected}",${current.used},${current.capacity}`
        }),
        write: sets([word(...bookNames)], (dce, name) => {
            booksOf(dce).selected = name
        }),
    },
    {
        name: "+CPBR",
        delay: "simCard",
        test: says(
            dce => `+CPBR: (1-${booksOf(dce).current.capacity}),${lengths}`
        ),
        write: takes(
            [integer(0, 0xffff), optional(integer(0, 0xffff))],
            (run, first, last = first) => {
                const book = booksOf(run.dce).current
                checkIndex(book, first)
                checkIndex(book, last)
                list(run, "+CPBR", index => index >= first && index <= last)
            }
        ),
    },
    {
        name: "+CPBF",
        delay: "simCard",
        test: says(() => `+CPBF: ${lengths}`),
        write: takes([optional(text(Infinity), "")], (run, wanted) => {
            const name = typedName(run.dce, wanted).toUpperCase()
            list(run, "+CPBF", (_, entry) =>
                entry.name.toUpperCase().includes(name)
            )
        }),
    },
    {
        name: "+CPBW",
        delay: "simCard",
        test: says(dce => {
            const { capacity } = booksOf(dce).current
            return `+CPBW: (1-${capacity}),${NUMBER_LENGTH},(129,145),${NAME_LENGTH}`
        }),
        write,
    },
    {
        name: "+CNUM",
        delay: "simCard",
        test: saysOk,
        execute: run => {
            const { profile } = run.dce
            const SPEED_AND_SERVICE = "7,4"
            const lines = booksOf(run.dce)
                .own.entries()
                .map(({ entry: { number, name } }) => {
                    const shown = shownText(name, profile.characterSet)
                    return `+CNUM: "${shown}","${number}",${numberType(number)},${SPEED_AND_SERVICE}`
                })
            run.information(...lines)
            run.ok()
        },
    },
]
