/** Every command of the manual is known: it acts, keeps what it is told, or refuses and the docs say why. */
import { expect, test } from "vitest"
import { rows } from "../../docs/at-commands"
import { headings } from "../../docs/manual-headings"
import { commands } from "../../sim/modem/commands/table"

test("the list of headings is that of the manual", () => {
    const chapter = (n: number): number =>
        headings.filter(({ section }) => section.startsWith(`${n}.`)).length
    // the last section number of each chapter
    const counts = [42, 54, 16, 10, 82, 11, 30, 1, 4, 10, 28, 22, 25, 1, 2, 3]
    expect(counts.map((_, i) => chapter(i + 2))).toEqual(counts)
    const at = (heading: string): string | undefined =>
        headings.find(found => found.heading === heading)?.section
    expect(at("AT+CSQ")).toBe("3.2.35")
    expect(at("AT+CLIST")).toBe("6.2.80")
    expect(at("AT+CIPTKA")).toBe("8.2.30")
    expect(at("AT+FTPQUIT")).toBe("12.2.28")
    expect(at("AT+CMMSSCONT")).toBe("14.2.25")
})

test("no command stands in the table twice", () => {
    const names = commands.map(({ name }) => name)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})

test("no command of the manual is unknown", () => {
    const unknown = rows.filter(({ does }) => does === "unknown")
    expect(unknown.map(({ heading }) => heading.heading)).toEqual([])
})
