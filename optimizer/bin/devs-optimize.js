#!/usr/bin/env node
import { load } from "./load.js"

const { devsOptimize } = await load("cli")
process.exitCode = await devsOptimize(process.argv.slice(2))
