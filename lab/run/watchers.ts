import type { Invariant, InvariantContext, LabEvent, Violation } from "../invariants/invariant.ts";
import { INVARIANTS } from "../invariants/registry.ts";

/** All invariants over one run. The first violation counts; after it nothing more is asked. */
export interface Watchers {
  readonly found: { readonly invariant: string; readonly message: string } | null;
  event(event: LabEvent): void;
  check(): void;
  finish(): void;
}

export function createWatchers(
  context: InvariantContext,
  onFound: (invariant: string, message: string) => void,
  invariants: readonly Invariant[] = INVARIANTS,
): Watchers {
  const watches = invariants.map((invariant) => ({ id: invariant.id, watch: invariant.create(context) }));
  let found: Watchers["found"] = null;

  function ask(ask: (watch: ReturnType<Invariant["create"]>) => Violation | null | undefined): void {
    for (const { id, watch } of watches) {
      if (found !== null) return;
      const violation = ask(watch);
      if (violation == null) continue;
      found = { invariant: id, message: violation.message };
      onFound(id, violation.message);
    }
  }

  return {
    get found() {
      return found;
    },
    event: (event) => ask((watch) => watch.onEvent?.(event)),
    check: () => ask((watch) => watch.check?.()),
    finish: () => ask((watch) => watch.finish?.()),
  };
}
