import { TapError } from "../../ports/tap-error.ts";

/** Every body is a multiple of this many bytes (dqlite `src/lib/serialize.h`). */
export const WORD_BYTES = 8;

/** Largest value of a uint64. */
export const UINT64_MAX = 0xffff_ffff_ffff_ffffn;

const NUL = Buffer.alloc(1);

/** One uint64, little endian. Throws RangeError when `value` does not fit: a bug of the caller. */
export function encodeUint64(value: bigint): Buffer {
  const word = Buffer.alloc(WORD_BYTES);
  word.writeBigUInt64LE(value);
  return word;
}

/** Bytes, NUL, zeros up to a whole word; the empty text is one word of zeros. Throws RangeError when `text` has a NUL. */
export function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.includes(0)) throw new RangeError("a text on the wire cannot hold a NUL");
  const words = Buffer.alloc(Math.ceil((bytes.length + NUL.length) / WORD_BYTES) * WORD_BYTES);
  bytes.copy(words);
  return words;
}

/** Reads a body word by word. Whatever is missing or left over is a TapError `protocol`. */
export class WordReader {
  readonly #body: Buffer;
  readonly #what: string;
  #offset = 0;

  /** `what` names the message in errors, for example `Nodes`. */
  constructor(body: Buffer, what: string) {
    this.#body = body;
    this.#what = what;
  }

  get bytesLeft(): number {
    return this.#body.length - this.#offset;
  }

  uint64(): bigint {
    if (this.bytesLeft < WORD_BYTES) throw this.fault("ends too early");
    const value = this.#body.readBigUInt64LE(this.#offset);
    this.#offset += WORD_BYTES;
    return value;
  }

  /** Up to the NUL, as UTF-8. The padding is skipped without a look: only its length is defined. */
  text(): string {
    const end = this.#body.indexOf(0, this.#offset);
    if (end === -1) throw this.fault("has a text without an end");
    const text = this.#body.toString("utf8", this.#offset, end);
    const padded = Math.ceil((end - this.#offset + NUL.length) / WORD_BYTES) * WORD_BYTES;
    if (padded > this.bytesLeft) throw this.fault("has a text that is not padded to a whole word");
    this.#offset += padded;
    return text;
  }

  /** To be called last: the message must be used up. */
  end(): void {
    if (this.bytesLeft > 0) throw this.fault(`has ${this.bytesLeft} bytes too many`);
  }

  fault(problem: string): TapError {
    return new TapError("protocol", `the ${this.#what} message ${problem}`);
  }
}
