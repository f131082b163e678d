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

/** What runs in real time comes first: then it does not stand alone in the end. */
class SlowFirst extends BaseSequencer {
    override async sort(files: TestSpecification[]) {
        const sorted = await super.sort(files)
        const real = (file: TestSpecification): boolean =>
            file.project.name === "simulator"
        return [...sorted.filter(real), ...sorted.filter(file => !real(file))]
    }
}

/** What is started prints plainly: CI, like a terminal, would be given colours. */
const env = { NO_COLOR: "1" }

export default defineConfig({
    test: {
        maxWorkers: 2,
        sequence: { sequencer: SlowFirst },
        projects: [
            {
                resolve,
                test: {
                    env,
                    name: "node",
                    include: [
                        "test/{chip,core,costs,driver,espruino,protocols,robustness,sim}/**/*.test.ts",
                        "optimizer/test/**/*.test.ts",
                    ],
                    testTimeout: 120_000,
                    hookTimeout: 120_000,
                },
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
