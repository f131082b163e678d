import path from "node:path"
import { defineConfig } from "vitest/config"

/** DeviceScript's own module, for what of the firmware runs in Node. */
const resolve = {
    alias: {
        "@devicescript/core": path.resolve(
            import.meta.dirname,
            "test/chip/devicescript.ts"
        ),
    },
}

export default defineConfig({
    test: {
        projects: [
            {
                resolve,
                test: {
                    name: "node",
                    include: [
                        "test/{chip,core,costs,driver,robustness,sim}/**/*.test.ts",
                    ],
                    testTimeout: 60_000,
                },
            },
            {
                resolve,
                test: {
                    name: "simulator",
                    include: ["test/e2e/*.test.ts"],
                    // one compiler, one bus: there is but one port 8082
                    fileParallelism: false,
                    testTimeout: 300_000,
                },
            },
        ],
    },
})
