import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { choosePort, createDoor } from "./door.ts";

const directory = mkdtempSync(join(tmpdir(), "quorate-door-"));
afterAll(() => rmSync(directory, { recursive: true }));

function knock(place: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(place);
    socket.once("data", (data) => resolve(data.toString()));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
  });
}

test("a port is there while its process listens, and is the same port afterwards", async () => {
  const host = "127.0.0.15";
  const place = { host, port: await choosePort(host, 0) };
  let isOpen = true;
  const door = createDoor({ place, isOpen: () => isOpen, accept: (socket) => socket.end("come in") });
  expect(await knock(place)).toBe("ECONNREFUSED");
  door.follow();
  expect(await knock(place)).toBe("come in");
  isOpen = false;
  door.follow();
  expect(await knock(place)).toBe("ECONNREFUSED");
  isOpen = true;
  door.follow();
  expect(await knock(place)).toBe("come in");
  door.close();
  door.follow();
  expect(await knock(place)).toBe("ECONNREFUSED");
});

test("a unix socket that was left behind is replaced; its name may hold a colon", async () => {
  const path = join(directory, "kine.sock:12379");
  for (let turn = 0; turn < 2; turn += 1) {
    const door = createDoor({ place: { path }, isOpen: () => true, accept: (socket) => socket.end("come in") });
    door.follow();
    expect(await knock({ path })).toBe("come in");
    door.close();
  }
});

test("a port that is taken gives way to a free one", async () => {
  const host = "127.0.0.16";
  const port = await choosePort(host, 0);
  const door = createDoor({ place: { host, port }, isOpen: () => true, accept: (socket) => socket.end("taken") });
  door.follow();
  await knock({ host, port });
  expect(await choosePort(host, port)).not.toBe(port);
  door.close();
});
