#!/usr/bin/env node
import { load } from "./load.js"

const { devsOptimized } = await load("cli")
await devsOptimized(process.argv.slice(2))
