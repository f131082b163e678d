/** [ATM12] 12: the FTP client in the module. */
import { describe, expect, test } from "vitest"
import type { MemoryPeer } from "../../sim/modem/memory-network"
import { TestTerminal } from "./terminal"

const SERVER = "203.0.113.21"

/** A small FTP server in memory: what it was told, and its files. */
class FtpServer {
    readonly files = new Map<string, string>()
    readonly said: string[] = []
    /** Replies that it gives instead of the usual ones. */
    readonly replies: Record<string, string> = {}
    private dataPort = 20_000
    private data: MemoryPeer | undefined
    private restart = 0
    private onDataPeer: (peer: MemoryPeer) => void = () => undefined

    constructor(private readonly terminal: TestTerminal) {
        terminal.network.name("ftp.example.com", SERVER)
        terminal.network.listen(SERVER, 21, peer => {
            peer.send(this.replies.greeting ?? "220-welcome\r\n220 ready\r\n")
            let buffer = ""
            peer.onData = bytes => {
                buffer += Buffer.from(bytes).toString("latin1")
                for (;;) {
                    const end = buffer.indexOf("\r\n")
                    if (end < 0) return
                    const line = buffer.slice(0, end)
                    buffer = buffer.slice(end + 2)
                    this.obey(peer, line)
                }
            }
        })
    }

    private obey(peer: MemoryPeer, line: string): void {
        this.said.push(line)
        const [verb, ...rest] = line.split(" ")
        const argument = rest.join(" ")
        const special = this.replies[verb]
        if (special !== undefined) {
            peer.send(`${special}\r\n`)
            return
        }
        const reply = this.handle(peer, verb, argument)
        if (reply !== undefined) peer.send(`${reply}\r\n`)
    }

    private handle(
        peer: MemoryPeer,
        verb: string,
        argument: string
    ): string | undefined {
        const file = this.files.get(argument)
        switch (verb) {
            case "USER":
                return "331 password"
            case "PASS":
                return "230 welcome"
            case "TYPE":
                return "200 ok"
            case "REST":
                this.restart = Number(argument)
                return "350 ok"
            case "PASV": {
                const port = this.dataPort++
                this.terminal.network.listen(SERVER, port, data => {
                    this.data = data
                    this.onDataPeer(data)
                })
                const numbers = SERVER.replaceAll(".", ",")
                return `227 passive (${numbers},${port >> 8},${port & 255})`
            }
            case "PORT": {
                const [a, b, c, d, high, low] = argument.split(",").map(Number)
                const to = {
                    address: [a, b, c, d].join("."),
                    port: high * 256 + low,
                }
                const from = { address: SERVER, port: 20 }
                this.data = this.terminal.network.dial(to, from)
                return "200 ok"
            }
            case "RETR":
                if (file === undefined) return "550 no such file"
                peer.send("150 here it comes\r\n")
                this.data?.send(file.slice(this.restart))
                this.data?.end()
                return "226 done"
            case "LIST":
                peer.send("150 here it comes\r\n")
                this.data?.send([...this.files.keys()].join("\r\n") + "\r\n")
                this.data?.end()
                return "226 done"
            case "STOR":
            case "APPE": {
                const { data } = this
                if (data !== undefined)
                    data.onEnd = () => {
                        const before = verb === "APPE" ? (file ?? "") : ""
                        this.files.set(argument, before + data.text)
                        data.end()
                        peer.send("226 stored\r\n")
                    }
                return "150 go on"
            }
            case "SIZE":
                return file === undefined ? "550 no" : `213 ${file.length}`
            case "DELE":
                return this.files.delete(argument) ? "250 gone" : "550 no"
            case "MKD":
            case "RMD":
                return "257 ok"
            case "QUIT":
                return "221 bye"
            default:
                return "500 what?"
        }
    }
}

function ready(setup: readonly string[] = []): {
    terminal: TestTerminal
    server: FtpServer
} {
    const terminal = TestTerminal.ready()
    const server = new FtpServer(terminal)
    const lines = [
        "AT+SAPBR=1,1",
        "AT+FTPCID=1",
        'AT+FTPSERV="ftp.example.com"',
        'AT+FTPUN="user"',
        'AT+FTPPW="secret"',
        ...setup,
    ]
    for (const line of lines) terminal.dialogue(`> ${line}␍\n< ⏎OK⏎`)
    return { terminal, server }
}

const GET = ['AT+FTPGETNAME="a.txt"', 'AT+FTPGETPATH="/dir/"']
const PUT = ['AT+FTPPUTNAME="b.txt"', 'AT+FTPPUTPATH="/dir"']

describe("AT+FTPGET", () => {
    test("of a server that wants no password", () => {
        const { terminal, server } = ready(GET)
        server.files.set("/dir/a.txt", "hello")
        server.replies.USER = "230 welcome"
        server.replies.PASS = "503 you are in already"
        terminal.dialogue(`
            > AT+FTPGET=1␍
            < ⏎OK⏎⏎+FTPGET: 1,1⏎
            > AT+FTPGET=2,5␍
            < ⏎+FTPGET: 2,5⏎hello⏎OK⏎⏎+FTPGET: 1,0⏎
        `)
        expect(server.said).not.toContain("PASS secret")
    })

    test("opened, read bit by bit, ended", () => {
        const { terminal, server } = ready(GET)
        server.files.set("/dir/a.txt", "hello world")
        terminal.dialogue(`
            > AT+FTPGET=1␍
            < ⏎OK⏎⏎+FTPGET: 1,1⏎
            > AT+FTPSTATE␍
            < ⏎+FTPSTATE: 1⏎⏎OK⏎
            > AT+FTPGET=2,5␍
            < ⏎+FTPGET: 2,5⏎hello⏎OK⏎
            > AT+FTPGET=2,1024␍
            < ⏎+FTPGET: 2,6⏎ world⏎OK⏎⏎+FTPGET: 1,0⏎
            > AT+FTPSTATE␍
            < ⏎+FTPSTATE: 0⏎⏎OK⏎
            > AT+FTPGET=2,1␍
            < ⏎ERROR⏎
        `)
        expect(server.said).toEqual([
            "USER user",
            "PASS secret",
            "TYPE I",
            "PASV",
            "RETR /dir/a.txt",
            "QUIT",
        ])
    })

    test("more than the module holds: the server waits for the DTE", () => {
        const { terminal, server } = ready(GET)
        const text = "0123456789".repeat(3000)
        server.files.set("/dir/a.txt", text)
        terminal.dialogue("> AT+FTPGET=1␍\n< ⏎OK⏎⏎+FTPGET: 1,1⏎")
        let got = ""
        for (let i = 0; i < 100 && got.length < text.length; i++) {
            const answer = terminal.ask("AT+FTPGET=2,1460␍", 300)
            got += /2,\d+⏎(\d*)⏎OK/.exec(answer)?.[1] ?? ""
        }
        expect(got).toBe(text)
    })

    test("unread data are told of again", () => {
        const { terminal, server } = ready(GET)
        server.files.set("/dir/a.txt", "hello")
        terminal.dialogue(`
            > AT+FTPGET=1␍
            < ⏎OK⏎⏎+FTPGET: 1,1⏎
            ~ 9900
            < ⏎+FTPGET: 1,1⏎
            > AT+FTPQUIT␍
            < ⏎+FTPGET: 1,86⏎⏎OK⏎
            > AT+FTPQUIT␍
            < ⏎ERROR⏎
        `)
    })

    test("AT+FTPREST goes on in the middle; active mode", () => {
        const { terminal, server } = ready([
            ...GET,
            "AT+FTPREST=6",
            "AT+FTPMODE=0",
        ])
        server.files.set("/dir/a.txt", "hello world")
        terminal.dialogue(`
            > AT+FTPGET=1␍
            < ⏎OK⏎⏎+FTPGET: 1,1⏎
            > AT+FTPGET=2,100␍
            < ⏎+FTPGET: 2,5⏎world⏎OK⏎⏎+FTPGET: 1,0⏎
        `)
        expect(server.said[3]).toMatch(/^PORT 10,177,109,126,/)
        expect(server.said[4]).toBe("REST 6")
    })

    test.each([
        ["no such file", {}, 79],
        ["no such user", { USER: "530 no" }, 71],
        ["a wrong password", { PASS: "530 no" }, 72],
        ["no such type", { TYPE: "504 no" }, 73],
        ["no passive mode", { PASV: "502 no" }, 75],
        ["nonsense instead of a port", { PASV: "227 no" }, 75],
        ["a server that sends away", { greeting: "421 busy\r\n" }, 65],
        ["a server that is silent", { greeting: "" }, 64],
    ] as const)("%s", (_, replies, code) => {
        const { terminal, server } = ready(GET)
        Object.assign(server.replies, replies)
        terminal.dialogue(`
            > AT+FTPGET=1␍
            < ⏎OK⏎⏎+FTPGET: 1,${code}⏎
            > AT+FTPSTATE␍
            < ⏎+FTPSTATE: 0⏎⏎OK⏎
        `)
    })

    test.each([
        ["no such name", 'AT+FTPSERV="nowhere.example"', 62],
        ["nobody listens", "AT+FTPPORT=2121", 63],
        ["no bearer", "AT+SAPBR=0,1", 61],
    ])("%s", (_, line, code) => {
        const { terminal } = ready(GET)
        terminal.network.refuse(SERVER, 2121)
        terminal.dialogue(`
            > ${line}␍
            < ⏎OK⏎
            > AT+FTPGET=1␍
            < ⏎OK⏎⏎+FTPGET: 1,${code}⏎
        `)
    })
})

describe("AT+FTPPUT", () => {
    test("opened, given in parts, ended", () => {
        const { terminal, server } = ready(PUT)
        terminal.dialogue(`
            > AT+FTPPUT=1␍
            < ⏎OK⏎⏎+FTPPUT: 1,1,1360⏎
            > AT+FTPPUT=2,5␍
            < ⏎+FTPPUT: 2,5⏎
            > hello
            < ⏎OK⏎⏎+FTPPUT: 1,1,1360⏎
            > AT+FTPPUT=2,6␍
            < ⏎+FTPPUT: 2,6⏎
        `)
        terminal.modem.dte.write(Buffer.from(" world"))
        terminal.dialogue(`
            < ⏎OK⏎⏎+FTPPUT: 1,1,1360⏎
            > AT+FTPPUT=2,0␍
            < ⏎OK⏎⏎+FTPPUT: 1,0⏎
        `)
        expect(server.files.get("/dir/b.txt")).toBe("hello world")
    })

    test("AT+FTPPUTOPT appends; AT+FTPTYPE=A keeps seven bits", () => {
        const { terminal, server } = ready([
            ...PUT,
            'AT+FTPPUTOPT="APPE"',
            'AT+FTPTYPE="A"',
        ])
        server.files.set("/dir/b.txt", "old ")
        terminal.dialogue(`
            > AT+FTPPUT=1␍
            < ⏎OK⏎⏎+FTPPUT: 1,1,1360⏎
            > AT+FTPPUT=2,2000␍
            < ⏎+FTPPUT: 2,1360⏎
        `)
        terminal.modem.dte.write(Buffer.alloc(1360, 0xc1))
        terminal.dialogue(`
            < ⏎OK⏎⏎+FTPPUT: 1,1,1360⏎
            > AT+FTPPUT=2,0␍
            < ⏎OK⏎⏎+FTPPUT: 1,0⏎
        `)
        expect(server.files.get("/dir/b.txt")).toBe(`old ${"A".repeat(1360)}`)
    })

    test("AT+FTPEXTPUT: all is given before", () => {
        const { terminal, server } = ready(PUT)
        terminal.dialogue(`
            > AT+FTPEXTPUT=2,0,5,1000␍
            < ⏎ERROR⏎
            > AT+FTPEXTPUT=1␍
            < ⏎OK⏎
            > AT+FTPEXTPUT=2,0,5,1000␍
            < ⏎+FTPEXTPUT: 0,5⏎
            > hello
            < ⏎OK⏎
            > AT+FTPEXTPUT=2,5,3,1000␍
            < ⏎+FTPEXTPUT: 5,3⏎
            > you
            < ⏎OK⏎
            > AT+FTPPUT=1␍
            < ⏎OK⏎⏎+FTPPUT: 1,0⏎
            > AT+FTPEXTPUT=2,0,9,1000␍
            < ⏎+FTPEXTPUT: 0,9⏎
            > late
            ~ 1000
            < ⏎ERROR⏎
            > AT+FTPEXTPUT=0␍
            < ⏎OK⏎
        `)
        expect(server.files.get("/dir/b.txt")).toBe("helloyou")
    })

    test("the server has no room", () => {
        const { terminal, server } = ready(PUT)
        server.replies.STOR = "552 no room"
        terminal.dialogue(`
            > AT+FTPPUT=1␍
            < ⏎OK⏎⏎+FTPPUT: 1,78⏎
        `)
    })
})

test("AT+FTPSIZE, AT+FTPDELE, AT+FTPMKD, AT+FTPRMD, AT+FTPLIST", () => {
    const { terminal, server } = ready(GET)
    server.files.set("/dir/a.txt", "hello")
    terminal.dialogue(`
        > AT+FTPSIZE␍
        < ⏎OK⏎⏎+FTPSIZE: 1,0,5⏎
        > AT+FTPLIST=1␍
        < ⏎OK⏎⏎+FTPLIST: 1,1⏎
        > AT+FTPLIST=2,100␍
        < ⏎+FTPLIST: 2,12⏎/dir/a.txt⏎⏎OK⏎⏎+FTPLIST: 1,0⏎
        > AT+FTPDELE␍
        < ⏎OK⏎⏎+FTPDELE: 1,0⏎
        > AT+FTPDELE␍
        < ⏎OK⏎⏎+FTPDELE: 1,77⏎
        > AT+FTPSIZE␍
        < ⏎OK⏎⏎+FTPSIZE: 1,77⏎
        > AT+FTPMKD␍
        < ⏎OK⏎⏎+FTPMKD: 1,0⏎
        > AT+FTPRMD␍
        < ⏎OK⏎⏎+FTPRMD: 1,0⏎
        > AT+FTPRMD␍
        < ⏎OK⏎
        > AT+FTPSIZE␍
        < ⏎ERROR⏎
    `)
    terminal.dialogue("< ⏎+FTPRMD: 1,0⏎")
    expect(server.said).toContain("MKD /dir/")
})

describe("files of the module", () => {
    test("AT+FTPGETTOFS, AT+FTPEXTGET store them", () => {
        const { terminal, server } = ready(GET)
        server.files.set("/dir/a.txt", "hello")
        terminal.dialogue(
            `
            > AT+FTPGETTOFS=0,"got.txt"␍
            < ⏎OK⏎⏎+FTPGETTOFS: 0,5⏎
            > AT+FSFLSIZE=C:\\\\User\\\\got.txt␍
            < ⏎+FSFLSIZE: 5⏎⏎OK⏎
            > AT+FTPEXTGET?␍
            < ⏎+FTPEXTGET: 0⏎⏎OK⏎
            > AT+FTPEXTGET=1␍
            < ⏎OK⏎⏎+FTPEXTGET: 1,0⏎
            > AT+FTPEXTGET=3,1,3␍
            < ⏎+FTPEXTGET: 3,3⏎ell⏎OK⏎
            > AT+FTPEXTGET=2,"again.txt"␍
            < ⏎+FTPEXTGET: 2,5⏎⏎OK⏎
            > AT+FTPGETNAME="none"␍
            < ⏎OK⏎
            > AT+FTPGETTOFS=0,"got.txt"␍
            < ⏎OK⏎⏎+FTPGETTOFS: 79⏎
        `
        )
    })

    test("AT+FTPPUTFRMFS, AT+FTPFILEPUT send them", () => {
        const { terminal, server } = ready([
            ...PUT,
            String.raw`AT+FSCREATE=C:\\User\\x.txt`,
        ])
        terminal.dialogue(String.raw`
            > AT+FSWRITE=C:\\User\\x.txt,0,4,10␍
            < ⏎> |
            > data
            < ⏎OK⏎
            > AT+FTPPUTFRMFS="C:\\User\\x.txt"␍
            < ⏎OK⏎⏎+FTPPUTFRMFS: 0,4⏎
            > AT+FTPPUTNAME="c.txt"␍
            < ⏎OK⏎
            > AT+FTPFILEPUT=1,"C:\\User\\x.txt"␍
            < ⏎OK⏎
            > AT+FTPPUT=1␍
            < ⏎OK⏎⏎+FTPPUT: 1,0⏎
            > AT+FTPPUTFRMFS="C:\\User\\none"␍
            < ⏎ERROR⏎
        `)
        expect(server.files.get("/dir/b.txt")).toBe("data")
        expect(server.files.get("/dir/c.txt")).toBe("data")
    })
})

test("values are checked, kept, and saved by AT+FTPSCONT", () => {
    const { terminal } = ready(GET)
    terminal.dialogue(`
        > AT+FTPPORT?␍
        < ⏎+FTPPORT: 21⏎⏎OK⏎
        > AT+FTPPORT=65536␍
        < ⏎ERROR⏎
        > AT+FTPTYPE="X"␍
        < ⏎ERROR⏎
        > AT+FTPSCONT␍
        < ⏎OK⏎
        > AT+FTPUN="other"␍
        < ⏎OK⏎
    `)
    expect(terminal.ask("AT+FTPSCONT?␍")).toMatch(/^⏎\+FTPSCONT: 1⏎/)
    terminal.modem.reset()
    terminal.listen(60_000)
    terminal.dialogue(`
        > AT+FTPSCONT?␍
        < ⏎+FTPSCONT: 0⏎+FTPSERV: ftp.example.com⏎+FTPPORT: 21⏎+FTPUN: user⏎
        < +FTPPW: secret⏎+FTPCID: 1⏎+FTPMODE: 1⏎+FTPTYPE: I⏎+FTPPUTOPT: STOR⏎
        < +FTPREST: 0⏎+FTPGETNAME: a.txt⏎+FTPGETPATH: /dir/⏎+FTPPUTNAME: ⏎
        < +FTPPUTPATH: ⏎+FTPTIMEOUT: 75⏎⏎OK⏎
    `)
})
