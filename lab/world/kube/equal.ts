import type { Json } from "../datastore/datastore.ts";

/** Whether two values say the same. Shared parts cost nothing. */
export function isEqual(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) return areEqualLists(one, other);
  const ones = one as { readonly [key: string]: Json };
  const others = other as { readonly [key: string]: Json };
  let count = 0;
  for (const key in ones) {
    count += 1;
    if (!isEqual(ones[key], others[key])) return false;
  }
  for (const _ in others) count -= 1;
  return count === 0;
}

function areEqualLists(one: Json, other: Json): boolean {
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((item, at) => isEqual(item as Json, other[at] as Json));
}
