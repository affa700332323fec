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
  readonly keys: string[];
  /** Lists since the last change, by prefix: an informer's LIST is often asked again unchanged. */
  readonly lists: Map<string, readonly StoredObject[]>;
}

interface Entry {
  object: StoredObject;
  readonly bucket: Bucket;
}

export function createKeys(): Keys {
  const entries = new Map<string, Entry>();
  const buckets = new Map<string, Bucket>();

  function add(object: StoredObject): void {
    const name = bucketName(object.key);
    let bucket = buckets.get(name);
    if (bucket === undefined) buckets.set(name, (bucket = { name, keys: [], lists: new Map() }));
    bucket.keys.splice(firstAtOrAfter(bucket.keys, object.key), 0, object.key);
    if (bucket.lists.size > 0) bucket.lists.clear();
    entries.set(object.key, { object, bucket });
  }

  function listOf({ keys, lists }: Bucket, prefix: string): readonly StoredObject[] {
    let list = lists.get(prefix);
    if (list !== undefined) return list;
    const made: StoredObject[] = [];
    for (let at = firstAtOrAfter(keys, prefix); at < keys.length; at += 1) {
      const key = keys[at] as string;
      if (!key.startsWith(prefix)) break;
      made.push((entries.get(key) as Entry).object);
    }
    lists.set(prefix, (list = made));
    return list;
  }

  return {
    get: (key) => entries.get(key)?.object,
    put: (object) => {
      const entry = entries.get(object.key);
      if (entry === undefined) return add(object);
      entry.object = object;
      if (entry.bucket.lists.size > 0) entry.bucket.lists.clear();
    },
    remove: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return;
      const { keys, lists } = entry.bucket;
      entries.delete(key);
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
function bucketName(key: string): string {
  const root = key.indexOf("/", 1);
  if (root < 0) return "";
  const resource = key.indexOf("/", root + 1);
  return key.slice(0, (resource < 0 ? root : resource) + 1);
}

/** True for `/registry/leases/`: a prefix that reaches into a resource is of that resource alone. */
function isOfOneResource(name: string): boolean {
  return name.indexOf("/", 1) < name.length - 1;
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
