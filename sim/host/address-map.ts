import { isIpAddress } from "../modem/parameters"
import type { Endpoint } from "../modem/network"

/** One entry: a destination of the modem, and its target on this machine. */
interface Mapping {
    /** The entry as written. */
    readonly entry: string
    /** A name in lower case, or a dotted address. */
    readonly host: string
    /** Undefined for any port. */
    readonly port: number | undefined
    /** Address of `host` for the modem. */
    readonly address: string
    readonly targetAddress: string
    /** Undefined for the port that was dialled. */
    readonly targetPort: number | undefined
}

const FORM =
    /^(?<host>[^:@=]+)(?::(?<port>\d+))?(?:@(?<address>[^:@=]+))?=(?<target>[^:@=]+)(?::(?<targetPort>\d+))?$/

/**
 * Redirects the modem's destinations: addresses of transcripts, and names that need not
 * exist.
 *
 * An entry is written `host[:port][@address]=target[:port]`. `host` is a name
 * or an address in dotted notation; without a port the entry holds for all. A
 * name resolves to `address`, or to one of 198.18.0.0/15 (set aside for tests
 * by RFC 2544) that is always the same for the same name.
 */
export class AddressMap {
    private readonly mappings: Mapping[] = []
    private readonly addresses = new Map<string, string>()
    private readonly used = new Set<Mapping>()

    /**
     * @param entries in order; the first match counts
     * @param allows whether an address may be a target
     * @throws Error that names the entry and its fault
     */
    constructor(
        entries: readonly string[],
        allows: (address: string) => boolean
    ) {
        for (const entry of entries) {
            const mapping = this.parse(entry)
            if (!allows(mapping.targetAddress))
                throw new Error(
                    `"${entry}": ${mapping.targetAddress} is not on this machine; that takes --internet`
                )
            this.mappings.push(mapping)
        }
    }

    /** Where a connection to this address and port goes, or undefined. */
    target({ address, port }: Endpoint): Endpoint | undefined {
        const found = this.mappings.find(
            mapping =>
                mapping.address === address && (mapping.port ?? port) === port
        )
        if (found === undefined) return undefined
        this.used.add(found)
        return {
            address: found.targetAddress,
            port: found.targetPort ?? port,
        }
    }

    /** The entries that were never used. */
    unused(): string[] {
        return this.mappings
            .filter(mapping => !this.used.has(mapping))
            .map(({ entry }) => entry)
    }

    /** Whether something at this address leads to a target. */
    knows(address: string): boolean {
        return this.mappings.some(mapping => mapping.address === address)
    }

    /** The modem's destination that leads to this place. */
    origin({ address, port }: Endpoint): Endpoint {
        const found = this.mappings.find(
            mapping =>
                mapping.targetAddress === address &&
                (mapping.targetPort ?? mapping.port ?? port) === port
        )
        return found === undefined
            ? { address, port }
            : { address: found.address, port: found.port ?? port }
    }

    /** The address that a mapped name has for the modem, or undefined. */
    resolve(name: string): string | undefined {
        return this.addresses.get(name.toLowerCase())
    }

    /** The mapped name that an address was made up for, or the address itself. */
    nameOf(address: string): string {
        const found = this.mappings.find(m => m.address === address)
        return found?.host ?? address
    }

    private parse(entry: string): Mapping {
        const parts = FORM.exec(entry)?.groups
        if (parts === undefined)
            throw new Error(
                `"${entry}" is not of the form host[:port][@address]=target[:port]`
            )
        const host = parts.host.toLowerCase()
        const target = parts.target.toLowerCase()
        const targetAddress = target === "localhost" ? "127.0.0.1" : target
        if (!isIpAddress(targetAddress))
            throw new Error(
                `"${entry}": the target is "localhost" or an address in dotted notation`
            )
        return {
            entry,
            host,
            port: portOf(entry, parts.port),
            address: this.addressOf(entry, host, parts.address),
            targetAddress,
            targetPort: portOf(entry, parts.targetPort),
        }
    }

    private addressOf(
        entry: string,
        host: string,
        given: string | undefined
    ): string {
        if (given !== undefined && !isIpAddress(given))
            throw new Error(`"${entry}": "${given}" is not an address`)
        if (isIpAddress(host)) return host
        const address = given ?? this.addresses.get(host) ?? this.invent(host)
        this.addresses.set(host, address)
        return address
    }

    /** An address of 198.18.0.0/15 from the name (FNV-1a), the next one if taken. */
    private invent(name: string): string {
        let hash = 0x811c9dc5
        for (const character of name)
            hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
        const taken = new Set(this.addresses.values())
        for (let n = hash >>> 15; ; n++) {
            const [second, third, fourth] = [
                18 + ((n >>> 16) & 1),
                (n >>> 8) & 0xff,
                n & 0xff,
            ]
            const address = `198.${second}.${third}.${fourth}`
            if (!taken.has(address)) return address
        }
    }
}

function portOf(entry: string, text: string | undefined): number | undefined {
    if (text === undefined) return undefined
    const port = Number(text)
    if (port < 1 || port > 65535)
        throw new Error(`"${entry}": there is no port ${text}`)
    return port
}
