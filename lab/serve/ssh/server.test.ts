import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKey, privateKeyFile, publicKeyLine } from "./keys.ts";
import { serveSsh } from "./server.ts";

const hasSsh = spawnSync("ssh", ["-V"]).error === undefined;
const directory = mkdtempSync(join(tmpdir(), "quorate-lab-ssh-"));
const [hostKey, loginKey, strangersKey] = [createKey(), createKey(), createKey()];
const seen: string[] = [];
const server = createServer((socket) =>
  serveSsh(socket, {
    hostKey,
    loginKey,
    exec: (command, channel) => {
      seen.push(command);
      if (command === "cat") {
        channel.pipe(channel, { end: false });
        channel.once("end", () => channel.exit(0));
        return;
      }
      if (command === "big") channel.write(Buffer.alloc(5_000_000, 0x61));
      if (command === "fail") channel.writeError(Buffer.from("no such thing\n"));
      channel.exit(command === "fail" ? 7 : 0);
    },
    connect: (target, connected, refused) => {
      seen.push(JSON.stringify(target));
      if (target.kind === "tcp" && target.port === 1) return refused("Connection refused");
      const echo = new PassThrough();
      connected(echo);
    },
  }),
);

function ssh(...words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      "ssh",
      ["-F", join(directory, "config"), ...words],
      { maxBuffer: 1e8, timeout: 15_000 },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
    child.stdin?.end("to and fro");
  });
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const file = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o600 });
  file("id", privateKeyFile(loginKey, "lab"));
  file("stranger", privateKeyFile(strangersKey, "stranger"));
  file("known_hosts", `[127.0.0.1]:${port} ${publicKeyLine(hostKey)}\n`);
  const options = [
    `Port ${port}`,
    "HostName 127.0.0.1",
    "User root",
    "BatchMode yes",
    "IdentitiesOnly yes",
    "IdentityAgent none",
  ];
  file(
    "config",
    ["Host *", ...options, `UserKnownHostsFile ${join(directory, "known_hosts")}`, "LogLevel ERROR"].join("\n"),
  );
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

describe.skipIf(!hasSsh)("the lab's sshd, asked by the real ssh", () => {
  const key = ["-i", join(directory, "id")];

  it("runs commands with their output, input and exit code", async () => {
    expect(await ssh(...key, "k8s01", "cat")).toEqual({ code: 0, stdout: "to and fro", stderr: "" });
    expect(await ssh(...key, "k8s01", "fail")).toEqual({ code: 7, stdout: "", stderr: "no such thing\n" });
    const big = await ssh(...key, "k8s01", "big");
    expect(big.stdout).toHaveLength(5_000_000);
  });

  it("takes no other key, and shows no other host key", async () => {
    const denied = await ssh("-i", join(directory, "stranger"), "k8s01", "cat");
    expect(denied).toMatchObject({ code: 255, stderr: expect.stringContaining("Permission denied (publickey)") });
    writeFileSync(join(directory, "others"), `* ${publicKeyLine(strangersKey)}\n`);
    const changed = await ssh(...key, "-o", `UserKnownHostsFile=${join(directory, "others")}`, "k8s01", "cat");
    expect(changed).toMatchObject({ code: 255, stderr: expect.stringContaining("Host key verification failed") });
  });

  it("forwards to sockets of the node, and says when nobody listens", async () => {
    expect(await ssh(...key, "-W", "10.0.0.1:19001", "k8s01")).toMatchObject({ code: 0, stdout: "to and fro" });
    expect(seen.at(-1)).toBe('{"kind":"tcp","host":"10.0.0.1","port":19001}');
    const refused = await ssh(...key, "-o", "LogLevel=INFO", "-W", "10.0.0.1:1", "k8s01");
    expect(refused).toMatchObject({ code: 255, stderr: expect.stringContaining("Connection refused") });
  });
});
