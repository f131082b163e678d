import type { Connections } from "../src/core/link/connections"

/** Has a connection of a TCP client opened. @returns its number, or -1 if none is free */
export function open(
    connections: Connections,
    host: string,
    port: number,
    now: number
): number {
    const id = connections.take(now)
    if (id < 0) return id
    const link = connections.list[id]
    link.host = host
    link.port = port
    connections.start(link)
    return id
}
