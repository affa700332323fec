import { Duplex } from "node:stream";

/** One end of a connection inside this process, with a TCP socket's ends: closing is read as an end, after what was sent. */
export class PipeEnd extends Duplex {
  #peer: PipeEnd | null = null;
  /** Called when what was written here has been taken by the other side. */
  #taken: (() => void) | null = null;
  #hasEnd = false;

  /** Two ends of one connection. */
  static pair(): readonly [PipeEnd, PipeEnd] {
    const [one, other] = [new PipeEnd(), new PipeEnd()];
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  /** As by an RST: the other side loses what it has not read. */
  resetAndDestroy(): void {
    const peer = this.#peer;
    this.destroy();
    peer?.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
  }

  override _read(): void {
    if (this.#peer !== null) release(this.#peer.#takeTaken());
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const peer = this.#peer;
    if (peer === null || peer.destroyed) return done();
    if (peer.push(chunk)) return done();
    this.#taken = done;
  }

  override _final(done: () => void): void {
    this.#endPeer();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#endPeer();
    // Whoever waits for us to read waits for nothing.
    if (this.#peer !== null) release(this.#peer.#takeTaken());
    done(error);
  }

  #takeTaken(): (() => void) | null {
    const taken = this.#taken;
    this.#taken = null;
    return taken;
  }

  #endPeer(): void {
    const peer = this.#peer;
    if (peer !== null && !peer.destroyed && !peer.readableEnded && !peer.#hasEnd) {
      peer.#hasEnd = true;
      peer.push(null);
    }
  }
}

function release(taken: (() => void) | null): void {
  taken?.();
}
