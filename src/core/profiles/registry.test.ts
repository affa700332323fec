import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { serviceName } from "./profile.ts";
import { chooseProfile, PROFILES } from "./registry.ts";

describe("profiles", () => {
  it("are all registered, each under its folder's name", () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(PROFILES.map((profile) => profile.id).sort()).toEqual(folders.sort());
  });

  it("let only what was tried act", () => {
    for (const profile of PROFILES) {
      if (profile.status === "planned") expect(profile.remedyRungs).toEqual([]);
      else expect(profile.units.datastore).not.toBeNull();
    }
  });

  it("name absolute paths, and the colon in MicroK8s's socket", () => {
    for (const profile of PROFILES) expect(profile.kubeconfigPath).toMatch(/^\//);
    const choice = chooseProfile("microk8s");
    expect(choice.ok && choice.profile.datastore).toMatchObject({ path: expect.stringMatching(/\/kine\.sock:12379$/) });
  });

  it("refuse what is planned or unknown with one line", () => {
    for (const id of ["k3s", "rke2", "kubeadm", "", "constructor"]) {
      const choice = chooseProfile(id);
      expect(choice.ok).toBe(false);
      expect(choice.ok ? "" : choice.message).toMatch(/^[^\n]*supported: microk8s$/);
    }
  });
});

describe("serviceName", () => {
  it("adds the ending that journald writes, once", () => {
    expect(serviceName("snap.microk8s.daemon-k8s-dqlite")).toBe("snap.microk8s.daemon-k8s-dqlite.service");
    expect(serviceName("init.scope")).toBe("init.scope");
    expect(serviceName("k3s.service")).toBe("k3s.service");
  });
});
