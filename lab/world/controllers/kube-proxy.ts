import type { Host } from "../host/host.ts";
import { field, type KubeObject } from "../kube/object.ts";
import type { Component } from "./component.ts";
import { itemsAt } from "./values.ts";

const SERVICE_NAME = "kubernetes.io/service-name";

/** What the node's packet filter does with the addresses of Services: by `namespace/name` the pods' addresses. */
export type ServiceTable = ReadonlyMap<string, readonly string[]>;

const tables = new WeakMap<Host, Map<string, readonly string[]>>();

/** The rules that kube-proxy wrote on a host. They stay while it is down, and are as old as what its informer shows. */
export function servicesOf(host: Host): ServiceTable {
  return tableOf(host);
}

function tableOf(host: Host): Map<string, readonly string[]> {
  let table = tables.get(host);
  if (table === undefined) tables.set(host, (table = new Map()));
  return table;
}

/** kube-proxy: writes the ready endpoints of each Service into the host's table. */
export function startKubeProxy(component: Component): void {
  const table = tableOf(component.host);
  const write = (slice: KubeObject) => {
    const ready = itemsAt(slice, "endpoints").filter((one) => field(one, "conditions", "ready") === true);
    const addresses = ready.flatMap(({ addresses: some }) => (Array.isArray(some) ? some.map(String) : []));
    const key = serviceOf(slice);
    if (key !== null) table.set(key, addresses);
  };
  component.informers.whenSynced(["endpointslices.discovery.k8s.io"], () => {
    table.clear();
    component.informers.listen("endpointslices.discovery.k8s.io", {
      onAdd: write,
      onUpdate: (_before, slice) => write(slice),
      onDelete: (slice) => table.delete(serviceOf(slice) ?? ""),
    });
  });
}

function serviceOf({ metadata }: KubeObject): string | null {
  const name = metadata.labels?.[SERVICE_NAME];
  return name === undefined ? null : `${metadata.namespace}/${name}`;
}
