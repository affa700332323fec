import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import { TapError } from "../../ports/tap-error.ts";
import { toTapError } from "./connection-errors.ts";

/** What a TLS client needs to know and to show. PEM texts; the key never appears in a message. */
export interface TlsIdentity {
  /** Authorities to trust; null trusts the system's. */
  readonly caPem: string | null;
  readonly certPem: string | null;
  readonly keyPem: string | null;
  /** The name or IP address that the server's certificate must carry. */
  readonly serverName: string;
  /** True accepts any server certificate: only where a person asked for it. */
  readonly insecure: boolean;
}

/**
 * TLS over `raw` with ALPN `h2`; resolves when the server's certificate has been verified. Throws TapError `tls` for
 * a wrong CA, name or client certificate, `protocol` for a peer that does not speak TLS or not HTTP/2.
 */
export async function openTls(raw: Duplex, identity: TlsIdentity, what: string): Promise<tls.TLSSocket> {
  const socket = startTls(raw, identity, what);
  await new Promise<void>((resolve, reject) => {
    socket.once("secureConnect", resolve);
    socket.once("error", (error) => reject(toTapError(error, what)));
    socket.once("close", () => reject(new TapError("protocol", `${what}: closed during the TLS handshake`)));
  });
  if (socket.alpnProtocol === "h2") return socket;
  socket.destroy();
  throw new TapError("protocol", `${what}: speaks TLS but not HTTP/2 (ALPN h2 was not chosen)`);
}

function startTls(raw: Duplex, identity: TlsIdentity, what: string): tls.TLSSocket {
  try {
    return tls.connect({
      socket: raw,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: !identity.insecure,
      // RFC 6066 section 3 forbids IP addresses as server names; the certificate is checked against the IP below.
      ...(isIP(identity.serverName) !== 0 ? {} : { servername: identity.serverName }),
      checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(identity.serverName, certificate),
      ...(identity.caPem === null ? {} : { ca: identity.caPem }),
      ...(identity.certPem === null ? {} : { cert: identity.certPem }),
      ...(identity.keyPem === null ? {} : { key: identity.keyPem }),
    });
  } catch (error) {
    raw.destroy();
    throw toTapError(error, `${what}: the CA, client certificate or key cannot be used`);
  }
}
