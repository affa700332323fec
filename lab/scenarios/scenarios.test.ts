import { expect, test } from "vitest";
import { runScenarioFile, scenarioNames, scenarioPath } from "./files.ts";

/** A story of a day, watched by Quorate, takes seconds. */
const TIMEOUT_MS = 60_000;

test("there is the story of the incident, and each story has a file", () => {
  expect(scenarioNames()).toContain("2026-06-24-as-it-was");
});

/** After a change that was meant: npm run lab -- scenario NAME --rewrite, and commit only what you understand. */
test.each(scenarioNames())("%s goes as it is written", { timeout: TIMEOUT_MS }, async (name) => {
  expect((await runScenarioFile(scenarioPath(name))).diff).toBe("");
});
