import { describe, expect, test } from "vitest";
import type { KubeObject } from "./object.ts";
import { parsePath } from "./path.ts";
import { apiPath, RESOURCES, resourceNamed, storageKey } from "./resources.ts";
import { parseSelectors } from "./selectors.ts";

const POD: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a", namespace: "shop", labels: { app: "web", tier: "front" } },
  spec: { nodeName: "k8s01" },
  status: { phase: "Running" },
};

function fits(query: Readonly<Record<string, string>>, name = "pods"): unknown {
  const selector = parseSelectors(resourceNamed(name), query);
  if (selector === null) return "all";
  return typeof selector === "function" ? selector(POD) : selector.error;
}

describe("label selectors", () => {
  test.each([
    ["app=web", true],
    ["app==web,tier=front", true],
    ["app=web,tier=back", false],
    ["app!=web", false],
    ["none!=x", true],
    ["app in (web, api)", true],
    ["app notin (web)", false],
    ["none notin (web)", true],
    ["app", true],
    ["!app", false],
    ["!none", true],
    ["", "all"],
  ])("%s: %s", (labelSelector, expected) => expect(fits({ labelSelector })).toBe(expected));
});

describe("field selectors", () => {
  test.each([
    ["metadata.name=a", true],
    ["metadata.namespace!=shop", false],
    ["spec.nodeName=k8s01,status.phase=Running", true],
    ["status.phase!=Running", false],
    ["spec.nope=1", "field label not supported: spec.nope"],
  ])("%s: %s", (fieldSelector, expected) => expect(fits({ fieldSelector })).toBe(expected));

  test("of Jobs know no conditions, in Kubernetes's own words", () => {
    expect(fits({ fieldSelector: "status.conditions[0].type=Complete" }, "jobs.batch")).toBe(
      'field label "status.conditions[0].type" not supported for batchv1.Job',
    );
    expect(fits({ fieldSelector: "status.successful=0" }, "jobs.batch")).toBe(true);
  });

  test("of the rest know name and namespace alone", () => {
    expect(fits({ fieldSelector: "spec.replicas=1" }, "deployments.apps")).toBe(
      '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });
});

describe("paths", () => {
  test("of every resource are read back as they were made", () => {
    for (const resource of RESOURCES) {
      const namespace = resource.namespaced ? "shop" : null;
      const parts = { resource, namespace, name: "a", subresource: null };
      expect(parsePath(apiPath(resource, namespace, "a"))).toEqual(parts);
      expect(parsePath(apiPath(resource, namespace, "a", "status"))).toEqual({ ...parts, subresource: "status" });
      expect(parsePath(apiPath(resource))).toEqual({ resource, namespace: null, name: null, subresource: null });
      expect(parsePath(apiPath(resource, namespace))).toMatchObject({ resource, namespace, name: null });
    }
  });

  test.each([
    "/api/v1/nothing",
    "/api/v2/pods",
    "/apis/apps/v1/pods",
    "/api/v1/pods/a",
    "/api/v1/namespaces/shop/nodes",
    "/api/v1/namespaces//pods",
    "/api/v1/namespaces/shop/pods/a/b/c",
    "/api",
    "/readyz",
  ])("%s is none", (path) => expect(parsePath(path)).toBeNull());

  test("keys are Kubernetes's own, of old", () => {
    expect(storageKey(resourceNamed("nodes"), null, "k8s01")).toBe("/registry/minions/k8s01");
    expect(storageKey(resourceNamed("services"), "shop", "a")).toBe("/registry/services/specs/shop/a");
    expect(storageKey(resourceNamed("leases.coordination.k8s.io"), "kube-system", "x")).toBe(
      "/registry/leases/kube-system/x",
    );
  });
});
