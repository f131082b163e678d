/** Obstacles to a start on this machine, one sentence each. */

/** The oldest Node that all of this runs on: `engines` of package.json. */
const OLDEST = [20, 19]

/** @returns the fault of this version of Node, if any */
export function nodeTrouble(version: string): string | undefined {
    const [major, minor] = version.replace("v", "").split(".").map(Number)
    const [oldest, smallest] = OLDEST
    if (major > oldest || (major === oldest && minor >= smallest))
        return undefined
    return `this is Node.js ${version}, and ${OLDEST.join(".")} or newer is needed`
}

const SENTENCES: Record<string, string> = {
    ENOSPC: "the disk is full: make room, then start again",
    EDQUOT: "your quota of the disk is used up: make room, then start again",
    EROFS: "the folder of the project cannot be written to",
    EACCES: "a file or a port may not be used",
    EADDRNOTAVAIL:
        "there is no loopback interface with 127.0.0.1: switch it on (Linux: ip link set lo up)",
    EPIPE: "nobody reads what is printed any more",
}

/** For a person: no stack, and for what happens to machines a sentence. */
export function sentenceOf(error: unknown): string {
    if (!(error instanceof Error)) return String(error)
    const { message } = error
    const { code } = error as NodeJS.ErrnoException
    // a compiler's own message has the code in its text
    const known = Object.keys(SENTENCES).find(
        name => name === code || message.includes(`${name}: `)
    )
    if (known === undefined) return message
    const [first] = message.split("\n")
    return `${SENTENCES[known]} (${first})`
}

/** Meaning of the VM's panic numbers. */
export function panicText(panic: number): string {
    switch (panic) {
        case 60001:
            return "the program has run 131,072 instructions without a pause: await ds.sleep(1) within its loops"
        case 60004:
            return "its memory is full: docs/size-and-memory.md says what takes how much"
        case 60005:
            return "nobody has caught an error: try and catch around it"
    }
    return ""
}
