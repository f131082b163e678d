/** HTTP as bytes: requests as they go out, answers cut at every byte. */
import "../../src/node/buffer"
import { describe, expect, test } from "vitest"
import {
    Answer,
    Fault,
    parseUrl,
    Part,
    requestHead,
    type Target,
} from "../../src/protocols/http"

const HEAD_SIZE = 600

/** What a connection brings, CR LF written as "|". */
function bytes(text: string): Buffer {
    return Buffer.from(text.replaceAll("|", "\r\n"))
}

interface Read {
    status: number
    body: string
    keeps: boolean
    /** it is whole when the connection ends */
    whole: boolean
    /** bytes behind its end */
    rest: number
    fault: Fault
}

/** Reads an answer that comes in pieces, behind which the connection ends. */
function read(pieces: Buffer[], bodiless = false): Read {
    const answer = new Answer(HEAD_SIZE, bodiless)
    let body = ""
    let rest = 0
    for (const piece of pieces) {
        let at = 0
        while (at < piece.length && answer.fault === Fault.None) {
            at = answer.feed(piece, at)
            const count = answer.take(piece.length - at)
            body += piece.toString("latin1", at, at + count)
            at += count
            if (answer.part === Part.End) break
        }
        if (answer.fault === Fault.None) rest += piece.length - at
    }
    const { status, keeps, fault } = answer
    return { status, body, keeps, whole: answer.closed(), rest, fault }
}

/** The same whole, byte by byte, and cut in two at each place. */
function everyWay(text: string, bodiless = false): Read {
    const all = bytes(text)
    const once = read([all], bodiless)
    expect(
        read(
            [...all].map(b => Buffer.from([b])),
            bodiless
        )
    ).toEqual(once)
    for (let i = 1; i < all.length; i++)
        expect(read([all.subarray(0, i), all.subarray(i)], bodiless)).toEqual(
            once
        )
    return once
}

const whole = { whole: true, rest: 0, fault: Fault.None }

describe("an answer", () => {
    test.each<[what: string, text: string, read: object]>([
        [
            "with its length",
            "HTTP/1.1 200 OK|Content-Length: 5||hello",
            { status: 200, body: "hello", keeps: true },
        ],
        [
            "whose lines end with LF",
            "HTTP/1.1 200 OK\ncontent-length:5\n\nhello",
            { status: 200, body: "hello", keeps: true },
        ],
        [
            "behind empty lines, without a reason",
            "||HTTP/1.1 201|Content-Length: 0||",
            { status: 201, body: "", keeps: true },
        ],
        [
            "that ends with the connection",
            "HTTP/1.1 200 OK||all|of it",
            { status: 200, body: "all\r\nof it", keeps: false },
        ],
        [
            "in chunks, with extensions and a trailer",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|00000b;a=b| (world)|!|0|X: y|Z: 1||",
            { status: 200, body: "hello (world)\r\n!" },
        ],
        [
            "in chunks, whatever length it says",
            "HTTP/1.1 200 OK|Content-Length: 3|Transfer-Encoding: gzip, Chunked||1|a|0||",
            { status: 200, body: "a", keeps: true },
        ],
        [
            "behind 100 and 103",
            "HTTP/1.1 100 Continue||HTTP/1.1 103 Early Hints|Link: x||HTTP/1.1 404 Not Found|Content-Length: 2||no",
            { status: 404, body: "no" },
        ],
        [
            "204",
            "HTTP/1.1 204 No Content||",
            { status: 204, body: "", keeps: true },
        ],
        [
            "304, whatever length it says",
            "HTTP/1.1 304 Not Modified|Content-Length: 99||",
            { status: 304, body: "", keeps: true },
        ],
        [
            "of HTTP/1.0",
            "HTTP/1.0 200 OK|Content-Length: 1||a",
            { status: 200, body: "a", keeps: false },
        ],
        [
            "of HTTP/1.0 that keeps the connection",
            "HTTP/1.0 200 OK|Connection: Keep-Alive|Content-Length: 1||a",
            { status: 200, body: "a", keeps: true },
        ],
        [
            "that closes the connection",
            "HTTP/1.1 200 OK|Connection: x, Close|Content-Length: 1||a",
            { status: 200, body: "a", keeps: false },
        ],
    ])("%s", (_, text, expected) => {
        expect(everyWay(text)).toMatchObject({ ...whole, ...expected })
    })

    test("to HEAD has no body", () => {
        const text = "HTTP/1.1 200 OK|Content-Length: 99||"
        expect(everyWay(text, true)).toMatchObject({ ...whole, body: "" })
    })

    test.each<[what: string, text: string, fault: Fault]>([
        ["of another protocol", "SSH-2.0-OpenSSH|||", Fault.NotHttp],
        ["of HTTP/2", "HTTP/2 200 OK||", Fault.NotHttp],
        ["without a status", "HTTP/1.1 OK||", Fault.NotHttp],
        [
            "with two lengths",
            "HTTP/1.1 200 OK|Content-Length: 3|Content-Length: 4||",
            Fault.Length,
        ],
        [
            "with a negative length",
            "HTTP/1.1 200 OK|Content-Length: -1||",
            Fault.Length,
        ],
        [
            "with a chunk without a size",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||g|",
            Fault.Length,
        ],
        [
            "with a chunk of more than 256 MB",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||10000000|",
            Fault.Length,
        ],
        [
            "whose chunk is longer than it says",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||1|ab|",
            Fault.Length,
        ],
        [
            "with a long head",
            `HTTP/1.1 200 OK|X: ${"x".repeat(HEAD_SIZE)}||`,
            Fault.TooLong,
        ],
        [
            "with a long line of a chunk",
            `HTTP/1.1 200 OK|Transfer-Encoding: chunked||1;${"x".repeat(HEAD_SIZE)}|`,
            Fault.TooLong,
        ],
    ])("%s is a fault", (_, text, fault) => {
        expect(everyWay(text).fault).toBe(fault)
    })

    test("that the connection cuts is not whole, wherever it cuts", () => {
        for (const text of [
            "HTTP/1.1 200 OK|Content-Length: 5||hello",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hello|0||",
        ]) {
            const all = bytes(text)
            for (let i = 0; i < all.length; i++)
                expect(read([all.subarray(0, i)]).whole).toBe(false)
        }
    })

    test("says how much lies behind it", () => {
        expect(
            read([bytes("HTTP/1.1 200 OK|Content-Length: 1||aHTTP/1.1 200")])
        ).toMatchObject({ whole: true, body: "a", rest: 12 })
    })

    test("has fields, whatever the case of their names", () => {
        const answer = new Answer(HEAD_SIZE, false)
        answer.feed(
            bytes(
                'HTTP/1.1 200 OK|ETag:  "a:b" |Set-Cookie: a|SET-COOKIE: b|Empty:|Transfer-Encoding: chunked||9|'
            ),
            0
        )
        expect(answer.get("etag")).toBe('"a:b"')
        expect(answer.get("set-cookie")).toBe("a, b")
        expect(answer.get("Empty")).toBe("")
        expect(answer.get("cookie")).toBe(null)
        expect(answer.get("9")).toBe(null)
    })
})

const at = (path: string, more: Partial<Target> = {}): Target => ({
    tls: false,
    host: "a.example",
    port: 80,
    path,
    ...more,
})

describe("a URL", () => {
    test.each<[url: string, target: Target]>([
        ["http://a.example", at("/")],
        ["http://a.example/x?y=1#z", at("/x?y=1")],
        ["http://a.example?q", at("/?q")],
        ["http://a.example:8080/x", at("/x", { port: 8080 })],
        ["https://a.example/", at("/", { tls: true, port: 443 })],
        ["https://1.2.3.4:80/", at("/", { tls: true, host: "1.2.3.4" })],
    ])("%s", (url, target) => {
        expect(parseUrl(url, null)).toEqual(target)
    })

    test.each([
        ["http://"],
        ["ftp://a.example/"],
        ["a.example/x"],
        ["/x"],
        ["http://me@a.example/"],
        ["http://a.example:0/"],
        ["http://a.example:65536/"],
        ["http://a.example:/"],
        ["http://[::1]/"],
        ["http://a.example/a b"],
        ["http://a.example/\r\nx: y"],
        ["http://a.example/ä"],
        [""],
    ])("%j is none", url => {
        expect(parseUrl(url, null)).toBe(null)
    })

    const base = at("/a/b?c=/d", { port: 81 })
    test.each<[url: string, target: Target]>([
        [
            "https://b.example/",
            at("/", { tls: true, host: "b.example", port: 443 }),
        ],
        ["//b.example/x", at("/x", { host: "b.example" })],
        ["/x?y", at("/x?y", { port: 81 })],
        ["x", at("/a/x", { port: 81 })],
        ["?x", at("/a/b?x", { port: 81 })],
    ])("%s behind another one", (url, target) => {
        expect(parseUrl(url, base)).toEqual(target)
    })
})

describe("a request", () => {
    const target = at("/x?y", { port: 8080 })

    test("without a body, whose connection ends with the answer", () => {
        expect(requestHead("GET", target, ["accept", "*/*"], -1, false)).toBe(
            "GET /x?y HTTP/1.1\r\nhost: a.example:8080\r\nconnection: close\r\naccept: */*\r\n\r\n"
        )
    })

    test("with a body, whose connection is kept", () => {
        expect(requestHead("POST", at("/"), [], 12, true)).toBe(
            "POST / HTTP/1.1\r\nhost: a.example\r\ncontent-length: 12\r\n\r\n"
        )
    })

    test("with a body in chunks", () => {
        expect(requestHead("PUT", at("/"), [], -2, true)).toBe(
            "PUT / HTTP/1.1\r\nhost: a.example\r\ntransfer-encoding: chunked\r\n\r\n"
        )
    })

    test.each([
        ["GET /\r\n", []],
        ["", []],
        ["GET", ["a b", "c"]],
        ["GET", ["a:", "c"]],
        ["GET", ["a", "c\r\nd: e"]],
        ["GET", ["", "c"]],
    ])("%j %j can not be", (method, fields) => {
        expect(requestHead(method, target, fields, -1, false)).toBe("")
    })
})
