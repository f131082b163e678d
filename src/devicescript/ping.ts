import { Kind } from "../core/arguments"
import { Ping } from "../core/dialogues/ping"
import { check } from "./arguments"
import { converse } from "./dialogue"
import type { Sim800 } from "./sim800"

export interface PingOptions {
    /** number of pings, 1–20, default 4: connections wait meanwhile */
    count?: number
    /** timeout of an answer, in ms, 100–60000, default 10000 */
    timeout?: number
}

/**
 * Pings a host (AT+CIPPING, manual 10.2.1). Throws a `Sim800Error` if its name is
 * unknown.
 * @returns time of each answer, in ms, in steps of 100; -1: no answer
 */
export async function ping(
    modem: Sim800,
    host: string,
    options?: PingOptions
): Promise<number[]> {
    const count = (options && options.count) || 4
    const timeout = (options && options.timeout) || 10000
    check("host", Kind.Host, host, 1, 255)
    check("count", Kind.Whole, count, 1, 20)
    check("timeout", Kind.Whole, timeout, 100, 60000)
    const dialogue = new Ping(host, count, Math.round(timeout / 100))
    await converse(modem, dialogue, `ping ${host}`)
    return dialogue.times
}
