/** [ATM12] 11: the HTTP client in the module. */
import http from "node:http"
import type { AddressInfo } from "node:net"
import { describe, expect, test } from "vitest"
import { HostNetwork } from "../../sim/host/network"
import type { MemoryServer } from "../../sim/modem/memory-network"
import { VirtualSim800 } from "../../sim/modem/modem"
import type { ModemOptions } from "../../sim/modem/options"
import { TestTerminal } from "./terminal"

const SERVER = "203.0.113.7"
const HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Id: 7\r\n\r\nhello"

interface Web {
    readonly terminal: TestTerminal
    readonly server: MemoryServer
    /** What the server answers, request by request. */
    readonly answers: string[]
    readonly requests: string[]
}

/** A module with its bearer up, HTTP begun, and a server that answers as told. */
function ready(options: ModemOptions = {}, port = 80): Web {
    const terminal = TestTerminal.ready(options)
    const answers: string[] = []
    const requests: string[] = []
    terminal.network.name("example.com", SERVER)
    const server = terminal.network.listen(SERVER, port, peer => {
        peer.onData = () => {
            const [head, body = ""] = peer.text.split("\r\n\r\n", 2)
            const length = Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0)
            if (!peer.text.includes("\r\n\r\n") || body.length < length) return
            requests.push(peer.text)
            const answer = answers.shift()
            if (answer !== undefined) peer.send(answer)
        }
    })
    terminal.dialogue(`
        > AT+SAPBR=3,1,"APN","CMNET"␍
        < ⏎OK⏎
        > AT+SAPBR=1,1␍
        < ⏎OK⏎
        > AT+HTTPINIT␍
        < ⏎OK⏎
        > AT+HTTPPARA="CID",1␍
        < ⏎OK⏎
        > AT+HTTPPARA="URL","http://example.com/path?x=1"␍
        < ⏎OK⏎
    `)
    return { terminal, server, answers, requests }
}

describe("GET", () => {
    test("asked for, told of, read whole and in ranges", () => {
        const { terminal, answers, requests } = ready()
        answers.push(HELLO)
        terminal.dialogue(`
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,200,5⏎
            > AT+HTTPREAD␍
            < ⏎+HTTPREAD: 5⏎hello⏎OK⏎
            > AT+HTTPREAD=1,2␍
            < ⏎+HTTPREAD: 2⏎el⏎OK⏎
            > AT+HTTPREAD=3,100␍
            < ⏎+HTTPREAD: 2⏎lo⏎OK⏎
            > AT+HTTPREAD=5,1␍
            < ⏎+HTTPREAD: 0⏎⏎OK⏎
            > AT+HTTPTERM␍
            < ⏎OK⏎
        `)
        expect(requests).toEqual([
            "GET /path?x=1 HTTP/1.1\r\nHost: example.com\r\nUser-Agent: SIMCom_MODULE\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        ])
    })

    test.each([
        [
            "chunked",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n",
        ],
        [
            "chunked, with a trailer",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
        ],
        ["behind an interim response", `HTTP/1.1 100 Continue\r\n\r\n${HELLO}`],
    ])("%s, in pieces of any size", (_, answer) => {
        for (const size of [1, 2, 7, 1000]) {
            const { terminal, server } = ready()
            terminal.dialogue("> AT+HTTPACTION=0␍\n< ⏎OK⏎")
            terminal.listen(100)
            for (let at = 0; at < answer.length; at += size)
                server.peer.send(answer.slice(at, at + size))
            terminal.dialogue(`
                < ⏎+HTTPACTION: 0,200,5⏎
                > AT+HTTPREAD␍
                < ⏎+HTTPREAD: 5⏎hello⏎OK⏎
            `)
        }
    })

    test("a body that ends with the connection", () => {
        const { terminal, server } = ready()
        terminal.dialogue("> AT+HTTPACTION=0␍\n< ⏎OK⏎\n~ 100")
        server.peer.send("HTTP/1.0 404 Not Found\r\n\r\nno such page")
        server.peer.end()
        terminal.dialogue(`
            < ⏎+HTTPACTION: 0,404,12⏎
            > AT+HTTPHEAD␍
            < ⏎+HTTPHEAD: 24⏎HTTP/1.0 404 Not Found⏎⏎OK⏎
        `)
    })

    test("BREAK and BREAKEND ask for a range; UA, CONTENT and USERDATA are sent", () => {
        const { terminal, answers, requests } = ready()
        answers.push(HELLO, HELLO)
        terminal.dialogue(`
            > AT+HTTPPARA="BREAK",100␍
            < ⏎OK⏎
            > AT+HTTPPARA="BREAKEND",200␍
            < ⏎OK⏎
            > AT+HTTPPARA="UA","node 1"␍
            < ⏎OK⏎
            > AT+HTTPPARA="USERDATA","Authorization: x\\r\\nX-Y: z"␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,200,5⏎
            > AT+HTTPPARA="BREAKEND",0␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,200,5⏎
        `)
        expect(requests[0]).toContain("\r\nUser-Agent: node 1\r\n")
        expect(requests[0]).toContain("\r\nRange: bytes=100-200\r\n")
        expect(requests[0]).toContain("\r\nAuthorization: x\r\nX-Y: z\r\n\r\n")
        expect(requests[1]).toContain("\r\nRange: bytes=100-\r\n")
    })

    test("REDIR follows a redirection", () => {
        const { terminal, answers, requests } = ready()
        const moved =
            "HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n"
        answers.push(moved, moved, HELLO)
        terminal.dialogue(`
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,302,0⏎
            > AT+HTTPPARA="REDIR",1␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,200,5⏎
        `)
        expect(requests[2]).toMatch(
            /^GET \/new HTTP\/1.1\r\nHost: example.com\r/
        )
    })

    test("a redirection that goes in a circle ends", () => {
        const { terminal, answers } = ready()
        const moved =
            "HTTP/1.1 301 Moved\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n"
        answers.push(...Array<string>(20).fill(moved))
        terminal.dialogue(`
            > AT+HTTPPARA="REDIR",1␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,301,0⏎
        `)
    })

    test.each([
        ["example.com", 80, "/"],
        ["http://example.com:8080", 8080, "/"],
        ["http://example.com:8080/a/b", 8080, "/a/b"],
        // the port as the manual has it
        ["http://example.com/a/b:8080", 8080, "/a/b"],
        ["http://203.0.113.7/?a=b:c", 80, "/?a=b:c"],
        ["example.com?a=1", 80, "/?a=1"],
    ])("of %s", (url, port, path) => {
        const { terminal, answers, requests } = ready({}, port)
        answers.push(HELLO)
        terminal.dialogue(`
            > AT+HTTPPARA="URL","${url}"␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,200,5⏎
        `)
        expect(requests[0].split(" ")[1]).toBe(path)
    })

    test("by a proxy", () => {
        const { terminal, requests } = ready()
        const proxy = terminal.network.listen("10.0.0.172", 8080)
        terminal.dialogue(`
            > AT+HTTPPARA="PROIP","10.0.0.172"␍
            < ⏎OK⏎
            > AT+HTTPPARA="PROPORT",8080␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎
            ~ 200
        `)
        expect(proxy.peer.text).toMatch(
            /^GET http:\/\/example.com\/path\?x=1 HTTP/
        )
        proxy.peer.send(HELLO)
        terminal.dialogue("< ⏎+HTTPACTION: 0,200,5⏎")
        expect(requests).toEqual([])
    })
})

describe("POST, HEAD, DELETE", () => {
    test("AT+HTTPDATA takes so many bytes, whatever they are", () => {
        const { terminal, answers, requests } = ready()
        answers.push("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        terminal.dialogue(
            `
            > AT+HTTPPARA="CONTENT","application/json"␍
            < ⏎OK⏎
            > AT+HTTPDATA=9,10000␍
            < ⏎DOWNLOAD⏎
            > {"a":␍␚1}␍
            < ⏎OK⏎
            > AT+HTTPREAD␍
            < ⏎+HTTPREAD: 9⏎{"a":␍␚1}⏎OK⏎
            > AT+HTTPACTION=1␍
            < ⏎OK⏎⏎+HTTPACTION: 1,201,0⏎
        `
                .replace("1}␍", "1}")
                .replace("=9", "=9")
        )
        expect(requests[0]).toMatch(
            /^POST .*\r\nContent-Type: application\/json\r\nContent-Length: 9\r\n\r\n\{"a":\r\x1a1\}$/s
        )
    })

    test("what does not come in time is left out; 0 empties it", () => {
        const { terminal } = ready()
        terminal.dialogue(`
            > AT+HTTPDATA=10,1000␍
            < ⏎DOWNLOAD⏎
            > half␍
            ~ 900
        `)
        expect(terminal.listen(100)).toBe("⏎OK⏎")
        terminal.dialogue(`
            > AT+HTTPREAD␍
            < ⏎+HTTPREAD: 5⏎half␍⏎OK⏎
            > AT+HTTPDATA=0,1000␍
            < ⏎OK⏎
            > AT+HTTPREAD␍
            < ⏎+HTTPREAD: 0⏎⏎OK⏎
            > AT+HTTPDATA=319489,1000␍
            < ⏎ERROR⏎
            > AT+HTTPDATA=10,999␍
            < ⏎ERROR⏎
        `)
    })

    test("HEAD has no body, DELETE may have one", () => {
        const { terminal, answers, requests } = ready()
        answers.push(HELLO.replace("hello", ""), HELLO)
        terminal.dialogue(`
            > AT+HTTPACTION=2␍
            < ⏎OK⏎⏎+HTTPACTION: 2,200,0⏎
            > AT+HTTPHEAD␍
            < ⏎+HTTPHEAD: 45⏎HTTP/1.1 200 OK⏎Content-Length: 5⏎X-Id: 7⏎⏎OK⏎
            > AT+HTTPACTION=3␍
            < ⏎OK⏎⏎+HTTPACTION: 3,200,5⏎
        `)
        expect(requests.map(request => request.split(" ")[0])).toEqual([
            "HEAD",
            "DELETE",
        ])
    })

    test("AT+HTTPGETHEAD=1: the header stands in front of the body", () => {
        const { terminal, answers } = ready()
        answers.push(HELLO)
        terminal.dialogue(`
            > AT+HTTPGETHEAD=?␍
            < ⏎+HTTPGETHEAD: (0-1)⏎⏎OK⏎
            > AT+HTTPGETHEAD=1␍
            < ⏎OK⏎
            > AT+HTTPGETHEAD?␍
            < ⏎+HTTPGETHEAD: 1⏎⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,200,52⏎
            > AT+HTTPREAD=0,17␍
            < ⏎+HTTPREAD: 17⏎HTTP/1.1 200 OK⏎⏎OK⏎
        `)
    })
})

describe("what goes wrong", () => {
    test.each([
        ["nobody has this name", "nowhere.example", 603],
        ["nobody listens", "203.0.113.8", 601],
    ])("%s", (_, host, status) => {
        const { terminal } = ready()
        terminal.network.refuse("203.0.113.8", 80)
        terminal.dialogue(`
            > AT+HTTPPARA="URL","${host}"␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,${status},0⏎
            > AT+HTTPREAD␍
            < ⏎+HTTPREAD: 0⏎⏎OK⏎
        `)
    })

    test.each([
        ["no HTTP", "SSH-2.0-x\r\n", 600],
        [
            "half a body",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            601,
        ],
        ["half a header", "HTTP/1.1 200", 600],
        ["nothing", "", 600],
        ["far too much", `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(319_489)}`, 602],
    ])("%s", (_, answer, status) => {
        const { terminal, server } = ready()
        terminal.dialogue("> AT+HTTPACTION=0␍\n< ⏎OK⏎\n~ 100")
        server.peer.send(answer)
        server.peer.end()
        terminal.dialogue(`< ⏎+HTTPACTION: 0,${status},0⏎`)
    })

    test("the server says nothing: TIMEOUT", () => {
        const { terminal } = ready()
        terminal.dialogue(`
            > AT+HTTPPARA="TIMEOUT",30␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎
            ~ 29900
            < ⏎+HTTPACTION: 0,408,0⏎
        `)
    })

    test("no bearer, or one that goes", () => {
        const { terminal } = ready()
        terminal.dialogue(`
            > AT+HTTPACTION=0␍
            < ⏎OK⏎
            > AT+CGATT=0␍
            < ⏎+SAPBR 1: DEACT⏎⏎OK⏎⏎+HTTPACTION: 0,601,0⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,601,0⏎
            > AT+HTTPTERM␍
            < ⏎OK⏎
        `)
    })

    test("commands that are not allowed", () => {
        const { terminal } = ready()
        terminal.dialogue(`
            > AT+CMEE=1␍
            < ⏎OK⏎
            > AT+HTTPINIT␍
            < ⏎+CME ERROR: 3⏎
            > AT+HTTPPARA="TIMEOUT",29␍
            < ⏎+CME ERROR: 765⏎
            > AT+HTTPPARA="CID",4␍
            < ⏎+CME ERROR: 765⏎
            > AT+HTTPPARA="COLOUR","red"␍
            < ⏎+CME ERROR: 765⏎
            > AT+HTTPACTION=4␍
            < ⏎+CME ERROR: 793⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎+CME ERROR: 3⏎
            > AT+HTTPSTATUS?␍
            < ⏎+HTTPSTATUS: GET,2,0,104⏎⏎OK⏎
        `)
        terminal.listen(200)
        terminal.dialogue(`
            > AT+HTTPTERM␍
            < ⏎OK⏎
            > AT+HTTPTERM␍
            < ⏎+CME ERROR: 3⏎
            > AT+HTTPPARA="CID",1␍
            < ⏎+CME ERROR: 3⏎
            > AT+HTTPACTION=0␍
            < ⏎+CME ERROR: 3⏎
            > AT+HTTPREAD␍
            < ⏎+CME ERROR: 3⏎
            > AT+HTTPDATA=1,1000␍
            < ⏎+CME ERROR: 3⏎
            > AT+HTTPINIT␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎+CME ERROR: 3⏎
        `)
    })
})

test("test and read forms", () => {
    const { terminal } = ready()
    terminal.dialogue(`
        > AT+HTTPINIT=?;+HTTPTERM=?␍
        < ⏎OK⏎
        > AT+HTTPPARA=?␍
        < ⏎+HTTPPARA: "HTTPParamTag","HTTPParmValue"⏎⏎OK⏎
        > AT+HTTPDATA=?␍
        < ⏎+HTTPDATA: (0-319488),(1000-120000)⏎⏎OK⏎
        > AT+HTTPACTION=?␍
        < ⏎+HTTPACTION: (0-3)⏎⏎OK⏎
        > AT+HTTPREAD=?␍
        < ⏎+HTTPREAD: (0-319488),(1-319488)⏎⏎OK⏎
        > AT+HTTPSTATUS?␍
        < ⏎+HTTPSTATUS: GET,0,0,0⏎⏎OK⏎
        > AT+HTTPPARA?␍
        < ⏎+HTTPPARA:⏎CID: 1⏎URL: http://example.com/path?x=1⏎UA: SIMCom_MODULE⏎
        < PROIP: 0.0.0.0⏎PROPORT: 0⏎REDIR: 0⏎BREAK: 0⏎BREAKEND: 0⏎TIMEOUT: 120⏎
        < CONTENT: ⏎USERDATA: ⏎⏎OK⏎
    `)
})

test("AT+HTTPSCONT keeps the settings without power", () => {
    const { terminal } = ready()
    expect(terminal.ask("AT+HTTPSCONT?␍")).toMatch(/^⏎\+HTTPSCONT: 1⏎CID: 1⏎/)
    terminal.dialogue("> AT+HTTPSCONT␍\n< ⏎OK⏎")
    terminal.modem.reset()
    terminal.listen(60_000)
    terminal.dialogue("> AT+HTTPINIT␍\n< ⏎OK⏎")
    expect(terminal.ask("AT+HTTPSCONT?␍")).toMatch(
        /^⏎\+HTTPSCONT: 0⏎CID: 1⏎URL: http:\/\/example.com\/path/
    )
    // what has been set since is not saved
    terminal.dialogue("> AT+HTTPPARA=CID,2␍\n< ⏎OK⏎")
    expect(terminal.ask("AT+HTTPSCONT?␍")).toMatch(/^⏎\+HTTPSCONT: 1⏎CID: 2⏎/)
})

describe("AT+HTTPSSL", () => {
    test("encrypts, to port 443", () => {
        const { terminal } = ready()
        const { network } = terminal
        network.listen(SERVER, 443, peer => peer.send(HELLO), {
            version: "TLSv1.2",
            valid: true,
        })
        terminal.dialogue(`
            > AT+HTTPSSL=?␍
            < ⏎+HTTPSSL: (0-1)⏎⏎OK⏎
            > AT+HTTPSSL=1␍
            < ⏎OK⏎
            > AT+HTTPSSL?␍
            < ⏎+HTTPSSL: 1⏎⏎OK⏎
            > AT+HTTPPARA="URL","https://example.com/"␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,200,5⏎
        `)
    })

    test("a handshake that fails; firmware that knows nothing of it", () => {
        const { terminal } = ready()
        terminal.network.listen(SERVER, 443, () => undefined, {
            version: "TLSv1.2",
            valid: false,
        })
        terminal.dialogue(`
            > AT+HTTPSSL=1␍
            < ⏎OK⏎
            > AT+HTTPACTION=0␍
            < ⏎OK⏎⏎+HTTPACTION: 0,605,0⏎
        `)
        TestTerminal.ready({ firmware: { tlsVersion: "none" } }).dialogue(`
            > AT+HTTPSSL=1␍
            < ⏎ERROR⏎
        `)
    })
})

test("a real server, by the address map", async () => {
    const seen: string[] = []
    const server = http.createServer((request, response) => {
        seen.push(`${request.method} ${request.url} ${request.headers.host}`)
        response.end("hello")
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    const { port } = server.address() as AddressInfo
    const modem = new VirtualSim800({
        network: new HostNetwork({ map: [`example.com=localhost:${port}`] }),
        delays: "instant",
        stored: { baud: 115200, echo: false },
    })
    let said = ""
    modem.dte.onData = bytes => (said += Buffer.from(bytes).toString("latin1"))
    const ask = async (line: string, answer: RegExp): Promise<void> => {
        said = ""
        modem.dte.write(Buffer.from(`${line}\r`))
        await expect.poll(() => said, { timeout: 60_000 }).toMatch(answer)
    }
    try {
        modem.powerOn()
        await expect.poll(() => said, { timeout: 60_000 }).toMatch(/SMS Ready/)
        await ask("AT+SAPBR=1,1", /OK/)
        await ask('AT+HTTPINIT;+HTTPPARA="CID",1', /OK/)
        await ask('AT+HTTPPARA="URL","http://example.com/x"', /OK/)
        await ask("AT+HTTPACTION=0", /\+HTTPACTION: 0,200,5/)
        await ask("AT+HTTPREAD", /\+HTTPREAD: 5\r\nhello\r\nOK/)
        expect(seen).toEqual([`GET /x example.com`])
    } finally {
        modem.dispose()
        server.close()
    }
})
