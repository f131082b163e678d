/** Long messages both ways, in the VM. */
import { expect, test } from "vitest"
import type { SentMessage } from "../../sim/modem/submission"
import { results } from "./program"

const LONG = Array.from({ length: 60 }, (_, i) => `${i}: äöü€`).join(" ")
const CYRILLIC = "Привет ".repeat(30)

test("long messages: joined, from before the start too, and sent in parts", async () => {
    const sent: SentMessage[] = []
    const texts = ["", "", "", ""]
    const lines = await results(
        "test/e2e/firmware/long-messages.ts",
        {},
        (text, { modem }) => {
            const part = /^TEXT (\d) (.*)\$$/s.exec(text)
            if (part) texts[Number(part[1])] += part[2]
            if (text !== "SEND") return
            modem.receiveMessage({ from: "+123", text: CYRILLIC })
            modem.receiveMessage({ from: "+123", text: "last", class: 1 })
        },
        ({ modem }) => {
            modem.onMessage = message => sent.push(message)
            modem.receiveMessage({ from: "My Bank", text: LONG })
            modem.receiveMessage({ from: "+123", text: "short {}" })
        }
    )
    expect(lines).toEqual([
        "My Bank 4 -1",
        "+123 1 -1",
        "+123 4 -1",
        "+123 1 1",
        "left 0",
        "sent 3",
    ])
    expect(texts).toEqual([LONG, "short {}", CYRILLIC, "last"])
    const parts = sent.slice(0, 3)
    expect(parts.map(({ part }) => part?.number)).toEqual([1, 2, 3])
    expect(new Set(parts.map(({ part }) => part?.reference)).size).toBe(1)
    expect(parts.map(({ text }) => text).join("")).toBe(
        Array.from({ length: 40 }, (_, i) => `${i} [€] `).join("")
    )
    expect(sent[3].text).toBe("Привет 😀")
})
