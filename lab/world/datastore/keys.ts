import type { StoredObject } from "./datastore.ts";

/** Current objects by key, with their keys in order. */
export interface Keys {
  get(key: string): StoredObject | undefined;
  put(object: StoredObject): void;
  remove(key: string): void;
  /** All objects whose key begins with it, in the order of their keys. The same array until something of it changes. */
  list(prefix: string): readonly StoredObject[];
}

/** The keys of one resource. */
interface Bucket {
  readonly name: string;
  readonly objects: Map<string, StoredObject>;
  readonly keys: string[];
  /** Lists since the last change, by prefix: an informer's LIST is often asked again unchanged. */
  readonly lists: Map<string, readonly StoredObject[]>;
}

export function createKeys(): Keys {
  const buckets = new Map<string, Bucket>();

  function bucketFor(key: string): Bucket {
    const name = bucketName(key);
    let bucket = buckets.get(name);
    if (bucket === undefined) buckets.set(name, (bucket = { name, objects: new Map(), keys: [], lists: new Map() }));
    return bucket;
  }

  return {
    get: (key) => buckets.get(bucketName(key))?.objects.get(key),
    put: (object) => {
      const { objects, keys, lists } = bucketFor(object.key);
      if (!objects.has(object.key)) keys.splice(firstAtOrAfter(keys, object.key), 0, object.key);
      objects.set(object.key, object);
      if (lists.size > 0) lists.clear();
    },
    remove: (key) => {
      const { objects, keys, lists } = bucketFor(key);
      if (!objects.delete(key)) return;
      keys.splice(firstAtOrAfter(keys, key), 1);
      if (lists.size > 0) lists.clear();
    },
    list: (prefix) => {
      const name = bucketName(prefix);
      if (isOfOneResource(name)) {
        const bucket = buckets.get(name);
        return bucket === undefined ? NONE : listOf(bucket, prefix);
      }
      const found = [...buckets.values()].filter(
        (bucket) => bucket.name.startsWith(prefix) || prefix.startsWith(bucket.name),
      );
      return found.flatMap((bucket) => listOf(bucket, prefix)).sort((one, other) => (one.key < other.key ? -1 : 1));
    },
  };
}

const NONE: readonly StoredObject[] = [];

/** `/registry/leases/kube-system/x` is in `/registry/leases/`; `/registry/health` in `/registry/`. */
export function bucketName(key: string): string {
  const root = key.indexOf("/", 1);
  if (root < 0) return "";
  const resource = key.indexOf("/", root + 1);
  return key.slice(0, (resource < 0 ? root : resource) + 1);
}

/** True for `/registry/leases/`: a prefix that reaches into a resource is of that resource alone. */
function isOfOneResource(name: string): boolean {
  return name.indexOf("/", 1) < name.length - 1;
}

function listOf(bucket: Bucket, prefix: string): readonly StoredObject[] {
  let list = bucket.lists.get(prefix);
  if (list !== undefined) return list;
  const { keys, objects } = bucket;
  const made: StoredObject[] = [];
  for (let at = firstAtOrAfter(keys, prefix); at < keys.length; at += 1) {
    const key = keys[at] as string;
    if (!key.startsWith(prefix)) break;
    made.push(objects.get(key) as StoredObject);
  }
  bucket.lists.set(prefix, (list = made));
  return list;
}

/** Where it is, or would be: a binary search. */
function firstAtOrAfter(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
