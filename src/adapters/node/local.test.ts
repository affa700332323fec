import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../exec/run.ts";
import { duplexCommand } from "../exec/stream.ts";
import { deadlineIn } from "../net/deadline.ts";
import { createLocalAccess } from "./local.ts";
import { connectByRelay } from "./relay.ts";

const directory = mkdtempSync(join(tmpdir(), "quorate-local-"));
const path = join(directory, "kine.sock:12379");
const echo = createServer((socket) => socket.pipe(socket));
const access = createLocalAccess("k8s01");

beforeAll(async () => {
  echo.listen(path);
  await once(echo, "listening");
});
afterAll(async () => {
  await access.close();
  echo.close();
  rmSync(directory, { recursive: true });
});

describe("local access: connect", () => {
  it("reaches a unix socket with a colon in its name", async () => {
    const socket = await access.connect({ kind: "unix", path }, 2_000);
    socket.write("ping");
    expect(String((await once(socket, "data"))[0])).toBe("ping");
    socket.destroy();
  });

  it("says not-found and connection-refused apart", async () => {
    writeFileSync(join(directory, "plain"), "");
    const missing = access.connect({ kind: "unix", path: join(directory, "none") }, 2_000);
    await expect(missing).rejects.toMatchObject({ name: "TapError", reason: "not-found" });
    const closed = access.connect({ kind: "tcp", host: "127.0.0.1", port: 9 }, 2_000);
    await expect(closed).rejects.toMatchObject({ reason: "connection-refused", message: /k8s01: 127\.0\.0\.1:9/ });
    const plain = access.connect({ kind: "unix", path: join(directory, "plain") }, 2_000);
    await expect(plain).rejects.toMatchObject({ reason: "connection-refused" });
  });
});

describe("local access: commands and files", () => {
  it("streams until stop, and the program is gone then", async () => {
    const stream = await access.stream(["sh", "-c", "echo up $$; sleep 63.5"], {});
    let text = "";
    for await (const chunk of stream.stdout) {
      text += chunk.toString();
      break;
    }
    await stream.stop();
    const pid = /up (\d+)/.exec(text)?.[1] ?? "";
    const state = await runCommand(["ps", "-o", "stat=", "-p", pid], { deadlineMs: 2_000 });
    expect(state.stdout.toString()).toMatch(/^(Z.*)?\s*$/);
  });

  it("hands on the exit code of a program that ends by itself", async () => {
    const stream = await access.stream(["sh", "-c", "echo why >&2; exit 5"], {});
    expect(await stream.ended).toMatchObject({ exitCode: 5, stderr: "why\n" });
  });
});

const python = await runCommand(["python3", "-c", "pass"], { deadlineMs: 10_000 });

describe.skipIf(python.exitCode !== 0)("relay", () => {
  it("is a stream to the socket, both ways, also for much data", async () => {
    const stream = await relayTo(path);
    const sent = Buffer.alloc(3_000_000, "q");
    stream.write(sent);
    let received = 0;
    for await (const chunk of stream) {
      received += (chunk as Buffer).length;
      if (received === sent.length) break;
    }
    expect(received).toBe(sent.length);
  });

  it("says why it could not connect", async () => {
    await expect(relayTo(join(directory, "none"))).rejects.toMatchObject({ reason: "not-found" });
    await expect(relayTo(join(directory, "plain"))).rejects.toMatchObject({ reason: "connection-refused" });
  });

  it("ends when the stream is destroyed", async () => {
    let ended: Promise<unknown> = Promise.resolve();
    const stream = await connectByRelay(
      async (argv, onStderr) => {
        const relay = await duplexCommand(argv, { onStderr });
        ({ ended } = relay);
        return relay;
      },
      { kind: "unix", path },
      "k8s01",
      deadlineIn(5_000),
    );
    stream.destroy();
    expect(await ended).toMatchObject({ outcome: "exited" });
  });
});

function relayTo(target: string) {
  return connectByRelay(
    (argv, onStderr) => duplexCommand(argv, { onStderr }),
    { kind: "unix", path: target },
    "k8s01",
    deadlineIn(5_000),
  );
}
