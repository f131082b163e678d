import path from "node:path"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** DeviceScript's own module, for what of the firmware runs in Node. */
const resolve = {
    alias: {
        "@devicescript/core": path.resolve(
            import.meta.dirname,
            "test/chip/devicescript.ts"
        ),
    },
}

/**
 * In which order, by project or path. What runs in real time comes first, and what takes
 * longest before what is short: then it does not stand alone in the end. One file makes all
 * modules of Espruino while others have no use for them. Files of a project come one after
 * the other: only so do they share their processes.
 */
const ORDER = [
    "simulator:",
    "alone:test/espruino/tokens.test.ts",
    "alone:optimizer/",
    "alone:test/(?!espruino)",
    "alone:",
    "plain:",
    "node:test/driver/",
    "node:",
].map(start => new RegExp(`^${start}`))

class InOrder extends BaseSequencer {
    override async sort(files: TestSpecification[]) {
        const sorted = await super.sort(files)
        const rank = ({ project, moduleId }: TestSpecification): number => {
            const file = path.relative(import.meta.dirname, moduleId)
            const name = `${project.name}:${file.replaceAll(path.sep, "/")}`
            return ORDER.findIndex(start => start.test(name))
        }
        return sorted.sort((a, b) => rank(a) - rank(b))
    }
}

/** What needs a process for each file: the others share theirs, which load all only once. */
const ALONE = [
    // they set V8's flags
    "test/costs/**/*.test.ts",
    // they patch what belongs to the runtimes that they are written for
    "test/{chip,espruino}/**/*.test.ts",
    "test/robustness/**/*.test.ts",
    // where the VM collects garbage depends on what has run in it before
    "optimizer/test/differential/**/*.test.ts",
    // they count what has happened in their process, or what it takes
    "test/core/machines.test.ts",
    "test/sim/tcp-door.test.ts",
]

const limits = { testTimeout: 120_000, hookTimeout: 120_000 }

/** What is started prints plainly: CI, like a terminal, would be given colours. */
const env = { NO_COLOR: "1" }

export default defineConfig({
    test: {
        // one more than cores: tests of the simulator wait in real time
        maxWorkers: 3,
        sequence: { sequencer: InOrder },
        projects: [
            {
                resolve,
                test: {
                    ...limits,
                    env,
                    name: "node",
                    include: ["test/{core,driver,protocols}/**/*.test.ts"],
                    exclude: ALONE,
                    isolate: false,
                },
            },
            {
                test: {
                    ...limits,
                    env,
                    // Node's buffers are as they are: nothing here knows of the driver
                    name: "plain",
                    include: [
                        "test/sim/**/*.test.ts",
                        "optimizer/test/**/*.test.ts",
                    ],
                    exclude: ALONE,
                    isolate: false,
                },
            },
            {
                resolve,
                test: { ...limits, env, name: "alone", include: ALONE },
            },
            {
                resolve,
                test: {
                    env,
                    name: "simulator",
                    include: ["test/{e2e,packages}/*.test.ts"],
                    globalSetup: "test/compilers/index.ts",
                    // as many programs at a time as compilers
                    maxConcurrency: 2,
                    testTimeout: 300_000,
                },
            },
        ],
    },
})
