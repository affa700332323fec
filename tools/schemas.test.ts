import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SCHEMA_DIRECTORY, schemaFiles } from "./schemas.ts";

test("the published schemas are up to date (npm run schemas writes them)", () => {
  const files = readdirSync(SCHEMA_DIRECTORY).filter((name) => name.endsWith(".schema.json"));
  const published = new Map(files.map((name) => [name, readFileSync(join(SCHEMA_DIRECTORY, name), "utf8")]));
  expect(published).toEqual(schemaFiles());
});

test("they refuse fields that they do not name", () => {
  for (const content of schemaFiles().values()) {
    expect(JSON.parse(content)).toMatchObject({ type: "object", additionalProperties: false });
  }
});
