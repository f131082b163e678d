/**
 * The compiler: a process of `devs build` for each program, or, if the environment says
 * so, resident compilers over loopback.
 */
import net from "node:net"

/** The variable with their port. */
export const COMPILERS = "SIMULATOR_COMPILERS"

export interface Job {
    /** e.g. `src/main.ts`, from the folder */
    source: string
    /** looks like the project, and gets the output */
    folder: string
    options: string[]
}

export interface Compiled {
    /** 0 if it compiles */
    code: number | null
    /** the compiler's messages, line by line */
    output: string[]
}

/** The port of the compilers that stay; undefined if there are none. */
export function compilers(): number | undefined {
    const port = process.env[COMPILERS]
    return port ? Number(port) : undefined
}

/** Has a compiler that stays do it. */
export async function askCompilers(port: number, job: Job): Promise<Compiled> {
    const socket = net.connect(port, "127.0.0.1")
    socket.end(JSON.stringify(job))
    let text = ""
    socket.setEncoding("utf8")
    for await (const data of socket) text += String(data)
    return JSON.parse(text) as Compiled
}
