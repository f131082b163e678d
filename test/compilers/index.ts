/**
 * Compilers that the tests share: a warm one takes half the time of one that begins.
 * `build()` finds them by the environment.
 */
import { buildSync } from "esbuild"
import { fork, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import net, { type AddressInfo } from "node:net"
import path from "node:path"
import { COMPILERS, type Compiled, type Job } from "../../simulator/vm/compiler"

/** as many as the machine has to spare beside the tests */
const COUNT = 2

const root = path.resolve(import.meta.dirname, "../..")

/** What a compiler runs: in one file it is a tenth faster than loaded piece by piece. */
const WORKER = path.join(root, ".devicescript/compilers/worker.mjs")

/** Garbage is a fifth of its time: threads that share the work want more cores than there are. */
const FLAGS = ["--single-threaded-gc"]

class Compiler {
    private process: ChildProcess | undefined
    private turn: Promise<unknown> = Promise.resolve()
    waiting = 0

    /** Jobs wait for those before them. */
    async compile(job: Job): Promise<Compiled> {
        this.waiting++
        const done = this.turn.then(async () => {
            this.process ??= fork(WORKER, [], { cwd: root, execArgv: FLAGS })
            const answered = new AbortController()
            const { signal } = answered
            this.process.send(job)
            const [compiled] = (await Promise.race([
                once(this.process, "message", { signal }),
                once(this.process, "exit", { signal }).then(() => [
                    { code: 1, output: ["the compiler has ended"] },
                ]),
            ])) as [Compiled]
            answered.abort()
            return compiled
        })
        this.turn = done.catch(() => undefined)
        try {
            return await done
        } finally {
            this.waiting--
        }
    }

    close(): void {
        this.process?.kill("SIGKILL")
    }
}

export default async function setup(): Promise<() => void> {
    buildSync({
        entryPoints: [path.join(import.meta.dirname, "worker.ts")],
        outfile: WORKER,
        bundle: true,
        platform: "node",
        format: "esm",
        packages: "external",
    })
    const compilers = Array.from({ length: COUNT }, () => new Compiler())
    const server = net.createServer({ allowHalfOpen: true }, socket => {
        let text = ""
        socket.setEncoding("utf8")
        socket.on("error", () => undefined)
        socket.on("data", data => (text += String(data)))
        socket.on("end", () => {
            const [free] = compilers.sort((a, b) => a.waiting - b.waiting)
            void free
                .compile(JSON.parse(text) as Job)
                .then(compiled => socket.end(JSON.stringify(compiled)))
        })
    })
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
    process.env[COMPILERS] = String((server.address() as AddressInfo).port)
    return () => {
        server.close()
        for (const compiler of compilers) compiler.close()
    }
}
