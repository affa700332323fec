import { expect, test } from "vitest";
import { parseAddress } from "./address.ts";

test.each([
  ["198.51.100.11:19001", { kind: "tcp", host: "198.51.100.11", port: 19001 }],
  ["[2001:db8::1]:19001", { kind: "tcp", host: "2001:db8::1", port: 19001 }],
  ["k8s01:19001", { kind: "tcp", host: "k8s01", port: 19001 }],
  ["@snap.microk8s.dqlite-3297041220608546238", { kind: "unix", path: "\0snap.microk8s.dqlite-3297041220608546238" }],
])("%s", (address, target) => {
  expect(parseAddress(address)).toEqual(target);
});

test.each(["", "k8s01", "k8s01:0", "k8s01:65536", "k8s01:http", ":19001", "2001:db8::1:19001", "[::1]", "a b:1", "@"])(
  "%j dials nothing",
  (address) => {
    expect(parseAddress(address)).toBeNull();
  },
);
