import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NodeAccess } from "../../../ports/node-access.ts";
import { createSshAccess } from "./access.ts";
import { createControlDirectory, removeControlDirectory } from "./control-directory.ts";

const directory = mkdtempSync(join(tmpdir(), "quorate-ssh-"));
const controlDirectory = createControlDirectory();
const socketPath = join(directory, "kine.sock:12379");
const echo = createServer((socket) => socket.pipe(socket));
const pathBefore = process.env["PATH"];
const opened: NodeAccess[] = [];

/** An access through the fake ssh, whose master behaves as `mode` says. */
function accessTo(mode: "good" | "denied" | "frozen" | "noise"): NodeAccess {
  const configFile = join(directory, `config-${opened.length}`);
  writeFileSync(configFile, mode);
  const access = createSshAccess({ name: "k8s01", host: "ops@k8s01", configFile, controlDirectory });
  opened.push(access);
  return access;
}

beforeAll(async () => {
  const program = join(directory, "ssh");
  const fake = join(import.meta.dirname, "fixtures", "fake-ssh.ts");
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' --no-warnings '${fake}' "$@"\n`);
  chmodSync(program, 0o755);
  process.env["PATH"] = `${directory}:${pathBefore}`;
  echo.listen(socketPath);
  await once(echo, "listening");
});
afterEach(async () => {
  await Promise.all(opened.map((access) => access.close()));
});
afterAll(() => {
  process.env["PATH"] = pathBefore;
  echo.close();
  rmSync(directory, { recursive: true });
  removeControlDirectory(controlDirectory);
});

describe("ssh access: commands", () => {
  it("runs a command with every word as it was, and its exit code", async () => {
    const access = accessTo("good");
    const words = ["a b", "$HOME", "'", "\n", "*", ""];
    const result = await access.run(["printf", "%s|", ...words], { deadlineMs: 10_000 });
    expect(result.stdout.toString()).toBe(`${words.join("|")}|`);
    expect(await access.run(["sh", "-c", "exit 7"], { deadlineMs: 10_000 })).toMatchObject({ exitCode: 7 });
    expect(access.via).toEqual({ kind: "ssh", host: "ops@k8s01" });
  });

  it("logs in once for all, and tells its own exit code 255 from a lost connection", async () => {
    const access = accessTo("noise");
    const runs = Array.from({ length: 5 }, () => access.run(["sh", "-c", "exit 255"], { deadlineMs: 15_000 }));
    for (const result of await Promise.all(runs)) expect(result).toMatchObject({ outcome: "exited", exitCode: 255 });
    const [node = ""] = readdirSync(controlDirectory);
    expect(readdirSync(join(controlDirectory, node))).toEqual(["c1"]);
  });

  it("says that nothing ran when the login fails, and does not try again at once", async () => {
    const access = accessTo("denied");
    for (let round = 0; round < 2; round += 1) {
      const result = await access.run(["true"], { deadlineMs: 10_000 });
      expect(result).toMatchObject({ outcome: "not-started", exitCode: null, reason: "permission-denied" });
      expect(result.stderr).toContain("k8s01 (ssh ops@k8s01): ssh login refused");
      if (round === 1) expect(result.durationMs).toBeLessThan(20);
    }
    await expect(access.stream(["true"], {})).rejects.toMatchObject({ reason: "permission-denied" });
  });

  it("gives up at the deadline while the login hangs", async () => {
    const access = accessTo("frozen");
    const result = await access.run(["true"], { deadlineMs: 300 });
    expect(result).toMatchObject({ outcome: "not-started", reason: "unreachable" });
    expect(result.durationMs).toBeLessThan(1_000);
  });

  it("says of a command that was cut off with its connection that it may have happened", async () => {
    const access = accessTo("good");
    // The session's command is a grandchild of the master in no way; end the master from the inside of a session.
    const script = `kill $(ps -eo pid,args | grep '[C]ontrolMaster=yes' | grep '${controlDirectory}' | awk '{print $1}'); sleep 1; exit 255`;
    const result = await access.run(["sh", "-c", script], { deadlineMs: 10_000 });
    expect(result).toMatchObject({ outcome: "exited", exitCode: null, reason: "unreachable" });
    expect(result.stderr).toContain("may have happened");
    expect(await access.run(["true"], { deadlineMs: 10_000 })).toMatchObject({ exitCode: 0 });
  });

  it("refuses politely after close, and leaves nothing in the control directory", async () => {
    const access = accessTo("good");
    await access.run(["true"], { deadlineMs: 10_000 });
    await access.close();
    expect(readdirSync(controlDirectory)).toEqual([]);
    expect(await access.run(["true"], { deadlineMs: 1_000 })).toMatchObject({ outcome: "not-started" });
  });
});

describe("ssh access: connect", () => {
  it("forwards to a unix socket with a colon in its name, twice through the same listener", async () => {
    const access = accessTo("good");
    for (const word of ["one", "two"]) {
      const socket = await access.connect({ kind: "unix", path: socketPath }, 10_000);
      socket.write(word);
      expect(String((await once(socket, "data"))[0])).toBe(word);
      socket.destroy();
    }
  });

  it("tells a missing socket, a dead one and a closed port apart", async () => {
    const access = accessTo("good");
    const missing = access.connect({ kind: "unix", path: join(directory, "none") }, 10_000);
    await expect(missing).rejects.toMatchObject({ reason: "not-found" });
    const closed = access.connect({ kind: "tcp", host: "127.0.0.1", port: 9 }, 10_000);
    await expect(closed).rejects.toMatchObject({ reason: "connection-refused" });
  });

  it("throws what the login failed with", async () => {
    await expect(accessTo("denied").connect({ kind: "unix", path: socketPath }, 10_000)).rejects.toMatchObject({
      reason: "permission-denied",
    });
  });
});

describe("ssh access: streams", () => {
  it("delivers until stop", async () => {
    const stream = await accessTo("good").stream(["sh", "-c", "while :; do echo tick; sleep 0.05; done"], {});
    let text = "";
    for await (const chunk of stream.stdout) {
      text += chunk.toString();
      if (text.length > 12) break;
    }
    await stream.stop();
    expect(text).toMatch(/^tick\ntick\n/);
  });
});
