import { X509Certificate } from "node:crypto";
import type { Duplex } from "node:stream";
import type { ConnectionOptions, PeerCertificate, TLSSocket } from "node:tls";
import { checkServerIdentity, connect } from "node:tls";
import { TapError } from "../../ports/tap-error.ts";
import { streamError } from "./stream-error.ts";

/** go-dqlite's floor (`app/tls.go`). */
const TLS_VERSION_MIN = "TLSv1.2";

/** A member without TLS takes our first bytes for a wrong protocol version and closes (measured). */
const PERHAPS_PLAIN = "it may speak plain dqlite";

/** `cluster.crt` and `cluster.key` as PEM: one pair for the whole cluster. */
export interface ClusterCertificate {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/**
 * Mutual TLS on top of `stream` as go-dqlite does it: the certificate of the cluster is our client certificate and the
 * only root, and the server's must be valid for its first DNS name, whatever host was dialled. A certificate without a
 * DNS name (only a CN, from old MicroK8s; Go's client refuses it without a verifier of its own) identifies by itself:
 * the server must present the very same certificate. Rejects with TapError `tls` or `protocol`; has no deadline of its
 * own. Destroying the result destroys `stream`.
 */
export function startTls(stream: Duplex, { certificate, key }: ClusterCertificate, peer: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const own = parseCertificate(certificate, peer);
    const serverName = firstDnsName(own);
    const socket = openSocket(peer, {
      socket: stream,
      cert: certificate,
      key,
      ca: [certificate],
      minVersion: TLS_VERSION_MIN,
      rejectUnauthorized: true,
      ...(serverName === null ? {} : { servername: serverName }),
      checkServerIdentity: (_host, server) => checkIdentity(own, serverName, server),
    });
    const fail = (error: unknown): void => {
      socket.destroy();
      reject(handshakeError(error, peer));
    };
    socket.once("error", fail);
    socket.once("close", () => {
      stream.destroy();
      reject(new TapError("tls", `${peer}: TLS handshake: the other side closed; ${PERHAPS_PLAIN}`));
    });
    stream.on("error", (error) => socket.destroy(error));
    socket.once("secureConnect", () => {
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

/** The first DNS name among the subject alternative names, null when there is none. */
export function firstDnsName(certificate: X509Certificate): string | null {
  const match = /(?:^|, )DNS:(?:"([^"]*)"|([^,]*))/.exec(certificate.subjectAltName ?? "");
  return match?.[1] ?? match?.[2] ?? null;
}

function checkIdentity(own: X509Certificate, serverName: string | null, server: PeerCertificate): Error | undefined {
  if (serverName !== null) return checkServerIdentity(serverName, server);
  return server.raw.equals(own.raw) ? undefined : new TapError("tls", "the server's certificate is not the cluster's");
}

function parseCertificate(certificate: Buffer, peer: string): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch (error) {
    throw new TapError("tls", `${peer}: the cluster certificate cannot be read as PEM`, { cause: error });
  }
}

/** Key and certificate are loaded here; OpenSSL's messages about them hold no part of the key. */
function openSocket(peer: string, options: ConnectionOptions): TLSSocket {
  try {
    return connect(options);
  } catch (error) {
    throw streamError(error, peer, "loading the cluster certificate and key");
  }
}

/** A connection that ends during the handshake is a refusal: of TLS as such, or of our certificate. */
function handshakeError(error: unknown, peer: string): TapError {
  const failure = streamError(error, peer, "TLS handshake");
  const brokeOff = error instanceof Error && "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
  return brokeOff ? new TapError("tls", `${failure.message}; ${PERHAPS_PLAIN}`, { cause: error }) : failure;
}
