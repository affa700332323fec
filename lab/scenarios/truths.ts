import type { NodeName } from "../../src/core/model/observation.ts";
import type { World } from "../world/world.ts";

const LEASES = "/registry/leases/kube-system";

interface StoredLease {
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string };
}

/** Who holds one of the controllers' Leases, as the store has it; "" when nobody does. */
export function holderOf(world: World, lease = "kube-controller-manager"): string {
  const stored = world.table.get(`${LEASES}/${lease}`)?.value as StoredLease | undefined;
  return stored?.spec?.holderIdentity ?? "";
}

/** Whether the controller manager of that node (null: of any) holds its Lease. */
export function isHolder(world: World, node: NodeName | null, lease?: string): boolean {
  const holder = holderOf(world, lease);
  return node === null ? holder !== "" : holder.startsWith(`${node}_`);
}
