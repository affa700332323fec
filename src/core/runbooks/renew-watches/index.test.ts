import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EntryKind, isAfter, type JournalEntry, lastOf } from "../journal.ts";
import { ACT_ATTEMPTS_MAX, nextStep, RENEW_WATCHES } from "./index.ts";
import { type ActFate, createWorld, drive, type Fates, type World } from "./test-driver.ts";

const GOOD: Fates = { acts: [], proofs: [], locks: [], lives: [] };

function run(fates: Partial<Fates>): World {
  const world = createWorld();
  drive(world, { ...GOOD, ...fates });
  return world;
}

function kinds(world: World): readonly EntryKind[] {
  return world.journal.map(({ kind }) => kind);
}

function roles(world: World): readonly string[] {
  return world.restarts.map(({ role }) => role);
}

function result(world: World): string | null {
  return lastOf(world.journal, "closed")?.result ?? null;
}

const anyFates: fc.Arbitrary<Fates> = fc.record({
  acts: fc.array(fc.constantFrom<ActFate>("restarted", "lost", "unsent", "refused", "failed"), { maxLength: 6 }),
  proofs: fc.array(fc.boolean(), { maxLength: 3 }),
  locks: fc.array(fc.boolean(), { maxLength: 2 }),
  lives: fc.array(fc.nat({ max: 9 }), { maxLength: 6 }),
});

describe("a run", () => {
  test("restarts the datastore, proves the cure and gives the lock back", () => {
    const world = run({});
    expect(kinds(world)).toEqual([
      "opened",
      "lock-intent",
      "lock-held",
      "act-intent",
      "act-outcome",
      "proof",
      "lock-released",
      "closed",
    ]);
    expect([roles(world), result(world), world.lockHeld]).toEqual([["datastore"], "cured", false]);
  });

  test("restarts kubelite only when the rung is still broken after the datastore's restart", () => {
    const world = run({ proofs: [false, true] });
    expect([roles(world), result(world)]).toEqual([["datastore", "kubelite"], "cured"]);
  });

  test("escalates when both restarts did not cure, and restarts nothing more", () => {
    const world = run({ proofs: [false, false, false] });
    expect([roles(world), result(world)]).toEqual([["datastore", "kubelite"], "escalated"]);
    expect(world.lockHeld).toBe(false);
  });

  test("does nothing when the lock is another's", () => {
    const world = run({ locks: [false] });
    expect([roles(world), result(world)]).toEqual([[], "refused"]);
  });

  test.each([
    ["refused", "refused"],
    ["failed", "escalated"],
  ] as const)("does not try again an act that was %s: the run ends as %s", (fate, end) => {
    const world = run({ acts: [fate, "restarted"] });
    expect([roles(world), result(world), world.lockHeld]).toEqual([[], end, false]);
  });

  test("tries again what was observed as not done, and not for ever", () => {
    expect(roles(run({ acts: ["unsent", "unsent", "restarted"] }))).toEqual(["datastore"]);
    const never = run({ acts: Array.from({ length: 9 }, () => "unsent" as const) });
    expect([roles(never), result(never)]).toEqual([[], "escalated"]);
    expect(kinds(never).filter((kind) => kind === "act-intent")).toHaveLength(ACT_ATTEMPTS_MAX);
  });

  test("does not act again when the answer was lost and the restart had happened", () => {
    const world = run({ acts: ["lost"] });
    expect([roles(world), result(world)]).toEqual([["datastore"], "cured"]);
    expect(lastOf(world.journal, "act-outcome")).toMatchObject({ outcome: "restarted", detail: "observed" });
  });
});

describe("a run that is killed between any two deeds and started again", () => {
  test.each(Array.from({ length: 14 }, (_, deeds) => deeds))(
    "once, after %i of them, restarts exactly once",
    (deeds) => {
      for (const fate of ["restarted", "lost"] as const) {
        const world = run({ acts: [fate], lives: [deeds] });
        expect([roles(world), result(world), world.lockHeld]).toEqual([["datastore"], "cured", false]);
      }
    },
  );

  test("never acts twice on one unit, whatever happened and however often it was killed", () => {
    fc.assert(
      fc.property(anyFates, (fates) => {
        const done = roles(run(fates));
        expect(done.length).toBe(new Set(done).size);
      }),
      { numRuns: 2000 },
    );
  });

  test("acts only on a durable intent, while it holds the lock, and on kubelite only after a failed proof", () => {
    fc.assert(
      fc.property(anyFates, (fates) => {
        for (const { role, journal } of run(fates).restarts) {
          expect(journal.at(-1)).toMatchObject({ kind: "act-intent", role });
          expect(lastOf(journal, "lock-held")).not.toBeNull();
          expect(lastOf(journal, "lock-released")).toBeNull();
          const proof = lastOf(journal, "proof");
          expect(proof?.cured ?? null).toBe(role === "kubelite" ? false : null);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("always ends, closed and with the lock given back", () => {
    fc.assert(
      fc.property(anyFates, (fates) => {
        const world = run(fates);
        expect(result(world)).not.toBeNull();
        expect(world.lockHeld).toBe(false);
        expect(result(world) === "cured").toBe(lastOf(world.journal, "proof")?.cured === true);
      }),
      { numRuns: 1000 },
    );
  });
});

/** What must hold after every prefix of every journal that a driver can have written. */
function checkPrefix(prefix: readonly JournalEntry[]): void {
  const step = nextStep(prefix);
  const open = isAfter(prefix, "act-intent", "act-outcome");
  if (lastOf(prefix, "closed") !== null) return expect(step.step).toBe("done");
  expect(step.step).not.toBe("done");
  if (open && lastOf(prefix, "stopped") === null) return expect(step.step).toBe("settle");
  if (step.step !== "act") return;
  const outcomes = prefix.flatMap((entry, at) => {
    const intent = lastOf(prefix.slice(0, at), "act-intent");
    return entry.kind === "act-outcome" && intent?.role === step.role ? [entry.outcome] : [];
  });
  expect(outcomes.filter((outcome) => outcome !== "not-done")).toEqual([]);
  expect(lastOf(prefix, "lock-held")).not.toBeNull();
  expect(lastOf(prefix, "lock-released")).toBeNull();
}

test("no prefix of any journal asks for an act that was begun and not observed, or that was done", () => {
  fc.assert(
    fc.property(anyFates, (fates) => {
      const { journal } = run(fates);
      for (let length = 1; length <= journal.length; length += 1) checkPrefix(journal.slice(0, length));
    }),
    { numRuns: 1000 },
  );
});

describe("nextStep", () => {
  const opened = createWorld().journal[0] as JournalEntry;
  const intent: JournalEntry = {
    atMs: 3,
    kind: "act-intent",
    role: "datastore",
    unit: "k8s-dqlite",
    expectedInvocationId: "a1",
    token: 7,
  };
  const head: readonly JournalEntry[] = [
    opened,
    { atMs: 1, kind: "lock-intent" },
    { atMs: 2, kind: "lock-held", token: 7 },
  ];

  test("does nothing without an opened run, or with a closed one", () => {
    expect(nextStep([])).toEqual({ step: "done" });
    expect(nextStep(head.slice(1))).toEqual({ step: "done" });
    expect(nextStep([opened, { atMs: 1, kind: "closed", result: "cured", message: "" }])).toEqual({ step: "done" });
  });

  test("takes the lock anew when it is not known whether it was taken", () => {
    expect(nextStep([opened])).toEqual({ step: "take-lock" });
    expect(nextStep(head.slice(0, 2))).toEqual({ step: "take-lock" });
  });

  test("observes the unit, with the InvocationID from before the act, when the intent has no outcome", () => {
    expect(nextStep([...head, intent])).toEqual({ step: "settle", unit: "k8s-dqlite", expectedInvocationId: "a1" });
  });

  test("does not resume a run of another version: it gives the lock back and hands over to a person", () => {
    const old = { ...opened, runbook: "renew-watches@0" } as JournalEntry;
    expect(nextStep([old, ...head.slice(1)])).toEqual({ step: "release-lock" });
    expect(nextStep([old])).toEqual({
      step: "close",
      result: "escalated",
      message: `the run was begun by runbook renew-watches@0; this is ${RENEW_WATCHES}`,
    });
  });

  test("does not release a lock that it never tried to take", () => {
    const stopped: JournalEntry = { atMs: 1, kind: "stopped", result: "refused", message: "no", refusals: [] };
    expect(nextStep([opened, stopped])).toEqual({ step: "close", result: "refused", message: "no" });
    expect(nextStep([...head, stopped])).toEqual({ step: "release-lock" });
  });
});
