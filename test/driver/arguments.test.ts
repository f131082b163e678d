/** What callers can pass through a cast: a typed error at once, by name, and the modem hears nothing. */
import path from "node:path"
import { beforeAll, expect, test } from "vitest"
import { Failure } from "../../src/core/errors"
import { Board } from "../chip/board"

type Call = (...args: unknown[]) => unknown
type Made = Record<string, Call>
type Class = new (...args: unknown[]) => Made
/** The public interface, as a program in JavaScript sees it. */
type Library = Record<string, Call> & {
    Phone: Class
    Context: Class
    Transparent: Class
    Certificates: Class
    Sim800: Class
}

const folder = path.resolve(import.meta.dirname, "../../src/devicescript")
const library = {} as Library
for (const file of [
    "sim800",
    "socket",
    "udp",
    "server",
    "context",
    "transparent",
    "phone",
    "message",
    "ussd",
    "commands",
    "telemetry",
    "location",
    "certificates",
    "sleep",
])
    Object.assign(library, await import(path.join(folder, `${file}.ts`)))

let board: Board
let modem: Made
let socket: Made

/** Modems that have not been started, of several kinds. */
const idle = (options: object = {}): Made =>
    new library.Sim800({ uart: board.port, apn: "x", ...options })

beforeAll(async () => {
    board = await new Board({ receive: "push" }).start()
    board.network.echo("10.0.0.1", 7)
    modem = board.modem as unknown as Made
    socket = (await board.connect("10.0.0.1", 7)) as unknown as Made
})

const STRANGE = [undefined, null, 5, true, [1, 2, 3], {}, () => 1]
const strange = (...but: unknown[]): unknown[] =>
    STRANGE.filter(value => !but.includes(value))
/** No time, in ms. */
const TIMES = ["5000", -1, NaN, Infinity, null, [5], {}]
const FLAGS = ["yes", 0, 1, null, {}]
const NO_HOST = [...STRANGE, "", "a b", "http://x", "a:1", 'a"']
const NO_ADDRESS = [...STRANGE, "", "1.2.3", "1.2.3.256", "1.2.3.x", "1.2.3.4."]
const NO_PORT = [...strange(5), "80", 0, 65536, 1.5, NaN]
const NO_OPTIONS = [null, 5, true, "x", [1], () => 1]

const shown = (value: unknown): string =>
    typeof value === "object" ? "an object" : String(value)

/** Each value is refused by the name of the argument, before any time passes. */
async function wrong(
    name: string,
    values: unknown[],
    call: (value: unknown) => unknown
): Promise<void> {
    for (const value of values) {
        const since = board.clock.now()
        let error: (Error & { failure?: Failure }) | undefined
        try {
            const gives = call(value)
            if (gives instanceof Promise) await board.over(gives, 5000)
        } catch (e) {
            error = e as Error
        }
        const what = `${name} = ${shown(value)}: ${error?.message ?? "is taken"}`
        expect(error?.failure, what).toBe(Failure.BadArgument)
        expect(error?.message).toContain(`"${name}"`)
        expect(board.clock.now(), what).toBe(since)
    }
}

test("new Sim800", async () => {
    const option = (name: string, ...values: unknown[]) =>
        wrong(name, values, value => idle({ [name]: value }))
    await wrong("options", [undefined, ...NO_OPTIONS], options => {
        new library.Sim800(options)
    })
    await option("uart", undefined, null, 5, "COM1", {}, [])
    await option("apn", ...STRANGE, 'a"', "a\r", "a".repeat(51))
    await option("user", ...strange(undefined, null), "u".repeat(51))
    await option("password", ...strange(undefined, null), "\n")
    await option("pin", ...strange(undefined, null), "123", "12345678 ", 123)
    await option("baud", ...strange(undefined, null), "115200", 115201, NaN)
    await option("connections", ...strange(undefined, null), "six")
    await option("receive", ...strange(undefined, null), "poll")
    await option("framing", true, [], {}, "cr", "1", 0.5, 0, 101)
    await option("keepAlive", ...strange(undefined, null), "30", 29, 7201)
    await option("sockets", ...strange(undefined, null, 5), "6", 0, 7)
    await option("receiveBuffer", ...strange(undefined, null), "512", 300, 128)
    for (const flag of ["lazy", "quickSend", "confirmedNumbers"])
        await option(flag, "yes", 0, 1, {}, [])
    // what is `null` is not given
    const config = (
        idle({ user: null, sockets: null }) as unknown as Board["modem"]
    ).core.config
    expect(config.user).toBe("")
    expect(config.connections).toBe(6)
})

const to = { host: "10.0.0.1", port: 7 }

test("connect", async () => {
    const option = (name: string, values: unknown[]) =>
        wrong(name, values, value => modem.connect({ ...to, [name]: value }))
    await wrong("options", [undefined, ...NO_OPTIONS], o => modem.connect(o))
    await option("host", NO_HOST)
    await option("port", NO_PORT)
    await option("proto", [...strange(undefined), "sctp"])
    await option("localPort", [...strange(undefined, 5), "1", -1, 65536])
    await option("verify", FLAGS)
    await option("clientCertificate", FLAGS)
    await option("timeout", TIMES)
    await option("context", ["0", 1, 2, true, {}])
})

test("start", async () => {
    await wrong("options", NO_OPTIONS, o => modem.start(o))
    await wrong("timeout", TIMES, timeout => modem.start({ timeout }))
})

test("a socket", async () => {
    await wrong("data", STRANGE, data => socket.send(data))
    await wrong("timeout", TIMES, timeout => socket.send("x", timeout))
    await wrong("timeout", TIMES, timeout => socket.recv(timeout))
    await wrong("timeout", TIMES, timeout => socket.readLine(timeout))
    await wrong("limit", ["80", 0, 1.5, null, {}, 1e6], limit =>
        socket.readLine(1000, limit)
    )
    await wrong("timeout", [undefined, ...TIMES], t => socket.reconnect(t))
    await wrong("buf", [...STRANGE, "text", Buffer.alloc(0)], buf =>
        socket.recvInto(buf)
    )
    await wrong("timeout", TIMES, timeout =>
        socket.recvInto(Buffer.alloc(1), timeout)
    )
})

test("UDP and server", async () => {
    const udp = { ...to, localPort: 9 }
    await wrong("options", [undefined, ...NO_OPTIONS], o =>
        library.openUdp(modem, o)
    )
    await wrong("localPort", NO_PORT, localPort =>
        library.openUdp(modem, { ...udp, localPort })
    )
    await wrong("host", NO_HOST, host =>
        library.openUdp(modem, { ...udp, host })
    )
    const port = (await board.over(
        library.openUdp(modem, udp) as Promise<Made>
    )) as Made
    await wrong("host", NO_ADDRESS, host => port.sendTo("x", host, 7))
    await wrong("port", NO_PORT, p => port.sendTo("x", "10.0.0.1", p))
    await wrong("data", [...STRANGE, "", "x".repeat(1461)], data =>
        port.sendTo(data, "10.0.0.1", 7)
    )
    await wrong("timeout", TIMES, timeout => port.recvFrom(timeout))
    await wrong("options", [undefined, ...NO_OPTIONS], o =>
        library.listen(modem, o)
    )
    await wrong("port", NO_PORT, p => library.listen(modem, { port: p }))
    await wrong("timeout", TIMES, timeout =>
        library.listen(modem, { port: 7, timeout })
    )
})

test("features", async () => {
    const apn = "x"
    const context = new library.Context(idle())
    await wrong("options", [undefined, ...NO_OPTIONS], o => context.open(o))
    await wrong("apn", strange(), value => context.open({ apn: value }))
    await wrong("user", [5, "a".repeat(51)], user =>
        context.open({ apn, user })
    )
    await wrong("timeout", TIMES, timeout => context.open({ apn, timeout }))
    const phone = new library.Phone(modem)
    await wrong("timeout", TIMES, timeout => phone.nextMessage(timeout))
    for (const call of ["readMessage", "deleteMessage"])
        await wrong("index", ["1", undefined, null, -1, 1.5], index =>
            phone[call](index)
        )
    const files = new library.Certificates(modem)
    await wrong("files", [undefined, ...NO_OPTIONS], o => files.install(o))
    await wrong("root", [undefined, null, "x", [1], Buffer.alloc(0)], root =>
        files.install({ root })
    )
    await wrong("password", [5, '"', "x".repeat(65)], password =>
        files.install({ client: Buffer.alloc(1), password })
    )
    const single = () => idle({ connections: "single", receive: "push" })
    for (const name of ["escape", "paced", "printed"])
        await wrong(name, FLAGS, value => {
            new library.Transparent(single(), { [name]: value })
        })
    await wrong("retries", ["3", null, 2, 9], retries => {
        new library.Transparent(single(), { retries })
    })
    await wrong("options", NO_OPTIONS, o => library.allowSleep(idle(), o))
    await wrong("wakeBy", ["rts", 5, null], wakeBy =>
        library.allowSleep(idle(), { wakeBy })
    )
    await wrong("idle", ["2000", 99, null, NaN], ms =>
        library.allowSleep(idle(), { idle: ms })
    )
})

test("dialogues", async () => {
    await wrong("number", [...STRANGE, "12", "+", "1 23"], number =>
        library.sendMessage(modem, number, "x")
    )
    await wrong("text", [...STRANGE, "", "x".repeat(161)], text =>
        library.sendMessage(modem, "+123", text)
    )
    await wrong("code", [...STRANGE, "", 'a"', "1".repeat(183)], code =>
        library.ussd(modem, code)
    )
    await wrong("timeout", TIMES, timeout =>
        library.ussd(modem, "*1#", timeout)
    )
    await wrong("line", [...STRANGE, "", "+CSQ", "AT\r"], line =>
        library.command(modem, line)
    )
    await wrong("timeout", TIMES, timeout =>
        library.command(modem, "AT+CSQ", timeout)
    )
    await wrong("host", NO_HOST, host => library.resolve(modem, host))
    await wrong("primary", NO_ADDRESS, a => library.setNameServers(modem, a))
    await wrong("secondary", [...strange(undefined), "1.2"], a =>
        library.setNameServers(modem, "1.2.3.4", a)
    )
    await wrong("socket", STRANGE, s => library.acknowledgement(modem, s))
    await wrong("socket", STRANGE, s => library.acknowledged(modem, s, 1))
    await wrong("timeout", [undefined, ...TIMES], timeout =>
        library.acknowledged(modem, socket, timeout)
    )
})

test("no modem", async () => {
    const none = [...STRANGE, "modem", { core: {} }]
    for (const name of ["Phone", "Context", "Certificates", "Transparent"])
        await wrong("modem", none, m => {
            new (library[name] as unknown as Class)(m)
        })
    for (const [name, ...rest] of [
        ["sendMessage", "+123", "x"],
        ["ussd", "*1#"],
        ["command", "AT"],
        ["resolve", "a"],
        ["setNameServers", "1.2.3.4"],
        ["listen", { port: 7 }],
        ["openUdp", to],
        ["acknowledgement", socket],
        ["acknowledged", socket, 1],
        ["connectionStatus"],
        ["battery"],
        ["signal"],
        ["identity"],
        ["networkTime"],
        ["cellLocation"],
        ["cancelUssd"],
        ["allowSleep"],
    ] as [string, ...unknown[]][])
        await wrong("modem", none, m => library[name](m, ...rest))
})

test("what comes too late, and twice", async () => {
    await wrong("modem", [modem], m => library.allowSleep(m))
    await wrong("modem", [modem], m => {
        new library.Context(m)
    })
    const other = idle()
    new library.Context(other)
    library.allowSleep(other)
    await wrong("modem", [other], m => library.allowSleep(m))
    await wrong("modem", [other], m => {
        new library.Context(m)
    })
    // two modems on one port
    const second = new library.Sim800({ uart: board.port, apn: "x" })
    await wrong("uart", [second], m => (m as Made).start())
})

test("the connection lives on", async () => {
    await board.over(socket.send("well") as Promise<void>)
    const got = await board.over(socket.recv(5000) as Promise<Buffer>)
    expect(got.toString()).toBe("well")
})
