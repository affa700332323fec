import type { Json } from "../../../world/datastore/datastore.ts";
import { field, type KubeObject } from "../../../world/kube/object.ts";

/** How Kubernetes writes values for people (apimachinery util/duration, printers/internalversion). */

export const NONE = "<none>";
export const UNKNOWN = "<unknown>";

/** `45s`, `9m10s`, `3h20m`, `5d1h`: duration.HumanDuration. */
export function durationText(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (days < 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  if (days < 365 * 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}

/** How long ago that was. */
export function ageText(at: Json | undefined, nowMs: number): string {
  const atMs = typeof at === "string" ? Date.parse(at) : Number.NaN;
  return Number.isNaN(atMs) ? UNKNOWN : durationText(nowMs - atMs);
}

export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = field(value, ...path);
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? String(found) : "";
}

export function numberAt(value: Json | undefined, ...path: readonly string[]): number {
  const found = field(value, ...path);
  return typeof found === "number" ? found : 0;
}

export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

export function conditionOf(object: KubeObject, type: string): Json | undefined {
  return listAt(object, "status", "conditions").find((one) => textAt(one, "type") === type);
}

/** Names and images of a template's containers. */
export function containerCells(podSpec: Json | undefined): readonly [string, string] {
  const containers = listAt(podSpec, "containers");
  return [
    containers.map((one) => textAt(one, "name")).join(","),
    containers.map((one) => textAt(one, "image")).join(","),
  ];
}

/** `app=web,tier in (a,b)`: metav1.FormatLabelSelector, as far as the lab's objects go. */
export function selectorText(selector: Json | undefined): string {
  return labelsText(field(selector, "matchLabels"));
}

export function labelsText(labels: Json | undefined): string {
  if (typeof labels !== "object" || labels === null || Array.isArray(labels)) return NONE;
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${textAt(value)}`);
  return pairs.length === 0 ? NONE : pairs.sort().join(",");
}

/** At most three of them, then how many more. */
export function listText(items: readonly string[]): string {
  if (items.length === 0) return "<unset>";
  const shown = items.slice(0, 3).join(",");
  return items.length > 3 ? `${shown} + ${items.length - 3} more...` : shown;
}
