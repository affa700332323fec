import { oneLine } from "./one-line.ts";

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

/** `metadata.resourceVersion` of an object or list; null when there is none. */
export function resourceVersionOf(body: unknown): string | null {
  const version = textField(field(body, "metadata"), "resourceVersion");
  return version === undefined || version === "" ? null : version;
}

/** The apiserver's own words: the message of a Status object, or the start of a text. */
export function messageOf(body: unknown): string {
  return oneLine(typeof body === "string" ? body : (textField(body, "message") ?? ""));
}
