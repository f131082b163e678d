import path from "node:path"
import { defineConfig } from "vitest/config"

/** The tests that mutants of src/core have to survive: those that play with the protocol. */
export default defineConfig({
    resolve: {
        alias: {
            "@devicescript/core": path.resolve(
                import.meta.dirname,
                "../chip/devicescript.ts"
            ),
        },
    },
    test: {
        include: ["test/{core,driver}/**/*.test.ts"],
        exclude: [
            // they read the sources, or are the chapters once for each option
            "test/core/{docs,language}.test.ts",
            "test/driver/options.test.ts",
        ],
        isolate: false,
        env: { CUTS: "few" },
        testTimeout: 60_000,
    },
})
