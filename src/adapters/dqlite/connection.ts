import type { Duplex } from "node:stream";
import { TapError } from "../../ports/tap-error.ts";
import { FrameSplitter } from "./frames.ts";
import type { Response } from "./responses.ts";
import { decodeResponse } from "./responses.ts";
import { streamError } from "./stream-error.ts";
import type { Request } from "./wire.ts";
import { encodeRequest, HANDSHAKE } from "./wire.ts";

export interface ConnectionOptions {
  /** Who is asked, for messages. */
  readonly peer: string;
  /** For one request. */
  readonly requestDeadlineMs: number;
  /** For all of them, from now on. */
  readonly deadlineMs: number;
}

interface Waiting {
  readonly name: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: TapError) => void;
}

/**
 * One connection to one member, over any byte stream (TCP, TLS, a forwarded socket). One request at a time, because
 * answers carry no number. After the first error, late answer or deadline the stream is destroyed: what comes later
 * could be the answer to an earlier question.
 */
export class DqliteConnection {
  readonly #stream: Duplex;
  readonly #options: ConnectionOptions;
  readonly #splitter = new FrameSplitter();
  readonly #timer: NodeJS.Timeout;
  /** Sent in one write with the first request: alone it has no answer, and Nagle's algorithm holds what follows 40 ms. */
  #handshake: Buffer = HANDSHAKE;
  #waiting: Waiting | null = null;
  #failure: TapError | null = null;

  /** Takes over the stream. */
  constructor(stream: Duplex, options: ConnectionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#timer = setTimeout(() => this.#expire(`${options.deadlineMs} ms in all`), options.deadlineMs);
    stream.on("data", (chunk: Buffer) => this.#receive(chunk));
    stream.on("end", () => this.#closed());
    stream.on("close", () => this.#closed());
    stream.on("error", (error) => this.#fail(streamError(error, options.peer, this.#doing())));
    if (stream.destroyed || stream.readableEnded) this.#closed();
  }

  get peer(): string {
    return this.#options.peer;
  }

  /** Rejects with a TapError; a Failure answer is one with `server-error`, and the connection stays usable after it. */
  request(request: Request): Promise<Response> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#waiting !== null) return Promise.reject(new Error("one request at a time"));
    return new Promise((resolve, reject) => {
      const { requestDeadlineMs } = this.#options;
      const timer = setTimeout(() => this.#expire(`${requestDeadlineMs} ms`), requestDeadlineMs);
      this.#waiting = { name: request.kind, timer, resolve, reject };
      this.#stream.write(Buffer.concat([this.#handshake, encodeRequest(request)]));
      this.#handshake = Buffer.alloc(0);
    });
  }

  /** Safe to call twice; a request that still waits is rejected. */
  close(): void {
    this.#fail(new TapError("protocol", `${this.#options.peer}: the connection was closed by this side`));
  }

  #receive(chunk: Buffer): void {
    if (this.#failure !== null) return;
    try {
      for (const frame of this.#splitter.push(chunk)) this.#answer(decodeResponse(frame));
    } catch (error) {
      if (!(error instanceof TapError)) throw error;
      const { peer } = this.#options;
      this.#fail(new TapError(error.reason, `${peer}: ${this.#doing()}: ${error.message}`, { cause: error }));
    }
  }

  #answer(response: Response): void {
    const waiting = this.#waiting;
    if (waiting === null) throw new TapError("protocol", `a ${response.kind} answer came that nobody asked for`);
    this.#waiting = null;
    clearTimeout(waiting.timer);
    if (response.kind !== "failure") return waiting.resolve(response);
    const text = `the member answered with failure ${response.code}: ${response.message}`;
    waiting.reject(new TapError("server-error", `${this.#options.peer}: ${this.#doing(waiting)}: ${text}`));
  }

  #closed(): void {
    const where = this.#splitter.midFrame ? "in the middle of an answer" : "before it answered";
    this.#fail(new TapError("protocol", `${this.#options.peer}: ${this.#doing()}: the other side closed ${where}`));
  }

  #expire(limit: string): void {
    const text = `no answer within ${limit} (a frozen member accepts connections and never answers)`;
    this.#fail(new TapError("deadline", `${this.#options.peer}: ${this.#doing()}: ${text}`));
  }

  #doing(waiting: Waiting | null = this.#waiting): string {
    return waiting === null ? "between requests" : `${waiting.name} request`;
  }

  #fail(error: TapError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#stream.destroy();
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    clearTimeout(waiting.timer);
    waiting.reject(error);
  }
}
