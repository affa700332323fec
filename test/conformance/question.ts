import type { ConformanceWorld, Json } from "./world.ts";

/** What both worlds must answer. Found by asking the real parts first. */
export type Expectation =
  | { readonly kind: "exact"; readonly value: Json }
  /** A number, both bounds allowed. */
  | { readonly kind: "band"; readonly min: number; readonly max: number; readonly unit: string }
  /** One of these. */
  | { readonly kind: "set"; readonly values: readonly Json[] }
  /** A list of names in this order. */
  | { readonly kind: "ordering"; readonly order: readonly string[] };

export type Answers = Readonly<Record<string, Json>>;

/** One thing that is asked of both worlds. */
export interface Question<Stage> {
  /** Its file's name. */
  readonly id: string;
  readonly asks: string;
  /** By part of the answer. */
  readonly expected: Readonly<Record<string, Expectation>>;
  readonly ask: (stage: Stage) => Promise<Answers>;
}

/** A state of the world in which some questions are asked, one after the other: the last ones may change it. */
export interface Scene<Stage = unknown> {
  readonly id: string;
  readonly open: (world: ConformanceWorld) => Promise<Stage>;
  /** Those of an inner list are asked at the same time: they leave each other alone, and a real world's time is dear. */
  readonly questions: readonly (Question<Stage> | readonly Question<Stage>[])[];
  readonly close?: (stage: Stage) => Promise<void>;
}

/** A scene whose stage only its own questions know. */
export function scene<Stage>(given: Scene<Stage>): Scene {
  return given as unknown as Scene;
}

/** All questions of a scene, in their order. */
export function questionsOf({ questions }: Scene): readonly Question<unknown>[] {
  return questions.flat();
}

export const exact = (value: Json): Expectation => ({ kind: "exact", value });
export const band = (min: number, max: number, unit = "ms"): Expectation => ({ kind: "band", min, max, unit });
export const oneOf = (...values: readonly Json[]): Expectation => ({ kind: "set", values });
export const inOrder = (...order: readonly string[]): Expectation => ({ kind: "ordering", order });

/** Whether the answer is as expected. */
export function fits(expectation: Expectation, answer: Json | undefined): boolean {
  switch (expectation.kind) {
    case "exact":
      return isSame(expectation.value, answer);
    case "band":
      return typeof answer === "number" && answer >= expectation.min && answer <= expectation.max;
    case "set":
      return expectation.values.some((value) => isSame(value, answer));
    case "ordering":
      return isSame(expectation.order, answer);
  }
}

/** For people: `6000 to 8000 ms`, `one of 1, 2`. */
export function describeExpectation(expectation: Expectation): string {
  switch (expectation.kind) {
    case "exact":
      return show(expectation.value);
    case "band":
      return `${expectation.min} to ${expectation.max} ${expectation.unit}`;
    case "set":
      return `one of ${expectation.values.map(show).join(", ")}`;
    case "ordering":
      return expectation.order.join(", then ");
  }
}

export function show(answer: Json | undefined): string {
  return typeof answer === "string" ? answer : (JSON.stringify(answer) ?? "nothing");
}

function isSame(one: Json, other: Json | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
