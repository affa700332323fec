import { expect, test } from "vitest";
import { parseCommand, parseScenario, printScenario } from "./text.ts";

const TEXT = `# A story.
# It has two parts.
cluster nodes=3
----
ok

# Then it breaks.
fault process-kill node=k8s01   # now
wait 30s
----
two
lines

leaders
----

# The end.
`;

test("a scenario is blocks of commands with their output, and is printed as it was read", () => {
  const scenario = parseScenario(TEXT);
  expect(scenario.blocks.map(({ commands }) => commands.map(({ verb }) => verb))).toEqual([
    ["cluster"],
    ["fault", "wait"],
    ["leaders"],
  ]);
  expect(scenario.blocks.map(({ expected }) => expected)).toEqual(["ok", "two\nlines", ""]);
  expect(printScenario(scenario, ["ok", "two\nlines", ""])).toBe(TEXT);
});

test("other outputs take the place of the old ones, and nothing else changes", () => {
  const printed = printScenario(parseScenario(TEXT), ["fine", "two\nlines", "k8s01 leads"]);
  expect(printed).toBe(TEXT.replace("ok\n", "fine\n").replace("leaders\n----\n", "leaders\n----\nk8s01 leads\n"));
  expect(printScenario(parseScenario(printed), ["ok", "two\nlines", ""])).toBe(TEXT);
});

test("a command has words, values, and values with blanks", () => {
  expect(parseCommand('journal grep="no known leader" node=k8s01 all # why', 7)).toEqual({
    verb: "journal",
    words: ["all"],
    values: new Map([
      ["grep", "no known leader"],
      ["node", "k8s01"],
    ]),
    line: 7,
  });
  expect(parseCommand("# only a comment", 1)).toBeNull();
  expect(parseCommand("  ", 1)).toBeNull();
});

test.each([
  ["wait 3s\n", /line 1: a command without a ----/],
  ["# c\n\nwait 3s\n# d\n", /line 3: a command without/],
  ["# c\n----\nok\n", /line 2: an output without a command/],
  ['wait "3s\n----\n', /line 1: a quotation mark/],
  ["\n\nwait for=1s for=2s\n----\n", /line 3: for= is given twice/],
])("says where %j is wrong", (text, message) => {
  expect(() => parseScenario(text)).toThrow(message);
});
