/**
 * A registry on loopback that has what this repository has installed, so that a test
 * can say `npm install` as a person does, without a network and without surprises.
 */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import http from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"

const root = path.resolve(import.meta.dirname, "../..")

interface Manifest {
    readonly name: string
    readonly version: string
}
interface Installed {
    readonly manifest: Manifest
    readonly folder: string
}

/** All that the lock file has, by name. */
function installed(): Map<string, Installed[]> {
    const { packages } = JSON.parse(
        readFileSync(path.join(root, "package-lock.json"), "utf8")
    ) as { packages: Record<string, { link?: boolean }> }
    const found = new Map<string, Installed[]>()
    for (const [place, { link }] of Object.entries(packages)) {
        const folder = path.join(root, place)
        const file = path.join(folder, "package.json")
        if (!place.includes("node_modules") || link || !existsSync(file))
            continue
        const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest
        const others = found.get(manifest.name) ?? []
        if (
            others.every(
                ({ manifest: { version } }) => version !== manifest.version
            )
        )
            found.set(manifest.name, [...others, { manifest, folder }])
    }
    return found
}

const newest = (all: readonly Installed[]): string =>
    all
        .map(({ manifest }) => manifest.version)
        .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
        .at(-1) ?? ""

/** A package as its tarball has it: everything below `package/`, but for what it has installed itself. */
function pack(folder: string): NodeJS.ReadableStream {
    const rename =
        process.platform === "linux"
            ? ["--transform", "s,^\\.,package,"]
            : ["-s", ",^\\.,package,"]
    const tar = spawn(
        "tar",
        ["-cz", "--exclude=./node_modules", ...rename, "."],
        {
            cwd: folder,
            stdio: ["ignore", "pipe", "inherit"],
        }
    )
    return tar.stdout
}

export class Registry {
    private constructor(
        private readonly server: http.Server,
        readonly url: string
    ) {}

    static async open(): Promise<Registry> {
        const packages = installed()
        const server = http.createServer((request, response) => {
            const [, name = "", version] = decodeURIComponent(
                request.url ?? ""
            ).split(/^\/(.+?)(?:\/-\/(.+)\.tgz)?$/)
            const all = packages.get(name)
            const one = all?.find(
                ({ manifest }) => manifest.version === version
            )
            if (!all || (version && !one)) {
                response.writeHead(404).end("{}")
            } else if (one) {
                pack(one.folder).pipe(response)
            } else {
                const versions = all.map(({ manifest }) => [
                    manifest.version,
                    {
                        ...manifest,
                        dist: {
                            tarball: `${url}/${name}/-/${manifest.version}.tgz`,
                        },
                    },
                ])
                response.setHeader("Content-Type", "application/json")
                response.end(
                    JSON.stringify({
                        name,
                        "dist-tags": { latest: newest(all) },
                        versions: Object.fromEntries(versions) as object,
                    })
                )
            }
        })
        await new Promise<void>(done => server.listen(0, "127.0.0.1", done))
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
        return new Registry(server, url)
    }

    close(): void {
        this.server.close()
        this.server.closeAllConnections()
    }
}
