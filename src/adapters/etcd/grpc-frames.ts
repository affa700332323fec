import { TapError } from "../../ports/tap-error.ts";

/** One byte for "compressed", four for the length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const PREFIX_BYTES = 5;

/** grpc-go's default limit for a message: 100 times a Lease event, and two times the largest object etcd takes. */
export const GRPC_MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

/** `message` as one uncompressed gRPC frame. */
export function encodeFrame(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(PREFIX_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/**
 * Returns a function that takes the bytes of a stream and hands on each whole gRPC message in them; it returns how
 * many bytes wait for the rest of their message. It throws TapError `protocol` for a compressed message (we offer no
 * encoding) and for one above GRPC_MESSAGE_BYTES_MAX; after that nothing more may be given to it.
 */
export function createFrameSplitter(onMessage: (message: Buffer) => void): (chunk: Buffer) => number {
  let parts: Buffer[] = [];
  let heldBytes = 0;
  /** Bytes of the next frame with its prefix, as far as known: below it nothing needs to be joined. */
  let wantedBytes = PREFIX_BYTES;

  return (chunk) => {
    parts.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < wantedBytes) return heldBytes;
    let rest = parts.length === 1 ? chunk : Buffer.concat(parts);
    for (;;) {
      wantedBytes = rest.length < PREFIX_BYTES ? PREFIX_BYTES : PREFIX_BYTES + readMessageBytes(rest);
      if (rest.length < wantedBytes) break;
      onMessage(rest.subarray(PREFIX_BYTES, wantedBytes));
      rest = rest.subarray(wantedBytes);
    }
    parts = [rest];
    heldBytes = rest.length;
    return heldBytes;
  };
}

function readMessageBytes(prefix: Buffer): number {
  if (prefix[0] !== 0) throw new TapError("protocol", "a gRPC message is compressed, or this is no gRPC");
  const bytes = prefix.readUInt32BE(1);
  if (bytes <= GRPC_MESSAGE_BYTES_MAX) return bytes;
  throw new TapError("protocol", `a gRPC message of ${bytes} bytes is larger than ${GRPC_MESSAGE_BYTES_MAX}`);
}
