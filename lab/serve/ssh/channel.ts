import { Duplex } from "node:stream";
import { MSG, Writer } from "./fields.ts";
import type { Transport } from "./transport.ts";

/** What we take before the other side must wait for us, and what it may send at once. */
const WINDOW_BYTES = 2 * 1024 * 1024;
const PACKET_BYTES = 32 * 1024;

/** SSH_EXTENDED_DATA_STDERR. */
const STDERR = 1;

export interface ChannelPeer {
  /** Their number of the channel. */
  readonly number: number;
  readonly windowBytes: number;
  readonly packetBytes: number;
}

/** One channel (RFC 4254, section 5): its data as a Duplex, with what a command's session has beside it. */
export class Channel extends Duplex {
  readonly #transport: Transport;
  readonly #peer: ChannelPeer;
  #sendBytes: number;
  #taken = 0;
  #hasEnded = false;
  #hasClosed = false;
  #waiting: { readonly data: Buffer; readonly type: number | null; readonly done: () => void }[] = [];

  constructor(transport: Transport, peer: ChannelPeer) {
    super();
    this.#transport = transport;
    this.#peer = peer;
    this.#sendBytes = peer.windowBytes;
    this.on("error", () => {});
  }

  /** Tells the other side that the channel is open as our `number`. */
  confirm(number: number): void {
    const open = new Writer().byte(MSG.channelOpenConfirmation).uint32(this.#peer.number).uint32(number);
    this.#transport.send(open.uint32(WINDOW_BYTES).uint32(PACKET_BYTES).done());
  }

  /** A command's standard error. */
  writeError(data: Buffer): void {
    this.#waiting.push({ data, type: STDERR, done: () => {} });
    this.#flush();
  }

  /** How a command ended; nothing can be written after it. */
  exit(code: number): void {
    this.end(() => {
      const status = this.#message(MSG.channelRequest).text("exit-status").bool(false).uint32(code);
      this.#transport.send(status.done());
      this.#close();
    });
  }

  answer(wantsReply: boolean, isGood: boolean): void {
    if (wantsReply) this.#transport.send(this.#message(isGood ? MSG.channelSuccess : MSG.channelFailure).done());
  }

  onWindow(bytes: number): void {
    this.#sendBytes += bytes;
    this.#flush();
  }

  onData(data: Buffer): void {
    this.push(data);
    this.#taken += data.length;
    if (this.#taken < WINDOW_BYTES / 2) return;
    this.#transport.send(this.#message(MSG.channelWindowAdjust).uint32(this.#taken).done());
    this.#taken = 0;
  }

  onEof(): void {
    this.push(null);
  }

  /** The other side is done with it. */
  onClose(): void {
    this.push(null);
    this.#close();
    this.destroy();
  }

  override _read(): void {}

  override _write(data: Buffer, _encoding: string, done: () => void): void {
    this.#waiting.push({ data, type: null, done });
    this.#flush();
  }

  override _final(done: () => void): void {
    if (!this.#hasEnded && !this.#hasClosed) this.#transport.send(this.#message(MSG.channelEof).done());
    this.#hasEnded = true;
    done();
  }

  override _destroy(_error: Error | null, done: (error: Error | null) => void): void {
    this.#close();
    this.#waiting = [];
    done(null);
  }

  #flush(): void {
    while (!this.#hasClosed && this.#waiting.length > 0) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      const bytes = Math.min(first.data.length, this.#sendBytes, this.#peer.packetBytes);
      if (bytes === 0 && first.data.length > 0) return;
      const message = this.#message(first.type === null ? MSG.channelData : MSG.channelExtendedData);
      if (first.type !== null) message.uint32(first.type);
      this.#transport.send(message.text(first.data.subarray(0, bytes)).done());
      this.#sendBytes -= bytes;
      if (bytes < first.data.length) this.#waiting[0] = { ...first, data: first.data.subarray(bytes) };
      else {
        this.#waiting.shift();
        first.done();
      }
    }
  }

  #close(): void {
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    this.#transport.send(this.#message(MSG.channelClose).done());
  }

  #message(type: number): Writer {
    return new Writer().byte(type).uint32(this.#peer.number);
  }
}
