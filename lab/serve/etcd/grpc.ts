import type * as http2 from "node:http2";

/** One byte for "compressed", four for the length. */
const PREFIX_BYTES = 5;
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

/** grpc/doc/statuscodes.md. */
export const STATUS = { ok: 0, unknown: 2, invalidArgument: 3, unimplemented: 12, unavailable: 14 } as const;

/** A gRPC call on a stream of HTTP/2, server's side. */
export interface Rpc {
  send(message: Buffer): void;
  /** Ends the call; nothing can be sent after it. */
  end(status: number, message?: string): void;
}

export interface RpcHandlers {
  readonly onMessage: (message: Buffer) => void;
  /** The client will send nothing more. */
  readonly onEnd: () => void;
  /** The stream is gone. */
  readonly onClose: () => void;
}

/** Answers a stream as gRPC; `open` gets the call and says what to do with its messages. */
export function answerRpc(stream: http2.ServerHttp2Stream, open: (rpc: Rpc) => RpcHandlers): void {
  let isOver = false;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  let trailers: http2.OutgoingHttpHeaders = { "grpc-status": String(STATUS.ok) };
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  const rpc: Rpc = {
    send: (message) => {
      if (!isOver && !stream.destroyed) stream.write(frame(message));
    },
    end: (status, message = "") => {
      if (isOver || stream.destroyed) return;
      isOver = true;
      trailers = {
        "grpc-status": String(status),
        ...(message === "" ? {} : { "grpc-message": percentEncode(message) }),
      };
      stream.end();
    },
  };
  const handlers = open(rpc);
  let held = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= PREFIX_BYTES) {
      const bytes = held.readUInt32BE(1);
      if (held[0] !== 0 || bytes > MESSAGE_BYTES_MAX)
        return rpc.end(STATUS.unimplemented, "grpc: Decompressor is not installed");
      if (held.length < PREFIX_BYTES + bytes) return;
      const message = held.subarray(PREFIX_BYTES, PREFIX_BYTES + bytes);
      held = held.subarray(PREFIX_BYTES + bytes);
      try {
        handlers.onMessage(message);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        rpc.end(STATUS.invalidArgument, error.message);
      }
    }
  });
  stream.on("end", handlers.onEnd);
  stream.on("error", () => {});
  stream.on("close", handlers.onClose);
}

function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** What is not printable ASCII, and the percent sign itself. */
function percentEncode(text: string): string {
  return [...Buffer.from(text, "utf8")]
    .map((byte) =>
      byte < 0x20 || byte > 0x7e || byte === 0x25
        ? `%${byte.toString(16).padStart(2, "0")}`
        : String.fromCharCode(byte),
    )
    .join("");
}
