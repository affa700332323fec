/** SSH's data types (RFC 4251, section 5). */

/** Builds a message field by field. */
export class Writer {
  readonly #parts: Buffer[] = [];

  byte(value: number): this {
    this.#parts.push(Buffer.from([value]));
    return this;
  }

  bool(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  uint32(value: number): this {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(value);
    this.#parts.push(word);
    return this;
  }

  text(value: string | Buffer): this {
    const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
    this.uint32(bytes.length).#parts.push(bytes);
    return this;
  }

  names(values: readonly string[]): this {
    return this.text(values.join(","));
  }

  /** A non-negative number of any size, from its big-endian bytes. */
  mpint(value: Buffer): this {
    const first = value.findIndex((byte) => byte !== 0);
    const digits = first === -1 ? Buffer.alloc(0) : value.subarray(first);
    return this.text((digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits);
  }

  raw(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Reads a message field by field; throws RangeError where it ends too early. */
export class Reader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#move(1));
  }

  bool(): boolean {
    return this.byte() !== 0;
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#move(4));
  }

  bytes(): Buffer {
    const length = this.uint32();
    const start = this.#move(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    return this.bytes().toString("utf8");
  }

  names(): readonly string[] {
    return this.text().split(",");
  }

  skip(bytes: number): void {
    this.#move(bytes);
  }

  #move(bytes: number): number {
    const start = this.#at;
    if (start + bytes > this.#bytes.length) throw new RangeError("an SSH message that ends too early");
    this.#at += bytes;
    return start;
  }
}

/** Message numbers (RFC 4250, RFC 5656). */
export const MSG = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  debug: 4,
  serviceRequest: 5,
  serviceAccept: 6,
  kexInit: 20,
  newKeys: 21,
  kexEcdhInit: 30,
  kexEcdhReply: 31,
  authRequest: 50,
  authFailure: 51,
  authSuccess: 52,
  authPublicKeyOk: 60,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelWindowAdjust: 93,
  channelData: 94,
  channelExtendedData: 95,
  channelEof: 96,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
} as const;
