import type { JournalEntry } from "../../core/model/journal-entry.ts";
import type { NodeAccess } from "../../ports/node-access.ts";
import { TapError } from "../../ports/tap-error.ts";
import { commandFailure } from "../node/command-failure.ts";
import type { ParserCounts } from "./export-parser.ts";
import { createExportParser } from "./export-parser.ts";
import { journalctlArgv, journalTime } from "./read-range.ts";

export interface FollowRequest {
  /** Units by name; their own lines and systemd's lines about them. Empty: everything. */
  readonly units: readonly string[];
  /** Where to begin; without it, with what comes from now on. */
  readonly from?: { readonly afterCursor: string } | { readonly sinceMs: number };
}

/** A journal as it grows. */
export interface JournalFollow {
  /** Ends when the journal can no longer be followed, or after stop(). Read it once. */
  readonly entries: AsyncIterable<JournalEntry>;
  readonly counts: Readonly<ParserCounts>;
  /** Ends the following. Safe to call twice. */
  stop(): Promise<void>;
  /** Why it ended: null after stop(), else the reason. Never rejects. Read on from the last cursor to lose nothing. */
  readonly ended: Promise<TapError | null>;
}

/** Follows a node's journal as root. Throws TapError when it cannot begin. */
export async function followJournal(access: NodeAccess, request: FollowRequest): Promise<JournalFollow> {
  const argv = journalctlArgv(request.units, ["--follow", ...beginning(request.from)]);
  const stream = await access.stream(argv, { asRoot: true });
  const parser = createExportParser();
  let stopped = false;
  async function* read(): AsyncGenerator<JournalEntry> {
    for await (const chunk of stream.stdout) {
      yield* parser.push(chunk);
      if (parser.isLost()) break;
    }
    // Nothing more will be read, so nothing more shall come.
    if (parser.isLost()) await stream.stop();
  }
  return {
    entries: read(),
    counts: parser.counts,
    async stop() {
      stopped = true;
      await stream.stop();
    },
    ended: stream.ended.then((result) => {
      if (stopped) return null;
      const what = `${access.name}: journalctl --follow`;
      if (parser.isLost()) return new TapError("protocol", `${what}: its output is not the export format`);
      return commandFailure(result, what);
    }),
  };
}

/** --follow shows the last ten lines of what it would skip unless it is told otherwise. */
function beginning(from: FollowRequest["from"]): readonly string[] {
  if (from === undefined) return ["--lines=0"];
  const where = "afterCursor" in from ? `--after-cursor=${from.afterCursor}` : `--since=${journalTime(from.sinceMs)}`;
  return ["--no-tail", where];
}
