/** Phone books ([ATM12] 3.2.24 to 3.2.27): numbers with names, on the SIM card and in the module. */

export interface PhoneBookEntry {
    /** Digits, `*`, `#`, after a `+` if it is international. */
    readonly number: string
    readonly name: string
}

/** Longest number and name, as `AT+CPBR=?` says ([ATM12] 19.2). */
export const NUMBER_LENGTH = 40
export const NAME_LENGTH = 14

/** How many digits at the end decide that two numbers are the same. */
const SAME_DIGITS = 7

function isSame(some: string, other: string): boolean {
    const digits = (number: string): string => number.replace("+", "")
    const [one, two] = [digits(some), digits(other)]
    return (
        one === two ||
        (Math.min(one.length, two.length) >= SAME_DIGITS &&
            one.slice(-SAME_DIGITS) === two.slice(-SAME_DIGITS))
    )
}

/** One phone book, by index from 1 on. */
export class PhoneBook {
    /** As far as there has ever been one. */
    private readonly slots: (PhoneBookEntry | undefined)[]

    constructor(
        readonly capacity: number,
        entries: readonly PhoneBookEntry[] = []
    ) {
        this.slots = entries.slice(0, capacity)
    }

    get used(): number {
        return this.entries().length
    }

    has(index: number): boolean {
        return index >= 1 && index <= this.capacity
    }

    at(index: number): PhoneBookEntry | undefined {
        return this.slots[index - 1]
    }

    set(index: number, entry: PhoneBookEntry | undefined): void {
        while (this.slots.length < index) this.slots.push(undefined)
        this.slots[index - 1] = entry
    }

    /** The first free index, or undefined. */
    get free(): number | undefined {
        const free = this.slots.indexOf(undefined)
        const at = free < 0 ? this.slots.length : free
        return at < this.capacity ? at + 1 : undefined
    }

    entries(): { index: number; entry: PhoneBookEntry }[] {
        return this.slots.flatMap((entry, i) =>
            entry === undefined ? [] : [{ index: i + 1, entry }]
        )
    }

    nameOf(number: string): string | undefined {
        return this.entries().find(({ entry }) => isSame(entry.number, number))
            ?.entry.name
    }

    numberOf(name: string): string | undefined {
        return this.entries().find(({ entry }) => entry.name === name)?.entry
            .number
    }
}

/** `<storage>` of AT+CPBS: the card's, the module's, own numbers, fixed dialling. */
export const bookNames = ["SM", "ME", "ON", "FD"] as const
export type BookName = (typeof bookNames)[number]

/** The module's phone books. */
export class PhoneBooks {
    /** AT+CPBS. */
    selected: BookName = "SM"

    constructor(
        private readonly card: Readonly<Record<"SM" | "ON" | "FD", PhoneBook>>,
        private readonly module: PhoneBook
    ) {}

    get current(): PhoneBook {
        return this.book(this.selected)
    }

    /** The numbers of the card itself, AT+CNUM. */
    get own(): PhoneBook {
        return this.card.ON
    }

    private book(name: BookName): PhoneBook {
        return name === "ME" ? this.module : this.card[name]
    }

    /** The name of a number, or an empty text. */
    nameOf(number: string): string {
        return this.card.SM.nameOf(number) ?? this.module.nameOf(number) ?? ""
    }

    /** The number of a name in any of them. */
    numberOf(name: string): string | undefined {
        return bookNames
            .map(book => this.book(book).numberOf(name))
            .find(number => number !== undefined)
    }
}
