import { TapError } from "../../ports/tap-error.ts";
import { oneLine } from "./connection-errors.ts";

/** `value[name]` when `value` is an object that has it, else undefined. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** `field` for texts: undefined when it is absent or something else. */
export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}

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

/** `metadata.resourceVersion` of an object or list; null when there is none. */
export function resourceVersionOf(body: unknown): string | null {
  const version = textField(field(body, "metadata"), "resourceVersion");
  return version === undefined || version === "" ? null : version;
}

/** The Date header (RFC 9110, 6.6.1) as ms since the epoch; null when absent or malformed. */
export function dateOf(header: string | undefined): number | null {
  const atMs = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(atMs) ? null : atMs;
}

/** The apiserver's own words: the message of a Status object, or the start of a text. */
export function messageOf(body: unknown): string {
  return oneLine(typeof body === "string" ? body : (textField(body, "message") ?? ""));
}

/** For 401 and 403: what the apiserver said and what to do about it. Null for every other status. */
export function refusalOf(status: number, body: unknown): string | null {
  if (status === 401) {
    return `401 ${messageOf(body)}; the token or client certificate is wrong or has expired: use a new kubeconfig`;
  }
  if (status === 403) return `403 ${messageOf(body)}; the user of the kubeconfig lacks this right`;
  return null;
}
