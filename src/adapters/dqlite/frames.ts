import { TapError } from "../../ports/tap-error.ts";
import type { Frame, FrameHeader } from "./wire.ts";
import { decodeHeader, HEADER_BYTES } from "./wire.ts";

/**
 * Longest body that is accepted. A Nodes answer takes about 40 B per server, so this is over 1000 servers; and the first
 * four bytes of an HTTP or ssh banner, read as a length, are billions. Too small: a huge cluster reads as `protocol`.
 */
export const BODY_BYTES_MAX = 64 * 1024;

/**
 * Cuts a byte stream into frames, whatever the boundaries of its chunks. Holds one header and one body of at most
 * `bodyBytesMax`, allocated once. After an error it stays broken: there is no way back into step.
 */
export class FrameSplitter {
  readonly #bodyBytesMax: number;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #current: { readonly header: FrameHeader; readonly body: Buffer; bytes: number } | null = null;
  #broken: TapError | null = null;

  constructor(bodyBytesMax: number = BODY_BYTES_MAX) {
    this.#bodyBytesMax = bodyBytesMax;
  }

  /** Whether a frame has begun that is not complete. */
  get midFrame(): boolean {
    return this.#headerBytes > 0;
  }

  /** The frames that `chunk` completes, in order. Throws TapError `protocol` when a frame claims to be too long. */
  push(chunk: Buffer): Frame[] {
    if (this.#broken !== null) throw this.#broken;
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#current === null ? this.#takeHeader(rest) : this.#takeBody(rest, this.#current);
      const frame = this.#complete();
      if (frame !== null) frames.push(frame);
    }
    return frames;
  }

  #takeHeader(rest: Buffer): Buffer {
    const taken = rest.copy(this.#header, this.#headerBytes);
    this.#headerBytes += taken;
    if (this.#headerBytes === HEADER_BYTES) {
      const header = decodeHeader(this.#header);
      if (header.bodyBytes > this.#bodyBytesMax) throw this.#tooLong(header.bodyBytes);
      this.#current = { header, body: Buffer.alloc(header.bodyBytes), bytes: 0 };
    }
    return rest.subarray(taken);
  }

  #takeBody(rest: Buffer, current: { readonly body: Buffer; bytes: number }): Buffer {
    const taken = rest.copy(current.body, current.bytes);
    current.bytes += taken;
    return rest.subarray(taken);
  }

  #complete(): Frame | null {
    const current = this.#current;
    if (current === null || current.bytes < current.body.length) return null;
    this.#current = null;
    this.#headerBytes = 0;
    return { type: current.header.type, schema: current.header.schema, body: current.body };
  }

  #tooLong(bodyBytes: number): TapError {
    const limit = `at most ${this.#bodyBytesMax} are accepted`;
    this.#broken = new TapError("protocol", `a frame claims ${bodyBytes} bytes, ${limit}: this is not dqlite`);
    return this.#broken;
  }
}
