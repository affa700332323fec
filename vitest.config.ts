import { defineConfig } from "vitest/config";

/** Two worlds: `unit` needs nothing and no privileges; `twin` needs root and the real nodes of test/twin. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "src/**/*.test.ts",
            "lab/**/*.test.ts",
            "test/conformance/*.test.ts",
            "test/wall/*.test.ts",
            "test/e2e/*.test.ts",
            "tools/**/*.test.ts",
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "twin",
          include: ["test/twin/stories/*.test.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
