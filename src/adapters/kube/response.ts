import { messageOf } from "../../ports/kube-body.ts";
import { TapError } from "../../ports/tap-error.ts";

/** The body as parsed JSON, or as text for any other content type. Throws TapError `protocol` for broken JSON. */
export function decodeBody(contentType: string | undefined, body: Buffer, what: string): unknown {
  const text = body.toString("utf8");
  if (!/^application\/([\w.-]+\+)?json\b/i.test(contentType ?? "")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The cause is left out on purpose: V8's message quotes the body, which may be a Secret.
    throw new TapError("protocol", `${what}: the answer says it is JSON and is not`, { cause: (error as Error).name });
  }
}

/** The Date header (RFC 9110, 6.6.1) as ms since the epoch; null when absent or malformed. */
export function dateOf(header: string | undefined): number | null {
  const atMs = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(atMs) ? null : atMs;
}

/** For 401 and 403: what the apiserver said and what to do about it. Null for every other status. */
export function refusalOf(status: number, body: unknown): string | null {
  if (status === 401) {
    return `401 ${messageOf(body)}; the token or client certificate is wrong or has expired: use a new kubeconfig`;
  }
  if (status === 403) return `403 ${messageOf(body)}; the user of the kubeconfig lacks this right`;
  return null;
}
