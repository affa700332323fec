import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { TapError } from "../../ports/tap-error.ts";
import { runCommand } from "./run.ts";
import { duplexCommand, streamCommand } from "./stream.ts";

const SOON = { deadlineMs: 10_000 };

describe("runCommand", () => {
  it("returns the exit code and both outputs", async () => {
    const result = await runCommand(["sh", "-c", "echo out; echo err >&2; exit 3"], SOON);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 3, stderr: "err\n" });
    expect(result.stdout.toString()).toBe("out\n");
  });

  it("passes every word as it is: no shell, no expansion", async () => {
    const words = ["$HOME", "a b", "`id`", "*", "'\"", "", "\n"];
    const result = await runCommand(["printf", "%s|", ...words], SOON);
    expect(result.stdout.toString()).toBe(`${words.join("|")}|`);
  });

  it("gives the input and closes it; without input standard input is empty", async () => {
    expect((await runCommand(["cat"], { ...SOON, input: "héllo" })).stdout.toString()).toBe("héllo");
    expect((await runCommand(["cat"], SOON)).stdout.length).toBe(0);
  });

  it("does not fail when the program ends without reading its input", async () => {
    const result = await runCommand(["true"], { ...SOON, input: Buffer.alloc(4_000_000) });
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
  });

  it("names a missing program and a file that is none", async () => {
    const missing = await runCommand(["quorate-no-such-program"], SOON);
    expect(missing).toMatchObject({ outcome: "not-started", exitCode: null, reason: "not-found" });
    expect(missing.stderr).toContain("quorate-no-such-program");
    expect(await runCommand(["/etc/passwd"], SOON)).toMatchObject({ reason: "permission-denied" });
    expect(await runCommand([], SOON)).toMatchObject({ outcome: "not-started" });
    expect(await runCommand(["echo", "\0"], SOON)).toMatchObject({ outcome: "not-started" });
  });

  it("ends at the deadline, with everything that the program started", async () => {
    const result = await runCommand(["sh", "-c", "sleep 61.5 & echo $!; wait"], { deadlineMs: 200 });
    expect(result).toMatchObject({ outcome: "deadline", exitCode: null });
    expect(result.durationMs).toBeLessThan(2_000);
    expect(isAlive(result.stdout.toString())).toBe(false);
  });

  it("kills what ignores TERM", async () => {
    const result = await runCommand(["sh", "-c", "trap '' TERM; echo $$; while :; do sleep 0.1; done"], {
      deadlineMs: 200,
    });
    expect(result.outcome).toBe("deadline");
    expect(result.durationMs).toBeLessThan(2_500);
    expect(isAlive(result.stdout.toString())).toBe(false);
  });

  it("stops past the output cap and keeps what fits", async () => {
    const result = await runCommand(["yes"], { ...SOON, outputBytesMax: 1_000 });
    expect(result).toMatchObject({ outcome: "output-limit", exitCode: null });
    expect(result.stdout.length).toBe(1_000);
    const exact = await runCommand(["head", "-c", "1000", "/dev/zero"], { ...SOON, outputBytesMax: 1_000 });
    expect(exact).toMatchObject({ outcome: "exited", exitCode: 0 });
  });

  it("keeps 4 KiB of standard error", async () => {
    const result = await runCommand(["sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x >&2"], SOON);
    expect(result.stderr.length).toBe(4_096);
  });

  it("does not wait for a grandchild that holds the pipes, and ends it", async () => {
    const result = await runCommand(["sh", "-c", "sleep 62.5 & echo $!"], SOON);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
    expect(result.durationMs).toBeLessThan(3_000);
    expect(isAlive(result.stdout.toString())).toBe(false);
  });

  it("says that a signal ended the program by having no exit code", async () => {
    expect(await runCommand(["sh", "-c", "kill -9 $$"], SOON)).toMatchObject({ outcome: "exited", exitCode: null });
  });

  it("hands on neither our environment's secrets nor its language, and gives no terminal", async () => {
    process.env["QUORATE_TEST_SECRET"] = "hunter2";
    const result = await runCommand(["env"], SOON);
    delete process.env["QUORATE_TEST_SECRET"];
    expect(result.stdout.toString()).not.toContain("hunter2");
    expect(result.stdout.toString()).toMatch(/^LANG=C$/m);
    expect((await runCommand(["sh", "-c", ": </dev/tty"], SOON)).exitCode).not.toBe(0);
  });
});

describe("streamCommand", () => {
  it("delivers output as it comes, until stop() ends the program", async () => {
    const stream = await streamCommand(["sh", "-c", "echo $$; while :; do echo tick; sleep 0.02; done"]);
    let text = "";
    for await (const chunk of stream.stdout) {
      text += chunk.toString();
      if (text.split("tick").length > 3) break;
    }
    await Promise.all([stream.stop(), stream.stop()]);
    expect(isAlive(text.split("\n")[0] ?? "")).toBe(false);
    expect(await stream.ended).toMatchObject({ exitCode: null });
  });

  it("ends the iteration when the program ends, and says how it ended", async () => {
    const stream = await streamCommand(["sh", "-c", "echo last; echo why >&2; exit 4"]);
    let text = "";
    for await (const chunk of stream.stdout) text += chunk.toString();
    expect(text).toBe("last\n");
    expect(await stream.ended).toMatchObject({ outcome: "exited", exitCode: 4, stderr: "why\n" });
  });

  it("ends the iteration quietly when stop() comes in the middle of it", async () => {
    const stream = await streamCommand(["sh", "-c", "echo one; sleep 64.5"]);
    let text = "";
    for await (const chunk of stream.stdout) {
      text += chunk.toString();
      void stream.stop();
    }
    expect(text).toBe("one\n");
  });

  it("throws a TapError when the program is missing", async () => {
    await expect(streamCommand(["quorate-no-such-program"])).rejects.toBeInstanceOf(TapError);
  });
});

describe("duplexCommand", () => {
  it("is a two-way stream, and destroying it ends the program", async () => {
    const { duplex, ended } = await duplexCommand(["cat"]);
    duplex.write("ping");
    const [reply] = (await once(duplex, "data")) as [Buffer];
    expect(reply.toString()).toBe("ping");
    duplex.destroy();
    expect((await ended).outcome).toBe("exited");
  });
});

function isAlive(pid: string): boolean {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", pid.trim()], { encoding: "utf8" });
    return !state.startsWith("Z");
  } catch {
    return false;
  }
}
