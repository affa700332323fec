import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const LENGTH_BYTES = 4;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;
const PADDING_BYTES_MIN = 4;

/** RFC 4253 wants 35000 to be taken; OpenSSH sends at most 256 KiB. */
const PACKET_BYTES_MAX = 300_000;

/** One direction's key (aes256-gcm@openssh.com, RFC 5647). */
export interface PacketKey {
  readonly key: Buffer;
  /** 12 bytes; the last eight count packets. */
  readonly nonce: Buffer;
}

/** `payload` as one packet: in clear without a key. Counts the key's nonce up. */
export function seal(payload: Buffer, packetKey: PacketKey | null): Buffer {
  // In clear the length counts into the block; sealed it stands in front, authenticated and readable.
  const fixedBytes = 1 + payload.length + (packetKey === null ? LENGTH_BYTES : 0);
  let paddingBytes = BLOCK_BYTES - (fixedBytes % BLOCK_BYTES);
  if (paddingBytes < PADDING_BYTES_MIN) paddingBytes += BLOCK_BYTES;
  const body = Buffer.concat([Buffer.from([paddingBytes]), payload, randomBytes(paddingBytes)]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  if (packetKey === null) return Buffer.concat([length, body]);
  const cipher = createCipheriv("aes-256-gcm", packetKey.key, packetKey.nonce);
  cipher.setAAD(length);
  const sealed = Buffer.concat([length, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  countUp(packetKey.nonce);
  return sealed;
}

/** Cuts the bytes of a connection into packets. */
export class PacketReader {
  #held: Buffer = Buffer.alloc(0);
  #key: PacketKey | null = null;

  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }

  /** From the next packet on. */
  use(key: PacketKey): void {
    this.#key = key;
  }

  /** A line of text, for the greeting in front of all packets; null when it is not complete. */
  line(): string | null {
    const end = this.#held.indexOf(0x0a);
    if (end === -1) return null;
    const line = this.#held.toString("latin1", 0, end).replace(/\r$/, "");
    this.#held = this.#held.subarray(end + 1);
    return line;
  }

  /** The next packet's payload; null when it is not complete. Throws for a packet that was tampered with or is too long. */
  next(): Buffer | null {
    if (this.#held.length < LENGTH_BYTES) return null;
    const bodyBytes = this.#held.readUInt32BE(0);
    if (bodyBytes > PACKET_BYTES_MAX) throw new RangeError("an SSH packet that is too long");
    const totalBytes = LENGTH_BYTES + bodyBytes + (this.#key === null ? 0 : TAG_BYTES);
    if (this.#held.length < totalBytes) return null;
    const body = this.#open(this.#held.subarray(0, totalBytes), bodyBytes);
    this.#held = this.#held.subarray(totalBytes);
    return body.subarray(1, body.length - body.readUInt8(0));
  }

  #open(packet: Buffer, bodyBytes: number): Buffer {
    const body = packet.subarray(LENGTH_BYTES, LENGTH_BYTES + bodyBytes);
    if (this.#key === null) return body;
    const decipher = createDecipheriv("aes-256-gcm", this.#key.key, this.#key.nonce);
    decipher.setAAD(packet.subarray(0, LENGTH_BYTES));
    decipher.setAuthTag(packet.subarray(LENGTH_BYTES + bodyBytes));
    const clear = Buffer.concat([decipher.update(body), decipher.final()]);
    countUp(this.#key.nonce);
    return clear;
  }
}

function countUp(nonce: Buffer): void {
  nonce.writeBigUInt64BE(BigInt.asUintN(64, nonce.readBigUInt64BE(4) + 1n), 4);
}
