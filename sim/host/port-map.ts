const FORM = /^(?<port>\d+)=(?<target>\d+)$/

/**
 * Gives the ports that the modem opens others on this machine: those below 1024
 * are not for everyone, and others may be taken. An entry is written
 * `port=port`, the modem's first; `port=0` is any that is free.
 */
export class PortMap {
    private readonly ports = new Map<number, number>()
    private readonly used = new Set<number>()

    /** @throws Error that names the entry and its fault */
    constructor(entries: readonly string[]) {
        for (const entry of entries) {
            const parts = FORM.exec(entry)?.groups
            if (parts === undefined)
                throw new Error(`"${entry}" is not of the form port=port`)
            const [port, target] = [parts.port, parts.target].map(Number)
            if (port === 0) throw new Error(`"${entry}": there is no port 0`)
            for (const number of [port, target])
                if (number > 65535)
                    throw new Error(`"${entry}": there is no port ${number}`)
            if (this.ports.has(port))
                throw new Error(`"${entry}": port ${port} has a place already`)
            this.ports.set(port, target)
        }
    }

    /** The port of this machine for one of the modem; 0 stays 0. */
    target(port: number): number {
        this.used.add(port)
        return this.ports.get(port) ?? port
    }

    /** The entries of ports that were never opened. */
    unused(): string[] {
        return [...this.ports]
            .filter(([port]) => !this.used.has(port))
            .map(([port, target]) => `${port}=${target}`)
    }
}
