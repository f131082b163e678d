import path from "node:path"
import { defineConfig } from "vitest/config"

export default defineConfig({
    test: {
        projects: [
            {
                resolve: {
                    alias: {
                        "@devicescript/core": path.resolve(
                            import.meta.dirname,
                            "test/chip/devicescript.ts"
                        ),
                    },
                },
                test: {
                    name: "node",
                    include: [
                        "test/{chip,core,driver,robustness,sim}/**/*.test.ts",
                    ],
                    testTimeout: 60_000,
                },
            },
            {
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
