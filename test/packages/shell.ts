/** Commands as a person types them, in a folder outside of this repository. */
import { spawn, type ChildProcess } from "node:child_process"

export class Shell {
    output = ""
    readonly ended: Promise<number | null>
    private over = false
    private readonly child: ChildProcess

    /** @param command one line, for a shell */
    constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
        this.child = spawn(command, {
            cwd,
            env,
            shell: true,
            // a group of its own, so that Ctrl-C reaches all of it, as in a terminal
            detached: process.platform !== "win32",
            stdio: ["ignore", "pipe", "pipe"],
        })
        const note = (data: Buffer): void => {
            this.output += data.toString()
        }
        this.child.stdout?.on("data", note)
        this.child.stderr?.on("data", note)
        this.ended = new Promise(done =>
            this.child.on("close", code => {
                this.over = true
                done(code)
            })
        )
    }

    async until(pattern: RegExp): Promise<void> {
        while (!pattern.test(this.output)) {
            if (this.over)
                throw new Error(`it ended without ${pattern}:\n${this.output}`)
            await new Promise(done => setTimeout(done, 50))
        }
    }

    /** Ctrl-C. */
    interrupt(): void {
        const { pid } = this.child
        if (pid === undefined || this.over) return
        if (process.platform === "win32") this.child.kill()
        else process.kill(-pid, "SIGINT")
    }
}
