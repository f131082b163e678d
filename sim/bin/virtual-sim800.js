#!/usr/bin/env node
import { existsSync } from "node:fs"

const compiled = new URL("../dist/modem-cli.js", import.meta.url)
if (existsSync(compiled)) await import(compiled.href)
else {
    // a checkout runs from its sources
    const { tsImport } = await import("tsx/esm/api")
    const source = new URL("../modem-cli.ts", import.meta.url)
    await tsImport(source.href, import.meta.url)
}
