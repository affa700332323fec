import type { KubeObject } from "./object.ts";
import type { Resource } from "./resources.ts";

export type Matches = (object: KubeObject) => boolean;

/** Null: everything fits. A text: what is wrong with the selector, in Kubernetes's words. */
export type Selector = Matches | null | { readonly error: string };

/** `a=b,c!=d,e in (f,g),h,!i` */
export function parseLabelSelector(text: string | undefined): Selector {
  if (text === undefined || text.trim() === "") return null;
  const tests: Matches[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const test = labelTest(part.trim());
    if (test === null) return { error: `unable to parse requirement: found '${part.trim()}', expected: identifier` };
    tests.push(test);
  }
  return (object) => tests.every((test) => test(object));
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/);
}

function labelTest(part: string): Matches | null {
  const set = /^([^\s=!]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
  if (set !== null) {
    const [, label = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    const isIn = ({ metadata }: KubeObject) => values.includes(metadata.labels?.[label] ?? "\0");
    return operator === "in" ? isIn : (object) => !isIn(object);
  }
  const pair = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(part);
  if (pair !== null) {
    const [, label = "", operator, value] = pair;
    if (operator === "!=") return ({ metadata }) => metadata.labels?.[label] !== value;
    return ({ metadata }) => metadata.labels?.[label] === value;
  }
  const exists = /^(!?)\s*([^\s=!(),]+)$/.exec(part);
  if (exists === null) return null;
  const [, not, label = ""] = exists;
  return ({ metadata }) => (metadata.labels?.[label] !== undefined) === (not === "");
}

/** `metadata.name=x,status.phase!=Running`, with the labels that the resource supports. */
export function parseFieldSelector(resource: Resource, text: string | undefined): Selector {
  if (text === undefined || text.trim() === "") return null;
  const tests: Matches[] = [];
  for (const part of text.split(",")) {
    const pair = /^\s*([^=!]+?)\s*(==|=|!=)\s*(.*?)\s*$/.exec(part);
    if (pair === null) return { error: `invalid field selector: ${text}; can't understand '${part}'` };
    const [, label = "", operator, value] = pair;
    const valueOf = fieldOf(resource, label);
    if (valueOf === undefined) return { error: resource.badFieldLabel.replace("%s", label) };
    tests.push(operator === "!=" ? (object) => valueOf(object) !== value : (object) => valueOf(object) === value);
  }
  return (object) => tests.every((test) => test(object));
}

function fieldOf(resource: Resource, label: string): ((object: KubeObject) => string) | undefined {
  if (label === "metadata.name") return ({ metadata }) => metadata.name;
  if (label === "metadata.namespace") return ({ metadata }) => metadata.namespace ?? "";
  return Object.hasOwn(resource.fieldLabels, label) ? resource.fieldLabels[label] : undefined;
}

/** Both selectors of a request; null when neither restricts. */
export function parseSelectors(resource: Resource, query: Readonly<Record<string, string>> | undefined): Selector {
  const byLabel = parseLabelSelector(query?.["labelSelector"]);
  if (byLabel !== null && typeof byLabel !== "function") return byLabel;
  const byField = parseFieldSelector(resource, query?.["fieldSelector"]);
  if (byField === null || byLabel === null || typeof byField !== "function") return byField ?? byLabel;
  return (object) => byLabel(object) && byField(object);
}
