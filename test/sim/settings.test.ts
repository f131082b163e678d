/** Commands that only keep what they are told: ranges, read back, and what a restart leaves. */
import { expect, test } from "vitest"
import { commands } from "../../sim/modem/commands/table"
import type { SettingData } from "../../sim/modem/setting"
import { TestTerminal } from "./terminal"

const settings = commands.flatMap(
    ({ name, keeps, acts, keepsByChannel, read, write }) =>
        keeps === undefined ||
        acts === true ||
        keepsByChannel === true ||
        !read ||
        !write
            ? []
            : [[name, keeps] as const]
)

/** A value that is not the first one, or the only one that there is. */
function another({ values }: SettingData): string {
    return values
        .map(({ shown, quoted, initial }) => {
            if (quoted) {
                const listed = [...shown.matchAll(/"([^"]*)"/g)].map(m => m[1])
                return `"${listed.find(word => word !== initial) ?? initial}"`
            }
            const numbers = shown.match(/\d+/g) ?? []
            return numbers.find(number => Number(number) !== initial) ?? initial
        })
        .join(",")
}

/** What is read when the first `savedCount` values are the changed ones. */
function partly(
    { savedCount = Infinity }: SettingData,
    changed: string,
    first: string
): string {
    const firsts = first.split(",")
    return changed
        .split(",")
        .map((value, i) => (i < savedCount ? value : firsts[i]))
        .join(",")
}

function read(terminal: TestTerminal, name: string): string {
    return terminal.ask(`AT${name}?␍`)
}

test.each(settings)(
    "AT%s is kept, and saved as the manual says",
    (name, data) => {
        const terminal = TestTerminal.ready()
        const first = read(terminal, name)
        expect(first).toMatch(/⏎OK⏎$/)
        expect(terminal.ask(`AT${name}=${another(data)}␍`)).toBe("⏎OK⏎")
        const changed = read(terminal, name)
        const restarted = (): string => {
            terminal.modem.reset()
            terminal.listen(60_000)
            return read(terminal, name)
        }
        expect(restarted()).toBe(data.saved === "by itself" ? changed : first)
        if (data.saved !== "AT&W") return
        expect(terminal.ask(`AT${name}=${another(data)}␍`)).toBe("⏎OK⏎")
        expect(terminal.ask("AT&W␍")).toBe("⏎OK⏎")
        const saved = partly(data, changed, first)
        expect(restarted()).toBe(saved)
        // the factory profile has the first value again, but for what concerns the UART
        expect(terminal.ask("AT&F␍")).toBe("⏎OK⏎")
        expect(terminal.ask("ATE0␍")).toMatch(/⏎OK⏎$/)
        expect(read(terminal, name)).toBe(name === "+CMNRP" ? saved : first)
        expect(terminal.ask("ATZ␍")).toBe("⏎OK⏎")
        expect(read(terminal, name)).toBe(saved)
    }
)

test.each(settings)(
    "AT%s refuses what the manual does not allow, and keeps nothing of it",
    (name, data) => {
        const terminal = TestTerminal.ready()
        const first = read(terminal, name)
        const [value] = data.values
        const wrong = value.quoted ? "1" : "99999999"
        if (!value.quoted)
            expect(terminal.ask(`AT${name}=${wrong}␍`)).toBe("⏎ERROR⏎")
        const many = `${another(data)},1`
        if (name.startsWith("+"))
            expect(terminal.ask(`AT${name}=${many}␍`)).toBe("⏎ERROR⏎")
        expect(read(terminal, name)).toBe(first)
    }
)

test("S registers read as three digits, and set to nothing are as at first", () => {
    const terminal = TestTerminal.ready()
    terminal.dialogue(`
        > ATS7?␍
        < ⏎060⏎
        < ⏎OK⏎
        > ATS7=30␍
        < ⏎OK⏎
        > ATS7?␍
        < ⏎030⏎
        < ⏎OK⏎
        > ATS7=␍
        < ⏎OK⏎
        > ATS7?␍
        < ⏎060⏎
        < ⏎OK⏎
        > ATS7=256␍
        < ⏎ERROR⏎
    `)
})

test.each(["+SIDET", "+CMIC", "+SNDLEVEL"])(
    "AT%s keeps a value for each channel",
    name => {
        const terminal = TestTerminal.ready()
        const first = read(terminal, name)
        expect(first).toMatch(/^⏎\+[A-Z]+: (\(\d,\d+\),?)+⏎⏎OK⏎$/)
        expect(terminal.ask(`AT${name}=1,3␍`)).toBe("⏎OK⏎")
        const changed = first.replace(/\(1,\d+\)/, "(1,3)")
        expect(read(terminal, name)).toBe(changed)
        terminal.modem.reset()
        terminal.listen(60_000)
        expect(read(terminal, name)).toBe(changed)
        expect(terminal.ask(`AT${name}=9,3␍`)).toBe("⏎ERROR⏎")
        expect(terminal.ask(`AT${name}=0,101␍`)).toBe("⏎ERROR⏎")
    }
)
