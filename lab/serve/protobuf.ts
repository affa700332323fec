/** Protocol buffers (proto3 wire format), as far as the messages of etcd and Kubernetes need them. Integers are below 2^53. */

/** Builds a message; fields with their default value are left out, as proto3 does it. */
export class Message {
  readonly #parts: Buffer[] = [];

  int(field: number, value: number | bigint): this {
    if (BigInt(value) !== 0n) this.#parts.push(varint(BigInt(field * 8)), varint(BigInt.asUintN(64, BigInt(value))));
    return this;
  }

  bool(field: number, value: boolean): this {
    return this.int(field, value ? 1 : 0);
  }

  bytes(field: number, value: string | Buffer): this {
    const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
    return bytes.length === 0 ? this : this.message(field, bytes);
  }

  /** A message in the message; written also when it is empty. */
  message(field: number, value: Message | Buffer): this {
    const bytes = value instanceof Message ? value.done() : value;
    this.#parts.push(varint(BigInt(field * 8 + 2)), varint(BigInt(bytes.length)), bytes);
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function varint(value: bigint): Buffer {
  const digits: number[] = [];
  let left = value;
  while (left >= 0x80n) {
    digits.push(Number(left & 0x7fn) | 0x80);
    left >>= 7n;
  }
  digits.push(Number(left));
  return Buffer.from(digits);
}

/** The fields of a message by number; of a repeated one, all. */
export interface Fields {
  int(field: number): number;
  bool(field: number): boolean;
  bytes(field: number): Buffer;
  text(field: number): string;
  has(field: number): boolean;
  /** The numbers of all fields that came. */
  numbers(): readonly number[];
  all(field: number): readonly Buffer[];
}

/** Throws RangeError for what is no message. */
export function parse(message: Buffer): Fields {
  const found = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at];
      if (byte === undefined) break;
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError("a varint that does not end");
  };
  const take = (bytes: number): Buffer => {
    if (at + bytes > message.length) throw new RangeError("a field that ends too early");
    at += bytes;
    return message.subarray(at - bytes, at);
  };
  while (at < message.length) {
    const tag = Number(readVarint());
    const kind = tag & 7;
    const value =
      kind === 0
        ? readVarint()
        : kind === 2
          ? take(Number(readVarint()))
          : kind === 1
            ? take(8)
            : kind === 5
              ? take(4)
              : null;
    if (value === null) throw new RangeError(`wire type ${kind}`);
    const field = tag >>> 3;
    found.set(field, [...(found.get(field) ?? []), value]);
  }
  const last = (field: number) => found.get(field)?.at(-1);
  const bytes = (field: number): Buffer => {
    const value = last(field);
    return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  };
  const int = (field: number): number => {
    const value = last(field);
    return typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : 0;
  };
  return {
    int,
    bool: (field) => int(field) !== 0,
    bytes,
    text: (field) => bytes(field).toString("utf8"),
    has: (field) => found.has(field),
    numbers: () => [...found.keys()],
    all: (field) => (found.get(field) ?? []).filter((value) => Buffer.isBuffer(value)),
  };
}
