/**
 * The HTTP client over the modem, against the server of the test. Prints
 * "RESULT …" for each thing that was tried.
 */
import * as ds from "@devicescript/core"
import {
    HttpClient,
    JacdacUart,
    Sim800,
    Sim800Error,
    Socket,
} from "../../../src/index"

const modem = new Sim800({
    uart: new JacdacUart({
        serial: new ds.Serial("modem"),
        lines: new ds.ModemLines("modem lines"),
    }),
    apn: "internet",
    receiveBuffer: 512,
})
const WEB = "http://web.example"
const PART = 500
const http = new HttpClient(modem, { timeout: 20000 })
const keeping = new HttpClient(modem, { keepAlive: true, timeout: 3000 })

/** A sum in which the place of a byte counts. */
class Sum {
    private a = 1
    private b = 0
    length = 0

    async add(data: Buffer) {
        for (let i = 0; i < data.length; i++) {
            // the VM ends a program that never pauses
            if (i % 200 === 0) await ds.sleep(0)
            this.a = (this.a + data[i]) % 65521
            this.b = (this.b + this.a) % 65521
        }
        this.length += data.length
    }

    say(): string {
        return `${this.length} ${this.a} ${this.b}`
    }
}

async function attempt(what: string, run: () => Promise<string>) {
    try {
        console.log(`RESULT ${what}: ${await run()}`)
    } catch (e) {
        console.log(
            `RESULT ${what}: failure ${(e as Sim800Error).failure}, ${(e as Error).message}`
        )
    }
}

async function download(path: string): Promise<string> {
    const sum = new Sum()
    const response = await http.fetch(WEB + path)
    while (true) {
        const data = await response.recv()
        if (!data) break
        await sum.add(data)
    }
    return sum.say()
}

function part(at: number, length: number): Buffer {
    const data = Buffer.alloc(length)
    for (let i = 0; i < length; i++) data[i] = (at + i) * 7
    return data
}

async function upload(inChunks: boolean): Promise<string> {
    const total = 6000
    const sum = new Sum()
    const response = await http.fetch(`${WEB}/upload`, {
        method: "PUT",
        length: inChunks ? undefined : total,
        body: async at => {
            if (at >= total) return undefined
            const data = part(at, PART)
            await sum.add(data)
            return data
        },
    })
    const text = await response.text()
    return `${response.status} ${text === sum.say()}`
}

/** Six at once, the sixth over TLS. */
let done = 0
async function one(n: number) {
    const path = `/noise?${n}`
    await attempt(`beside ${n}`, async () => await download(path))
    done++
}

try {
    await modem.start()
    await attempt("get", async () => {
        const response = await http.fetch(`${WEB}/settings?x=1`, {
            headers: { "x-device": "7" },
        })
        const settings = (await response.json()) as { period: number }
        const type = response.headers.get("Content-Type")
        return `${response.status} ${response.ok} ${type} ${settings.period}`
    })
    await attempt("post", async () => {
        const response = await http.fetch(`${WEB}/readings`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: '{"temperature":21}',
        })
        return `${response.status} ${await response.text()}`
    })
    await attempt("large post", async () => {
        const data = part(0, 3000)
        const sum = new Sum()
        await sum.add(data)
        const response = await http.fetch(`${WEB}/upload`, {
            method: "POST",
            body: data,
        })
        return `${(await response.text()) === sum.say()}`
    })
    await attempt("head", async () => {
        const response = await http.fetch(`${WEB}/noise?1`, { method: "HEAD" })
        const text = await response.text()
        return `${response.headers.get("content-length")} "${text}"`
    })
    await attempt("put with a length", async () => await upload(false))
    await attempt("put in chunks", async () => await upload(true))
    await attempt("chunks", async () => await download("/chunks"))
    await attempt("to the end", async () => await download("/end"))
    await attempt("redirect", async () => {
        const first = await http.fetch(`${WEB}/moved`)
        const answer = `${first.status} ${first.headers.get("location")}`
        first.close()
        const response = await http.fetch(`${WEB}/moved`, {
            method: "POST",
            body: "x",
            redirects: 1,
        })
        return `${answer}, ${await response.text()}`
    })
    await attempt("redirects for ever", async () => {
        const response = await http.fetch(`${WEB}/circle`, { redirects: 3 })
        response.close()
        return `${response.status}`
    })
    for (let n = 1; n < 7; n++) one.start(n)
    while (done < 6) await ds.sleep(100)
    await attempt("kept", async () => {
        let text = ""
        for (let i = 0; i < 3; i++) {
            const response = await keeping.fetch(`${WEB}/port`)
            text += `${await response.text()} `
        }
        return text
    })
    await attempt("kept, and gone", async () => {
        const bye = await keeping.fetch(`${WEB}/bye`)
        await bye.text()
        await ds.sleep(500)
        const response = await keeping.fetch(`${WEB}/settings`)
        await response.text()
        return `${response.status}`
    })
    keeping.close()
    await attempt("slow", async () => {
        const response = await keeping.fetch(`${WEB}/mute`)
        return await response.text()
    })
    await attempt("cut", async () => {
        const response = await http.fetch(`${WEB}/cut`)
        return await response.text()
    })
    await attempt("long", async () => {
        const response = await http.fetch(`${WEB}/noise?1`)
        return await response.text(1000)
    })
    await attempt("long head", async () => {
        const response = await http.fetch(`${WEB}/head`)
        return await response.text()
    })
    await attempt("refused body", async () => {
        const response = await http.fetch(`${WEB}/refused`, {
            method: "POST",
            length: 100000,
            body: async at => part(at, PART),
        })
        return `${response.status}`
    })
    await attempt("broken download", async () => {
        const sum = new Sum()
        const length = await http.download(
            `${WEB}/broken`,
            async (data, at) => {
                if (at !== sum.length) console.log(`WRONG ${at}`)
                await sum.add(data)
            }
        )
        return `${length} ${sum.say()}`
    })
    await attempt("changed download", async () => {
        const places: number[] = []
        const length = await http.download(`${WEB}/changed`, async (_, at) => {
            if (at === 0) places.push(at)
        })
        return `${length} ${places.length}`
    })
    await attempt("wrong url", async () => {
        const response = await http.fetch("web.example/x")
        return await response.text()
    })
    await attempt("https", async () => {
        const secure = new HttpClient(modem, { verify: false })
        const response = await secure.fetch("https://web.example/settings")
        return `${response.status} ${await response.text()}`
    })
    // nothing has been left open
    const sockets: Socket[] = []
    await ds.sleep(1000)
    await attempt("all six are free", async () => {
        for (let i = 0; i < 6; i++)
            sockets.push(await modem.connect({ host: "web.example", port: 80 }))
        for (const socket of sockets) await socket.close()
        return `${sockets.length}`
    })
    const { overruns, timeouts } = modem.status()
    console.log(`RESULT ${overruns} overruns, ${timeouts} timeouts`)
} catch (e) {
    ;(e as Error).print()
}
console.log("RESULT end")
