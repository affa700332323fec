import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mistake, quorate } from "./quorate.ts";

let directory = "";
const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-e2e-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("bad input gets one clear line and exit code 64", () => {
  test("an unknown command, flag, argument", async () => {
    expect(await mistake(["docter"])).toMatch(/unknown command 'docter'/);
    expect(await mistake(["doctor", "--shh", "k8s01"])).toMatch(/unknown option '--shh'/);
    expect(await mistake(["doctor", "k8s01"])).toMatch(/too many arguments/);
  });

  test("a missing or wrong value", async () => {
    expect(await mistake(["doctor", "--ssh"])).toMatch(/argument missing/);
    expect(await mistake(["doctor", "--budget", "soon"])).toMatch(/"soon" is no duration; write it like 8s/);
    expect(await mistake(["doctor", "-o", "yaml"])).toMatch(/Allowed choices are text, json/);
    expect(await mistake(["demo", "--speed", "fast"])).toMatch(/a number of 0 or more/);
  });

  test("a profile that does not exist, and one that is only planned", async () => {
    expect(await mistake(["doctor", "--ssh", "a", "--profile", "openshift"])).toMatch(
      /no profile "openshift"; supported: microk8s/,
    );
    expect(await mistake(["doctor", "--ssh", "a", "--profile", "k3s"])).toMatch(
      /"k3s" \(k3s\) is planned: .*supported: microk8s/,
    );
  });

  test("a node that is named twice", async () => {
    expect(await mistake(["doctor", "--ssh", "k8s01", "--ssh", "k8s01"])).toMatch(/k8s01 is named twice/);
  });

  test("a configuration with an unknown key, with its line", async () => {
    const path = file("unknown.yaml", "nodes:\n  - ssh: k8s01\n    port: 22\n");
    expect(await mistake(["doctor", "--config", path])).toBe(`quorate: ${path}:3: unknown key "port"`);
    expect(await mistake(["leaders", "--config", path])).toContain(`${path}:3:`);
    expect(await mistake(["recover", "--yes", "--state", directory, "--config", path])).toContain(`${path}:3:`);
  });

  test("a configuration that is not there", async () => {
    expect(await mistake(["doctor", "--config", join(directory, "none.yaml")])).toMatch(
      /none\.yaml: cannot be read \(ENOENT\)/,
    );
  });

  test("a machine that is no node", async () => {
    expect(await mistake(["doctor"])).toMatch(
      /this machine is no MicroK8s control-plane node .*--ssh HOST, or run quorate demo/,
    );
  });

  test("a recording that is not there, and one that is none, with its line", async () => {
    expect(await mistake(["doctor", "--from", join(directory, "none")])).toMatch(/none: cannot be read \(ENOENT\)/);
    const garbage = file("garbage.ndjson", "garbage\n");
    expect(await mistake(["doctor", "--from", garbage])).toContain(`${garbage}:1: not a recording of Quorate`);
    const header = {
      format: "quorate-recording",
      version: 1,
      quorate: "0",
      profile: "microk8s",
      startedAtMs: 0,
      nodes: ["a"],
    };
    const escape = file("escape.ndjson", `${JSON.stringify(header)}\n{"kind":"\\u001b[31m"}\n`);
    expect(await mistake(["doctor", "--from", escape])).toContain(`${escape}:2: `);
    const k3s = file("k3s.ndjson", `${JSON.stringify({ ...header, profile: "k3s" })}\n`);
    expect(await mistake(["doctor", "--from", k3s])).toMatch(/"k3s" \(k3s\) is planned/);
  });

  test("a recording that would overwrite a file, and the nodes are let go", async () => {
    const path = file("precious.ndjson", "precious");
    expect(await mistake(["doctor", "--ssh", "quorate-test.invalid", "--record", path])).toMatch(/it exists already/);
  });

  test("recover without a terminal and without --yes", async () => {
    expect(await mistake(["recover", "--ssh", "k8s01"])).toMatch(
      /no terminal to ask on: give --yes to act, or --dry-run/,
    );
  });

  test("a dry run of recover leaves no journal behind", async () => {
    const state = join(directory, "no-state");
    await mistake(["recover", "--dry-run", "--state", state]);
    expect(existsSync(state)).toBe(false);
  });

  test("recover whose journal cannot be kept", async () => {
    const path = file("a-file", "");
    expect(await mistake(["recover", "--yes", "--ssh", "k8s01", "--state", join(path, "state")])).toMatch(
      /cannot use the run journal .*ENOTDIR/,
    );
    const foreign = mkdtempSync(join(directory, "state-"));
    writeFileSync(join(foreign, "runs.db"), "not a database ".repeat(100));
    expect(await mistake(["recover", "--yes", "--ssh", "k8s01", "--state", foreign])).toMatch(/not a database/);
  });
});

describe("help", () => {
  test.each(["doctor", "recover"])("of %s shows examples and exit codes", async (command) => {
    const { exitCode, stdout } = await quorate([command, "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n {2}quorate /);
    expect(stdout).toMatch(/\nExit codes: 0 .*64 usage/s);
  });

  test("of the program names every command; without a command it is shown as a mistake", async () => {
    const { exitCode, stdout } = await quorate(["--help"]);
    expect(exitCode).toBe(0);
    for (const command of ["doctor", "leaders", "recover", "demo"]) expect(stdout).toContain(`\n  ${command} `);
    expect(await quorate([])).toMatchObject({ exitCode: 64, stdout: "" });
  });
});
