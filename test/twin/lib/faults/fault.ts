// SPDX-License-Identifier: Apache-2.0

/** Something that is broken now and can be mended. `undo` may be called twice; the second call does nothing. */
export type Fault = {
  readonly name: string;
  readonly startedAtMs: number;
  readonly undo: () => Promise<void>;
};

export function fault(name: string, undo: () => Promise<void>): Fault {
  let undone: Promise<void> | undefined;
  return {
    name,
    startedAtMs: Date.now(),
    undo: () => {
      undone ??= undo();
      return undone;
    },
  };
}
