#!/usr/bin/env node
import { existsSync } from "node:fs"

const source = new URL("../modem-cli.ts", import.meta.url)
if (existsSync(source)) {
    // a checkout runs from its sources
    const { tsImport } = await import("tsx/esm/api")
    await tsImport(source.href, import.meta.url)
} else await import("../dist/modem-cli.js")
