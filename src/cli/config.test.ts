import { describe, expect, test } from "vitest";
import { parseConfig, readConfig } from "./config.ts";
import { CliError, EXIT_USAGE } from "./exit-codes.ts";

/** The one line that a person gets. */
function lineOf(text: string): string {
  try {
    parseConfig(text, "dir/cluster.yaml");
  } catch (error) {
    expect(error).toBeInstanceOf(CliError);
    expect((error as CliError).exitCode).toBe(EXIT_USAGE);
    return (error as CliError).message;
  }
  throw new Error("it was accepted");
}

test("a whole configuration", () => {
  const text = `# our cluster
profile: microk8s
sshConfig: ./ssh.config
nodes:
  - name: k8s01
    ssh: root@192.0.2.1
  - ssh: k8s02
`;
  expect(parseConfig(text, "f")).toEqual({
    profile: "microk8s",
    sshConfig: "./ssh.config",
    nodes: [{ name: "k8s01", ssh: "root@192.0.2.1" }, { ssh: "k8s02" }],
  });
});

describe("a mistake is told with file, line and what is wrong", () => {
  test.each([
    ["an unknown key", "nodes:\n  - ssh: a\nprofil: microk8s\n", 3, /unknown key "profil"/],
    ["an unknown key with something below it", "nodes:\n  - ssh: a\nextra:\n\n  deep: 1\n", 3, /unknown key "extra"/],
    ["an unknown key of a node", "nodes:\n  - ssh: a\n    port: 22\n", 3, /unknown key "port"/],
    ["an unknown key without a value", "nodes:\n  - ssh: a\nwatch:\n", 3, /unknown key "watch"/],
    ["a wrong type", "nodes:\n  - ssh: a\n  - ssh: 7\n", 3, /nodes\.1\.ssh: /],
    ["a node without ssh", "nodes:\n  - ssh: a\n  - name: b\n", 3, /nodes\.1\.ssh: /],
    ["an empty ssh", 'nodes:\n  - ssh: ""\n', 2, /nodes\.0\.ssh: /],
    ["nodes that are no list", "profile: microk8s\nnodes: k8s01\n", 2, /nodes: /],
    ["no nodes", "profile: microk8s\nnodes: []\n", 2, /nodes: /],
    ["nothing about nodes", "profile: microk8s\n", 1, /nodes: /],
    ["an empty file", "", 1, /expected object/i],
    ["a bare text", "hello\n", 1, /expected object/i],
    ["a tab", "nodes:\n\t- ssh: a\n", 2, /YAML/],
    ["an open quote, where the text ends", 'nodes:\n  - ssh: "a\n', 3, /YAML/],
    ["a key that is there twice", "nodes:\n  - ssh: a\nnodes:\n  - ssh: b\n", 3, /YAML/],
    ["two documents", "nodes:\n  - ssh: a\n---\nnodes: []\n", 3, /YAML/],
    ["an alias without an anchor", "nodes:\n  - ssh: *host\n", 1, /YAML/],
    ["a prototype", "__proto__:\n  admin: true\nnodes:\n  - ssh: a\n", 1, /unknown key/],
  ])("%s", (_, text, line, expected) => {
    const message = lineOf(text);
    expect(message).toMatch(/^dir\/cluster\.yaml:\d+: [^\n]+$/);
    expect(message).toMatch(expected);
    expect(message).toContain(`cluster.yaml:${line}:`);
    expect(message).not.toContain(": :");
  });

  test("aliases that would fill the memory", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let n = 1; n < 10; n += 1)
      lines.push(`a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(", ")}]`);
    expect(lineOf(`${lines.join("\n")}\n`)).toMatch(/^dir\/cluster\.yaml:1: [^\n]*YAML[^\n]*$/);
  });
});

test("a file that is not there, and a directory", () => {
  expect(() => readConfig("/nonexistent/cluster.yaml")).toThrow("/nonexistent/cluster.yaml: cannot be read (ENOENT)");
  expect(() => readConfig("/")).toThrow("/: cannot be read (EISDIR)");
});
