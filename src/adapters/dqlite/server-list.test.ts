import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseNodeInfo, parseServerList, SERVER_LIST_CHARS_MAX } from "./server-list.ts";

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

test("a real cluster.yaml, with ids beyond 2^53 and 2^63 unrounded", () => {
  expect(parseServerList(fixture("cluster.yaml"))).toEqual({
    known: true,
    value: [
      { id: "3297041220608546238", address: "127.0.0.1:23011", role: "voter" },
      { id: "18231818105311694515", address: "127.0.0.1:23012", role: "voter" },
      { id: "4578197058282438406", address: "127.0.0.1:23013", role: "voter" },
    ],
  });
});

test("a real info.yaml", () => {
  const value = { id: "18231818105311694515", address: "127.0.0.1:23012", role: "voter" };
  expect(parseNodeInfo(fixture("info.yaml"))).toEqual({ known: true, value });
});

test("roles 0, 1, 2, and none from before roles existed", () => {
  const entries = ["Role: 0", "Role: 1", "Role: 2", "# none"].map(
    (role, index) => `- ID: ${index + 1}\n  Address: a:1\n  ${role}\n`,
  );
  const reading = parseServerList(entries.join(""));
  expect(reading.known && reading.value.map(({ role }) => role)).toEqual(["voter", "stand-by", "spare", "voter"]);
});

test.each(["", "[]", "# nothing\n"])("%j lists nobody", (text) => {
  expect(parseServerList(text)).toEqual({ known: true, value: [] });
});

const GOOD = "- {ID: 1, Address: a:1, Role: 0}\n";
test.each([
  ["no list", "ID: 1\n", "is not a list"],
  ["not YAML", `${GOOD}- {ID: 2\n`, "line 3: not YAML"],
  ["a tab", `${GOOD}\t- x`, "not YAML"],
  ["the same key twice", "- {ID: 1, ID: 2, Address: a:1}", "line 1: not YAML (DUPLICATE_KEY)"],
  ["several documents", `${GOOD}---\n${GOOD}`, "not YAML (MULTIPLE_DOCS)"],
  ["an entry that is none", `${GOOD}- 7\n`, "entry 2: has no ID and Address"],
  ["a null entry", "- \n", "entry 1: has no ID and Address"],
  ["an id of 0", "- {ID: 0, Address: a:1}", "entry 1: ID is no 64-bit number"],
  ["an id beyond 64 bits", "- {ID: 18446744073709551616, Address: a:1}", "ID is no 64-bit number"],
  ["a rounded id", "- {ID: 3.297e18, Address: a:1}", "ID is no 64-bit number"],
  ["an id in quotes", '- {ID: "1", Address: a:1}', "ID is no 64-bit number"],
  ["an address with an escape", '- {ID: 1, Address: "\\e[2J"}', "Address is none"],
  ["no address", "- {ID: 1}", "Address is none"],
  ["a role of 3", "- {ID: 1, Address: a:1, Role: 3}", "Role is not 0, 1 or 2"],
  ["a role of -1", "- {ID: 1, Address: a:1, Role: -1}", "Role is not 0, 1 or 2"],
  ["an alias", "- &a {ID: 1, Address: a:1}\n- *a\n", "aliases are not accepted"],
  ["too much", "#".repeat(SERVER_LIST_CHARS_MAX + 1), "16385 characters"],
  ["deep nesting", "[".repeat(16_000), ""],
  ["deep nesting, closed", `${"[".repeat(8_000)}${"]".repeat(8_000)}`, ""],
])("%s: one clear line", (_what, text, words) => {
  const reading = parseServerList(text);
  expect(reading).toMatchObject({ known: false, reason: "protocol", detail: expect.stringContaining(words) });
  expect(reading).toMatchObject({ detail: expect.stringMatching(/^cluster\.yaml: [\x20-\x7e]{1,120}$/) });
});

test("info.yaml that is a list is refused", () => {
  expect(parseNodeInfo(GOOD)).toMatchObject({ known: false, detail: expect.stringMatching(/^info\.yaml: /) });
});

test("any text gives a reading", () => {
  const yamlish = fc.array(
    fc.constantFrom(
      "- ",
      "ID",
      ": ",
      "1",
      "{",
      "}",
      "[",
      "]",
      "&a",
      "*a",
      "!!x",
      "\n",
      " ",
      "|",
      "%",
      "---",
      "?",
      '"',
      "<<",
    ),
  );
  fc.assert(
    fc.property(yamlish, (parts) => void parseServerList(parts.join(""))),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseNodeInfo(text)));
});

test("every server list survives being written and read", () => {
  const id = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(fc.array(id, { maxLength: 7 }), (ids) => {
      const reading = parseServerList(
        ids.map((value) => `- ID: ${value}\n  Address: 198.51.100.11:19001\n  Role: 0\n`).join(""),
      );
      expect(reading.known && reading.value.map((server) => server.id)).toEqual(ids.map(String));
    }),
  );
});
