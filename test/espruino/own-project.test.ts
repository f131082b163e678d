/** docs/your-own-espruino-project.md: its program, as it stands there, with the file of a release. */
import path from "node:path"
import { expect, test } from "vitest"
import { bundle } from "../../espruino/bundle"
import { root, source } from "../core/pages"
import { Espruino } from "./context"

const page = source("docs/your-own-espruino-project.md")
/** The text of the first block behind a sentence. */
const block = (behind: string): string =>
    /```.*\n([^]*?)```/.exec(page.split(behind)[1] ?? "")?.[1] ?? ""

test("the program of the page prints what the page shows", async () => {
    const { small } = await bundle(path.join(root, "src/espruino/SIM800.ts"))
    const board = new Espruino(small)
    board.network.name("example.com", "192.0.2.80")
    let asked = ""
    board.network.listen("192.0.2.80", 80, peer => {
        peer.onData = data => {
            asked += Buffer.from(data).toString()
            if (!asked.endsWith("\r\n\r\n")) return
            peer.send("HTTP/1.1 200 OK\r\nServer: mine\r\n\r\n")
            peer.end()
        }
    })
    board.sim.powerOn()
    board.evaluate(
        `var Serial2 = Serial1, D16 = 16, D17 = 17\n${block("This is `main.js`")}`
    )
    board.expect("closed")
    expect(asked).toMatch(/^HEAD \/ HTTP\/1\.1\r\nHost: example\.com\r\n/)
    const shown = block("shows what it prints").split("\n")
    for (const line of shown.filter(each => each && each !== "…"))
        expect(board.lines.join("\n")).toContain(line)
    expect(board.lost).toBe(0)
})
