import { isEqual } from "../../kube/equal.ts";
import { field, type Fields, keyOf, type KubeObject } from "../../kube/object.ts";
import type { Component } from "../component.ts";
import { createQueue } from "../queue.ts";
import type { Task } from "../task.ts";
import { hasEnded, isConditionTrue, itemsAt, nameSuffix, ownedBy, selects, textAt } from "../values.ts";

const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const CONTROLLER = "endpointslice-controller.k8s.io";

/** EndpointSlices: the addresses of each Service's pods, one slice per Service. */
export function startEndpointSlices(component: Component): void {
  const { informers, api, draws } = component;
  const services = informers.of("services");
  const pods = informers.of("pods");
  const queue = createQueue(component.process, reconcile);
  /** Slices by their Service's key. */
  const slices = new Map<string, KubeObject>();

  function* reconcile(key: string): Task<boolean> {
    const service = services.objects.get(key);
    const selector = field(service, "spec", "selector");
    if (service === undefined || selector === undefined) return true;
    const selected: KubeObject[] = [];
    for (const pod of pods.objects.values()) {
      if (pod.metadata.namespace === service.metadata.namespace && selects(selector, pod)) selected.push(pod);
    }
    const endpoints = selected.filter(hasAddress).map(endpointOf);
    const slice = slices.get(key);
    if (slice !== undefined && isEqual(field(slice, "endpoints"), endpoints)) return true;
    const reply = yield* slice === undefined
      ? api.create("endpointslices.discovery.k8s.io", sliceOf(service, endpoints, nameSuffix(draws)))
      : api.update("endpointslices.discovery.k8s.io", { ...slice, endpoints } as KubeObject);
    if (reply.ok) slices.set(key, reply.object);
    return reply.ok;
  }

  function podChanged(pod: KubeObject): void {
    for (const [key, service] of services.objects) {
      if (service.metadata.namespace !== pod.metadata.namespace) continue;
      if (selects(field(service, "spec", "selector"), pod)) queue.add(key);
    }
  }

  function sliceKnown(slice: KubeObject): void {
    const key = serviceOf(slice);
    if (key !== null) slices.set(key, slice);
  }

  informers.listen("services", {
    onAdd: (service) => queue.add(keyOf(service)),
    onUpdate: (_before, service) => queue.add(keyOf(service)),
  });
  informers.listen("pods", {
    onAdd: podChanged,
    onUpdate: (before, pod) => (before.status === pod.status ? undefined : podChanged(pod)),
    onDelete: podChanged,
  });
  informers.listen("endpointslices.discovery.k8s.io", {
    onAdd: sliceKnown,
    onUpdate: (_before, slice) => sliceKnown(slice),
    onDelete: (slice) => {
      const key = serviceOf(slice);
      if (key === null) return;
      slices.delete(key);
      queue.add(key);
    },
  });
}

/** The key of the Service; null for a slice of someone else. */
function serviceOf({ metadata }: KubeObject): string | null {
  const name = metadata.labels?.[SERVICE_NAME];
  if (name === undefined || metadata.labels?.[MANAGED_BY] !== CONTROLLER) return null;
  return `${metadata.namespace}/${name}`;
}

function hasAddress(pod: KubeObject): boolean {
  return textAt(pod, "status", "podIP") !== "" && !hasEnded(pod);
}

function endpointOf(pod: KubeObject): Fields {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const serving = isConditionTrue(pod, "Ready");
  const { name, namespace = "", uid = "" } = pod.metadata;
  return {
    addresses: [textAt(pod, "status", "podIP")],
    conditions: { ready: serving && !terminating, serving, terminating },
    nodeName: textAt(pod, "spec", "nodeName"),
    targetRef: { kind: "Pod", name, namespace, uid },
  };
}

function sliceOf(service: KubeObject, endpoints: readonly Fields[], suffix: string): KubeObject {
  const { name, namespace } = service.metadata;
  const ports = itemsAt(service, "spec", "ports").map((port) => ({
    name: port["name"] ?? "",
    port: port["targetPort"] ?? port["port"] ?? 0,
    protocol: port["protocol"] ?? "TCP",
  }));
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name}-${suffix}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [SERVICE_NAME]: name, [MANAGED_BY]: CONTROLLER },
      ownerReferences: [ownedBy(service)],
    },
    addressType: "IPv4",
    endpoints,
    ports,
  } as KubeObject;
}
