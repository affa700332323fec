import { defineConfig } from "vitest/config";

/** Whole clusters in virtual time and the lab behind real sockets: minutes, so not part of the plain `npm test`. */
const LAB_STORIES = [
  "lab/cli/**/*.test.ts",
  "lab/demo/demo.test.ts",
  "lab/drill/play.test.ts",
  "lab/faults/in-the-world.test.ts",
  "lab/quorate/start.test.ts",
  "lab/run/run-plan.test.ts",
  "lab/scenarios/scenarios.test.ts",
  "lab/serve/kubectl-session.test.ts",
  "lab/world/create-world.test.ts",
  "test/conformance/*.test.ts",
];

/**
 * Three worlds: `unit` and `lab` need nothing and no privileges; `twin` needs root and the real nodes of test/twin.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "src/**/*.test.ts",
            "lab/**/*.test.ts",
            "test/wall/*.test.ts",
            "test/e2e/*.test.ts",
            "tools/**/*.test.ts",
          ],
          exclude: LAB_STORIES,
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "lab",
          include: LAB_STORIES,
          testTimeout: 120_000,
          hookTimeout: 120_000,
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
