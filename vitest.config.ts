import { defineConfig } from "vitest/config"

export default defineConfig({
    test: {
        projects: [
            {
                test: {
                    name: "node",
                    include: ["test/{chip,core,driver,sim}/**/*.test.ts"],
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
